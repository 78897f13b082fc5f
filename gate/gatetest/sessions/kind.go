package main

import (
	"math"
	"runtime"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/demo"
)

// A kind is sessions of one truth.
type kind struct {
	name     string
	work     demo.Work
	slow     map[string]float64 // the candidate's work, by endpoint, in units of the baseline's
	bursts   bool               // beside a process that burns the CPU
	sessions int
	// regression reports whether a change is to be found; at least or at most
	// limit sessions of the kind must be called one.
	regression bool
	limit      int
	tally      *tally
}

// endpoints are those of the scenario, each with the work that makes its
// requests take about 2 ms, so that 10 % is over the floor of 100 µs.
func endpoints() map[string]float64 {
	return map[string]float64{"/health": 6.7, "/models": 5, "/inference": 1.25}
}

// kinds are all sessions, in the order of the table.
func kinds() []*kind {
	all := map[string]float64{}
	for path := range endpoints() {
		all[path] = 1.1
	}
	return []*kind{
		{name: "unchanged, computing beside bursts", work: demo.WorkCPU, bursts: true, sessions: 5},
		{name: "unchanged, waiting beside bursts", work: demo.WorkTimer, bursts: true, sessions: 5},
		{name: "unchanged, waiting", work: demo.WorkTimer, sessions: 10},
		{name: "unchanged, computing", work: demo.WorkCPU, sessions: 10},
		{name: "+10 % of work in every endpoint", work: demo.WorkCPU, slow: all, sessions: 10, regression: true, limit: 7},
		{name: "+20 % of work in one endpoint", work: demo.WorkCPU, slow: map[string]float64{"/inference": 1.2}, sessions: 10, regression: true, limit: 9},
	}
}

// count is how many sessions of the kind are made, at least one.
func (k *kind) count(share float64) int {
	k.tally = &tally{}
	return max(1, int(math.Round(share*float64(k.sessions))))
}

// required is the limit for as many sessions as were made.
func (k *kind) required() int {
	return int(float64(k.limit) * float64(k.tally.sessions) / float64(k.sessions))
}

// A tally counts what became of the sessions of a kind.
type tally struct {
	sessions                               int
	pass, regression, inconclusive, others int
	pairs                                  int
	noise                                  []float64 // run to run, of the overall p95
}

func (t *tally) add(r gate.Report) {
	t.sessions++
	t.pairs += r.Design.Pairs
	switch r.Verdict {
	case gate.VerdictPass:
		t.pass++
	case gate.VerdictRegression:
		t.regression++
	case gate.VerdictInconclusive:
		t.inconclusive++
	default:
		t.others++
	}
	if n, ok := noiseOf(r); ok {
		t.noise = append(t.noise, n)
	}
}

// noiseOf is the run-to-run noise of the overall p95.
func noiseOf(r gate.Report) (float64, bool) {
	for _, row := range r.Rows {
		if row.Endpoint == nil && row.Metric == gate.MetricP95 && row.Noise != nil && row.Noise.ObservedRatio != nil {
			return *row.Noise.ObservedRatio, true
		}
	}
	return 0, false
}

// system is what the service runs on.
func system() string { return runtime.GOOS }
