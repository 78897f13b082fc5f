package main

import (
	"fmt"
	"strings"
)

// text is the plan for people, at most 80 columns wide.
func (v planView) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s\n%s\n%s\n", printable(v.Scenario), printable(v.Machine), v.Noise.text(), strings.Replace(v.plan.String(), "; can see", ";\n      can see", 1))
	one := v.oneText()
	fmt.Fprintf(&b, "\nto find +%s in 4 of 5 sessions\n", percentOf(v.Effect))
	b.WriteString(needText("on all endpoints", v.Needs.All, v.BudgetS))
	if one != "" {
		b.WriteString(needText("on "+one+" alone", v.Needs.One, v.BudgetS))
	}
	fmt.Fprintf(&b, "\nchance to find a slowdown with %s of %s s a run", count(v.Pairs, "pair"), brief(v.RunS))
	if one == "" {
		b.WriteString("\n")
	} else {
		fmt.Fprintf(&b, "\n%-9s%-33s%s\n", "", "on all endpoints", "on "+one+" alone")
	}
	for _, c := range v.Curve {
		line := fmt.Sprintf("%8s ", "+"+percentOf(c.Effect)) + bar(c.All)
		if one != "" {
			line += " " + bar(c.One)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	if v.Noise.From != "learned" {
		b.WriteString("\nnext: perfgate calibrate\n")
	}
	return b.String()
}

// oneText names the endpoint that is hardest to see; empty where there is only
// one.
func (v planView) oneText() string {
	if v.Sees.Endpoint == "" || v.single {
		return ""
	}
	return shortened(printable(v.Sees.Endpoint), 24)
}

func (n noiseSource) text() string {
	startup := ""
	if n.StartupAssumed {
		startup = fmt.Sprintf("; a run is taken to cost %s s besides", brief(n.StartupS))
	}
	switch {
	case n.From == "learned":
		return fmt.Sprintf("noise: learned here from %s, %s, %d of them A/A", count(n.Sessions, "session"), count(n.Pairs, "pair"), n.AASessions)
	case n.Sessions > 0:
		return fmt.Sprintf("noise: declared; %s with %s here are too few to learn from", count(n.Sessions, "session"), count(n.Pairs, "pair"))
	}
	return "noise: declared, nothing was measured on this class of machine" + startup
}

func needText(what string, c *planCost, budgetS float64) string {
	if c == nil {
		return fmt.Sprintf("  %-36s more than 100 pairs\n", what)
	}
	over := ""
	if !c.WithinBudget {
		over = ", over the budget of " + brief(budgetS/60) + " min"
	}
	return fmt.Sprintf("  %-36s %s, %s, %s min%s\n", what, count(c.Pairs, "pair"), count(c.Runs, "run"), brief(c.Minutes), over)
}

// bar draws a chance as 26 cells and a number.
func bar(chance float64) string {
	const cells = 26
	eighths := int(chance*cells*8 + 0.5)
	text := strings.Repeat("█", eighths/8)
	if part := eighths % 8; part > 0 {
		text += string([]rune(" ▏▎▍▌▋▊▉")[part])
	}
	return text + strings.Repeat(" ", cells-len([]rune(text))) + fmt.Sprintf(" %3.0f %%", 100*chance)
}

// percentOf writes a ratio without the zeros of a rounded number: "7.5 %".
func percentOf(ratio float64) string { return brief(100*ratio) + " %" }

// brief keeps at most one decimal.
func brief(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

// shortened cuts a text to so many characters.
func shortened(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
