package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// inks write untrusted text in a language: names of things, and sentences.
type inks struct{ name, prose func(string) string }

func terminalInks() inks { return inks{terminal, terminal} }

// Verdict returns the verdict and what it rests on in one line without markup,
// "regression: 1 of 4 endpoints is slower, worst POST /api/checkout p95
// +23.4 %", safe for a terminal or a log.
func Verdict(r gate.Report) string {
	v := newView(r)
	line := verdictWord(r.Verdict) + ": " + v.headline(terminalInks())
	if row, ok := v.worst(); ok && r.Verdict == gate.VerdictRegression {
		name, metric := v.label(row)
		line += ", worst " + terminal(name) + " " + terminal(metric) + " " + change(row)
	}
	return line + v.asides(terminalInks())
}

// asides are the phrases of warnings that must not be missed, behind the
// headline: "; this gate has decided nothing in its last 6 sessions".
func (v view) asides(i inks) string {
	s := ""
	for _, w := range v.r.Warnings {
		if w.Headline != "" {
			s += "; " + i.prose(w.Headline)
		}
	}
	return s
}

func verdictWord(v gate.Verdict) string {
	if word, ok := verdictWords()[v]; ok {
		return word
	}
	if v == "" {
		return "unknown"
	}
	return cutEnd(terminal(string(v)), 20) // a word that this version does not know
}

// headline says in a few words what happened, without the verdict's own word.
func (v view) headline(i inks) string {
	switch v.r.Verdict {
	case gate.VerdictRegression:
		return v.regressionHead() + v.observed()
	case gate.VerdictViolation:
		return v.violationHead() + v.observed()
	case gate.VerdictPass:
		return v.passHead()
	case gate.VerdictInconclusive:
		return v.inconclusiveHead()
	case gate.VerdictNoBaseline:
		return headNoBaseline + v.blocking()
	case gate.VerdictNotComparable:
		return v.differHead()
	case gate.VerdictInvalid:
		return v.invalidHead()
	case gate.VerdictSkipped:
		if v.r.Reason.Text != "" {
			return i.prose(v.r.Reason.Text)
		}
		return headSkipped
	}
	return i.prose(v.r.Reason.Text)
}

// observed marks a failure that the policy lets through.
func (v view) observed() string {
	if v.r.WouldFail {
		return headObserve
	}
	return ""
}

func (v view) blocking() string {
	if v.r.WouldFail {
		return headObserve
	}
	if v.r.ExitCode != gate.ExitOK {
		return headBlocking
	}
	return headNotBlocking
}

// regressionHead counts what got worse, by kind.
func (v view) regressionHead() string {
	if v.r.Reason.Code == gate.ReasonTargetDied {
		return headTargetDied
	}
	worse := func(want func(string) bool) []gate.Row {
		var rows []gate.Row
		for _, row := range v.r.Rows {
			if kindOf(row) == kindRegression && want(row.Metric) {
				rows = append(rows, row)
			}
		}
		return rows
	}
	is := func(name string) func(string) bool { return func(m string) bool { return m == name } }
	var parts []string
	if rows := worse(isLatency); len(rows) > 0 {
		parts = append(parts, v.endpointsOr(rows, headSlower, "is", "are", headSlowerWhole))
	}
	if rows := worse(is(gate.MetricErrorRate)); len(rows) > 0 {
		s := v.endpointsOr(rows, headErrors, "fails", "fail", headErrorsWhole)
		if len(parts) > 0 { // of how many was said
			s = strings.Replace(s, " of "+plural(v.endpointCount(), "endpoint"), "", 1)
		}
		parts = append(parts, s)
	}
	if len(worse(is(gate.MetricDelivered))) > 0 {
		parts = append(parts, headDelivered)
	}
	if len(worse(is(gate.MetricThroughput))) > 0 {
		parts = append(parts, headThroughput)
	}
	if rows := worse(isOther); len(rows) > 0 {
		parts = append(parts, resourceHead(rows))
	}
	if len(parts) == 0 {
		return plural(len(v.r.Reason.Rows), "row") + " over the limit"
	}
	return strings.Join(parts, ", ")
}

func isLatency(metric string) bool {
	_, ok := gate.LatencyLevel(metric)
	return ok
}

func isOther(metric string) bool {
	return !isLatency(metric) && !gate.RateMetric(metric) && metric != gate.MetricThroughput
}

func resourceHead(rows []gate.Row) string {
	switch rows[0].Metric {
	case gate.MetricCPU:
		return fmt.Sprintf(headResource, "CPU")
	case gate.MetricRSS:
		return fmt.Sprintf(headResource, "memory")
	}
	return fmt.Sprintf(headOther, countIs(len(rows), "metric"))
}

// endpointsOr counts the endpoints of rows, "1 of 4 endpoints is slower", or
// says that only the whole is concerned.
func (v view) endpointsOr(rows []gate.Row, format, one, many, whole string) string {
	seen := map[string]bool{}
	for _, row := range rows {
		if name := v.of(row); name != nil {
			seen[row.Scenario+"\x00"+*name] = true
		}
	}
	if len(seen) == 0 {
		return whole
	}
	verb := many
	if len(seen) == 1 {
		verb = one
	}
	return fmt.Sprintf(format, fmt.Sprintf("%d of %s %s", len(seen), plural(v.endpointCount(), "endpoint"), verb))
}

func (v view) violationHead() string {
	broken := 0
	for _, s := range v.r.SLO {
		if s.Outcome == gate.SLOViolation {
			broken++
		}
	}
	if len(v.r.SLO) == 1 {
		return headViolationOne
	}
	verb := "are"
	if broken == 1 {
		verb = "is"
	}
	return fmt.Sprintf(headViolation, broken, plural(len(v.r.SLO), "limit")+" "+verb)
}

// passHead never says "no endpoint is slower" beside a row that is.
func (v view) passHead() string {
	var parts []string
	improved, warned, accepted := v.rowsOf(kindImproved), v.rowsOf(kindWarned), v.rowsOf(kindAccepted)
	switch {
	case len(warned) == 1:
		parts = append(parts, fmt.Sprintf(headWarned, countIs(1, "row")))
	case len(warned) > 1:
		parts = append(parts, fmt.Sprintf(headWarnedMany, countIs(len(warned), "row")))
	case len(accepted) > 0:
	case len(improved) > 0 && slices.ContainsFunc(improved, func(r gate.Row) bool { return v.of(r) != nil }):
		parts = append(parts, v.endpointsOr(improved, headPassImproved, "is", "are", headPass))
	case !slices.ContainsFunc(v.r.Rows, judgedLatency):
		parts = append(parts, headNoLatency)
	default:
		parts = append(parts, headPass)
	}
	if len(accepted) > 0 {
		parts = append(parts, fmt.Sprintf(headAccepted, plural(len(accepted), "regression")))
	}
	if n := len(v.r.Comparability.EndpointsMissing); n > 0 {
		parts = append(parts, fmt.Sprintf(headMissing, countIs(n, "endpoint")))
	}
	return strings.Join(parts, ", ")
}

// judgedLatency reports whether a row is a latency that the verdict rests on.
func judgedLatency(row gate.Row) bool {
	return isLatency(row.Metric) && row.Role != gate.RoleInfo && (row.Outcome == gate.OutcomePass || row.Outcome == gate.OutcomeImprovement)
}

func (v view) rowsOf(k kind) []gate.Row {
	var rows []gate.Row
	for _, row := range v.r.Rows {
		if kindOf(row) == k {
			rows = append(rows, row)
		}
	}
	return rows
}

func (v view) inconclusiveHead() string {
	d := v.r.Design
	switch {
	case v.r.Reason.Code == gate.StoppedBudget:
		return headBudget + v.blocking()
	case v.single() && d.BaselineRuns <= 1 && d.CandidateRuns <= 1:
		return headSingle
	case v.single():
		return headSingleOther
	}
	head, ok := undecidedHeads()[v.r.Reason.Code]
	if !ok {
		head = headUndecided
	}
	return head + v.blocking()
}

func (v view) differHead() string {
	load := v.r.Comparability.Load == "different"
	machine := v.r.Comparability.Environment == "different"
	switch {
	case load && machine:
		return headBoth
	case load:
		return headLoad
	case machine:
		return headMachine
	}
	return headNotCompared
}

func (v view) invalidHead() string {
	n, thing := len(v.r.Reason.Rows), "row"
	if _, row := v.worst(); !row {
		thing = "limit"
	}
	switch n {
	case 0:
		return headInvalid
	case 1:
		return fmt.Sprintf(headInvalidRows, "1 "+thing+" has")
	}
	return fmt.Sprintf(headInvalidRows, plural(n, thing)+" have")
}

// facts are the frame of the comparison in a few words: scenario, size,
// machine.
func (v view) facts(i inks) []string {
	var facts []string
	if v.r.Scenario != "" {
		facts = append(facts, i.name(strings.ReplaceAll(v.r.Scenario, ",", ", ")))
	}
	d := v.r.Design
	switch d.Name {
	case gate.DesignPaired:
		facts = append(facts, plural(d.Pairs, "pair"))
	case gate.DesignHistory:
		jobs := 0
		if v.r.Sides.Baseline != nil {
			jobs = v.r.Sides.Baseline.Jobs
		}
		facts = append(facts, "against "+plural(jobs, "job"))
	case gate.DesignBlocks, gate.DesignSingle:
		facts = append(facts, fmt.Sprintf("%d and %s", d.BaselineRuns, plural(d.CandidateRuns, "run")))
	}
	if v.r.Comparability.SameMachine && d.Name != gate.DesignNone {
		facts = append(facts, "one machine")
	}
	return facts
}

// plural counts things: "1 row", "3 rows".
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// countIs counts things with their verb: "1 row is", "3 rows are".
func countIs(n int, thing string) string {
	if n == 1 {
		return "1 " + thing + " is"
	}
	return plural(n, thing) + " are"
}
