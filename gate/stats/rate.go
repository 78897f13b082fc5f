package stats

import "math"

const (
	// singlePhi is the overdispersion assumed where it cannot be measured
	// (docs/method.md 4.1: requests of one run fail together).
	singlePhi = 5
	// minErrors is the least count of candidate errors that can be evidence.
	minErrors = 5
	// RateMargin times the threshold is what a pass rules out.
	RateMargin = 5
	// ruleOfThree over n bounds the rate of what was not seen in n requests at
	// 95 %.
	ruleOfThree = 3
)

// RunCount is what one run counted for one endpoint: Errors failed (or were not
// delivered) of Requests. 0 ≤ Errors ≤ Requests; a run without requests says
// nothing and is left out.
type RunCount struct{ Errors, Requests int64 }

// Counts holds the runs of one endpoint, or of several pooled, a side. Run i of
// a side is the same run in all endpoints.
type Counts struct{ Baseline, Candidate []RunCount }

// Pool returns the counts of the whole scenario: run by run the sum over the
// endpoints. An endpoint with fewer runs adds nothing to the later ones.
func Pool(endpoints []Counts) Counts {
	var all Counts
	for _, c := range endpoints {
		all.Baseline = addRuns(all.Baseline, c.Baseline)
		all.Candidate = addRuns(all.Candidate, c.Candidate)
	}
	return all
}

// addRuns adds runs to sum, run by run.
func addRuns(sum, runs []RunCount) []RunCount {
	for i, r := range runs {
		if i == len(sum) {
			sum = append(sum, RunCount{})
		}
		sum[i].Errors += r.Errors
		sum[i].Requests += r.Requests
	}
	return sum
}

// Dispersion tells by how much error counts vary more between runs than
// independent requests would: Phi ≥ 1 is the factor on the variance, DF its
// degrees of freedom; +Inf where Phi is assumed. The zero Dispersion is
// unknown and decides nothing.
type Dispersion struct{ Phi, DF float64 }

// Dispersed measures the dispersion over all endpoints of a scenario
// (docs/method.md 0.8): Pearson's chi² of the runs' counts around the rate of
// their endpoint and side, divided by its degrees of freedom, runs-1 summed
// over endpoints and sides, and at least 1. Where a side has one run nothing
// can be measured: Phi is 5 and the quantiles are normal. It is the zero
// Dispersion, which decides nothing, for counts that cannot be.
//
// Of 6000 requests a run, errors 3, 5, 2, 9, 4 and 12, 30, 9, 22, 15 give Phi
// 2.8256144 with 8 DF.
func Dispersed(endpoints []Counts) Dispersion {
	var chi2 float64
	var df int
	var most [2]int // runs of a side
	for _, c := range endpoints {
		for side, runs := range [2][]RunCount{c.Baseline, c.Candidate} {
			s, ok := sum(runs)
			if !ok {
				return Dispersion{}
			}
			chi2 += pearson(runs, s)
			df += max(s.runs-1, 0)
			most[side] = max(most[side], s.runs)
		}
	}
	if min(most[0], most[1]) < 2 {
		return Dispersion{Phi: singlePhi, DF: math.Inf(1)}
	}
	return Dispersion{Phi: math.Max(1, chi2/float64(df)), DF: float64(df)}
}

// pearson returns the chi² of runs around their common rate, 0 where all or
// none failed.
func pearson(runs []RunCount, s totals) float64 {
	if s.errors == 0 || s.errors == s.requests {
		return 0
	}
	p, chi2 := s.rate(), 0.0
	for _, r := range runs {
		if r.Requests == 0 {
			continue
		}
		n := float64(r.Requests)
		d := float64(r.Errors) - n*p
		chi2 += d * d / (n * p * (1 - p))
	}
	return chi2
}

// totals sums the runs of a side.
type totals struct {
	errors, requests int64
	runs, failing    int // runs with requests, with errors
}

// sum adds up the runs that had requests; ok is false for counts that cannot
// be (negative, or more errors than requests).
func sum(runs []RunCount) (s totals, ok bool) {
	for _, r := range runs {
		if r.Errors < 0 || r.Errors > r.Requests {
			return totals{}, false
		}
		s.errors += r.Errors
		s.requests += r.Requests
		if r.Requests > 0 {
			s.runs++
		}
		if r.Errors > 0 {
			s.failing++
		}
	}
	return s, true
}

// rate returns the error rate of a side that has requests.
func (s totals) rate() float64 { return float64(s.errors) / float64(s.requests) }

// RateTest compares the error rates of two sides; [Dispersion.ErrorTest] makes
// it.
type RateTest struct {
	// BaselineErrors and the like are the counts the rates were made of.
	BaselineErrors, BaselineRequests   int64
	CandidateErrors, CandidateRequests int64
	// BaselineRate and CandidateRate are ratios in [0, 1], Diff is candidate
	// minus baseline, positive = worse. All are 0 where Testable is false.
	BaselineRate, CandidateRate, Diff float64
	// P is the one-sided p-value of "the difference exceeds the threshold".
	P float64
	// Testable tells whether both sides have requests, possible counts and a
	// known dispersion. Otherwise P is 1 and the bounds are -1 and 1.
	Testable bool
	// Dispersion is what the bounds are computed with.
	Dispersion Dispersion
}

// ErrorTest tests whether the candidate's error rate exceeds the baseline's by
// more than threshold, an absolute difference (0.001: 0.1 percentage points;
// docs/method.md 0.8). c holds one endpoint's runs or the scenario's ([Pool]);
// d is the dispersion of all endpoints in both cases.
//
// P is the level at which the lower Newcombe bound, with effective counts
// errors/Phi and requests/Phi and a t quantile with DF degrees of freedom,
// equals the threshold. P is 1 when the difference is not above the threshold,
// there are fewer than 5 candidate errors, or all of them lie in one run
// (unless a side has one run only, which an infinite DF says).
//
// For the counts at [Dispersed] and threshold 0.001: rates 0.0007667 and
// 0.0029333, P 0.0395757.
func (d Dispersion) ErrorTest(c Counts, threshold float64) RateTest {
	b, okB := sum(c.Baseline)
	k, okC := sum(c.Candidate)
	r := RateTest{P: 1, Dispersion: d}
	if !okB || !okC || b.requests == 0 || k.requests == 0 || !(d.Phi >= 1) || !(d.DF > 0) {
		return r
	}
	r.Testable = true
	r.BaselineErrors, r.BaselineRequests, r.BaselineRate = b.errors, b.requests, b.rate()
	r.CandidateErrors, r.CandidateRequests, r.CandidateRate = k.errors, k.requests, k.rate()
	r.Diff = r.CandidateRate - r.BaselineRate
	oneIsEnough := math.IsInf(d.DF, 1)
	if r.Diff > threshold && k.errors >= minErrors && (k.failing > 1 || oneIsEnough) {
		r.P = r.levelAt(threshold)
	}
	return r
}

// levelAt returns the level at which the lower bound is threshold, which the
// difference exceeds. The bound falls from the difference towards -1 as the
// quantile grows, so the quantile is bracketed and searched; working on the
// quantile and not on the level keeps small levels precise.
func (r RateTest) levelAt(threshold float64) float64 {
	excess := func(q float64) float64 {
		_, bound, _ := r.bounds(q)
		return bound - threshold
	}
	const most = 1 << 40 // beyond any quantile that leaves a level above 0
	lo, hi := 0.0, 1.0
	for excess(hi) > 0 && hi < most {
		lo, hi = hi, 2*hi
	}
	return upperTail(root(excess, lo, hi), r.Dispersion.DF)
}

// bounds returns the difference and its Newcombe bounds at quantile q.
func (r RateTest) bounds(q float64) (diff, lo, hi float64) {
	phi := r.Dispersion.Phi
	return Newcombe(
		float64(r.BaselineErrors)/phi, float64(r.BaselineRequests)/phi,
		float64(r.CandidateErrors)/phi, float64(r.CandidateRequests)/phi, q)
}

// Lower returns the one-sided lower bound of the difference of the rates at
// level, in [-1, 1]; -1 where nothing can be tested or level is not in
// (0, 0.5].
//
// For the counts at [Dispersed] at level 0.01 it is 0.0004380.
func (r RateTest) Lower(level float64) float64 {
	if !r.Testable || !(level > 0 && level <= 0.5) {
		return -1
	}
	_, lo, _ := r.bounds(upperQuantile(level, r.Dispersion.DF))
	return lo
}

// Upper returns the one-sided upper bound of the difference of the rates at
// level, in [-1, 1]; 1 where nothing can be tested or level is not in
// (0, 0.5].
//
// For the counts at [Dispersed] at level 0.01 it is 0.0041859.
func (r RateTest) Upper(level float64) float64 {
	if !r.Testable || !(level > 0 && level <= 0.5) {
		return 1
	}
	_, _, hi := r.bounds(upperQuantile(level, r.Dispersion.DF))
	return hi
}

// Passes reports whether a difference of more than 5 times the threshold is
// ruled out (docs/method.md 0.8): the upper bound at level lies below it, or
// the candidate had no error in at least 3/(5·threshold) requests. It is false
// where nothing can be tested, and always for a threshold that is not positive.
func (r RateTest) Passes(level, threshold float64) bool {
	if !r.Testable || !(threshold > 0) {
		return false
	}
	margin := RateMargin * threshold
	enough := float64(r.CandidateRequests)*margin >= ruleOfThree
	return r.Upper(level) < margin || r.CandidateErrors == 0 && enough
}
