package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// The checks here need more than one section of the file.

// taskNames refuses two tasks that would be counted under one name.
func (d *decoder) taskNames(s *draft) {
	lines := map[string]int{}
	for i, t := range s.Tasks {
		if t.Name == "" {
			continue
		}
		if line := lines[t.Name]; line > 0 {
			d.add(s.tasks[i], fmt.Sprintf("%s is the name of the task on line %d already", show(t.Name), line), "give one of the two another name")
			continue
		}
		lines[t.Name] = t.Line
	}
}

// rules refuses thresholds and SLOs that would never decide anything: a rule
// must not be dropped in silence.
func (d *decoder) rules(s *draft) {
	for i, t := range s.Policy.Thresholds {
		d.endpointRule(s, s.thresholds[i], t.Endpoint)
		d.metricRule(s, s.thresholds[i].at("metric"), t.Metric, t.Endpoint)
		if t.Metric == gate.MetricThroughput && s.Load.Model == gate.ModelOpen {
			d.add(s.thresholds[i].at("metric"), "the open model sends at the given rate, so its throughput says nothing", "use delivered")
		}
	}
	for i, o := range s.Policy.SLOs {
		d.endpointRule(s, s.slos[i], o.Endpoint)
		d.metricRule(s, s.slos[i].at("limit"), o.Metric, o.Endpoint)
		same := func(p gate.SLO) bool {
			return p.Metric == o.Metric && p.Endpoint == o.Endpoint && p.Op == o.Op && p.Limit == o.Limit
		}
		if j := slices.IndexFunc(s.Policy.SLOs[:i], same); j >= 0 && o.Metric != "" {
			d.add(s.slos[i].value, fmt.Sprintf("is the limit of line %d again", s.Policy.SLOs[j].Line), "remove one of the two")
		}
	}
	d.shadows(s)
}

// endpointRule refuses an endpoint that names no task.
func (d *decoder) endpointRule(s *draft, rule section, endpoint string) {
	if endpoint == "" || !s.tasksKnown {
		return
	}
	all := taskNamesOf(s)
	if len(matching(endpoint, all)) > 0 {
		return
	}
	at := rule.at("endpoint")
	if strings.Contains(endpoint, "*") {
		d.add(at, show(endpoint)+" matches no task", "the tasks are "+Quoted(all))
		return
	}
	hint := "the tasks are " + Quoted(all)
	if near := Nearest(endpoint, all); near != "" {
		hint = fmt.Sprintf("did you mean %s?", show(near))
	}
	d.add(at, show(endpoint)+" is not the name of a task", hint)
}

// metricRule refuses metrics that the load does not have.
func (d *decoder) metricRule(s *draft, at value, metric, endpoint string) {
	switch {
	case metric == gate.MetricDelivered && s.Load.Model == gate.ModelClosed:
		d.add(at, "users send when they have their answer, so everything is delivered in the closed model", "use throughput, or give the load a rate")
	case (metric == gate.MetricCPU || metric == gate.MetricRSS) && endpoint != "":
		d.add(at, metric+" is measured of the whole only", "remove endpoint")
	}
}

// A row is a metric of the whole ("") or of a task.
type row struct{ metric, endpoint string }

// shadows refuses a threshold whose rows all belong to rules before it, since
// the first match wins. Rows are every metric that is known or named here, of
// the whole and of each task.
func (d *decoder) shadows(s *draft) {
	if !s.tasksKnown {
		return
	}
	metrics := gate.Metrics()
	for _, t := range s.Policy.Thresholds {
		if gate.KnownMetric(t.Metric) && !slices.Contains(metrics, t.Metric) {
			metrics = append(metrics, t.Metric)
		}
	}
	endpoints := taskNamesOf(s)
	owner := map[row]int{} // the line of the rule that has it
	for i, t := range s.Policy.Thresholds {
		first, free := 0, false
		for _, r := range rowsOf(t, metrics, endpoints) {
			if line, taken := owner[r]; taken {
				first = line
				continue
			}
			owner[r] = t.Line
			free = true
		}
		if !free && first > 0 {
			d.add(s.thresholds[i].value, fmt.Sprintf("is never used, the rule on line %d matches its rows first", first), "put the narrower rule first or remove one")
		}
	}
}

// rowsOf lists the rows that a threshold matches; none without a metric.
func rowsOf(t gate.Threshold, metrics, endpoints []string) []row {
	if t.Endpoint == "" {
		endpoints = append([]string{""}, endpoints...)
	} else {
		endpoints = matching(t.Endpoint, endpoints)
	}
	var rows []row
	for _, metric := range matching(t.Metric, metrics) {
		for _, endpoint := range endpoints {
			rows = append(rows, row{metric, endpoint})
		}
	}
	return rows
}

// taskNamesOf lists the names in the file's order.
func taskNamesOf(s *draft) []string {
	all := make([]string, len(s.Tasks))
	for i, t := range s.Tasks {
		all[i] = t.Name
	}
	return all
}

// Quoted lists names for a message, each in quotes: the first ten, and how many
// more there are. None gives the empty text.
func Quoted(names []string) string {
	const most = 10
	var shown []string
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, show(name))
	}
	if len(names) > most {
		shown = append(shown, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(shown, ", ")
}
