package report

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// view is a report with what every view asks of it: the names of its rows and
// their order.
type view struct {
	r         gate.Report
	endpoints map[string][]string // by scenario, in order
	rank      map[string]int      // of row ids in the verdict's reason
}

func newView(r gate.Report) view {
	v := view{r: r, endpoints: map[string][]string{}, rank: map[string]int{}}
	for _, row := range r.Rows {
		names := v.endpoints[row.Scenario]
		if row.Endpoint != nil && !slices.Contains(names, *row.Endpoint) {
			names = append(names, *row.Endpoint)
		}
		v.endpoints[row.Scenario] = names
	}
	for i, id := range r.Reason.Rows {
		if _, ok := v.rank[id]; !ok {
			v.rank[id] = i
		}
	}
	return v
}

// endpointCount is the number of endpoints of all scenarios.
func (v view) endpointCount() int {
	n := 0
	for _, names := range v.endpoints {
		n += len(names)
	}
	return n
}

// single reports whether one run stands on a side.
func (v view) single() bool { return v.r.Design.Name == gate.DesignSingle }

// of returns the endpoint that a row is about: nil for the whole, unless the
// whole is one endpoint.
func (v view) of(row gate.Row) *string {
	if row.Endpoint != nil {
		return row.Endpoint
	}
	if names := v.endpoints[row.Scenario]; len(names) == 1 && gate.RateMetric(row.Metric) {
		return &names[0]
	}
	return nil
}

// metricName is the short name of a row's metric in a column: "p95".
func metricName(row gate.Row) string {
	name := row.Metric
	if _, ok := gate.LatencyLevel(name); ok {
		name = strings.TrimPrefix(name, "latency_")
	} else if short, ok := shortMetrics()[name]; ok {
		name = short
	}
	if row.Role == gate.RoleRelative {
		name += textRelative
	}
	return name
}

// prefix names the scenario of a row where the report has several.
func (v view) prefix(scenario string) string {
	if len(v.endpoints) > 1 && scenario != "" {
		return scenario + ": "
	}
	return ""
}

// label names a row in two columns: endpoint and metric, behind the scenario
// where the report has several.
func (v view) label(row gate.Row) (name, metric string) {
	name, metric = v.bareLabel(row)
	return v.prefix(row.Scenario) + name, metric
}

// shortLabel is label for a table whose rows stand under their scenario; the
// rates of the whole do not.
func (v view) shortLabel(row gate.Row) (name, metric string) {
	if gate.RateMetric(row.Metric) && v.of(row) == nil {
		return v.label(row)
	}
	return v.bareLabel(row)
}

func (v view) bareLabel(row gate.Row) (name, metric string) {
	if endpoint := v.of(row); endpoint != nil {
		return *endpoint, metricName(row)
	}
	if words, ok := wholeMetrics()[row.Metric]; ok {
		return words[0], words[1]
	}
	return textOverall, metricName(row)
}

// worsening is the change of a row in its bad direction, and the threshold
// for it; zero where the row has none.
func worsening(row gate.Row) (change, threshold float64) {
	switch {
	case row.ChangeRatio != nil:
		change = *row.ChangeRatio
		if row.ThresholdRatio != nil {
			threshold = *row.ThresholdRatio
		}
	case row.ChangeAbs != nil:
		change = *row.ChangeAbs
		if row.ThresholdAbs != nil {
			threshold = *row.ThresholdAbs
		}
	}
	if row.Better == "higher" {
		change = -change
	}
	return change, threshold
}

// score orders rows of different units: their worsening in thresholds.
func score(row gate.Row) float64 {
	change, threshold := worsening(row)
	if threshold > 0 {
		return change / threshold
	}
	return change
}

// overThreshold reports whether the estimate is worse than the limit, whatever
// the test says of it.
func overThreshold(row gate.Row) bool {
	change, threshold := worsening(row)
	return threshold > 0 && change > threshold
}

// kind sorts rows into what a reader looks for first.
type kind int

const (
	kindRegression kind = iota
	kindWarned          // a regression that only warns
	kindAccepted
	kindUnusable // invalid, not comparable
	kindUndecided
	kindImproved
	kindNew
	kindQuiet // pass, info
)

func kindOf(row gate.Row) kind {
	switch row.Outcome {
	case gate.OutcomeRegression:
		switch {
		case row.AcceptedBy != nil:
			return kindAccepted
		case row.Severity == gate.SeverityWarn || row.Severity == gate.SeverityInfo:
			return kindWarned
		}
		return kindRegression
	case gate.OutcomeInvalid, gate.OutcomeNotComparable:
		return kindUnusable
	case gate.OutcomeInconclusive:
		return kindUndecided
	case gate.OutcomeImprovement:
		return kindImproved
	case gate.OutcomeNew:
		return kindNew
	}
	return kindQuiet
}

// ordered returns all rows, the worst first: those that the verdict rests on
// in its own order, then by kind and by score.
func (v view) ordered() []gate.Row {
	rows := slices.Clone(v.r.Rows)
	place := func(row gate.Row) int {
		if i, ok := v.rank[row.ID]; ok {
			return i
		}
		return math.MaxInt
	}
	slices.SortStableFunc(rows, func(a, b gate.Row) int {
		return cmp.Or(
			cmp.Compare(place(a), place(b)),
			cmp.Compare(kindOf(a), kindOf(b)),
			cmp.Compare(score(b), score(a)),
		)
	})
	return rows
}

// listed reports whether a row says something that a reader must see.
func (v view) listed(row gate.Row) bool {
	_, reason := v.rank[row.ID]
	switch kindOf(row) {
	case kindUndecided:
		return reason || row.Suspicious || overThreshold(row)
	case kindNew:
		return v.r.Verdict != gate.VerdictNoBaseline
	case kindUnusable:
		return reason || row.Role != gate.RoleInfo && v.r.Verdict != gate.VerdictNotComparable && !v.unmeasured()
	case kindQuiet:
		// A pass shows what it rests on.
		return v.r.Verdict == gate.VerdictPass && (reason || row.Role == gate.RolePrimary)
	}
	return true
}

// unmeasured reports whether a whole side was not measured, so that no row has
// anything to say.
func (v view) unmeasured() bool {
	return v.r.Verdict == gate.VerdictInvalid && len(v.r.Reason.Rows) == 0
}

// repeats reports whether a relative row only repeats what the endpoint's own
// row of the same metric says.
func (v view) repeats(row gate.Row) bool {
	if row.Role != gate.RoleRelative || row.Endpoint == nil {
		return false
	}
	return slices.ContainsFunc(v.r.Rows, func(own gate.Row) bool {
		return own.Role != gate.RoleRelative && own.Scenario == row.Scenario && own.Metric == row.Metric &&
			own.Endpoint != nil && *own.Endpoint == *row.Endpoint && kindOf(own) == kindOf(row)
	})
}

// split cuts the rows into those to show, those folded away, and the rates of
// the whole, which always stand at the end. A relative row that repeats its
// endpoint's own one is folded, so that the counts add up to the coverage.
func (v view) split(all bool) (shown, folded, rates []gate.Row) {
	for _, row := range v.ordered() {
		rateRow := gate.RateMetric(row.Metric)
		switch {
		case rateRow && row.Endpoint == nil && v.of(row) == nil:
			rates = append(rates, row)
		case !all && v.repeats(row):
			folded = append(folded, row)
		case all || v.listed(row) || rateRow && row.Endpoint == nil:
			shown = append(shown, row)
		default:
			folded = append(folded, row)
		}
	}
	slices.SortStableFunc(rates, func(a, b gate.Row) int { return cmp.Compare(a.Scenario, b.Scenario) })
	return shown, folded, rates
}

// find returns the row with an id.
func (v view) find(id string) (gate.Row, bool) {
	for _, row := range v.r.Rows {
		if row.ID == id {
			return row, true
		}
	}
	return gate.Row{}, false
}

// worst returns the first row that the verdict rests on.
func (v view) worst() (gate.Row, bool) {
	for _, id := range v.r.Reason.Rows {
		if row, ok := v.find(id); ok {
			return row, true
		}
	}
	return gate.Row{}, false
}

// largest returns the row with the largest change in per cent either way;
// relative rows have no change of their own.
func largest(rows []gate.Row) (gate.Row, bool) {
	var found gate.Row
	ok := false
	for _, row := range rows {
		if row.ChangeRatio == nil || row.Role == gate.RoleRelative {
			continue
		}
		if !ok || math.Abs(*row.ChangeRatio) > math.Abs(*found.ChangeRatio) {
			found, ok = row, true
		}
	}
	return found, ok
}

func count(rows []gate.Row, want func(gate.Row) bool) int {
	n := 0
	for _, row := range rows {
		if want(row) {
			n++
		}
	}
	return n
}
