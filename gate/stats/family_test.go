package stats

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRowsOfUnequalEndpoints(t *testing.T) {
	for _, tt := range []struct {
		name              string
		d                 [][]float64
		e                 int
		overall, relative []float64
	}{
		{"none", nil, 0, nil, nil},
		{"one has no others", [][]float64{{1, 2}}, 0, []float64{1, 2}, nil},
		{"a pair is missing", [][]float64{{1, 2}, {1}}, 0, nil, nil},
		{"no such endpoint", [][]float64{{1}, {3}}, 2, []float64{2}, nil},
		{"negative endpoint", [][]float64{{1}, {3}}, -1, []float64{2}, nil},
		{"two", [][]float64{{1}, {3}}, 0, []float64{2}, []float64{-2}},
		{"no pairs yet", [][]float64{{}, {}}, 0, []float64{}, []float64{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.overall, Overall(tt.d)); diff != "" {
				t.Errorf("overall (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.relative, Relative(tt.d, tt.e)); diff != "" {
				t.Errorf("relative (-want +got)\n%s", diff)
			}
		})
	}
}

// TestSharedEffectCancels: what hits all endpoints alike leaves relative rows
// untouched.
func TestSharedEffectCancels(t *testing.T) {
	d := [][]float64{{0.01, 0.02}, {0.11, 0.13}, {0, -0.02}}
	shared := []float64{0.3, -0.2}
	shifted := make([][]float64, len(d))
	for e := range d {
		for i := range d[e] {
			shifted[e] = append(shifted[e], d[e][i]+shared[i])
		}
	}
	for e := range d {
		if diff := cmp.Diff(Relative(d, e), Relative(shifted, e), approx); diff != "" {
			t.Errorf("endpoint %d (-want +got)\n%s", e, diff)
		}
	}
}

func TestRowErrorsWithoutEndpoints(t *testing.T) {
	for name, got := range map[string]float64{
		"no endpoint":       OverallSE(nil),
		"no others":         RelativeSE([]float64{0.1}, 0),
		"no such endpoint":  RelativeSE([]float64{0.1, 0.1}, 2),
		"negative endpoint": RelativeSE([]float64{0.1, 0.1}, -1),
	} {
		if got != inf {
			t.Errorf("%s: %g, want +Inf", name, got)
		}
	}
}
