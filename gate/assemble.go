package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate/stats"
)

// order sorts the rows of a scenario for reading: the whole, then each
// endpoint; inside by metric and level, the relative row behind its own.
func (k *rowMaker) order() {
	place := map[string]int{}
	for i, e := range k.endpoints {
		place[e.name] = i + 1
	}
	slices.SortStableFunc(k.rows, func(a, b *row) int {
		return cmp.Or(
			cmp.Compare(placeOf(place, a.Endpoint), placeOf(place, b.Endpoint)),
			cmp.Compare(metricOrder(a.Metric), metricOrder(b.Metric)),
			cmp.Compare(isRelative(a), isRelative(b)))
	})
}

func placeOf(place map[string]int, endpoint *string) int {
	if endpoint == nil {
		return 0
	}
	return place[*endpoint]
}

func metricOrder(metric string) float64 {
	if level, ok := LatencyLevel(metric); ok {
		return level
	}
	for i, name := range []string{MetricErrorRate, MetricDelivered, MetricThroughput, MetricCPU, MetricRSS} {
		if metric == name {
			return float64(i + 1)
		}
	}
	return 100
}

func isRelative(r *row) int {
	if r.Role == RoleRelative {
		return 1
	}
	return 0
}

// seriesLevels are the levels that views draw.
var seriesLevels = [...]float64{0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999}

// series summarises the distributions of each endpoint for views.
func (k *rowMaker) series() []EndpointSeries {
	var out []EndpointSeries
	for _, e := range k.endpoints {
		out = append(out, EndpointSeries{Scenario: k.s.id, Endpoint: e.name,
			Baseline: sideSeries(k.s.base, e.name), Candidate: sideSeries(k.s.cand, e.name)})
	}
	return out
}

func sideSeries(runs []countedRun, name string) *SideSeries {
	if len(runs) == 0 || runs[0].endpoints[name] == nil {
		return nil
	}
	s := &SideSeries{}
	for _, level := range seriesLevels {
		var at []float64
		for _, r := range runs {
			if src := r.sources[name]; src.has(level) {
				if x := src.at(level); !x.missing() {
					at = append(at, x.value)
				}
			}
		}
		s.QuantilesMS = append(s.QuantilesMS, finiteOrNil(stats.Median(at)))
	}
	s.Windows = windowsOf(runs, name)
	return s
}

// windowsOf returns the windows of the middle run.
func windowsOf(runs []countedRun, name string) *SeriesWindows {
	w := runs[len(runs)/2].run.Windows
	if w == nil || !(w.LengthS > 0) {
		return nil
	}
	e, ok := w.Endpoints[name]
	if !ok {
		return nil
	}
	out := &SeriesWindows{LengthS: w.LengthS, P95MS: e.P95MS, RPS: []float64{}}
	for _, n := range e.Requests {
		out.RPS = append(out.RPS, float64(n)/w.LengthS)
	}
	return out
}

// addUnmatchedRules adds a row without a number for each threshold that
// matches none: a rule that somebody wrote is never dropped in silence.
func (c *Comparison) addUnmatchedRules() {
	for i := range c.in.Policy.Thresholds {
		t := c.in.Policy.Thresholds[i]
		if c.refusal != "" || len(c.scenarios) == 0 || slices.ContainsFunc(c.rows, func(r *row) bool { return t.matches(r.Metric, r.Endpoint) }) {
			continue
		}
		r := &row{limit: limit{severity: t.Severity, named: true}}
		if t.Severity == "" {
			r.limit.severity = SeverityBlock
		}
		r.Row = Row{Scenario: c.scenarios[0], Metric: t.Metric, Unit: Unit(t.Metric), Better: Better(t.Metric),
			Role: RoleSecondary, Severity: r.limit.severity, Named: true, Rule: c.in.Policy.ruleName(t.Line)}
		if t.Endpoint != "" {
			r.Endpoint = ptr(t.Endpoint)
		}
		r.fix(OutcomeInvalid, "rule_unmatched", unmatchedText(t))
		c.rows = append(c.rows, r)
	}
}

func unmatchedText(t Threshold) string {
	if t.Endpoint == "" {
		return fmt.Sprintf("%s was not measured, but a rule asks for it", t.Metric)
	}
	return fmt.Sprintf("no endpoint with %s matches %q, but a rule asks for it", t.Metric, t.Endpoint)
}

// finishRows numbers the rows, corrects their p-values for the size of their
// groups and says what each could have shown.
func (c *Comparison) finishRows() {
	for i, r := range c.rows {
		r.ID = fmt.Sprintf("r%d", i+1)
	}
	c.setLook()
	better := map[*row]float64{}
	for _, g := range []group{groupPrimary, groupSecondary, groupWarn} {
		c.adjust(g, better)
	}
	for _, r := range c.rows {
		if !r.tested {
			continue
		}
		r.P = ptr(r.p())
		if r.PAdjusted == nil { // info rows stand outside the family
			continue
		}
		r.adjustedBetter = better[r]
		c.setMDE(r)
	}
}

// adjust corrects one group: twice Holm, since each of the two groups has half
// of the level; a single comparison is not corrected (docs/method.md 0.3, 0.7).
func (c *Comparison) adjust(g group, better map[*row]float64) {
	var rows []*row
	var p, q []float64
	for _, r := range c.rows {
		if r.group() == g {
			rows, p, q = append(rows, r), append(p, r.p()), append(q, r.pBetter())
		}
	}
	*c.groupSize(g) = len(rows)
	if c.design.Name != DesignSingle {
		p, q = doubled(stats.Holm(p)), doubled(stats.Holm(q))
	}
	for i, r := range rows {
		r.PAdjusted, better[r] = ptr(p[i]), q[i]
	}
}

func (c *Comparison) groupSize(g group) *int {
	switch g {
	case groupPrimary:
		return &c.design.Groups.Primary
	case groupWarn:
		return &c.design.Groups.Warn
	}
	return &c.design.Groups.Secondary
}

func doubled(p []float64) []float64 {
	for i := range p {
		p[i] = min(1, 2*p[i])
	}
	return p
}

// setLook fixes the levels of a paired session by the number of its whole
// pairs.
func (c *Comparison) setLook() {
	if c.design.Name != DesignPaired || len(c.design.Looks) == 0 {
		return
	}
	k := len(c.design.Looks)
	c.design.Look = lookAt(c.design.Looks, c.design.Pairs)
	c.design.AlphaLook = lookLevel(c.design.Look, k)
	c.design.PassLevelLook = passFamilyLevel / float64(k)
	if c.design.Pairs < min(fewestPairs, c.design.Looks[0]) {
		c.design.AlphaLook = 0
	}
}

// describeSides fills in what is known of both sides.
func (c *Comparison) describeSides() {
	if len(c.in.Baseline) > 0 {
		c.sides.Baseline = describeSide(c.in.Baseline)
		c.sides.Baseline.ChosenBecause, c.sides.Baseline.CommitsAway = c.in.Choice.Because, c.in.Choice.CommitsAway
		if c.sides.Baseline.ChosenBecause == "" {
			c.sides.Baseline.ChosenBecause = "named"
		}
		newest := startOf(c.in.Baseline[len(c.in.Baseline)-1].Session.Started)
		if start := startOf(c.in.Candidate[0].Session.Started); !newest.IsZero() && !start.IsZero() {
			c.sides.Baseline.AgeS = ptr(int64(start.Sub(newest).Seconds()))
		}
	}
	c.sides.Candidate = describeSide(c.in.Candidate)
}

func describeSide(results []Result) *SideInfo {
	last := results[len(results)-1] // the newest
	s := &SideInfo{Commit: last.Subject.Commit, Ref: last.Subject.Ref, Dirty: last.Subject.Dirty, Label: last.Subject.Label, How: last.Subject.How,
		EnvironmentClass: last.Environment.ClassDigest, Machine: last.Environment.Class.String(), Source: sourceOf(results),
		Jobs: max(distinctSessions(results), 1), Started: last.Session.Started, ResultDigest: digestOfResults(results)}
	for _, r := range results {
		for _, run := range r.Runs {
			if run.Status == RunOK {
				s.Runs++
			}
		}
	}
	return s
}

// String names the class as people do, "4 x AMD EPYC 7763"; empty when unknown.
func (c EnvironmentClass) String() string {
	if c.OS == "" {
		return ""
	}
	model := c.CPUModel
	if model == "" {
		model = c.Arch
	}
	return fmt.Sprintf("%d x %s", c.CPUs, model)
}

// digestOfResults identifies the input of a side by its canonical bytes.
func digestOfResults(results []Result) string {
	var all strings.Builder
	for _, r := range results {
		data, err := Encode(r)
		if err != nil {
			return "" // only a value that no file can hold
		}
		all.Write(data)
	}
	return Digest([]byte(all.String()))
}
