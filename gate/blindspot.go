package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A BlindSpot is a change of which the gate would not fail, and why.
type BlindSpot struct {
	Change string `json:"change"` // slower, failing
	// Endpoints that would change, each alone; empty: the whole.
	Endpoints []string `json:"endpoints"`
	// Code says what hides the change: threshold, floor, severity,
	// too_few_requests, waiver, not_counted, noise.
	Code string `json:"code"`
	Rule string `json:"rule"` // "perfgate.yml:41", "default"; empty: no rule
	// Text names the change and what hides it; Edit what mends it.
	Text string `json:"text"`
	Edit string `json:"edit"`
	// Decisive: the self-test made this change and it went unseen.
	Decisive bool `json:"decisive"`
}

// Codes of blind spots.
const (
	blindThreshold = "threshold"
	blindFloor     = "floor"
	blindSeverity  = "severity"
	blindRequests  = "too_few_requests"
	blindWaiver    = "waiver"
	blindUncounted = "not_counted"
	blindNoise     = "noise"
)

// A cause is what hides a change in one row.
type cause struct {
	code, rule string
	limit      string // of the rule, for people
	text       string // further facts; empty: none
}

// blindSpots finds what the gate would miss, and what it missed.
func (in SelfTestInput) blindSpots(changes []SelfTestChange) []BlindSpot {
	missed := func(c SelfTestChange) bool { return !c.AsExpected && c.compared() }
	spots := in.slowBlindSpots(missed(changes[1]))
	if missed(changes[2]) {
		if spot, ok := in.failingBlindSpot(); ok {
			spots = append(spots, spot)
		}
	}
	slices.SortStableFunc(spots, func(a, b BlindSpot) int {
		rank := func(s BlindSpot) int {
			switch {
			case s.Decisive:
				return 0
			case len(s.Endpoints) == 0:
				return 1
			}
			return 2
		}
		return cmp.Compare(rank(a), rank(b))
	})
	return append([]BlindSpot{}, spots...)
}

// slowBlindSpots looks for what hides a slowdown: of every endpoint from the
// whole, and of each endpoint alone from its own rows. Endpoints with the same
// cause share a spot.
func (in SelfTestInput) slowBlindSpots(missed bool) []BlindSpot {
	scopes, rows := scopesOf(in.Slower.Rows)
	spots := []BlindSpot{}
	at := map[cause]int{}
	for _, scope := range scopes {
		c, hidden := in.hides(rows[scope], missed && scope == "")
		if !hidden {
			continue
		}
		if scope == "" {
			spots = append(spots, in.slowSpot(c, nil, missed))
			continue
		}
		c.text = "" // differs from endpoint to endpoint
		i, ok := at[c]
		if !ok {
			i = len(spots)
			at[c], spots = i, append(spots, BlindSpot{})
		}
		spots[i] = in.slowSpot(c, append(spots[i].Endpoints, scope), false)
	}
	return spots
}

// scopesOf groups the latency rows that say how fast something is: those of the
// whole ("") and of each endpoint, in their order.
func scopesOf(all []Row) (scopes []string, rows map[string][]Row) {
	rows = map[string][]Row{}
	for _, r := range all {
		level, latency := LatencyLevel(r.Metric)
		if !latency || r.Role == RoleRelative || level >= tailLevel && !r.Named {
			continue
		}
		scope := ""
		if r.Endpoint != nil {
			scope = *r.Endpoint
		}
		if _, ok := rows[scope]; !ok {
			scopes = append(scopes, scope)
		}
		rows[scope] = append(rows[scope], r)
	}
	if len(scopes) == 1 { // one endpoint is the whole
		rows[""], scopes = rows[scopes[0]], []string{""}
	}
	return scopes, rows
}

// hides says what hides the slowdown from all of rows; hidden is false when any
// of them can show it. That noise hides it is said only of a change that was
// missed: what is seen from which size on is told for all.
func (in SelfTestInput) hides(rows []Row, missed bool) (c cause, hidden bool) {
	for _, r := range rows {
		found := r.blindTo(in.SlowerRatio)
		switch {
		case found.code == "" && !missed:
			return cause{}, false
		case found.code == "":
			c = cause{code: blindNoise}
			if noise := noiseOf(rows); noise > 0 {
				c.text = "runs varied by " + percentText(noise)
			}
			return c, true
		case c.code == "":
			c = found
		}
	}
	return c, c.code != ""
}

// blindTo says which rule hides a slowdown from a row; no code: none does.
func (r Row) blindTo(slowdown float64) cause {
	c := cause{rule: r.Rule}
	switch {
	case r.Reason.Code == blindRequests:
		return cause{code: blindRequests, text: r.Reason.Text}
	case r.Severity != SeverityBlock:
		c.code, c.limit = blindSeverity, string(r.Severity)
	case r.AcceptedBy != nil:
		return cause{code: blindWaiver, rule: *r.AcceptedBy}
	case r.ThresholdRatio != nil && *r.ThresholdRatio >= slowdown:
		c.code, c.limit = blindThreshold, rulePercent(*r.ThresholdRatio)
	case r.FloorAbs != nil && r.Baseline != nil && *r.FloorAbs >= slowdown*r.Baseline.Value:
		c.code, c.limit = blindFloor, floorOf(*r.FloorAbs)
		c.text = "it takes " + sensible(r.Baseline.Value) + " ms"
	}
	return c
}

func floorOf(ms float64) string {
	if ms < 1 {
		return ruleNumber(1000*ms) + " µs"
	}
	return ruleNumber(ms) + " ms"
}

// noiseOf is the run-to-run noise of the noisiest of rows; 0: not known.
func noiseOf(rows []Row) float64 {
	most := 0.0
	for _, r := range rows {
		if r.Noise != nil && r.Noise.ObservedRatio != nil {
			most = max(most, *r.Noise.ObservedRatio)
		}
	}
	return most
}

// slowSpot puts a cause that hides a slowdown into words.
func (in SelfTestInput) slowSpot(c cause, endpoints []string, decisive bool) BlindSpot {
	what := fmt.Sprintf("a slowdown of %s of %s", rulePercent(in.SlowerRatio), everyOr(endpoints))
	half := rulePercent(in.SlowerRatio / 2)
	return c.spot(ChangeSlower, what, endpoints, decisive, in.BudgetFlag, map[string]string{
		blindThreshold: "worse: " + strings.ReplaceAll(half, " ", ""),
		blindFloor:     "a floor of less than " + rulePercent(in.SlowerRatio) + " of the time that it takes",
	})
}

// everyOr names endpoints that change alone.
func everyOr(endpoints []string) string {
	const most = 3
	switch {
	case len(endpoints) == 0:
		return "every endpoint"
	case len(endpoints) > most:
		return fmt.Sprintf("%s or %d others alone", strings.Join(endpoints[:most], ", "), len(endpoints)-most)
	}
	return strings.Join(endpoints, " or ") + " alone"
}

// spot is a blind spot made of a cause. edits are those that depend on the
// change; budgetFlag as in SelfTestInput.
func (c cause) spot(change, what string, endpoints []string, decisive, budgetFlag bool, edits map[string]string) BlindSpot {
	s := BlindSpot{Change: change, Endpoints: append([]string{}, endpoints...), Code: c.code, Rule: c.rule, Decisive: decisive}
	of := ""
	if c.rule != "" {
		of = " (" + c.rule + ")"
	}
	why := map[string]string{
		blindThreshold: "threshold " + c.limit + of,
		blindFloor:     "floor " + c.limit + of,
		blindSeverity:  "severity " + c.limit + of,
		blindRequests:  "too few requests",
		blindWaiver:    c.rule + " accepts it",
		blindUncounted: "answers with status 503 do not count as failures (expect.status)",
		blindNoise:     "noise",
	}[c.code]
	if c.text != "" {
		why += ", " + c.text
	}
	s.Text = why + ": " + what + " would go unseen"
	budget := "check.budget"
	if budgetFlag {
		budget = "--budget"
	}
	s.Edit = cmp.Or(edits[c.code], map[string]string{
		blindSeverity:  "severity: block",
		blindRequests:  "a higher load.rate, or more load.users",
		blindWaiver:    "remove the entry, or lower its max",
		blindUncounted: "leave 503 out of expect.status",
		blindNoise:     "a longer " + budget + ", more check.max_pairs, or a quieter machine",
	}[c.code])
	return s
}

// failingBlindSpot says why failing answers went unseen.
func (in SelfTestInput) failingBlindSpot() (BlindSpot, bool) {
	i := slices.IndexFunc(in.Failing.Rows, func(r Row) bool { return r.Metric == MetricErrorRate && r.Endpoint == nil })
	if i < 0 {
		return BlindSpot{}, false
	}
	r := in.Failing.Rows[i]
	c := cause{rule: r.Rule}
	switch {
	case r.Severity != SeverityBlock:
		c.code, c.limit = blindSeverity, string(r.Severity)
	case r.AcceptedBy != nil:
		c = cause{code: blindWaiver, rule: *r.AcceptedBy}
	case r.ThresholdAbs != nil && *r.ThresholdAbs >= in.FailingRatio:
		c.code, c.limit = blindThreshold, rulePoints(*r.ThresholdAbs)
	case r.MDEAbs == nil || *r.MDEAbs > in.FailingRatio:
		c = cause{code: blindRequests}
	case r.ChangeAbs != nil && *r.ChangeAbs <= in.FailingRatio/10:
		c = cause{code: blindUncounted}
	default:
		c = cause{code: blindNoise, text: r.Reason.Text}
	}
	what := rulePercent(in.FailingRatio) + " of failing answers"
	return c.spot(ChangeFailing, what, nil, true, in.BudgetFlag, map[string]string{
		blindThreshold: "worse: +" + strings.ReplaceAll(rulePoints(in.FailingRatio/2), " ", ""),
	}), true
}
