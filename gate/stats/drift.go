package stats

import "math"

// Drift fits one straight line through several groups of values: y = a_g + b·t
// with an intercept of its own for each group and the slope b in common
// (analysis of covariance). times and values hold one slice a group, equally
// long, in any order; Theta is the slope, in units of y per unit of t.
//
// In a paired session the groups are the sides: what a change of the code does
// to all runs of a side goes into its intercept, and what is left over is the
// machine's. Assumed are runs that do not depend on each other beyond the line,
// so that P is a screening value and no proof.
//
// It is the zero Estimate for groups of different lengths, fewer than two values
// more than groups, times that are all equal inside each group, or values that
// are not finite.
//
// For times {0, 2, 4} and {1, 3, 5} with values {1, 2.1, 2.9} and {3, 3.9, 5.1}:
// Theta 0.5, SE 0.0288675, DF 3, P 0.0002108.
func Drift(times, values [][]float64) Estimate {
	if len(times) != len(values) {
		return Estimate{}
	}
	n, stt, sty, syy := 0, 0.0, 0.0, 0.0
	for g := range times {
		if len(times[g]) != len(values[g]) || len(times[g]) == 0 || !allFinite(times[g]) || !allFinite(values[g]) {
			return Estimate{}
		}
		t0, y0 := mean(times[g]), mean(values[g])
		for i := range times[g] {
			t, y := times[g][i]-t0, values[g][i]-y0
			stt, sty, syy = stt+t*t, sty+t*y, syy+y*y
		}
		n += len(times[g])
	}
	df := float64(n - len(times) - 1)
	if df < 1 || !(stt > 0) {
		return Estimate{}
	}
	e := Estimate{Theta: sty / stt, N: n, DF: df}
	e.S2Raw = math.Max(0, syy-sty*sty/stt) / df
	e.S2 = e.S2Raw
	e.SE = math.Sqrt(e.S2 / stt)
	return e
}
