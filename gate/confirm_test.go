package gate_test

import (
	"testing"

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
