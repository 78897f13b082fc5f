package gate

import (
	"strings"
)

// Defaults of thresholds; the reason of each stands in docs/scenario.md.
const (
	defaultWorse       = 0.05
	defaultWorseTail   = 0.10 // p99 and above
	defaultWorseUsage  = 0.10 // resources
	defaultErrorWorse  = 0.001
	defaultUndelivered = 0.01
	defaultFloorMS     = 0.1
	tailLevel          = 0.99 // from here on a latency level is noisier by nature
)

// A limit is what one row is held to.
type limit struct {
	worse    float64 // ratio, or absolute for rate metrics
	floor    float64 // absolute, in the unit of the row; 0: none
	severity Severity
	primary  bool
	named    bool   // a rule asks for this metric by name
	rule     string // "perfgate.yml:41" or "default"
}

// limitOf finds the limit of a row: the first threshold that matches, its
// gaps filled from the defaults. endpoint is nil for the whole.
func (p Policy) limitOf(metric string, endpoint *string) limit {
	l := defaultLimit(metric)
	for i := range p.Thresholds {
		t := p.Thresholds[i]
		if !t.matches(metric, endpoint) {
			continue
		}
		l.rule = p.ruleName(t.Line)
		l.named = !strings.Contains(t.Metric, "*")
		l.primary = t.Primary
		if t.Severity != "" {
			l.severity = t.Severity
		}
		if t.FloorAbs != nil && !RateMetric(metric) {
			l.floor = *t.FloorAbs
		}
		worse := t.WorseRatio
		if RateMetric(metric) {
			worse = t.WorseAbs
		}
		if worse != nil {
			l.worse = *worse
		}
		return l
	}
	return l
}

func defaultLimit(metric string) limit {
	l := limit{worse: defaultWorse, severity: SeverityBlock, rule: "default"}
	level, latency := LatencyLevel(metric)
	switch {
	case latency:
		l.floor = defaultFloorMS
		if level >= tailLevel {
			l.worse = defaultWorseTail
		}
	case metric == MetricErrorRate:
		l.worse = defaultErrorWorse
	case metric == MetricDelivered:
		l.worse = defaultUndelivered
	case metric != MetricThroughput:
		l.worse = defaultWorseUsage
	}
	return l
}

func (p Policy) ruleName(line int) string {
	if p.Source == "" || line == 0 {
		return "gate"
	}
	return place(p.Source, line)
}

// matches reports whether the threshold speaks of a row.
func (t Threshold) matches(metric string, endpoint *string) bool {
	if !MatchEndpoint(t.Metric, metric) {
		return false
	}
	if t.Endpoint == "" {
		return true
	}
	return endpoint != nil && MatchEndpoint(t.Endpoint, *endpoint)
}

// Defaults of undecided comparisons.
func (p Policy) inconclusive() Action {
	if p.Inconclusive == "" {
		return ActionWarn
	}
	return p.Inconclusive
}

// noBaseline returns what a missing baseline does when the store holds jobs
// results of this scenario.
func (p Policy) noBaseline(jobs int) Action {
	if p.NoBaseline.Action != "" {
		return p.NoBaseline.Action
	}
	if jobs >= p.NoBaseline.until() {
		return ActionFail
	}
	return ActionWarn
}

func (n NoBaseline) until() int {
	if n.WarnUntil == 0 {
		return DefaultWarnUntil
	}
	return n.WarnUntil
}

func (p Policy) mode() Mode {
	if p.Mode == "" {
		return ModeEnforce
	}
	return p.Mode
}
