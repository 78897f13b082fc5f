package gate

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The words of rows and verdicts stand here, so that they read alike.

// percentText writes an estimate as people do: "5 %", "12 %", "0.5 %".
func percentText(ratio float64) string { return sensible(100*ratio) + " %" }

// rulePercent, rulePoints and ruleNumber write what a rule says, with every
// digit that somebody wrote: "10.5 %", "0.125 pp".
func rulePercent(ratio float64) string { return ruleNumber(100*ratio) + " %" }
func rulePoints(diff float64) string   { return ruleNumber(100*diff) + " pp" }
func ruleNumber(v float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', fileDigits, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// sensible keeps two digits below 10 and none behind the point above.
func sensible(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "?"
	case a >= 10 || a == math.Trunc(a):
		return fmt.Sprintf("%.0f", v)
	case a >= 1:
		return fmt.Sprintf("%.1f", v)
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}

// signedText writes a change with its sign and one decimal: "+23.4 %".
func signedText(ratio float64) string {
	s := fmt.Sprintf("%+.1f %%", 100*ratio)
	if s == "-0.0 %" {
		return "+0.0 %"
	}
	return s
}

// label names a row for people: "POST /api/checkout p95", "overall p95".
func (r *row) label() string {
	name := "overall"
	if r.Endpoint != nil {
		name = *r.Endpoint
	}
	return name + " " + MetricLabel(r.Metric)
}

// MetricLabel is the short name of a metric in views: "p95", "error rate".
func MetricLabel(metric string) string {
	if _, ok := LatencyLevel(metric); ok {
		return strings.TrimPrefix(metric, "latency_")
	}
	switch metric {
	case MetricErrorRate:
		return "error rate"
	case MetricCPU:
		return "CPU time"
	case MetricRSS:
		return "peak memory"
	}
	return metric
}

// limitText is the threshold and the floor of a row.
func (r *row) limitText() string {
	if r.rate != nil {
		return rulePoints(r.limit.worse)
	}
	if r.limit.floor > 0 {
		return rulePercent(r.limit.worse) + " and " + floorText(r)
	}
	return rulePercent(r.limit.worse)
}

func floorText(r *row) string {
	if r.limit.floor < 1 {
		return ruleNumber(1000*r.limit.floor) + " µs"
	}
	return ruleNumber(r.limit.floor) + " ms"
}

func (r *row) pText() string {
	if r.PAdjusted == nil {
		return ""
	}
	if *r.PAdjusted < 0.0001 {
		return "adjusted p < 0.0001"
	}
	return "adjusted p = " + fmt.Sprintf("%.2g", *r.PAdjusted)
}

func seenText(mde *float64) string {
	if mde == nil {
		return "no change could be shown here"
	}
	return "now a change of " + percentText(*mde) + " or more would be seen"
}

// changeText is the change of a row as the headline says it.
func (r *row) changeText() string {
	switch {
	case r.rate != nil && r.ChangeAbs != nil:
		return fmt.Sprintf("%+.2f pp", 100*(*r.ChangeAbs))
	case r.ChangeRatio == nil:
		return ""
	case r.IntervalRatio == nil:
		return signedText(*r.ChangeRatio)
	}
	return fmt.Sprintf("%s (95 %% interval %s to %s)", signedText(*r.ChangeRatio),
		strings.TrimSuffix(signedText(r.IntervalRatio[0]), " %"), signedText(r.IntervalRatio[1]))
}

// ReasonText explains a reason of a run to people; a code that is not known
// stands for itself.
func ReasonText(code string) string {
	texts := map[string]string{
		ReasonLate:       "the load generator was late",
		ReasonThrottled:  "the load generator ran out of CPU quota",
		ReasonSteal:      "the hypervisor took the CPU away",
		ReasonTargetDied: "the target ended under the load",
		ReasonUnsteady:   "the warm-up did not settle",
		ReasonAborted:    "the error rate stayed over abort",
		ReasonNoRequests: "nothing was sent",
		ReasonNotReady:   "the target did not come up",
		ReasonClient:     "requests failed before they were sent",
		ReasonRefused:    "nothing listened at the target's address",
		ReasonIncomplete: "it was cut short",
	}
	if text, ok := texts[code]; ok {
		return text
	}
	return code
}

// reasonList explains several reasons: "it was late and it was cut short".
func reasonList(codes []string) string {
	texts := make([]string, len(codes))
	for i, code := range codes {
		texts[i] = ReasonText(code)
	}
	return strings.Join(texts, " and ")
}

// sloText says what a limit asked and what was observed.
func sloText(s SLORow) string {
	name := "overall"
	if s.Endpoint != nil {
		name = *s.Endpoint
	}
	limit := fmt.Sprintf("%s %s %s %s", name, MetricLabel(s.Metric), s.Op, valueText(s.Limit, s.Unit, ruleNumber))
	if s.Observed == nil {
		return limit + ": could not be measured"
	}
	return limit + ": observed " + valueText(*s.Observed, s.Unit, sensible)
}

func valueText(v float64, unit string, digits func(float64) string) string {
	switch unit {
	case "ratio":
		return digits(100*v) + " %"
	case "ms":
		return digits(v) + " ms"
	case "1/s":
		return digits(v) + "/s"
	case "By":
		return digits(v/(1<<20)) + " MiB"
	}
	return digits(v) + " " + unit
}
