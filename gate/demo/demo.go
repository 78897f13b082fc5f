// Package demo is the built-in service: an inference API (health, metrics, models, inference) whose
// speed and reliability are set by Options, so that a gate can be tried, and seen to fail, without
// anything else.
//
// Its service times are made, not met: each request does an amount of work that depends on nothing but
// the endpoint, the seed, the request's number and the slowdown asked for.
package demo

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Work is how a request spends its service time.
type Work string

const (
	// WorkCPU computes: the service competes for the machine and queues as a real one does. A request is
	// a number of iterations, so a slowdown of 1.2 is 20 % more work on any machine.
	WorkCPU Work = "cpu"
	// WorkTimer waits: it needs no CPU and never queues, but inherits the granularity of timers, on an
	// idle machine about 1 ms.
	WorkTimer Work = "timer"
)

const (
	maxLatency = time.Minute // of a request before the spread: short enough for the server's timeouts
	maxSpeed   = 1e6         // iterations per µs: no machine does so many, and a minute of them fits a uint64
	maxBody    = 64 << 20    // a batch of 8 large inputs is about 44 MB
)

// Options sets the service. The zero value is a healthy one.
type Options struct {
	// Slow multiplies the work of single endpoints, "/inference": 1.2; over 0. Endpoints lists the keys.
	Slow map[string]float64
	// SlowAll multiplies the work of every endpoint, those in Slow as well; 0 means 1. No service time may
	// come to more than 1 minute.
	SlowAll float64
	// ErrorRate is the share, 0 to 1, of the requests of every endpoint that are answered 500, after the
	// full work. Which ones follows from Seed and the request's number in its endpoint. Over 0, a readiness
	// check has to be patient.
	ErrorRate float64
	// Work is WorkCPU when empty.
	Work Work
	// Latency replaces the service time of single endpoints, from 0 on. It is the time before the
	// slowdown and the natural spread: each request takes between 0.8 and 1.6 times as long (median
	// 0.95, p95 1.50, p99 1.58), by a draw that follows from Seed and the request's number in its
	// endpoint. The defaults are 0.3 ms (/health, /metrics, /models/unload), 0.4 ms (/models), 0.5 ms
	// (/models/load), 1.6 ms (/inference) and 2.4 ms (/inference/batch): 400 requests/s spread evenly
	// over /health, /models, /inference and /inference/batch take half a core.
	Latency map[string]time.Duration
	// Seed selects the draws of spread and errors.
	Seed uint64
	// IterationsPerMicrosecond is the speed of this machine for WorkCPU. Hand one value of Calibrate to
	// all servers that are compared: measured by each of them, its error would be a difference between
	// them. 0 means that New measures it.
	IterationsPerMicrosecond float64
	// Commit is what GET /version answers, so that a caller can tell which build it has reached.
	Commit string
}

// endpoint is a route with its work resolved and its counters.
type endpoint struct {
	route
	index      uint64
	iterations float64       // of one request before the spread; WorkCPU
	wait       time.Duration // the same; WorkTimer
	requests   atomic.Uint64 // begun: the number of a request, from 1
	tally      tally
}

// Service answers the endpoints and GET /version. It is safe for concurrent use.
type Service struct {
	mux       *http.ServeMux
	endpoints []*endpoint
	work      Work
	speed     float64 // iterations per µs
	seed      uint64
	errorRate float64
	commit    string
	maxBody   int64

	scanners   sync.Pool // of *scanner
	iterations atomic.Uint64
	sink       atomic.Uint64 // results of the computation, so that it is not optimised away
	inFlight   atomic.Int64

	mu     sync.Mutex
	models map[string]bool // loaded ones
}

// New checks the options, all of them before it answers, and measures the machine's speed if they do
// not tell it, which takes some milliseconds.
func New(o Options) (*Service, error) {
	if o.Work == "" {
		o.Work = WorkCPU
	}
	if o.SlowAll == 0 {
		o.SlowAll = 1
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.IterationsPerMicrosecond == 0 && o.Work == WorkCPU {
		o.IterationsPerMicrosecond = Calibrate()
	}
	s := &Service{
		mux: http.NewServeMux(), work: o.Work, speed: o.IterationsPerMicrosecond, seed: o.Seed,
		errorRate: o.ErrorRate, commit: o.Commit, maxBody: maxBody,
		models:   map[string]bool{"resnet50": true, "bert-base": true},
		scanners: sync.Pool{New: func() any { return new(scanner) }},
	}
	for i, r := range routes() {
		wait := o.serviceTime(r)
		e := &endpoint{route: r, index: uint64(i), wait: time.Duration(wait)}
		e.iterations = wait / float64(time.Microsecond) * s.speed
		s.endpoints = append(s.endpoints, e)
		s.mux.HandleFunc(r.method+" "+r.path, func(w http.ResponseWriter, req *http.Request) { s.serve(e, w, req) })
	}
	s.mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		jsonAnswer(http.StatusOK, map[string]string{"commit": s.commit}).write(w)
	})
	return s, nil
}

// ServeHTTP answers one request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Endpoints returns the paths that Options.Slow and Options.Latency may name, in the order of the API.
func Endpoints() []string {
	var paths []string
	for _, r := range routes() {
		paths = append(paths, r.path)
	}
	return paths
}

// serviceTime returns how long a request of r takes before the spread, in nanoseconds.
func (o Options) serviceTime(r route) float64 {
	base := r.latency
	if d, ok := o.Latency[r.path]; ok {
		base = d
	}
	factor := o.SlowAll
	if f, ok := o.Slow[r.path]; ok {
		factor *= f
	}
	return float64(base) * factor
}

// check names every option that cannot be.
func (o Options) check() error {
	var problems []error
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	known := Endpoints()
	checkPath := func(option, path string) {
		if !slices.Contains(known, path) {
			problem("%s: unknown endpoint %q, choose from %s", option, path, strings.Join(known, ", "))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(o.Slow)) {
		checkPath("slow", path)
		if f := o.Slow[path]; !isFactor(f) {
			problem("slow: factor %v of %q must be over 0", f, path)
		}
	}
	if !isFactor(o.SlowAll) {
		problem("slow: factor %v must be over 0", o.SlowAll)
	}
	for _, path := range slices.Sorted(maps.Keys(o.Latency)) {
		checkPath("latency", path)
		if d := o.Latency[path]; d < 0 {
			problem("latency: %v of %q must not be negative", d, path)
		}
	}
	for _, r := range routes() {
		if t := o.serviceTime(r); t > float64(maxLatency) {
			problem("latency: the service time of %q comes to more than %v", r.path, maxLatency)
		}
	}
	if !(o.ErrorRate >= 0 && o.ErrorRate <= 1) { // NaN fails as well
		problem("error rate: %v must be a ratio from 0 to 1", o.ErrorRate)
	}
	if o.Work != WorkCPU && o.Work != WorkTimer {
		problem("work: unknown kind %q, choose from %s, %s", o.Work, WorkCPU, WorkTimer)
	}
	if v := o.IterationsPerMicrosecond; !(v >= 0 && v <= maxSpeed) {
		problem("iterations per microsecond: %v must be from 0 (measure it) to %v", v, float64(maxSpeed))
	}
	return errors.Join(problems...)
}

func isFactor(f float64) bool { return f > 0 && !math.IsInf(f, 1) }
