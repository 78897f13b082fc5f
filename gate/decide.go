package gate

import (
	"fmt"
	"math"
	"slices"
)

// maxNoise is the measured run-to-run noise above which a row is not decided
// unless the change is far over twice its threshold (docs/method.md 0.9).
const maxNoise = 0.15

// A decider turns tested rows into outcomes.
type decider struct {
	c *Comparison
	// erring holds what requests fail more often of: endpoints by erringKey
	// and, when any does, the whole.
	erring map[string]bool
}

// decide gives every row its outcome. Error rows come first: latencies of
// requests that fail are no improvement.
func (c *Comparison) decide() {
	d := decider{c: c, erring: map[string]bool{}}
	for _, r := range c.rows {
		if r.Metric == MetricErrorRate {
			d.row(r)
			d.noteErrors(r)
		}
	}
	for _, r := range c.rows {
		if r.Metric != MetricErrorRate {
			d.row(r)
		}
	}
}

func (d decider) noteErrors(r *row) {
	if r.Outcome != OutcomeRegression {
		return
	}
	d.erring[erringKey(r.Scenario, nil)] = true
	d.erring[erringKey(r.Scenario, r.Endpoint)] = true
}

func erringKey(scenario string, endpoint *string) string {
	if endpoint == nil {
		return scenario + "\x00"
	}
	return scenario + "\x00" + *endpoint
}

// row decides one row; the first rule that applies holds.
func (d decider) row(r *row) {
	switch {
	case r.preset != "":
		r.Outcome = r.preset
	case r.Role == RoleInfo:
		r.set(OutcomeInfo, "info", "shown only")
	case d.tooNoisy(r):
		r.set(OutcomeInconclusive, "too_noisy", fmt.Sprintf("too noisy: runs varied by %s, at most %s can be judged", percentText(r.noise), rulePercent(maxNoise)))
		r.RunsNeeded = d.c.pairsNeeded(r)
		r.Suspicious = r.suspect()
	case d.regressed(r):
		d.regression(r)
	case r.own != nil && r.own.est.Theta <= r.own.threshold():
		r.set(OutcomePass, "not_slower", "the endpoint itself is not slower by more than "+r.own.limitText())
	case d.improved(r):
		d.improvement(r)
	default:
		d.passOrNot(r)
	}
}

func (r *row) set(o Outcome, code, text string) {
	if r.note != "" {
		text += "; " + r.note
	}
	r.Outcome, r.Reason = o, RowReason{Code: code, Text: text}
}

// tooNoisy: more noise than a verdict can stand on, unless even the lower
// bound at the look's level is over twice the threshold.
func (d decider) tooNoisy(r *row) bool {
	if r.rate != nil || !(r.noise > maxNoise) {
		return false
	}
	return !(r.est.Lower(d.c.design.AlphaLook) > math.Log1p(2*r.limit.worse))
}

// regressed: significant at the look's level in its group, larger than the
// threshold, larger than the floor; a relative row by the further rules of
// docs/method.md 0.3.
func (d decider) regressed(r *row) bool {
	if *r.PAdjusted > d.c.design.AlphaLook || !(r.change() > r.threshold()) {
		return false
	}
	if r.own == nil {
		return r.overFloor(r.est.Theta)
	}
	own := r.own
	return own.est.Theta > own.threshold() && own.est.P() <= suspectLevel && own.overFloor(own.est.Theta) &&
		r.others.Theta > -math.Log1p(r.limit.worse/2)
}

func (d decider) regression(r *row) {
	limit := "worse by more than " + r.limitText()
	if r.own != nil {
		limit = "slower against the other endpoints by more than " + r.limitText()
	}
	if d.c.design.Name == DesignHistory && !d.confirmed() {
		r.set(OutcomeInconclusive, CodeUnconfirmed, limit+", but by one job only: a fresh job, later or on another machine, or a paired session must confirm it")
		r.RunsNeeded = d.c.pairsNeeded(r)
		return
	}
	r.set(OutcomeRegression, "over_threshold", limit+" and not noise, "+r.pText())
}

// confirmed reports whether a fresh job of the same build shows it too: Compare
// then tested the weaker of them.
func (d decider) confirmed() bool {
	var jobs []Session
	for _, r := range d.c.in.Candidate {
		if distinctSessions([]Result{r}) > 0 {
			jobs = append(jobs, r.Session)
		}
	}
	for i, a := range jobs {
		if slices.ContainsFunc(jobs[i+1:], a.FreshFrom) {
			return true
		}
	}
	return false
}

// FreshFrom reports whether two sessions are jobs of their own. Another session
// of one CI job, or on one machine within the hour, meets the same neighbours:
// it confirms the machine, not the change (docs/method.md 0.5).
func (s Session) FreshFrom(o Session) bool {
	switch {
	case s.ID == o.ID, s.JobID != "" && s.JobID == o.JobID:
		return false
	case s.MachineID == "" || s.MachineID != o.MachineID:
		return true
	}
	return startOf(s.Started).Sub(startOf(o.Started)).Abs() >= sameHour
}

// improved mirrors regressed. A relative row never is: being slower in
// company is what it is for.
func (d decider) improved(r *row) bool {
	if r.own != nil || r.adjustedBetter > d.c.design.AlphaLook {
		return false
	}
	if r.rate != nil {
		return -r.strongRate.Diff > r.limit.worse
	}
	return -r.strong.Theta > r.threshold() && r.overFloor(r.strong.Theta)
}

// improvement accepts an improvement unless there is another explanation for
// it: requests that fail, or other answers.
func (d decider) improvement(r *row) {
	_, latency := LatencyLevel(r.Metric)
	switch {
	case latency && d.erring[erringKey(r.Scenario, r.Endpoint)]:
		r.set(OutcomeInfo, "errors_regressed", "faster, but more requests fail: not an improvement")
	case r.answers != "":
		r.set(OutcomeInvalid, "answers_changed", "much faster, but "+r.answers+": not the same work was measured")
	default:
		r.set(OutcomeImprovement, "improved", "better by more than "+r.limitText()+" and not noise")
		if r.rate == nil && -r.est.Theta > math.Log1p(bigImprovement) {
			d.c.add("large_improvement", "a large improvement of "+r.label()+": check that it still does the same work", r.ID)
		}
	}
}

// passOrNot decides a row that neither regressed nor improved.
func (d decider) passOrNot(r *row) {
	r.Suspicious, r.open = r.suspect(), d.stillOpen(r)
	switch {
	case r.rate != nil:
		d.passRate(r)
	case d.c.design.Name == DesignSingle:
		r.set(OutcomeInconclusive, "single", "one run on a side cannot tell a change from noise; "+seenText(r.MDERatio))
		r.RunsNeeded = d.c.pairsNeeded(r)
	case d.underFloor(r):
		r.set(OutcomePass, "under_floor", "a change of more than "+floorText(r)+" is ruled out")
		r.Suspicious = false
	case r.Suspicious && d.c.design.AlphaLook == 0 && d.c.underWay():
		r.set(OutcomeInconclusive, "open", fmt.Sprintf("over %s, not decided yet: needs %d pairs", r.limitText(), fewestPairs))
	case r.Suspicious && d.c.design.AlphaLook == 0:
		r.set(OutcomeInconclusive, "cut_short", fmt.Sprintf("over %s, but the session was cut short: %d pairs are needed to tell a change from noise", r.limitText(), fewestPairs))
	case r.Suspicious:
		r.set(OutcomeInconclusive, "suspicious", "over "+r.limitText()+", but not yet told from noise; "+seenText(r.MDERatio))
		r.RunsNeeded = d.c.pairsNeeded(r)
	case r.open:
		r.set(OutcomeInconclusive, "open", "over "+r.limitText()+", not yet told from noise: a pass waits for more pairs")
	case d.upper(r) < math.Log1p(*r.MarginRatio):
		r.set(OutcomePass, "within_margin", "a change of "+rulePercent(*r.MarginRatio)+" or more is ruled out")
	default:
		r.set(OutcomeInconclusive, "not_ruled_out", "cannot tell: a change of "+rulePercent(*r.MarginRatio)+" is not ruled out; "+seenText(r.MDERatio))
		r.RunsNeeded = d.c.pairsNeeded(r)
	}
}

// underWay reports whether a paired session goes on after what there is of it:
// nothing ended it, and its last look is to come.
func (c *Comparison) underWay() bool {
	looks := c.design.Looks
	return c.session().Stopped == "" && len(looks) > 0 && c.design.Pairs < looks[len(looks)-1]
}

// stillOpen: a session whose primary rows could pass goes on while an endpoint
// may be slower, until its last look. Without it one of five endpoints that is
// 10 % slower passes in every sixth session, by luck at an early look. The level
// is one over the number of endpoints, so that unchanged code is held up by one
// endpoint at most in the mean (docs/method.md 0.4).
func (d decider) stillOpen(r *row) bool {
	if r.rate != nil || r.peers < 2 || d.c.design.Name != DesignPaired || !d.c.underWay() {
		return false
	}
	over := func(r *row) bool { return r.est.Theta > r.threshold() && r.overFloor(r.est.Theta) }
	if r.own != nil && !over(r.own) {
		return false
	}
	return r.est.P() <= 1/float64(r.peers) && r.est.Theta > r.threshold() && (r.own != nil || over(r))
}

// suspect: over the threshold, and enough evidence to withhold a pass.
func (r *row) suspect() bool {
	if r.rate != nil {
		return r.strongRate.P <= suspectLevel && r.strongRate.Diff > r.threshold()
	}
	return r.strong.P() <= suspectLevel && r.strong.Theta > r.threshold()
}

func (d decider) passRate(r *row) {
	margin := rulePoints(*r.MarginAbs)
	level := d.c.design.PassLevelLook
	switch {
	case r.Suspicious:
		r.set(OutcomeInconclusive, "suspicious", "over "+r.limitText()+", but not yet told from noise")
	case r.strongRate.Passes(level, r.limit.worse):
		r.set(OutcomePass, "within_margin", "a change of "+margin+" or more is ruled out")
	default:
		r.set(OutcomeInconclusive, "not_ruled_out", "cannot tell: a change of "+margin+" is not ruled out")
	}
}

func (d decider) upper(r *row) float64 { return r.strong.Upper(d.c.design.PassLevelLook) }

// underFloor: even the upper bound is smaller than anything that matters in
// absolute terms. Rows without a floor never are.
func (d decider) underFloor(r *row) bool {
	return r.limit.floor > 0 && r.absolute(d.upper(r)) < r.limit.floor
}
