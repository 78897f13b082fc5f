package gate

import (
	"fmt"
	"math"
	"time"
)

// blindFactor is how many times its threshold a change must be to be seen,
// until a plan is called blind. A pass rules out twice the threshold; three
// times is more than anybody expects to slip through.
const blindFactor = 3

// Blind warns, in a line, of a plan that can hardly fail: one whose last look
// shows only changes of more than three times the tightest limit of the policy
// on a latency. It names the pairs and the time that twice the limit needs.
// Empty: the plan sees enough.
func (p Plan) Blind() string { return p.blind }

// blindness is what Blind says of a plan made of this input.
func (p Plan) blindness(in PlanInput) string {
	limit := in.Policy.tightest()
	if !(p.SeesRatio > blindFactor*limit) {
		return ""
	}
	text := fmt.Sprintf("the limit is %s, but this plan shows a change only from +%s on", rulePercent(limit), percentText(p.SeesRatio))
	if p.Blocks > 0 {
		return text
	}
	for n := p.Pairs + 1; n <= maxPairsNeeded; n++ {
		longer := Plan{Pairs: n, Looks: Looks(n), Duration: p.Duration, Startup: p.Startup, Arms: p.Arms}
		if longer.mde(in) <= 2*limit {
			takes := time.Duration(n) * p.PairTakes()
			return fmt.Sprintf("%s; +%s needs about %d pairs, %s", text, percentText(2*limit), n, roughly(takes))
		}
	}
	return text + "; lower the noise (longer runs, a quieter machine), or raise the limit"
}

// tightest is the smallest relative change of a median or p95 that may fail the
// gate: of the whole, or of the endpoints that a rule names.
func (p Policy) tightest() float64 {
	limit := math.Inf(1)
	for _, metric := range []string{LatencyMetric(0.5), MetricP95} {
		if whole := p.limitOf(metric, nil); whole.severity == SeverityBlock {
			limit = min(limit, whole.worse)
		}
		for i := range p.Thresholds {
			t := p.Thresholds[i]
			if t.Endpoint != "" && MatchEndpoint(t.Metric, metric) && t.WorseRatio != nil && (t.Severity == "" || t.Severity == SeverityBlock) {
				limit = min(limit, *t.WorseRatio)
			}
		}
	}
	return limit
}
