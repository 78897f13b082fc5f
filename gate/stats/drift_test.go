package stats

import (
	"math"
	"testing"
)

func TestDrift(t *testing.T) {
	tests := []struct {
		name          string
		times, values [][]float64
		theta, se, df float64 // df 0: cannot be tested
	}{
		{"the example of its comment", [][]float64{{0, 2, 4}, {1, 3, 5}}, [][]float64{{1, 2.1, 2.9}, {3, 3.9, 5.1}}, 0.5, 0.02886751345948, 3},
		{"a difference of the groups is no drift", [][]float64{{0, 2, 4}, {1, 3, 5}}, [][]float64{{1, 1.1, 1}, {9, 9.1, 9}}, 0, 0.01666666666667, 3},
		{"one group is simple regression", [][]float64{{0, 1, 2, 3}}, [][]float64{{0, 1, 1, 2}}, 0.6, 0.14142135623731, 2},
		{"no groups", nil, nil, 0, 0, 0},
		{"one time only", [][]float64{{1, 1}, {2, 2}}, [][]float64{{1, 2}, {3, 4}}, 0, 0, 0},
		{"too few", [][]float64{{0, 1}, {0}}, [][]float64{{1, 2}, {3}}, 0, 0, 0},
		{"lengths differ", [][]float64{{0, 1, 2, 3}}, [][]float64{{0, 1, 2}}, 0, 0, 0},
		{"groups differ", [][]float64{{0, 1, 2, 3}}, nil, 0, 0, 0},
		{"not a number", [][]float64{{0, 1, 2, 3}}, [][]float64{{0, 1, 2, math.NaN()}}, 0, 0, 0},
		{"an empty group", [][]float64{{0, 1, 2, 3}, {}}, [][]float64{{0, 1, 2, 3}, {}}, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := Drift(tt.times, tt.values)
			if math.Abs(e.Theta-tt.theta) > 1e-12 || math.Abs(e.SE-tt.se) > 1e-12 || e.DF != tt.df {
				t.Errorf("got theta %v, se %v, df %v; want %v, %v, %v", e.Theta, e.SE, e.DF, tt.theta, tt.se, tt.df)
			}
			if tt.df == 0 && (e.P() != 1 || e.PLess() != 1) {
				t.Errorf("what cannot be tested has p %v and %v", e.P(), e.PLess())
			}
		})
	}
}
