package baselines_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// session returns the report of the n-th paired session.
func session(n int, change func(*gate.Report)) gate.Report {
	spec := gatetest.Spec{
		Scenario: "checkout", Session: "session-" + twoDigits(n), Start: start.Add(time.Duration(n) * time.Hour), Runs: 4, Requests: 200,
		Endpoints: []gatetest.Endpoint{{Name: "GET /"}}, Class: class("AMD EPYC 7763 64-Core Processor", 4),
		Mutate: func(r *gate.Result) { r.Subject.Commit = commit(n) },
	}
	b, c := gatetest.Pair(spec, spec)
	r := gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}}))
	if change != nil {
		change(&r)
	}
	return r
}

func keepReport(t *testing.T, s *baselines.Store, r gate.Report) baselines.ReportMeta {
	t.Helper()
	m, err := s.SaveReport(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReportRoundTrip(t *testing.T) {
	s, folder := newStore(t)
	r := session(3, func(r *gate.Report) { r.Design.AA, r.Sides.Candidate.Dirty = true, true })
	data := encode(t, r)
	digest := gate.Digest(data)[7:19]
	class, load := r.Sides.Candidate.EnvironmentClass[7:19], r.Comparability.LoadDigest[7:19]
	key := "reports/checkout/4x-amd-epyc-7763-" + class + "/" + load + "/20261120t150000z-" + commit(3)[:12] + ".dirty-paired.aa-pass-" + digest + ".json"
	want := baselines.ReportMeta{Key: key, Scenario: "checkout", Machine: "4x amd-epyc-7763", Class: class, Load: load, Commit: commit(3)[:12], Dirty: true,
		Design: gate.DesignPaired, AA: true, Verdict: gate.VerdictPass, Started: start.Add(3 * time.Hour), Digest: digest, Size: int64(len(data))}
	for range 2 { // the same again changes nothing
		if diff := cmp.Diff(want, keepReport(t, s, r)); diff != "" {
			t.Errorf("SaveReport (-want +got):\n%s", diff)
		}
	}
	found, err := s.Reports(t.Context(), baselines.ReportQuery{})
	if diff := cmp.Diff([]baselines.ReportMeta{want}, found); diff != "" || err != nil {
		t.Errorf("Reports: %v (-want +got):\n%s", err, diff)
	}
	if stored, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(key))); err != nil || !bytes.Equal(stored, data) {
		t.Errorf("the stored file is not the report: %v", err)
	}
	got, err := s.Report(t.Context(), key)
	if diff := cmp.Diff(string(data), string(encode(t, got))); diff != "" || err != nil {
		t.Errorf("Report: %v (-want +got):\n%s", err, diff)
	}
	if list := list(t, s); list != nil {
		t.Errorf("a report is listed as a baseline: %+v", list)
	}
}

func TestReportQuery(t *testing.T) {
	s, folder := newStore(t)
	if got, err := s.Reports(t.Context(), baselines.ReportQuery{}); got != nil || err != nil {
		t.Errorf("Reports of an empty store = %+v, %v", got, err)
	}
	known := session(0, nil)
	keys := map[string]string{}
	for name, r := range map[string]gate.Report{
		"first":  known,
		"second": session(1, func(r *gate.Report) { r.Verdict = gate.VerdictRegression }),
		"class":  session(2, func(r *gate.Report) { r.Sides.Candidate.EnvironmentClass = "" }),
		"load":   session(3, func(r *gate.Report) { r.Comparability.LoadDigest = gate.Digest(nil) }),
		"none":   session(4, func(r *gate.Report) { r.Design.Name, r.Verdict = gate.DesignNone, gate.VerdictNoBaseline }),
		"other":  session(5, func(r *gate.Report) { r.Scenario = "../Search" }),
	} {
		keys[name] = keepReport(t, s, r).Key
	}
	write(t, filepath.Join(folder, "reports", "README.md"), "a person's note")
	classDigest, loadDigest := known.Sides.Candidate.EnvironmentClass, known.Comparability.LoadDigest
	for _, test := range []struct {
		name  string
		query baselines.ReportQuery
		want  []string
	}{
		{"all, newest first", baselines.ReportQuery{}, []string{"other", "none", "load", "class", "second", "first"}},
		{"one scenario", baselines.ReportQuery{Scenario: "checkout"}, []string{"none", "load", "class", "second", "first"}},
		{"a hostile name", baselines.ReportQuery{Scenario: "../Search"}, []string{"other"}},
		{"one class", baselines.ReportQuery{Scenario: "checkout", ClassDigest: classDigest}, []string{"none", "load", "second", "first"}},
		{"one load", baselines.ReportQuery{Scenario: "checkout", LoadDigest: loadDigest}, []string{"none", "class", "second", "first"}},
		{"one design", baselines.ReportQuery{Scenario: "checkout", ClassDigest: classDigest, LoadDigest: loadDigest, Design: gate.DesignPaired}, []string{"second", "first"}},
		{"unknown equals nothing", baselines.ReportQuery{ClassDigest: "unknown"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := s.Reports(t.Context(), test.query)
			if err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, m := range found {
				got = append(got, m.Key)
			}
			for _, name := range test.want {
				want = append(want, keys[name])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Reports (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSaveReportRefuses(t *testing.T) {
	s, folder := newStore(t)
	for _, test := range []struct {
		name   string
		change func(*gate.Report)
		want   string
	}{
		{"no candidate", func(r *gate.Report) { r.Sides.Candidate = nil }, "names no candidate"},
		{"no scenario", func(r *gate.Report) { r.Scenario = "" }, "no scenario"},
		{"no time", func(r *gate.Report) { r.Sides.Candidate.Started = "" }, "is no time"},
		{"another verdict", func(r *gate.Report) { r.Verdict = "fine" }, "is not the name of a report"},
		{"a state that is no verdict", func(r *gate.Report) { r.Verdict = "unjudged" }, "is not the name of a report"},
		{"another design", func(r *gate.Report) { r.Design.Name = "a-b" }, "is not the name of a report"},
	} {
		if m, err := s.SaveReport(t.Context(), session(0, test.change)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: SaveReport = %+v, %v; want an error with %q", test.name, m, err, test.want)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "reports")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a refused report left something: %v", err)
	}
}

// What became of a stored report is told with its name; it never shortens the
// record of the gate in silence.
func TestDamagedReports(t *testing.T) {
	for _, test := range []struct {
		name    string
		damage  func(t *testing.T, path string)
		listing bool // it is seen without reading
		want    string
	}{
		{"truncated", func(t *testing.T, path string) { rewrite(t, path, func(b []byte) []byte { return b[:len(b)/2] }) }, false, "it was cut short"},
		{"another kind", func(t *testing.T, path string) {
			rewrite(t, path, func(b []byte) []byte {
				return bytes.Replace(b, []byte("perfgate-report"), []byte("perfgate-result"), 1)
			})
		}, false, "kind: is"},
		{"edited", func(t *testing.T, path string) {
			rewrite(t, path, func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"verdict": "pass"`), []byte(`"verdict": "regression"`), 1)
			})
		}, false, "damaged or edited"},
		{"renamed to another verdict", func(t *testing.T, path string) {
			if err := os.Rename(path, strings.Replace(path, "-pass-", "-regression-", 1)); err != nil {
				t.Fatal(err)
			}
		}, false, "says something else than its name"},
		{"renamed", func(t *testing.T, path string) {
			if err := os.Rename(path, filepath.Join(filepath.Dir(path), "newest.json")); err != nil {
				t.Fatal(err)
			}
		}, true, "is not the name of a report"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, folder := newStore(t)
			m := keepReport(t, s, session(0, nil))
			test.damage(t, filepath.Join(folder, filepath.FromSlash(m.Key)))
			found, err := s.Reports(t.Context(), baselines.ReportQuery{})
			if err == nil && !test.listing {
				_, err = s.Report(t.Context(), found[0].Key)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "reports/checkout") {
				t.Errorf("got %v, want an error that names the file, with %q", err, test.want)
			}
		})
	}
}

func TestStoreExists(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "file"), "")
	if err := os.Mkdir(filepath.Join(folder, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		location string
		want     bool
		broken   bool
	}{{"nowhere", false, false}, {"empty", true, false}, {"file", false, true}} {
		s, err := baselines.Open(test.location, baselines.OpenOptions{Folder: folder})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Exists(t.Context()); got != test.want || (err != nil) != test.broken {
			t.Errorf("%s: Exists = %v, %v; want %v, an error: %v", test.location, got, err, test.want, test.broken)
		}
	}
	if _, err := baselines.NewStore(brokenBucket{}).Exists(t.Context()); !errors.Is(err, errGone) {
		t.Errorf("Exists of an unreachable store = %v", err)
	}
}

// Reports are kept twice as long as results, by number; their age is no reason.
func TestPruneReports(t *testing.T) {
	s, _ := newStore(t)
	var metas []baselines.ReportMeta
	for i := range 6 {
		metas = append(metas, keepReport(t, s, session(i, nil)))
	}
	other := keepReport(t, s, session(0, func(r *gate.Report) { r.Scenario = "search" }))
	_, removed, err := s.Prune(t.Context(), baselines.PruneOptions{Keep: 2, MaxAge: time.Hour, Now: start.Add(1000 * time.Hour)})
	if diff := cmp.Diff([]baselines.ReportMeta{metas[1], metas[0]}, removed); diff != "" || err != nil {
		t.Errorf("Prune: %v (-want +got):\n%s", err, diff)
	}
	left, err := s.Reports(t.Context(), baselines.ReportQuery{})
	if diff := cmp.Diff([]baselines.ReportMeta{metas[5], metas[4], metas[3], metas[2], other}, left); diff != "" || err != nil {
		t.Errorf("Reports: %v (-want +got):\n%s", err, diff)
	}
}

// What cannot be written is told before anything is measured, and the test
// leaves nothing but the folder.
func TestWriteTest(t *testing.T) {
	s, folder := newStore(t)
	for range 2 {
		if err := s.TestWrite(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, location := range []string{file, filepath.Join(file, "below")} {
		s, err := baselines.Open(location, baselines.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.TestWrite(t.Context()); err == nil {
			t.Errorf("%s can be written", location)
		}
	}
}
