package stats

import (
	"math"
	"slices"
)

const (
	// winsorWidth is how many scales from the median a value may lie before it
	// is pulled in (docs/method.md 10).
	winsorWidth = 2.5
	// madScale turns a median absolute deviation into a standard deviation for
	// normal data.
	madScale = 1.4826
	// minWinsor is the least count of values with which an outlier can be told
	// from the rest.
	minWinsor = 3
)

// Winsorise returns a copy of d, paired log ratios in the order of their pairs,
// in which values farther than 2.5 scales from the median are moved to that
// distance. The scale is the larger of the observed one (1.4826 times the
// median absolute deviation) and of what the prior expects of a difference of
// two runs, sqrt(2)·SD: quiet data must not make a harmless pair an outlier.
// Fewer than three values are returned as they are; a NaN makes all of more NaN
// (docs/method.md 3.1).
//
// About one run in thirty on shared machines is disturbed by something that is
// not the change under test; without this step a single one hides +10 %.
//
// With SD 0.05, 0.41 among 0.004, -0.011, 0.002, 0.009 becomes 0.1807767.
func Winsorise(d []float64, prior Prior) []float64 {
	return winsorise(d, math.Sqrt2*prior.SD)
}

// winsorise pulls values to within winsorWidth of max(observed scale, scale).
func winsorise(d []float64, scale float64) []float64 {
	out := slices.Clone(d)
	if len(d) < minWinsor {
		return out
	}
	med := Median(d)
	dev := make([]float64, len(d))
	for i, v := range d {
		dev[i] = math.Abs(v - med)
	}
	reach := winsorWidth * math.Max(madScale*Median(dev), scale)
	for i, v := range d {
		out[i] = math.Min(math.Max(v, med-reach), med+reach)
	}
	return out
}

// WMT is the winsorised moderated paired t-test, the test of a paired session
// (docs/method.md 3.1, 0.4). d holds one log ratio candidate/baseline per pair,
// in any order; prior is a run's noise, already widened by the within-run
// standard error ([Prior.Plus]). processNoise is the SD between process starts
// that the pairs cannot show because the targets were not restarted (0: they
// were); it adds 2·processNoise² to SE² and does not shrink with more pairs.
//
// The variance of a pair is a mean of the prior one, 2·SD² with weight DF, and
// the observed one with weight n-1, but never less than observed: the prior
// may make a quiet sample careful, not a noisy one bold. Assumed are pairs
// that do not depend on each other.
//
// It is the zero Estimate for an empty d, one with a value that is not finite,
// or noise that is negative or NaN.
//
// For d = {0.101, 0.083, 0.11} and Prior{0.05, 4}: Theta 0.098, SE 0.0336469,
// DF 6, P 0.0134445.
func WMT(d []float64, prior Prior, processNoise float64) Estimate {
	n := float64(len(d))
	if len(d) == 0 || !allFinite(d) || !prior.valid() || !(processNoise >= 0) {
		return Estimate{}
	}
	z := Winsorise(d, prior)
	e := Estimate{Theta: mean(z), N: len(d), DF: n - 1 + prior.DF}
	if e.DF <= 0 {
		return Estimate{}
	}
	e.S2Raw, e.S2 = moderate(sumSquares(z, e.Theta), n-1, 2*prior.SD*prior.SD, prior.DF)
	e.SE = math.Sqrt(e.S2/n + 2*processNoise*processNoise)
	return e
}

// Predictive tests a candidate job against the jobs of a history
// (docs/method.md 0.5, 3.2). history holds one log value per job (the median
// over its runs), in any order, candidate the same of the job under test; prior
// is the noise between jobs. The candidate is one draw of a job, so more runs
// inside it do not shrink SE. History values are winsorised with the larger of
// the observed scale and SD; the candidate is not.
//
// Theta is candidate minus the mean of the history, N the number of jobs in
// the history. Assumed are jobs without trend. It is the zero Estimate for an
// empty history, values that are not finite or a prior that is not valid.
//
// For 45, 47, 43, 47, 46, 44, 49, 46, 52, 47 ms, then 54 ms, and
// Prior{0.05, 4}: Theta 0.1486999, SE 0.0564392, DF 13, P 0.0103015.
func Predictive(history []float64, candidate float64, prior Prior) Estimate {
	k := float64(len(history))
	if len(history) == 0 || !allFinite(history) || !finite(candidate) || !prior.valid() {
		return Estimate{}
	}
	z := winsorise(history, prior.SD)
	mu := mean(z)
	e := Estimate{Theta: candidate - mu, N: len(history), DF: k - 1 + prior.DF}
	if e.DF <= 0 {
		return Estimate{}
	}
	e.S2Raw, e.S2 = moderate(sumSquares(z, mu), k-1, prior.SD*prior.SD, prior.DF)
	e.SE = math.Sqrt(e.S2 * (1 + 1/k))
	return e
}

// Blocks compares several runs a side that were measured apart from each other
// (docs/method.md 0.6). baseline and candidate hold one log value per run, in
// any order; prior is a run's noise; jobNoise is the SD between two sessions
// and counts as known: the runs of one session share it, so their number does
// not shrink it. Values are not winsorised.
//
// N counts the runs of both sides. Assumed is the same noise on both sides. It
// is the zero Estimate when a side is empty, a value is not finite or noise is
// negative or NaN.
//
// For 41.2, 42.0 ms against 44.1, 43.5 ms, Prior{0.05, 4} and jobNoise 0.04:
// Theta 0.0515564, SE 0.0700937, DF 6, P 0.2448778.
func Blocks(baseline, candidate []float64, prior Prior, jobNoise float64) Estimate {
	nb, nc := float64(len(baseline)), float64(len(candidate))
	if nb == 0 || nc == 0 || !allFinite(baseline) || !allFinite(candidate) ||
		!prior.valid() || !(jobNoise >= 0) {
		return Estimate{}
	}
	mb, mc := mean(baseline), mean(candidate)
	e := Estimate{Theta: mc - mb, N: len(baseline) + len(candidate), DF: nb + nc - 2 + prior.DF}
	if e.DF <= 0 {
		return Estimate{}
	}
	ss := sumSquares(baseline, mb) + sumSquares(candidate, mc)
	e.S2Raw, e.S2 = moderate(ss, nb+nc-2, prior.SD*prior.SD, prior.DF)
	e.SE = math.Sqrt(e.S2*(1/nb+1/nc) + 2*jobNoise*jobNoise)
	return e
}

// Single compares one log value a side (docs/method.md 0.7): noise is the
// declared SD of one run, sessions included, withinSE its within-run standard
// error, which is known to come out too small and is counted 1.5-fold. Nothing
// is estimated from the data, so DF is +Inf and the answer as good as the
// declaration. N is 2. It is the zero Estimate when a value is not finite or
// noise is negative or NaN.
//
// For 41.2 against 55.0 ms, noise 0.0640312 and withinSE 0.02: Theta
// 0.2888949, SE 0.1, P 0.0019326.
func Single(baseline, candidate, noise, withinSE float64) Estimate {
	if !finite(baseline) || !finite(candidate) || !(noise >= 0) || !(withinSE >= 0) {
		return Estimate{}
	}
	const understated = 1.5
	s := math.Hypot(noise, understated*withinSE)
	return Estimate{
		Theta: candidate - baseline, SE: math.Sqrt2 * s, DF: math.Inf(1),
		N: 2, S2: s * s,
	}
}

// moderate returns the observed variance ss/df (0 without degrees of freedom)
// and the one to use: the mean of it and the prior's, weighted by degrees of
// freedom, but never less than observed. This is Smyth's moderated variance,
// inflating only (docs/method.md 3.1).
func moderate(ss, df, priorVar, priorDF float64) (raw, used float64) {
	if df > 0 {
		raw = ss / df
	}
	if priorDF == 0 {
		return raw, raw
	}
	return raw, math.Max((priorDF*priorVar+ss)/(priorDF+df), raw)
}
