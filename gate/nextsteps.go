package gate

import (
	"fmt"
	"slices"
	"strings"
)

// Steps, each a command and what it is for.
const (
	stepPaired = "perfgate check --baseline FOLDER|URL  # both sides in turns, here: sees far more"
	stepRuns   = "perfgate run --runs 5 -o FILE  # for each side, on one machine"
	stepLonger = "perfgate check --budget 20m --max-pairs 24  # more pairs"
	stepWhole  = "perfgate check  # without --quick and a short budget: up to 16 pairs"
	stepRate   = "perfgate validate  # says which load.rate the percentiles of each endpoint need"
	stepSave   = "perfgate baseline save RESULT  # keep a result as a reference"
	stepAcross = "perfgate compare --across-machines BASELINE CANDIDATE  # sees large changes only"
	stepFresh  = "perfgate baseline save perfgate-out/candidate.json --report perfgate-out/report.json  # and run the job again: a fresh one confirms it"
	stepReady  = "perfgate qualify  # whether it is time to enforce"
	stepQuiet  = "perfgate check  # again: close what else runs, or take a bigger runner"
	stepFile   = "perfgate validate  # what the file asks for, of which endpoints"
	stepAlone  = "perfgate run  # the candidate alone, and what became of each run"
)

// nextSteps are commands to type, the best first.
func (j judgement) nextSteps(v Verdict) []string {
	c := j.c
	switch v {
	case VerdictRegression:
		return j.acceptSteps()
	case VerdictInconclusive:
		if slices.ContainsFunc(c.rows, func(r *row) bool { return r.Reason.Code == CodeUnconfirmed }) {
			return []string{stepPaired, stepFresh}
		}
		if c.design.Name != DesignPaired && !c.outOfBudget() {
			return []string{stepPaired, stepRuns}
		}
		return j.undecidedSteps()
	case VerdictNoBaseline:
		return []string{stepPaired, stepSave}
	case VerdictNotComparable:
		if c.comparability.Environment == checkedDifferent && c.comparability.Load != checkedDifferent {
			return []string{stepAcross, stepPaired}
		}
		return []string{stepPaired}
	case VerdictInvalid:
		return j.invalidSteps()
	}
	return []string{}
}

// undecidedSteps are what helps a paired session that could not decide: more
// pairs, unless each run holds too few requests.
func (j judgement) undecidedSteps() []string {
	for _, r := range j.rows(j.undecided) {
		if r.Reason.Code == "too_few_requests" {
			return []string{stepRate}
		}
	}
	if looks := j.c.design.Looks; len(looks) > 0 && looks[len(looks)-1] < DefaultMaxPairs {
		return []string{stepWhole}
	}
	return []string{stepLonger}
}

// invalidSteps help to measure what could not be measured.
func (j judgement) invalidSteps() []string {
	c := j.c
	disturbed := func(r Result) bool { return Disturbed(r.Runs) }
	switch stopped := c.session().Stopped; {
	case stopped == StoppedSetUp, stopped == StoppedInterrupted: // the error says what to do about it
		return []string{}
	case slices.ContainsFunc(c.in.Baseline, disturbed), slices.ContainsFunc(c.in.Candidate, disturbed):
		return []string{stepQuiet}
	case slices.ContainsFunc(c.rows, func(r *row) bool { return r.Reason.Code == "rule_unmatched" }):
		return []string{stepFile}
	}
	return []string{stepAlone}
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
	return fmt.Sprintf("perfgate check --baseline %s --candidate %s", ShellWord(b.argument()), ShellWord(c.sides.Candidate.argument()))
}

// argument is what names the side on a command line: its label, unless that is
// words of people's ("merge base with main").
func (s *SideInfo) argument() string {
	if s.Commit != "" && strings.HasPrefix(s.Label, "merge base with ") {
		return s.Commit[:min(7, len(s.Commit))]
	}
	return s.Label
}
