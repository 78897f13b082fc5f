package gate

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/perfgate/perfgate/gate/stats"
)

// When it is time to enforce (docs/method.md 6.10).
const (
	QualifyCompared = 20   // comparisons at least
	QualifyDecided  = 0.70 // share of them that must be decided
	QualifyFalse    = 0.05 // most false reds, as far as they are known
	QualifyUpper    = 0.15 // the most that the upper bound may be
	qualifyLevel    = 0.05 // of each bound
)

// A Fate is what became of a red: a report that blocked, or would have.
type Fate string

// The fates of a red.
const (
	FateConfirmed Fate = "confirmed"   // other sessions show it, too
	FateRefuted   Fate = "refuted"     // another session of the commit does not show it
	FateUnknown   Fate = "cannot_tell" // it was never measured again
)

// A Red is one report that blocked, or would have.
type Red struct {
	Started string  `json:"started"`
	Commit  string  `json:"commit"`
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"` // the report's reason
	Fate    Fate    `json:"fate"`
	Why     string  `json:"why"` // what tells
}

// A Qualification is what the reports of one scenario say of its gate.
type Qualification struct {
	Scenario string `json:"scenario"`
	First    string `json:"first"` // when the oldest and the newest session began; empty: there is none
	Last     string `json:"last"`
	// Sessions counts all but A/A ones; Compared those that ended with pass,
	// regression, violation or inconclusive; Decided those that did not end
	// with the last.
	Sessions int `json:"sessions"`
	Skipped  int `json:"skipped"`
	Compared int `json:"compared"`
	Decided  int `json:"decided"`
	// UndecidedFailed counts the undecided ones that the policy makes fail.
	UndecidedFailed int `json:"undecided_failed"`
	// Reds are oldest first.
	Reds      []Red `json:"reds"`
	Confirmed int   `json:"confirmed"`
	Refuted   int   `json:"refuted"`
	Unknown   int   `json:"cannot_tell"`
	// AASessions are sessions of one program with itself that were decided or
	// not; AARegressions those that a check would have ended red
	// (Report.Alarm), each a false one.
	AASessions    int `json:"aa_sessions"`
	AARegressions int `json:"aa_regressions"`
	// Unchanged is the number of sessions that could end falsely red: the
	// compared ones without the confirmed reds, and the A/A sessions.
	Unchanged int `json:"unchanged"`
	// FalseRatio is the share of them that is known to be falsely red; its
	// interval counts no unknown red as false in the lower bound, each in the
	// upper one, both at the one-sided level 0.05. Nil without a session.
	FalseRatio    *float64    `json:"false_ratio"`
	FalseInterval *[2]float64 `json:"false_interval"`
	Ready         bool        `json:"ready"`   // it is time to enforce
	Missing       []string    `json:"missing"` // what is missing until then; empty when Ready
}

// Contains reports whether a commit contains another, itself or one before it.
// Where that is not known it is false.
type Contains func(commit, other string) bool

// Qualify says of each scenario in the reports what its gate is worth, sorted by
// scenario. Reports may come in any order; of one that stands twice the first
// counts. contains may be nil: then only equal commits are known.
func Qualify(reports []Report, contains Contains) []Qualification {
	if contains == nil {
		contains = func(a, b string) bool { return a == b }
	}
	byScenario := map[string][]Report{}
	seen := map[string]bool{}
	for _, r := range reports {
		key := r.Scenario + "\x00" + startedOf(r) + "\x00" + digestOfReport(r)
		if !seen[key] {
			byScenario[r.Scenario] = append(byScenario[r.Scenario], r)
		}
		seen[key] = true
	}
	out := []Qualification{}
	for scenario, of := range byScenario {
		slices.SortStableFunc(of, func(a, b Report) int { return cmp.Compare(startedOf(a), startedOf(b)) })
		out = append(out, qualify(scenario, of, contains))
	}
	slices.SortFunc(out, func(a, b Qualification) int { return cmp.Compare(a.Scenario, b.Scenario) })
	return out
}

// startedOf is when a report's session began, in a form that sorts.
func startedOf(r Report) string {
	if r.Sides.Candidate == nil {
		return ""
	}
	t := startOf(r.Sides.Candidate.Started)
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func digestOfReport(r Report) string {
	if r.Sides.Candidate == nil {
		return ""
	}
	return r.Sides.Candidate.ResultDigest
}

// qualify sums up the reports of one scenario, oldest first.
func qualify(scenario string, reports []Report, contains Contains) Qualification {
	q := Qualification{Scenario: scenario, Reds: []Red{}, Missing: []string{}}
	for _, r := range reports {
		if q.First == "" {
			q.First = startedOf(r)
		}
		q.Last = startedOf(r)
		if r.Design.AA {
			q.addAA(r)
			continue
		}
		q.Sessions++
		switch {
		case r.Verdict == VerdictSkipped:
			q.Skipped++
		case !r.Verdict.decided() && (r.WouldFail || r.ExitCode == ExitUndecided):
			q.UndecidedFailed++
		}
		if !r.Verdict.compared() {
			continue
		}
		q.Compared++
		if r.Verdict.decided() {
			q.Decided++
		}
		if r.Verdict == VerdictRegression || r.Verdict == VerdictViolation {
			q.addRed(r, reports, contains)
		}
	}
	q.conclude()
	return q
}

func (q *Qualification) addAA(r Report) {
	if !r.Verdict.compared() {
		return
	}
	q.AASessions++
	if r.Alarm() {
		q.AARegressions++
	}
}

// Alarm reports whether a check that measured this session would have ended as
// a regression: also where later pairs, made to learn from, took it back.
func (r Report) Alarm() bool {
	return cmp.Or(r.Design.FirstVerdict, r.Verdict) == VerdictRegression
}

func (q *Qualification) addRed(r Report, all []Report, contains Contains) {
	red := Red{Started: startedOf(r), Verdict: r.Verdict, Text: r.Reason.Text}
	if r.Sides.Candidate != nil {
		red.Commit = r.Sides.Candidate.Commit
	}
	red.Fate, red.Why = fateOf(r, all, contains)
	switch red.Fate {
	case FateConfirmed:
		q.Confirmed++
	case FateRefuted:
		q.Refuted++
	default:
		q.Unknown++
	}
	q.Reds = append(q.Reds, red)
}

// conclude computes the rates and says whether it is time to enforce.
func (q *Qualification) conclude() {
	q.Unchanged = q.Compared - q.Confirmed + q.AASessions
	known := q.Refuted + q.AARegressions
	_, upper := stats.Exact(known+q.Unknown, q.Unchanged, qualifyLevel)
	if q.Unchanged > 0 {
		lower, _ := stats.Exact(known, q.Unchanged, qualifyLevel)
		q.FalseRatio, q.FalseInterval = ptr(float64(known)/float64(q.Unchanged)), &[2]float64{lower, upper}
	}
	miss := func(format string, args ...any) { q.Missing = append(q.Missing, fmt.Sprintf(format, args...)) }
	if q.Compared < QualifyCompared {
		miss("%d more comparisons", QualifyCompared-q.Compared)
	}
	enough := q.Compared >= QualifyCompared // before, rates say nothing
	if enough && float64(q.Decided) < QualifyDecided*float64(q.Compared) {
		miss("decisions: %d of %d comparisons ended with one, %s are needed", q.Decided, q.Compared, rulePercent(QualifyDecided))
	}
	switch {
	case q.FalseRatio == nil:
	case *q.FalseRatio > QualifyFalse:
		miss("fewer false reds: %d of %d, at most %s are tolerable", known, q.Unchanged, rulePercent(QualifyFalse))
	case enough && upper > QualifyUpper && q.Unknown > 0:
		miss("certainty about %d red%s that nobody measured again: false reds could be as frequent as %s", q.Unknown, plural(q.Unknown), percentText(upper))
	case enough && upper > QualifyUpper:
		miss("evidence: false reds could be as frequent as %s, at most %s must be ruled out", percentText(upper), rulePercent(QualifyUpper))
	}
	q.Ready = len(q.Missing) == 0
}
