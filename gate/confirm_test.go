package gate_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

func TestHistorySaw(t *testing.T) {
	slow, fails := gatetest.Spec{Scale: slower("*", 1.5)}, gatetest.Spec{Errors: failing("GET /a", 20)}
	tests := []struct {
		name string
		in   gate.Input
		want string // empty: nothing to confirm
	}{
		{"slower once", history(8, slow), "the history of 8 jobs saw GET /a p50 +49.7 %"},
		{"errors once", history(8, fails), "the history of 8 jobs saw GET /a error rate +5.00 pp"},
		{"unchanged", history(8, gatetest.Spec{}), ""},
		{"confirmed by a fresh job", again(history(8, slow), slow), ""},
		{"paired", paired(12, gatetest.Spec{}, slow), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(tt.in)
			w, ok := gate.HistorySaw(r)
			if diff := cmp.Diff([]any{tt.want, tt.want != "", tt.want != ""}, []any{w.Text, ok, r.Open()}); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// The verdict of the paired session is what counts; the report says what it
// makes of the history's.
func TestPairedSessionConfirmsHistory(t *testing.T) {
	saw := gate.Warning{Code: gate.CodeHistorySaw, Text: "the history of 8 jobs saw GET /a p50 +48.9 %"}
	tests := []struct {
		name    string
		in      gate.Input
		verdict gate.Verdict
		head    string
	}{
		{"confirmed", paired(12, gatetest.Spec{}, gatetest.Spec{Scale: slower("*", 1.5)}), gate.VerdictRegression, "history saw it, this paired session confirms it"},
		{"refuted", paired(12, gatetest.Spec{}, gatetest.Spec{}), gate.VerdictPass, "history saw a regression, this paired session refutes it"},
		{"neither", paired(2, gatetest.Spec{}, gatetest.Spec{Scale: slower("*", 1.2)}), gate.VerdictInconclusive, "this paired session cannot tell"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.Candidate[0].Warnings = append(tt.in.Candidate[0].Warnings, saw)
			r := judge(tt.in)
			want := []gate.RowWarning{{Code: gate.CodeHistorySaw, Text: saw.Text + "; " + tt.head, Headline: tt.head}}
			open := tt.verdict == gate.VerdictInconclusive
			if diff := cmp.Diff([]any{tt.verdict, want, open}, []any{r.Verdict, warned(r, gate.CodeHistorySaw), r.Open()}); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, dump(r))
			}
		})
	}
}

// A history is confirmed against a job that does not show the change already: a
// pair with another one would find none, and refute nothing.
func TestConfirmAgainst(t *testing.T) {
	slow, fails := gatetest.Spec{Scale: slower("*", 1.5)}, gatetest.Spec{Errors: failing("GET /a", 20)}
	job := func(i int, s gatetest.Spec) func([]gate.Result) {
		return func(jobs []gate.Result) {
			s.Runs, s.Session = 3, jobs[i].Session.ID
			s.Start = time.Date(2026, 1, 1+i, 6, 0, 0, 0, time.UTC)
			jobs[i] = s.Result()
		}
	}
	tests := []struct {
		name      string
		candidate gatetest.Spec
		changes   []func([]gate.Result)
		want      int
	}{
		{"the newest", slow, nil, 7},
		{"the newest shows it", slow, []func([]gate.Result){job(7, slow)}, 6},
		{"it shows it in part", slow, []func([]gate.Result){job(7, gatetest.Spec{Scale: slower("*", 1.3)})}, 6},
		{"one endpoint shows it", slow, []func([]gate.Result){job(7, gatetest.Spec{Scale: slower("POST /b", 1.5)})}, 6},
		{"it was faster", slow, []func([]gate.Result){job(7, gatetest.Spec{Scale: slower("*", 0.9)})}, 7},
		{"it fails as often", fails, []func([]gate.Result){job(7, fails)}, 6},
		{"of no commit, or not only", slow, []func([]gate.Result){
			func(jobs []gate.Result) { jobs[7].Subject.Commit, jobs[6].Subject.Dirty = "", true }}, 5},
		{"none is of a commit", slow, []func([]gate.Result){func(jobs []gate.Result) {
			for i := range jobs {
				jobs[i].Subject.Dirty = true
			}
		}}, -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := history(8, tt.candidate)
			for _, change := range tt.changes {
				change(in.Baseline)
			}
			r := judge(in)
			if got := r.ConfirmAgainst(in.Baseline); got != tt.want || len(r.Unconfirmed()) == 0 {
				t.Errorf("job %d, want %d\n%s", got, tt.want, dump(r))
			}
		})
	}
}

// A second session of one job, or on one machine within the hour, confirms the
// machine and not the change.
func TestFreshJobs(t *testing.T) {
	slow, fails := gatetest.Spec{Scale: slower("*", 1.5)}, gatetest.Spec{Errors: failing("GET /a", 40)}
	tests := []struct {
		name   string
		change func(first, second *gate.Session)
		want   gate.Verdict
	}{
		{"another job elsewhere", func(_, _ *gate.Session) {}, gate.VerdictRegression},
		{"the same machine two hours later", func(a, b *gate.Session) { b.MachineID = a.MachineID }, gate.VerdictRegression},
		{"the same machine within the hour", func(a, b *gate.Session) { b.MachineID, b.Started = a.MachineID, "2026-02-01T06:30:00Z" }, gate.VerdictInconclusive},
		{"the same CI job", func(a, b *gate.Session) { b.JobID = a.JobID }, gate.VerdictInconclusive},
		{"errors in jobs of one run each", nil, gate.VerdictRegression},
		{"no CI, another machine", func(a, b *gate.Session) { a.JobID, b.JobID = "", "" }, gate.VerdictRegression},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := again(history(8, slow), slow)
			if tt.change == nil {
				in = again(history(8, fails), fails)
				in.Candidate[0].Runs, in.Candidate[1].Runs = in.Candidate[0].Runs[:1], in.Candidate[1].Runs[:1]
			} else {
				tt.change(&in.Candidate[0].Session, &in.Candidate[1].Session)
			}
			if r := judge(in); r.Verdict != tt.want {
				t.Errorf("%s, want %s\n%s", r.Verdict, tt.want, dump(r))
			}
		})
	}
}
