package gate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

func TestLooks(t *testing.T) {
	tests := map[int][]int{
		0: nil, 1: {1}, 2: {2}, 3: {3}, 4: {4}, 5: {4}, 6: {4, 6}, 7: {4, 6}, 8: {4, 6, 8}, 10: {4, 6, 8, 10}, 12: {4, 6, 8, 12}, 13: {4, 6, 8, 12}, 14: {4, 6, 8, 12, 14}, 16: {4, 6, 8, 12, 16}, 20: {4, 6, 8, 12, 20},
	}
	for pairs, want := range tests {
		if diff := cmp.Diff(want, gate.Looks(pairs)); diff != "" {
			t.Errorf("%d pairs: -want +got\n%s", pairs, diff)
		}
	}
}

// The levels of the looks add up to the family's and are proportional to the
// square of the look's number (docs/method.md 0.4).
func TestLevelsOfLooks(t *testing.T) {
	tests := []struct {
		name        string
		looks       []int
		pairs, look int
		level, pass float64
	}{
		{"first of four", []int{4, 6, 8, 12}, 4, 1, 0.02 / 30, 0.0125},
		{"second of four", []int{4, 6, 8, 12}, 6, 2, 0.08 / 30, 0.0125},
		{"last of four", []int{4, 6, 8, 12}, 12, 4, 0.32 / 30, 0.0125},
		{"ended before the noise is measured", []int{4, 6, 8, 12}, 2, 1, 0, 0.0125},
		{"ended before the first look", []int{4, 6, 8, 12}, 3, 1, 0.02 / 30, 0.0125},
		{"ended between two looks: the next unused one", []int{4, 6, 8, 12}, 5, 2, 0.08 / 30, 0.0125},
		{"one look", []int{3}, 3, 1, 0.02, 0.05},
		{"two looks", []int{4, 6}, 6, 2, 0.016, 0.025},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := func(r *gate.Result) { r.Session.Looks = tt.looks }
			d := judge(paired(tt.pairs, gatetest.Spec{Mutate: set}, gatetest.Spec{Mutate: set})).Design
			got := []any{d.Pairs, d.Look, round(d.AlphaLook), round(d.PassLevelLook)}
			if diff := cmp.Diff([]any{tt.pairs, tt.look, round(tt.level), round(tt.pass)}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func round(f float64) float64 { return float64(int(f*1e9+0.5)) / 1e9 }

// A session that ended because runs could not be measured is no evidence.
func TestSessionThatCouldNotBeMeasured(t *testing.T) {
	stop := func(r *gate.Result) { r.Session.Looks, r.Session.Stopped = []int{4, 6}, gate.StoppedInvalid }
	r := judge(paired(2, gatetest.Spec{Mutate: stop}, gatetest.Spec{Mutate: stop, Scale: slower("*", 2)}))
	if diff := cmp.Diff([]any{gate.VerdictInvalid, gate.ExitUnmeasured, "unmeasured"}, []any{r.Verdict, r.ExitCode, r.Reason.Code}); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A session goes on until a look decides; then, or at its last look, or when
// something ended it, no further one is needed.
func TestDecided(t *testing.T) {
	planned := func(stopped string) func(*gate.Result) {
		return func(r *gate.Result) { r.Session.Looks, r.Session.Stopped = []int{4, 6, 8, 12}, stopped }
	}
	tests := []struct {
		name    string
		pairs   int
		scale   float64
		noise   float64
		stopped string
		decided bool
		because string
	}{
		{"regression at the first look", 4, 1.5, 0.01, "", true, "regression"},
		{"pass", 8, 1, 0.01, "", true, "pass"},
		{"goes on", 4, 1.07, 0.03, "", false, ""},
		{"the budget ended, and it is slower", 5, 1.5, 0.01, gate.StoppedBudget, true, gate.StoppedBudget},
		{"the budget ended", 5, 1.07, 0.03, gate.StoppedBudget, true, gate.StoppedBudget},
		{"the last look", 12, 1.07, 0.09, "", true, "last look"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := gatetest.Spec{Noise: tt.noise, Mutate: planned(tt.stopped)}
			c := s
			c.Scale = slower("*", tt.scale)
			r := judge(paired(tt.pairs, s, c))
			if diff := cmp.Diff([]any{tt.decided, tt.because}, []any{r.Design.Decided, r.Design.StoppedBy}); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, dump(r))
			}
		})
	}
}

// Before the noise can be measured a session is not cut short, unless it is over.
func TestTooFewPairs(t *testing.T) {
	for _, tt := range []struct {
		name    string
		looks   []int
		stopped string
		want    gate.RowReason
	}{
		{"it goes on", []int{4, 6}, "", gate.RowReason{Code: "open", Text: "over 5 % and 100 µs, not decided yet: needs 3 pairs"}},
		{"the budget ended it", []int{4, 6}, gate.StoppedBudget, gate.RowReason{Code: "cut_short", Text: "over 5 % and 100 µs, but the session was cut short: 3 pairs are needed to tell a change from noise"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set := func(r *gate.Result) { r.Session.Looks, r.Session.Stopped = tt.looks, tt.stopped }
			r := judge(paired(2, gatetest.Spec{Mutate: set}, gatetest.Spec{Mutate: set, Scale: slower("*", 2)}))
			for _, row := range r.Rows {
				if row.Metric == gate.MetricP95 && row.Role == gate.RolePrimary {
					if diff := cmp.Diff(tt.want, row.Reason); diff != "" {
						t.Errorf("-want +got\n%s", diff)
					}
				}
			}
		})
	}
}
