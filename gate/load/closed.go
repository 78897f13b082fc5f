package load

import (
	"context"
	"sync"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// offerClosed runs the users until the measured part has ended and all answers
// are in.
func (e *engine) offerClosed(ctx context.Context) {
	offer, end := context.WithCancel(ctx)
	defer end()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer e.loadEnded() // before the users' last answers are awaited
	for u := range e.o.Load.Users {
		if !pause(ctx, e.origin+spawnedAt(e.o.Load, u)-e.clock.now()) {
			return
		}
		wg.Go(func() { e.user(ctx, offer, uint64(u)) })
	}
	close(e.up)
	select {
	case <-e.begun:
		pause(ctx, e.measuredFrom()+e.o.Duration-e.clock.now())
	case <-ctx.Done():
	}
	end() // wakes the users that wait
}

// spawnedAt returns when a user starts, counted from the first; 0 in the open
// model.
func spawnedAt(l gate.Load, user int) time.Duration {
	if l.SpawnRate == 0 || user < 1 {
		return 0
	}
	return time.Duration(float64(user) / l.SpawnRate * float64(time.Second))
}

// user sends one request after the other while offer lasts. Its draws start
// afresh with the measured part, so that this is the same however long the
// warm-up was; request i of a user is the same in every run of a stream.
func (e *engine) user(ctx, offer context.Context, number uint64) {
	draws := e.userDraws(number, false)
	measured := false
	// The end of ctx reaches offer a moment later: until then each request would
	// be cut off at once, and the next one begin.
	for i := uint64(0); ctx.Err() == nil && offer.Err() == nil; i++ {
		now := e.clock.now()
		begin := e.measuredFrom()
		if !measured && now >= begin {
			measured, i = true, 0
			draws = e.userDraws(number, true)
		}
		if measured && now-begin >= e.o.Duration {
			return
		}
		e.serve(ctx, job{e.mix.pick(draws.task.at(i)), now, measured})
		if !pause(offer, e.wait(draws.wait.at(i))) {
			return
		}
	}
}

// userDraws are the streams of one user in one phase.
type userDraws struct{ task, wait stream }

func (e *engine) userDraws(number uint64, measured bool) userDraws {
	at := func(part uint64) stream {
		return newStream(e.o.Load.Seed, e.o.Stream, uint64(phaseOf(measured)), part, number)
	}
	return userDraws{at(drawTask), at(drawWait)}
}

// wait returns the pause that a uniform 64-bit number stands for.
func (e *engine) wait(uniform uint64) time.Duration {
	w := e.o.Load.Wait
	return w.Min + time.Duration(float64(uniform>>11)/(1<<53)*float64(w.Max-w.Min))
}
