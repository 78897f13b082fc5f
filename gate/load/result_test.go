package load

import (
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
)

// validate refuses a run that a result could not hold.
func validate(t *testing.T, run gate.Run, names ...string) {
	t.Helper()
	info := gate.ScenarioInfo{ID: or(run.Scenario, "none")}
	run.Scenario = info.ID
	for _, name := range names {
		info.Endpoints = append(info.Endpoints, gate.EndpointInfo{Name: name})
	}
	r := gate.Result{Scenarios: []gate.ScenarioInfo{info}, Runs: []gate.Run{run}}
	if err := r.Validate(); err != nil {
		t.Errorf("not a valid run: %v", err)
	}
}

func histogram(us int64, n int) *string {
	h := hist.New()
	for range n {
		h.Record(us)
	}
	text, err := h.Encode()
	if err != nil {
		panic(err)
	}
	return &text
}

func ptr[T any](v T) *T { return &v }

// same is a distribution of n equal values.
func same(of string, us int64, n int) gate.Latency {
	v := float64(us) / 1000
	l := gate.Latency{
		Of: of, Population: gate.PopulationOK, Count: int64(n), Precision: gate.PrecisionQuantiles, MeanMS: &v, MinMS: &v, MaxMS: &v,
		QuantilesMS: map[string]float64{"0.5": v, "0.75": v, "0.9": v, "0.95": v, "0.99": v, "0.999": v},
	}
	if of == gate.OfResponse {
		l.Precision, l.HDR = gate.PrecisionHistogram, histogram(us, n)
	}
	return l
}

// TestWholeRun compares every field. Task "b" fails in three ways, "c" is too
// rare to be drawn, and the second "a" is counted with the first.
func TestWholeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Options{Load: open(4, 0), Duration: 1500 * time.Millisecond, Scenario: "shop", Stream: 7, Tasks: tasks(1e6, 2e6, 1, 1e6)}
		o.Tasks[3].Name = "a"
		o.Tasks[0].Request.Body = []byte("four")
		n := 0
		f := &fakeClient{reply: func(s sending) (time.Duration, answer) {
			if s.task != 1 {
				return time.Millisecond, answer{status: 201, received: 10}
			}
			n++
			return 2 * time.Millisecond, []answer{
				{kind: gate.FailStatus, status: 503, received: 3},
				{kind: gate.FailStatus, status: 404},
				{kind: gate.FailReset},
			}[n%3]
		}}
		run := offer(t, t.Context(), o, f)
		validate(t, run, "a", "b", "c")
		// Six requests; which is the stream's choice, and the counts follow
		// from what the client saw.
		first, bodies := map[int]int{}, int64(0)
		for _, s := range f.sent {
			first[s.task]++
			if s.task == 0 {
				bodies += 4
			}
		}
		a, b := first[0]+first[3], first[1]
		if a == 0 || b < 3 || first[2] != 0 {
			t.Fatalf("choose another stream: %v", first)
		}
		late := 0.001 // the least that a histogram holds
		want := gate.Run{
			Scenario: "shop", Stream: 7, Start: "2000-01-01T00:00:00Z", WarmupS: 0, MeasuredS: 1.5,
			Status: gate.RunOK, Reasons: []string{},
			Load:      gate.RunLoad{Intended: ptr[int64](6), Sent: 6, Undelivered: ptr[int64](0), DeliveredRatio: ptr(1.0)},
			Generator: []gate.GeneratorHealth{{Of: 1, LateP50MS: &late, LateP95MS: &late, LateP99MS: &late, LateLimitMS: ptr(1.0)}},
			Endpoints: []gate.EndpointRun{{
				Name: "a", Requests: int64(a), OK: int64(a), Failures: []gate.Failure{}, Statuses: map[string]int64{"201": int64(a)},
				BytesReceived: ptr(int64(10 * a)), BytesSent: &bodies, ConnectionsOpened: ptr[int64](0),
				Latency:  []gate.Latency{same(gate.OfResponse, 1000, a), same(gate.OfService, 1000, a)},
				PhasesMS: &gate.PhasesMS{FirstByteMean: ptr(1.0)},
			}, {
				Name: "b", Requests: int64(b), Failures: []gate.Failure{{Kind: gate.FailReset, Count: 1}, {Kind: gate.FailStatus, Code: ptr(404), Count: 1}, {Kind: gate.FailStatus, Code: ptr(503), Count: int64(b - 2)}},
				Statuses:      map[string]int64{"404": 1, "503": int64(b - 2)},
				BytesReceived: ptr(int64(3 * (b - 2))), BytesSent: ptr[int64](0), ConnectionsOpened: ptr[int64](0),
				Latency: []gate.Latency{},
			}, {
				Name: "c", Failures: []gate.Failure{}, Statuses: map[string]int64{},
				BytesReceived: ptr[int64](0), BytesSent: ptr[int64](0), ConnectionsOpened: ptr[int64](0), Latency: []gate.Latency{},
			}},
			Resources: []gate.Resource{},
		}
		options := cmp.Options{
			cmpopts.IgnoreFields(gate.GeneratorHealth{}, "GCPauseMaxMS"), // of the test itself
			cmpopts.IgnoreFields(gate.Run{}, "Windows"),                  // TestWindows
		}
		if diff := cmp.Diff(want, run, options); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func TestWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Options{Load: open(2, 0), Duration: 2500 * time.Millisecond}
		f := &fakeClient{reply: func(s sending) (time.Duration, answer) {
			switch s.at {
			case 0:
				return time.Millisecond, answer{status: 200}
			case 500 * time.Millisecond:
				return 3 * time.Millisecond, answer{status: 200}
			case 2 * time.Second: // answered after the end
				return 4 * time.Second, answer{status: 200}
			}
			return time.Millisecond, answer{kind: gate.FailReset}
		}}
		run := offer(t, t.Context(), o, f)
		validate(t, run, "a")
		want := &gate.Windows{LengthS: 1, Endpoints: map[string]gate.EndpointWindow{"a": {
			Requests: []int64{2, 2, 1}, Failed: []int64{0, 2, 0},
			P50MS: []*float64{ptr(1.0), nil, ptr(4000.0)},
			P95MS: []*float64{ptr(3.0), nil, ptr(4000.0)},
			MaxMS: []*float64{ptr(3.0), nil, ptr(4000.0)},
		}}}
		if diff := cmp.Diff(want, run.Windows); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func TestTimelineClampsBothWays(t *testing.T) {
	w := newTimeline(2)
	for _, k := range []int{0, 1, 0, 9} {
		w.reach(k)
	}
	if diff := cmp.Diff([]int64{1, 3}, w.first(2).Requests); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestProgress(t *testing.T) {
	const s = time.Second
	synctest.Test(t, func(t *testing.T) {
		var got []Progress
		o := Options{Load: open(100, 2*s), Duration: 2 * s, Progress: func(p Progress) { got = append(got, p) }}
		f := &fakeClient{reply: func(s sending) (time.Duration, answer) {
			if s.at < 500*time.Millisecond {
				return 5 * time.Millisecond, answer{kind: gate.FailReset}
			}
			return 5 * time.Millisecond, answer{status: 200}
		}}
		offer(t, t.Context(), o, f)
		want := []Progress{
			{PhaseWarmup, s, 2 * s, 100, 50, 5}, {PhaseWarmup, 2 * s, 2 * s, 200, 50, 5},
			{PhaseLoad, s, 2 * s, 100, 0, 5}, {PhaseLoad, 2 * s, 2 * s, 200, 0, 5},
		}
		// The middle of the bucket that holds 5000 µs.
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0.001, 0)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// TestRequestsRepeat: what is sent in the measured part depends on seed and
// stream, not on how the target behaves or how long the warm-up takes.
func TestRequestsRepeat(t *testing.T) {
	waiting := closed(1, 0)
	waiting.Wait = gate.Wait{Min: 10 * time.Millisecond, Max: 200 * time.Millisecond}
	waitingWarm := waiting
	waitingWarm.Warmup = 2 * time.Second
	poisson := open(50, 0)
	poisson.Arrivals = gate.ArrivalsPoisson
	poissonWarm := poisson
	poissonWarm.Warmup = 3 * time.Second
	for _, tt := range []struct {
		name        string
		load, other gate.Load
		stream      uint64 // of the other
		reply       func(sending) (time.Duration, answer)
		want        bool
	}{
		{"open", poisson, poisson, 1, after(5 * time.Millisecond), true},
		{"open, a slow target", poisson, poisson, 1, after(time.Second), true},
		{"open, a warm-up", poisson, poissonWarm, 1, after(5 * time.Millisecond), true},
		{"open, another stream", poisson, poisson, 2, after(5 * time.Millisecond), false},
		{"closed", waiting, waiting, 1, after(5 * time.Millisecond), true},
		{"closed, a warm-up", waiting, waitingWarm, 1, after(5 * time.Millisecond), true},
		{"closed, another stream", waiting, waiting, 2, after(5 * time.Millisecond), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				record := func(l gate.Load, stream uint64, reply func(sending) (time.Duration, answer)) []sending {
					f := &fakeClient{reply: reply, clock: newBubbleClock()}
					offer(t, t.Context(), Options{Load: l, Stream: stream, Duration: 2 * time.Second, Tasks: tasks(1, 2, 3)}, f)
					return f.measured()
				}
				a, b := record(tt.load, 1, after(5*time.Millisecond)), record(tt.other, tt.stream, tt.reply)
				n := min(len(a), len(b)) - 1 // at the end, some ms decide
				if n < 10 {
					t.Fatalf("only %d and %d requests", len(a), len(b))
				}
				if got := cmp.Equal(a[:n], b[:n], cmp.AllowUnexported(sending{})); got != tt.want {
					t.Errorf("same is %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestUsersAreAllUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := closed(10, 0)
		l.SpawnRate = 4
		f := &fakeClient{reply: after(300 * time.Millisecond)}
		offer(t, t.Context(), Options{Load: l, Duration: time.Second}, f)
		for _, s := range f.sent {
			if s.measured && s.at < 9*time.Second/4 {
				t.Errorf("measured at %v, before the last user", s.at)
			}
		}
		if f.most != 10 {
			t.Errorf("%d requests at once, want 10", f.most)
		}
	})
}

func TestDisturbed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		health gate.GeneratorHealth
		p95MS  float64
		want   []string
	}{
		{"nothing is known", gate.GeneratorHealth{}, 0, nil},
		{"on time", gate.GeneratorHealth{LateP95MS: ptr(1.0)}, 0, nil},
		{"late", gate.GeneratorHealth{LateP95MS: ptr(1.1)}, 20, []string{gate.ReasonLate}},
		{"late, but answers are slow", gate.GeneratorHealth{LateP95MS: ptr(1.1)}, 22, nil},
		{"throttled a little", gate.GeneratorHealth{ThrottledS: ptr(0.1)}, 0, nil},
		{"throttled", gate.GeneratorHealth{ThrottledS: ptr(0.11)}, 0, []string{gate.ReasonThrottled}},
		{"some steal", gate.GeneratorHealth{StealRatio: ptr(0.05)}, 0, nil},
		{"steal", gate.GeneratorHealth{StealRatio: ptr(0.06)}, 0, []string{gate.ReasonSteal}},
		{"CPU alone is no reason", gate.GeneratorHealth{CPURatio: ptr(1.0)}, 0, nil},
		{"all of it", gate.GeneratorHealth{LateP95MS: ptr(9.0), ThrottledS: ptr(9.0), StealRatio: ptr(0.9)}, 0,
			[]string{gate.ReasonLate, gate.ReasonThrottled, gate.ReasonSteal}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.health.LateLimitMS = ptr(lateLimit(tt.p95MS))
			if diff := cmp.Diff(tt.want, disturbed(tt.health, 10)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestLongestPause(t *testing.T) {
	const ms = time.Millisecond
	later := debug.GCStats{NumGC: 5, Pause: []time.Duration{1 * ms, 2 * ms, 9 * ms}}
	for _, tt := range []struct {
		name    string
		earlier int64
		want    float64
	}{
		{"none since", 5, 0},
		{"the last two", 3, 2},
		{"more than are remembered", 0, 9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := *longestPause(debug.GCStats{NumGC: tt.earlier}, later); got != tt.want {
				t.Errorf("%v ms, want %v", got, tt.want)
			}
		})
	}
}
