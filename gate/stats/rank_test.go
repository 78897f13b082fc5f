package stats

import (
	"math"
	"testing"
)

func TestRank(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    int64
		p    float64
		want int64
	}{
		{"median of an odd count", 5, 0.5, 3},
		{"median of an even count is the lower one", 4, 0.5, 2},
		{"a product a hair above a whole number", 100, 0.07, 7},
		{"a product a hair below a whole number", 100, 0.29, 29},
		{"p99 of few is the largest", 20, 0.99, 20},
		{"p 0", 10, 0, 1},
		{"p 1", 10, 1, 10},
		{"p below 0", 10, -3, 1},
		{"p above 1", 10, 7, 10},
		{"infinite p", 10, math.Inf(1), 10},
		{"no values", 0, 0.5, 0},
		{"negative count", -4, 0.5, 0},
		{"p is no number", 10, math.NaN(), 0},
		{"many", 1 << 50, 0.5, 1 << 49},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Rank(tt.n, tt.p); got != tt.want {
				t.Errorf("Rank(%d, %g) = %d, want %d", tt.n, tt.p, got, tt.want)
			}
		})
	}
}

// TestRankOfWholePercents: for whole per cents of 100 values the rank is the
// per cent, whatever the floating-point product says.
func TestRankOfWholePercents(t *testing.T) {
	for k := int64(1); k <= 100; k++ {
		if got := Rank(100, float64(k)/100); got != k {
			t.Errorf("Rank(100, %d%%) = %d", k, got)
		}
	}
}

// TestOrderRanks compares with golden.json's order_statistic_ci, whose
// intervals leave out 2.5 % a side, and with counts by hand.
func TestOrderRanks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		n      int64
		p      float64
		tail   float64
		lo, hi int64
	}{
		{"oracle n 40 p50", 40, 0.5, 0.025, 14, 27},
		{"oracle n 6000 p50", 6000, 0.5, 0.025, 2924, 3077},
		{"oracle n 6000 p95", 6000, 0.95, 0.025, 5666, 5734},
		{"oracle n 6000 p99", 6000, 0.99, 0.025, 5924, 5956},
		{"one value", 1, 0.5, 0.16, 1, 1},
		{"three values", 3, 0.5, 0.16, 1, 3},
		{"p99 of few is clamped", 20, 0.99, 0.16, 19, 20},
		{"low quantile is clamped", 20, 0.001, 0.16, 1, 1},
		{"no values", 0, 0.5, 0.16, 0, 0},
		{"p 0", 10, 0, 0.16, 0, 0},
		{"p 1", 10, 1, 0.16, 0, 0},
		{"p is no number", 10, nan, 0.16, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if lo, hi := orderRanks(tt.n, tt.p, tt.tail); lo != tt.lo || hi != tt.hi {
				t.Errorf("got %d, %d, want %d, %d", lo, hi, tt.lo, tt.hi)
			}
		})
	}
}

func TestStandardErrorsOfUnusableValues(t *testing.T) {
	at := func(v float64) func(int64) float64 { return func(int64) float64 { return v } }
	for name, got := range map[string]float64{
		"no values":        RankSE(0, 0.5, nil),
		"p is no number":   RankSE(10, nan, nil),
		"zero latency":     RankSE(10, 0.5, at(0)),
		"NaN latency":      RankSE(10, 0.5, at(nan)),
		"negative latency": RankSE(10, 0.5, at(-1)),
		"falling values":   RankSE(100, 0.5, func(k int64) float64 { return 1 / float64(k) }),
		"no requests":      PercentileSE(0, 0.5, Percentile{0.4, 1}, Percentile{0.6, 2}),
		"same percentile":  PercentileSE(10, 0.5, Percentile{0.5, 1}, Percentile{0.5, 2}),
		"falling":          PercentileSE(10, 0.5, Percentile{0.4, 2}, Percentile{0.6, 1}),
		"zero value":       PercentileSE(10, 0.5, Percentile{0.4, 0}, Percentile{0.6, 1}),
		"p at the end":     PercentileSE(10, 1, Percentile{0.4, 1}, Percentile{0.6, 2}),
	} {
		if got != inf {
			t.Errorf("%s: %g, want +Inf", name, got)
		}
	}
	if got := RankSE(10, 0.5, at(3)); got != 0 {
		t.Errorf("equal values: %g, want 0", got)
	}
}

// TestPercentileSEAgreesWithRanks: read off percentiles that lie close, the
// two are the same thing.
func TestPercentileSEAgreesWithRanks(t *testing.T) {
	at := logNormal(10000)
	want := RankSE(10000, 0.95, at)
	got := PercentileSE(10000, 0.95, Percentile{0.94, at(9400)}, Percentile{0.96, at(9600)})
	if math.Abs(got/want-1) > 0.05 {
		t.Errorf("from percentiles %g, from ranks %g", got, want)
	}
}
