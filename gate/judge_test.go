package gate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// slower scales one endpoint of the candidate by factor.
func slower(endpoint string, factor float64) func(int, string) float64 {
	return func(_ int, name string) float64 {
		if name == endpoint || endpoint == "*" {
			return factor
		}
		return 1
	}
}

// failing makes n requests of an endpoint fail in every run.
func failing(endpoint string, n int64) func(int, string) int64 {
	return func(_ int, name string) int64 {
		if name == endpoint || endpoint == "*" {
			return n
		}
		return 0
	}
}

// paired is an unchanged session of n pairs at 2 % noise, changed by both.
func paired(n int, baseline, candidate gatetest.Spec) gate.Input {
	for _, s := range []*gatetest.Spec{&baseline, &candidate} {
		s.Runs = n
		if s.Noise == 0 {
			s.Noise = 0.01
		}
	}
	b, c := gatetest.Pair(baseline, candidate)
	return gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}}
}

// blocks is two sessions of n runs on one machine, ten minutes apart.
func blocks(n int, baseline, candidate gatetest.Spec) gate.Input {
	baseline.Runs, candidate.Runs = n, n
	baseline.Session, candidate.Session = "old", "new"
	baseline.Machine, candidate.Machine = "one", "one"
	baseline.Start = time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)
	candidate.Start = baseline.Start.Add(10 * time.Minute)
	return gate.Input{Baseline: []gate.Result{baseline.Result()}, Candidate: []gate.Result{candidate.Result()}}
}

// history is n jobs of three runs and a fresh one.
func history(n int, candidate gatetest.Spec) gate.Input {
	var in gate.Input
	for i := range n {
		s := gatetest.Spec{Runs: 3, Session: fmt.Sprintf("job-%d", i), Seed: uint64(i), Noise: 0.01, Start: time.Date(2026, 1, 1+i, 6, 0, 0, 0, time.UTC)}
		in.Baseline = append(in.Baseline, s.Result())
	}
	candidate.Runs, candidate.Session = 3, "fresh"
	candidate.Start = time.Date(2026, 2, 1, 6, 0, 0, 0, time.UTC)
	in.Candidate = []gate.Result{candidate.Result()}
	return in
}

// again adds a second job of the candidate's build.
func again(in gate.Input, candidate gatetest.Spec) gate.Input {
	candidate.Runs, candidate.Session = 3, "fresh again"
	candidate.Start = time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC)
	in.Candidate = append(in.Candidate, candidate.Result())
	return in
}

func judge(in gate.Input) gate.Report { return gate.Judge(gate.Compare(in)) }

// find returns the row of an endpoint ("" is the whole), metric and role
// (empty: any but relative).
func find(t *testing.T, r gate.Report, endpoint, metric string, role gate.Role) gate.Row {
	t.Helper()
	for _, row := range r.Rows {
		name := ""
		if row.Endpoint != nil {
			name = *row.Endpoint
		}
		if name == endpoint && row.Metric == metric && (role == row.Role || role == "" && row.Role != gate.RoleRelative) {
			return row
		}
	}
	t.Fatalf("no row %q %s %s", endpoint, metric, role)
	return gate.Row{}
}

// regressed lists "endpoint metric" of the regressed rows, relative ones aside.
func regressed(r gate.Report) []string {
	out := []string{}
	for _, row := range r.Rows {
		if row.Outcome != gate.OutcomeRegression || row.Role == gate.RoleRelative {
			continue
		}
		name := "overall"
		if row.Endpoint != nil {
			name = *row.Endpoint
		}
		out = append(out, name+" "+row.Metric)
	}
	return out
}

func TestVerdicts(t *testing.T) {
	tests := []struct {
		name      string
		in        gate.Input
		verdict   gate.Verdict
		exit      int
		design    gate.Design
		code      string
		regressed []string
	}{
		{"paired, unchanged", paired(4, gatetest.Spec{}, gatetest.Spec{}), gate.VerdictPass, 0, gate.DesignPaired, "pass", []string{}},
		{"paired, one endpoint slower", paired(12, gatetest.Spec{}, gatetest.Spec{Scale: slower("POST /b", 1.2)}), gate.VerdictRegression, 1, gate.DesignPaired, "over_threshold",
			[]string{"overall latency_p50", "overall latency_p95", "POST /b latency_p50", "POST /b latency_p95"}},
		{"paired, all slower", paired(12, gatetest.Spec{}, gatetest.Spec{Scale: slower("*", 1.1)}), gate.VerdictRegression, 1, gate.DesignPaired, "over_threshold",
			[]string{"overall latency_p50", "overall latency_p95", "GET /a latency_p50", "GET /a latency_p95", "POST /b latency_p50", "POST /b latency_p95"}},
		{"paired, all faster", paired(12, gatetest.Spec{}, gatetest.Spec{Scale: slower("*", 0.8)}), gate.VerdictPass, 0, gate.DesignPaired, "pass", []string{}},
		{"paired, errors", paired(4, gatetest.Spec{}, gatetest.Spec{Errors: failing("GET /a", 20)}), gate.VerdictRegression, 1, gate.DesignPaired, "over_threshold",
			[]string{"overall error_rate", "GET /a error_rate"}},
		{"paired, undelivered", paired(4, gatetest.Spec{}, gatetest.Spec{Undelivered: func(int) int64 { return 60 }}), gate.VerdictRegression, 1, gate.DesignPaired, "over_threshold",
			[]string{"overall delivered"}},
		{"blocks, unchanged", blocks(5, gatetest.Spec{Noise: 0.01}, gatetest.Spec{Noise: 0.01}), gate.VerdictPass, 0, gate.DesignBlocks, "pass", []string{}},
		{"blocks, half slower again", blocks(5, gatetest.Spec{Noise: 0.01}, gatetest.Spec{Noise: 0.01, Scale: slower("POST /b", 1.5)}), gate.VerdictRegression, 1, gate.DesignBlocks, "over_threshold",
			[]string{"POST /b latency_p50", "POST /b latency_p95"}},
		{"single, unchanged", blocks(1, gatetest.Spec{}, gatetest.Spec{}), gate.VerdictInconclusive, 0, gate.DesignSingle, "single", []string{}},
		{"single, twice as slow", blocks(1, gatetest.Spec{}, gatetest.Spec{Scale: slower("*", 2)}), gate.VerdictRegression, 1, gate.DesignSingle, "over_threshold",
			[]string{"overall latency_p50", "overall latency_p95", "GET /a latency_p50", "GET /a latency_p95", "POST /b latency_p50", "POST /b latency_p95"}},
		{"history, unchanged", history(8, gatetest.Spec{Noise: 0.01}), gate.VerdictPass, 0, gate.DesignHistory, "pass", []string{}},
		{"history, slower once", history(8, gatetest.Spec{Scale: slower("*", 1.5)}), gate.VerdictInconclusive, 0, gate.DesignHistory, "unconfirmed", []string{}},
		{"history, slower twice", again(history(8, gatetest.Spec{Scale: slower("*", 1.5)}), gatetest.Spec{Scale: slower("*", 1.5)}), gate.VerdictRegression, 1, gate.DesignHistory, "over_threshold",
			[]string{"overall latency_p50", "overall latency_p95", "GET /a latency_p50", "GET /a latency_p95", "POST /b latency_p50", "POST /b latency_p95"}},
		{"history, slower once, not again", again(history(8, gatetest.Spec{Scale: slower("*", 1.5)}), gatetest.Spec{}), gate.VerdictInconclusive, 0, gate.DesignHistory, "suspicious", []string{}},
		{"history, faster once, slower again", again(history(8, gatetest.Spec{Scale: slower("*", 0.5)}), gatetest.Spec{Scale: slower("*", 2)}), gate.VerdictInconclusive, 0, gate.DesignHistory, "suspicious", []string{}},
		{"history, unchanged twice", again(history(8, gatetest.Spec{}), gatetest.Spec{}), gate.VerdictPass, 0, gate.DesignHistory, "pass", []string{}},
		{"single, twice as fast", blocks(1, gatetest.Spec{}, gatetest.Spec{Scale: slower("*", 0.5)}), gate.VerdictInconclusive, 0, gate.DesignSingle, "single", []string{}},
		{"history, errors twice", again(history(8, gatetest.Spec{Errors: failing("GET /a", 20)}), gatetest.Spec{Errors: failing("GET /a", 20)}), gate.VerdictRegression, 1, gate.DesignHistory, "over_threshold",
			[]string{"overall error_rate", "GET /a error_rate"}},
		{"history, errors once, not again", again(history(8, gatetest.Spec{Errors: failing("GET /a", 20)}), gatetest.Spec{}), gate.VerdictInconclusive, 0, gate.DesignHistory, "suspicious", []string{}},
		{"no baseline", gate.Input{Candidate: []gate.Result{gatetest.Spec{}.Result()}}, gate.VerdictNoBaseline, 0, gate.DesignNone, "no_baseline", []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(tt.in)
			got := []any{r.Verdict, r.ExitCode, r.Design.Name, r.Reason.Code, regressed(r)}
			want := []any{tt.verdict, tt.exit, tt.design, tt.code, tt.regressed}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, dump(r))
			}
			for _, row := range r.Rows {
				if row.Outcome == "" || row.Reason.Code == "" || row.Reason.Text == "" {
					t.Errorf("row %s has no outcome or reason: %+v", row.ID, row)
				}
			}
		})
	}
}

// Judging leaves nothing behind: a second time gives the same bytes.
func TestJudgeTwice(t *testing.T) {
	in := slow()
	in.Policy = gate.Policy{Mode: gate.ModeObserve}
	in.Today, in.Waivers.Items = "2026-06-01", []gate.Waiver{{Endpoint: "GET /z", Metric: gate.MetricP95, MaxWorseRatio: 0.1, Expires: "2026-12-31"}}
	c := gate.Compare(in)
	first := string(encode(t, gate.Judge(c)))
	if diff := cmp.Diff(first, string(encode(t, gate.Judge(c)))); diff != "" {
		t.Error(diff)
	}
}

// A reason repeats the digits of the rule, not fewer.
func TestReasonsRepeatTheRule(t *testing.T) {
	in := slow()
	in.Policy = gate.Policy{Thresholds: []gate.Threshold{{Metric: "latency_*", WorseRatio: ratio(0.105)}}}
	row := find(t, judge(in), "POST /b", gate.MetricP95, "")
	if !strings.Contains(row.Reason.Text, "10.5 % and 100 µs") {
		t.Errorf("%s", row.Reason.Text)
	}
}

// dump shows the rows of a report for a failing test.
func dump(r gate.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.Verdict, r.Reason.Text)
	for _, row := range r.Rows {
		name := "overall"
		if row.Endpoint != nil {
			name = *row.Endpoint
		}
		fmt.Fprintf(&b, "  %-4s %-9s %-8s %-13s %-9s %-14s p=%s padj=%s %s\n", row.ID, row.Role, name, row.Metric, num(row.ChangeRatio), row.Outcome, num(row.P), num(row.PAdjusted), row.Reason.Text)
	}
	return b.String()
}

func num(f *float64) string {
	if f == nil {
		return "-"
	}
	return fmt.Sprintf("%.4g", *f)
}
