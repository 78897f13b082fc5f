package gate

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of the generator's own work, beyond which a run is invalid
// (docs/method.md 0.11).
const (
	// LateFloorMS and LateRatio: our lateness at its 95th percentile may be so
	// many ms, or this share of the run's p95 response time, whichever is more.
	LateFloorMS = 1.0
	LateRatio   = 0.05
	// ThrottledRatio is the share of a run's time without CPU quota.
	ThrottledRatio = 0.01
	// StealRatio is the share of CPU time that the hypervisor may take.
	StealRatio = 0.05
)

// disturbances are the reasons of runs that a quieter machine mends.
func disturbances() []string { return []string{ReasonLate, ReasonThrottled, ReasonSteal} }

// Disturbed reports whether any run does not count because the machine was
// busy with something else, or too small.
func Disturbed(runs []Run) bool {
	return slices.ContainsFunc(runs, func(r Run) bool {
		return r.Status == RunInvalid && slices.ContainsFunc(r.Reasons, func(code string) bool { return slices.Contains(disturbances(), code) })
	})
}

// RunReasonTexts explains the reasons of a run to people, in their order, with
// how far it was over the limit where that was measured; nil without reasons.
func RunReasonTexts(run Run) []string {
	var texts []string
	for _, code := range run.Reasons {
		texts = append(texts, run.reasonText(code))
	}
	return texts
}

func (r Run) reasonText(code string) string {
	much, limit := r.disturbance(code)
	switch {
	case much == 0:
	case code == ReasonLate && limit > 0:
		return fmt.Sprintf("%s by %s ms (limit %s ms): something else uses this CPU", ReasonText(code), sensible(much), sensible(limit))
	case code == ReasonLate:
		return fmt.Sprintf("%s by %s ms: something else uses this CPU", ReasonText(code), sensible(much))
	case code == ReasonThrottled:
		return fmt.Sprintf("%s for %s s (limit %s s)", ReasonText(code), sensible(much), sensible(limit))
	case code == ReasonSteal:
		return fmt.Sprintf("the hypervisor took %s of the CPU away (limit %s)", percentText(much), percentText(limit))
	}
	return ReasonText(code)
}

// disturbance is how much the worst shard of a run was late (ms), throttled
// (s) or stolen from (ratio), and what it might have been; zero: not known.
func (r Run) disturbance(code string) (much, limit float64) {
	for _, g := range r.Generator {
		value, most := (*float64)(nil), 0.0
		switch code {
		case ReasonLate:
			value, most = g.LateP95MS, valueOf(g.LateLimitMS)
		case ReasonThrottled:
			value, most = g.ThrottledS, ThrottledRatio*r.MeasuredS
		case ReasonSteal:
			value, most = g.StealRatio, StealRatio
		}
		if x := valueOf(value); x > much {
			much, limit = x, most
		}
	}
	return much, limit
}

func valueOf(p *float64) float64 {
	if p == nil {
		return 0
	}
	return *p
}

// runReasons lists why the runs of a side do not count, each reason once, by
// the run that it struck hardest; empty: no run says. Runs that were repeated
// for the other side's sake say nothing of their own.
func runReasons(results []Result) string {
	var codes []string
	worst := map[string]Run{}
	for _, r := range results {
		for _, run := range r.Runs {
			reasons := run.Reasons
			if len(reasons) == 0 {
				reasons = []string{string(run.Status)}
			}
			for _, code := range reasons {
				old, seen := worst[code]
				much, _ := run.disturbance(code)
				most, _ := old.disturbance(code)
				switch {
				case run.Status == RunSuperseded, run.Status == RunOK:
				case !seen:
					codes, worst[code] = append(codes, code), run
				case much > most:
					worst[code] = run
				}
			}
		}
	}
	texts := make([]string, len(codes))
	for i, code := range codes {
		texts[i] = worst[code].reasonText(code)
	}
	return strings.Join(texts, "; ")
}

// andWhy is what runReasons says of both sides, behind a colon.
func (c *Comparison) andWhy() string {
	if text := runReasons(slices.Concat(c.in.Candidate, c.in.Baseline)); text != "" {
		return ": " + text
	}
	return ""
}

// whyUnmeasured says why no run of a side counts: by its own runs, else by
// those of the other side.
func whyUnmeasured(own, other []Result, side Side) string {
	if text := runReasons(own); text != "" {
		return text
	}
	text := runReasons(other)
	if text == "" || !slices.ContainsFunc(own, func(r Result) bool { return len(r.Runs) > 0 }) {
		return "it holds no run"
	}
	return fmt.Sprintf("in each pair the run of the %s does not count: %s", side, text)
}
