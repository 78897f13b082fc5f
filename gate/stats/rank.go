package stats

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// rankSlack keeps a product like 0.07·100 = 7.000000000000001 from reaching
// the next rank.
const rankSlack = 1e-9

// Rank returns the nearest rank of the p quantile of n values, ceil(p·n),
// counted from 1 and clamped to 1..n (docs/method.md 2.2). It is 0, which is no
// rank, for n < 1 or a p that is NaN.
//
// Rank(100, 0.07) is 7.
func Rank(n int64, p float64) int64 {
	if n < 1 || math.IsNaN(p) {
		return 0
	}
	k := math.Ceil(p*float64(n) - rankSlack)
	return int64(math.Min(math.Max(k, 1), float64(n)))
}

// OrderRanks returns the ranks of the order statistics between which the true
// p quantile lies in about 68 % of samples of n independent values: the 0.16
// quantile of the binomial (n, p), and the 0.84 one plus 1, clamped to 1..n
// (docs/method.md 0.2). They are 0, 0 for n < 1 or a p outside (0, 1).
//
// OrderRanks(2000, 0.95) is 1890, 1911.
func OrderRanks(n int64, p float64) (lo, hi int64) {
	const tail = 0.16
	return orderRanks(n, p, tail)
}

// orderRanks is OrderRanks with any probability left out on each side.
func orderRanks(n int64, p, tail float64) (lo, hi int64) {
	if n < 1 || !(p > 0 && p < 1) {
		return 0, 0
	}
	clamp := func(k int64) int64 { return min(max(k, 1), n) }
	return clamp(binomialQuantile(n, p, tail)), clamp(binomialQuantile(n, p, 1-tail) + 1)
}

// binomialQuantile returns the smallest k with P(K ≤ k) ≥ q.
func binomialQuantile(n int64, p, q float64) int64 {
	b := distuv.Binomial{N: float64(n), P: p}
	return int64(sort.Search(int(n), func(k int) bool { return b.CDF(float64(k)) >= q }))
}

// RankSE returns the within-run standard error of the logarithm of the p
// quantile of n values: half the log width between the two [OrderRanks]
// (docs/method.md 0.2). at gives the value of a rank in 1..n, in any unit.
// Requests are taken as independent, which makes it too small; it only ever
// widens a prior. It is +Inf, noise of unknown size, where the ranks or the
// values at them are unusable.
//
// For 2000 log-normal values with sigma 0.25 and p 0.95 it is 0.0127614.
func RankSE(n int64, p float64, at func(rank int64) float64) float64 {
	lo, hi := OrderRanks(n, p)
	if lo == 0 {
		return math.Inf(1)
	}
	return usableSE((math.Log(at(hi)) - math.Log(at(lo))) / 2)
}

// Percentile is one given quantile of a run: P in (0, 1), Value in any unit.
type Percentile struct{ P, Value float64 }

// PercentileSE is [RankSE] for a run of which only percentiles are known: the
// slope of log value over P between a and b, two given percentiles around p,
// times the sampling error of p, sqrt(p(1-p)/n) (docs/method.md 0.2). It is
// +Inf where n < 1, a.P is not below b.P, p is outside (0, 1), or a value is
// not positive.
//
// For n 2000, p 0.95 between {0.9, 10} and {0.99, 14} it is 0.0182196.
func PercentileSE(n int64, p float64, a, b Percentile) float64 {
	if n < 1 || !(a.P < b.P) || !(p > 0 && p < 1) {
		return math.Inf(1)
	}
	slope := (math.Log(b.Value) - math.Log(a.Value)) / (b.P - a.P)
	return usableSE(math.Sqrt(p*(1-p)/float64(n)) * slope)
}

// usableSE turns what is no standard error into an infinite one.
func usableSE(se float64) float64 {
	if !(se >= 0) {
		return math.Inf(1)
	}
	return se
}
