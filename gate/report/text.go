package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// Widths of the text view in columns.
const (
	DefaultWidth = 80
	// MinWidth is the least width: a narrower table could not hold its
	// numbers.
	MinWidth = 76
)

// listedRows is the number of rows that the default view shows in its table;
// the worst ones come first.
const listedRows = 15

// TextOptions says how a text view looks. Its zero value is 80 columns, what
// matters, and no colour.
type TextOptions struct {
	// Width in columns, 0: DefaultWidth, less than MinWidth: MinWidth. No
	// line is longer.
	Width int
	// All shows every row with all that is known of it.
	All bool
	// Color marks words red, green and yellow by SGR sequences.
	Color bool
	// Baseline and Candidate are the file names as they were typed; empty:
	// "baseline" and "candidate" (of a result: "result.json").
	Baseline, Candidate string
}

func (o TextOptions) width() int {
	if o.Width == 0 {
		return DefaultWidth
	}
	return max(o.Width, MinWidth)
}

// page collects the lines of a text view.
type page struct {
	strings.Builder
	width int
	color bool
	gap   bool // a blank line comes before the next one
}

func (p *page) line(s string) {
	if p.gap && p.Len() > 0 {
		p.WriteString("\n")
	}
	p.gap = false
	p.WriteString(s + "\n")
}

// blank separates what follows, if anything does.
func (p *page) blank() { p.gap = true }

// prose writes a sentence of words that are safe, behind a first indent and
// with the later lines under its text.
func (p *page) prose(first, s string) {
	rest := strings.Repeat(" ", columns(first))
	for _, l := range wrap(s, p.width-columns(first)) {
		p.line(first + l)
		first = rest
	}
}

// Text writes a report for a terminal or a log: the verdict, the worst rows,
// why they are believed, and the command to type next. Every text of the
// report is escaped. The error is that of w.
func Text(w io.Writer, r gate.Report, o TextOptions) error {
	v := newView(r)
	p := &page{width: o.width(), color: o.Color}
	t := v.table(p.width, o.All)
	v.writeHead(p, t, o)
	first := v.r.Verdict == gate.VerdictViolation // what broke comes first
	if first {
		v.writeLimits(p, o.All)
	}
	if len(t.lines) > 0 {
		p.blank()
		t.write(p)
	}
	v.writeDifferences(p, o.All)
	if !first {
		v.writeLimits(p, o.All)
	}
	p.blank()
	v.writeLegend(p, t)
	v.writeWaivers(p)
	v.writeNotes(p, o.All)
	v.writeFrame(p, o.All)
	v.writeNext(p, o.All)
	_, err := io.WriteString(w, p.String())
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// table is the table of rows, laid out.
type table struct {
	layout  layout
	lines   []line // of rows, then of rates
	rows    []gate.Row
	split   int      // the number of lines before the folded ones are told
	more    []string // about folded rows
	detail  [][]string
	grouped bool // the lines of each scenario stand under its name
}

// table chooses the rows and fits their columns.
func (v view) table(width int, all bool) table {
	shown, folded, rates := v.split(all)
	if !all && (v.r.Verdict == gate.VerdictNoBaseline || v.unmeasured()) {
		return table{layout: v.fit(nil, width)}
	}
	var t table
	cut := 0
	if !all && len(shown) > listedRows {
		cut = len(shown) - listedRows
		shown = shown[:listedRows]
	}
	t.rows = append(v.grouped(shown), rates...)
	t.split = len(shown)
	t.grouped = len(v.endpoints) > 1
	pad := v.methodColumns(t.rows)
	for _, row := range t.rows {
		t.lines = append(t.lines, v.lineOf(row, pad))
		if all {
			t.detail = append(t.detail, v.details(row))
		}
	}
	t.layout = v.fit(t.lines, width)
	if cut > 0 {
		t.more = append(t.more, fmt.Sprintf(textMoreLike, plural(cut, "more row")))
	}
	if s := v.foldedText(folded, len(shown)); s != "" {
		t.more = append(t.more, s)
	}
	return t
}

func (t table) write(p *page) {
	p.line(t.layout.heading())
	for i, x := range t.lines {
		if i == t.split && i > 0 {
			t.writeMore(p)
		}
		if i < t.split && t.grouped && (i == 0 || t.rows[i].Scenario != t.rows[i-1].Scenario) {
			p.line("  " + cutMiddle(terminal(t.rows[i].Scenario), p.width-3) + ":")
		}
		p.line(t.layout.render(x, p.color))
		if i < len(t.detail) {
			p.prose("      ", strings.Join(t.detail[i], ", "))
		}
	}
	if t.split == len(t.lines) || t.split == 0 {
		t.writeMore(p)
	}
}

// grouped puts the rows of one scenario together, the scenario of the worst row
// first.
func (v view) grouped(rows []gate.Row) []gate.Row {
	first := map[string]int{}
	for i, row := range rows {
		if _, ok := first[row.Scenario]; !ok {
			first[row.Scenario] = i
		}
	}
	slices.SortStableFunc(rows, func(a, b gate.Row) int { return cmp.Compare(first[a.Scenario], first[b.Scenario]) })
	return rows
}

func (t table) writeMore(p *page) {
	for _, s := range t.more {
		p.prose("  ", s)
	}
}

// foldedText says what the rows are that are not shown.
func (v view) foldedText(folded []gate.Row, shown int) string {
	if len(folded) == 0 {
		return ""
	}
	more := plural(len(folded), "more row")
	if shown == 0 {
		more = plural(len(folded), "row")
	}
	other := count(folded, func(r gate.Row) bool { return kindOf(r) != kindUndecided && kindOf(r) != kindQuiet })
	size := ""
	if row, ok := largest(folded); ok {
		size = fmt.Sprintf(textLargest, change(row))
	}
	switch {
	case v.single() && other == 0 && !slices.ContainsFunc(folded, numberless): // what has a number is below its limit
		if shown > 0 {
			return fmt.Sprintf(textMoreSmaller, more) + textShowAll
		}
		return fmt.Sprintf(textNoneOver, more) + size + textShowAll
	case count(folded, func(r gate.Row) bool { return r.Outcome == gate.OutcomePass }) == len(folded):
		return fmt.Sprintf(textMoreQuiet, more) + size + textShowAll
	}
	if other > 0 {
		size = ""
	}
	return fmt.Sprintf(textMoreMixed, more, outcomeCounts(folded)) + size + textShowAll
}

// numberless reports whether a row has no change to tell of.
func numberless(row gate.Row) bool {
	return row.ChangeRatio == nil && row.ChangeAbs == nil && row.Role != gate.RoleRelative
}

// outcomeCounts counts rows by outcome, as the coverage does: "3 no change,
// 2 cannot tell, 1 shown only".
func outcomeCounts(rows []gate.Row) string {
	var parts []string
	for _, o := range []gate.Outcome{gate.OutcomePass, gate.OutcomeRegression, gate.OutcomeImprovement, gate.OutcomeInconclusive,
		gate.OutcomeNotComparable, gate.OutcomeInvalid, gate.OutcomeNew, gate.OutcomeInfo} {
		of, _ := partition(rows, func(r gate.Row) bool { return r.Outcome == o })
		if len(of) == 0 {
			continue
		}
		part := fmt.Sprintf("%d %s", len(of), outcomeWord(o))
		if repeated := count(of, func(r gate.Row) bool { return r.Role == gate.RoleRelative }); repeated == len(of) &&
			(o == gate.OutcomeRegression || o == gate.OutcomeImprovement) { // no other ones are folded
			part += " " + textAgainst
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func outcomeWord(o gate.Outcome) string {
	if word, ok := outcomeWords()[o]; ok {
		return word
	}
	return terminal(string(o))
}

// details are all that a row holds beside its numbers.
func (v view) details(row gate.Row) []string {
	parts := []string{outcomeName(row), string(row.Role)}
	if row.Role == "" {
		parts = parts[:1]
	}
	if row.P != nil {
		parts = append(parts, "p "+pValue(*row.P))
	}
	if row.PAdjusted != nil {
		parts = append(parts, "adjusted p "+pValue(*row.PAdjusted))
	}
	if s := threshold(row); s != "" {
		parts = append(parts, "limit "+s)
	}
	if s := mde(row); s != "" {
		parts = append(parts, "sees "+s)
	}
	if row.RunsNeeded != nil {
		parts = append(parts, "needs "+v.pairs(*row.RunsNeeded))
	}
	if row.Rule != "" && row.Rule != "default" {
		parts = append(parts, "rule "+row.Rule)
	}
	if row.Reason.Text != "" {
		parts = append(parts, row.Reason.Text)
	}
	for i, s := range parts {
		parts[i] = terminal(s)
	}
	return parts
}

// outcomeName is the outcome as files write it, with what qualifies it.
func outcomeName(row gate.Row) string {
	name := string(row.Outcome)
	switch {
	case row.AcceptedBy != nil:
		name += " (accepted)"
	case row.Suspicious && row.Outcome == gate.OutcomeInconclusive:
		name += " (suspicious)"
	case row.Severity == gate.SeverityWarn:
		name += " (warns)"
	}
	return name
}

// pairs counts the pairs that a decision needs, whatever the design was.
func (v view) pairs(n int) string {
	if v.r.Design.Name == gate.DesignPaired {
		return plural(n, "pair")
	}
	return fmt.Sprintf(textPairs, plural(n, "pair"))
}
