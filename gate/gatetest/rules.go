package gatetest

import (
	"cmp"
	"math"
	"slices"

	"github.com/perfgate/perfgate/gate/stats"
)

// The rules of other tools stand here so that simulations can show what the
// gate's own method does better. They are no part of a verdict.

// Welch is the outcome of Welch's t-test on logarithms.
type Welch struct {
	// Theta is the mean log change, candidate minus baseline.
	Theta float64
	// T is Theta over its standard error, DF the Welch-Satterthwaite degrees
	// of freedom.
	T, DF float64
	// P is two-sided. It is 1 where nothing can be tested.
	P float64
}

// WelchLog tests the runs of two sides, positive values in any unit, as
// independent samples with variances of their own (Welch 1947; Satterthwaite
// 1946). It is what many scripts do with a stored baseline: the machine that a
// side ran on is taken for the build (docs/method.md 1). Fewer than two runs on
// a side, a value that is not positive and finite, or no variance at all give
// a P of 1.
//
// 10.1, 10.4, 9.9, 10.3, 10.0 against 10.9, 11.2, 10.6, 11.5, 10.8: Theta
// 0.0811638, T 4.7823865, DF 6.7971487, P 0.0021756.
func WelchLog(baseline, candidate []float64) Welch {
	mb, vb, okB := logMoments(baseline)
	mc, vc, okC := logMoments(candidate)
	if !okB || !okC || vb+vc == 0 {
		return Welch{P: 1}
	}
	nb, nc := float64(len(baseline)), float64(len(candidate))
	sb, sc := vb/nb, vc/nc
	se := math.Sqrt(sb + sc)
	w := Welch{Theta: mc - mb, T: (mc - mb) / se, DF: (sb + sc) * (sb + sc) / (sb*sb/(nb-1) + sc*sc/(nc-1))}
	side := stats.Estimate{Theta: math.Abs(w.Theta), SE: se, DF: w.DF, N: len(baseline) + len(candidate)}
	w.P = math.Min(1, 2*side.P())
	return w
}

// logMoments returns the mean and variance of the logarithms of x.
func logMoments(x []float64) (mean, variance float64, ok bool) {
	if len(x) < 2 {
		return 0, 0, false
	}
	n := float64(len(x))
	for _, v := range x {
		if !(v > 0) || math.IsInf(v, 1) {
			return 0, 0, false
		}
		mean += math.Log(v) / n
	}
	for _, v := range x {
		d := math.Log(v) - mean
		variance += d * d / (n - 1)
	}
	return mean, variance, true
}

// MannWhitney is the outcome of the exact rank-sum test.
type MannWhitney struct {
	// U counts the pairs of runs in which the candidate is the larger, ties
	// half.
	U float64
	// PGreater is the one-sided p-value of "the candidate is larger", P the
	// two-sided one. Both are 1 where nothing can be tested.
	PGreater, P float64
}

// MannWhitneyExact tests the runs of two sides by their ranks, as benchstat
// does (Mann and Whitney 1947), counting each way to deal the observed ranks,
// ties as midranks, to the two sides. With 3 runs a side PGreater is never
// below 0.05, and two-sided nothing is ever found (docs/method.md 1). An empty
// side or a NaN gives p-values of 1. Work grows with the third power of the
// number of runs.
//
// 10.1, 10.4, 9.9, 10.3, 10.0 against 10.9, 11.2, 10.6, 11.5, 10.8: U 25,
// PGreater 0.0039683, P 0.0079365.
func MannWhitneyExact(baseline, candidate []float64) MannWhitney {
	nb, nc := len(baseline), len(candidate)
	all := slices.Concat(baseline, candidate)
	if nb == 0 || nc == 0 || slices.ContainsFunc(all, math.IsNaN) {
		return MannWhitney{PGreater: 1, P: 1}
	}
	ranks := doubledRanks(all)
	observed := 0
	for _, r := range ranks[nb:] {
		observed += r
	}
	ways := rankSumWays(ranks, nc)
	var total, atLeast, atMost float64
	for sum, n := range ways {
		total += n
		if sum >= observed {
			atLeast += n
		}
		if sum <= observed {
			atMost += n
		}
	}
	return MannWhitney{
		U:        float64(observed-nc*(nc+1)) / 2,
		PGreater: atLeast / total,
		P:        math.Min(1, 2*math.Min(atLeast, atMost)/total),
	}
}

// doubledRanks returns twice the midrank of each value, a whole number.
func doubledRanks(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	out := make([]int, len(x))
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && x[order[to]] == x[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			out[i] = from + 1 + to // twice the mean of ranks from+1 to to
		}
		from = to
	}
	return out
}

// rankSumWays returns, for each sum, in how many ways k of the ranks add up
// to it.
func rankSumWays(ranks []int, k int) []float64 {
	most := 0
	for _, r := range ranks {
		most += r
	}
	ways := make([][]float64, k+1)
	for i := range ways {
		ways[i] = make([]float64, most+1)
	}
	ways[0][0] = 1
	for _, r := range ranks {
		for i := k; i > 0; i-- { // downwards: each rank is dealt once
			for sum := most; sum >= r; sum-- {
				ways[i][sum] += ways[i-1][sum-r]
			}
		}
	}
	return ways[k]
}
