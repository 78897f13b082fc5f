package gate

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// stopped says whether a session needs no further look, and why it ended.
func (j judgement) stopped() (decided bool, because string) {
	c := j.c
	if c.design.Name != DesignPaired {
		return true, ""
	}
	blocked := len(j.rows(func(r *row) bool { return r.blocking() && r.Outcome == OutcomeRegression && r.AcceptedBy == nil })) > 0
	_, _, open := j.inconclusive()
	_, _, invalid := j.invalidRow()
	switch {
	case c.candidateDied():
		return true, StoppedTargetDied
	case blocked:
		return true, "regression"
	case c.design.Pairs == 0:
		return c.session().Stopped != "", c.session().Stopped
	case !open && !invalid:
		return true, "pass"
	case c.session().Stopped != "":
		return true, c.session().Stopped
	case len(c.design.Looks) > 0 && c.design.Pairs >= c.design.Looks[len(c.design.Looks)-1]:
		return true, "last look"
	}
	return false, ""
}

func (c *Comparison) session() Session { return c.in.Candidate[0].Session }

// exitCode turns a verdict into the code of the process, by the policy.
func (j judgement) exitCode(v Verdict) int {
	p := j.c.in.Policy
	code := ExitOK
	switch v {
	case VerdictRegression, VerdictViolation:
		code = ExitRegression
	case VerdictInvalid, VerdictNotComparable:
		return ExitUnmeasured
	case VerdictInconclusive:
		if p.inconclusive() == ActionFail {
			code = ExitUndecided
		}
	case VerdictNoBaseline:
		if p.noBaseline(j.c.in.StoreJobs) == ActionFail {
			code = ExitUndecided
		}
	}
	if p.mode() == ModeObserve {
		return ExitOK // views say what would have failed
	}
	return code
}

func (c *Comparison) policyInfo() PolicyInfo {
	p := c.in.Policy
	info := PolicyInfo{Source: p.Source, From: c.in.PolicyFrom, Mode: p.mode(), Inconclusive: p.inconclusive(),
		NoBaseline: p.NoBaseline, ChangedByCandidate: []PolicyChange{}}
	if info.Source == "" {
		info.Source = "defaults"
	}
	if info.From == "" {
		info.From = "defaults"
	}
	if info.NoBaseline.Action == "" {
		info.NoBaseline.WarnUntil = p.NoBaseline.until()
	}
	return info
}

func (c *Comparison) reportRows() []Row {
	out := []Row{}
	for _, r := range c.rows {
		out = append(out, r.Row)
	}
	return out
}

func (c *Comparison) coverage() Coverage {
	n := Coverage{Expected: len(c.rows)}
	for _, r := range c.rows {
		switch r.Outcome {
		case OutcomePass:
			n.Pass++
		case OutcomeRegression:
			n.Regression++
		case OutcomeImprovement:
			n.Improvement++
		case OutcomeInconclusive:
			n.Inconclusive++
		case OutcomeNotComparable:
			n.NotComparable++
		case OutcomeInvalid:
			n.Invalid++
		case OutcomeNew:
			n.New++
		case OutcomeInfo:
			n.Info++
		}
	}
	return n
}

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

// Steps, each a command and what it is for.
const (
	stepPaired = "perfgate check --baseline FOLDER|URL  # both sides in turns, here: sees far more"
	stepRuns   = "perfgate run --runs 5 -o FILE  # for each side, on one machine"
	stepLonger = "perfgate check --budget 20m --max-pairs 24  # more pairs"
	stepSave   = "perfgate baseline save RESULT  # keep a result as a reference"
	stepAcross = "perfgate compare --across-machines BASELINE CANDIDATE  # sees large changes only"
	stepAgain  = "perfgate run --all  # every run, and why it does not count"
)

// nextSteps are commands to type, the best first.
func (j judgement) nextSteps(v Verdict) []string {
	c := j.c
	switch v {
	case VerdictRegression:
		return j.acceptSteps()
	case VerdictInconclusive:
		if c.design.Name != DesignPaired {
			return []string{stepPaired, stepRuns}
		}
		return []string{stepLonger}
	case VerdictNoBaseline:
		return []string{stepPaired, stepSave}
	case VerdictNotComparable:
		if c.comparability.Environment == checkedDifferent && c.comparability.Load != checkedDifferent {
			return []string{stepAcross, stepPaired}
		}
		return []string{stepPaired}
	case VerdictInvalid:
		return []string{stepAgain}
	}
	return []string{}
}

// tooManyErrors is the rise of an error rate from which nobody accepts it.
const tooManyErrors = 0.1

// acceptSteps offer to let through what regressed: of an endpoint and metric
// once, with a bound a little above what was seen.
func (j judgement) acceptSteps() []string {
	steps := []string{}
	all := j.rows(func(r *row) bool {
		return r.blocking() && r.Outcome == OutcomeRegression && r.AcceptedBy == nil && r.own == nil &&
			(r.rate == nil || r.rate.Diff < tooManyErrors)
	})
	rows := slices.DeleteFunc(slices.Clone(all), func(r *row) bool { // accepting an endpoint takes it out of the whole
		return r.Endpoint == nil && slices.ContainsFunc(all, func(o *row) bool { return o.Endpoint != nil && o.Metric == r.Metric })
	})
	if len(rows) == 0 {
		return steps
	}
	worst := worstOf(rows)
	for _, r := range append([]*row{worst}, rows...) {
		step := "perfgate accept " + acceptArgs(r) + " --reason … --owner … --expires 30d"
		if !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
	}
	return steps
}

func acceptArgs(r *row) string {
	name := "overall"
	if r.Endpoint != nil {
		name = *r.Endpoint
	}
	bound := fmt.Sprintf("+%.0f%%", roundUp(100*r.worseBy()))
	if r.rate != nil {
		bound = fmt.Sprintf("+%.1fpp", 100*r.worseBy()*1.1+0.05)
	}
	return fmt.Sprintf("%s %s --max %s", ShellWord(name), r.Metric, bound)
}

// roundUp rounds a percentage up to the next multiple of 5 with some room.
func roundUp(p float64) float64 {
	n := float64(int(p/5)+1) * 5
	if n-p < 1 {
		n += 5
	}
	return n
}

// ShellWord quotes a word for a POSIX shell, where it needs to be.
func ShellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// reproduce is the command that measures both sides again.
func (j judgement) reproduce() string {
	c := j.c
	b := c.sides.Baseline
	if c.design.Name != DesignPaired || b == nil || b.Label == "" || c.sides.Candidate.Label == "" {
		return ""
	}
	return fmt.Sprintf("perfgate check --baseline %s --candidate %s", ShellWord(b.Label), ShellWord(c.sides.Candidate.Label))
}
