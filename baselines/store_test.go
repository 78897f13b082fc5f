package baselines_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

func TestSaveAndGet(t *testing.T) {
	s, folder := newStore(t)
	r := job(0, nil)
	saved, err := s.Save(t.Context(), baselines.Entry{Result: r, Report: judged(t, r, gate.VerdictPass), Branch: "release/1.2"})
	if err != nil {
		t.Fatal(err)
	}
	digest := gate.Digest(encode(t, r))[7:19]
	key := "results/checkout/4x-amd-epyc-7763-" + r.Environment.ClassDigest[7:19] + "/" + r.Scenarios[0].LoadDigest[7:19] +
		"/20261120t120000z-aaaaaa000000-release__1.2-pass-2runs-" + digest + ".json"
	want := baselines.Meta{Key: key, Scenario: "checkout", Machine: "4x amd-epyc-7763", Class: r.Environment.ClassDigest[7:19], Load: r.Scenarios[0].LoadDigest[7:19],
		Commit: "aaaaaa000000", Branch: "release/1.2", Verdict: gate.VerdictPass, Started: start, Runs: 2, Digest: digest, Size: int64(len(encode(t, r)))}
	if diff := cmp.Diff([]baselines.Saved{{Meta: want}}, saved); diff != "" {
		t.Errorf("Save (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]baselines.Meta{want}, list(t, s)); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
	// The file is the result, byte for byte: compare and jq read it as it is.
	data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(key)))
	if err != nil || !bytes.Equal(data, encode(t, r)) {
		t.Errorf("the file differs from result.json, or %v", err)
	}
	for _, ref := range []string{key, digest, digest[:7], commit(0)[:8], commit(0)} {
		got, err := s.Get(t.Context(), ref)
		if err != nil || !bytes.Equal(encode(t, got), encode(t, r)) {
			t.Errorf("Get(%q): another result, or %v", ref, err)
		}
	}
}

func TestSaveTwiceChangesNothing(t *testing.T) {
	s, _ := newStore(t)
	r := job(0, nil)
	save(t, s, r, gate.VerdictRegression)
	before := list(t, s)
	again, err := s.Save(t.Context(), baselines.Entry{Result: r, Report: judged(t, r, gate.VerdictRegression), Branch: "main"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]baselines.Saved{{Meta: before[0], Existed: true}}, again); diff != "" {
		t.Errorf("second Save (-want +got):\n%s", diff)
	}
	// A regression is not talked into a baseline.
	for name, report := range map[string]*gate.Report{"pass": judged(t, r, gate.VerdictPass), "unjudged": nil} {
		_, err := s.Save(t.Context(), baselines.Entry{Result: r, Report: report, Branch: "main"})
		if err == nil || !strings.Contains(err.Error(), "is stored already, as regression; its verdict stays") {
			t.Errorf("Save as %s = %v, want it refused", name, err)
		}
	}
	if diff := cmp.Diff(before, list(t, s)); diff != "" {
		t.Errorf("List (-before +after):\n%s", diff)
	}
	// On another branch it is another baseline.
	saveOn(t, s, "release/1", r, gate.VerdictPass)
	if got := len(list(t, s)); got != 2 {
		t.Errorf("%d results are stored, want 2", got)
	}
}

func TestSaveRefuses(t *testing.T) {
	notOK := func(status gate.RunStatus) func(*gate.Result) {
		return func(r *gate.Result) {
			for i := range r.Runs {
				r.Runs[i].Status = status
			}
		}
	}
	for _, test := range []struct {
		name   string
		entry  func(*baselines.Entry)
		change func(*gate.Result)
		want   string
	}{
		{"no branch", func(e *baselines.Entry) { e.Branch = "" }, nil, "branch: is empty; name the branch that was measured"},
		{"no scenario", nil, func(r *gate.Result) { r.Scenarios = nil }, "scenarios: is empty"},
		{"no run", nil, func(r *gate.Result) { r.Runs = nil }, `scenario "checkout": has no ok run (it was not run); there is nothing to compare with`},
		{"no ok run", nil, notOK(gate.RunInvalid), `scenario "checkout": has no ok run (r1 invalid, r2 invalid); there is nothing to compare with`},
		{"target died", nil, notOK(gate.RunTargetDied), `scenario "checkout": has no ok run (r1 target_died, r2 target_died); there is nothing to compare with`},
		{"no time", nil, func(r *gate.Result) {
			r.Session.Started = ""
			for i := range r.Runs {
				r.Runs[i].Start = ""
			}
		}, "session.started: is empty; a baseline must have an age"},
		{"bad time", nil, func(r *gate.Result) { r.Session.Started = "yesterday" }, `session.started: "yesterday" is no time`},
		{"cannot be read back", nil, func(r *gate.Result) { r.Runs[0].Endpoints[0].OK = -1 }, `scenario "checkout": runs[0].endpoints[0].ok: -1 of 20 requests`},
		{"needs a newer reader", nil, func(r *gate.Result) { r.Requires = []string{"chains"} },
			`scenario "checkout": requires: needs the feature "chains", which this perfgate does not know; use a newer one`},
		{"report without a side", func(e *baselines.Entry) { e.Report = &gate.Report{Verdict: gate.VerdictPass} }, nil,
			"report: judges another result; give the report whose candidate this result is, or none"},
		{"report about another result", func(e *baselines.Entry) { e.Report.Sides.Candidate.ResultDigest = "sha256:00" }, nil,
			"report: judges another result; give the report whose candidate this result is, or none"},
		{"report without a verdict", func(e *baselines.Entry) { e.Report.Verdict = "" }, nil, `report: verdict "" is unknown`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, folder := newStore(t)
			r := job(0, test.change)
			e := baselines.Entry{Result: r, Report: judged(t, r, gate.VerdictPass), Branch: "main"}
			if test.entry != nil {
				test.entry(&e)
			}
			_, err := s.Save(t.Context(), e)
			if err == nil || err.Error() != "save baseline: "+test.want {
				t.Errorf("Save = %v\nwant save baseline: %s", err, test.want)
			}
			if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
				t.Errorf("the store is not empty: %v, %v", left, err)
			}
		})
	}
}

// Several scenarios of one session are looked up one by one.
func TestSaveSplitsScenarios(t *testing.T) {
	s, _ := newStore(t)
	light, spike := job(0, nil), job(0, nil)
	both := light
	warned := "s1"
	both.Warnings = []gate.Warning{{Code: "whole", Text: "for all"}, {Code: "one", Text: "for spike", Run: &warned}}
	both.Scenarios = []gate.ScenarioInfo{light.Scenarios[0], spike.Scenarios[0]}
	both.Scenarios[1].ID, both.Scenarios[1].Profile = "checkout/spike", "spike"
	for _, run := range spike.Runs {
		run.ID, run.Scenario = strings.Replace(run.ID, "r", "s", 1), "checkout/spike"
		both.Runs = append(both.Runs, run)
	}
	saved, err := s.Save(t.Context(), baselines.Entry{Result: both, Report: judged(t, both, gate.VerdictPass), Branch: "main"})
	if err != nil {
		t.Fatal(err)
	}
	if len(saved) != 2 || saved[0].Scenario != "checkout" || saved[1].Scenario != "checkout/spike" {
		t.Fatalf("Save = %+v, want checkout and checkout/spike", saved)
	}
	light.Warnings = both.Warnings[:1]
	spike.Scenarios, spike.Warnings, spike.Runs = both.Scenarios[1:], both.Warnings, both.Runs[2:]
	for i, want := range []gate.Result{light, spike} {
		got, err := s.Get(t.Context(), saved[i].Key)
		if diff := cmp.Diff(string(encode(t, want)), string(encode(t, got))); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", saved[i].Scenario, err, diff)
		}
	}
	metas, err := s.List(t.Context(), baselines.Query{Scenario: "checkout/spike"})
	if diff := cmp.Diff([]baselines.Meta{saved[1].Meta}, metas); diff != "" || err != nil {
		t.Errorf("List: %v (-want +got):\n%s", err, diff)
	}
}

func TestListOrderAndQuery(t *testing.T) {
	s, folder := newStore(t)
	if got := list(t, s); got != nil {
		t.Errorf("List of an empty store = %+v", got)
	}
	keys := map[string]string{}
	for i, name := range []string{"first", "second", "third"} {
		keys[name] = save(t, s, job(i, nil), "").Key
	}
	keys["release"] = saveOn(t, s, "release/1", job(3, nil), gate.VerdictPass).Key
	keys["other"] = save(t, s, job(4, func(r *gate.Result) { rename(r, "../Search") }), gate.VerdictPass).Key
	write(t, filepath.Join(folder, "results", "README.md"), "a person's note")
	for _, test := range []struct {
		name  string
		query baselines.Query
		want  []string
	}{
		{"all, newest first", baselines.Query{}, []string{"other", "release", "third", "second", "first"}},
		{"one scenario", baselines.Query{Scenario: "checkout"}, []string{"release", "third", "second", "first"}},
		{"a hostile name", baselines.Query{Scenario: "../Search"}, []string{"other"}},
		{"an unknown scenario", baselines.Query{Scenario: "check"}, nil},
		{"one branch", baselines.Query{Branches: []string{"release/1"}}, []string{"release"}},
		{"two branches and a scenario", baselines.Query{Scenario: "checkout", Branches: []string{"main", "release/1"}}, []string{"release", "third", "second", "first"}},
		{"an unknown branch", baselines.Query{Branches: []string{"release"}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			metas, err := s.List(t.Context(), test.query)
			if err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, m := range metas {
				got = append(got, m.Key)
			}
			for _, name := range test.want {
				want = append(want, keys[name])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("List (-want +got):\n%s", diff)
			}
		})
	}
}

// brokenBucket fails as a medium that went away.
type brokenBucket struct{ baselines.Bucket }

var errGone = errors.New("connection reset by peer")

func (brokenBucket) List(context.Context, string) ([]baselines.Object, error) { return nil, errGone }
func (brokenBucket) Apply(context.Context, []baselines.Change) error          { return errGone }

func TestUnreachableStore(t *testing.T) {
	s := baselines.NewStore(brokenBucket{})
	r := job(0, nil)
	for call, run := range map[string]func() error{
		"Save":       func() error { _, err := s.Save(t.Context(), baselines.Entry{Result: r, Branch: "main"}); return err },
		"List":       func() error { _, err := s.List(t.Context(), baselines.Query{}); return err },
		"SaveReport": func() error { _, err := s.SaveReport(t.Context(), session(0, nil)); return err },
		"Reports":    func() error { _, err := s.Reports(t.Context(), baselines.ReportQuery{}); return err },
		"Choose":     func() error { _, err := s.Choose(t.Context(), query(r)); return err },
		"Get":        func() error { _, err := s.Get(t.Context(), "v1.2"); return err },
		"Pin":        func() error { _, err := s.Pin(t.Context(), "v1.2", ""); return err },
		"Unpin":      func() error { return s.Unpin(t.Context(), "v1.2") },
		"Prune":      func() error { _, _, err := s.Prune(t.Context(), baselines.PruneOptions{}); return err },
	} {
		if err := run(); !errors.Is(err, errGone) {
			t.Errorf("%s = %v, want it to wrap the bucket's error", call, err)
		}
	}
}

// Jobs that end at the same time all stay.
func TestConcurrentRecorders(t *testing.T) {
	_, folder := newStore(t)
	const recorders = 8
	var group sync.WaitGroup
	errs := make([]error, recorders)
	for i := range recorders {
		r := job(0, func(r *gate.Result) { r.Session.ID = "recorder-" + twoDigits(i) })
		group.Add(1)
		go func() {
			defer group.Done()
			s, err := baselines.Open("dir:"+folder, baselines.OpenOptions{})
			if err == nil {
				_, err = s.Save(t.Context(), baselines.Entry{Result: r, Branch: "main"})
			}
			errs[i] = err
		}()
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	s, err := baselines.Open("dir:"+folder, baselines.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(list(t, s)); got != recorders {
		t.Errorf("%d results are stored, want %d", got, recorders)
	}
}
