package gate

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Starved tells, in a line, which endpoints get too few requests in a run of a
// length for their p95 to be tested in every run: what no number of pairs makes
// up for. It names the rate that would do. Empty: none, or the load is closed, so
// that the service decides how many requests there are.
//
// The tasks of the requests are drawn, so that an endpoint with a share q of n
// requests gets n·q - 2·sqrt(n·q·(1-q)) or more in 39 of 40 runs.
func (s Scenario) Starved(run time.Duration) string {
	if s.Load.Model != ModelOpen || run <= 0 {
		return ""
	}
	total := 0
	for _, t := range s.Tasks {
		total += t.Weight
	}
	tail, needed := 0.95, requestsFor(0.95)
	worst, fewest, rate, starved := "", math.Inf(1), 0.0, 0
	for _, t := range s.Tasks {
		if s.Policy.limitOf(LatencyMetric(tail), &t.Name).severity == SeverityInfo {
			continue
		}
		share := float64(t.Weight) / float64(total)
		mean := s.Load.Rate * run.Seconds() * share
		if mean-2*math.Sqrt(mean*(1-share)) >= float64(needed) {
			continue
		}
		starved++
		if mean < fewest {
			worst, fewest = t.Name, mean
		}
		// m - 2·sqrt(m·(1-q)) = needed, solved for m.
		root := math.Sqrt(1-share) + math.Sqrt(1-share+float64(needed))
		rate = max(rate, root*root/(share*run.Seconds()))
	}
	if starved == 0 {
		return ""
	}
	others := ""
	if starved > 1 {
		others = fmt.Sprintf(" (and %d more)", starved-1)
	}
	return fmt.Sprintf("%s%s gets about %.0f requests in a run of %s, and a p95 needs %d: load.rate %s/s or more, or severity: info",
		worst, others, fewest, secondsText(run), needed, roundedUp(rate))
}

// roundedUp writes a number with two digits, rounded up: 43.1 as 44, 431 as 440.
func roundedUp(v float64) string {
	unit := math.Pow(10, math.Max(0, math.Floor(math.Log10(v))-1))
	return strconv.FormatFloat(math.Ceil(v/unit*(1-1e-9))*unit, 'f', -1, 64)
}
