package experiment

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// letters writes the order of pairs, A being the baseline: "ABBA BAAB".
func letters(arms, pairs int, seed uint64) string {
	var b strings.Builder
	for pair := 1; pair <= pairs; pair++ {
		for _, arm := range order(arms, pair, seed) {
			b.WriteByte("ABCDE"[arm])
		}
		if pair%2 == 0 {
			b.WriteByte(' ')
		}
	}
	return strings.TrimSpace(b.String())
}

func TestOrder(t *testing.T) {
	tests := []struct {
		name        string
		arms, pairs int
		seed        uint64
		want        string
	}{
		{"two, odd seed", 2, 8, 1, "ABBA BAAB ABBA BAAB"},
		{"two, even seed", 2, 8, 2, "BAAB ABBA BAAB ABBA"},
		{"two, seed 0", 2, 2, 0, "BAAB"},
		{"two, the largest seed", 2, 2, 1<<64 - 1, "ABBA"},
		{"three", 3, 6, 1, "ABCCBA BCAACB CABBAC"},
		{"three, another seed", 3, 2, 2, "BCAACB"},
		{"one", 1, 4, 7, "AA AA"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, letters(tt.arms, tt.pairs, tt.seed)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestOrderIsBalanced: after 2n pairs of n arms each has stood in each place
// equally often, whatever the seed.
func TestOrderIsBalanced(t *testing.T) {
	for arms := 2; arms <= 4; arms++ {
		for seed := range uint64(6) {
			count := map[[2]int]int{}
			for pair := 1; pair <= 2*arms; pair++ {
				for place, arm := range order(arms, pair, seed) {
					count[[2]int{place, arm}]++
				}
			}
			for at, n := range count {
				if n != 2 {
					t.Errorf("%d arms, seed %d: arm %d stands %d times in place %d", arms, seed, at[1], n, at[0])
				}
			}
			if len(count) != arms*arms {
				t.Errorf("%d arms, seed %d: %d places", arms, seed, len(count))
			}
		}
	}
}
