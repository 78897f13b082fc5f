package baselines_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// start is when the first job of a test runs; the n-th runs n hours later.
var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// job returns the result of a small session.
func job(n int, change func(*gate.Result)) gate.Result {
	return gatetest.Spec{
		Scenario: "checkout", Session: "session-" + string(rune('a'+n)), Start: start.Add(time.Duration(n) * time.Hour), Runs: 2, Requests: 20,
		Endpoints: []gatetest.Endpoint{{Name: "GET /"}},
		Class:     class("AMD EPYC 7763 64-Core Processor", 4),
		Mutate: func(r *gate.Result) {
			r.Subject.Commit = commit(n)
			if change != nil {
				change(r)
			}
		},
	}.Result()
}

func class(model string, cpus int) gate.EnvironmentClass {
	return gate.EnvironmentClass{OS: "linux", Arch: "amd64", CPUModel: model, CPUs: cpus, MemoryGiB: 16}
}

// commit names the commit of the n-th job.
func commit(n int) string {
	return strings.Repeat(string(rune('a'+n%6)), 6) + twoDigits(n) + strings.Repeat("0", 32)
}

func twoDigits(n int) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }

// judged is a report with a verdict on a result.
func judged(t *testing.T, r gate.Result, v gate.Verdict) *gate.Report {
	t.Helper()
	return &gate.Report{Verdict: v, Sides: gate.Sides{Candidate: &gate.SideInfo{ResultDigest: gate.Digest(encode(t, r))}}}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := gate.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// newStore returns an empty store and its folder.
func newStore(t *testing.T) (*baselines.Store, string) {
	t.Helper()
	folder := t.TempDir()
	s, err := baselines.Open("dir:"+folder, baselines.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return s, folder
}

// save stores a result of main; without a verdict it was not judged.
func save(t *testing.T, s *baselines.Store, r gate.Result, v gate.Verdict) baselines.Meta {
	t.Helper()
	return saveOn(t, s, "main", r, v)
}

func saveOn(t *testing.T, s *baselines.Store, branch string, r gate.Result, v gate.Verdict) baselines.Meta {
	t.Helper()
	e := baselines.Entry{Result: r, Branch: branch}
	if v != "" {
		e.Report = judged(t, r, v)
	}
	saved, err := s.Save(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return saved[0].Meta
}

// list returns everything that a store holds.
func list(t *testing.T, s *baselines.Store) []baselines.Meta {
	t.Helper()
	metas, err := s.List(t.Context(), baselines.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return metas
}

func rename(r *gate.Result, scenario string) {
	r.Scenarios[0].ID, r.Scenarios[0].Name = scenario, scenario
	for i := range r.Runs {
		r.Runs[i].Scenario = scenario
	}
}

// removeFile takes an object out of the folder of a store.
func removeFile(t *testing.T, folder, key string) {
	t.Helper()
	if err := os.Remove(filepath.Join(folder, filepath.FromSlash(key))); err != nil {
		t.Fatal(err)
	}
}
