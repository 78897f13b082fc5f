package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// frame says on what ground the comparison stands: machine, scenario, seed.
func (v view) frame(i inks) string {
	d, c := v.r.Design, v.r.Comparability
	if d.Name == gate.DesignNone || d.Name == "" {
		return ""
	}
	machine := v.machines()
	if s := v.r.Sides.Candidate; s != nil && s.Machine != "" && (c.SameMachine || c.Environment == "equal") {
		machine += " (" + i.prose(s.Machine) + ")"
	}
	scenario := textUnknownScenario
	switch c.Load {
	case "equal":
		scenario = textSameScenario
		if c.LoadDigest != "" {
			scenario += " (sha " + i.prose(digest(c.LoadDigest)) + ")"
		}
	case "different":
		scenario = textDifferScenario
	}
	parts := []string{machine, scenario}
	if d.Seed != 0 {
		parts = append(parts, fmt.Sprintf("seed %d", d.Seed))
	}
	if v.learned() {
		parts = append(parts, "noise learned from "+plural(d.LearnedSessions, "session"))
	}
	if d.AA {
		parts = append(parts, textSameProgram)
	}
	return strings.Join(parts, ", ")
}

// learned reports whether any row was tested by what former sessions taught.
func (v view) learned() bool {
	return v.r.Design.LearnedSessions > 0 && slices.ContainsFunc(v.r.Rows, func(row gate.Row) bool {
		return row.Noise != nil && row.Noise.PriorFrom == gate.PriorLearned
	})
}

// sidesText names the builds that were compared; empty for files that do not
// say.
func (v view) sidesText(i inks) string {
	var parts []string
	add := func(name string, s *gate.SideInfo) {
		if s == nil || s.Commit == "" {
			return
		}
		text := name + " " + i.name(commit(s.Commit))
		var more []string
		if s.ChosenBecause != "" && s.ChosenBecause != "named" {
			more = append(more, i.prose(s.ChosenBecause))
		}
		if s.CommitsAway != nil && *s.CommitsAway > 0 {
			more = append(more, plural(*s.CommitsAway, "commit")+" away")
		}
		if s.Jobs > 1 {
			more = append(more, plural(s.Jobs, "job"))
		}
		if s.Dirty {
			more = append(more, "with local changes")
		}
		if len(more) > 0 {
			text += " (" + strings.Join(more, ", ") + ")"
		}
		parts = append(parts, text)
	}
	add("baseline", v.r.Sides.Baseline)
	add("candidate", v.r.Sides.Candidate)
	return strings.Join(parts, ", ")
}

// designText says how the data were made and, in full, how they were tested.
func (v view) designText(i inks, full bool) string {
	d := v.r.Design
	if d.Name == gate.DesignNone || d.Name == "" {
		return ""
	}
	parts := []string{"design " + i.prose(string(d.Name))}
	if d.Why != "" {
		parts[0] += ": " + i.prose(d.Why)
	}
	if !full {
		return parts[0]
	}
	if d.Look > 0 {
		looks := make([]string, len(d.Looks))
		for k, n := range d.Looks {
			looks[k] = fmt.Sprint(n)
		}
		parts = append(parts, fmt.Sprintf("look %d of %d (at %s pairs)", d.Look, len(d.Looks), strings.Join(looks, ", ")))
	}
	if d.AlphaLook > 0 {
		parts = append(parts, "level "+significant(d.AlphaLook, 3))
	}
	if d.Correction != "" {
		parts = append(parts, i.prose(d.Correction))
	}
	if g := d.Groups; g.Primary+g.Secondary+g.Warn > 0 {
		parts = append(parts, fmt.Sprintf("tested rows %d primary, %d secondary, %d warn", g.Primary, g.Secondary, g.Warn))
	}
	return strings.Join(parts, "; ")
}

// endText says how long the session took and why it ended.
func (v view) endText(i inks) string {
	d := v.r.Design
	var parts []string
	if d.WallS != nil {
		parts = append(parts, "took "+duration(*d.WallS))
	}
	switch {
	case v.cutShort():
		parts = append(parts, "ended early: "+i.prose(d.StoppedBy))
	case d.StoppedBy != "":
		parts = append(parts, "ended with: "+i.prose(d.StoppedBy))
	}
	return strings.Join(parts, ", ")
}

// cutShort reports whether the session ended before it could decide.
func (v view) cutShort() bool {
	switch v.r.Design.StoppedBy {
	case gate.StoppedBudget, gate.StoppedInvalid, gate.StoppedInterrupted, gate.StoppedTargetDied, gate.StoppedSetUp:
		return true
	}
	return false
}

// coverageText counts the rows by outcome.
func (v view) coverageText() string {
	c := v.r.Coverage
	var parts []string
	for _, x := range []struct {
		n    int
		word gate.Outcome
	}{
		{c.Pass, gate.OutcomePass}, {c.Regression, gate.OutcomeRegression}, {c.Improvement, gate.OutcomeImprovement},
		{c.Inconclusive, gate.OutcomeInconclusive}, {c.NotComparable, gate.OutcomeNotComparable},
		{c.Invalid, gate.OutcomeInvalid}, {c.New, gate.OutcomeNew}, {c.Info, gate.OutcomeInfo},
	} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", x.n, outcomeWord(x.word)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return plural(c.Expected, "row") + ": " + strings.Join(parts, ", ")
}

// writeFrame writes the ground of the comparison in a line or two, and all of
// it on demand.
func (v view) writeFrame(p *page, all bool) {
	i := terminalInks()
	var lines []string
	apart := v.r.Verdict == gate.VerdictNotComparable // told above, and nothing was tested
	if !apart && (!v.single() || all) {               // single: stands at the top
		lines = append(lines, v.frame(i))
	}
	lines = append(lines, v.sidesText(i))
	weak := !apart && (v.r.Design.Name == gate.DesignHistory || v.r.Design.Name == gate.DesignBlocks)
	if all || weak {
		lines = append(lines, v.designText(i, all))
	}
	if all || v.cutShort() {
		lines = append(lines, v.endText(i))
	}
	if all {
		lines = append(lines, v.coverageText())
		if s := v.r.Policy.Source; s != "" {
			lines = append(lines, "gate: "+terminal(s)+" of the "+emptyWord(terminal(v.r.Policy.From)))
		}
	}
	for _, s := range lines {
		if s != "" {
			p.prose("  ", s)
		}
	}
}

// step is a command to type and what it costs and brings.
type step struct{ command, gloss string }

// steps splits the next steps at the comment with which they say more,
// "perfgate check  # about 4 min": what is shown can be pasted either way.
func steps(texts []string) []step {
	out := make([]step, 0, len(texts))
	for _, s := range texts {
		command, gloss, _ := strings.Cut(s, "  # ")
		if command = strings.TrimSpace(terminal(command)); command != "" {
			out = append(out, step{command, strings.TrimSpace(terminal(gloss))})
		}
	}
	return out
}

// shownSteps is the number of commands that are not folded away: a reader types
// one of them.
const shownSteps = 2

// glossGap stands between a command and what it brings, where there is room.
const glossGap = 6

// writeNext ends the page with the commands to type.
func (v view) writeNext(p *page, all bool) {
	indent := "  "
	if v.single() {
		indent = ""
	}
	next := steps(v.r.NextSteps)
	if cut := len(next) - shownSteps; cut > 0 && !all {
		next = append(next[:shownSteps], step{"# " + fmt.Sprintf(textMoreSteps, plural(cut, "more command")), ""})
	}
	p.next(indent, next)
	if all {
		p.commands(indent, textReproduce, steps([]string{v.r.Reproduce}))
	}
}

func (p *page) next(indent string, steps []step) {
	if len(steps) > 0 {
		p.blank()
		p.commands(indent, textNext, steps)
	}
}

// commands writes commands behind a word, with their glosses in a column of
// their own where they fit.
func (p *page) commands(indent, word string, steps []step) {
	first := indent + word
	rest := strings.Repeat(" ", columns(first))
	room := p.width - columns(first)
	widest := 0
	for _, s := range steps {
		if s.gloss != "" {
			widest = max(widest, columns(s.command))
		}
	}
	gap := glossGap
	for _, s := range steps {
		if columns(s.gloss) > room-widest-gap {
			gap = 2
		}
	}
	for _, s := range steps {
		lines := wrapCommand(s.command, room)
		if s.gloss != "" && len(lines) == 1 && widest+gap+columns(s.gloss) <= room {
			lines[0] = padRight(lines[0], widest+gap) + s.gloss
			s.gloss = ""
		}
		for _, l := range lines {
			p.line(first + l)
			first = rest
		}
		for _, l := range wrap(s.gloss, room-2) {
			p.line(rest + "# " + l)
		}
	}
}
