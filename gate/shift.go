package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/perfgate/perfgate/gate/stats"
)

const (
	// fewestTogether is the fewest endpoints of which it can be said that they
	// moved together: one change of the code may well hit two.
	fewestTogether = 3
	// togetherShare is the share of the endpoints that must move alike.
	togetherShare = 0.8
	// alike is how far, as a factor on the log scale, an endpoint's change may
	// lie from the median of all to count as the same change.
	alike = 2
)

// warnShifts warns of scenarios whose endpoints all moved together
// (docs/method.md 6.5): another machine or network does that, a change of the
// code rarely does. A paired session measures both sides on one machine in
// turns, so there it is the code.
func (c *Comparison) warnShifts() {
	switch c.design.Name {
	case DesignHistory, DesignBlocks, DesignSingle:
	default:
		return
	}
	for _, scenario := range c.scenarios {
		for _, metric := range c.latencyMetrics(scenario) {
			if c.warnShift(scenario, metric) {
				break // the lowest level that shows it is the least noisy
			}
		}
	}
}

// latencyMetrics are the tested latency metrics of a scenario's endpoints, in
// the order of their levels.
func (c *Comparison) latencyMetrics(scenario string) []string {
	var out []string
	for _, r := range c.rows {
		if _, latency := LatencyLevel(r.Metric); latency && r.Scenario == scenario && r.moves() && !slices.Contains(out, r.Metric) {
			out = append(out, r.Metric)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		x, _ := LatencyLevel(a)
		y, _ := LatencyLevel(b)
		return cmp.Compare(x, y)
	})
	return out
}

// moves reports whether the row is an endpoint's own tested one.
func (r *row) moves() bool {
	return r.Endpoint != nil && r.tested && r.own == nil && r.rate == nil && r.Role != RoleInfo
}

// warnShift warns when the endpoints moved together in a metric.
func (c *Comparison) warnShift(scenario, metric string) bool {
	var rows, together []*row
	var changes []float64
	for _, r := range c.rows {
		if r.Scenario == scenario && r.Metric == metric && r.moves() {
			rows, changes = append(rows, r), append(changes, r.est.Theta)
		}
	}
	median := stats.Median(changes)
	if len(rows) < fewestTogether || math.Abs(median) <= math.Log1p(c.in.Policy.limitOf(metric, nil).worse) {
		return false
	}
	for _, r := range rows {
		if share := r.est.Theta / median; share >= 1.0/alike && share <= alike {
			together = append(together, r)
		}
	}
	if float64(len(together)) < togetherShare*float64(len(rows)) || c.usualNoise(together) {
		return false
	}
	how, meaning := "slower", "the machine or the network may have changed, not one endpoint"
	if median < 0 {
		how, meaning = "faster", "the machine or the network may have changed, and may hide what this change costs"
	}
	head := fmt.Sprintf("%s are %s %s together", ofEndpoints(len(together), len(rows)), changeRange(together), how)
	c.headline("suite_shift", head, head+" ("+MetricLabel(metric)+"): "+meaning, ids(together)...)
	return true
}

// usualNoise reports whether a history explains a shift: fewer than half of the
// rows are told from what its jobs do anyway. Other designs know nothing of that.
func (c *Comparison) usualNoise(rows []*row) bool {
	if c.design.Name != DesignHistory {
		return false
	}
	told := 0
	for _, r := range rows {
		if min(r.est.P(), r.est.PLess()) <= suspectLevel {
			told++
		}
	}
	return 2*told < len(rows)
}

func ofEndpoints(n, all int) string {
	if n == all {
		return fmt.Sprintf("all %d endpoints", all)
	}
	return fmt.Sprintf("%d of %d endpoints", n, all)
}

// changeRange is how much rows changed, without a sign: "8–10 %".
func changeRange(rows []*row) string {
	lo, hi := math.Inf(1), 0.0
	for _, r := range rows {
		much := math.Abs(math.Expm1(r.est.Theta))
		lo, hi = min(lo, much), max(hi, much)
	}
	from, to := fmt.Sprintf("%.0f", 100*lo), fmt.Sprintf("%.0f", 100*hi)
	if from == to {
		return to + " %"
	}
	return from + "–" + to + " %"
}
