package stats

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// targetPower is the chance of being found at which a change counts as one
// that a comparison can see.
const targetPower = 0.8

// PairNoise is the noise a paired session is planned with.
type PairNoise struct {
	// SD is the standard deviation of one pair's log ratio: for run noise s
	// and correlation r inside a pair s·sqrt(2(1-r)), for a past session
	// sqrt(Estimate.S2Raw).
	SD float64
	// Prior is what the test will be given; the zero Prior plans a plain
	// paired t-test.
	Prior Prior
	// Process is WMT's processNoise; 0: targets are restarted for each run.
	Process float64
}

// test returns the standard error and degrees of freedom that [WMT] is
// expected to arrive at with n pairs.
func (noise PairNoise) test(n int) (se, df float64) {
	s2 := noise.SD * noise.SD
	pairs := float64(n)
	_, used := moderate((pairs-1)*s2, pairs-1, 2*noise.Prior.SD*noise.Prior.SD, noise.Prior.DF)
	if n == 1 {
		// One pair shows no variance, but is drawn with it all the same.
		used = math.Max(used, s2)
	}
	return math.Sqrt(used/pairs + 2*noise.Process*noise.Process), pairs - 1 + noise.Prior.DF
}

// MDE returns the smallest relative change that n pairs find with 80 % power at
// the one-sided level alpha, as the function of this name does of a standard
// error. It is +Inf where nothing can be found, n < 1 among it.
//
// For SD 0.05, Prior{0.05/√2, 4}, n 5, alpha 0.01 it is +8.96 %.
func (noise PairNoise) MDE(n int, alpha float64) float64 {
	if n < 1 || !noise.Prior.valid() {
		return math.Inf(1)
	}
	se, df := noise.test(n)
	return MDE(se, df, alpha)
}

// Power returns the probability with which n pairs reject "no change" at the
// one-sided level alpha when the log change is effect (docs/method.md 7): that
// of a noncentral t beyond its critical value. That the estimate must exceed
// the threshold too is not part of it: a change of exactly the threshold does
// so in half of the sessions at most. With a prior wider than the noise the true
// power is farther from one half than this. It is 0 where nothing can be rejected: n < 1, no
// noise at all, no degrees of freedom, alpha outside (0, 1), NaN.
//
// For effect log(1.1), SD 0.05, Prior{0.05/√2, 4}, n 5, alpha 0.01: 0.881288.
func Power(effect float64, noise PairNoise, n int, alpha float64) float64 {
	if n < 1 || !noise.Prior.valid() {
		return 0
	}
	se, df := noise.test(n)
	if !(se > 0) || !finite(effect) {
		return 0
	}
	return power(effect/se, df, alpha)
}

// power returns P(T > t(1-alpha, df)) for a noncentral t with shift ncp.
func power(ncp, df, alpha float64) float64 {
	if !(df > 0) || !(alpha > 0 && alpha < 1) {
		return 0
	}
	return beyond(upperQuantile(alpha, df), ncp, df)
}

// beyond returns P(T > critical) for a noncentral t with shift ncp.
func beyond(critical, ncp, df float64) float64 {
	if math.IsInf(df, 1) {
		return upperTail(critical-ncp, df)
	}
	return 1 - distuv.NoncentralT{Nu: df, Mu: ncp}.CDF(critical)
}

// MDE returns the smallest relative change (0.1: +10 %) that a test with
// standard error se and df degrees of freedom of a log change finds in 80 % of
// cases at the one-sided level alpha (docs/method.md 7). df = +Inf is the
// normal test. It is +Inf where nothing can be found: se not positive or NaN,
// no degrees of freedom, alpha outside (0, 1).
//
// For se 0.05/√5, df 8, alpha 0.01 it is +8.96 %.
func MDE(se, df, alpha float64) float64 {
	if !(se > 0) || !(df > 0) || !(alpha > 0 && alpha < 1) {
		return math.Inf(1)
	}
	critical := upperQuantile(alpha, df) // dearer than a step of the search
	lacks := func(shift float64) float64 { return targetPower - beyond(critical, shift, df) }
	// A few degrees of freedom and a level split over many rows need shifts
	// beyond the usual 20.
	const most = 1 << 12
	lo, hi := 0.0, 20.0
	for lacks(hi) > 0 {
		if lo, hi = hi, 2*hi; hi > most {
			return math.Inf(1)
		}
	}
	return math.Expm1(root(lacks, lo, hi) * se)
}

// root returns where a falling f crosses zero between lo and hi: false position
// with the Illinois step, which halves the value at an end that stays twice.
func root(f func(float64) float64, lo, hi float64) float64 {
	const enough = 1e-14
	atLo, atHi, last, moved := f(lo), f(hi), hi, 0
	for range 100 {
		x := hi - atHi*(hi-lo)/(atHi-atLo)
		if !(x > lo && x < hi) || math.Abs(x-last) <= enough*x {
			break
		}
		last = x
		if y := f(x); y > 0 {
			if moved < 0 {
				atHi /= 2
			}
			lo, atLo, moved = x, y, -1
		} else {
			if moved > 0 {
				atLo /= 2
			}
			hi, atHi, moved = x, y, 1
		}
	}
	return last
}

// PairsNeeded returns the least number of pairs, at most limit, with which a
// log change of effect is found with 80 % power at the one-sided level alpha.
// ok is false when limit pairs do not suffice.
//
// For effect log(1.1), SD 0.05, Prior{0.05/√2, 4}, alpha 0.01 it is 5.
func PairsNeeded(effect float64, noise PairNoise, alpha float64, limit int) (n int, ok bool) {
	found := func(n int) bool { return Power(effect, noise, n, alpha) >= targetPower }
	// More pairs never find less: the standard error falls with n, and so does
	// the quantile.
	n = 1 + sort.Search(limit, func(i int) bool { return found(i + 1) })
	if n <= limit {
		return n, true
	}
	return 0, false
}
