package gate

import (
	"strconv"
	"strings"
)

// Names of metrics. A latency metric is "latency_p" and a level in per cent:
// latency_p50, latency_p95, latency_p99.9.
const (
	MetricP50        = "latency_p50"
	MetricP95        = "latency_p95"
	MetricP99        = "latency_p99"
	MetricErrorRate  = "error_rate"
	MetricThroughput = "throughput"
	MetricDelivered  = "delivered"
	MetricCPU        = "cpu_seconds"
	MetricRSS        = "rss_max"

	latencyPrefix = "latency_p"
)

// LatencyLevel returns the level of a latency metric, 0.95 for "latency_p95",
// and false for a name that is none.
func LatencyLevel(metric string) (float64, bool) {
	digits, ok := strings.CutPrefix(metric, latencyPrefix)
	if !ok || digits == "" || digits[0] < '0' || digits[0] > '9' || strings.ContainsAny(digits, "eExXpP_") {
		return 0, false
	}
	percent, err := strconv.ParseFloat(digits, 64)
	if err != nil || percent <= 0 || percent >= 100 {
		return 0, false
	}
	level, _ := strconv.ParseFloat(strconv.FormatFloat(percent/100, 'g', 12, 64), 64)
	return level, level > 0 && level < 1 // rounding may have reached an end
}

// LatencyMetric is the inverse of LatencyLevel: "latency_p95" for 0.95.
func LatencyMetric(level float64) string {
	return latencyPrefix + strconv.FormatFloat(level*100, 'g', 10, 64)
}

// QuantileKey writes a level as a key of Latency.QuantilesMS: "0.95".
func QuantileKey(level float64) string { return strconv.FormatFloat(level, 'g', 12, 64) }

// Metrics lists the names that a rule can use, for messages; any
// latency_pNN is one.
func Metrics() []string {
	return []string{MetricP50, MetricP95, MetricP99, MetricErrorRate, MetricDelivered, MetricThroughput, MetricCPU, MetricRSS}
}

// KnownMetric reports whether a rule can name it.
func KnownMetric(name string) bool {
	if _, ok := LatencyLevel(name); ok {
		return true
	}
	switch name {
	case MetricErrorRate, MetricDelivered, MetricThroughput, MetricCPU, MetricRSS:
		return true
	}
	return false
}

// RateMetric reports whether a metric is a share of counts, whose thresholds
// are absolute (percentage points).
func RateMetric(name string) bool { return name == MetricErrorRate || name == MetricDelivered }

// Unit returns the unit of a metric in files: "ms", "ratio", "1/s", "s", "By".
func Unit(metric string) string {
	switch metric {
	case MetricErrorRate, MetricDelivered:
		return "ratio"
	case MetricThroughput:
		return "1/s"
	case MetricCPU:
		return "s"
	case MetricRSS:
		return "By"
	}
	return "ms"
}

// Better says which direction is good: "lower" or "higher".
func Better(metric string) string {
	if metric == MetricThroughput || metric == MetricDelivered {
		return "higher"
	}
	return "lower"
}

// MatchEndpoint reports whether a rule's endpoint pattern names an endpoint:
// "*" stands for any text, everything else for itself.
func MatchEndpoint(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return strings.HasSuffix(name, parts[last])
}
