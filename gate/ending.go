package gate

// stopped says whether a session needs no further look, and why it ended.
func (j judgement) stopped() (decided bool, because string) {
	c := j.c
	if c.design.Name != DesignPaired {
		if len(c.in.Baseline) > 0 && sharedSession(&c.in) {
			return true, c.session().Stopped
		}
		return true, ""
	}
	_, _, blocked := j.regression()
	_, _, open := j.inconclusive()
	_, _, invalid := j.invalidRow()
	switch {
	case c.candidateDied():
		return true, StoppedTargetDied
	case c.session().Stopped == StoppedBudget: // as the session said, whatever it could still decide
		return true, StoppedBudget
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

// exitCode turns a verdict into the code of the process, by the policy, and
// says whether a gate that only observes let a failure through.
func (j judgement) exitCode(v Verdict) (code int, wouldFail bool) {
	p := j.c.in.Policy
	code = ExitOK
	switch v {
	case VerdictRegression, VerdictViolation:
		code = ExitRegression
	case VerdictInvalid, VerdictNotComparable:
		return ExitUnmeasured, false
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
		return ExitOK, code != ExitOK // views say what would have failed
	}
	return code, false
}

func (c *Comparison) policyInfo() PolicyInfo {
	p := c.in.Policy
	info := PolicyInfo{Source: p.Source, From: c.in.PolicyFrom, Mode: p.mode(), Inconclusive: p.inconclusive(),
		NoBaseline: p.NoBaseline, ChangedByCandidate: c.changedRules()}
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
