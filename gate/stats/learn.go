package stats

import "math"

const (
	// learnedFloor is the least noise that is ever learned: below it luck is
	// learned more often than quiet (docs/method.md 0.9).
	learnedFloor = 0.03
	// learnedFrom is the degrees of freedom of data from which noise is
	// learned, learnedDF what it then weighs as a prior.
	learnedFrom = 20
	learnedDF   = 8
)

// PooledNoise is what former paired sessions of one row show of the noise of a run
// (docs/method.md 3.1). The zero value: nothing.
type PooledNoise struct {
	// Variance of one run's value on the log scale, within-run error included;
	// DF its degrees of freedom.
	Variance, DF float64
	// Within is the mean squared within-run standard error of the sessions.
	Within   float64
	Sessions int // that could be used
}

// PoolNoise pools the noise of former paired sessions of one row, all of one
// environment class and load. d[j] holds the log ratios of session j, se[j] the
// within-run standard error of its runs; declared is the prior that outliers
// are told by. The variance is taken around each session's own mean, so a
// session that found a change teaches as much as one that did not. Sessions
// with values that are not finite are left out, and so are those without their
// se.
//
// Five sessions of {0.1, 0, 0.1, 0, 0.05} and se 0.01 give Variance 0.00125
// with 20 degrees of freedom.
func PoolNoise(d [][]float64, se []float64, declared Prior) PooledNoise {
	var p PooledNoise
	var ss float64
	for j := range min(len(d), len(se)) {
		if len(d[j]) == 0 || !allFinite(d[j]) || !finite(se[j]) {
			continue
		}
		z := Winsorise(d[j], declared.Plus(se[j]))
		ss += sumSquares(z, mean(z))
		p.DF += float64(len(z) - 1)
		p.Within += se[j] * se[j]
		p.Sessions++
	}
	if p.Sessions > 0 {
		p.Within /= float64(p.Sessions)
	}
	if p.DF > 0 {
		p.Variance = ss / (2 * p.DF)
	}
	return p
}

// Learn returns the run noise that former sessions teach, to be used in place
// of the declared one; ok is false below 20 degrees of freedom of data: less
// has been shown to learn luck (docs/method.md 0.9, 3.1).
//
// What the within-run error explains is taken off, since [Prior.Plus] adds it
// again. The learned prior weighs 8 degrees of freedom and is at least 3 %.
//
// The example of [PoolNoise] gives SD 0.0339116.
func (p PooledNoise) Learn() (learned Prior, ok bool) {
	if p.DF < learnedFrom {
		return Prior{}, false
	}
	return LearnedPrior(math.Sqrt(math.Max(0, p.Variance-p.Within))), true
}

// LearnedPrior is the prior of a learned standard deviation of one run: 8
// degrees of freedom, and never below 3 %. NaN is taken for the floor.
func LearnedPrior(sd float64) Prior {
	if !(sd > learnedFloor) {
		sd = learnedFloor
	}
	return Prior{SD: sd, DF: learnedDF}
}
