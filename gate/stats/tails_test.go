package stats

import (
	"math"
	"testing"
)

// The quantile is where its tail is, whatever the first guess; and Hill's guess
// is near enough for the steps after it to arrive.
func TestUpperQuantileHasItsTail(t *testing.T) {
	for _, df := range []float64{1, 2, 2.5, 3, 4, 5, 7.3, 15, 100, 499} {
		for _, level := range []float64{0.49, 0.3, 0.05, 0.01, 1e-4, 1e-9, 1e-30} {
			x := upperQuantile(level, df)
			if tail := upperTail(x, df); math.Abs(tail/level-1) > 1e-11 {
				t.Errorf("df %v, level %v: quantile %v has tail %v", df, level, x, tail)
			}
			if guess := hill(level, df); df >= fewDF && math.Abs(guess/x-1) > 1e-3 {
				t.Errorf("df %v, level %v: guess %v, quantile %v", df, level, guess, x)
			}
		}
	}
}

func TestRoot(t *testing.T) {
	for _, tt := range []struct {
		name   string
		f      func(float64) float64
		lo, hi float64
		want   float64
	}{
		{"a line", func(x float64) float64 { return 3 - x }, 0, 20, 3},
		{"a step with a slope", func(x float64) float64 { return 0.8 - 0.5*math.Erfc(7-x) }, 0, 20, 7.595116081449},
		{"far end", func(x float64) float64 { return math.Exp(-x) - 1e-8 }, 0, 40, 18.420680743952},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := root(tt.f, tt.lo, tt.hi); math.Abs(got-tt.want) > 1e-11 {
				t.Errorf("%.12f, want %.12f", got, tt.want)
			}
		})
	}
}
