package gate

import (
	"math"

	"github.com/perfgate/perfgate/gate/stats"
)

// maxPairsNeeded bounds the search for the pairs that a decision needs: beyond
// it no pipeline will wait.
const maxPairsNeeded = 100

// setMDE says what the comparison could have shown of a row: the smallest
// change found with 80 % power at its last look's level over twice the rows of
// its group, by its own noise, and never below the threshold.
func (c *Comparison) setMDE(r *row) {
	level := c.levelOf(r)
	switch {
	case r.rate != nil:
		r.MDEAbs = finiteOrNil(math.Max(r.limit.worse, smallestRate(r, level)))
	case c.design.Name == DesignSingle:
		r.MDERatio = finiteOrNil(math.Max(r.limit.worse, math.Expm1(-r.est.Lower(fixedLevel)+r.est.Theta)))
	default:
		r.MDERatio = finiteOrNil(math.Max(r.limit.worse, stats.MDE(r.est.SE, r.est.DF, level)))
	}
}

// levelOf is the level at which a change of one row alone would be found.
func (c *Comparison) levelOf(r *row) float64 {
	level := fixedLevel
	if c.design.Name == DesignSingle {
		return level
	}
	if looks := len(c.design.Looks); c.design.Name == DesignPaired && looks > 0 {
		level = lookLevel(looks, looks)
	}
	return level / (2 * float64(max(*c.groupSize(r.group()), 1)))
}

// smallestRate is the smallest difference of rates that would have been
// significant at level, with errors spread over the candidate's runs. NaN when
// not even every request failing would be.
func smallestRate(r *row, level float64) float64 {
	base := r.rate.BaselineRate
	lo, hi := 0.0, 1-base
	significant := func(diff float64) bool {
		n := r.rate.CandidateRequests
		errors := int64(math.Round((base + diff) * float64(n)))
		// Two runs: the rule that errors must not lie in one run.
		half := stats.RunCount{Errors: errors / 2, Requests: n / 2}
		rest := stats.RunCount{Errors: errors - errors/2, Requests: n - n/2}
		t := r.rate.Dispersion.ErrorTest(stats.Counts{
			Baseline:  []stats.RunCount{{Errors: r.rate.BaselineErrors, Requests: r.rate.BaselineRequests}},
			Candidate: []stats.RunCount{half, rest},
		}, r.limit.worse)
		return t.P <= level
	}
	if !significant(hi) {
		return math.NaN()
	}
	for range 40 {
		mid := (lo + hi) / 2
		if significant(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// pairsNeeded is the number of pairs of a paired session with which the row
// could be decided: to show a change of its present size where that is over
// the threshold, else to rule out the margin of a pass. Nil when it is out of
// reach, or known no better than by one run.
func (c *Comparison) pairsNeeded(r *row) *int {
	if r.rate != nil || !r.tested || r.Noise == nil {
		return nil
	}
	sd := math.Sqrt2 * r.Noise.PriorRatio
	if !math.IsNaN(r.noise) {
		sd = math.Sqrt2 * r.noise
	}
	effect := math.Log1p(2 * r.limit.worse)
	if r.est.Theta > r.threshold() {
		effect = r.est.Theta
	}
	prior := stats.Prior{SD: r.Noise.PriorRatio, DF: r.Noise.PriorDF}
	n, ok := stats.PairsNeeded(effect, stats.PairNoise{SD: sd, Prior: prior}, c.levelOf(r), maxPairsNeeded)
	if !ok {
		return nil
	}
	return &n
}
