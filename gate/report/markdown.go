package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// DefaultMarkdownBytes keeps a comment under the 65,536 characters that a forge
// accepts, with room for what is put around it.
const DefaultMarkdownBytes = 60000

// MarkdownOptions says how a comment looks. Its zero value is the default.
type MarkdownOptions struct {
	// MaxBytes is the size over which rows of the folded table are left out,
	// which is said. 0: DefaultMarkdownBytes.
	MaxBytes int
}

// Limits of what stands outside of the folds: a comment has at most 20 visible
// lines, and most reviewers read the first two.
const (
	visibleRows   = 6
	visibleLimits = 3
	visibleBoth   = 4 // rows, where limits have a table too
	visibleNotes  = 4
	nameColumns   = 60
)

func markdownInks() inks {
	return inks{
		name:  func(s string) string { return markdownCode(cutMiddle(terminal(s), nameColumns)) },
		prose: markdownText,
	}
}

// Markdown writes a report as a comment: verdict and worst row in the first
// two lines, a table of four columns, everything else folded, at most 20 lines
// outside of the folds. Every text of the report is escaped. The error is that
// of w.
func Markdown(w io.Writer, r gate.Report, o MarkdownOptions) error {
	v := newView(r)
	i := markdownInks()
	var b strings.Builder
	b.WriteString(mdTitle + v.mdHeadline(i) + "\n")
	for _, s := range v.mdWhy(i) {
		b.WriteString(s + "\n")
	}
	if s := v.mdTable(i); s != "" {
		b.WriteString("\n" + s)
	}
	if notes := v.mdNotes(i); len(notes) > 0 {
		b.WriteString("\n")
		for k, s := range notes {
			if k == visibleNotes-1 && len(notes) > visibleNotes {
				fmt.Fprintf(&b, "- %d more notes in the details\n", len(notes)-k)
				break
			}
			b.WriteString("- " + s + "\n")
		}
	}
	b.WriteString(v.mdSteps())
	b.WriteString(v.mdDetails(i, max(0, cmp.Or(o.MaxBytes, DefaultMarkdownBytes)-b.Len())))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// mdHeadline is the title: the verdict, and what is worst.
func (v view) mdHeadline(i inks) string {
	word := i.prose(verdictWord(v.r.Verdict))
	row, ok := v.worst()
	if v.r.Verdict != gate.VerdictRegression || !ok || v.r.Reason.Code == gate.ReasonTargetDied {
		return word + ", " + v.headline(i) + v.asides(i)
	}
	others := count(v.r.Rows, func(r gate.Row) bool { return kindOf(r) == kindRegression }) - 1
	s := word + v.observed() + ", " + v.mdWorse(row, i)
	if others > 0 {
		s += fmt.Sprintf(" (and %s)", plural(others, "more row"))
	}
	return s + v.asides(i)
}

// mdWorse says in words how much worse a row is.
func (v view) mdWorse(row gate.Row, i inks) string {
	subject := textWhole
	if name := v.of(row); name != nil {
		subject = i.name(*name)
	}
	much := strings.TrimLeft(change(row), "+-")
	if row.ChangeRatio != nil {
		much = significant(abs(*row.ChangeRatio)*100, 2) + " %"
	}
	switch {
	case isLatency(row.Metric):
		return subject + " is " + much + " slower"
	case row.Metric == gate.MetricErrorRate:
		return subject + " fails more often, " + arrow(row)
	case row.Metric == gate.MetricDelivered:
		return headDelivered + ", " + arrow(row)
	case row.Metric == gate.MetricThroughput:
		return subject + " answers " + much + " fewer requests a second"
	case row.Metric == gate.MetricCPU:
		return subject + " needs " + much + " more CPU"
	case row.Metric == gate.MetricRSS:
		return subject + " needs " + much + " more memory"
	}
	return subject + " is " + much + " worse in " + i.prose(row.Metric)
}

func abs(v float64) float64 {
	if v < 0 {
		return -v
	}
	return v
}

// mdWhy is the paragraph under the title: the evidence, or the lack of it.
func (v view) mdWhy(i inks) []string {
	switch v.r.Verdict {
	case gate.VerdictRegression:
		if row, ok := v.worst(); ok && v.r.Reason.Code != gate.ReasonTargetDied {
			return []string{v.mdEvidence(row, i)}
		}
	case gate.VerdictPass:
		return []string{v.mdPass(i)}
	case gate.VerdictInconclusive:
		return v.mdUndecided(i)
	case gate.VerdictNoBaseline:
		var lines []string
		if s := v.measured(i); s != "" {
			lines = append(lines, upperFirst(s)+".")
		}
		return append(lines, v.reasonText(i)...)
	case gate.VerdictSkipped: // the title says it
		return v.mdProof(i)
	}
	return v.reasonText(i)
}

func (v view) reasonText(i inks) []string {
	if v.r.Reason.Text == "" {
		return nil
	}
	return []string{"Reason: " + i.prose(v.r.Reason.Text)}
}

// mdEvidence says why the worst row is believed.
func (v view) mdEvidence(row gate.Row, i inks) string {
	_, metric := v.mdLabel(row)
	s := i.prose(metric) + " " + arrow(row)
	if c := change(row); c != none {
		s += ", **" + c + "**"
	}
	if between := v.mdInterval(row); between != "" {
		s += " (" + between + v.mdLimit(row) + ")"
	}
	s += ". " + v.mdFacts()
	switch {
	case row.PAdjusted != nil && !v.single():
		s += fmt.Sprintf(textAdjusted, pValue(*row.PAdjusted))
	case row.P != nil:
		s += fmt.Sprintf(textUnadjusted, pValue(*row.P))
	}
	return s + "."
}

// mdInterval writes "95 % interval +18.1 to +29.0 %".
func (v view) mdInterval(row gate.Row) string {
	s := interval(row, " to ")
	if s == none {
		return ""
	}
	return v.level() + " % interval " + s + changeUnit(row)
}

func (v view) mdLimit(row gate.Row) string {
	s := threshold(row)
	switch {
	case s == "":
		return ""
	case row.Better == "higher":
		return ", limit -" + s
	}
	return ", limit +" + s
}

// mdFacts says how much was measured: "8 pairs on one machine".
func (v view) mdFacts() string {
	d := v.r.Design
	var s string
	switch d.Name {
	case gate.DesignPaired:
		s = plural(d.Pairs, "pair")
	case gate.DesignHistory:
		s = "Against the history of the branch"
		if b := v.r.Sides.Baseline; b != nil {
			s = "Against " + plural(b.Jobs, "job")
		}
	default:
		s = fmt.Sprintf("%d and %s", d.BaselineRuns, plural(d.CandidateRuns, "run"))
	}
	if v.r.Comparability.SameMachine {
		s += " on one machine"
	}
	return s
}

// mdPass says what a pass rests on.
func (v view) mdPass(i inks) string {
	parts := []string{plural(v.endpointCount(), "endpoint"), v.mdFacts()}
	if w := v.r.Design.WallS; w != nil {
		parts = append(parts, duration(*w))
	}
	s := strings.Join(parts, ", ") + "."
	own, _ := partition(v.r.Rows, func(r gate.Row) bool {
		return r.Endpoint != nil && r.Role != gate.RoleRelative && kindOf(r) == kindQuiet && r.Role != gate.RoleInfo
	})
	if row, ok := largest(own); ok {
		_, metric := v.mdLabel(row)
		s += " " + mdLargest + i.name(*row.Endpoint) + " " + i.prose(metric) + " " + change(row) + v.mdAtMost(row) + "."
	}
	for _, row := range v.r.Rows {
		if row.Role == gate.RolePrimary && row.Metric == gate.MetricP95 && row.Endpoint == nil && row.IntervalRatio != nil {
			s += " Overall p95 at most " + signedNumber(row.IntervalRatio[1], false) + " %."
			break
		}
	}
	return s
}

func (v view) mdAtMost(row gate.Row) string {
	s := strings.TrimPrefix(v.mdLimit(row), ", ")
	if s == "" || row.IntervalRatio == nil {
		return ""
	}
	worst := row.IntervalRatio[1]
	if row.Better == "higher" {
		worst = row.IntervalRatio[0]
	}
	return " (" + s + ", at most " + signedNumber(worst, false) + " %)"
}

// mdUndecided says what was seen, why it is not enough, and what would be.
func (v view) mdUndecided(i inks) []string {
	row, ok := v.worst()
	if !ok || row.ChangeRatio == nil && row.ChangeAbs == nil {
		return v.reasonText(i)
	}
	name, metric := v.mdLabel(row)
	what := i.prose(name)
	if v.of(row) != nil {
		what = i.name(name)
	}
	s := what + " " + i.prose(metric) + " **" + change(row) + "**"
	if between := v.mdInterval(row); between != "" {
		s += " (" + between + ")"
	}
	s += ", " + lowerFirst(v.mdFacts())
	if row.Noise != nil && row.Noise.ObservedRatio != nil {
		s += "; " + fmt.Sprintf(mdRunnerNoise, significant(*row.Noise.ObservedRatio*100, estimateDigits)+" %")
	}
	lines := []string{upperFirst(s + v.mdLimit(row) + ".")}
	if seen := mde(row); seen != "" {
		s := fmt.Sprintf(mdOnly, seen)
		if row.RunsNeeded != nil {
			s += fmt.Sprintf("; a decision needs about %s", v.pairs(*row.RunsNeeded))
		}
		lines = append(lines, s+".")
	} else {
		lines = append(lines, v.reasonText(i)...)
	}
	return lines
}

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func lowerFirst(s string) string {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
