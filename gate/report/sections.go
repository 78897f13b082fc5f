package report

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// writeHead writes the verdict, what was compared, and the reason where no row
// of the table tells it.
func (v view) writeHead(p *page, t table, o TextOptions) {
	i := terminalInks()
	word := strings.ToUpper(verdictWord(v.r.Verdict))
	said := v.headline(i) + v.asides(i)
	lines := wrap(said, p.width-columns(word)-2)
	facts := strings.Join(v.facts(i), ", ")
	if v.single() {
		facts = ""
	}
	// The facts end where the table does.
	end := min(p.width, t.layout.width()+1) - 2
	gap := end - columns(word) - 2 - columns(said) - columns(facts)
	if gap < 2 && p.width-2-end+gap >= 2 { // beside it, though the table is narrower
		gap = 2
	}
	beside := facts != "" && len(lines) <= 1 && gap >= 2
	for n, s := range lines {
		switch {
		case n > 0:
			p.line(strings.Repeat(" ", columns(word)+2) + s)
		case beside:
			p.line(paint(word, verdictTone(v.r.Verdict), p.color) + "  " + s + strings.Repeat(" ", gap) + facts)
		default:
			p.line(paint(word, verdictTone(v.r.Verdict), p.color) + "  " + s)
		}
	}
	if len(lines) == 0 {
		p.line(paint(word, verdictTone(v.r.Verdict), p.color))
	}
	if facts != "" && !beside {
		p.prose("  ", facts)
	}
	if v.single() {
		v.writeSides(p, o)
	}
	if v.tellsReason(o.All) && v.r.Reason.Text != "" {
		p.prose("  ", terminal(v.r.Reason.Text))
	}
	if v.r.Verdict == gate.VerdictNoBaseline {
		v.writeMeasured(p)
	}
	v.writeProof(p)
}

// writeProof lists why nothing had to be measured.
func (v view) writeProof(p *page) {
	if v.r.Skip == nil {
		return
	}
	p.blank()
	for _, fact := range v.r.Skip.Proof {
		p.prose("  - ", terminal(fact))
	}
}

// tellsReason reports whether the reason says more than headline and table.
func (v view) tellsReason(all bool) bool {
	switch v.r.Verdict {
	case gate.VerdictSkipped: // is the headline
		return false
	case gate.VerdictInconclusive:
		return all || !v.single()
	case gate.VerdictRegression, gate.VerdictViolation, gate.VerdictPass:
		_, row := v.worst()
		return all || !row && v.r.Reason.Text != "" && v.r.Verdict == gate.VerdictRegression
	}
	return true
}

// writeSides names the two files of a comparison of single runs.
func (v view) writeSides(p *page, o TextOptions) {
	d := v.r.Design
	names := [2]string{"baseline", "candidate"}
	for i, typed := range []string{o.Baseline, o.Candidate} {
		if typed != "" {
			names[i] = cutMiddle(terminal(typed), p.width/3)
		}
	}
	parts := []string{
		names[0] + " " + plural(d.BaselineRuns, "run"), names[1] + " " + plural(d.CandidateRuns, "run"), v.where(),
	}
	p.prose("", strings.Join(parts, " · "))
	if v.r.Scenario != "" {
		p.prose("", strings.TrimSpace("scenario "+terminal(v.r.Scenario)+" "+digest(v.r.Comparability.LoadDigest)))
	}
	if v.r.Verdict != gate.VerdictInconclusive || d.BaselineRuns != d.CandidateRuns { // else the headline says it
		p.prose("", "design single: "+terminal(d.Why))
	}
}

// where says what is known of machine and time of two files.
func (v view) where() string {
	s := v.machines()
	if b := v.r.Sides.Baseline; b != nil && b.AgeS != nil {
		s += ", " + duration(math.Abs(float64(*b.AgeS))) + " apart"
	}
	return s
}

func (v view) machines() string {
	c := v.r.Comparability
	switch {
	case c.SameMachine:
		return textSameMachine
	case c.Environment == "equal":
		return textSameKind
	case c.Environment == "different":
		return textDifferentMachine
	}
	return textUnknownMachine
}

// digest shortens "sha256:1f2e3d…" to the six digits that people compare.
func digest(s string) string {
	s = s[strings.Index(s, ":")+1:]
	return terminal(head(s, 6))
}

// writeMeasured sums up the candidate of a report that compared nothing.
func (v view) writeMeasured(p *page) {
	if s := v.measured(terminalInks()); s != "" {
		p.prose("  ", s)
	}
}

// measured says what the candidate alone did, empty when it is not known.
func (v view) measured(i inks) string {
	var parts []string
	if n := v.endpointCount(); n > 0 {
		parts = append(parts, plural(n, "endpoint"))
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, row := range v.r.Rows {
		switch {
		case row.Candidate == nil:
		case row.Metric == gate.MetricErrorRate && row.Endpoint == nil:
			parts = append(parts, percent(row.Candidate.Value)+" errors")
		case row.Metric == gate.MetricP95 && row.Endpoint != nil && row.Role != gate.RoleRelative:
			low, high = min(low, row.Candidate.Value), max(high, row.Candidate.Value)
		}
	}
	switch {
	case high > low:
		s := timeScale(high)
		number, _, _ := strings.Cut(timeIn(s, low), " ")
		parts = append(parts, "p95 "+number+" to "+timeIn(s, high))
	case high == low:
		parts = append(parts, "p95 "+value("ms", high))
	}
	if len(parts) == 0 {
		return ""
	}
	name := "the candidate"
	if c := v.r.Sides.Candidate; c != nil && c.Commit != "" {
		name = i.name(commit(c.Commit))
	}
	return fmt.Sprintf(textMeasured, name, strings.Join(parts, ", "))
}

// commit shortens a full hash to the seven digits that people type.
func commit(s string) string { return head(s, 7) }

// writeDifferences lists what kept two sides from being compared, or was
// different though they were.
func (v view) writeDifferences(p *page, all bool) {
	c := v.r.Comparability
	var lines []string
	add := func(what string, names []string) {
		if len(names) > 0 {
			lines = append(lines, what+": "+terminal(strings.Join(names, ", ")))
		}
	}
	if v.r.Verdict == gate.VerdictNotComparable {
		lines = append(lines, v.sidesDiffer()...)
	}
	add("missing in the candidate", c.EndpointsMissing)
	add("another request under the same name", c.EndpointsChanged)
	if all {
		add("new in the candidate", c.EndpointsAdded)
	}
	if all || v.r.Verdict == gate.VerdictNotComparable {
		add("also different", c.RecordedDifferences)
	}
	if len(lines) > 0 {
		p.blank()
	}
	for _, s := range lines {
		p.prose("  ", s)
	}
}

// sidesDiffer sets the frames of both sides against each other.
func (v view) sidesDiffer() []string {
	c, b, d := v.r.Comparability, v.r.Sides.Baseline, v.r.Sides.Candidate
	lines := []string{"load: " + emptyWord(terminal(c.Load))}
	machine := "environment: " + emptyWord(terminal(c.Environment))
	if b != nil && d != nil && b.Machine != d.Machine {
		machine += ", " + terminal(b.Machine) + " and " + terminal(d.Machine)
	}
	return append(lines, machine)
}

// writeLimits lists the broken absolute limits, with all of them on demand.
func (v view) writeLimits(p *page, all bool) {
	kept, shown := v.limits()
	if all {
		shown = v.r.SLO
	}
	if len(shown) == 0 {
		return
	}
	p.blank()
	title := textLimits
	if kept > 0 && !all {
		title += ", " + fmt.Sprintf(textKept, plural(kept, "other"))
	}
	p.line("  " + title)
	var name, limit, value, rule, word int
	for _, s := range shown {
		w, _ := sloWord(s)
		name, limit, value = max(name, columns(v.sloName(s))), max(limit, columns(limitText(s))), max(value, columns(observed(s)))
		rule, word = max(rule, columns(terminal(s.Rule))), max(word, columns(w))
	}
	limit = min(limit, 24)
	room := p.width - 2 - 2 - limit - 2 - value - 2 - 2 - word
	rule = max(0, min(rule, 20, room-narrowest)) // a short name before a long rule
	name = min(name, room-rule)
	for _, s := range shown {
		w, t := sloWord(s)
		p.line(strings.TrimRight("  "+padRight(cutMiddle(v.sloName(s), name), name)+"  "+padRight(cutMiddle(limitText(s), limit), limit)+
			"  "+padLeft(observed(s), value)+"  "+padRight(cutMiddle(terminal(s.Rule), rule), rule)+"  "+paint(w, t, p.color), " "))
	}
}

// limits returns the absolute limits that were not kept and counts the others.
func (v view) limits() (kept int, broken []gate.SLORow) {
	for _, s := range v.r.SLO {
		if s.Outcome == gate.SLOPass {
			kept++
		} else {
			broken = append(broken, s)
		}
	}
	return kept, broken
}

func (v view) sloName(s gate.SLORow) string {
	if s.Endpoint != nil {
		return terminal(v.prefix(s.Scenario) + *s.Endpoint)
	}
	return terminal(v.prefix(s.Scenario) + textOverall)
}

// limitText writes a limit as its rule does: "error_rate < 1 %".
func limitText(s gate.SLORow) string {
	return terminal(s.Metric) + " " + terminal(s.Op) + " " + limitValue(s.Unit, s.Limit)
}

// limitValue writes the number of a rule without digits that nobody wrote.
func limitValue(unit string, v float64) string {
	switch unit {
	case "ms":
		return significant(v, ruleDigits) + " ms"
	case "ratio":
		return significant(v*100, ruleDigits) + " %"
	}
	return value(unit, v)
}

func observed(s gate.SLORow) string {
	if s.Observed == nil {
		return none
	}
	return value(s.Unit, *s.Observed)
}

func sloWord(s gate.SLORow) (string, tone) {
	switch s.Outcome {
	case gate.SLOPass:
		return "kept", toneNone
	case gate.SLOViolation:
		if s.Severity == gate.SeverityWarn || s.Severity == gate.SeverityInfo {
			return textBroken + " (only warns)", toneUnsure
		}
		return textBroken, toneBad
	}
	return textUnknown, toneBad
}

// waiverText says what became of a waiver. File, owner and row are named, so
// that a reader can ask and mend.
func waiverText(a gate.AcceptedRow, i inks) string {
	words := waiverTexts()[a.State]
	begin := cmp.Or(words[0], "waiver")
	if a.State == gate.WaiverUsed || a.State == gate.WaiverExpired {
		begin = fmt.Sprintf(begin, i.prose(a.Expires), i.name(a.Owner))
	}
	if a.File != "" {
		begin = i.prose(a.File) + ": " + begin
	}
	what := i.name(a.Metric)
	if a.Endpoint != "" {
		what = i.name(a.Endpoint) + " " + what
	}
	unit := " %"
	if gate.RateMetric(a.Metric) {
		unit = " pp"
	}
	s := fmt.Sprintf("%s: %s up to +%s%s", begin, what, significant(a.MaxWorseRatio*100, ruleDigits), unit)
	if a.Reason != "" {
		s += " (" + i.prose(a.Reason) + ")"
	}
	if words[1] != "" {
		s += "; " + words[1]
	}
	return s
}

func (v view) writeWaivers(p *page) {
	for _, a := range v.r.Accepted {
		p.prose("  ", waiverText(a, terminalInks()))
	}
}

// writeNotes writes what a reader should know beside the numbers.
func (v view) writeNotes(p *page, all bool) {
	if kept, broken := v.limits(); kept > 0 && len(broken) == 0 && !all {
		p.prose("  ", textLimits+": "+fmt.Sprintf(textKept, plural(kept, "limit")))
	}
	for _, c := range v.r.Policy.ChangedByCandidate {
		p.prose("  ", fmt.Sprintf(textPolicy, terminal(c.Key), terminal(emptyWord(c.Baseline)), terminal(emptyWord(c.Candidate))))
	}
	if v.r.WouldFail {
		p.prose("  ", textObserve)
	}
	for _, w := range v.r.Warnings {
		first := "  " + paint(textWarning, toneUnsure, p.color)
		lines := wrap(terminal(w.Text), p.width-2-columns(textWarning))
		for _, s := range lines {
			p.line(first + s)
			first = "  " + strings.Repeat(" ", columns(textWarning))
		}
	}
}

func emptyWord(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
