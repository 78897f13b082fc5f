package stats

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestExact(t *testing.T) {
	tests := []struct {
		name  string
		x, n  int
		level float64
		want  [2]float64
	}{
		// 1 - .05^(1/20), and its mirror image
		{"none", 0, 20, 0.05, [2]float64{0, 0.139108}},
		{"all", 20, 20, 0.05, [2]float64{0.860892, 1}},
		// scipy.stats.beta.ppf(.05, 1, 30), beta.ppf(.95, 2, 29)
		{"one of thirty", 1, 30, 0.05, [2]float64{0.001708, 0.148596}},
		{"impossible counts", 3, 2, 0.05, [2]float64{0, 1}},
		{"no case", 0, 0, 0.05, [2]float64{0, 1}},
		{"no level", 1, 2, 0, [2]float64{0, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lo, hi := Exact(tt.x, tt.n, tt.level)
			if diff := cmp.Diff(tt.want, [2]float64{lo, hi}, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
