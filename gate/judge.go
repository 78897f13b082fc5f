package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// DeathsForRegression is how often a candidate must die under a load that the
// baseline survives: once may be an accident.
const DeathsForRegression = 2

// Judge is the only place that yields a verdict. It decides every row of a
// comparison, applies waivers, and takes the first line of the precedence
// table (docs/method.md "From rows to one verdict") that applies.
func Judge(c Comparison) Report {
	c = c.copied()
	c.decide()
	accepted := c.applyWaivers()
	if rows := c.acceptedRows(); len(rows) > 0 {
		// What was accepted of an endpoint must not fail the whole.
		c = compare(c.in, rows)
		c.decide()
		accepted = c.applyWaivers()
	}
	j := judgement{c: &c}
	verdict, reason := j.verdict()
	code, wouldFail := j.exitCode(verdict)
	if wouldFail {
		reason.Text += "; this would have failed (mode: observe)"
	}
	j.noteHistory(verdict)
	j.noteRecord(verdict)
	r := Report{
		Kind: ReportKind, SchemaVersion: SchemaVersion, Requires: []string{},
		Verdict: verdict, Reason: reason, Scenario: strings.Join(c.scenarios, ", "),
		Design: c.design, Sides: c.sides, Comparability: c.comparability,
		Policy: c.policyInfo(), Rows: c.reportRows(), SLO: append([]SLORow{}, c.slo...),
		Accepted: accepted, Coverage: c.coverage(), Skip: c.in.Skip,
		Series:   Series{QuantileLevels: seriesLevels[:], Endpoints: append([]EndpointSeries{}, c.series...)},
		Warnings: append([]RowWarning{}, c.warnings...),
	}
	r.Design.Decided, r.Design.StoppedBy = j.stopped()
	r.ExitCode, r.WouldFail, r.Record = code, wouldFail, c.in.Record
	r.NextSteps = j.nextSteps(verdict)
	if wouldFail {
		r.NextSteps = append(r.NextSteps, stepReady)
	}
	r.Reproduce = j.reproduce()
	return r
}

// A judgement finds the verdict of decided rows.
type judgement struct{ c *Comparison }

// verdict applies the precedence table; the first line that applies holds.
func (j judgement) verdict() (Verdict, ReportReason) {
	for _, line := range []func() (Verdict, ReportReason, bool){
		j.skipped, j.unmeasured, j.targetDied, j.regression, j.violation, j.invalidRow, j.notComparable, j.noBaseline, j.inconclusive,
	} {
		if v, reason, ok := line(); ok {
			reason.Rows = append([]string{}, reason.Rows...)
			return v, reason
		}
	}
	return VerdictPass, j.passReason()
}

// unmeasured: a whole side has no run that counts.
func (j judgement) unmeasured() (Verdict, ReportReason, bool) {
	c := j.c
	unmeasured := func(side Side, why string) (Verdict, ReportReason, bool) {
		return VerdictInvalid, ReportReason{Code: "unmeasured", Text: fmt.Sprintf("the %s was not measured: %s", side, why)}, true
	}
	switch {
	case c.deaths.baseline > 0 && (c.design.Name == DesignPaired || countRuns(c.in.Baseline) == 0):
		return VerdictInvalid, ReportReason{Code: "baseline_died", Text: fmt.Sprintf("the baseline's target ended under the load in %d run%s", c.deaths.baseline, plural(c.deaths.baseline))}, true
	case c.candidateDied():
		return "", ReportReason{}, false
	case c.outOfBudget():
		return VerdictInconclusive, ReportReason{Code: StoppedBudget, Text: "the budget was used up before anything could be compared" + c.told(StoppedBudget)}, true
	case len(c.in.Baseline) > 0 && c.design.BaselineRuns == 0 && countRuns(c.in.Baseline) == 0:
		return unmeasured(SideBaseline, whyUnmeasured(c.in.Baseline, c.in.Candidate, SideCandidate))
	case c.session().Stopped == StoppedSetUp && countRuns(c.in.Candidate) == 0:
		return unmeasured(SideCandidate, "it could not be brought up"+c.told(StoppedSetUp))
	case countRuns(c.in.Candidate) == 0:
		return unmeasured(SideCandidate, whyUnmeasured(c.in.Candidate, c.in.Baseline, SideBaseline))
	case c.session().Stopped == StoppedInvalid && len(c.design.Looks) > 0 && c.design.Pairs < c.design.Looks[0]:
		return VerdictInvalid, ReportReason{Code: "unmeasured", Text: fmt.Sprintf("only %d of %d pairs could be measured on this machine", c.design.Pairs, c.design.Looks[0]) + c.andWhy()}, true
	case c.design.Name == DesignPaired && c.design.Pairs == 0:
		return VerdictInvalid, ReportReason{Code: "unmeasured", Text: "no pair is whole: in each, a run of one side does not count" + c.andWhy()}, true
	}
	return "", ReportReason{}, false
}

// outOfBudget reports whether a session has nothing to compare for the end of
// its budget alone: no run that was made turned out invalid.
func (c *Comparison) outOfBudget() bool {
	if c.session().Stopped != StoppedBudget || !sharedSession(&c.in) {
		return false
	}
	if countInvalid(c.in.Baseline)+countInvalid(c.in.Candidate) > 0 {
		return false
	}
	return c.design.Pairs == 0 && c.session().Design == DesignPaired || countRuns(c.in.Baseline) == 0 || countRuns(c.in.Candidate) == 0
}

func countInvalid(results []Result) int {
	n := 0
	for _, r := range results {
		for _, run := range r.Runs {
			if run.Status == RunInvalid {
				n++
			}
		}
	}
	return n
}

// told is what the file says of why its session stopped; empty: nothing.
func (c *Comparison) told(code string) string {
	for _, side := range [][]Result{c.in.Candidate, c.in.Baseline} {
		for _, w := range side[0].Warnings {
			if w.Code == code {
				return ": " + w.Text
			}
		}
	}
	return ""
}

// candidateDied reports whether the candidate died often enough under a load
// that the baseline survived.
func (c *Comparison) candidateDied() bool {
	return c.deaths.candidate >= DeathsForRegression && c.deaths.baseline == 0 && countRuns(c.in.Baseline) > 0
}

func (j judgement) targetDied() (Verdict, ReportReason, bool) {
	if !j.c.candidateDied() {
		return "", ReportReason{}, false
	}
	return VerdictRegression, ReportReason{Code: "target_died", Text: fmt.Sprintf("the candidate's target ended under the load %d times; the baseline's survived it", j.c.deaths.candidate)}, true
}

func (j judgement) regression() (Verdict, ReportReason, bool) {
	rows := j.rows(func(r *row) bool { return r.blocking() && r.Outcome == OutcomeRegression && r.AcceptedBy == nil })
	if len(rows) == 0 {
		return "", ReportReason{}, false
	}
	worst := worstOf(rows)
	text := fmt.Sprintf("%s %s, limit %s", worst.label(), worst.changeText(), limitOnly(worst))
	return VerdictRegression, ReportReason{Code: "over_threshold", Rows: idsWorstFirst(rows, worst), Text: text}, true
}

func limitOnly(r *row) string {
	if r.rate != nil {
		return "+" + rulePoints(r.limit.worse)
	}
	return "+" + rulePercent(r.limit.worse)
}

// worstOf picks the row for the headline: an endpoint before the whole, its own
// row before the relative one, then the largest change in thresholds.
func worstOf(rows []*row) *row {
	return slices.MaxFunc(rows, func(a, b *row) int {
		for _, better := range []func(*row) bool{
			func(r *row) bool { return r.rate != nil },
			func(r *row) bool { return r.Endpoint != nil },
			func(r *row) bool { return r.own == nil },
		} {
			if x, y := better(a), better(b); x != y {
				if x {
					return 1
				}
				return -1
			}
		}
		return cmp.Compare(a.change()/a.threshold(), b.change()/b.threshold())
	})
}

func idsWorstFirst(rows []*row, worst *row) []string {
	out := []string{worst.ID}
	for _, r := range rows {
		if r != worst {
			out = append(out, r.ID)
		}
	}
	return out
}

func (j judgement) rows(want func(*row) bool) []*row {
	var out []*row
	for _, r := range j.c.rows {
		if want(r) {
			out = append(out, r)
		}
	}
	return out
}

func ids(rows []*row) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return out
}

func (j judgement) violation() (Verdict, ReportReason, bool) {
	return j.slo(SLOViolation, VerdictViolation, "slo_violated")
}

func (j judgement) slo(outcome SLOOutcome, v Verdict, code string) (Verdict, ReportReason, bool) {
	reason := ReportReason{Code: code}
	for _, s := range j.c.slo {
		if s.Severity != SeverityBlock || s.Outcome != outcome {
			continue
		}
		if reason.Text == "" {
			reason.Text = sloText(s)
		}
		reason.Rows = append(reason.Rows, s.ID)
	}
	return v, reason, reason.Text != ""
}

// invalidRow: a blocking row or limit has no usable number.
func (j judgement) invalidRow() (Verdict, ReportReason, bool) {
	rows := j.rows(func(r *row) bool { return r.blocking() && r.Outcome == OutcomeInvalid })
	if len(rows) > 0 {
		return VerdictInvalid, ReportReason{Code: rows[0].Reason.Code, Rows: ids(rows), Text: rows[0].label() + ": " + rows[0].Reason.Text}, true
	}
	return j.slo(SLOInvalid, VerdictInvalid, "slo_not_measured")
}

func (j judgement) notComparable() (Verdict, ReportReason, bool) {
	if j.c.refusal == "" {
		return "", ReportReason{}, false
	}
	return VerdictNotComparable, ReportReason{Code: "sides_differ", Text: j.c.refusal}, true
}

// noBaseline: there is nothing to compare with, or nothing but new rows.
func (j judgement) noBaseline() (Verdict, ReportReason, bool) {
	if j.c.design.Name == DesignNone {
		text := cmp.Or(j.c.in.Choice.Because, "there is no baseline") + j.patience()
		return VerdictNoBaseline, ReportReason{Code: "no_baseline", Text: text}, true
	}
	if len(j.rows(func(r *row) bool { return r.tested })) > 0 {
		return "", ReportReason{}, false
	}
	if rows := j.rows(func(r *row) bool { return r.Outcome == OutcomeNew }); len(rows) > 0 || len(j.c.rows) == 0 {
		return VerdictNoBaseline, ReportReason{Code: "only_new", Rows: ids(rows), Text: "nothing was compared: the baseline has none of the endpoints"}, true
	}
	return "", ReportReason{}, false
}

// patience says for how long a missing baseline only warns.
func (j judgement) patience() string {
	p := j.c.in.Policy.NoBaseline
	left := p.until() - j.c.in.StoreJobs
	if p.Action != "" || left < 1 {
		return ""
	}
	return fmt.Sprintf("; this warns for %d more job%s in the store, then it fails", left, plural(left))
}

// inconclusive: a primary row is; a blocking row is suspicious; an endpoint or
// percentile that the file names could not be tested; or no row passed at all.
func (j judgement) inconclusive() (Verdict, ReportReason, bool) {
	rows := j.rows(j.undecided)
	if len(rows) > 0 {
		worst := worstUndecided(rows)
		text := strings.TrimSpace(worst.label() + " " + worst.changeText())
		return VerdictInconclusive, ReportReason{Code: worst.Reason.Code, Rows: idsWorstFirst(rows, worst), Text: text + ": " + worst.Reason.Text}, true
	}
	passed := j.rows(func(r *row) bool {
		return r.blocking() && r.Role == RolePrimary && (r.Outcome == OutcomePass || r.Outcome == OutcomeImprovement)
	})
	if j.c.design.Name == DesignSingle {
		return VerdictInconclusive, ReportReason{Code: "single", Text: j.c.design.Why + ": a change cannot be told from noise"}, true
	}
	if len(passed) == 0 {
		return VerdictInconclusive, ReportReason{Code: "nothing_decided", Text: "no primary row that may block passed"}, true
	}
	return "", ReportReason{}, false
}

// undecided reports whether a row withholds the pass.
func (j judgement) undecided(r *row) bool {
	if r.AcceptedBy != nil || r.Severity != SeverityBlock {
		return false
	}
	switch r.Outcome {
	case OutcomeInconclusive:
		return r.Role == RolePrimary || r.open || r.Suspicious && r.Role != RoleRelative ||
			r.Reason.Code == CodeUnconfirmed || r.Named && r.Reason.Code == "too_few_requests"
	case OutcomeNotComparable:
		return r.Named || r.Role == RolePrimary || j.namedEndpoint(r)
	}
	return false
}

// namedEndpoint reports whether a rule of the file names the row's endpoint.
func (j judgement) namedEndpoint(r *row) bool {
	if r.Endpoint == nil {
		return false
	}
	for _, t := range j.c.in.Policy.Thresholds {
		if t.Endpoint != "" && MatchEndpoint(t.Endpoint, *r.Endpoint) {
			return true
		}
	}
	return false
}

// worstUndecided is the row with the largest change in thresholds, first those
// that a history calls a regression, then suspicious ones.
func worstUndecided(rows []*row) *row {
	rank := func(r *row) int {
		switch {
		case r.Reason.Code == CodeUnconfirmed:
			return 2
		case r.Suspicious:
			return 1
		}
		return 0
	}
	return slices.MaxFunc(rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(scaled(a), scaled(b)))
	})
}

func scaled(r *row) float64 {
	if !r.tested {
		return 1e9 // what could not be tested at all comes first
	}
	return r.change() / r.threshold()
}

// passReason leads with what a reader must not miss under a pass: rows of
// severity warn that regressed, and what a waiver let through.
func (j judgement) passReason() ReportReason {
	worse := j.rows(func(r *row) bool { return r.Outcome == OutcomeRegression && r.Role != RoleRelative })
	if len(worse) > 0 {
		worst := worstOf(worse)
		how := "severity warn"
		if worst.AcceptedBy != nil {
			how = "accepted by " + *worst.AcceptedBy
		}
		return ReportReason{Code: "pass_despite", Rows: idsWorstFirst(worse, worst),
			Text: fmt.Sprintf("nothing that blocks regressed, but %s %s (%s)", worst.label(), worst.changeText(), how)}
	}
	reason := ReportReason{Code: "pass", Text: "no endpoint is slower"}
	tested := j.rows(func(r *row) bool { return r.tested && r.rate == nil && r.own == nil && r.Role != RoleInfo })
	if !slices.ContainsFunc(tested, func(r *row) bool { _, latency := LatencyLevel(r.Metric); return latency }) {
		reason.Text = "no latency was judged; what was judged is not worse"
	}
	if len(tested) == 0 {
		return reason
	}
	largest := slices.MaxFunc(tested, func(a, b *row) int { return cmp.Compare(scaled(a), scaled(b)) })
	reason.Rows = []string{largest.ID}
	reason.Text += fmt.Sprintf("; largest change: %s %s, limit %s", largest.label(), largest.changeText(), limitOnly(largest))
	return reason
}
