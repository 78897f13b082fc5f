package gate

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/perfgate/perfgate/gate/stats"
)

// A rowMaker builds the rows of one scenario.
type rowMaker struct {
	c         *Comparison
	m         *material
	s         *matched
	endpoints []endpoint
	shared    []string // that both sides have and are asked the same
	levels    []float64
	median    float64 // the levels of the primary rows
	tail      float64
	rows      []*row
}

// An endpoint is one name of either side and what keeps it from being
// compared; an empty preset is a shared one.
type endpoint struct {
	name   string
	preset Outcome
	reason RowReason
}

// addScenario adds the rows of one scenario to the comparison.
func (c *Comparison) addScenario(s *matched, m *material) {
	k := &rowMaker{c: c, m: m, s: s}
	k.classify()
	k.chooseLevels()
	k.addLatencyRows()
	k.addRateRows()
	k.addUsageRows()
	k.order()
	c.rows = append(c.rows, k.rows...)
	c.series = append(c.series, k.series()...)
}

// classify finds out which endpoints can be compared.
func (k *rowMaker) classify() {
	var base, cand []string
	if k.s.candidate != nil {
		cand = endpointNames(k.s.candidate, k.s.cand)
	}
	if k.s.baseline != nil {
		base = endpointNames(k.s.baseline, k.s.base)
	}
	for _, name := range cand {
		e := endpoint{name: name}
		switch {
		case !slices.Contains(base, name):
			e.preset, e.reason = OutcomeNew, RowReason{"new", "the baseline does not have it"}
		case k.s.onlyNow(name):
			e.preset, e.reason = OutcomeNew, RowReason{"new", "the baseline answers it with 404, 405 or 501 only"}
		case k.c.refusal != "":
			e.preset, e.reason = OutcomeNotComparable, RowReason{"sides_differ", k.c.refusal}
		case slices.Contains(k.c.comparability.EndpointsChanged, name):
			e.preset, e.reason = OutcomeNotComparable, RowReason{"request_changed", "the two sides were asked different things under this name"}
		default:
			k.shared = append(k.shared, name)
		}
		k.endpoints = append(k.endpoints, e)
	}
	for _, name := range base {
		if !slices.Contains(cand, name) {
			k.endpoints = append(k.endpoints, endpoint{name, OutcomeNotComparable, RowReason{"missing", "the baseline has it, the candidate does not"}})
		}
	}
}

// chooseLevels picks the levels of the primary rows, the median and p95 or,
// where a source does not give p95, the nearest level from p90 to p99 that
// every run gives; and the further ones: p99, and what rules ask for by name.
func (k *rowMaker) chooseLevels() {
	k.median = k.nearest(0.5, 0.5, 0.5)
	k.tail = k.nearest(0.95, 0.9, 0.99)
	if k.median == 0 { // not given: its rows stay, and say so
		k.median = 0.5
	}
	if k.tail == 0 {
		k.tail = 0.95
	}
	levels := map[float64]bool{}
	for _, level := range []float64{k.median, k.tail, k.nearest(tailLevel, tailLevel, tailLevel)} {
		levels[level] = level > 0
	}
	for _, t := range k.c.in.Policy.Thresholds {
		if level, ok := LatencyLevel(t.Metric); ok {
			levels[level] = true
		}
	}
	delete(levels, 0)
	k.levels = slices.Sorted(maps.Keys(levels))
}

// nearest returns the level within [lo, hi] nearest to want that every counted
// run of every endpoint gives; 0 when there is none.
func (k *rowMaker) nearest(want, lo, hi float64) float64 {
	candidates := []float64{want}
	runs := slices.Concat(k.s.base, k.s.cand)
	for _, r := range runs {
		for _, src := range r.sources {
			candidates = append(candidates, src.levels...)
		}
	}
	best := 0.0
	for _, level := range candidates {
		if level < lo || level > hi || best != 0 && math.Abs(level-want) >= math.Abs(best-want) || !everyRunGives(runs, level) {
			continue
		}
		best = level
	}
	return best
}

func everyRunGives(runs []countedRun, level float64) bool {
	for _, r := range runs {
		for _, src := range r.sources {
			if !src.has(level) {
				return false
			}
		}
	}
	return true
}

// newRow begins a row; endpoint nil is the whole.
func (k *rowMaker) newRow(endpoint *string, metric string, role Role) *row {
	l := k.c.in.Policy.limitOf(metric, endpoint)
	r := &row{limit: l, higher: Better(metric) == "higher"}
	r.Row = Row{Scenario: k.s.id, Endpoint: endpoint, Metric: metric, Unit: Unit(metric), Better: Better(metric),
		Role: role, Severity: l.severity, Named: l.named, Rule: l.rule}
	switch {
	case l.severity == SeverityInfo:
		r.Role = RoleInfo
	case l.primary && role != RoleRelative:
		r.Role = RolePrimary
	case role == RoleInfo && l.named:
		r.Role = RoleSecondary
	}
	k.limits(r)
	k.rows = append(k.rows, r)
	return r
}

// limits writes the limits of a row into its report.
func (k *rowMaker) limits(r *row) {
	margin := r.limit.worse * marginFactor(k.m.name, r.Metric)
	if RateMetric(r.Metric) {
		r.ThresholdAbs, r.MarginAbs = ptr(r.limit.worse), ptr(margin)
		return
	}
	r.ThresholdRatio = ptr(r.limit.worse)
	if margin > 0 {
		r.MarginRatio = ptr(margin)
	}
	if r.limit.floor > 0 {
		r.FloorAbs = ptr(r.limit.floor)
	}
}

// marginFactor is what a pass rules out, in thresholds; 0 where a design
// cannot pass (docs/method.md 0.4 to 0.8).
func marginFactor(d Design, metric string) float64 {
	switch {
	case d == DesignNone:
		return 0
	case RateMetric(metric):
		return stats.RateMargin
	case d == DesignSingle:
		return 0
	case d == DesignPaired:
		return 2
	}
	return 4
}

// fix gives a row an outcome that no test can change.
func (r *row) fix(o Outcome, code, text string) {
	r.preset, r.Reason = o, RowReason{Code: code, Text: text}
}

// thin marks a row for which a run holds too few requests: undecided where it
// is asked for, shown otherwise. fewest is what the run with the fewest holds.
func (r *row) thin(level float64, fewest int64) {
	needed := requestsFor(level)
	text := fmt.Sprintf("%d requests a run; %s needs %d", fewest, MetricLabel(r.Metric), needed)
	if fewest >= needed { // too many of them take equally long
		text = fmt.Sprintf("fewer than %d of the %d requests of a run lie above the percentile", minTail, fewest)
	}
	r.fixThin(text)
}

// thinWhole is thin for the whole, none of whose endpoints has enough requests:
// it names the one that comes nearest.
func (r *row) thinWhole(level float64, names []string, measured map[string]atLevel) {
	if len(names) == 0 {
		r.fixThin("no endpoint is on both sides")
		return
	}
	nearest := slices.MaxFunc(names, func(a, b string) int { return cmp.Compare(measured[a].fewest(), measured[b].fewest()) })
	if fewest, needed := measured[nearest].fewest(), requestsFor(level); len(names) > 1 && fewest < needed {
		r.fixThin(fmt.Sprintf("%s has %d requests a run; %s needs %d of an endpoint", nearest, fewest, MetricLabel(r.Metric), needed))
		return
	}
	r.thin(level, measured[nearest].fewest())
}

func (r *row) fixThin(text string) {
	if r.Role == RolePrimary || r.Named {
		r.fix(OutcomeInconclusive, "too_few_requests", text)
		return
	}
	r.fix(OutcomeInfo, "too_few_requests", text)
}

// requestsFor is the fewest requests of a run with minTail above the level.
func requestsFor(level float64) int64 {
	n := int64(float64(minTail) / (1 - level))
	for n-stats.Rank(n, level) < minTail {
		n++
	}
	return n
}
