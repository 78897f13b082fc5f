package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// mdTable is the visible table: the rows that matter, the others in one line
// for each way in which they do not, and broken limits.
func (v view) mdTable(i inks) string {
	switch v.r.Verdict {
	case gate.VerdictNoBaseline, gate.VerdictNotComparable, gate.VerdictSkipped:
		return ""
	}
	shown, folded, rates := v.split(false)
	// A pass rests on its primary rows; the sentence above names them.
	quiet := func(r gate.Row) bool { return kindOf(r) == kindQuiet }
	calm, loud := partition(append(shown, rates...), quiet)
	limits := v.mdLimits(i)
	if len(loud) == 0 || v.unmeasured() {
		return limits
	}
	room := visibleRows
	if limits != "" {
		limits += "\n"
		room = visibleBoth
	}
	var lines []string
	for _, row := range loud {
		lines = append(lines, v.mdRow(row, i))
	}
	lines = cutTable(lines, room-1)
	if s := mdOthersLine(append(folded, calm...)); s != "" {
		lines = append(lines, s)
	}
	return limits + fmt.Sprintf(mdTableHead, v.level()) + strings.Join(lines, "\n") + "\n"
}

// cutTable keeps as many lines as fit into most and counts the others.
func cutTable(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	cut := len(lines) - (most - 1)
	return append(lines[:most-1], "| "+fmt.Sprintf(mdMoreRows, plural(cut, "more row"))+" | | | |")
}

// mdLimits is the table of absolute limits that were broken or could not be
// measured, empty without one.
func (v view) mdLimits(i inks) string {
	_, broken := v.limits()
	if len(broken) == 0 {
		return ""
	}
	var lines []string
	for _, s := range broken {
		word, _ := sloWord(s)
		lines = append(lines, fmt.Sprintf("| %s | %s | %s | %s :x: |", v.mdSLOName(s, i), i.name(limitText(s)), observed(s), word))
	}
	return mdLimitHead + strings.Join(cutTable(lines, visibleLimits), "\n") + "\n"
}

func (v view) mdSLOName(s gate.SLORow, i inks) string {
	if s.Endpoint != nil {
		return i.name(v.prefix(s.Scenario) + *s.Endpoint)
	}
	return i.prose(v.prefix(s.Scenario) + textOverall)
}

// mdName names a row: code for an endpoint, words for the whole.
func (v view) mdName(row gate.Row, i inks) string {
	name, _ := v.label(row)
	if v.of(row) != nil {
		return i.name(name)
	}
	return i.prose(name)
}

// mdLabel is label in words, for a comment has the room.
func (v view) mdLabel(row gate.Row) (name, metric string) {
	name, metric = v.label(row)
	if row.Role == gate.RoleRelative {
		metric = strings.TrimSuffix(metric, textRelative) + mdRelative
	}
	return name, metric
}

func (v view) mdRow(row gate.Row, i inks) string {
	_, metric := v.mdLabel(row)
	return fmt.Sprintf("| %s | %s %s | %s | %s |", v.mdName(row, i), i.prose(metric), arrow(row), mdChange(row), mdOutcome(row, i))
}

// mdChange writes "+9.6 ms, +23.4 % (+18.1 to +29.0)".
func mdChange(row gate.Row) string {
	s := change(row)
	if s == none {
		return ""
	}
	if m := magnitude(row); m != "" {
		s = m + ", " + s
	}
	if between := interval(row, " to "); between != none {
		s += " (" + between + ")"
	}
	return s
}

// mdOutcome writes the word, then its symbol.
func mdOutcome(row gate.Row, i inks) string {
	k := kindOf(row)
	word := i.prose(outcomeWord(row.Outcome))
	switch k {
	case kindAccepted:
		word += ", accepted"
	case kindWarned:
		word += ", only warns"
	}
	if row.Outcome == gate.OutcomeInfo {
		return word
	}
	return word + " " + symbols()[k]
}

// mdOthersLine sums up rows that say nothing.
func mdOthersLine(rows []gate.Row) string {
	if len(rows) == 0 {
		return ""
	}
	between := ""
	if low, high, ok := spread(rows); ok {
		between = signedNumber(low, false) + " to " + signedNumber(high, false) + " %"
	}
	word := outcomeCounts(rows)
	good := func(o gate.Outcome) int { return count(rows, func(r gate.Row) bool { return r.Outcome == o }) }
	switch pass := good(gate.OutcomePass); len(rows) {
	case pass:
		word = outcomeWord(gate.OutcomePass) + " " + symbols()[kindQuiet]
	case pass + good(gate.OutcomeImprovement):
		word += " " + symbols()[kindQuiet]
	}
	return strings.ReplaceAll(fmt.Sprintf("| %s | | %s | %s |", plural(len(rows), "other row"), between, word), "|  |", "| |")
}

// spread returns the smallest and the largest relative change of rows.
func spread(rows []gate.Row) (low, high float64, ok bool) {
	for _, row := range rows {
		if row.ChangeRatio == nil || row.Role == gate.RoleRelative {
			continue
		}
		if !ok {
			low, high, ok = *row.ChangeRatio, *row.ChangeRatio, true
		}
		low, high = min(low, *row.ChangeRatio), max(high, *row.ChangeRatio)
	}
	return low, high, ok
}

// mdNotes are what must not be folded away: waivers, changed rules, warnings.
func (v view) mdNotes(i inks) []string {
	var notes []string
	for _, c := range v.r.Policy.ChangedByCandidate {
		notes = append(notes, upperFirst(fmt.Sprintf(textPolicy, i.name(c.Key), i.name(emptyWord(c.Baseline)), i.name(emptyWord(c.Candidate)))))
	}
	for _, a := range v.r.Accepted {
		notes = append(notes, waiverText(a, i))
	}
	for _, name := range v.r.Comparability.EndpointsMissing {
		notes = append(notes, i.name(name)+" is missing in the candidate")
	}
	for _, w := range v.r.Warnings {
		notes = append(notes, upperFirst(textWarning)+i.prose(w.Text))
	}
	return notes
}

// mdSteps folds the commands to type.
func (v view) mdSteps() string {
	commands := slices.Clone(v.r.NextSteps)
	if v.r.Reproduce != "" {
		commands = append(commands, v.r.Reproduce+"  # reproduce it")
	}
	if len(commands) == 0 {
		return ""
	}
	summary := mdNext
	if v.r.Verdict == gate.VerdictRegression {
		summary = mdIntended
	}
	return fold(summary, fence(commands))
}

func fold(summary, body string) string {
	return "\n<details><summary>" + summary + "</summary>\n\n" + body + "\n</details>\n"
}

// mdDetails folds all rows and how they were measured, in at most room bytes.
func (v view) mdDetails(i inks, room int) string {
	var frame []string
	for _, s := range []string{
		v.frame(i), v.sidesText(i), v.designText(i, true), v.endText(i), v.coverageText(), v.passText(i),
	} {
		if s != "" {
			frame = append(frame, "- "+upperFirst(s)+"\n")
		}
	}
	if v.meansShown(v.r.Rows) {
		frame = append(frame, "- "+upperFirst(textLegendWhole)+"\n")
	}
	for _, s := range v.mdNotes(i) {
		frame = append(frame, "- "+s+"\n")
	}
	for _, l := range v.r.SLO {
		word, _ := sloWord(l)
		frame = append(frame, fmt.Sprintf("- Limit %s of %s: observed %s, %s\n", i.name(limitText(l)), v.mdSLOName(l, i), observed(l), word))
	}
	metrics := map[string]bool{}
	for _, row := range v.r.Rows {
		metrics[row.Metric] = true
	}
	summary := fmt.Sprintf(mdAll, plural(v.endpointCount(), "endpoint"), plural(len(metrics), "metric"))
	if len(v.r.Rows) == 0 {
		summary = mdHow
	}
	about := cutLines(frame, room/3)
	rows := v.mdAllRows(i, room-len(about)-400)
	return fold(summary, rows+about)
}

// mdAllRows is the table of every row, as many as fit into room bytes.
func (v view) mdAllRows(i inks, room int) string {
	if len(v.r.Rows) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, mdFullHead, v.level())
	for n, row := range v.r.Rows {
		_, metric := v.mdLabel(row)
		s := fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", v.mdName(row, i), i.prose(metric), arrow(row), mdChange(row), threshold(row), mdOutcome(row, i))
		if b.Len()+len(s) > room {
			fmt.Fprintf(&b, "\n"+mdCut+"\n", plural(len(v.r.Rows)-n, "row"))
			break
		}
		b.WriteString(s)
	}
	return b.String() + "\n"
}

// cutLines joins as many lines as fit into room bytes and counts the others.
func cutLines(lines []string, room int) string {
	var b strings.Builder
	for n, s := range lines {
		if b.Len()+len(s) > room {
			fmt.Fprintf(&b, "- "+mdCut+"\n", plural(len(lines)-n, "line"))
			break
		}
		b.WriteString(s)
	}
	return b.String()
}

// mdProof lists why nothing had to be measured.
func (v view) mdProof(i inks) []string {
	if v.r.Skip == nil {
		return nil
	}
	lines := []string{""}
	for k, fact := range v.r.Skip.Proof {
		if k == visibleNotes && len(v.r.Skip.Proof) > visibleNotes+1 {
			return append(lines, fmt.Sprintf("- %d more facts in report.json", len(v.r.Skip.Proof)-k))
		}
		lines = append(lines, "- "+i.prose(fact))
	}
	return lines
}
