package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// mkreports is the command of the scripts that fills a store with the reports
// of former sessions of perfgate.yml on this machine.
func mkreports() {
	f := flag.NewFlagSet("mkreports", flag.ExitOnError)
	location := f.String("store", ".perfgate", "folder of the store")
	sessions := f.Int("sessions", 3, "number of sessions")
	pairs := f.Int("pairs", 8, "pairs of each")
	noise := f.Float64("noise", 0.03, "of the runs")
	requests := f.Int("requests", 400, "of an endpoint and run")
	f.Parse(os.Args[1:])
	if err := writeReports(*location, *sessions, *pairs, *requests, *noise); err != nil {
		fmt.Fprintln(os.Stderr, "mkreports:", err)
		os.Exit(1)
	}
}

func writeReports(location string, sessions, pairs, requests int, noise float64) error {
	a := system()
	s, err := readScenario(scenarioFile, a.env)
	if err != nil {
		return err
	}
	store, err := baselines.Open(location, baselines.OpenOptions{})
	if err != nil {
		return err
	}
	var endpoints []gatetest.Endpoint
	for _, t := range s.Tasks {
		endpoints = append(endpoints, gatetest.Endpoint{Name: t.Name, MedianMS: 20})
	}
	for i := range sessions {
		spec := func(seed int) gatetest.Spec {
			return gatetest.Spec{Scenario: s.Name, Session: fmt.Sprint("s", i), Start: time.Date(2026, 11, 1+i, 6, 0, 0, 0, time.UTC), Runs: pairs,
				Class: a.environment(s.Target.Env).Class, Endpoints: endpoints, Requests: requests, Noise: noise, Seed: uint64(seed),
				Model: gate.ModelClosed, Mutate: func(r *gate.Result) { r.Scenarios[0] = s.Info(); r.Session.AA = true }}
		}
		b, c := gatetest.Pair(spec(2*i), spec(2*i+1))
		r := gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}, Policy: s.Policy}))
		if _, err := store.SaveReport(context.Background(), r); err != nil {
			return err
		}
	}
	return nil
}
