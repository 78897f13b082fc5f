package gate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// A run that a busy machine spoilt says by how much, and what helps is not to
// see it again.
func TestDisturbedRunsSayHowMuch(t *testing.T) {
	spoil := func(code string, status gate.RunStatus, g gate.GeneratorHealth) func(*gate.Result) {
		return func(r *gate.Result) {
			for i := range r.Runs {
				r.Runs[i].Status, r.Runs[i].Reasons, r.Runs[i].Generator, r.Runs[i].MeasuredS = status, []string{code}, []gate.GeneratorHealth{g}, 10
			}
			r.Runs[0].Generator = []gate.GeneratorHealth{{}}
		}
	}
	repeated := func(r *gate.Result) {
		for i := range r.Runs {
			r.Runs[i].Status, r.Runs[i].Reasons = gate.RunSuperseded, []string{}
		}
	}
	const quiet = "perfgate check  # again: close what else runs, or take a bigger runner"
	for _, tt := range []struct {
		name                string
		baseline, candidate func(*gate.Result)
		text, next          string
	}{
		{"late", nil, spoil(gate.ReasonLate, gate.RunInvalid, gate.GeneratorHealth{LateP95MS: ptr(3.4), LateLimitMS: ptr(1.0)}),
			"the candidate was not measured: the load generator was late by 3.4 ms (limit 1 ms): something else uses this CPU", quiet},
		{"late, and the other side was repeated", repeated, spoil(gate.ReasonLate, gate.RunInvalid, gate.GeneratorHealth{LateP95MS: ptr(3.4), LateLimitMS: ptr(2.05)}),
			"the baseline was not measured: in each pair the run of the candidate does not count: the load generator was late by 3.4 ms (limit 2.0 ms): something else uses this CPU", quiet},
		{"late, of an older file", nil, spoil(gate.ReasonLate, gate.RunInvalid, gate.GeneratorHealth{LateP95MS: ptr(3.4)}),
			"the candidate was not measured: the load generator was late by 3.4 ms: something else uses this CPU", quiet},
		{"throttled", nil, spoil(gate.ReasonThrottled, gate.RunInvalid, gate.GeneratorHealth{ThrottledS: ptr(0.4)}),
			"the candidate was not measured: the load generator ran out of CPU quota for 0.4 s (limit 0.1 s)", quiet},
		{"steal", nil, spoil(gate.ReasonSteal, gate.RunInvalid, gate.GeneratorHealth{StealRatio: ptr(0.08)}),
			"the candidate was not measured: the hypervisor took 8 % of the CPU away (limit 5 %)", quiet},
		{"refused", nil, spoil(gate.ReasonRefused, gate.RunInvalid, gate.GeneratorHealth{}),
			"the candidate was not measured: nothing listened at the target's address", "perfgate run  # the candidate alone, and what became of each run"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, c := gatetest.Pair(gatetest.Spec{Runs: 3, Mutate: tt.baseline}, gatetest.Spec{Runs: 3, Mutate: tt.candidate})
			r := gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}}))
			want := []any{gate.VerdictInvalid, tt.text, []string{tt.next}}
			if diff := cmp.Diff(want, []any{r.Verdict, r.Reason.Text, r.NextSteps}); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
