package gate

import (
	"fmt"
	"math"

	"github.com/perfgate/perfgate/gate/stats"
)

// fateOf looks at the other sessions of the same scenario, load and class for
// what became of a red (docs/method.md 6.10). Evidence is another session of the
// very commit, and the level of what was built on it: a later session whose
// baseline or candidate contains the commit. All are oldest first, r may be among them.
func fateOf(r Report, all []Report, contains Contains) (Fate, string) {
	own := r.Sides.Candidate
	if own == nil || own.Commit == "" || own.Dirty {
		return FateUnknown, "it was of no commit, so that nothing later can be told to be the same"
	}
	red := reddest(r)
	var levels []float64
	var same, merged []Report
	found := func(l Report, side func(*Row) *RowSide) {
		if row := matching(l, red); row != nil && side(row) != nil {
			levels, merged = append(levels, side(row).Value), append(merged, l)
		}
	}
	for _, l := range all {
		switch {
		case !alikeReports(r, l):
		case l.Sides.Candidate.Commit == own.Commit && !l.Sides.Candidate.Dirty:
			same = append(same, l)
		case red == nil || startedOf(l) < startedOf(r):
		case baselineContains(l, own.Commit, contains):
			found(l, func(x *Row) *RowSide { return x.Baseline })
		case !l.Sides.Candidate.Dirty && l.Sides.Candidate.Commit != "" && contains(l.Sides.Candidate.Commit, own.Commit):
			found(l, func(x *Row) *RowSide { return x.Candidate })
		}
	}
	if fate, why := ofSame(r, red, same); fate != FateUnknown {
		return fate, why
	}
	if len(levels) > 0 {
		return ofLevel(red, levels, merged, own.Commit)
	}
	if len(same) > 0 {
		return FateUnknown, "another session of the commit decided nothing"
	}
	return FateUnknown, "the commit was never measured again: it may have been mended"
}

// alikeReports reports whether two sessions measured the same load on the same
// class of machine. A report of one program with itself says nothing of a change.
func alikeReports(a, b Report) bool {
	return b.Sides.Candidate != nil && !b.Design.AA && startedOf(b) != startedOf(a) && startedOf(b) != "" &&
		checked(a.Comparability.LoadDigest, b.Comparability.LoadDigest) == checkedEqual &&
		checked(a.Sides.Candidate.EnvironmentClass, b.Sides.Candidate.EnvironmentClass) == checkedEqual
}

// baselineContains reports whether a comparison's baseline is one build, and
// has a commit in it.
func baselineContains(r Report, commit string, contains Contains) bool {
	b := r.Sides.Baseline
	return b != nil && b.Jobs <= 1 && b.Commit != "" && !b.Dirty && contains(b.Commit, commit)
}

// reddest is the row that a red rests on first; nil when it is a limit, or the
// target died.
func reddest(r Report) *Row {
	if len(r.Reason.Rows) == 0 {
		return nil
	}
	for i := range r.Rows {
		if r.Rows[i].ID == r.Reason.Rows[0] {
			return &r.Rows[i]
		}
	}
	return nil
}

// matching finds the row of another report that is about the same, for a
// relative row the endpoint's own.
func matching(r Report, of *Row) *Row {
	for i := range r.Rows {
		x := &r.Rows[i]
		same := x.Endpoint == nil && of.Endpoint == nil || x.Endpoint != nil && of.Endpoint != nil && *x.Endpoint == *of.Endpoint
		if same && x.Role != RoleRelative && x.Metric == of.Metric && x.Scenario == of.Scenario {
			return x
		}
	}
	return nil
}

// ofSame judges by further sessions of the same commit; the newest that says
// something counts.
func ofSame(r Report, red *Row, same []Report) (Fate, string) {
	for i := len(same) - 1; i >= 0; i-- {
		l := same[i]
		day := startedOf(l)[:len("2026-01-02")]
		var row *Row
		if red != nil {
			row = matching(l, red)
		}
		switch {
		case l.Verdict == r.Verdict && row == nil, row != nil && row.Outcome == OutcomeRegression:
			return FateConfirmed, "another session of the commit, on " + day + ", had the same outcome"
		case l.Verdict == VerdictPass && row == nil, row != nil && (row.Outcome == OutcomePass || row.Outcome == OutcomeImprovement):
			return FateRefuted, "another session of the commit, on " + day + ", passed"
		}
	}
	return FateUnknown, ""
}

// nearerSeen reports whether a value of a metric lies nearer to what a red saw
// than to what was before: on the log scale, rates as they are.
func nearerSeen(metric string, before, seen, value float64) bool {
	middle := (before + seen) / 2
	if !RateMetric(metric) && before > 0 && seen > 0 {
		middle = math.Sqrt(before * seen)
	}
	return (value-middle)*(seen-before) > 0
}

// ofLevel judges by the level of later builds that contain the commit: nearer to what the red saw, or to what was before. A level that is gone
// refutes only where the baseline is the commit itself: else it may have been
// mended in between.
func ofLevel(red *Row, levels []float64, merged []Report, commit string) (Fate, string) {
	if red.Baseline == nil || red.Candidate == nil {
		return FateUnknown, "the red has no number to compare later ones with"
	}
	before, seen := red.Baseline.Value, red.Candidate.Value
	level := stats.Median(levels)
	verb := "lie"
	if len(levels) == 1 {
		verb = "lies"
	}
	n := fmt.Sprintf("%d later session%s with the commit in it %s at the ", len(levels), plural(len(levels)), verb)
	if nearerSeen(red.Metric, before, seen, level) {
		return FateConfirmed, n + "worse level: it stayed"
	}
	for _, l := range merged {
		if l.Sides.Baseline.Commit == commit {
			return FateRefuted, n + "former level, where it is itself the baseline"
		}
	}
	return FateUnknown, n + "former level: it may have been mended before"
}
