package load

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/perfgate/perfgate/gate"
)

// bubbleClock is the clock of a synctest bubble. It oversleeps once, by stall,
// in the sleep that reaches stallAt.
type bubbleClock struct {
	zero           time.Time
	stallAt, stall time.Duration
}

func newBubbleClock() *bubbleClock { return &bubbleClock{zero: time.Now()} }

func (c *bubbleClock) now() time.Duration { return time.Since(c.zero) }

func (c *bubbleClock) sleep(d time.Duration) {
	if c.stall > 0 && c.now()+d >= c.stallAt {
		d, c.stall = d+c.stall, 0
	}
	time.Sleep(d)
}

func (c *bubbleClock) close() {}

// emission is one call of emit.
type emission struct{ due, late time.Duration }

func TestPace(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name           string
		until          time.Duration
		cancelAt       time.Duration
		stallAt, stall time.Duration
		want           []emission
		end            time.Duration
	}{
		{name: "on time, and not beyond the end", until: 240 * ms,
			want: []emission{{100 * ms, 0}, {150 * ms, 0}, {200 * ms, 0}}, end: 200 * ms},
		{name: "the end is not in it", until: 200 * ms,
			want: []emission{{100 * ms, 0}, {150 * ms, 0}}, end: 150 * ms},
		{name: "a stall is caught up and does not move the rest", until: 340 * ms, stallAt: 150 * ms, stall: 110 * ms,
			want: []emission{{100 * ms, 0}, {150 * ms, 110 * ms}, {200 * ms, 60 * ms}, {250 * ms, 10 * ms}, {300 * ms, 0}}, end: 300 * ms},
		{name: "an interrupt is seen within a nap", until: time.Hour, cancelAt: 155 * ms,
			want: []emission{{100 * ms, 0}, {150 * ms, 0}}, end: 170 * ms},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newBubbleClock()
				c.stallAt, c.stall = tt.stallAt, tt.stall
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancelAt > 0 {
					time.AfterFunc(tt.cancelAt, cancel)
				}
				var got []emission
				s := newSchedule(gate.Load{Rate: 20}, newMix(tasks(1)), 0, 0)
				pace(ctx, c, s, 100*ms, func() time.Duration { return tt.until }, func(a arrival, late time.Duration) {
					got = append(got, emission{a.due, late})
				})
				if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(emission{})); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				if c.now() != tt.end {
					t.Errorf("ended at %v, want %v", c.now(), tt.end)
				}
			})
		})
	}
}
