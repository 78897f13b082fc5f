package stats

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSiblings(t *testing.T) {
	nan := math.NaN()
	declared := Prior{SD: 0.05, DF: 4}
	quiet := [][]float64{{0.02, -0.01, 0.01, 0}, {0.03, -0.02, 0.01, 0.01}, {0, 0.02, -0.03, 0.01}}
	four := append(quiet[:3:3], []float64{0.01, 0, 0, 0.02})
	noisy := append([][]float64{{0.2, -0.1, 0.1, -0.15}}, quiet[1:]...)
	se := []float64{0.01, 0.01, 0.01, 0.01, 0.01}
	for _, tt := range []struct {
		name string
		d    [][]float64
		se   []float64
		e    int
		want Prior
	}{
		{"three rows count as one", quiet, se[:3], 0, Prior{SD: 0.0384870, DF: 7}},
		{"four as two", four, se[:4], 0, Prior{SD: 0.0322232, DF: 10}},
		{"five as two, too", append(four[:4:4], four[3]), se[:5], 0, Prior{SD: 0.0319472, DF: 10}},
		{"one that is noisier is none of their kind", noisy, se[:3], 0, declared},
		{"but it makes the others careful", noisy, se[:3], 1, Prior{SD: 0.0660289, DF: 7}},
		{"what the requests explain is no noise between runs", quiet, []float64{0.03, 0.03, 0.03}, 0, Prior{SD: 0.0377964, DF: 7}},
		{"two mirror each other", quiet[:2], se[:2], 0, declared},
		{"one pair shows no noise", [][]float64{{1}, {2}, {3}, {4}}, se[:4], 0, declared},
		{"none", nil, nil, 0, declared},
		{"no such row", quiet, se[:3], 3, declared},
		{"negative row", quiet, se[:3], -1, declared},
		{"a pair is missing", [][]float64{{1, 2}, {1}, {1, 2}}, se[:3], 0, declared},
		{"an error is missing", quiet, se[:2], 0, declared},
		{"an error is unknown", quiet, []float64{0.01, math.Inf(1), 0.01}, 0, declared},
		{"a value is no number", [][]float64{{0, 1}, {nan, 1}, {0, 1}}, se[:3], 0, declared},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Siblings(tt.d, tt.se, tt.e, declared)
			got.SD = math.Round(got.SD*1e7) / 1e7
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
