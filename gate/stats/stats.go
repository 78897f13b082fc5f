// Package stats holds the tests and intervals behind a verdict: estimates of a
// mean log change with their uncertainty, error-rate comparisons, corrections
// for many rows, and what a comparison of a given size can see.
//
// # Conventions
//
// Latencies and throughput enter as logarithms, one number per run, pair or
// job; requests are never test units. A positive change is worse: throughput
// enters as -log. Probabilities are one-sided. A level is the probability of
// the tail that is left out: the lower bound at level 0.01 is undercut by the
// truth in 1 % of samples.
//
// # Bad input
//
// Nothing here panics or answers NaN to a question about evidence. Input that
// cannot be tested (no values, NaN, infinite, a prior without weight) yields an
// [Estimate] or a [RateTest] that neither rejects nor passes: its p-values are
// 1 and its bounds infinite.
//
// The formulas are those of docs/method.md, cited by section.
package stats

import "math"

// Prior is the noise that is assumed before data are seen, the one thing that
// makes three pairs enough to test with (docs/method.md 0.2, 3.1).
//
// SD is the standard deviation of one run (for jobs: of one job) on the log
// scale, so 0.05 is about 5 %. DF is its weight in degrees of freedom: with 4
// it counts as much as five observed pairs. Both must be positive for a single
// value to be testable; the zero Prior assumes nothing.
type Prior struct{ SD, DF float64 }

// Plus returns the prior widened by se, the within-run standard error of the
// value on the log scale (0: none): SD becomes sqrt(SD²+se²), DF stays
// (docs/method.md 0.2). A run that holds few requests is noisier than the
// declared noise between runs.
//
// Prior{SD: 0.05, DF: 4}.Plus(0.03) has SD 0.0583095.
func (p Prior) Plus(se float64) Prior {
	return Prior{SD: math.Hypot(p.SD, se), DF: p.DF}
}

// valid reports whether the prior can enter a formula. An infinite SD may: it
// is noise of unknown size, with which nothing is ever decided.
func (p Prior) valid() bool {
	return p.SD >= 0 && p.DF >= 0 && !math.IsInf(p.DF, 1)
}

// Estimate is a mean log change with its uncertainty. Positive is worse.
//
// The zero Estimate stands for "could not be tested": N is 0, P and PLess are
// 1 and the bounds infinite.
type Estimate struct {
	// Theta is the change on the log scale; exp(Theta)-1 is the relative one.
	Theta float64
	// SE is the standard error of Theta, DF the degrees of freedom of SE.
	// DF is +Inf where the noise counts as known (normal distribution).
	SE, DF float64
	// N counts the values the estimate rests on: pairs, jobs of the history,
	// or the runs of both sides.
	N int
	// S2Raw is the observed variance of one value (0 for a single one), S2
	// the one that was used, never below S2Raw.
	S2Raw, S2 float64
}

// testable reports whether the estimate carries evidence. A standard error of
// zero, or of the size of a rounding error, does not: it means that no noise
// was ever seen or assumed.
func (e Estimate) testable() bool {
	const rounding = 1e-12
	return e.N > 0 && e.SE > rounding*math.Abs(e.Theta) && e.DF > 0 && finite(e.Theta)
}

// P returns the one-sided p-value of "worse": the probability of a t at least
// as large as Theta/SE if there were no change. It is computed from the upper
// tail and keeps its relative precision down to the smallest float. It is 1
// where nothing can be tested.
//
// Theta 0.3, SE 0.0707107, DF 4 give 0.0066178.
func (e Estimate) P() float64 {
	if !e.testable() {
		return 1
	}
	return upperTail(e.Theta/e.SE, e.DF)
}

// PLess returns the one-sided p-value of "better", the other side of P. It is
// 1 where nothing can be tested.
//
// Theta -0.3, SE 0.0707107, DF 4 give 0.0066178.
func (e Estimate) PLess() float64 {
	if !e.testable() {
		return 1
	}
	return upperTail(-e.Theta/e.SE, e.DF)
}

// Lower returns the one-sided lower confidence bound of the log change,
// Theta - t(1-level, DF)·SE. It is -Inf where nothing can be tested or level
// is not in (0, 1).
//
// Theta 0.3, SE 0.0707107, DF 4 at level 0.01 give 0.0350507.
func (e Estimate) Lower(level float64) float64 {
	if !e.testable() || !(level > 0 && level < 1) {
		return math.Inf(-1)
	}
	return e.Theta - upperQuantile(level, e.DF)*e.SE
}

// Upper returns the one-sided upper confidence bound of the log change,
// Theta + t(1-level, DF)·SE. It is +Inf where nothing can be tested or level
// is not in (0, 1).
//
// Theta 0.3, SE 0.0707107, DF 4 at level 0.05 give 0.4507444.
func (e Estimate) Upper(level float64) float64 {
	if !e.testable() || !(level > 0 && level < 1) {
		return math.Inf(1)
	}
	return e.Theta + upperQuantile(level, e.DF)*e.SE
}
