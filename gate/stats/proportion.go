package stats

import "math"

// Wilson returns the score interval of a rate of x in n at the two-sided
// normal or t quantile q ≥ 0 (Wilson 1927; docs/method.md 4.1):
//
//	[p + q²/2n ∓ q·sqrt(p(1-p)/n + q²/4n²)] / (1 + q²/n), p = x/n
//
// x and n are counts, or effective counts and then not whole. It is [0, 1],
// everything, for n that is not positive, x outside [0, n], or q that is
// negative or NaN.
//
// 3 of 6000 at q 1.959963985 give [0.00017006, 0.00146913].
func Wilson(x, n, q float64) (lo, hi float64) {
	if !(n > 0) || !(x >= 0 && x <= n) || !(q >= 0) || math.IsInf(q, 1) || math.IsInf(n, 1) {
		return 0, 1
	}
	p, q2 := x/n, q*q
	center := p + q2/(2*n)
	reach := q * math.Sqrt(p*(1-p)/n+q2/(4*n*n))
	lo, hi = (center-reach)/(1+q2/n), (center+reach)/(1+q2/n)
	// At the ends the formula is exact on paper and off by a rounding here.
	if x == 0 {
		lo = 0
	}
	if x == n {
		hi = 1
	}
	return math.Max(lo, 0), math.Min(hi, 1)
}

// Newcombe returns the difference x2/n2 - x1/n1 of two rates and its hybrid
// score interval at the quantile q ≥ 0 (Newcombe 1998, method 10;
// docs/method.md 4.1), made of each side's [Wilson] limits. Unlike the
// textbook interval it stays sensible when a side has no errors. Assumed are
// independent sides. Without a usable count on a side it is 0 and [-1, 1].
//
// 30 and 60 of 30000 each, q 2.326347874: 0.001 in [0.00026403, 0.00177679].
func Newcombe(x1, n1, x2, n2, q float64) (diff, lo, hi float64) {
	usable := func(x, n float64) bool { return n > 0 && !math.IsInf(n, 1) && x >= 0 && x <= n }
	if !usable(x1, n1) || !usable(x2, n2) || !(q >= 0) {
		return 0, -1, 1
	}
	p1, p2 := x1/n1, x2/n2
	l1, u1 := Wilson(x1, n1, q)
	l2, u2 := Wilson(x2, n2, q)
	diff = p2 - p1
	lo = diff - math.Hypot(p2-l2, u1-p1)
	hi = diff + math.Hypot(u2-p2, p1-l1)
	return diff, math.Max(lo, -1), math.Min(hi, 1)
}
