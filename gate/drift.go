package gate

import (
	"fmt"
	"math"

	"github.com/perfgate/perfgate/gate/stats"
)

const (
	// driftLevel is the two-sided level from which a trend over a session is
	// told: rare enough that a reader believes it.
	driftLevel = 0.01
	// driftMatters is the change over the session below which it is not worth
	// a line: the order of the pairs cancels it.
	driftMatters = 0.05
)

// warnDrift tells when the machine became slower or faster over a paired
// session: throttling, a battery, a neighbour. Both sides took turns, so that
// the comparison stands; but a reader should know that the numbers themselves do
// not. It looks at the median latency, the steadiest number there is.
func (c *Comparison) warnDrift(s *matched) {
	if c.design.Name != DesignPaired {
		return
	}
	for _, r := range c.rows {
		if r.Scenario != s.id || r.Role != RolePrimary || r.Metric != LatencyMetric(0.5) || !r.tested {
			continue
		}
		change, found := sessionDrift(s, r)
		if !found {
			return
		}
		word := "slowed down"
		if change < 0 {
			word = "sped up"
		}
		c.add("drift", fmt.Sprintf("the machine %s by %s during the comparison; the sides took turns, so that it hits both alike",
			word, percentText(math.Abs(change))), r.ID)
		return
	}
}

// sessionDrift is the relative change of a row's values from the first run of
// the session to the last that no difference of the sides explains; found is
// false when there is none to speak of.
func sessionDrift(s *matched, r *row) (change float64, found bool) {
	times, span := [][]float64{nil, nil}, 0.0
	first := startOf(s.base[0].run.Start)
	for side, runs := range [][]countedRun{s.base, s.cand} {
		for _, x := range runs {
			start := startOf(x.run.Start)
			if start.IsZero() {
				return 0, false
			}
			t := start.Sub(first).Seconds()
			times[side], span = append(times[side], t), max(span, t)
		}
	}
	e := stats.Drift(times, [][]float64{logs(r.Baseline.PerRun), logs(r.Candidate.PerRun)})
	change = math.Expm1(e.Theta * span)
	return change, 2*min(e.P(), e.PLess()) <= driftLevel && math.Abs(change) > driftMatters
}

func logs(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Log(v)
	}
	return out
}
