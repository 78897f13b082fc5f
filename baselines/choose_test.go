package baselines_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

// query asks for a baseline of a candidate like r, ten hours after the first job.
func query(r gate.Result) baselines.ChooseQuery {
	return baselines.ChooseQuery{Scenario: r.Scenarios[0].ID, LoadDigest: r.Scenarios[0].LoadDigest, Environment: r.Environment, Now: start.Add(10 * time.Hour)}
}

// A stored is one result that a test stores: job 0, 1, 2 … in order, on main,
// pass, unless it says otherwise.
type stored struct {
	verdict gate.Verdict
	branch  string
	change  func(*gate.Result)
}

func onClass(c gate.EnvironmentClass) func(*gate.Result) {
	return func(r *gate.Result) { r.Environment.Class, r.Environment.ClassDigest = c, c.Digest() }
}

func stopped(r *gate.Result) { r.Session.Stopped = gate.StoppedInterrupted }

func otherLoad(r *gate.Result) { r.Scenarios[0].LoadDigest = gate.Digest([]byte("other")) }

// A chosen is what a test compares of a Choice.
type chosen struct {
	Jobs        []int // numbers of the jobs in Results
	Because     string
	CommitsAway string // "-" is nil
	Notes       []string
	Approximate bool
	Stored      int // Choice.Jobs
	Persistent  bool
}

// A choice is what a store holds, is asked, and answers.
type choice struct {
	name   string
	stored []stored
	query  func(*baselines.ChooseQuery)
	want   chosen
}

// passes are n jobs of main without a regression.
func passes(n int) []stored { return make([]stored, n) }

func TestChooseEligible(t *testing.T) {
	testChoices(t, []choice{
		{"empty store", nil, nil, chosen{Because: `the store holds no result of scenario "checkout" yet`}},
		{"one job", passes(1), nil, chosen{Jobs: []int{0}, Because: "1 job of main, newest 10 h ago", Stored: 1}},
		{"five jobs", passes(5), nil, chosen{Jobs: []int{0, 1, 2, 3, 4}, Because: "5 jobs of main, newest 6 h ago", Stored: 5}},
		{"a skewed clock is now", passes(1), func(q *baselines.ChooseQuery) { q.Now = start.Add(-10 * time.Minute) },
			chosen{Jobs: []int{0}, Because: "1 job of main, newest just now", Stored: 1}},
		{"nothing of the future", passes(2), func(q *baselines.ChooseQuery) { q.Now = start.Add(40 * time.Minute) },
			chosen{Jobs: []int{0}, Because: "1 job of main, newest 40 min ago", Notes: []string{"1 dated in the future"}, Stored: 2}},
		{"at most two", passes(5), func(q *baselines.ChooseQuery) { q.Max = 2 },
			chosen{Jobs: []int{3, 4}, Because: "2 jobs of main, newest 6 h ago", Notes: []string{"3 older than the newest 2"}, Stored: 5}},
		{"every verdict but two is eligible",
			[]stored{{verdict: gate.VerdictPass}, {verdict: gate.VerdictInconclusive}, {verdict: gate.VerdictNoBaseline}, {verdict: gate.VerdictViolation},
				{verdict: gate.VerdictNotComparable}, {verdict: "none"}, {verdict: gate.VerdictInvalid}, {verdict: gate.VerdictRegression}, {change: stopped}},
			nil, chosen{Jobs: []int{0, 1, 2, 3, 4, 5}, Because: "6 jobs of main, newest 5 h ago",
				Notes: []string{"1 interrupted", "1 invalid", "1 regression, not accepted"}, Stored: 7}},
		{"only regressions", []stored{{verdict: gate.VerdictRegression}, {verdict: gate.VerdictRegression}}, nil,
			chosen{Because: "the store holds no result of main that can be used: 2 regressions, not accepted", Stored: 2}},
		{"a regression that stays", []stored{{}, {verdict: gate.VerdictRegression}, {verdict: gate.VerdictRegression}, {verdict: gate.VerdictInvalid}, {verdict: gate.VerdictRegression}}, nil,
			chosen{Jobs: []int{0}, Because: "1 job of main, newest 10 h ago", Notes: []string{"1 invalid", "3 regressions, not accepted"}, Stored: 4, Persistent: true}},
		{"a regression that was mended", []stored{{verdict: gate.VerdictRegression}, {verdict: gate.VerdictRegression}, {verdict: gate.VerdictRegression}, {}}, nil,
			chosen{Jobs: []int{3}, Because: "1 job of main, newest 7 h ago", Notes: []string{"3 regressions, not accepted"}, Stored: 4}},
		{"other machines",
			[]stored{{change: onClass(class("AMD EPYC 9V74 80-Core Processor", 4))}, {change: onClass(class("Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", 4))},
				{change: onClass(class("AMD EPYC 9V74 80-Core Processor", 4))}, {change: onClass(class("AMD EPYC 7763 64-Core Processor", 8))},
				{change: onClass(gate.EnvironmentClass{OS: "linux", Arch: "amd64", CPUModel: "AMD EPYC 7763 64-Core Processor", CPUs: 4, MemoryGiB: 32})},
				{change: onClass(gate.EnvironmentClass{})}}, nil,
			chosen{Because: "the store holds no result of main that can be used: 1 of an unknown class of machine; 2 on another CPU: AMD EPYC 9V74; " +
				"1 on another CPU: INTEL XEON PLATINUM 8370C; 1 with another number of CPUs: 8; 1 on another class of machine (memory, system or target.env differ)", Stored: 6}},
		{"other loads and branches", []stored{{}, {change: otherLoad}, {branch: "dev"}, {branch: "dev"}, {branch: "release/1"}, {change: func(r *gate.Result) { r.Scenarios[0].LoadDigest = "" }}}, nil,
			chosen{Jobs: []int{0}, Because: "1 job of main, newest 10 h ago", Notes: []string{"1 of an unknown load", "1 of another load", "2 of branch dev", "1 of branch release/1"}, Stored: 6}},
		{"two branches", []stored{{}, {branch: "release/1"}, {branch: "dev"}}, func(q *baselines.ChooseQuery) { q.Branches = []string{"release/1", "main"} },
			chosen{Jobs: []int{0, 1}, Because: "2 jobs of main and release/1, newest 9 h ago", Notes: []string{"1 of branch dev"}, Stored: 3}},
		{"no branch of these", passes(1), func(q *baselines.ChooseQuery) { q.Branches = []string{"release/1", "release/2"} },
			chosen{Because: "the store holds no result of release/1 or release/2 that can be used: 1 of branch main", Stored: 1}},
		{"too old", passes(3), func(q *baselines.ChooseQuery) { q.MaxAge = 8 * time.Hour },
			chosen{Jobs: []int{2}, Because: "1 job of main, newest 8 h ago", Notes: []string{"2 older than 8 h"}, Stored: 3}},
		{"too old by default", passes(1), func(q *baselines.ChooseQuery) { q.Now = start.Add(31 * 24 * time.Hour) },
			chosen{Because: "the store holds no result of main that can be used: 1 older than 30 d", Stored: 1}},
		{"the candidate's class is unknown", passes(2), func(q *baselines.ChooseQuery) { q.Environment = gate.Environment{} },
			chosen{Because: "the store holds no result of main that can be used: 2 not used, since the candidate's class of machine is unknown", Stored: 2}},
		{"the candidate's load is unknown", passes(2), func(q *baselines.ChooseQuery) { q.LoadDigest = "" },
			chosen{Because: "the store holds no result of main that can be used: 2 not used, since the candidate's load is unknown", Stored: 2}},
		{"not against itself", passes(3), func(q *baselines.ChooseQuery) { q.Commit = commit(2) },
			chosen{Jobs: []int{0, 1}, Because: "2 jobs of main, newest 9 h ago", Notes: []string{"1 of the candidate's own commit"}, Stored: 3}},
		{"one of a job", []stored{{}, {}, {change: func(r *gate.Result) { r.Session.JobID = "synthetic:session-b" }}}, nil,
			chosen{Jobs: []int{0, 2}, Because: "2 jobs of main, newest 8 h ago", Notes: []string{"1 of a job that counts already"}, Stored: 3}},
	})
}

func TestChooseByAncestor(t *testing.T) {
	testChoices(t, []choice{
		{"the base commit", passes(4), func(q *baselines.ChooseQuery) { q.Commits = []string{commit(3), commit(2), commit(1), commit(0)} },
			chosen{Jobs: []int{0, 1, 2, 3}, Because: "4 jobs of main, newest 7 h ago, one of the base commit itself", CommitsAway: "0", Stored: 4}},
		{"one before the base", passes(2), func(q *baselines.ChooseQuery) { q.Commits = []string{commit(3), commit(1)} },
			chosen{Jobs: []int{0, 1}, Because: "2 jobs of main, newest 9 h ago, nearest 1 commit before the base", CommitsAway: "1", Stored: 2}},
		{"main went on", passes(5), func(q *baselines.ChooseQuery) { q.Commits = []string{commit(20), commit(21), commit(2)} },
			chosen{Jobs: []int{0, 1, 2}, Because: "3 jobs of main, newest 8 h ago, nearest 2 commits before the base", CommitsAway: "2", Notes: []string{"2 newer than the base commit"}, Stored: 5}},
		{"abbreviated commits", []stored{{change: func(r *gate.Result) { r.Subject.Commit = commit(0)[:8] }}}, func(q *baselines.ChooseQuery) { q.Commits = []string{commit(0)} },
			chosen{Jobs: []int{0}, Because: "1 job of main, newest 10 h ago, one of the base commit itself", CommitsAway: "0", Stored: 1}},
		{"of the release line only", []stored{{}, {branch: "release/1"}, {}, {branch: "release/1"}},
			func(q *baselines.ChooseQuery) {
				q.Branches, q.Commits = []string{"main", "release/1"}, []string{commit(3), commit(0)}
			},
			chosen{Jobs: []int{0, 1, 3}, Because: "3 jobs of main and release/1, newest 7 h ago, one of the base commit itself", CommitsAway: "0", Notes: []string{"1 newer than the base commit"}, Stored: 4}},
		{"no known ancestor", passes(2), func(q *baselines.ChooseQuery) { q.Commits = []string{commit(20)} },
			chosen{Jobs: []int{0, 1}, Because: "2 jobs of main, newest 9 h ago, none of a known ancestor", Approximate: true, Stored: 2}},
		{"a dirty tree is no commit", []stored{{change: func(r *gate.Result) { r.Subject.Dirty = true }}}, func(q *baselines.ChooseQuery) { q.Commits = []string{commit(0)} },
			chosen{Jobs: []int{0}, Because: "1 job of main, newest 10 h ago, none of a known ancestor", Approximate: true, Stored: 1}},
	})
}

func testChoices(t *testing.T, choices []choice) {
	for _, test := range choices {
		t.Run(test.name, func(t *testing.T) {
			s, _ := newStore(t)
			number := map[string]int{}
			for i, entry := range test.stored {
				number[storeJob(t, s, i, entry)] = i
			}
			q := query(job(20, nil))
			if test.query != nil {
				test.query(&q)
			}
			choice, err := s.Choose(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if test.want.CommitsAway == "" {
				test.want.CommitsAway = "-"
			}
			if diff := cmp.Diff(test.want, summary(t, choice, number)); diff != "" {
				t.Errorf("Choose (-want +got):\n%s", diff)
			}
		})
	}
}

// storeJob stores the i-th job and returns its digest.
func storeJob(t *testing.T, s *baselines.Store, i int, e stored) string {
	t.Helper()
	v, branch := e.verdict, e.branch
	switch v {
	case "":
		v = gate.VerdictPass
	case "none":
		v = ""
	}
	if branch == "" {
		branch = "main"
	}
	r := job(i, e.change)
	saveOn(t, s, branch, r, v)
	return gate.Digest(encode(t, r))
}

func summary(t *testing.T, c baselines.Choice, number map[string]int) chosen {
	t.Helper()
	got := chosen{Because: c.Found.Because, CommitsAway: "-", Notes: c.Found.Notes, Approximate: c.Approximate, Stored: c.Jobs, Persistent: c.PersistentRegression}
	if c.Found.CommitsAway != nil {
		got.CommitsAway = fmt.Sprint(*c.Found.CommitsAway)
	}
	for i, r := range c.Results {
		digest := gate.Digest(encode(t, r))
		got.Jobs = append(got.Jobs, number[digest])
		if c.Metas[i].Digest != digest[7:19] {
			t.Errorf("Metas[%d] is of %s, Results[%d] is %s", i, c.Metas[i].Digest, i, digest)
		}
	}
	if len(c.Metas) != len(c.Results) {
		t.Errorf("%d Metas of %d Results", len(c.Metas), len(c.Results))
	}
	return got
}

// A baseline that was chosen and one that was saved by hand go the same way
// through the gate.
func TestChosenHistoryIsJudged(t *testing.T) {
	s, _ := newStore(t)
	for i := range 6 {
		save(t, s, job(i, nil), gate.VerdictPass)
	}
	candidate := job(8, nil)
	choice, err := s.Choose(t.Context(), query(candidate))
	if err != nil {
		t.Fatal(err)
	}
	report := gate.Judge(gate.Compare(gate.Input{Baseline: choice.Results, Candidate: []gate.Result{candidate}, Choice: choice.Found, StoreJobs: choice.Jobs}))
	if report.Design.Name != gate.DesignHistory || report.Sides.Baseline == nil || report.Sides.Baseline.ChosenBecause != "6 jobs of main, newest 5 h ago" {
		t.Errorf("design %q, baseline %+v", report.Design.Name, report.Sides.Baseline)
	}
	// Its report in turn stores the candidate.
	saved, err := s.Save(t.Context(), baselines.Entry{Result: candidate, Report: &report, Branch: "main"})
	if err != nil || saved[0].Verdict != report.Verdict {
		t.Errorf("Save = %+v, %v, want verdict %q", saved, err, report.Verdict)
	}
}

func TestChooseNeedsAScenario(t *testing.T) {
	s, _ := newStore(t)
	if _, err := s.Choose(t.Context(), baselines.ChooseQuery{}); err == nil {
		t.Error("Choose without a scenario succeeded")
	}
}

// Scenarios whose names are parts of each other do not mix.
func TestChooseKeepsScenariosApart(t *testing.T) {
	s, _ := newStore(t)
	names := []string{"checkout", "checkout/spike", "Checkout", "check", "../checkout", "checkout__spike"}
	for _, name := range names {
		save(t, s, job(0, func(r *gate.Result) { rename(r, name) }), gate.VerdictPass)
	}
	for _, name := range names {
		q := query(job(0, nil))
		q.Scenario = name
		choice, err := s.Choose(t.Context(), q)
		if err != nil || len(choice.Results) != 1 || choice.Results[0].Scenarios[0].ID != name || choice.Jobs != 1 {
			t.Errorf("%q: %+v, %v", name, choice.Metas, err)
		}
	}
	var listed []string
	for _, m := range list(t, s) {
		listed = append(listed, m.Scenario)
	}
	slices.Sort(names)
	slices.Sort(listed)
	if diff := cmp.Diff(names, listed); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
}
