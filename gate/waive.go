package gate

import (
	"fmt"
	"math"
	"strings"
)

// applyWaivers accepts regressed rows that a reviewed file lets through, within
// their bound and until their day, and says what became of every waiver.
func (c *Comparison) applyWaivers() []AcceptedRow {
	out := []AcceptedRow{}
	today := c.in.Today
	if today == "" && len(c.session().Started) >= len("2026-01-02") {
		today = c.session().Started[:len("2026-01-02")]
	}
	for _, w := range c.in.Waivers.Items {
		a := AcceptedRow{File: place(c.in.Waivers.Source, w.Line), Endpoint: w.Endpoint, Metric: w.Metric,
			MaxWorseRatio: w.MaxWorseRatio, Reason: w.Reason, Owner: w.Owner, Expires: w.Expires}
		a.Row, a.State = c.applyWaiver(w, a.File, today)
		if a.State != WaiverUsed {
			c.add("waiver_"+a.State, waiverText(a))
		}
		out = append(out, a)
	}
	return out
}

// place names a line of a file, or the file where the line is not known.
func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// acceptedRows are the latency rows of endpoints that a waiver let through.
func (c *Comparison) acceptedRows() map[string]bool {
	out := map[string]bool{}
	for _, r := range c.rows {
		if _, latency := LatencyLevel(r.Metric); latency && r.Endpoint != nil && r.AcceptedBy != nil {
			out[rowKey(r.Scenario, *r.Endpoint, r.Metric)] = true
		}
	}
	return out
}

func rowKey(scenario, endpoint, metric string) string {
	return scenario + "\x00" + endpoint + "\x00" + metric
}

// applyWaiver accepts the row (and its relative row) that a waiver names.
func (c *Comparison) applyWaiver(w Waiver, file, today string) (row, state string) {
	state = WaiverUnmatched
	for _, r := range c.rows {
		if !w.names(r) {
			continue
		}
		if row == "" {
			row, state = r.ID, WaiverUnused
		}
		if r.Outcome != OutcomeRegression {
			continue
		}
		switch {
		case today == "" || today > w.Expires:
			return r.ID, WaiverExpired
		case r.worseBy() > w.MaxWorseRatio:
			return r.ID, WaiverExceeded
		}
		r.AcceptedBy, state = &file, WaiverUsed
	}
	if state == WaiverUnused && today != "" && today > w.Expires {
		state = WaiverExpired
	}
	return row, state
}

func (w Waiver) names(r *row) bool {
	endpoint := ""
	if r.Endpoint != nil {
		endpoint = *r.Endpoint
	}
	return w.Metric == r.Metric && w.Endpoint == endpoint && (w.Scenario == "" || w.Scenario == r.Scenario || w.Scenario == nameOf(r.Scenario))
}

// nameOf drops the profile from a scenario's id.
func nameOf(id string) string {
	name, _, _ := strings.Cut(id, "/")
	return name
}

// worseBy is the change of a row in its own scale, positive = worse: a ratio,
// or a difference of shares.
func (r *row) worseBy() float64 {
	if r.rate != nil {
		return r.rate.Diff
	}
	if r.own != nil {
		return math.Expm1(r.own.est.Theta)
	}
	return math.Expm1(r.est.Theta)
}

func waiverText(a AcceptedRow) string {
	what := strings.TrimSpace(a.Endpoint + " " + a.Metric)
	switch a.State {
	case WaiverExpired:
		return fmt.Sprintf("%s: the waiver of %s expired on %s", a.File, what, a.Expires)
	case WaiverExceeded:
		return fmt.Sprintf("%s: %s is worse than the %s that were accepted", a.File, what, rulePercent(a.MaxWorseRatio))
	case WaiverUnmatched:
		return fmt.Sprintf("%s: no row is named %s; remove or correct the waiver", a.File, what)
	}
	return fmt.Sprintf("%s: %s no longer regresses; the waiver can be removed", a.File, what)
}
