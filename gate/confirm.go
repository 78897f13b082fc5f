package gate

import (
	"fmt"
	"slices"

	"github.com/perfgate/perfgate/gate/stats"
)

// CodeHistorySaw is the code of the warning that HistorySaw makes.
const CodeHistorySaw = "history_saw"

// Unconfirmed are the blocking rows in which a history saw a regression that no
// second job and no paired session has confirmed; nil when there is none, or
// the verdict is another one than inconclusive.
func (r Report) Unconfirmed() []Row {
	if r.Verdict != VerdictInconclusive {
		return nil
	}
	var out []Row
	for _, row := range r.Rows {
		if row.Reason.Code == CodeUnconfirmed && row.Severity == SeverityBlock && row.AcceptedBy == nil {
			out = append(out, row)
		}
	}
	return out
}

// Open reports whether a history saw a regression that nothing has confirmed or
// refuted: no second job, and no paired session that could tell. Such a job
// must not become a baseline: a regression never absorbs itself.
func (r Report) Open() bool {
	saw := slices.ContainsFunc(r.Warnings, func(w RowWarning) bool { return w.Code == CodeHistorySaw })
	return len(r.Unconfirmed()) > 0 || saw && r.Verdict == VerdictInconclusive
}

// HistorySaw is what the candidate's file of a paired session carries that is
// to confirm the report of a history; its own report then says whether it did.
// ok is false when there is nothing to confirm.
func HistorySaw(r Report) (w Warning, ok bool) {
	rows := r.Unconfirmed()
	if len(rows) == 0 || r.Sides.Baseline == nil {
		return Warning{}, false
	}
	worst := rows[0]
	for _, x := range rows {
		if worst.Endpoint == nil && x.Endpoint != nil { // an endpoint says more than the whole
			worst = x
		}
	}
	shown := &row{Row: worst}
	shown.IntervalRatio = nil
	change := shown.changeText()
	if RateMetric(worst.Metric) && worst.ChangeAbs != nil {
		change = fmt.Sprintf("%+.2f pp", 100**worst.ChangeAbs)
	}
	return Warning{Code: CodeHistorySaw, Text: fmt.Sprintf("the history of %d jobs saw %s %s", r.Sides.Baseline.Jobs, shown.label(), change)}, true
}

// ConfirmAgainst returns the place in a history's jobs of the one that a paired
// session can confirm its report against: the newest of a commit whose runs
// still lie at the history's level, in every row that is unconfirmed. A newer
// job may show the change already; a pair with it would only tell that it is
// not this commit's. It is -1 when there is none.
func (r Report) ConfirmAgainst(jobs []Result) int {
	for i := len(jobs) - 1; i >= 0; i-- {
		s := jobs[i].Subject
		if s.Commit == "" || s.Dirty {
			continue
		}
		if !slices.ContainsFunc(r.Unconfirmed(), func(row Row) bool { return row.shownBy(i, jobs) }) {
			return i
		}
	}
	return -1
}

// shownBy reports whether a job of a history may show what a row saw: its runs
// do not tell, or lie nearer to the candidate's than to the history's level.
func (r Row) shownBy(job int, jobs []Result) bool {
	runs := counted(jobs, r.Scenario)
	if r.Baseline == nil || r.Candidate == nil || len(r.Baseline.PerRun) != len(runs) {
		return true
	}
	levels, order := medians(r.Baseline.PerRun, jobsOf(runs))
	at := slices.Index(order, job)
	return at < 0 || nearerSeen(r.Metric, stats.Median(levels), r.Candidate.Value, levels[at])
}

// noteHistory says whether a paired session confirmed what a history saw. The
// verdict is the session's own.
func (j judgement) noteHistory(v Verdict) {
	c := j.c
	for i, w := range c.warnings {
		if w.Code != CodeHistorySaw || c.design.Name != DesignPaired {
			continue
		}
		head := "this paired session cannot tell"
		switch v {
		case VerdictRegression:
			head = "history saw it, this paired session confirms it"
		case VerdictPass:
			head = "history saw a regression, this paired session refutes it"
		}
		c.warnings[i].Text += "; " + head
		c.warnings[i].Headline = head
	}
}
