package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// add records a warning.
func (c *Comparison) add(code, text string, rows ...string) {
	if rows == nil {
		rows = []string{}
	}
	c.warnings = append(c.warnings, RowWarning{Code: code, Text: text, Rows: rows})
}

// headline records a warning that must not be missed: head is a phrase of a few
// words behind the verdict.
func (c *Comparison) headline(code, head, text string, rows ...string) {
	c.add(code, text, rows...)
	c.warnings[len(c.warnings)-1].Headline = head
}

// warn collects what a reader should know and what decides nothing.
func (c *Comparison) warn(m *material) {
	c.warnComparability(m)
	c.warnAttempts()
	for _, note := range c.in.Choice.Notes {
		c.add("baseline_choice", note)
	}
	if text := c.in.Choice.Persistent; text != "" {
		c.headline("persistent_regression", text, text)
	}
	c.warnShifts()
	c.warnFiles()
}

// warnFiles passes on what the files themselves warn of.
func (c *Comparison) warnFiles() {
	seen := map[string]bool{}
	for _, side := range [][]Result{c.in.Baseline, c.in.Candidate} {
		for _, r := range side {
			for _, w := range r.Warnings {
				if !seen[w.Code+w.Text] {
					c.add(w.Code, w.Text)
				}
				seen[w.Code+w.Text] = true
			}
		}
	}
}

func (c *Comparison) warnComparability(m *material) {
	if m.name == DesignNone {
		return
	}
	cmp := c.comparability
	if len(cmp.EndpointsAdded) > 0 {
		c.add("mix_changed", "added: "+quoteAll(cmp.EndpointsAdded)+"; the shares of the others fell")
	}
	if len(cmp.EndpointsMissing) > 0 {
		c.add("mix_changed", "missing in the candidate: "+quoteAll(cmp.EndpointsMissing)+"; the shares of the others rose")
	}
	if cmp.Load == checkedUnknown {
		c.add("load_not_verified", "the files do not say what load was applied: that it was the same is not verified")
	}
	if cmp.Environment == checkedUnknown && !c.in.SameMachine {
		c.add("environment_not_verified", "the files do not say where they were measured: that it was the same kind of machine is not verified")
	}
	if c.in.SameMachine {
		c.add("same_machine_declared", "one machine within one hour was declared, not measured (--same-machine)")
	}
	if c.in.AcrossMachines && cmp.Environment == checkedDifferent {
		c.add("across_machines", "different machines were compared as asked (--across-machines): 10 % of job noise is assumed")
	}
	for _, d := range cmp.RecordedDifferences {
		c.add("recorded_differs", "recorded facts differ: "+d)
	}
	if m.name == DesignPaired && m.process() > 0 {
		c.add("not_restarted", "the target was not restarted between runs: 2 % of noise a side is added")
	}
}

// warnAttempts tells of runs that do not count, by side and reason.
func (c *Comparison) warnAttempts() {
	sides := []struct {
		side    Side
		results []Result
	}{{SideBaseline, c.in.Baseline}, {SideCandidate, c.in.Candidate}}
	for _, s := range sides {
		reasons := map[string]int{}
		for _, r := range s.results {
			for _, run := range r.Runs {
				noteRun(run, reasons)
			}
		}
		for _, reason := range slices.Sorted(maps.Keys(reasons)) {
			c.add("runs_"+string(s.side), fmt.Sprintf("%s: %s in %d run%s", s.side, reason, reasons[reason], plural(reasons[reason])))
		}
	}
}

func noteRun(run Run, reasons map[string]int) {
	switch {
	case run.Status == RunSuperseded:
		return
	case run.Status != RunOK && len(run.Reasons) == 0:
		reasons["not counted, "+string(run.Status)]++
	case run.Status != RunOK:
		reasons["not counted, "+reasonList(run.Reasons)]++
	default:
		for _, reason := range run.Reasons {
			reasons[ReasonText(reason)]++
		}
	}
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}
