package gate

import (
	"math"
	"time"

	"github.com/perfgate/perfgate/gate/stats"
)

// overall is the noise of the overall p95 in pairs of runs of a length.
func (l LearnedNoise) overall(length time.Duration) stats.PairNoise {
	if !(l.Overall > 0) {
		return declaredPairNoise(declaredNoise)
	}
	return learnedPairNoise(l.Overall, l.OverallObserved, withinAt(l.OverallWithinSE, l.RunLength, length), l.OverallWithinSE)
}

// declaredPairNoise is the noise of pairs of which only that of a run is
// declared.
func declaredPairNoise(run float64) stats.PairNoise {
	return stats.PairNoise{SD: math.Sqrt2 * run, Prior: stats.Prior{SD: run, DF: declaredDF}}
}

// learnedPairNoise is the noise of pairs by what was learned of a run: the noise
// between runs as the prior has it, what was observed of it together with the
// within-run error then, and the within-run error to expect now.
func learnedPairNoise(between, observed, within, withinThen float64) stats.PairNoise {
	own := math.Max(0, observed*observed-withinThen*withinThen)
	return stats.PairNoise{SD: math.Sqrt(2 * (own + within*within)), Prior: stats.LearnedPrior(math.Min(between, maxNoise)).Plus(within)}
}

// withinAt is the within-run standard error of runs of another length: it
// shrinks with the root of the requests.
func withinAt(se float64, then, now time.Duration) float64 {
	if then <= 0 || now <= 0 {
		return se
	}
	return se * math.Sqrt(then.Seconds()/now.Seconds())
}
