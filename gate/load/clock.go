package load

import (
	"context"
	"time"

	"github.com/perfgate/perfgate/gate/alarm"
)

// A clock is the time of one run, counted from its own zero. Everything that
// decides or records reads it; tests hand in the clock of a bubble.
type clock interface {
	// now returns the time since zero; it never goes back.
	now() time.Duration
	// sleep returns as soon as it can after d. Only the pacer calls it.
	sleep(d time.Duration)
	close()
}

// wall is the real clock. Its zero is when it was made.
type wall struct {
	zero  time.Time
	alarm *alarm.Alarm
}

func newWall() *wall { return &wall{time.Now(), alarm.New()} }

func (w *wall) now() time.Duration    { return time.Since(w.zero) }
func (w *wall) sleep(d time.Duration) { w.alarm.Sleep(d) }
func (w *wall) close()                { w.alarm.Close() }

// maxNap bounds how long the pacer sleeps before it looks around: for an
// interrupt, and for the end of the warm-up.
const maxNap = 20 * time.Millisecond

// pace hands every arrival of s to emit at its time, counted from begin, until
// one is due at until() or later or ctx ends. until may come closer meanwhile,
// if it stays at least maxNap ahead of now.
func pace(ctx context.Context, c clock, s *schedule, begin time.Duration, until func() time.Duration, emit func(a arrival, late time.Duration)) {
	for {
		a := s.next()
		due := begin + a.due
		a.due = due
		for {
			if ctx.Err() != nil || due >= until() {
				return
			}
			now := c.now()
			if now >= due {
				emit(a, now-due)
				break
			}
			c.sleep(min(due-now, maxNap))
		}
	}
}

// pause waits for d, and reports false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
