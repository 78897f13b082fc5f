package experiment

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
	"github.com/perfgate/perfgate/gate/load"
	"github.com/perfgate/perfgate/gate/target"
)

// TestCompareResult compares every field that is not the load's own.
func TestCompareResult(t *testing.T) {
	r := newRig(t, sides(noisy(1), noisy(1)), map[string]string{"c1": died})
	o := CompareOptions{Options: r.options(), Pairs: 2}
	o.Scenario.Policy = gate.Policy{Source: "perfgate.yml", SLOs: []gate.SLO{{Metric: gate.MetricP95, Op: "<", Limit: 500}}}
	o.Waivers = &gate.Waivers{Source: "perfgate.accept.yml", Items: []gate.Waiver{{Metric: gate.MetricP95, MaxWorseRatio: 0.1, Reason: "TLS", Owner: "@ana", Expires: "2026-12-31"}}}
	o.AA, o.Noise = true, gate.Noise{Of: gate.NoiseOf{Scenario: "other"}, Sessions: 2, Rows: []gate.NoiseRow{}}
	candidate := r.arm("candidate")
	candidate.Subject.How, candidate.Prepared = gate.HowURL, gate.PreparedReset
	s, err := Compare(r.context(), o, r.arm("baseline"), candidate)
	if err != nil {
		t.Fatal(err)
	}
	info := o.Scenario.Info()
	want := gate.Result{
		Kind: gate.ResultKind, SchemaVersion: gate.SchemaVersion, Requires: []string{"pairs"},
		Tool: gate.Tool{Name: "perfgate", Version: "v0.0.0-test"}, Scenarios: []gate.ScenarioInfo{info},
		Subject: gate.Subject{Commit: "0123abc", Label: "candidate", How: gate.HowURL},
		Session: gate.Session{ID: "session-1", Design: gate.DesignPaired, Side: gate.SideCandidate, Partner: "session-1/baseline",
			JobID: "github:1/1", MachineID: "sha256:machine", Started: "2026-01-05T06:00:00Z", Ended: "2026-01-05T06:01:28Z",
			Seed: 1, Looks: []int{2}, AA: true},
		Environment: o.Environment, Policy: &o.Scenario.Policy, Waivers: o.Waivers, Noise: &o.Noise,
		Warnings: []gate.Warning{{Code: gate.ReasonTargetDied, Text: "candidate: start: exit status 2", Run: ptr("c1")}},
	}
	if diff := cmp.Diff(want, s.Candidates[0], cmpopts.IgnoreFields(gate.Result{}, "Runs")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	want.Subject = gate.Subject{Commit: "0123abc", Label: "baseline", How: gate.HowStart}
	want.Session.Side, want.Session.Partner, want.Warnings = gate.SideBaseline, "session-1/candidate", []gate.Warning{}
	want.Noise = nil
	if diff := cmp.Diff(want, s.Baseline, cmpopts.IgnoreFields(gate.Result{}, "Runs")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var got []string
	for _, run := range append(s.Baseline.Runs, s.Candidates[0].Runs...) {
		got = append(got, fmt.Sprintf("%s pair %d position %d attempt %d stream %d, %s, %s, %d resources", run.ID, run.Pair, run.Position, run.Attempt, run.Stream, run.Prepared, run.Status, len(run.Resources)))
	}
	wantRuns := []string{
		"b1 pair 1 position 1 attempt 1 stream 1, started, superseded, 1 resources",
		"b1.2 pair 1 position 1 attempt 2 stream 1, started, ok, 1 resources",
		"b2 pair 2 position 2 attempt 1 stream 2, started, ok, 1 resources",
		"c1 pair 1 position 2 attempt 1 stream 1, reset, target_died, 1 resources",
		"c1.2 pair 1 position 2 attempt 2 stream 1, reset, ok, 1 resources",
		"c2 pair 2 position 1 attempt 1 stream 2, reset, ok, 1 resources",
	}
	if diff := cmp.Diff(wantRuns, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, side := range []gate.Result{s.Baseline, s.Candidates[0]} {
		data, err := gate.Encode(side)
		if err != nil {
			t.Fatal(err)
		}
		gatetest.CheckSchema(t, "result", data)
	}
	if got := s.Reports[0].Policy.From; got != "candidate" {
		t.Errorf("policy from %q", got)
	}
	checkBytes(t, s)
}

// TestCompareTwoCandidates: each pair is one run of every arm, the session goes
// on until both candidates are decided.
func TestCompareTwoCandidates(t *testing.T) {
	specs := map[string]gatetest.Spec{"baseline": noisy(1), "slow": noisy(2), "same": wavering()}
	r := newRig(t, specs, nil)
	s, err := Compare(r.context(), CompareOptions{Options: r.options(), MaxPairs: 6}, r.arm("baseline"), r.arm("slow"), r.arm("same"))
	if err != nil {
		t.Fatal(err)
	}
	got := []any{statuses(s.Baseline), statuses(s.Candidates[0]), statuses(s.Candidates[1]), s.Reports[0].Verdict, s.Reports[1].Verdict}
	want := []any{allOK("b", 6), allOK("c", 6), allOK("c", 6), gate.VerdictRegression, gate.VerdictInconclusive}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	positions := []int{}
	for _, run := range s.Baseline.Runs {
		positions = append(positions, run.Position)
	}
	if diff := cmp.Diff([]int{1, 3, 3, 1, 2, 2}, positions); diff != "" {
		t.Errorf("positions: -want +got\n%s", diff)
	}
	checkBytes(t, s)
	r.checkDown("baseline", "slow", "same")
}

func TestCompareEvents(t *testing.T) {
	r := newRig(t, sides(noisy(1), noisy(1)), map[string]string{"b1": invalid, "c1.2": invalid, "b1.3": invalid})
	if _, err := Compare(r.context(), CompareOptions{Options: r.options(), Pairs: 2}, r.arm("baseline"), r.arm("candidate")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range r.events {
		switch e := e.(type) {
		case SetUp:
			got = append(got, e.Phase+" "+e.Arm)
		case Planned:
			got = append(got, fmt.Sprintf("planned %d", e.Plan.Pairs))
		case PairStarted:
			got = append(got, fmt.Sprintf("pair %d of %d, attempt %d", e.Pair, e.Of, e.Attempt))
		case RunStarted:
			got = append(got, e.Arm+" "+e.Run)
		case RunDone:
			got = append(got, fmt.Sprintf("%s %s %s", e.Arm, e.Run.ID, e.Run.Status))
		case Retry:
			got = append(got, fmt.Sprintf("retry: %s %s %v", e.Arm, e.Run.ID, e.Run.Reasons))
		case LoadProgress:
			if e.Progress.Phase == load.PhaseLoad {
				got = append(got, "load "+e.Arm+" "+e.Run)
			}
		case Stopped:
			got = append(got, "stopped: "+e.Because)
		default:
			t.Errorf("unexpected event %#v", e)
		}
	}
	want := []string{"build baseline", "build candidate", "prepare baseline", "prepare candidate",
		"baseline b0", "load baseline b0", "baseline b0 ok", "candidate c0", "load candidate c0", "candidate c0 ok", "planned 2",
		"pair 1 of 2, attempt 1", "baseline b1", "load baseline b1", "baseline b1 invalid", "retry: baseline b1 [late]",
		"pair 1 of 2, attempt 2", "baseline b1.2", "load baseline b1.2", "baseline b1.2 ok",
		"candidate c1.2", "load candidate c1.2", "candidate c1.2 invalid", "retry: candidate c1.2 [late]",
		"pair 1 of 2, attempt 3", "baseline b1.3", "load baseline b1.3", "baseline b1.3 invalid", "stopped: invalid"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestMarkLoad: CPU time is counted from the end of each warm-up.
func TestMarkLoad(t *testing.T) {
	r := newRig(t, map[string]gatetest.Spec{"run": noisy(1)}, nil)
	o := r.options()
	o.Scenario.Load.Runs = 2
	if _, err := Run(r.context(), o, r.arm("run")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"r1", "r2"}, r.marks); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestLooks: what is shown after every pair is acted on at a planned look only.
func TestFullSession(t *testing.T) {
	r := newRig(t, sides(noisy(1), noisy(1)), nil)
	s, err := Compare(r.context(), CompareOptions{Options: r.options(), MaxPairs: 6, Full: true}, r.arm("baseline"), r.arm("candidate"))
	if err != nil {
		t.Fatal(err)
	}
	if d := s.Reports[0].Design; d.Pairs != 6 || d.Look != 2 || !d.Decided {
		t.Errorf("%d pairs, look %d, decided %v; want all 6 though the first look decides", d.Pairs, d.Look, d.Decided)
	}
}

// TestFirstVerdict: what a session would have ended with stands in its files,
// also where later pairs take it back.
func TestFirstVerdict(t *testing.T) {
	slowThen := func(last float64) gatetest.Spec {
		return small(gatetest.Spec{Noise: 0.01, Scale: func(run int, _ string) float64 {
			if run < 4 {
				return 1.45
			}
			return last
		}})
	}
	for _, tt := range []struct {
		name      string
		candidate gatetest.Spec
		full      bool
		pairs     int
		first     gate.Verdict
		alarm     bool
	}{
		{"a check ends there", slowThen(0.7), false, 4, "", true},
		{"a false alarm that is taken back", slowThen(0.7), true, 8, gate.VerdictRegression, true},
		{"a pass", noisy(1), true, 8, gate.VerdictPass, false},
		{"no look decides", wavering(), true, 8, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, sides(noisy(1), tt.candidate), nil)
			s, err := Compare(r.context(), CompareOptions{Options: r.options(), MaxPairs: 8, Full: tt.full}, r.arm("baseline"), r.arm("candidate"))
			if err != nil {
				t.Fatal(err)
			}
			report := s.Reports[0]
			want := []any{tt.pairs, tt.first, tt.first, gate.Verdict(""), tt.alarm}
			got := []any{report.Design.Pairs, report.Design.FirstVerdict, s.Candidates[0].Session.FirstVerdict, s.Baseline.Session.FirstVerdict, report.Alarm()}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s%s: %s", diff, report.Verdict, report.Reason.Text)
			}
			if tt.full && tt.alarm && report.Verdict == gate.VerdictRegression {
				t.Error("the last look was to take it back")
			}
		})
	}
}

func TestLooks(t *testing.T) {
	r := newRig(t, sides(noisy(1), wavering()), nil)
	if _, err := Compare(r.context(), CompareOptions{Options: r.options(), MaxPairs: 7}, r.arm("baseline"), r.arm("candidate")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range r.events {
		if e, ok := e.(PairDone); ok {
			got = append(got, fmt.Sprintf("%d %v %d", e.Pair, e.Look, e.Reports[0].Design.Pairs))
		}
	}
	want := []string{"1 false 1", "2 false 2", "3 false 3", "4 true 4", "5 false 5", "6 true 6"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestRun(t *testing.T) {
	tests := []struct {
		name    string
		how     string
		faults  map[string]string
		err     error
		runs    []string
		stopped string
		warned  []gate.Warning
	}{
		{"all runs", gate.HowStart, nil, nil, []string{"r1 ok", "r2 ok", "r3 ok"}, "", []gate.Warning{}},
		{"a target that is not restarted", gate.HowURL, nil, nil, []string{"r1 ok", "r2 ok", "r3 ok"}, "",
			[]gate.Warning{{Code: "not_restarted", Text: "the target was not restarted between the runs: they share the luck of one start"}}},
		{"invalid runs are repeated", gate.HowStart, map[string]string{"r1": invalid, "r3": invalid, "r3.2": invalid}, nil,
			[]string{"r1 invalid", "r1.2 ok", "r2 ok", "r3 invalid", "r3.2 invalid", "r3.3 ok"}, "", []gate.Warning{}},
		{"three times invalid", gate.HowStart, map[string]string{"r2": invalid, "r2.2": invalid, "r2.3": invalid}, nil,
			[]string{"r1 ok", "r2 invalid", "r2.2 invalid", "r2.3 invalid"}, gate.StoppedInvalid, []gate.Warning{}},
		{"a death", gate.HowStart, map[string]string{"r2": died}, errAny, []string{"r1 ok", "r2 target_died"}, gate.StoppedTargetDied,
			[]gate.Warning{{Code: gate.ReasonTargetDied, Text: "run: start: exit status 2", Run: ptr("r2")}}},
		{"it does not come up again", gate.HowStart, map[string]string{"up r2": start}, errFault, []string{"r1 ok", "r2 target_died"}, gate.StoppedTargetDied,
			[]gate.Warning{{Code: gate.ReasonNotReady, Text: "start: as the test asked", Run: ptr("r2")}}},
		{"its reset fails once", gate.HowStart, map[string]string{"up r2": fails}, nil, []string{"r1 ok", "r2 invalid", "r2.2 ok", "r3 ok"}, "",
			[]gate.Warning{{Code: gate.ReasonNotReady, Text: "as the test asked", Run: ptr("r2")}}},
		{"an interrupt in a run", gate.HowStart, map[string]string{"r2": interrupts}, ErrInterrupted, []string{"r1 ok", "r2 interrupted"}, gate.StoppedInterrupted, []gate.Warning{}},
		{"an interrupt in a later start", gate.HowStart, map[string]string{"up r2": interrupts}, ErrInterrupted, []string{"r1 ok", "r2 interrupted"}, gate.StoppedInterrupted, []gate.Warning{}},
		{"an interrupt before anything was measured", gate.HowStart, map[string]string{"up r1": interrupts}, ErrInterrupted, []string{}, "", nil},
		{"an interrupt between runs", gate.HowStart, map[string]string{"down r2": cancels}, ErrInterrupted, []string{"r1 ok", "r2 ok"}, gate.StoppedInterrupted, []gate.Warning{}},
		{"it does not go down", gate.HowStart, map[string]string{"down r2": fails}, errFault, []string{"r1 ok", "r2 ok"}, gate.StoppedInvalid, []gate.Warning{}},
		{"the load cannot be made", gate.HowStart, map[string]string{"r2": fails}, errFault, []string{"r1 ok"}, gate.StoppedInvalid, []gate.Warning{}},
		{"the clean-up fails", gate.HowStart, map[string]string{"run close": fails}, errFault, []string{"r1 ok", "r2 ok", "r3 ok"}, "", []gate.Warning{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, map[string]gatetest.Spec{"run": noisy(1)}, tt.faults)
			o := r.options()
			o.Scenario.Load.Runs = 3
			a := r.arm("run")
			a.Subject.How = tt.how
			got, err := Run(r.context(), o, a)
			if !errors.Is(err, tt.err) && (tt.err != errAny || err == nil) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff([]any{tt.runs, tt.stopped, tt.warned}, []any{statuses(got), got.Session.Stopped, got.Warnings}); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			for _, run := range got.Runs {
				if run.Pair != 0 || run.Position != 0 || run.Stream != uint64(run.ID[1]-'0') {
					t.Errorf("%s: pair %d, position %d, stream %d", run.ID, run.Pair, run.Position, run.Stream)
				}
			}
			r.checkDown("run")
			if len(got.Runs) == 0 {
				return // nothing that a file could hold
			}
			data, err := gate.Encode(got)
			if err != nil {
				t.Fatal(err)
			}
			gatetest.CheckSchema(t, "result", data)
		})
	}
}

// errAny stands for an error without a name.
var errAny = errors.New("any")

func TestRunWithoutAnything(t *testing.T) {
	for place, fault := range map[string]string{"run build": fails, "run prepare": fails, "up r1": start, "r1": fails} {
		t.Run(place, func(t *testing.T) {
			r := newRig(t, map[string]gatetest.Spec{"run": noisy(1)}, map[string]string{place: fault})
			got, err := Run(r.context(), r.options(), r.arm("run"))
			if !errors.Is(err, errFault) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(gate.Result{}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			r.checkDown("run")
		})
	}
}

func TestRunDefaults(t *testing.T) {
	r := newRig(t, map[string]gatetest.Spec{"run": noisy(1)}, nil)
	got, err := Run(r.context(), r.options(), r.arm("run"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(allOK("r", gate.DefaultRuns), statuses(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if call := r.calls[3]; call != "run load 1 10s" {
		t.Errorf("load: %s", call)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"no id", func(o *Options) { o.Session = "" }, "experiment: the session needs an id"},
		{"no tasks", func(o *Options) { o.Scenario.Tasks = nil }, "experiment: the scenario has no tasks"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, sides(noisy(1), noisy(1)), nil)
			o := r.options()
			tt.change(&o)
			_, one := Run(r.context(), o, r.arm("baseline"))
			_, two := Compare(r.context(), CompareOptions{Options: o}, r.arm("baseline"), r.arm("candidate"))
			if diff := cmp.Diff([]string{tt.want, tt.want}, []string{fmt.Sprint(one), fmt.Sprint(two)}); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			r.checkDown("baseline", "candidate")
		})
	}
	t.Run("no candidate", func(t *testing.T) {
		r := newRig(t, sides(noisy(1), noisy(1)), nil)
		_, err := Compare(r.context(), CompareOptions{Options: r.options()}, r.arm("baseline"))
		if want := "experiment: there is no candidate"; fmt.Sprint(err) != want {
			t.Errorf("error %v, want %s", err, want)
		}
		r.checkDown("baseline")
	})
}

func TestNewArm(t *testing.T) {
	tests := []struct {
		name          string
		spec          gate.Target
		how, prepared string
	}{
		{"started", gate.Target{Start: "serve", Reset: "clean"}, gate.HowStart, gate.PreparedStarted},
		{"a URL", gate.Target{URL: "http://127.0.0.1:1"}, gate.HowURL, gate.PreparedNone},
		{"a URL with reset", gate.Target{URL: "http://127.0.0.1:1", Reset: "clean"}, gate.HowURL, gate.PreparedReset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := NewArm(target.Options{Spec: tt.spec, Side: gate.SideCandidate}, gate.Subject{Commit: "0123abc", Label: "here"})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Target.Close()
			want := Arm{Name: "candidate", Subject: gate.Subject{Commit: "0123abc", Label: "here", How: tt.how}, Dir: place(""), Prepared: tt.prepared}
			if diff := cmp.Diff(want, a, cmpopts.IgnoreFields(Arm{}, "Target")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	if _, err := NewArm(target.Options{}, gate.Subject{}); err == nil {
		t.Error("a target of nothing is accepted")
	}
}

// TestURLs: two targets that are already running, and a real load.
func TestURLs(t *testing.T) {
	quick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }))
	defer quick.Close()
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/b" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer failing.Close()
	r := newRig(t, nil, nil)
	o := CompareOptions{Options: r.options(), Pairs: 2, Duration: 200 * time.Millisecond}
	o.load, o.Now, o.Scenario.Load.Warmup, o.Scenario.Load.Rate = nil, nil, 0, 500
	o.Scenario.Tasks = append(o.Scenario.Tasks, gate.Task{Name: "POST /b", Weight: 1, Request: gate.Request{Method: "POST", Path: "/b"}})
	var arms []Arm
	for side, server := range map[gate.Side]*httptest.Server{gate.SideBaseline: quick, gate.SideCandidate: failing} {
		a, err := NewArm(target.Options{Spec: gate.Target{URL: server.URL}, Side: side, Session: o.Session}, gate.Subject{})
		if err != nil {
			t.Fatal(err)
		}
		arms = append(arms, a)
	}
	if arms[0].Name != "baseline" {
		arms[0], arms[1] = arms[1], arms[0]
	}
	s, err := Compare(r.context(), o, arms[0], arms[1])
	if err != nil {
		t.Fatal(err)
	}
	// On a busy machine a pair may be late three times; what is measured says
	// that half of the candidate's requests fail.
	for _, run := range s.Candidates[0].Runs {
		if run.Status == gate.RunOK && (run.Endpoints[1].OK > 0 || run.Endpoints[0].OK == 0) {
			t.Errorf("%s: %+v", run.ID, run.Endpoints)
		}
	}
	if len(s.Candidates[0].Runs)+len(s.Baseline.Runs) == 0 {
		t.Error("nothing was measured")
	}
	checkBytes(t, s)
}

func ptr[T any](v T) *T { return &v }
