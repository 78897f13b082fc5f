// Package gatetest makes data whose truth is known: results that were never
// measured, the rules of other tools to compare with, and checks of files
// against their schemas. Tests and simulations use it, perfgate itself does not.
package gatetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// A Spec describes the result of one side that was never measured. Its zero
// value is five valid runs of two endpoints under the open model, without
// noise and without failures; every field changes one thing.
//
// The latencies of a run are exact: request k of n lies at the quantile
// (k + 0.5)/n of its endpoint's lognormal distribution, so that with Noise 0
// two runs are equal and a Scale of 1.2 moves every percentile by 20 %. The
// same Spec gives the same Result.
type Spec struct {
	// Scenario is the scenario's name and id; "synthetic" when empty.
	Scenario string
	Side     gate.Side
	// Design of the session. In a paired one (set by Pair) the runs have
	// pair numbers and the order ABBA BAAB.
	Design gate.Design
	// Session is the session's id, which JobID and, with another machine
	// for each session, MachineID are made of; "session-1" when empty.
	Session string
	// Machine names the machine and its boot; Session when empty.
	Machine string
	// Start is when the session began; 2026-01-05 06:00 UTC when zero.
	Start time.Time
	// Class is the environment class; four CPUs of one kind when zero.
	Class gate.EnvironmentClass
	// Model is ModelOpen when empty.
	Model gate.Model
	// Runs is their number; 5 when 0.
	Runs int
	// Requests is their number for each endpoint and run; 400 when 0. In the
	// closed model a run whose effect is 1.25 has 1/1.25 of them.
	Requests int
	// Endpoints are "GET /a" and "POST /b" when nil.
	Endpoints []Endpoint
	// Seed of the run effects; each side draws its own.
	Seed uint64
	// Noise is the standard deviation of the log of the run effect, which
	// all endpoints of a run share (0.03 is a run CV of 3 %).
	Noise float64
	// Scale multiplies the latencies of an endpoint in a run (from 1); nil
	// is 1.
	Scale func(run int, endpoint string) float64
	// Errors is the number of requests of an endpoint that fail with status
	// 503 in a run; nil is none. The others keep their distribution.
	Errors func(run int, endpoint string) int64
	// Undelivered is the number of intended requests of a run that were not
	// sent, over those that were; nil is none. Open model only.
	Undelivered func(run int) int64
	// Mutate changes the finished result; nil leaves it.
	Mutate func(*gate.Result)
}

// Endpoint is one endpoint of a Spec.
type Endpoint struct {
	Name string
	// MedianMS is the median of its latency; 10 ms when 0.
	MedianMS float64
	// Sigma is the standard deviation of the log of its latency; 0.3 when 0.
	Sigma float64
}

const measuredS = 10.0

// Pair returns the two sides of one paired session: baseline and candidate,
// with the design, sides and session set.
func Pair(baseline, candidate Spec) (b, c gate.Result) {
	baseline.Design, candidate.Design = gate.DesignPaired, gate.DesignPaired
	baseline.Side, candidate.Side = gate.SideBaseline, gate.SideCandidate
	candidate.Session = baseline.Session
	candidate.Machine = baseline.Machine
	candidate.Start = baseline.Start
	return baseline.Result(), candidate.Result()
}

// Result builds the result.
func (s Spec) Result() gate.Result {
	s = s.filled()
	r := gate.Result{
		Kind: gate.ResultKind, SchemaVersion: gate.SchemaVersion, Requires: []string{},
		Tool:      gate.Tool{Name: "perfgate", Version: "v0.0.0-test"},
		Scenarios: []gate.ScenarioInfo{s.scenario()},
		Subject:   gate.Subject{Commit: gate.Digest([]byte(s.Session + string(s.Side)))[7:47], Ref: "refs/heads/main", Label: "synthetic", How: gate.HowStart},
		Session:   s.session(),
		Environment: gate.Environment{ClassDigest: s.Class.Digest(), Class: s.Class,
			Recorded: map[string]string{"kernel": "6.11.0"}},
		Warnings: []gate.Warning{},
	}
	if s.Design == gate.DesignPaired {
		r.Requires = []string{"pairs"}
	}
	noise := rand.New(rand.NewPCG(s.Seed, sideStream(s.Side)))
	for k := 1; k <= s.Runs; k++ {
		r.Runs = append(r.Runs, s.run(k, math.Exp(s.Noise*noise.NormFloat64())))
	}
	if s.Mutate != nil {
		s.Mutate(&r)
	}
	return r
}

// filled returns the spec with its defaults.
func (s Spec) filled() Spec {
	s.Scenario = or(s.Scenario, "synthetic")
	s.Session = or(s.Session, "session-1")
	s.Machine = or(s.Machine, s.Session)
	s.Model = or(s.Model, gate.ModelOpen)
	s.Runs = or(s.Runs, 5)
	s.Requests = or(s.Requests, 400)
	if s.Start.IsZero() {
		s.Start = time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)
	}
	if s.Class.OS == "" {
		virtual := true
		s.Class = gate.EnvironmentClass{OS: "linux", Arch: "amd64", CPUModel: "Synthetic 4000", CPUs: 4, MemoryGiB: 16,
			Virtual: &virtual, User: map[string]string{}}
	}
	if s.Endpoints == nil {
		s.Endpoints = []Endpoint{{Name: "GET /a"}, {Name: "POST /b", MedianMS: 25}}
	}
	s.Endpoints = slices.Clone(s.Endpoints)
	for i := range s.Endpoints {
		s.Endpoints[i].MedianMS = or(s.Endpoints[i].MedianMS, 10)
		s.Endpoints[i].Sigma = or(s.Endpoints[i].Sigma, 0.3)
	}
	if s.Scale == nil {
		s.Scale = func(int, string) float64 { return 1 }
	}
	if s.Errors == nil {
		s.Errors = func(int, string) int64 { return 0 }
	}
	if s.Undelivered == nil {
		s.Undelivered = func(int) int64 { return 0 }
	}
	return s
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

func (s Spec) scenario() gate.ScenarioInfo {
	load := gate.Load{Model: s.Model, Seed: 1, Timeout: gate.DefaultTimeout}
	info := gate.ScenarioInfo{ID: s.Scenario, Name: s.Scenario, Model: s.Model, Seed: load.Seed, Endpoints: []gate.EndpointInfo{}}
	if s.Model == gate.ModelOpen {
		load.Arrivals, load.Rate = gate.ArrivalsConstant, float64(s.Requests*len(s.Endpoints))/measuredS
		info.Arrivals, info.RateRPS = load.Arrivals, &load.Rate
	} else {
		load.Users = 8
		info.Users = &load.Users
	}
	info.LoadDigest = gate.LoadDigest(load)
	for _, e := range s.Endpoints {
		share := 1 / float64(len(s.Endpoints))
		digest := gate.RequestDigest(gate.Task{Name: e.Name, Weight: 1, Request: gate.Request{Method: "GET", Path: "/" + e.Name}})
		info.Endpoints = append(info.Endpoints, gate.EndpointInfo{Name: e.Name, RequestDigest: digest, ShareRatio: &share})
	}
	return info
}

func (s Spec) session() gate.Session {
	info := gate.Session{
		ID: s.Session, Design: s.Design, Side: s.Side,
		JobID: "synthetic:" + s.Session, MachineID: gate.Digest([]byte(s.Machine)),
		Started: s.Start.UTC().Format(time.RFC3339), Ended: s.slot(2*s.Runs + 1).Format(time.RFC3339),
		Seed: s.Seed, Looks: []int{},
	}
	switch s.Side {
	case gate.SideBaseline:
		info.Partner = s.Session + "/" + string(gate.SideCandidate)
	case gate.SideCandidate:
		info.Partner = s.Session + "/" + string(gate.SideBaseline)
	}
	if s.Design == gate.DesignPaired {
		info.Looks = looks(s.Runs)
	}
	return info
}

// looks are those of docs/method.md 0.4 that so many pairs allow; the last is
// the number of pairs itself.
func looks(pairs int) []int {
	out := []int{}
	for _, n := range []int{4, 6, 8, 12} {
		if n < pairs {
			out = append(out, n)
		}
	}
	return append(out, pairs)
}

// slot returns the start of the k-th measurement of a session, from 1.
func (s Spec) slot(k int) time.Time {
	return s.Start.UTC().Add(time.Duration(k-1) * 15 * time.Second)
}

func (s Spec) run(k int, effect float64) gate.Run {
	run := gate.Run{
		ID: runPrefix(s.Side) + strconv.Itoa(k), Scenario: s.Scenario, Attempt: 1, Stream: uint64(k),
		Prepared: gate.PreparedStarted, Start: s.slot(k).Format(time.RFC3339), WarmupS: 2, MeasuredS: measuredS,
		Status: gate.RunOK, Reasons: []string{}, Generator: []gate.GeneratorHealth{health()}, Resources: []gate.Resource{},
	}
	if s.Design == gate.DesignPaired {
		run.Pair, run.Position = k, position(k, s.Side)
		run.Start = s.slot(2*k + run.Position - 2).Format(time.RFC3339)
	}
	for _, e := range s.Endpoints {
		factor := effect * s.Scale(k, e.Name)
		requests := s.Requests
		if s.Model == gate.ModelClosed {
			requests = int(math.Round(float64(requests) / factor))
		}
		er := s.endpoint(e, requests, s.Errors(k, e.Name), factor)
		run.Load.Sent += er.Requests
		run.Endpoints = append(run.Endpoints, er)
	}
	if s.Model == gate.ModelOpen {
		undelivered := s.Undelivered(k)
		intended := run.Load.Sent + undelivered
		ratio := float64(run.Load.Sent) / float64(intended)
		run.Load.Intended, run.Load.Undelivered, run.Load.DeliveredRatio = &intended, &undelivered, &ratio
	}
	return run
}

// sideStream gives each side random run effects of its own.
func sideStream(side gate.Side) uint64 { return uint64(runPrefix(side)[0]) }

func runPrefix(side gate.Side) string {
	switch side {
	case gate.SideBaseline:
		return "b"
	case gate.SideCandidate:
		return "c"
	}
	return "r"
}

// position is 1 or 2 in the order ABBA BAAB of docs/method.md 0.4, A being the
// baseline.
func position(pair int, side gate.Side) int {
	baseline := []int{1, 2, 2, 1}[(pair-1)%4]
	if side == gate.SideBaseline {
		return baseline
	}
	return 3 - baseline
}

func health() gate.GeneratorHealth {
	cpu, p50, p95, p99, none := 0.2, 0.05, 0.1, 0.2, 0.0
	return gate.GeneratorHealth{Of: 1, CPURatio: &cpu, LateP50MS: &p50, LateP95MS: &p95, LateP99MS: &p99,
		ThrottledS: &none, StealRatio: &none}
}

func (s Spec) endpoint(e Endpoint, requests int, errors int64, factor float64) gate.EndpointRun {
	if errors > int64(requests) {
		panic(fmt.Sprintf("gatetest: %d errors of %d requests", errors, requests)) // a mistake in a test
	}
	ok := int64(requests) - errors
	received, sent, connections := 200*ok, int64(0), int64(8)
	run := gate.EndpointRun{
		Name: e.Name, Requests: int64(requests), OK: ok, Failures: []gate.Failure{},
		Statuses: map[string]int64{}, BytesReceived: &received, BytesSent: &sent, ConnectionsOpened: &connections,
		Latency: []gate.Latency{},
	}
	if ok > 0 {
		run.Latency = latencies(e, ok, factor)
		run.Statuses["200"] = ok
	}
	if errors > 0 {
		code := 503
		run.Statuses["503"] = errors
		run.Failures = append(run.Failures, gate.Failure{Kind: gate.FailStatus, Code: &code, Count: errors})
	}
	return run
}
