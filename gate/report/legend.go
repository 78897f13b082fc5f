package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// reasonLines is the number of different reasons that a legend tells for one
// mark; the rows of --all hold all of them.
const reasonLines = 3

// legend is one line under the table, with the tone of its mark.
type legend struct {
	text string
	tone tone
}

// writeLegend explains the marks that the table shows.
func (v view) writeLegend(p *page, t table) {
	for _, l := range v.legends(t) {
		p.legend(l)
	}
	if s := v.passText(terminalInks()); s != "" {
		p.prose("  ", s)
	}
	if slices.ContainsFunc(t.rows, func(r gate.Row) bool { return r.Role == gate.RoleRelative }) {
		p.prose("  ", textLegendRel)
	}
	if v.meansShown(t.rows) {
		p.prose("  ", textLegendWhole)
	}
	if slices.ContainsFunc(t.lines, func(x line) bool { return x.baseline == none || x.candidate == none }) {
		p.prose("  ", textLegendNone)
	}
}

// meansShown reports whether any of rows is a latency over several endpoints.
func (v view) meansShown(rows []gate.Row) bool {
	return slices.ContainsFunc(rows, func(r gate.Row) bool {
		return r.Endpoint == nil && isLatency(r.Metric) && len(v.endpoints[r.Scenario]) > 1
	})
}

// legend writes a line whose mark has the colour of its rows.
func (p *page) legend(l legend) {
	mark, text, _ := strings.Cut(l.text, " ")
	lines := wrap(text, p.width-2-columns(mark)-1)
	for i, s := range lines {
		if i == 0 {
			p.line("  " + paint(mark, l.tone, p.color) + " " + s)
		} else {
			p.line("    " + s)
		}
	}
}

func (v view) legends(t table) []legend {
	byKind := map[kind][]gate.Row{}
	for i, row := range t.rows {
		if t.lines[i].mark != "" {
			k := kindOf(row)
			byKind[k] = append(byKind[k], row)
		}
	}
	var out []legend
	add := func(k kind, texts []string) {
		for _, s := range texts {
			out = append(out, legend{s, toneOf(k)})
		}
	}
	add(kindRegression, v.worseTexts(byKind[kindRegression], textLegendWorse))
	add(kindWarned, v.worseTexts(byKind[kindWarned], textLegendWarned))
	add(kindAccepted, v.worseTexts(byKind[kindAccepted], textLegendAccept))
	invalid, differ := partition(byKind[kindUnusable], func(r gate.Row) bool { return r.Outcome == gate.OutcomeInvalid })
	add(kindUnusable, reasonTextsOf(invalid, textLegendInvalid))
	add(kindUnusable, reasonTextsOf(differ, textLegendDiffer))
	add(kindUndecided, v.undecidedTexts(byKind[kindUndecided]))
	add(kindImproved, reasonTextsOf(byKind[kindImproved], textLegendBetter))
	add(kindNew, reasonTextsOf(byKind[kindNew], textLegendNew))
	return out
}

func partition(rows []gate.Row, want func(gate.Row) bool) (yes, no []gate.Row) {
	for _, r := range rows {
		if want(r) {
			yes = append(yes, r)
		} else {
			no = append(no, r)
		}
	}
	return yes, no
}

// worseTexts says over which limits rows are, one line for each limit, with
// the weakest p-value of its rows.
func (v view) worseTexts(rows []gate.Row, format string) []string {
	var limits []string
	weakest, strongest := map[string]gate.Row{}, map[string]float64{}
	for _, row := range rows {
		over := threshold(row)
		if f := floor(row); f != "" {
			over += " and over " + f
		}
		if over == "" {
			over = "the limit"
		}
		old, ok := weakest[over]
		if !ok {
			limits = append(limits, over)
		}
		if !ok || pOf(row) > pOf(old) {
			weakest[over] = row
		}
		if !ok || pOf(row) < strongest[over] {
			strongest[over] = pOf(row)
		}
	}
	var out []string
	for _, over := range limits {
		s := fmt.Sprintf(format, over)
		switch row := weakest[over]; {
		case row.PAdjusted != nil && !v.single() && pValue(strongest[over]) != pValue(*row.PAdjusted):
			s += fmt.Sprintf(textAdjustedAll, strings.TrimLeft(pValue(*row.PAdjusted), "= "))
		case row.PAdjusted != nil && !v.single():
			s += fmt.Sprintf(textAdjusted, pValue(*row.PAdjusted))
		case row.P != nil:
			s += fmt.Sprintf(textUnadjusted, pValue(*row.P))
		}
		out = append(out, s)
	}
	return out
}

// pOf is the p-value that decided a row.
func pOf(row gate.Row) float64 {
	switch {
	case row.PAdjusted != nil:
		return *row.PAdjusted
	case row.P != nil:
		return *row.P
	}
	return 0
}

// undecidedTexts says what it would take to decide rows: one line for those
// whose noise is known, and the reasons of the others.
func (v view) undecidedTexts(rows []gate.Row) []string {
	tested, other := partition(rows, func(r gate.Row) bool { return r.MDERatio != nil || r.MDEAbs != nil })
	ratios, rates := partition(tested, func(r gate.Row) bool { return r.MDERatio != nil })
	var out []string
	for _, group := range [][]gate.Row{ratios, rates} {
		if len(group) > 0 {
			out = append(out, v.needsText(group))
		}
	}
	return append(out, reasonTextsOf(other, textLegendBecause)...)
}

func (v view) needsText(rows []gate.Row) string {
	value := func(r gate.Row) float64 {
		if r.MDERatio != nil {
			return *r.MDERatio
		}
		return *r.MDEAbs
	}
	least := slices.MinFunc(rows, func(a, b gate.Row) int { return cmp.Compare(value(a), value(b)) })
	most := slices.MaxFunc(rows, func(a, b gate.Row) int { return cmp.Compare(value(a), value(b)) })
	sees := mde(most)
	if low, _, _ := strings.Cut(mde(least), " "); mde(least) != sees {
		sees = low + " to " + sees
	}
	needed, reachable := 0, true
	for _, row := range rows {
		if row.RunsNeeded == nil {
			reachable = false
			continue
		}
		needed = max(needed, *row.RunsNeeded)
	}
	switch {
	case needed > 0 && !reachable:
		return fmt.Sprintf(textLegendNeeds, v.pairs(needed)+" or more", sees)
	case needed > 0:
		return fmt.Sprintf(textLegendNeeds, v.pairs(needed), sees)
	}
	return fmt.Sprintf(textLegendSees, sees)
}

// reasonTextsOf lists the different reasons of rows.
func reasonTextsOf(rows []gate.Row, prefix string) []string {
	var texts []string
	for _, row := range rows {
		s := terminal(cmp.Or(row.Reason.Text, row.Reason.Code, outcomeWord(row.Outcome)))
		if !slices.Contains(texts, s) {
			texts = append(texts, s)
		}
	}
	cut := len(texts) - reasonLines
	if cut > 0 {
		texts = texts[:reasonLines]
	}
	for i := range texts {
		texts[i] = prefix + texts[i]
	}
	if cut > 0 {
		texts[reasonLines-1] += fmt.Sprintf(" (and %s)", plural(cut, "other reason"))
	}
	return texts
}

// passText says what a pass rules out: the margins of the rows it rests on.
func (v view) passText(i inks) string {
	if v.r.Verdict != gate.VerdictPass {
		return ""
	}
	var parts []string
	for _, row := range v.r.Rows {
		if row.Role != gate.RolePrimary || row.Outcome != gate.OutcomePass || margin(row) == "" {
			continue
		}
		name, metric := v.label(row)
		sign := " +"
		if row.Better == "higher" {
			sign = " -"
		}
		if v.of(row) != nil || isLatency(row.Metric) {
			name += " " + metric
		}
		parts = append(parts, i.prose(name)+sign+margin(row))
	}
	if len(parts) == 0 {
		return ""
	}
	if len(parts) > 6 {
		parts = append(parts[:6], fmt.Sprintf("%d more", len(parts)-6))
	}
	return fmt.Sprintf(textLegendPass, strings.Join(parts, ", "))
}
