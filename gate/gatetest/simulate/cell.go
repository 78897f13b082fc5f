package main

import (
	"sync"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// A truth is what the candidate did to the endpoints.
type truth struct {
	slower float64 // 0.1: +10 %
	all    bool    // every endpoint, else the first one
}

var (
	unchanged = truth{}
	one10     = truth{0.10, false}
	one20     = truth{0.20, false}
	all10     = truth{0.10, true}
	all20     = truth{0.20, true}
)

// A cell is one kind of session, of which many are drawn.
type cell struct {
	family    gatetest.Family
	cv        float64
	shared    float64
	endpoints int
	noisier   float64 // of the last endpoint
	truth     truth
	plan      plan
	learned   bool // the gate knows the noise of former sessions of this kind
}

// build is the n-th session of the cell. Cells that differ only in truth or
// plan see the same noise.
func (c cell) build(seed, n uint64, pairs int) gatetest.Build {
	b := gatetest.Build{Family: c.family, CV: c.cv, Shared: c.shared, Endpoints: c.endpoints, Noisier: c.noisier, Slower: c.truth.slower, Pairs: pairs, Seed: seed, Number: n}
	switch {
	case c.truth.all:
		b.SlowerEndpoints = c.endpoints
	case c.truth.slower > 0:
		b.SlowerEndpoints = 1
	}
	return b
}

// A plan is how long sessions may be: pairs at most, or a budget.
type plan struct {
	name     string
	maxPairs int
	budget   time.Duration
}

// What a session costs besides its runs of 10 s (docs/method.md 0.13).
const (
	startup  = 3 * time.Second  // start and warm-up of a run
	building = 30 * time.Second // both sides, before the burn-in runs
	burnIn   = 2 * (startup + 2*time.Second)
)

// looks asks the product for the plan.
func (p plan) looks() gate.Plan {
	in := gate.PlanInput{Startup: startup, Left: time.Hour, MaxPairs: p.maxPairs}
	if p.budget > 0 {
		in.Left = p.budget - building - burnIn
	}
	return gate.NewPlan(in)
}

// A tally counts what became of the sessions of a cell.
type tally struct {
	builds, regression, pass, inconclusive, pairs int
	red                                           map[string]int // by rule of others
}

func (t tally) of(count int) float64 { return float64(count) / float64(t.builds) }
func (t tally) meanPairs() float64   { return t.of(t.pairs) }

func (t *tally) add(o tally) {
	t.builds, t.regression, t.pass = t.builds+o.builds, t.regression+o.regression, t.pass+o.pass
	t.inconclusive, t.pairs = t.inconclusive+o.inconclusive, t.pairs+o.pairs
	for name, n := range o.red {
		if t.red == nil {
			t.red = map[string]int{}
		}
		t.red[name] += n
	}
}

// A simulation draws sessions. The same seed gives the same counts, whatever
// the number of workers: every session has a random stream of its own.
type simulation struct {
	seed    uint64
	builds  int
	workers int
	done    map[cell]tally
	others  map[cell]bool // cells in which the rules of others are tried, too
	lessons []gate.Noise  // of the cell that is simulated; empty: nothing is learned
}

// run fills in the tallies of cells that are not known yet.
func (s *simulation) run(cells []cell) {
	for _, c := range cells {
		if _, ok := s.done[c]; !ok {
			s.done[c] = s.simulate(c)
		}
	}
}

// simulate draws the sessions of one cell, in parallel.
func (s *simulation) simulate(c cell) tally {
	var group sync.WaitGroup
	parts := make([]tally, s.workers)
	s.lessons = nil
	if c.learned {
		s.lessons = c.lessons(s.seed)
	}
	p := c.plan.looks()
	for w := range parts {
		group.Go(func() {
			for n := w; n < s.builds; n += s.workers {
				parts[w].add(s.session(c, p, uint64(n)))
			}
		})
	}
	group.Wait()
	var sum tally
	for _, t := range parts {
		sum.add(t)
	}
	return sum
}

// session draws one session and judges it as check does: at each planned look,
// until one decides.
func (s *simulation) session(c cell, p gate.Plan, n uint64) tally {
	d := c.build(s.seed, n, max(p.Pairs, othersRuns)).Draw()
	t := tally{builds: 1}
	for _, pairs := range p.Looks {
		baseline, candidate := d.Sides(pairs, p.Looks)
		in := gate.Input{Baseline: []gate.Result{baseline}, Candidate: []gate.Result{candidate}}
		if len(s.lessons) > 0 {
			in.Noise = &s.lessons[n%uint64(len(s.lessons))]
		}
		r := gate.Judge(gate.Compare(in))
		if !r.Design.Decided {
			continue
		}
		t.pairs = pairs
		switch r.Verdict {
		case gate.VerdictRegression:
			t.regression = 1
		case gate.VerdictPass:
			t.pass = 1
		default:
			t.inconclusive = 1
		}
		break
	}
	if s.others[c] {
		t.red = redOf(d, c.endpoints)
	}
	return t
}
