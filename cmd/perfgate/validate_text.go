package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// scenarioText sums up a scenario for people: what is asked for, in words that
// show a slip which is valid YAML.
func scenarioText(file string, s gate.Scenario, w gate.Waivers) string {
	var b strings.Builder
	line := func(name string, texts ...string) {
		for _, text := range texts {
			fmt.Fprintf(&b, "  %-10s %s\n", name, text)
			name = ""
		}
	}
	fmt.Fprintf(&b, "%s is valid\n\n", file)
	line("scenario", s.Name)
	line("target", cmp.Or(s.Target.URL, s.Target.Start))
	line("load", loadText(s.Load))
	line("endpoints", taskTexts(s.Tasks)...)
	line("gated", thresholdTexts(s.Policy)...)
	line("limits", sloTexts(s.Policy)...)
	line("policy", policyTexts(s.Policy)...)
	if n := len(w.Items); n > 0 {
		line("accepted", count(n, "row")+" by "+w.Source)
	}
	if starved := s.Starved(gate.DefaultDuration); starved != "" {
		fmt.Fprintf(&b, "\nwarning: %s\n", starved)
	}
	b.WriteString("\nnext: perfgate check\n")
	return b.String()
}

func loadText(l gate.Load) string {
	text := fmt.Sprintf("%s requests/s, %s arrivals", number(l.Rate), l.Arrivals)
	if l.Model == gate.ModelClosed {
		text = count(l.Users, "user") + " in a closed model"
	}
	return fmt.Sprintf("%s, %s of %s after %s of warm-up", text, count(l.Runs, "run"), l.Duration, l.Warmup)
}

// taskTexts lists the endpoints with their share of the load.
func taskTexts(tasks []gate.Task) []string {
	total := 0
	for _, t := range tasks {
		total += t.Weight
	}
	var texts []string
	for _, t := range tasks {
		texts = append(texts, fmt.Sprintf("%s (%s %%)", t.Name, number(100*float64(t.Weight)/float64(total))))
	}
	return texts
}

func thresholdTexts(p gate.Policy) []string {
	var texts []string
	for _, t := range p.Thresholds {
		text := gate.MetricLabel(t.Metric) + ofEndpoint(t.Endpoint)
		switch {
		case t.WorseAbs != nil:
			text += " by " + number(100**t.WorseAbs) + " pp"
		case t.WorseRatio != nil:
			text += " by " + number(100**t.WorseRatio) + " %"
		}
		if t.FloorAbs != nil {
			text += " and " + amount(*t.FloorAbs, t.Metric)
		}
		if t.Severity == gate.SeverityWarn {
			text += " (only warns)"
		}
		texts = append(texts, text)
	}
	rest := "all else by its default"
	if len(texts) == 0 {
		rest = "all by the defaults"
	}
	return append(texts, rest+": 5 %, p99 10 %, errors 0.1 pp, delivered 1 pp")
}

func sloTexts(p gate.Policy) []string {
	var texts []string
	for _, l := range p.SLOs {
		text := gate.MetricLabel(l.Metric) + ofEndpoint(l.Endpoint) + " " + l.Op + " " + amount(l.Limit, l.Metric)
		if l.Severity == gate.SeverityWarn {
			text += " (only warns)"
		}
		texts = append(texts, text)
	}
	return texts
}

func ofEndpoint(pattern string) string {
	switch pattern {
	case "":
		return ""
	case "*":
		return " of each endpoint"
	}
	return " of " + pattern
}

func policyTexts(p gate.Policy) []string {
	missing := fmt.Sprintf("no baseline: warn until there are %d jobs, then fail", p.NoBaseline.WarnUntil)
	if p.NoBaseline.Action != "" {
		missing = "no baseline: " + string(p.NoBaseline.Action)
	}
	return []string{"mode: " + string(p.Mode), "inconclusive: " + string(p.Inconclusive), missing}
}

// amount writes a value of a metric in the unit that people use.
func amount(v float64, metric string) string {
	switch gate.Unit(metric) {
	case "ratio":
		return number(100*v) + " %"
	case "ms":
		return number(v) + " ms"
	case "1/s":
		return number(v) + "/s"
	case "By":
		return number(v/(1<<20)) + " MiB"
	}
	return number(v) + " " + gate.Unit(metric)
}

// number writes up to four significant digits.
func number(v float64) string {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	return strconv.FormatFloat(v, 'f', -1, 64)
}
