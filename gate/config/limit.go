package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// limit reads "latency_p95 < 200ms" into a rule.
func (d *decoder) limit(v value, into *gate.SLO) {
	var text string
	if !d.text(v, &text) {
		return
	}
	i := strings.IndexAny(text, "<>")
	if i < 0 {
		d.add(v, fmt.Sprintf("%s is not a limit", show(text)), `write it like "latency_p95 < 200ms"`)
		return
	}
	metric, op, bound := strings.TrimSpace(text[:i]), text[i:i+1], text[i+1:]
	if rest, ok := strings.CutPrefix(bound, "="); ok {
		op, bound = op+"=", rest
	}
	bound = strings.TrimSpace(bound)
	if !isMetric(metric) {
		d.unknownMetric(v, metric)
		return
	}
	limit, example, ok := parseBound(metric, bound)
	if !ok {
		d.add(v, fmt.Sprintf("%s is not a limit of %s", show(bound), metric), fmt.Sprintf("write it like %q", metric+" "+op+" "+example))
		return
	}
	good := "<"
	if gate.Better(metric) == "higher" {
		good = ">"
	}
	switch {
	case op[:1] != good:
		d.add(v, fmt.Sprintf("%s is better when %s, this limit is upside down", metric, gate.Better(metric)), fmt.Sprintf("write %q", metric+" "+good+" "+bound))
	case gate.RateMetric(metric) && limit > 1:
		d.add(v, show(bound)+" is out of range", "write at most 100%")
	case limit == 0 && op == "<" || gate.RateMetric(metric) && limit == 1 && op == ">":
		d.add(v, fmt.Sprintf("nothing can be %s %s", op, bound), fmt.Sprintf("write %q", metric+" "+op+"= "+bound))
	case gate.RateMetric(metric) && limit == 1 && op == "<=" || limit == 0 && op == ">=":
		d.add(v, "every result is within this limit", "write one that can be broken")
	default:
		into.Metric, into.Op, into.Limit = metric, op, limit
	}
}

// parseBound reads a value in the unit of the metric, and gives an example of
// one.
func parseBound(metric, text string) (limit float64, example string, ok bool) {
	switch gate.Unit(metric) {
	case "ratio":
		example = "1%"
		if metric == gate.MetricDelivered {
			example = "99%"
		}
		ratio, unit, ok := parseShare(text)
		return ratio, example, ok && unit == "%" && text[0] != '+'
	case "1/s":
		n, ok := parseRate(text)
		return n, "300/s", ok
	case "By":
		n, ok := parseBytes(text)
		return n, "512MiB", ok
	case "s":
		length, ok := parseDuration(text)
		return length.Seconds(), "2s", ok
	}
	length, ok := parseDuration(text)
	return float64(length) / float64(time.Millisecond), "200ms", ok
}
