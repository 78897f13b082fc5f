package load

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/machine"
)

// Why a run ended before its time, as causes of its context. Any other cause is
// an interrupt.
var (
	errDied    = errors.New("the target died")
	errAborted = errors.New("the abort rule was met")
)

// An engine leads one run through its phases. All times are on its clock.
type engine struct {
	o Options // with defaults
	// counters reads those of the machine; tests have none.
	counters func() machine.Counters
	clock    clock
	client   client
	rec      *recorder
	mix      mix

	// begin is when the measured part begins, in ns: for ever while that is
	// open.
	begin atomic.Int64
	begun chan struct{} // closed when begin is set
	up    chan struct{} // closed when all users are up

	unsteady      bool // the warm-up did not settle
	undelivered   int64
	before, after *health // at begin and when the load ended; nil: not reached
	origin, ended time.Duration
}

func newEngine(o Options, c clock, cl client) *engine {
	e := &engine{
		o: o, counters: machine.Snapshot, clock: c, client: cl,
		rec:   newRecorder(o.Tasks, o.Load.Model == gate.ModelOpen, o.Duration),
		mix:   newMix(o.Tasks),
		begun: make(chan struct{}),
		up:    make(chan struct{}),
	}
	e.begin.Store(math.MaxInt64)
	return e
}

// run offers the load until it is done or parent ends it.
func (e *engine) run(parent context.Context) gate.Run {
	started := time.Now()
	e.origin = e.clock.now()
	if e.o.Load.Warmup == 0 && e.spawned() == 0 {
		e.measureFrom(e.origin)
	}
	ctx, stop := context.WithCancelCause(parent)
	defer stop(nil)
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-e.o.Died: // never, when nil
			stop(errDied)
		case <-ctx.Done():
		}
	})
	var led sync.WaitGroup
	led.Go(func() {
		if e.warmUp(ctx) {
			e.watch(ctx, stop)
		}
	})
	if e.o.Load.Model == gate.ModelOpen {
		e.offerOpen(ctx)
	} else {
		e.offerClosed(ctx)
	}
	led.Wait() // for the last second's progress
	cause := context.Cause(ctx)
	stop(nil)
	wg.Wait()
	return e.result(started, cause)
}

// measuredFrom returns when the measured part begins; for ever while that is
// not known.
func (e *engine) measuredFrom() time.Duration { return time.Duration(e.begin.Load()) }

// measureFrom says when it begins.
func (e *engine) measureFrom(begin time.Duration) {
	e.begin.Store(int64(begin))
	close(e.begun)
}

// warmUp sets the begin of the measured part, when that is open, and waits for
// it. It reports false when ctx ended first.
func (e *engine) warmUp(ctx context.Context) bool {
	if e.measuredFrom() == math.MaxInt64 {
		if e.o.Load.Warmup > 0 && !e.settle(ctx) {
			return false
		}
		select {
		case <-e.up:
		case <-ctx.Done():
			return false
		}
		// The pacer looks around once a nap; it must not miss the begin.
		e.measureFrom(e.clock.now() + 2*maxNap)
	}
	if !pause(ctx, e.measuredFrom()-e.clock.now()) {
		return false
	}
	e.before = e.checkUp()
	return true
}

// spawned returns when all users are up, counted from the origin; 0 in the open
// model.
func (e *engine) spawned() time.Duration { return spawnedAt(e.o.Load, e.o.Load.Users-1) }

// settle waits until windows of the full load say that it is warm, or for as
// long as a warm-up may take.
func (e *engine) settle(ctx context.Context) bool {
	least := max(2, int((e.o.Load.Warmup+windowLength-1)/windowLength))
	var sum counts
	var beats []beat
	for k := 1; ; k++ {
		end := time.Duration(k) * windowLength
		if !pause(ctx, e.origin+end-e.clock.now()) {
			return false
		}
		b := e.rec.pulses[phaseOf(false)].beat()
		e.report(PhaseWarmup, e.clock.now()-e.origin, e.o.Load.Warmup, &sum, b)
		if e.spawned() > end-windowLength {
			continue // not the full load
		}
		beats = append(beats, b)
		e.unsteady = !settled(beats)
		if len(beats) >= least && (!e.unsteady || len(beats) >= maxWarmup) {
			return true
		}
	}
}

// watch reports on the measured part and ends it when the abort rule is met.
func (e *engine) watch(ctx context.Context, stop context.CancelCauseFunc) {
	begin := e.measuredFrom()
	var sum counts
	var beats []beat
	for at := windowLength; at <= e.o.Duration; at += windowLength {
		if !pause(ctx, begin+at-e.clock.now()) {
			return
		}
		b := e.rec.pulses[phaseOf(true)].beat()
		beats = append(beats, b)
		e.report(PhaseLoad, at, e.o.Duration, &sum, b)
		if at < e.o.Duration && exceeded(e.o.Abort, beats) {
			stop(errAborted)
			return
		}
	}
}

// counts are sums over beats.
type counts struct{ requests, failed int64 }

// report adds a beat to the sums of its phase and tells who listens.
func (e *engine) report(phase string, elapsed, total time.Duration, sum *counts, b beat) {
	sum.requests += b.requests
	sum.failed += b.failed
	if e.o.Progress == nil {
		return
	}
	p := Progress{Phase: phase, Elapsed: elapsed, Total: total, Requests: sum.requests, Failed: sum.failed}
	if b.requests > 0 {
		p.P95MS = b.p95US / 1000
	}
	e.o.Progress(p)
}

// serve sends one request and records its answer.
func (e *engine) serve(ctx context.Context, j job) {
	sent := e.clock.now()
	if j.measured {
		e.rec.sent.Add(1)
		if e.rec.open {
			e.rec.lateness(sent - j.due)
		}
	}
	e.rec.answered(j, sent, e.measuredFrom(), e.client.do(ctx, j.task, j.measured))
}

// loadEnded marks the end of what is offered; answers are still out.
func (e *engine) loadEnded() {
	e.after = e.checkUp()
	e.ended = e.clock.now()
}
