package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

func TestChangedByCandidate(t *testing.T) {
	p95 := func(worse float64) gate.Threshold {
		return gate.Threshold{Metric: gate.MetricP95, Endpoint: "GET /a", WorseRatio: ratio(worse)}
	}
	slo := gate.SLO{Metric: gate.MetricP95, Op: "<", Limit: 200}
	tests := []struct {
		name           string
		baseline, cand *gate.Policy
		want           []gate.PolicyChange
	}{
		{"the same", &gate.Policy{Thresholds: []gate.Threshold{p95(0.05)}, Source: "a.yml"}, &gate.Policy{Thresholds: []gate.Threshold{p95(0.05)}, Source: "b.yml"}, []gate.PolicyChange{}},
		{"one is not known", nil, &gate.Policy{Mode: gate.ModeObserve}, []gate.PolicyChange{}},
		{"a wider threshold", &gate.Policy{Thresholds: []gate.Threshold{p95(0.05)}}, &gate.Policy{Thresholds: []gate.Threshold{p95(0.2)}},
			[]gate.PolicyChange{{Key: "thresholds latency_p95 of GET /a", Baseline: "5 % and 100 µs", Candidate: "20 % and 100 µs"}}},
		{"a new threshold", &gate.Policy{}, &gate.Policy{Thresholds: []gate.Threshold{{Metric: gate.MetricP95, WorseRatio: ratio(0.2), Severity: gate.SeverityWarn}}},
			[]gate.PolicyChange{{Key: "thresholds latency_p95", Baseline: "5 % and 100 µs (default)", Candidate: "20 % and 100 µs, severity warn"}}},
		{"a threshold less", &gate.Policy{Thresholds: []gate.Threshold{{Metric: gate.MetricErrorRate, WorseAbs: ratio(0.0005)}, {Metric: "latency_*", WorseRatio: ratio(0.03), Primary: true}}}, &gate.Policy{},
			[]gate.PolicyChange{{Key: "thresholds error_rate", Baseline: "0.05 pp", Candidate: "0.1 pp (default)"}, {Key: "thresholds latency_*", Baseline: "3 %, primary", Candidate: "no rule"}}},
		{"another order", &gate.Policy{Thresholds: []gate.Threshold{p95(0.05), {Metric: gate.MetricP95, WorseRatio: ratio(0.2)}}},
			&gate.Policy{Thresholds: []gate.Threshold{{Metric: gate.MetricP95, WorseRatio: ratio(0.2)}, p95(0.05)}},
			[]gate.PolicyChange{{Key: "thresholds", Baseline: "one order", Candidate: "another order"}}},
		{"everything else", &gate.Policy{SLOs: []gate.SLO{slo}, Inconclusive: gate.ActionFail, Abort: &gate.Abort{ErrorRate: 0.5, For: 5 * time.Second}}, &gate.Policy{Mode: gate.ModeObserve, NoBaseline: gate.NoBaseline{Action: gate.ActionWarn}},
			[]gate.PolicyChange{{Key: "mode", Baseline: "enforce", Candidate: "observe"}, {Key: "inconclusive", Baseline: "fail", Candidate: "warn"},
				{Key: "no_baseline", Baseline: "warn until 10 jobs", Candidate: "warn"}, {Key: "slo latency_p95 <", Baseline: "200 ms", Candidate: "no rule"},
				{Key: "abort", Baseline: "error rate over 50 % for 5s", Candidate: "no rule"}}},
		{"a limit that only warns", &gate.Policy{SLOs: []gate.SLO{slo}}, &gate.Policy{SLOs: []gate.SLO{{Metric: gate.MetricP95, Op: "<", Limit: 200, Severity: gate.SeverityWarn}}},
			[]gate.PolicyChange{{Key: "slo latency_p95 <", Baseline: "200 ms", Candidate: "200 ms, severity warn"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := paired(4, gatetest.Spec{}, gatetest.Spec{})
			in.Baseline[0].Policy, in.Candidate[0].Policy = tt.baseline, tt.cand
			if diff := cmp.Diff(tt.want, judge(in).Policy.ChangedByCandidate); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// In observe mode a report says what would have failed; what could not be
// measured fails all the same.
func TestWouldFail(t *testing.T) {
	slow := paired(12, gatetest.Spec{}, gatetest.Spec{Scale: slower("*", 1.2)})
	undecided := paired(2, gatetest.Spec{}, gatetest.Spec{Scale: slower("*", 1.2)})
	broken := paired(4, gatetest.Spec{}, gatetest.Spec{Mutate: invalidate(gate.ReasonLate)})
	nothing := gate.Input{Candidate: []gate.Result{gatetest.Spec{}.Result()}, StoreJobs: 10}
	observe := gate.Policy{Mode: gate.ModeObserve}
	strict := gate.Policy{Mode: gate.ModeObserve, Inconclusive: gate.ActionFail}
	tests := []struct {
		name   string
		in     gate.Input
		policy gate.Policy
		exit   int
		would  bool
	}{
		{"a regression", slow, observe, 0, true},
		{"the same, enforced", slow, gate.Policy{}, 1, false},
		{"undecided", undecided, observe, 0, false},
		{"undecided, which fails", undecided, strict, 0, true},
		{"no baseline for too long", nothing, observe, 0, true},
		{"not measured", broken, observe, 3, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.Policy = tt.policy
			r := judge(tt.in)
			got, want := []any{r.ExitCode, r.WouldFail}, []any{tt.exit, tt.would}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, dump(r))
			}
			if said := strings.Contains(r.Reason.Text, "this would have failed"); said != tt.would {
				t.Errorf("reason: %s", r.Reason.Text)
			}
		})
	}
}

// A gate whose latencies are all shown only has judged no latency, and says so.
func TestPassWithoutLatency(t *testing.T) {
	in := paired(4, gatetest.Spec{}, gatetest.Spec{Scale: slower("*", 3)})
	in.Policy.Thresholds = []gate.Threshold{{Metric: "latency_*", Severity: gate.SeverityInfo}}
	r := judge(in)
	if diff := cmp.Diff([]any{gate.VerdictPass, "no latency was judged; what was judged is not worse"}, []any{r.Verdict, r.Reason.Text}); diff != "" {
		t.Errorf("-want +got\n%s%s", diff, dump(r))
	}
}
