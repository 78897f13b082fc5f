package load

import (
	"math"
	"sync"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
	"github.com/perfgate/perfgate/gate/stats"
)

// A pulse watches the whole load, window by window: for the warm-up, the abort
// rule and progress.
type pulse struct {
	mu     sync.Mutex
	times  *hist.Histogram // µs, of all answers and failures since the last beat
	failed int64
}

// A beat is one window of the whole load. Failures are in its times: whether
// they should have failed is not its question.
type beat struct {
	requests, failed int64
	medianUS, p95US  float64 // NaN without a request
	// se is the standard error of the log of the median, +Inf when there
	// were too few requests to tell (docs/method.md 0.2).
	se float64
}

func (p *pulse) add(us int64, failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.times.Record(us)
	if failed {
		p.failed++
	}
}

// beat ends the current window and returns it.
func (p *pulse) beat() beat {
	p.mu.Lock()
	times, failed := p.times, p.failed
	p.times, p.failed = hist.New(), 0
	p.mu.Unlock()
	return newBeat(times, failed)
}

func newBeat(times *hist.Histogram, failed int64) beat {
	const few = 5 // below, the range of the values says nothing about the error
	b := beat{
		requests: times.Count(), failed: failed,
		medianUS: times.Quantile(0.5), p95US: times.Quantile(0.95),
		se: math.Inf(1),
	}
	if b.requests >= few {
		b.se = stats.RankSE(b.requests, 0.5, times.ValueAtRank)
	}
	return b
}

// The warm-up may go on for this many windows, or as long as the scenario
// demands (docs/method.md 0.10).
const maxWarmup = 10

// The medians of two windows are the same up to this ratio, and up to what no
// default threshold sees.
const (
	steadyRatio   = 0.05
	steadyFloorUS = 100
)

// settled reports whether the load is warm: whether the medians of the last two
// windows differ by no more than 5 %, 100 µs, or twice the standard error of
// their difference. The last keeps a low rate, whose medians scatter, from
// looking unsteady for ever; docs/method.md 0.10 asks for steadiness and leaves
// its measure open. A window without any answer is not warm.
//
// Medians of 10.0 and 10.4 ms are settled, 10.0 and 11.0 ms are not unless
// their standard errors are 3.4 % or more.
func settled(beats []beat) bool {
	if len(beats) < 2 {
		return false
	}
	a, b := beats[len(beats)-2], beats[len(beats)-1]
	if a.requests == 0 || b.requests == 0 {
		return false
	}
	change := math.Abs(math.Log(b.medianUS / a.medianUS))
	return change <= max(steadyRatio, 2*math.Hypot(a.se, b.se)) || math.Abs(b.medianUS-a.medianUS) <= steadyFloorUS
}

// exceeded reports whether the error rate was at or above the rule's in each of
// the last windows, as many whole ones as its length holds (at least one).
// Windows without an answer say nothing and are passed over.
func exceeded(rule *gate.Abort, beats []beat) bool {
	if rule == nil {
		return false
	}
	need := max(1, int((rule.For+windowLength-1)/windowLength))
	for i := len(beats) - 1; i >= 0; i-- {
		b := beats[i]
		if b.requests == 0 {
			continue
		}
		if b.failed == 0 || float64(b.failed) < rule.ErrorRate*float64(b.requests) {
			return false
		}
		if need--; need == 0 {
			return true
		}
	}
	return false
}
