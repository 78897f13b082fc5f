package load

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/machine"
)

// sending is one request that a fake client got.
type sending struct {
	at       time.Duration
	task     int
	measured bool
}

// fakeClient answers after a time of its own, in a bubble.
type fakeClient struct {
	clock *bubbleClock
	reply func(s sending) (time.Duration, answer)

	mu   sync.Mutex
	sent []sending
	busy int // requests under way
	most int // at once
}

func (f *fakeClient) do(ctx context.Context, task int, measured bool) answer {
	s := sending{f.clock.now(), task, measured}
	f.mu.Lock()
	f.sent = append(f.sent, s)
	f.busy++
	f.most = max(f.most, f.busy)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.busy--
		f.mu.Unlock()
	}()
	delay, a := f.reply(s)
	if !pause(ctx, delay) {
		return answer{cancelled: true, done: f.clock.now()}
	}
	a.done = f.clock.now()
	a.head = a.done
	return a
}

func (f *fakeClient) connects(int, bool) connects { return connects{} }
func (f *fakeClient) close()                      {}

// measured returns the requests of the measured part in the order of time, as
// offsets from the first.
func (f *fakeClient) measured() []sending {
	var out []sending
	for _, s := range f.sent {
		if s.measured {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b sending) int { return cmp.Compare(a.at, b.at) })
	if len(out) > 0 {
		for i, first := 0, out[0].at; i < len(out); i++ {
			out[i].at -= first
		}
	}
	return out
}

// after answers every request with 200 after d.
func after(d time.Duration) func(sending) (time.Duration, answer) {
	return func(sending) (time.Duration, answer) { return d, answer{status: 200, received: 5} }
}

// offer runs options against a fake client in a bubble.
func offer(t *testing.T, ctx context.Context, o Options, f *fakeClient) gate.Run {
	t.Helper()
	o.URL = "http://127.0.0.1:1"
	o.Load.Seed = or(o.Load.Seed, 1)
	if o.Tasks == nil {
		o.Tasks = tasks(1)
	}
	o, _, err := o.prepare()
	if err != nil {
		t.Fatal(err)
	}
	if f.clock == nil {
		f.clock = newBubbleClock()
	}
	e := newEngine(o, f.clock, f)
	e.counters = func() machine.Counters { return machine.Counters{} }
	return e.run(ctx)
}

func open(rate float64, warmup time.Duration) gate.Load {
	return gate.Load{Model: gate.ModelOpen, Rate: rate, Warmup: warmup}
}

func closed(users int, warmup time.Duration) gate.Load {
	return gate.Load{Model: gate.ModelClosed, Users: users, Warmup: warmup}
}

// outline is what most tests look at.
type outline struct {
	Status                      gate.RunStatus
	Reasons                     []string
	WarmupS, MeasuredS          float64
	Sent, Undelivered, Requests int64
	OK                          int64
}

func outlineOf(r gate.Run) outline {
	o := outline{Status: r.Status, Reasons: r.Reasons, WarmupS: r.WarmupS, MeasuredS: r.MeasuredS, Sent: r.Load.Sent}
	if r.Load.Undelivered != nil {
		o.Undelivered = *r.Load.Undelivered
	}
	for _, e := range r.Endpoints {
		o.Requests += e.Requests
		o.OK += e.OK
	}
	return o
}

func TestRuns(t *testing.T) {
	const ms = time.Millisecond
	slow := func(from, to, by time.Duration) func(sending) (time.Duration, answer) {
		return func(s sending) (time.Duration, answer) { // slower until a time
			if s.at < to {
				return from + s.at/time.Second*by, answer{status: 200}
			}
			return from, answer{status: 200}
		}
	}
	held := open(100, 0)
	held.MaxInFlight = 2
	burst := open(100, 0)
	burst.MaxInFlight = 10
	spawning := closed(10, 0)
	spawning.SpawnRate = 4
	spawnedWarm := closed(3, 2*time.Second)
	spawnedWarm.SpawnRate = 1.9
	for _, tt := range []struct {
		name     string
		o        Options
		reply    func(sending) (time.Duration, answer)
		stallAt  time.Duration
		stall    time.Duration
		cancelAt time.Duration
		diedAt   time.Duration
		want     outline
	}{
		{name: "open, nothing special", o: Options{Load: open(100, 0), Duration: 3 * time.Second}, reply: after(5 * ms),
			want: outline{gate.RunOK, []string{}, 0, 3, 300, 0, 300, 300}},
		{name: "a fraction of a second", o: Options{Load: open(10, 0), Duration: 250 * ms}, reply: after(5 * ms),
			want: outline{gate.RunOK, []string{}, 0, 0.25, 3, 0, 3, 3}},
		{name: "late answers are awaited", o: Options{Load: open(10, 0), Duration: time.Second}, reply: after(7 * time.Second),
			want: outline{gate.RunOK, []string{}, 0, 1, 10, 0, 10, 10}},
		{name: "the service holds all slots", o: Options{Load: held, Duration: 2 * time.Second}, reply: after(995 * ms),
			want: outline{gate.RunOK, []string{}, 0, 2, 4, 196, 4, 4}},
		{name: "our own stall is late, not undelivered", o: Options{Load: burst, Duration: 2 * time.Second}, reply: after(ms),
			stallAt: time.Second, stall: 150 * ms,
			want: outline{gate.RunInvalid, []string{gate.ReasonLate}, 0, 2, 200, 0, 200, 200}},
		{name: "a burst beyond the slots waits for them", o: Options{Load: burst, Duration: 2 * time.Second}, reply: after(50 * ms),
			stallAt: time.Second, stall: 300 * ms,
			want: outline{gate.RunInvalid, []string{gate.ReasonLate}, 0, 2, 200, 0, 200, 200}},
		{name: "a short stall is forgiven", o: Options{Load: burst, Duration: 2 * time.Second}, reply: after(ms),
			stallAt: time.Second, stall: 90 * ms,
			want: outline{gate.RunOK, []string{}, 0, 2, 200, 0, 200, 200}},
		{name: "warm at once", o: Options{Load: open(100, 2*time.Second), Duration: time.Second}, reply: after(5 * ms),
			want: outline{gate.RunOK, []string{}, 2.04, 1, 100, 0, 100, 100}},
		{name: "less than two windows of warm-up are two", o: Options{Load: open(100, 100*ms), Duration: time.Second}, reply: after(5 * ms),
			want: outline{gate.RunOK, []string{}, 2.04, 1, 100, 0, 100, 100}},
		{name: "a longer warm-up", o: Options{Load: open(100, 3500*ms), Duration: time.Second}, reply: after(5 * ms),
			want: outline{gate.RunOK, []string{}, 4.04, 1, 100, 0, 100, 100}},
		{name: "warm after four windows", o: Options{Load: open(100, 2*time.Second), Duration: time.Second}, reply: slow(5*ms, 3*time.Second, 5*ms),
			want: outline{gate.RunOK, []string{}, 5.04, 1, 100, 0, 100, 100}},
		{name: "never warm", o: Options{Load: open(100, 2*time.Second), Duration: time.Second}, reply: slow(5*ms, time.Hour, 5*ms),
			want: outline{gate.RunOK, []string{gate.ReasonUnsteady}, 10.04, 1, 100, 0, 100, 100}},
		{name: "interrupted while it warms up", o: Options{Load: open(100, 2*time.Second), Duration: time.Second}, reply: after(5 * ms),
			cancelAt: 1500*ms + 1,
			want:     outline{gate.RunInterrupted, []string{gate.ReasonIncomplete}, 1.51, 0, 0, 0, 0, 0}},
		{name: "interrupted, with requests under way", o: Options{Load: open(100, 0), Duration: 3 * time.Second}, reply: after(25 * ms),
			cancelAt: 1041 * ms,
			want:     outline{gate.RunInterrupted, []string{gate.ReasonIncomplete}, 0, 1.05, 105, 0, 102, 102}},
		{name: "interrupted while answers are awaited", o: Options{Load: open(10, 0), Duration: time.Second}, reply: after(7 * time.Second),
			cancelAt: 3 * time.Second,
			want:     outline{gate.RunInterrupted, []string{gate.ReasonIncomplete}, 0, 1, 10, 0, 0, 0}},
		{name: "the target died", o: Options{Load: open(100, 0), Duration: 3 * time.Second}, reply: after(25 * ms),
			diedAt: 1041 * ms,
			want:   outline{gate.RunTargetDied, []string{gate.ReasonTargetDied}, 0, 1.05, 105, 0, 102, 102}},
		{name: "aborted", o: Options{Load: open(99.9, 0), Duration: 9 * time.Second, Abort: &gate.Abort{ErrorRate: 1, For: 2 * time.Second}},
			reply: func(s sending) (time.Duration, answer) {
				if s.at < 2*time.Second {
					return 5 * ms, answer{status: 200}
				}
				return 5 * ms, answer{status: 503, kind: gate.FailStatus}
			},
			want: outline{gate.RunOK, []string{gate.ReasonAborted}, 0, 4.004004, 400, 0, 400, 200}},
		{name: "not aborted at its very end", o: Options{Load: open(100, 0), Duration: time.Second, Abort: &gate.Abort{ErrorRate: 1, For: time.Second}},
			reply: func(sending) (time.Duration, answer) { return 5 * ms, answer{kind: gate.FailTimeout} },
			want:  outline{gate.RunOK, []string{}, 0, 1, 100, 0, 100, 0}},
		{name: "nobody listens", o: Options{Load: open(100, 0), Duration: time.Second},
			reply: func(sending) (time.Duration, answer) { return 0, answer{kind: gate.FailRefused} },
			want:  outline{gate.RunInvalid, []string{gate.ReasonRefused}, 0, 1, 100, 0, 100, 0}},
		{name: "we ran out of ports", o: Options{Load: open(100, 0), Duration: time.Second},
			reply: func(s sending) (time.Duration, answer) {
				if s.at < 60*ms {
					return ms, answer{kind: gate.FailClient}
				}
				return ms, answer{status: 200}
			},
			want: outline{gate.RunInvalid, []string{gate.ReasonClient}, 0, 1, 100, 0, 100, 94}},
		{name: "no arrival in the time", o: Options{Load: gate.Load{Model: gate.ModelOpen, Rate: 0.1, Arrivals: gate.ArrivalsPoisson}, Duration: time.Second}, reply: after(ms),
			want: outline{gate.RunInvalid, []string{gate.ReasonNoRequests}, 0, 1, 0, 0, 0, 0}},
		{name: "closed", o: Options{Load: closed(3, 0), Duration: 2 * time.Second}, reply: after(9999 * time.Microsecond),
			want: outline{gate.RunOK, []string{}, 0, 2, 603, 0, 603, 603}},
		{name: "closed, spawned without warm-up", o: Options{Load: spawning, Duration: time.Second}, reply: after(300 * ms),
			want: outline{gate.RunOK, []string{}, 2.29, 1, 34, 0, 34, 34}},
		{name: "closed, windows of the warm-up begin with all users", o: Options{Load: spawnedWarm, Duration: time.Second}, reply: after(100 * ms),
			want: outline{gate.RunOK, []string{}, 4.04, 1, 30, 0, 30, 30}},
		{name: "closed, interrupted while users spawn", o: Options{Load: spawning, Duration: time.Second}, reply: after(time.Second),
			cancelAt: 600 * ms,
			want:     outline{gate.RunInterrupted, []string{gate.ReasonIncomplete}, 0.6, 0, 0, 0, 0, 0}},
		{name: "closed, the target died", o: Options{Load: closed(3, 0), Duration: 9 * time.Second}, reply: after(99 * ms),
			diedAt: 1045 * ms,
			want:   outline{gate.RunTargetDied, []string{gate.ReasonTargetDied}, 0, 1.045, 33, 0, 30, 30}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancelAt > 0 {
					time.AfterFunc(tt.cancelAt, cancel)
				}
				if tt.diedAt > 0 {
					died := make(chan struct{})
					time.AfterFunc(tt.diedAt, func() { close(died) })
					tt.o.Died = died
				}
				f := &fakeClient{reply: tt.reply, clock: newBubbleClock()}
				f.clock.stallAt, f.clock.stall = tt.stallAt, tt.stall
				run := offer(t, ctx, tt.o, f)
				if diff := gocmp.Diff(tt.want, outlineOf(run), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				if f.busy != 0 {
					t.Errorf("%d requests are still under way", f.busy)
				}
			})
		})
	}
}
