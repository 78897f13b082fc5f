package stats

import "math"

// spread is the standard deviation that the estimate of n pairs really has,
// whatever the prior makes of its standard error.
func (noise PairNoise) spread(n int) float64 {
	return math.Sqrt(noise.SD*noise.SD/float64(n) + 2*noise.Process*noise.Process)
}

// Found returns the probability with which n pairs call a log change of effect
// larger than none at the one-sided level alpha and estimate it above threshold,
// a log change too (docs/method.md 7). It takes the smaller of both
// probabilities, which almost always is that of both. It is 0 where nothing can
// be found.
//
// For effect log(1.1), threshold log(1.05), SD 0.05, Prior{0.05/√2, 4}, n 5,
// alpha 0.01 it is 0.881288; the estimate alone is above the threshold in
// 0.981257.
func (noise PairNoise) Found(effect, threshold float64, n int, alpha float64) float64 {
	if n < 1 {
		return 0
	}
	return math.Min(Power(effect, noise, n, alpha), noise.over(effect-threshold, n))
}

// over is the probability that an estimate of n pairs lies above what is by
// distance below the truth.
func (noise PairNoise) over(distance float64, n int) float64 {
	spread := noise.spread(n)
	switch {
	case math.IsNaN(distance) || math.IsNaN(spread):
		return 0
	case spread == 0 && distance > 0:
		return 1
	case spread == 0:
		return 0
	}
	return upperTail(-distance/spread, math.Inf(1))
}

// RuledOut returns the probability with which n pairs of unchanged code rule a
// log change of margin out at the one-sided level alpha, so that a row passes
// (docs/method.md 0.4). It is 0 where nothing can be ruled out.
//
// For margin log(1.1), SD 0.05, Prior{0.05/√2, 4}, n 8, alpha 0.0125 it is
// 0.997433.
func (noise PairNoise) RuledOut(margin float64, n int, alpha float64) float64 {
	if n < 1 || !noise.Prior.valid() {
		return 0
	}
	se, df := noise.test(n)
	if !(se > 0) || !(df > 0) {
		return 0
	}
	return noise.over(margin-upperQuantile(alpha, df)*se, n)
}
