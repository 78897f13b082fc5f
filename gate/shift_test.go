package gate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// warned returns the warnings of a kind, without the rows they name.
func warned(r gate.Report, code string) []gate.RowWarning {
	var out []gate.RowWarning
	for _, w := range r.Warnings {
		if w.Code == code {
			w.Rows = nil
			out = append(out, w)
		}
	}
	return out
}

func TestSuiteShift(t *testing.T) {
	five := []gatetest.Endpoint{{Name: "GET /a"}, {Name: "GET /b"}, {Name: "GET /c"}, {Name: "GET /d"}, {Name: "GET /e"}}
	spec := gatetest.Spec{Endpoints: five}
	by := func(factors ...float64) gatetest.Spec {
		return gatetest.Spec{Endpoints: five[:len(factors)], Scale: func(_ int, name string) float64 {
			for i, f := range factors {
				if five[i].Name == name {
					return f
				}
			}
			return 1
		}}
	}
	of := func(n int) gatetest.Spec { return gatetest.Spec{Endpoints: five[:n]} }
	warning := func(head, meaning string) []gate.RowWarning {
		return []gate.RowWarning{{Code: "suite_shift", Headline: head, Text: head + " (p50): " + meaning}}
	}
	const slower = "the machine or the network may have changed, not one endpoint"
	const hides = "the machine or the network may have changed, and may hide what this change costs"
	inHistory := history(6, by(1.1, 1.1, 1.1, 1.1, 1.1))
	for i := range inHistory.Baseline {
		s := gatetest.Spec{Endpoints: five, Runs: 3, Session: inHistory.Baseline[i].Session.ID, Noise: 0.001, Seed: uint64(i)}
		inHistory.Baseline[i] = s.Result()
	}
	noisy := inHistory
	noisy.Baseline = nil
	for i := range 8 {
		factor := []float64{0.93, 1.07}[i%2]
		s := gatetest.Spec{Endpoints: five, Runs: 3, Session: inHistory.Baseline[0].Session.ID + string(rune('a'+i)), Scale: func(int, string) float64 { return factor }}
		noisy.Baseline = append(noisy.Baseline, s.Result())
	}
	tests := []struct {
		name string
		in   gate.Input
		want []gate.RowWarning
	}{
		{"blocks, all alike", blocks(5, spec, by(1.08, 1.1, 1.09, 1.1, 1.08)), warning("all 5 endpoints are 8–10 % slower together", slower)},
		{"blocks, all but one", blocks(5, spec, by(1.1, 1.1, 1.1, 1.1, 1)), warning("4 of 5 endpoints are 10 % slower together", slower)},
		{"blocks, all faster", blocks(5, spec, by(0.9, 0.9, 0.9, 0.9, 0.88)), warning("all 5 endpoints are 10–12 % faster together", hides)},
		{"single", blocks(1, of(3), by(1.3, 1.3, 1.3)), warning("all 3 endpoints are 30 % slower together", slower)},
		{"history, but its jobs do that anyway", noisy, nil},
		{"history", inHistory, warning("all 5 endpoints are 10 % slower together", slower)},
		{"never paired: both sides took turns on one machine", paired(12, spec, by(1.1, 1.1, 1.1, 1.1, 1.1)), nil},
		{"one endpoint only", blocks(5, spec, by(1.5, 1, 1, 1, 1)), nil},
		{"three of five", blocks(5, spec, by(1.1, 1.1, 1.1, 1, 1)), nil},
		{"together, but within the threshold", blocks(5, spec, by(1.04, 1.04, 1.04, 1.04, 1.04)), nil},
		{"the same way, but not alike", blocks(5, spec, by(1.06, 1.3, 1.1, 1.6, 1.02)), nil},
		{"two endpoints: one change may well hit both", blocks(5, of(2), by(1.1, 1.1)), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(tt.in)
			if diff := cmp.Diff(tt.want, warned(r, "suite_shift")); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, dump(r))
			}
		})
	}
}
