package stats

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestCreep(t *testing.T) {
	prior := Prior{SD: 0.05, DF: 4}
	tests := []struct {
		name   string
		anchor float64
		jobs   []float64
		prior  Prior
		want   Estimate
	}{
		// df 2/3·3; s² = (4·.05² + 2/3·3·.005²/2)/6 = .00167083
		{"the worked value", 0, []float64{0.005, 0.01, 0.015, 0.02}, prior, Estimate{Theta: 0.015, SE: 0.0471993, DF: 6, N: 4, S2Raw: 1.25e-5, S2: 0.00167083}},
		{"one job: the prior alone", 1, []float64{1.1}, prior, Estimate{Theta: 0.1, SE: 0.0707107, DF: 4, N: 1, S2: 0.0025}},
		{"noisier than the prior", 0, []float64{0, 0.2, 0, 0.2}, prior, Estimate{Theta: 0.133333, SE: 0.163299, DF: 6, N: 4, S2Raw: 0.02, S2: 0.02}},
		{"no job", 0, nil, prior, Estimate{}},
		{"not a number", 0, []float64{1, math.NaN()}, prior, Estimate{}},
		{"no anchor", math.Inf(-1), []float64{1, 2}, prior, Estimate{}},
		{"nothing assumed of one job", 0, []float64{1}, Prior{}, Estimate{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Creep(tt.anchor, tt.jobs, tt.prior), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
