package load

import (
	"runtime/debug"
	"slices"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
	"github.com/perfgate/perfgate/gate/machine"
)

// health is a reading of what our own work can suffer from.
type health struct {
	at       time.Duration
	counters machine.Counters
	gc       debug.GCStats // Pause holds the last ones, the newest first
}

func (e *engine) checkUp() *health {
	h := &health{at: e.clock.now(), counters: e.counters()}
	debug.ReadGCStats(&h.gc)
	return h
}

// since returns what happened from earlier to h on a machine of cpus usable
// CPUs; earlier is nil when the measured part never began. late is empty in the
// closed model.
func (h *health) since(earlier *health, late *hist.Histogram, cpus int) gate.GeneratorHealth {
	g := gate.GeneratorHealth{Of: 1}
	if late.Count() > 0 {
		g.LateP50MS, g.LateP95MS, g.LateP99MS = ms(late.Quantile(0.5)), ms(late.Quantile(0.95)), ms(late.Quantile(0.99))
	}
	if earlier == nil {
		return g
	}
	usage := h.counters.Since(earlier.counters)
	g.StealRatio, g.ThrottledS = usage.StealRatio, usage.ThrottledS
	if elapsed := (h.at - earlier.at).Seconds(); usage.CPUSeconds > 0 && elapsed > 0 { // 0: not measured
		ratio := usage.CPUSeconds / (elapsed * float64(cpus))
		g.CPURatio = &ratio
	}
	g.GCPauseMaxMS = longestPause(earlier.gc, h.gc)
	return g
}

// longestPause returns the longest pause between two readings, in ms; 0
// without one. Of very many, the runtime remembers the last 256.
func longestPause(earlier, later debug.GCStats) *float64 {
	n := min(later.NumGC-earlier.NumGC, int64(len(later.Pause)))
	pause := 0.0
	if n > 0 {
		pause = float64(slices.Max(later.Pause[:n])) / float64(time.Millisecond)
	}
	return &pause
}

// clientRatio is the share of requests that may fail before they are sent
// (docs/method.md 2.4).
const clientRatio = 0.01

// lateLimit is the lateness at the 95th percentile, in ms, that a run may have
// whose p95 response time is p95MS, 0 without a success (docs/method.md 0.11).
func lateLimit(p95MS float64) float64 { return max(gate.LateFloorMS, gate.LateRatio*p95MS) }

// disturbed returns the reasons why our own work makes a run invalid: nil for
// none.
func disturbed(g gate.GeneratorHealth, measuredS float64) []string {
	var out []string
	if g.LateP95MS != nil && g.LateLimitMS != nil && *g.LateP95MS > *g.LateLimitMS {
		out = append(out, gate.ReasonLate)
	}
	if g.ThrottledS != nil && *g.ThrottledS > gate.ThrottledRatio*measuredS {
		out = append(out, gate.ReasonThrottled)
	}
	if g.StealRatio != nil && *g.StealRatio > gate.StealRatio {
		out = append(out, gate.ReasonSteal)
	}
	return out
}
