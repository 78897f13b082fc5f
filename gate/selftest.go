package gate

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// SelfTestKind is the kind of a self-test's file.
const SelfTestKind = "perfgate-selftest"

// The changes of a self-test: an unchanged service, one that answers slower,
// one that fails more often.
const (
	ChangeNone    = "unchanged"
	ChangeSlower  = "slower"
	ChangeFailing = "failing"
)

// What a self-test found out, worst first.
const (
	// SelfTestFalseAlarm: unchanged code was called a regression.
	SelfTestFalseAlarm = "false_alarm"
	// SelfTestUnmeasured: a comparison could not be made.
	SelfTestUnmeasured = "unmeasured"
	// SelfTestUnseen: a change did not fail the gate, or unchanged code did by
	// other means than a regression.
	SelfTestUnseen = "unseen"
	// SelfTestProven: each change failed the gate, and unchanged code did not.
	SelfTestProven = "proven"
)

// SelfTestInput is what a self-test is made of: how the service was made worse,
// and what the gate said of it.
type SelfTestInput struct {
	// SlowerRatio is the slowdown of every endpoint, 0.2 is +20 %;
	// FailingRatio the share of answers that were made to fail.
	SlowerRatio, FailingRatio float64
	// BudgetFlag: the budget was given on the command line, not by the file.
	BudgetFlag bool
	// The reports of one session, each with the same baseline.
	Unchanged, Slower, Failing Report
}

// A SelfTest says whether a gate can fail: what it said of changes that were
// made on purpose, and which changes it would miss. It has no verdict of its
// own; those of its changes are Judge's.
type SelfTest struct {
	Kind          string   `json:"kind"`
	SchemaVersion int      `json:"schema_version"`
	Requires      []string `json:"requires"`
	Outcome       string   `json:"outcome"`
	ExitCode      int      `json:"exit_code"`
	Text          string   `json:"text"` // the outcome in a line
	Scenario      string   `json:"scenario"`
	Mode          Mode     `json:"mode"` // of the policy
	Pairs         int      `json:"pairs"`
	// Changes in the order unchanged, slower, failing.
	Changes []SelfTestChange `json:"changes"`
	// BlindSpots are changes of the same size that the gate would miss: those
	// that made this self-test fail first, then the whole, then single
	// endpoints.
	BlindSpots []BlindSpot `json:"blind_spots"`
	Notes      []string    `json:"notes"` // for people
}

// A SelfTestChange is one change and what the gate said of it.
type SelfTestChange struct {
	Name         string  `json:"name"`          // unchanged, slower, failing
	SlowerRatio  float64 `json:"slower_ratio"`  // 0: not slower
	FailingRatio float64 `json:"failing_ratio"` // 0: no more failures
	Expected     string  `json:"expected"`      // "no regression", "regression"
	Verdict      Verdict `json:"verdict"`
	AsExpected   bool    `json:"as_expected"`
	Text         string  `json:"text"` // why the verdict is what it is
	// SeenFromRatio is the smallest slowdown of every endpoint that this
	// session could show, SeenFromAbs the smallest rise of the error rate; nil
	// for other changes, and where it cannot be said.
	SeenFromRatio *float64 `json:"seen_from_ratio"`
	SeenFromAbs   *float64 `json:"seen_from_abs"`
}

// What a self-test expects of a change.
const (
	expectNone       = "no regression"
	expectRegression = "regression"
)

// What the failing answers of a self-test are: a share that nobody would accept,
// and more where the load is so low that the first look would count too few.
const (
	failingShare    = 0.02
	failingMost     = 0.5
	failingAnswers  = 20 // expected at the first look, four times what a test needs
	fastestPause    = 100 * time.Millisecond
	firstLookLength = sequentialFrom * DefaultDuration
)

// FailingShare is the share of answers that a self-test of this load lets fail:
// 2 %, or as many as make 20 failures in four runs of 10 s, at most half. In the
// closed model each user is taken to ask once a pause, of at least 100 ms.
//
// At 10 requests/s, 400 in four runs, it is 5 %.
func (l Load) FailingShare() float64 {
	rate := l.Rate
	if l.Model == ModelClosed {
		rate = float64(l.Users) / max((l.Wait.Min+l.Wait.Max)/2, fastestPause).Seconds()
	}
	needed := math.Ceil(100*failingAnswers/(rate*firstLookLength.Seconds())) / 100
	return min(max(failingShare, needed), failingMost)
}

// NewSelfTest concludes from the reports of a self-test whether the gate can
// fail. The exit code is ExitOK for SelfTestProven, ExitRegression for
// SelfTestFalseAlarm, else ExitUnmeasured, whatever the policy's mode.
func NewSelfTest(in SelfTestInput) SelfTest {
	t := SelfTest{Kind: SelfTestKind, SchemaVersion: SchemaVersion, Requires: []string{}, Scenario: in.Unchanged.Scenario,
		Mode: in.Unchanged.Policy.Mode, Pairs: in.Unchanged.Design.Pairs, Changes: in.changes(), Notes: []string{}}
	t.BlindSpots = in.blindSpots(t.Changes)
	t.conclude(in)
	t.Notes = append(t.Notes, in.notes(t.Changes)...)
	return t
}

func (in SelfTestInput) changes() []SelfTestChange {
	none := SelfTestChange{Name: ChangeNone, Expected: expectNone, Verdict: in.Unchanged.Verdict, Text: in.Unchanged.Reason.Text}
	none.AsExpected = none.Verdict == VerdictPass || none.Verdict == VerdictInconclusive && in.Unchanged.Policy.Inconclusive != ActionFail
	slower := SelfTestChange{Name: ChangeSlower, SlowerRatio: in.SlowerRatio, Expected: expectRegression, Verdict: in.Slower.Verdict, Text: in.Slower.Reason.Text,
		AsExpected: in.failed(in.Slower, showsSlowness)}
	failing := SelfTestChange{Name: ChangeFailing, FailingRatio: in.FailingRatio, Expected: expectRegression, Verdict: in.Failing.Verdict, Text: in.Failing.Reason.Text,
		AsExpected: in.failed(in.Failing, func(metric string) bool { return metric == MetricErrorRate })}
	slower.SeenFromRatio = in.seenFrom(func(r Row) *float64 {
		if _, ok := LatencyLevel(r.Metric); ok {
			return r.MDERatio
		}
		return nil
	})
	failing.SeenFromAbs = in.seenFrom(func(r Row) *float64 {
		if r.Metric == MetricErrorRate {
			return r.MDEAbs
		}
		return nil
	})
	return []SelfTestChange{none, slower, failing}
}

// showsSlowness reports whether answers that take longer make a metric worse.
// More work does, too, but a proxy that lets answers wait does none.
func showsSlowness(metric string) bool {
	_, latency := LatencyLevel(metric)
	return latency || metric == MetricThroughput || metric == MetricDelivered
}

// failed reports whether a change failed the gate by a metric that shows it: a
// regression, or a limit that the unchanged service keeps. What failed by
// another metric failed by luck.
func (in SelfTestInput) failed(r Report, shows func(metric string) bool) bool {
	if r.Verdict != VerdictRegression && r.Verdict != VerdictViolation {
		return false
	}
	return slices.ContainsFunc(r.Rows, func(row Row) bool { return row.failing() && shows(row.Metric) }) ||
		slices.ContainsFunc(r.SLO, func(l SLORow) bool { return l.failing() && shows(l.Metric) && !in.breaks(l.ID) })
}

// breaks reports whether the unchanged service breaks a limit.
func (in SelfTestInput) breaks(id string) bool {
	return slices.ContainsFunc(in.Unchanged.SLO, func(l SLORow) bool { return l.ID == id && l.failing() })
}

// failing reports whether the limit makes the verdict a violation.
func (l SLORow) failing() bool { return l.Outcome == SLOViolation && l.Severity == SeverityBlock }

// failing reports whether the row alone makes the verdict a regression.
func (r Row) failing() bool {
	return r.Outcome == OutcomeRegression && r.Severity == SeverityBlock && r.Role != RoleInfo && r.AcceptedBy == nil
}

// seenFrom is the smallest change of the whole that any row that may block
// could show, by the noise of the unchanged service.
func (in SelfTestInput) seenFrom(mde func(Row) *float64) *float64 {
	var least *float64
	for _, r := range in.Unchanged.Rows {
		if r.Severity != SeverityBlock || r.Role != RolePrimary {
			continue
		}
		if x := mde(r); x != nil && (least == nil || *x < *least) {
			least = x
		}
	}
	return least
}

// conclude finds the outcome, the worst first.
func (t *SelfTest) conclude(in SelfTestInput) {
	t.ExitCode = ExitUnmeasured
	none := t.Changes[0]
	for _, c := range t.Changes {
		if !c.compared() {
			t.Outcome, t.Text = SelfTestUnmeasured, c.Name+": "+c.Text
			break
		}
	}
	switch {
	case none.Verdict == VerdictRegression:
		t.Outcome, t.ExitCode, t.Text = SelfTestFalseAlarm, ExitRegression, "unchanged code was called a regression: "+none.Text
	case t.Outcome == SelfTestUnmeasured:
	case none.Verdict == VerdictViolation:
		t.Outcome, t.Text = SelfTestUnseen, "unchanged code breaks a limit: "+none.Text
	case !none.AsExpected:
		t.Outcome, t.Text = SelfTestUnseen, "unchanged code would not pass (inconclusive: fail): "+none.Text
	case !t.Changes[1].AsExpected:
		t.Outcome, t.Text = SelfTestUnseen, fmt.Sprintf("a slowdown of %s went unseen", rulePercent(in.SlowerRatio))
	case !t.Changes[2].AsExpected:
		t.Outcome, t.Text = SelfTestUnseen, fmt.Sprintf("%s of failing answers went unseen", rulePercent(in.FailingRatio))
	default:
		t.Outcome, t.ExitCode, t.Text = SelfTestProven, ExitOK, "this gate can fail"
	}
}

// compared reports whether the gate had anything to say of the change.
func (c SelfTestChange) compared() bool {
	return c.Verdict != VerdictInvalid && c.Verdict != VerdictNotComparable && c.Verdict != VerdictNoBaseline
}

// notes are what a reader should know besides.
func (in SelfTestInput) notes(changes []SelfTestChange) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if in.Unchanged.Verdict == VerdictInconclusive {
		add("unchanged code could not be passed: %s", in.Unchanged.Reason.Text)
	}
	for i, r := range []Report{in.Slower, in.Failing} {
		if r.Verdict == VerdictViolation && changes[i+1].AsExpected {
			add("only an absolute limit failed, %s: a change within the limits goes unseen", r.Reason.Text)
		}
	}
	slower, failing := changes[1].SeenFromRatio, changes[2].SeenFromAbs
	switch {
	case slower != nil && failing != nil:
		add("a slowdown of every endpoint below +%s, or failing answers below +%s pp, would go unseen", percentText(*slower), sensible(100**failing))
	case slower != nil:
		add("a slowdown of every endpoint below +%s would go unseen", percentText(*slower))
	}
	switch least, most, where := in.alone(); {
	case where == "":
	case percentText(least) == percentText(most):
		add("a slowdown of one endpoint alone is seen from +%s on", percentText(most))
	default:
		add("a slowdown of one endpoint alone is seen from +%s on, of %s from +%s", percentText(least), where, percentText(most))
	}
	if !slices.ContainsFunc(in.Unchanged.Rows, func(r Row) bool {
		_, latency := LatencyLevel(r.Metric)
		return latency && r.Severity == SeverityBlock && r.Role != RoleInfo
	}) {
		add("no threshold of a latency blocks: this gate cannot fail on latency")
	}
	if in.Unchanged.Policy.Mode == ModeObserve {
		add("gate.mode is observe: a pipeline stays green whatever is found; mode: enforce makes it count")
	}
	return out
}

// alone is from which slowdown on single endpoints are seen: the best of them
// and the worst, which where names. Empty: there are none, or not two.
func (in SelfTestInput) alone() (least, most float64, where string) {
	byName := map[string]float64{}
	var names []string
	for _, r := range in.Unchanged.Rows {
		if _, ok := LatencyLevel(r.Metric); !ok || r.Endpoint == nil || r.MDERatio == nil || r.Severity != SeverityBlock || r.Role == RoleInfo {
			continue
		}
		x, seen := byName[*r.Endpoint]
		if !seen {
			names = append(names, *r.Endpoint)
			x = *r.MDERatio
		}
		byName[*r.Endpoint] = min(x, *r.MDERatio)
	}
	if len(names) < 2 {
		return 0, 0, ""
	}
	where = slices.MaxFunc(names, func(a, b string) int {
		if byName[a] < byName[b] {
			return -1
		}
		return 1
	})
	least = byName[where]
	for _, x := range byName {
		least = min(least, x)
	}
	return least, byName[where], where
}
