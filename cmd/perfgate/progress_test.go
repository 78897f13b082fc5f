package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/experiment"
	"github.com/perfgate/perfgate/gate/load"
)

// Where there is no terminal, lines tell of runs by their number, and of the
// burn-in by that word.
func TestProgressNamesRuns(t *testing.T) {
	tests := []struct {
		name   string
		total  int
		events []experiment.Event
		want   string
	}{
		{"run", 3, []experiment.Event{experiment.RunStarted{Arm: "candidate", Run: "r2", Number: 2}}, "run 2 of 3"},
		{"tenth run", 12, []experiment.Event{experiment.RunStarted{Arm: "candidate", Run: "r10", Number: 10}}, "run 10 of 12"},
		{"repeated run", 3, []experiment.Event{experiment.RunStarted{Arm: "candidate", Run: "r2.2", Number: 2}}, "run 2 of 3"},
		{"burn-in", 0, []experiment.Event{experiment.RunStarted{Arm: "candidate", Run: "c0"}}, "burn-in"},
		{"pair", 0, []experiment.Event{experiment.RunStarted{Arm: "candidate", Run: "c0"}, experiment.PairStarted{Pair: 4, Of: 6, Attempt: 1},
			experiment.RunStarted{Arm: "candidate", Run: "c4", Number: 4}}, "pair 4 of 6"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, _, stderr := testApp()
			p := a.progress(tt.total)
			for _, e := range tt.events {
				p.event(e)
			}
			p.logged = a.now().Add(-logEvery)
			p.event(experiment.LoadProgress{Arm: "candidate", Progress: load.Progress{Phase: load.PhaseLoad, Elapsed: time.Second, Total: 2 * time.Second}})
			got, _, _ := strings.Cut(stderr.String(), " candidate ")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// A run that counts is told with what it measured.
func TestProgressTellsOfARun(t *testing.T) {
	a, _, stderr := testApp()
	p := a.progress(2)
	p.event(experiment.RunStarted{Arm: "candidate", Run: "r1", Number: 1})
	p.event(experiment.RunDone{Arm: "candidate", Run: gate.Run{ID: "r1", Status: gate.RunOK, MeasuredS: 10,
		Endpoints: []gate.EndpointRun{{Requests: 30, OK: 29}, {Requests: 12, OK: 12}}}})
	if diff := cmp.Diff("run 1 of 2: 10.0 s, 42 requests, 1 failed\n", stderr.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A warm-up that takes longer than planned does not count beyond its end.
func TestProgressOfALongWarmUp(t *testing.T) {
	a, _, stderr := testApp()
	p := a.progress(0)
	p.label, p.logged = "burn-in", a.now().Add(-logEvery)
	p.event(experiment.LoadProgress{Arm: "candidate", Progress: load.Progress{Phase: load.PhaseWarmup, Elapsed: 4 * time.Second, Total: 2 * time.Second}})
	if diff := cmp.Diff("burn-in candidate warmup  4 s, 0 requests, 0 failed, p95 0.0 ms\n", stderr.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
