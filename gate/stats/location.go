package stats

import (
	"math"
	"slices"
)

// Median returns the middle value of x, in the unit of x: for an even count
// the mean of the two middle ones. x may be in any order and is not changed.
// It is NaN for an empty x or one that holds a NaN; every test of this package
// refuses to decide on it.
//
// Median of 3, 1, 2, 10 is 2.5.
func Median(x []float64) float64 {
	if len(x) == 0 || slices.ContainsFunc(x, math.IsNaN) {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(x))
	mid := len(s) / 2
	if len(s)%2 == 1 {
		return s[mid]
	}
	// Halves are added, not sums halved: two huge values must not overflow.
	return s[mid-1]/2 + s[mid]/2
}

// GeometricMean returns exp of the mean logarithm of x, in the unit of x: the
// level of several endpoints at once, where a relative change of each weighs
// the same (docs/method.md 0.4, est_abs). It is NaN for an empty x or one that
// holds a value that is not positive and finite.
//
// GeometricMean of 10, 40 is 20.
func GeometricMean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		if !(v > 0) || math.IsInf(v, 1) {
			return math.NaN()
		}
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(x)))
}

// mean returns the arithmetic mean; callers have checked that x holds values.
func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// sumSquares returns the squared deviations of x from center, added up.
func sumSquares(x []float64, center float64) float64 {
	ss := 0.0
	for _, v := range x {
		ss += (v - center) * (v - center)
	}
	return ss
}
