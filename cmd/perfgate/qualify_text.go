package main

import (
	"fmt"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// shownReds is how many reds the text lists, the newest.
const shownReds = 10

// qualifyText tells people what a gate is worth, scenario by scenario.
// observing: `gate.mode` of the scenario file is observe.
func qualifyText(found []gate.Qualification, observing bool) string {
	var b strings.Builder
	for i, q := range found {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(qualificationText(q, observing))
	}
	return b.String()
}

func qualificationText(q gate.Qualification, observing bool) string {
	var b strings.Builder
	word := "NOT YET"
	if q.Ready {
		word = "READY"
	}
	fmt.Fprintf(&b, "%s  %s, %s\n\n", word, printable(q.Scenario), sessionsText(q))
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-18s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("decided", "%s", decidedText(q))
	if q.UndecidedFailed > 0 {
		line("", "%d undecided ones fail by the policy", q.UndecidedFailed)
	}
	line("would have blocked", "%s", redsText(q))
	line("false reds", "%s", falseText(q))
	if len(q.Reds) > 0 {
		b.WriteString("\n" + redList(q.Reds))
	}
	b.WriteString("\n" + missingText(q, observing))
	return b.String()
}

func sessionsText(q gate.Qualification) string {
	text := count(q.Sessions, "session")
	if q.First != "" {
		text += " since " + q.First[:len("2026-01-02")]
	}
	if q.Skipped > 0 {
		text += fmt.Sprintf(", %d of them skipped", q.Skipped)
	}
	if q.AASessions > 0 {
		text += ", and " + count(q.AASessions, "A/A session")
	}
	return text
}

func decidedText(q gate.Qualification) string {
	if q.Compared == 0 {
		return "nothing was compared"
	}
	return fmt.Sprintf("%d of %s (%s)", q.Decided, count(q.Compared, "comparison"), percentOf(float64(q.Decided)/float64(q.Compared)))
}

func redsText(q gate.Qualification) string {
	if len(q.Reds) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d: %d confirmed, %d refuted, %d nobody can tell", len(q.Reds), q.Confirmed, q.Refuted, q.Unknown)
}

// falseText is what is known of false reds, and how many are to be expected.
func falseText(q gate.Qualification) string {
	if q.FalseRatio == nil {
		return "nothing is known"
	}
	text := fmt.Sprintf("%d of %d that could be (%s", q.Refuted+q.AARegressions, q.Unchanged, percentOf(*q.FalseRatio))
	if q.AARegressions > 0 {
		text += fmt.Sprintf(", %d in A/A sessions", q.AARegressions)
	}
	return text + fmt.Sprintf(", 90 %% interval %s to %s)", strings.TrimSuffix(percentOf(q.FalseInterval[0]), " %"), percentOf(q.FalseInterval[1]))
}

// redList lists the newest reds and what became of them.
func redList(reds []gate.Red) string {
	var b strings.Builder
	for i := len(reds) - 1; i >= 0; i-- {
		r := reds[i]
		if len(reds)-i > shownReds {
			fmt.Fprintf(&b, "  %s; --format json lists all\n", count(i+1, "older one"))
			break
		}
		day, commit := "-", "-"
		if r.Started != "" {
			day = r.Started[:len("2026-01-02")]
		}
		if r.Commit != "" {
			commit = r.Commit[:min(len(r.Commit), 7)]
		}
		fmt.Fprintf(&b, "  %s  %-7s  %s\n      %s: %s\n", day, printable(commit), printable(r.Text), fateWord(r.Fate), r.Why)
	}
	return b.String()
}

func fateWord(f gate.Fate) string {
	if f == gate.FateUnknown {
		return "cannot tell"
	}
	return string(f)
}

// missingText says what to do next. observing: the gate is in observe mode, as
// it should be until it is ready.
func missingText(q gate.Qualification, observing bool) string {
	if q.Ready {
		next := "next: set gate.mode: enforce in " + scenarioFile + "\n"
		if len(q.Reds) == 0 {
			next = "next: perfgate selftest, since this gate has never been red; then\n      set gate.mode: enforce in " + scenarioFile + "\n"
		}
		return next
	}
	text := "  missing: " + strings.Join(q.Missing, "\n           ") + "\n\n"
	switch {
	case q.FalseRatio != nil && *q.FalseRatio > gate.QualifyFalse:
		return text + "next: perfgate calibrate shows which thresholds this machine can hold\n"
	case q.Compared >= gate.QualifyCompared && q.Unknown > 0:
		return text + "next: perfgate check --candidate COMMIT measures a red one again\n"
	}
	verb := "set"
	if observing {
		verb = "keep"
	}
	return text + "next: " + verb + " gate.mode: observe; perfgate calibrate adds sessions that must not be red\n"
}
