//go:build unix

package experiment

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/demo"
	"github.com/perfgate/perfgate/gate/target"
)

// envServe makes the test binary the demo service. Its value is the number of
// requests to /models that it survives; 0: any.
const envServe = "PERFGATE_EXPERIMENT_SERVE"

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(envServe); ok {
		serve(text)
	}
	os.Exit(m.Run())
}

func serve(survives string) {
	limit, err := strconv.ParseInt(survives, 10, 64)
	if err != nil {
		panic(err)
	}
	service, err := demo.New(demo.Options{Work: demo.WorkTimer})
	if err != nil {
		panic(err)
	}
	var requests atomic.Int64
	panic(http.ListenAndServe(os.Getenv(target.EnvAddr), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/models" && requests.Add(1) == limit {
			fmt.Println("out of memory, as the test asked")
			os.Exit(3)
		}
		service.ServeHTTP(w, r)
	})))
}

// demoArm starts the test binary for each run.
func demoArm(t *testing.T, side gate.Side, survives int) Arm {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	a, err := NewArm(target.Options{
		Spec: gate.Target{Start: "exec '" + program + "'", Ready: gate.Ready{Path: "/health"}, Env: map[string]string{envServe: strconv.Itoa(survives)}},
		Side: side, Environ: os.Environ(), Session: "session-1", LogDir: t.TempDir(),
	}, gate.Subject{Label: string(side)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// demoOptions is a load of the closed model, which a busy machine cannot make
// late.
func demoOptions(r *rig) CompareOptions {
	o := CompareOptions{Options: r.options(), Pairs: 2, Duration: 300 * time.Millisecond}
	o.load, o.Now = nil, nil
	o.Scenario.Load = gate.Load{Model: gate.ModelClosed, Users: 4, Wait: gate.Wait{Min: time.Millisecond, Max: 3 * time.Millisecond}, Seed: 1}
	o.Scenario.Tasks = []gate.Task{{Name: "GET /models", Weight: 1, Request: gate.Request{Method: "GET", Path: "/models"}}}
	return o
}

// TestStartedService: processes that are started for every run, and a real
// load, from end to end.
func TestStartedService(t *testing.T) {
	r := newRig(t, nil, nil)
	s, err := Compare(r.context(), demoOptions(r), demoArm(t, gate.SideBaseline, 0), demoArm(t, gate.SideCandidate, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, side := range []gate.Result{s.Baseline, s.Candidates[0]} {
		for _, run := range side.Runs {
			if run.Prepared != gate.PreparedStarted || run.Endpoints[0].Requests == 0 || run.Endpoints[0].OK != run.Endpoints[0].Requests {
				t.Errorf("%s: %s, %+v", run.ID, run.Prepared, run.Endpoints)
			}
		}
	}
	checkBytes(t, s)
}

// TestCandidateThatDies under a load that the baseline survives is a
// regression, and what it said last is told.
func TestCandidateThatDies(t *testing.T) {
	r := newRig(t, nil, nil)
	s, err := Compare(r.context(), demoOptions(r), demoArm(t, gate.SideBaseline, 0), demoArm(t, gate.SideCandidate, 20))
	if err != nil {
		t.Fatal(err)
	}
	if s.Candidates[0].Session.Stopped == gate.StoppedInvalid {
		t.Skip("this machine was too busy to measure the baseline")
	}
	report := s.Reports[0]
	got := []any{report.Verdict, report.Reason.Code, s.Candidates[0].Session.Stopped, s.Candidates[0].Warnings[0].Text}
	want := []any{gate.VerdictRegression, "target_died", gate.StoppedTargetDied, "candidate: start: the service ended by itself: exit status 3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	told := false
	for _, e := range r.events {
		if e, ok := e.(RunDone); ok && e.Why != nil && strings.Contains(e.Why.Error(), "out of memory, as the test asked") {
			told = true
		}
	}
	if !told {
		t.Error("no event shows the last lines of the log")
	}
	checkBytes(t, s)
}
