package report

import (
	"fmt"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// tone is the colour of a word. It repeats what the word says.
type tone int

const (
	toneNone tone = iota
	toneGood
	toneBad
	toneUnsure
)

// paint colours s where the output is a terminal that wants it.
func paint(s string, t tone, on bool) string {
	codes := [...]string{toneGood: "32", toneBad: "31", toneUnsure: "33"}
	if !on || t == toneNone || s == "" {
		return s
	}
	return "\x1b[" + codes[t] + "m" + s + "\x1b[0m"
}

func toneOf(k kind) tone {
	switch k {
	case kindRegression, kindUnusable:
		return toneBad
	case kindWarned, kindAccepted, kindUndecided:
		return toneUnsure
	case kindImproved:
		return toneGood
	}
	return toneNone
}

func verdictTone(v gate.Verdict) tone {
	switch v {
	case gate.VerdictPass, gate.VerdictSkipped:
		return toneGood
	case gate.VerdictRegression, gate.VerdictViolation, gate.VerdictInvalid:
		return toneBad
	}
	return toneUnsure
}

// mark is the letter behind a row, which the legend explains.
func mark(k kind) string {
	return [...]string{
		kindRegression: "X", kindWarned: "x", kindAccepted: "A", kindUnusable: "!",
		kindUndecided: "?", kindImproved: "+", kindNew: "*", kindQuiet: "",
	}[k]
}

// line is one row of the table, as text.
type line struct {
	name, metric, baseline, candidate, change, last, mark string
	tone                                                  tone
	// words replaces last by words that may reach under the mark.
	words string
}

// layout holds the widths of the columns between two blanks.
type layout struct {
	name, metric, baseline, candidate, change, last int
	head                                            string // of the last column
	// units lets " pp" stick out of the column of changes, so that the
	// numbers before it line up with those before " %".
	units bool
}

// Fixed parts of a line: the indent, five gaps, the gap and the mark.
const layoutFixed = 2 + 5*2 + 2 + 1

func (l layout) width() int {
	return layoutFixed + l.name + l.metric + l.baseline + l.candidate + l.change + l.last
}

// narrowest is the least number of columns of a name.
const narrowest = 8

// fit computes the widths for lines inside of width columns: wide enough for
// the numbers, then as much of the names as fits.
func (v view) fit(lines []line, width int) layout {
	// A little air, which is given up first when names need the room.
	l := layout{name: columns(headEndpoint), metric: columns(headMetric), baseline: 9, candidate: columns(headCandidate),
		change: 8, last: 14, head: fmt.Sprintf(headInterval, v.level()), units: true}
	if v.single() {
		l.baseline, l.change, l.last, l.head, l.units = 8, 7, 8, headSeenFrom, false
	}
	baseline := columns(headBaseline)
	for _, x := range lines {
		l.name = max(l.name, columns(x.name))
		l.metric = max(l.metric, min(columns(x.metric), 12))
		baseline = max(baseline, columns(x.baseline))
		l.candidate = max(l.candidate, columns(x.candidate))
		l.change = max(l.change, columns(l.withoutUnit(x.change)))
		l.last = max(l.last, columns(x.last))
	}
	l.baseline = max(l.baseline, baseline)
	if l.name += l.name % 2; l.width() > width {
		l.name, l.baseline = l.name-l.name%2, baseline
	}
	l.name = max(narrowest, min(l.name, l.name-l.width()+width))
	if l.width() > width { // only numbers that no service has are so wide
		l.last, l.head = 0, ""
	}
	return l
}

// withoutUnit drops the letter by which a unit may stick out.
func (l layout) withoutUnit(change string) string {
	if l.units && strings.HasSuffix(change, " pp") {
		return strings.TrimSuffix(change, "p")
	}
	return change
}

// level is the level of the report's intervals in per cent.
func (v view) level() string {
	for _, row := range v.r.Rows {
		if row.IntervalLevel > 0 {
			return significant(row.IntervalLevel*100, 3)
		}
	}
	return "95"
}

func (l layout) heading() string {
	return "  " + padRight(headEndpoint, l.name) + "  " + padRight(headMetric, l.metric) +
		"  " + padLeft(headBaseline, l.baseline) + "  " + padLeft(headCandidate, l.candidate) +
		"  " + strings.TrimRight(padLeft(headChange, l.change)+"  "+l.head, " ")
}

// render writes one line of at most l.width() columns.
func (l layout) render(x line, color bool) string {
	var b strings.Builder
	b.WriteString("  " + padRight(cutMiddle(x.name, l.name), l.name))
	b.WriteString("  " + padRight(cutEnd(x.metric, l.metric), l.metric))
	b.WriteString("  " + padLeft(x.baseline, l.baseline))
	b.WriteString("  " + padLeft(x.candidate, l.candidate))
	body := l.withoutUnit(x.change)
	out := columns(x.change) - columns(body)
	b.WriteString("  " + strings.Repeat(" ", max(0, l.change-columns(body))) + paint(x.change, x.tone, color))
	gap := strings.Repeat(" ", 2-out)
	if l.head == "" {
		x.last, x.words = "", ""
	}
	if x.words != "" {
		return b.String() + gap + padLeft(x.words, l.last+2)
	}
	b.WriteString(gap + padLeft(x.last, l.last))
	if x.mark != "" {
		b.WriteString("  " + paint(x.mark, x.tone, color))
	}
	return strings.TrimRight(b.String(), " ")
}

// lineOf writes a row. pad is the width of the methods in front of the paths.
func (v view) lineOf(row gate.Row, pad int) line {
	name, metric := v.shortLabel(row)
	k := kindOf(row)
	x := line{name: padMethod(terminal(name), pad), metric: terminal(metric), change: change(row), mark: mark(k), tone: toneOf(k)}
	x.baseline, x.candidate = values(row)
	x.last = interval(row, " .. ")
	switch {
	case v.single():
		x.last = none
		if s := mde(row); s != "" {
			x.last = "+" + s
			if row.Better == "higher" {
				x.last = "-" + s
			}
		}
		if k == kindUndecided { // so is every row here, and the headline says it
			x.mark, x.tone = "", toneNone
		}
	case gate.RateMetric(row.Metric) && row.Endpoint == nil && row.Outcome == gate.OutcomePass:
		x.words = textNoChange
	}
	return x
}

// methodColumns returns the width to which methods are padded so that paths
// begin in one column: that of GET and POST. Longer ones stick out.
func (v view) methodColumns(rows []gate.Row) int {
	width := 0
	for _, row := range rows {
		name, _ := v.shortLabel(row)
		if method, _, ok := cutMethod(name); ok {
			width = max(width, min(len(method), 4))
		}
	}
	return width
}

func padMethod(name string, width int) string {
	method, rest, ok := cutMethod(name)
	if !ok {
		return name
	}
	return padRight(method, width) + " " + rest
}

// cutMethod splits "GET /path".
func cutMethod(name string) (method, rest string, ok bool) {
	method, rest, ok = strings.Cut(name, " ")
	if !ok || !strings.HasPrefix(rest, "/") {
		return "", "", false
	}
	switch method {
	case "GET", "PUT", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS":
		return method, rest, true
	}
	return "", "", false
}
