package gate

import (
	"slices"
	"strings"
)

// changedRules lists the rules in which the candidate's own file differs from
// the baseline's, in the order of the file; empty where one of them holds no
// policy. A change that makes the gate pass is the first thing to try for
// whoever wants it green, so reviewers are told.
func (c *Comparison) changedRules() []PolicyChange {
	out := []PolicyChange{}
	if len(c.in.Baseline) == 0 {
		return out
	}
	old, own := c.in.Baseline[len(c.in.Baseline)-1].Policy, c.in.Candidate[len(c.in.Candidate)-1].Policy
	if old == nil || own == nil {
		return out
	}
	before, after := old.rules(), own.rules()
	for _, r := range after {
		if text := textOfRule(before, r.Key); text != r.Candidate {
			out = append(out, PolicyChange{Key: r.Key, Baseline: old.defaultRule(r.Key, text), Candidate: r.Candidate})
		}
	}
	for _, r := range before {
		if textOfRule(after, r.Key) == "" {
			out = append(out, PolicyChange{Key: r.Key, Baseline: r.Candidate, Candidate: own.defaultRule(r.Key, "")})
		}
	}
	if len(out) == 0 && !slices.Equal(before, after) { // the first that matches wins
		out = append(out, PolicyChange{Key: "thresholds", Baseline: "one order", Candidate: "another order"})
	}
	return out
}

const (
	thresholdKey = "thresholds "
	noRule       = "no rule"
)

// rules are the rules of a policy by key, their text as Candidate. Of two with
// one key the first holds.
func (p Policy) rules() []PolicyChange {
	out := []PolicyChange{
		{Key: "mode", Candidate: string(p.mode())},
		{Key: "inconclusive", Candidate: string(p.inconclusive())},
		{Key: "no_baseline", Candidate: p.NoBaseline.text()},
	}
	add := func(key, text string) {
		if textOfRule(out, key) == "" {
			out = append(out, PolicyChange{Key: key, Candidate: text})
		}
	}
	for _, t := range p.Thresholds {
		add(thresholdKey+ruleSubject(t.Metric, t.Endpoint), t.text())
	}
	for _, s := range p.SLOs {
		add("slo "+ruleSubject(s.Metric, s.Endpoint)+" "+s.Op, s.text())
	}
	if p.Abort != nil {
		add("abort", "error rate over "+rulePercent(p.Abort.ErrorRate)+" for "+p.Abort.For.String())
	}
	return out
}

func ruleSubject(metric, endpoint string) string {
	if endpoint == "" {
		return metric
	}
	return metric + " of " + endpoint
}

func textOfRule(rules []PolicyChange, key string) string {
	for _, r := range rules {
		if r.Key == key {
			return r.Candidate
		}
	}
	return ""
}

// defaultRule says what holds where a file has no rule: of a threshold that
// names its metric, the default.
func (p Policy) defaultRule(key, text string) string {
	metric, isThreshold := strings.CutPrefix(key, thresholdKey)
	switch {
	case text != "":
		return text
	case !isThreshold || strings.ContainsAny(metric, "* "):
		return noRule
	}
	return limitWords(metric, p.limitOf(metric, nil)) + " (default)"
}

func (n NoBaseline) text() string {
	if n.Action != "" {
		return string(n.Action)
	}
	return "warn until " + ruleNumber(float64(n.until())) + " jobs"
}

// text is a threshold with its gaps filled from the defaults.
func (t Threshold) text() string {
	l := Policy{Thresholds: []Threshold{t}}.limitOf(strings.ReplaceAll(t.Metric, "*", ""), ptr(t.Endpoint))
	if strings.Contains(t.Metric, "*") {
		l = t.limitOfMany()
	}
	text := limitWords(t.Metric, l)
	if t.Primary {
		text += ", primary"
	}
	if l.severity != SeverityBlock {
		text += ", severity " + string(l.severity)
	}
	return text
}

// limitOfMany is the limit of a rule for many metrics: what it says itself.
func (t Threshold) limitOfMany() limit {
	l := limit{severity: SeverityBlock}
	if t.WorseRatio != nil {
		l.worse = *t.WorseRatio
	}
	if t.FloorAbs != nil {
		l.floor = *t.FloorAbs
	}
	if t.Severity != "" {
		l.severity = t.Severity
	}
	return l
}

func limitWords(metric string, l limit) string {
	if RateMetric(metric) {
		return rulePoints(l.worse)
	}
	return (&row{limit: l}).limitText()
}

func (s SLO) text() string {
	text := valueText(s.Limit, Unit(s.Metric), ruleNumber)
	if s.Severity != "" && s.Severity != SeverityBlock {
		text += ", severity " + string(s.Severity)
	}
	return text
}
