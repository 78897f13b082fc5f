package gate

import (
	"math"
	"time"

	"github.com/perfgate/perfgate/gate/stats"
)

// An Outlook says what paired sessions of a scenario could see, from what is
// known of its noise (docs/method.md 7). Its chances are those of the last look
// alone and of each row by itself: that a session may end earlier, and what the
// other endpoints of a session show of the noise, adds to them.
type Outlook struct {
	Noise     Noise    // zero sessions: the declared noise
	Endpoints []string // of the scenario
	Policy    Policy
	// Duration is the measured time of a run; 0: as long as those that the
	// noise was learned from.
	Duration time.Duration
	// NotRestarted: the targets stay up between the runs.
	NotRestarted bool
}

// Whole is what the methods of an Outlook take in place of an endpoint when all
// endpoints change alike.
const Whole = ""

// foundPower is the chance from which on a change counts as one that is seen.
const foundPower = 0.8

// Found returns the probability with which the last look of n pairs calls a
// slowdown by the ratio effect (0.1: +10 %) of one endpoint, or of the Whole, a
// regression: by p50 or p95, whichever is found more often, of the endpoint's
// own row or of the one against the others.
func (o Outlook) Found(endpoint string, effect float64, pairs int) float64 {
	best := 0.0
	for _, metric := range []string{MetricP50, MetricP95} {
		if endpoint == Whole && len(o.Endpoints) > 1 {
			best = math.Max(best, o.found(metric, nil, effect, pairs, o.level(pairs, plannedPrimary)))
			continue
		}
		name := endpoint
		if endpoint == Whole && len(o.Endpoints) == 1 {
			name = o.Endpoints[0]
		}
		best = math.Max(best, o.foundOne(metric, name, effect, pairs))
	}
	return best
}

// foundOne is Found for one endpoint by one metric.
func (o Outlook) foundOne(metric, endpoint string, effect float64, pairs int) float64 {
	if len(o.Endpoints) == 1 { // its rows are the primary ones
		return o.found(metric, &endpoint, effect, pairs, o.level(pairs, plannedPrimary))
	}
	// Of each endpoint p50 and p95, each also against the others.
	level := o.level(pairs, 4*len(o.Endpoints))
	own := o.found(metric, &endpoint, effect, pairs, level)
	limit := o.Policy.limitOf(metric, &endpoint)
	if limit.severity != SeverityBlock {
		return 0
	}
	// A relative row also needs the endpoint's own estimate over the threshold,
	// with its own p (docs/method.md 0.3).
	relative := math.Min(
		o.pairs(metric, &endpoint, true).Found(math.Log1p(effect), math.Log1p(limit.worse), pairs, level),
		o.pairs(metric, &endpoint, false).Found(math.Log1p(effect), math.Log1p(limit.worse), pairs, suspectLevel))
	return math.Max(own, relative)
}

// found is the chance of one row.
func (o Outlook) found(metric string, endpoint *string, effect float64, pairs int, level float64) float64 {
	limit := o.Policy.limitOf(metric, endpoint)
	if limit.severity != SeverityBlock {
		return 0
	}
	return o.pairs(metric, endpoint, false).Found(math.Log1p(effect), math.Log1p(limit.worse), pairs, level)
}

// level is that of the last look for one of so many rows of a Holm group.
func (o Outlook) level(pairs, rows int) float64 {
	looks := max(1, len(Looks(pairs)))
	return lookLevel(looks, looks) / (2 * float64(rows))
}

// pairs is the noise of the pairs of a row.
func (o Outlook) pairs(metric string, endpoint *string, relative bool) stats.PairNoise {
	declared := declaredFor(metric)
	x := o.Noise.row(metric, endpoint, relative)
	if x == nil && endpoint == nil {
		x = o.Noise.overall(metric)
	}
	noise := declaredPairNoise(declared)
	if x != nil {
		within := x.WithinRunRatio
		if o.Duration > 0 {
			within = withinAt(within, time.Duration(o.Noise.RunS*float64(time.Second)), o.Duration)
		}
		if x.LearnedRatio != nil {
			noise = learnedPairNoise(*x.LearnedRatio, x.ObservedRatio, within, x.WithinRunRatio)
		} else {
			noise.SD = math.Sqrt2 * math.Hypot(declared, within)
			noise.Prior = noise.Prior.Plus(within)
		}
	}
	if o.NotRestarted && !relative {
		noise.Process = processNoise
	}
	return noise
}

// Sees returns the smallest slowdown of one endpoint, or of the Whole, that the
// last look of n pairs finds in four of five sessions, as a ratio; +Inf where
// that would be more than tenfold.
func (o Outlook) Sees(endpoint string, pairs int) float64 {
	lo, hi := 0.0, 10.0
	if o.Found(endpoint, hi, pairs) < foundPower {
		return math.Inf(1)
	}
	for range 40 {
		mid := (lo + hi) / 2
		if o.Found(endpoint, mid, pairs) < foundPower {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// PairsFor returns the fewest pairs, from 4 and even, that find a slowdown of
// one endpoint, or of the Whole, in four of five sessions. ok is false when even
// 100 do not.
func (o Outlook) PairsFor(endpoint string, effect float64) (pairs int, ok bool) {
	for n := sequentialFrom; n <= maxPairsNeeded; n += 2 {
		if o.Found(endpoint, effect, n) >= foundPower {
			return n, true
		}
	}
	return 0, false
}

// Hardest is the endpoint whose slowdown by effect is found least often in n
// pairs; Whole without endpoints.
func (o Outlook) Hardest(effect float64, pairs int) string {
	hardest, least := Whole, math.Inf(1)
	for _, name := range o.Endpoints {
		if f := o.Found(name, effect, pairs); f < least {
			hardest, least = name, f
		}
	}
	return hardest
}

// Decides returns the probability with which the last look of n pairs of
// unchanged code lets a metric of the whole pass when its threshold is worse
// (0.05), instead of leaving it inconclusive.
func (o Outlook) Decides(metric string, worse float64, pairs int) float64 {
	looks := max(1, len(Looks(pairs)))
	return o.pairs(metric, nil, false).RuledOut(math.Log1p(2*worse), pairs, passFamilyLevel/float64(looks))
}

// Worse is the threshold of a metric of the whole.
func (o Outlook) Worse(metric string) float64 { return o.Policy.limitOf(metric, nil).worse }

// enoughDecided is how often unchanged code must be decided on, for a threshold
// to be of use: a gate that is undecided more often is not read.
const enoughDecided = 0.85

// Suggest returns the threshold of a metric of the whole with which n pairs
// decide unchanged code often enough: the present one where that does, else the
// next larger one that a person would write. ok is false when even 50 % does not.
func (o Outlook) Suggest(metric string, pairs int) (worse float64, ok bool) {
	present := o.Worse(metric)
	for _, worse := range []float64{present, 0.05, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50} {
		if worse >= present && o.Decides(metric, worse, pairs) >= enoughDecided {
			return worse, true
		}
	}
	return 0, false
}

// FalseAlarms is the share of unchanged builds that a paired session calls a
// regression in simulation, for a run-to-run noise of the overall p95, within-run
// error aside: that of the next noisier of three run CVs, worst of families and
// sharings (docs/method.md 0.13, "What changed, and why", at most 16 pairs). ok is false beyond 10 %, which was not simulated.
func FalseAlarms(noise float64) (rate float64, ok bool) {
	for _, row := range []struct{ noise, rate float64 }{{0.03, 0.001}, {0.05, 0.004}, {0.10, 0.014}} {
		if noise <= row.noise {
			return row.rate, true
		}
	}
	return 0, false
}

// Between is the run-to-run noise of a metric of the whole that its requests do
// not explain, as measured; ok is false when it was not.
func (n Noise) Between(metric string) (sd float64, ok bool) {
	x := n.overall(metric)
	if x == nil || x.DF == 0 {
		return 0, false
	}
	return math.Sqrt(math.Max(0, x.ObservedRatio*x.ObservedRatio-x.WithinRunRatio*x.WithinRunRatio)), true
}
