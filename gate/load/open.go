package load

import (
	"context"
	"math"
	"sync"
	"time"
)

// tolerance is the lateness of the pacer up to which an arrival without a free
// slot is the service's fault. It is the least lateness that can make a run
// invalid (docs/method.md 0.11).
const tolerance = time.Millisecond

// offerOpen sends by the schedule until the measured part has ended and all
// answers are in.
func (e *engine) offerOpen(ctx context.Context) {
	close(e.up)
	p := newPool(e.o.Load.MaxInFlight, func(j job) { e.serve(ctx, j) })
	defer p.close()
	defer e.loadEnded() // before the pool waits for answers
	e.pacePhase(ctx, p, false, e.origin, e.measuredFrom)
	if ctx.Err() != nil {
		return
	}
	begin := e.measuredFrom()
	end := begin + e.o.Duration
	e.pacePhase(ctx, p, true, begin, func() time.Duration { return end })
	pause(ctx, end-e.clock.now()) // from the last arrival to the end
}

// pacePhase dispatches the arrivals of one phase. Each phase has a schedule of
// its own, so that the measured one is the same however long the warm-up was.
func (e *engine) pacePhase(ctx context.Context, p *pool, measured bool, begin time.Duration, until func() time.Duration) {
	s := newSchedule(e.o.Load, e.mix, e.o.Stream, uint64(phaseOf(measured)))
	pace(ctx, e.clock, s, begin, until, func(a arrival, late time.Duration) {
		ours := late > tolerance
		if p.dispatch(job{a.task, a.due, measured}, ours) || !measured {
			return
		}
		e.undelivered++
		e.rec.lateness(late)
	})
}

// A pool holds the slots of the open model: workers that serve one job at a
// time. They are made when needed and stay; the one that became free last is
// taken first, because its stack and connection are warm.
type pool struct {
	serve func(job)
	limit int
	wg    sync.WaitGroup

	mu      sync.Mutex
	idle    []chan job
	workers int
	closed  bool
}

func newPool(limit int, serve func(job)) *pool { return &pool{serve: serve, limit: limit} }

// dispatch gives j to a free worker and reports false when there is none. An
// arrival that our own pacer was late for may be one of a burst that the
// service never caused: late may use as many slots again, so that it is sent
// late instead of being called undelivered.
func (p *pool) dispatch(j job, late bool) bool {
	limit := p.limit
	if late && limit <= math.MaxInt/2 {
		limit *= 2
	}
	p.mu.Lock()
	if n := len(p.idle); n > 0 && p.workers-n < limit {
		jobs := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		jobs <- j // has room: its worker waits
		return true
	}
	defer p.mu.Unlock()
	if p.workers >= limit {
		return false
	}
	p.workers++
	jobs := make(chan job, 1)
	jobs <- j
	p.wg.Go(func() { p.work(jobs) })
	return true
}

// work serves jobs until the pool is closed.
func (p *pool) work(jobs chan job) {
	for j := range jobs {
		p.serve(j)
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return
		}
		p.idle = append(p.idle, jobs)
		p.mu.Unlock()
	}
}

// close waits until every job is served and ends the workers. Nothing may be
// dispatched any more.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	for _, jobs := range p.idle {
		close(jobs)
	}
	p.idle = nil
	p.mu.Unlock()
	p.wg.Wait()
}
