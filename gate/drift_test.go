package gate_test

import (
	"math"
	"strings"
	"testing"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// A machine that becomes slower over a session is told, a slower candidate or a
// noisy machine is not a machine that drifts.
func TestSessionDrift(t *testing.T) {
	over := func(total float64) func(int, string) float64 { // 12 pairs
		return func(run int, _ string) float64 { return math.Exp(math.Log(total) * float64(run-1) / 11) }
	}
	times := func(f func(int, string) float64, factor float64) func(int, string) float64 {
		return func(run int, e string) float64 { return factor * f(run, e) }
	}
	tests := []struct {
		name      string
		base      gatetest.Spec
		candidate gatetest.Spec
		want      string
	}{
		{"steady", gatetest.Spec{Noise: 0.02}, gatetest.Spec{Noise: 0.02}, ""},
		{"slowed down", gatetest.Spec{Noise: 0.001, Scale: over(1.1)}, gatetest.Spec{Noise: 0.001, Scale: over(1.1)}, "the machine slowed down by 10 %"},
		{"sped up", gatetest.Spec{Noise: 0.001, Scale: over(0.9)}, gatetest.Spec{Noise: 0.001, Scale: over(0.9)}, "the machine sped up by 10 %"},
		{"too little to tell", gatetest.Spec{Noise: 0.001, Scale: over(1.03)}, gatetest.Spec{Noise: 0.001, Scale: over(1.03)}, ""},
		{"a slower candidate", gatetest.Spec{Noise: 0.01}, gatetest.Spec{Noise: 0.01, Scale: times(over(1), 1.3)}, ""},
		{"both", gatetest.Spec{Noise: 0.001, Scale: over(1.1)}, gatetest.Spec{Noise: 0.001, Scale: times(over(1.1), 1.3)}, "the machine slowed down by 10 %"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, w := range gate.Judge(gate.Compare(paired(12, tt.base, tt.candidate))).Warnings {
				if w.Code == "drift" {
					got, _, _ = strings.Cut(w.Text, " during")
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
