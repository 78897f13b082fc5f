package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

func policyKeys() []key[draft] {
	return []key[draft]{
		{"mode", scalar, "enforce", "enforce fails the pipeline on a regression, observe says what would have failed and exits 0. Default: enforce.",
			func(d *decoder, v value, s *draft) { choice(d, v, &s.Policy.Mode, gate.ModeEnforce, gate.ModeObserve) }},
		{"thresholds", list, "[{metric: latency_p95, worse: 5%}]", "How much worse a metric may be. The first rule that matches a row is used; a rule that can never be used is an error.",
			func(d *decoder, v value, s *draft) { d.items(v, mapping, func(item value) { d.threshold(item, s) }) }},
		{"slo", list, `[{limit: "latency_p95 < 200ms"}]`, "Absolute limits, judged on the median over the runs of the candidate.",
			func(d *decoder, v value, s *draft) { d.items(v, mapping, func(item value) { d.slo(item, s) }) }},
		{"inconclusive", scalar, "warn", "What a comparison does that cannot tell: warn exits 0, fail exits 4. Default: warn.",
			func(d *decoder, v value, s *draft) {
				choice(d, v, &s.Policy.Inconclusive, gate.ActionWarn, gate.ActionFail)
			}},
		{"no_baseline", scalar | mapping, "{warn_until: 10}", "What a comparison does that has no baseline: warn, fail, or warn until the store holds so many jobs. Default: {warn_until: 10}.",
			func(d *decoder, v value, s *draft) { d.noBaseline(v, &s.Policy.NoBaseline) }},
		{"abort", mapping, "{error_rate: 50%, for: 3s}", "End a run early when its error rate stays above a limit. Default: never.",
			func(d *decoder, v value, s *draft) {
				s.Policy.Abort = &gate.Abort{}
				decodeMap(d, v, abortKeys(), s.Policy.Abort)
			}},
	}
}

func noBaselineKeys() []key[gate.NoBaseline] {
	return []key[gate.NoBaseline]{
		{"warn_until", scalar | needed, "10", "The number of jobs of this scenario in the store from which a missing baseline fails.",
			func(d *decoder, v value, n *gate.NoBaseline) { d.integer(v, 1, 1000, &n.WarnUntil) }},
	}
}

func abortKeys() []key[gate.Abort] {
	return []key[gate.Abort]{
		{"error_rate", scalar | needed, "50%", "The error rate above which a run is ended.",
			func(d *decoder, v value, a *gate.Abort) { d.share(v, 1, &a.ErrorRate) }},
		{"for", scalar | needed, "3s", "How long it has to stay there.",
			func(d *decoder, v value, a *gate.Abort) { d.duration(v, 100*time.Millisecond, time.Hour, &a.For) }},
	}
}

// A thresholdDraft keeps what only the metric can read until it is known.
type thresholdDraft struct {
	gate.Threshold
	worse, floor *value
}

const (
	metricDoc   = "The metric: latency_p50, latency_p95, latency_p99 or another latency_pNN, error_rate, delivered, throughput, cpu_seconds, rss_max."
	endpointDoc = "The name of a task, in which * stands for any text. * alone: each task, not the whole."
	severityDoc = "block decides the verdict, warn stands in the headline, info is only shown. Default: block."
)

func thresholdKeys() []key[thresholdDraft] {
	return []key[thresholdDraft]{
		{"metric", scalar | needed, "latency_p95", metricDoc + " With a * in it the rule sets limits and asks for no row.",
			func(d *decoder, v value, t *thresholdDraft) { d.metric(v, true, &t.Metric) }},
		{"endpoint", scalar, `"GET /health"`, endpointDoc + " Default: the whole and each task.",
			func(d *decoder, v value, t *thresholdDraft) { d.text(v, &t.Endpoint) }},
		{"worse", scalar, "5%", "How much worse the metric may be: per cent of the baseline, percentage points (+0.1pp) of error_rate and delivered. Default: 5%; latency_p99 10%, error_rate +0.1pp, delivered +1pp.",
			func(_ *decoder, v value, t *thresholdDraft) { t.worse = &v }},
		{"floor", scalar, "100us", "The change below which nothing matters, of latencies and cpu_seconds. Default: 100us.",
			func(_ *decoder, v value, t *thresholdDraft) { t.floor = &v }},
		{"severity", scalar, "block", severityDoc,
			func(d *decoder, v value, t *thresholdDraft) { d.severity(v, &t.Severity) }},
		{"primary", scalar, "true", "Whether a pass needs evidence about this row. Default: only the whole's p50, p95, error_rate and delivered or throughput.",
			func(d *decoder, v value, t *thresholdDraft) { d.boolean(v, &t.Primary) }},
	}
}

func sloKeys() []key[gate.SLO] {
	return []key[gate.SLO]{
		{"limit", scalar | needed, "latency_p95 < 200ms", "A metric, one of < <= > >=, and a value with its unit: 200ms, 1%, 300/s, 512MiB.",
			func(d *decoder, v value, s *gate.SLO) { d.limit(v, s) }},
		{"endpoint", scalar, `"GET /health"`, endpointDoc + " Default: the whole.",
			func(d *decoder, v value, s *gate.SLO) { d.text(v, &s.Endpoint) }},
		{"severity", scalar, "block", severityDoc,
			func(d *decoder, v value, s *gate.SLO) { d.severity(v, &s.Severity) }},
	}
}

func (d *decoder) policy(v value, s *draft) {
	s.Policy.Source = d.file
	decodeMap(d, v, policyKeys(), s)
}

func (d *decoder) severity(v value, into *gate.Severity) {
	choice(d, v, into, gate.SeverityBlock, gate.SeverityWarn, gate.SeverityInfo)
}

func (d *decoder) noBaseline(v value, into *gate.NoBaseline) {
	if shapeOf(v.node) == mapping {
		decodeMap(d, v, noBaselineKeys(), into)
		return
	}
	var action gate.Action
	if choice(d, v, &action, gate.ActionWarn, gate.ActionFail) {
		*into = gate.NoBaseline{Action: action}
	}
}

func (d *decoder) threshold(v value, s *draft) {
	t := thresholdDraft{Threshold: gate.Threshold{Severity: gate.SeverityBlock, Line: v.line}}
	sec := decodeMap(d, v, thresholdKeys(), &t)
	if t.Metric != "" {
		d.limits(&t)
	}
	if t.Primary && t.Severity != gate.SeverityBlock {
		d.add(sec.at("primary"), fmt.Sprintf("a row of severity %s decides nothing", t.Severity), "remove one of the two")
	}
	s.Policy.Thresholds = append(s.Policy.Thresholds, t.Threshold)
	s.thresholds = append(s.thresholds, sec)
}

// metric reads the name of a metric, or a pattern that matches some.
func (d *decoder) metric(v value, patterns bool, into *string) {
	var text string
	if !d.text(v, &text) {
		return
	}
	switch {
	case strings.Contains(text, "*") && patterns:
		if len(matching(text, gate.Metrics())) == 0 {
			d.add(v, show(text)+" matches no metric", "choose from "+strings.Join(gate.Metrics(), ", "))
			return
		}
	case !isMetric(text):
		d.unknownMetric(v, text)
		return
	}
	*into = text
}

func (d *decoder) unknownMetric(v value, name string) {
	hint := suggest(name, gate.Metrics())
	if level, latency := gate.LatencyLevel(name); latency {
		hint = fmt.Sprintf("did you mean %s?", show(gate.LatencyMetric(level)))
	}
	d.add(v, show(name)+" is not a metric", hint)
}

// isMetric reports whether a rule can name it. A level is written in one way
// only, as it stands in results: latency_p95, not latency_p95.0.
func isMetric(name string) bool {
	level, latency := gate.LatencyLevel(name)
	return gate.KnownMetric(name) && (!latency || gate.LatencyMetric(level) == name)
}

// matching lists the names that a pattern with "*" stands for.
func matching(pattern string, names []string) []string {
	var found []string
	for _, name := range names {
		if gate.MatchEndpoint(pattern, name) {
			found = append(found, name)
		}
	}
	return found
}

// limits reads worse and floor, whose units are the metric's.
func (d *decoder) limits(t *thresholdDraft) {
	metrics := []string{t.Metric}
	if strings.Contains(t.Metric, "*") {
		metrics = matching(t.Metric, gate.Metrics())
	}
	var shares, lengths int
	falls := false
	for _, m := range metrics {
		_, latency := gate.LatencyLevel(m)
		if latency {
			lengths++
		}
		if gate.RateMetric(m) {
			shares++
		}
		falls = falls || gate.Better(m) == "higher"
	}
	if t.worse != nil {
		d.thresholdWorse(t, shares == len(metrics), shares > 0, falls)
	}
	if t.floor != nil {
		d.floor(*t.floor, t, lengths == len(metrics))
	}
}

// thresholdWorse puts worse where its unit belongs. Only shares (onlyShares)
// take percentage points; a rule for them and others (someShares) has no unit.
func (d *decoder) thresholdWorse(t *thresholdDraft, onlyShares, someShares, falls bool) {
	if someShares && !onlyShares {
		d.add(*t.worse, fmt.Sprintf("%s matches shares and other metrics, whose units differ", show(t.Metric)), "write a rule for each kind")
		return
	}
	var change float64
	switch ok := d.worse(*t.worse, onlyShares, falls, &change); {
	case ok && onlyShares:
		t.WorseAbs = &change
	case ok:
		t.WorseRatio = &change
	}
}

// floor reads the absolute change below which nothing matters, in the unit of
// the metric: ms of latencies, s of CPU time. Other metrics have none.
func (d *decoder) floor(v value, t *thresholdDraft, latency bool) {
	unit := time.Millisecond
	switch {
	case t.Metric == gate.MetricCPU:
		unit = time.Second
	case !latency:
		d.add(v, fmt.Sprintf("%s has no floor", t.Metric), "remove it, floors are for latencies and cpu_seconds")
		return
	}
	var length time.Duration
	if d.duration(v, 0, time.Hour, &length) {
		n := float64(length) / float64(unit)
		t.FloorAbs = &n
	}
}

func (d *decoder) slo(v value, s *draft) {
	slo := gate.SLO{Severity: gate.SeverityBlock, Line: v.line}
	sec := decodeMap(d, v, sloKeys(), &slo)
	s.Policy.SLOs = append(s.Policy.SLOs, slo)
	s.slos = append(s.slos, sec)
}
