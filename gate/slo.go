package gate

import (
	"fmt"
	"math"

	"github.com/perfgate/perfgate/gate/hist"
	"github.com/perfgate/perfgate/gate/stats"
)

// addSLOs judges every absolute limit on the median over the candidate's runs
// (paired: of whole pairs; elsewhere all runs that count). A limit whose
// number cannot be had is invalid: a rule is never dropped in silence.
func (c *Comparison) addSLOs(scenarios []matched) {
	for i := range c.in.Policy.SLOs {
		slo := &c.in.Policy.SLOs[i]
		found := false
		for j := range scenarios {
			s := &scenarios[j]
			if s.candidate == nil {
				continue
			}
			for _, name := range sloEndpoints(slo, s) {
				c.addSLO(slo, s, name)
				found = true
			}
		}
		if !found && len(scenarios) > 0 {
			c.slo = append(c.slo, c.newSLO(slo, c.scenarios[0], ptr(slo.Endpoint)))
		}
	}
	for i := range c.slo {
		c.slo[i].ID = fmt.Sprintf("s%d", i+1)
	}
}

// sloEndpoints lists what a limit speaks of: nil is the whole.
func sloEndpoints(slo *SLO, s *matched) []*string {
	if slo.Endpoint == "" {
		return []*string{nil}
	}
	var out []*string
	for _, name := range endpointNames(s.candidate, s.cand) {
		if MatchEndpoint(slo.Endpoint, name) {
			out = append(out, &name)
		}
	}
	return out
}

func (c *Comparison) newSLO(slo *SLO, scenario string, endpoint *string) SLORow {
	r := SLORow{Scenario: scenario, Endpoint: endpoint, Metric: slo.Metric, Unit: Unit(slo.Metric), Op: slo.Op, Limit: slo.Limit,
		Statistic: "median_of_runs", PerRun: []float64{}, Severity: slo.Severity, Outcome: SLOInvalid, Rule: c.in.Policy.ruleName(slo.Line)}
	if r.Severity == "" {
		r.Severity = SeverityBlock
	}
	return r
}

func (c *Comparison) addSLO(slo *SLO, s *matched, endpoint *string) {
	r := c.newSLO(slo, s.id, endpoint)
	for _, run := range s.cand {
		v := sloValue(slo.Metric, run, endpoint)
		if !finite(v) {
			r.PerRun = []float64{}
			c.slo = append(c.slo, r)
			return
		}
		r.PerRun = append(r.PerRun, v)
	}
	if len(r.PerRun) > 0 {
		observed := stats.Median(r.PerRun)
		r.Observed = &observed
		r.Outcome = SLOViolation
		if holds(observed, slo.Op, slo.Limit) {
			r.Outcome = SLOPass
		}
	}
	c.slo = append(c.slo, r)
}

func holds(v float64, op string, limit float64) bool {
	switch op {
	case "<":
		return v < limit
	case "<=":
		return v <= limit
	case ">":
		return v > limit
	case ">=":
		return v >= limit
	}
	return false
}

// sloValue is the number of one run that a limit is held against; NaN when it
// was not measured.
func sloValue(metric string, run countedRun, endpoint *string) float64 {
	if level, ok := LatencyLevel(metric); ok {
		return sloLatency(level, run, endpoint)
	}
	switch metric {
	case MetricErrorRate:
		return sloErrors(run, endpoint)
	case MetricThroughput:
		return sloThroughput(run, endpoint)
	case MetricDelivered:
		if l := run.run.Load; l.Intended != nil && *l.Intended > 0 {
			return float64(min(l.Sent, *l.Intended)) / float64(*l.Intended)
		}
		return math.NaN()
	}
	if v := resource(run, metric); v > 0 {
		return v
	}
	return math.NaN()
}

// sloLatency is a percentile of one endpoint, or of all requests together: that
// needs histograms, since percentiles of different endpoints do not add up.
func sloLatency(level float64, run countedRun, endpoint *string) float64 {
	if endpoint != nil || len(run.sources) == 1 {
		for name, src := range run.sources {
			if (endpoint == nil || name == *endpoint) && src.has(level) && !src.at(level).missing() {
				return src.at(level).value
			}
		}
		return math.NaN()
	}
	var all hist.Histogram
	for _, src := range run.sources {
		if src.hist == nil && !src.empty() {
			return math.NaN()
		}
		if src.hist != nil {
			all.Merge(src.hist)
		}
	}
	if all.Count() == 0 {
		return math.NaN()
	}
	return all.Quantile(level) / 1000
}

func sloErrors(run countedRun, endpoint *string) float64 {
	var failed, requests int64
	for name, e := range run.endpoints {
		if endpoint == nil || name == *endpoint {
			failed, requests = failed+e.Requests-e.OK, requests+e.Requests
		}
	}
	if requests == 0 {
		return math.NaN()
	}
	return float64(failed) / float64(requests)
}

func sloThroughput(run countedRun, endpoint *string) float64 {
	ok := int64(0)
	for name, e := range run.endpoints {
		if endpoint == nil || name == *endpoint {
			ok += e.OK
		}
	}
	if !(run.run.MeasuredS > 0) {
		return math.NaN()
	}
	return float64(ok) / run.run.MeasuredS
}
