package load

import (
	"context"
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
	if e.o.Load.Warmup > 0 {
		e.pacePhase(ctx, p, false, e.origin, e.measuredFrom)
	}
	select {
	case <-e.begun:
	case <-ctx.Done():
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
		j := job{a.task, a.due, measured}
		if late > tolerance {
			e.catchUp(ctx, p, j)
			return
		}
		if !p.dispatch(j, false) && measured {
			e.undelivered++
			e.rec.lateness(late)
		}
	})
}

// catchUp dispatches a late job, and waits for a slot if it must: whatever
// happens to it is our doing, and late, never undelivered.
func (e *engine) catchUp(ctx context.Context, p *pool, j job) {
	for !p.dispatch(j, true) && ctx.Err() == nil {
		e.clock.sleep(tolerance)
	}
}

// A pool holds the slots of the open model: workers that serve one job at a
// time. They are made when needed and stay; the one that became free last is
// taken first, because its stack and connection are warm.
//
// Jobs that our own pacer was late for have as many slots of their own: they
// come in bursts that the service never caused, and must not take the slot of a
// job that is on time.
type pool struct {
	serve func(job)
	limit int
	wg    sync.WaitGroup

	mu     sync.Mutex
	idle   []*worker
	busy   [2]int // jobs on time and late ones
	closed bool
}

// A worker serves what it is handed.
type worker struct{ jobs chan handed }

// handed is a job and which slots it takes one of.
type handed struct {
	job
	slots int
}

func newPool(limit int, serve func(job)) *pool { return &pool{serve: serve, limit: limit} }

// dispatch gives j to a worker and reports false when there is no free slot.
func (p *pool) dispatch(j job, late bool) bool {
	h := handed{job: j}
	if late {
		h.slots = 1
	}
	w := p.take(h.slots)
	if w == nil {
		return false
	}
	w.jobs <- h // has room: its worker waits
	return true
}

// take returns a free worker, or nil when every slot of that kind is held.
func (p *pool) take(slots int) *worker {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy[slots] >= p.limit {
		return nil
	}
	p.busy[slots]++
	if n := len(p.idle); n > 0 {
		w := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return w
	}
	w := &worker{make(chan handed, 1)}
	p.wg.Go(func() { p.work(w) })
	return w
}

// work serves jobs until the pool is closed.
func (p *pool) work(w *worker) {
	for h := range w.jobs {
		p.serve(h.job)
		if !p.release(w, h.slots) {
			return
		}
	}
}

// release gives back a worker and its slot, and reports whether it is needed
// any more.
func (p *pool) release(w *worker, slots int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy[slots]--
	p.idle = append(p.idle, w)
	return !p.closed
}

// close waits until every job is served and ends the workers. Nothing may be
// dispatched any more.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	for _, w := range p.idle {
		close(w.jobs)
	}
	p.mu.Unlock()
	p.wg.Wait()
}
