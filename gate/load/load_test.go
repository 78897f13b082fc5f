package load

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/perfgate/perfgate/gate"
)

// gated is a server that holds every request until the gate opens.
type gated struct {
	*httptest.Server
	gate    chan struct{}
	arrived chan struct{} // one for each request
	once    sync.Once
}

func newGated(t *testing.T) *gated {
	g := &gated{gate: make(chan struct{}), arrived: make(chan struct{}, 10000)}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.arrived <- struct{}{}
		select {
		case <-g.gate:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() {
		g.open()
		g.Close()
	})
	return g
}

func (g *gated) open() { g.once.Do(func() { close(g.gate) }) }

// lenient takes out what depends on how busy the test machine is.
func lenient(run gate.Run) gate.Run {
	if run.Status == gate.RunInvalid {
		run.Status = gate.RunOK
	}
	run.Reasons = nil
	return run
}

func TestRunOpen(t *testing.T) {
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	t.Cleanup(server.Close)
	run, err := Run(t.Context(), Options{URL: server.URL, Load: open(200, 0), Tasks: tasks(1, 1), Scenario: "s", Duration: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	validate(t, lenient(run), "a", "b")
	want := outline{Status: gate.RunOK, MeasuredS: 0.3, Sent: 60, Requests: 60, OK: 60}
	if diff := cmp.Diff(want, outlineOf(lenient(run))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if served.Load() != 60 {
		t.Errorf("the server saw %d requests", served.Load())
	}
	if g := run.Generator[0]; g.LateP50MS == nil || g.LateP95MS == nil || g.LateP99MS == nil || g.GCPauseMaxMS == nil {
		t.Errorf("health is not complete: %+v", g)
	}
	if _, err := time.Parse(time.RFC3339, run.Start); err != nil {
		t.Error(err)
	}
}

func TestRunClosed(t *testing.T) {
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	t.Cleanup(server.Close)
	l := closed(4, 0)
	l.Wait = gate.Wait{Min: time.Millisecond, Max: 5 * time.Millisecond}
	run, err := Run(t.Context(), Options{URL: server.URL, Load: l, Tasks: tasks(1), Scenario: "s", Duration: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	validate(t, lenient(run), "a")
	want := outline{Status: gate.RunOK, MeasuredS: 0.2, Sent: served.Load(), Requests: served.Load(), OK: served.Load()}
	if diff := cmp.Diff(want, outlineOf(lenient(run))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if run.Load.Intended != nil || run.Load.Undelivered != nil || run.Generator[0].LateP95MS != nil {
		t.Errorf("the closed model intends nothing: %+v, %+v", run.Load, run.Generator[0])
	}
	if n := len(run.Endpoints[0].Latency); n != 1 || run.Endpoints[0].Latency[0].Of != gate.OfResponse {
		t.Errorf("%d latencies, want the response time only", n)
	}
}

// TestUndeliveredForReal: a server that answers nothing holds three slots, and
// every other request is its failure.
func TestUndeliveredForReal(t *testing.T) {
	g := newGated(t)
	l := open(100, 0)
	l.MaxInFlight = 3
	var wg sync.WaitGroup
	wg.Go(func() { // opens after the end of the load, which is awaited by then
		for range 3 {
			<-g.arrived
		}
		time.AfterFunc(500*time.Millisecond, g.open)
	})
	run, err := Run(t.Context(), Options{URL: g.URL, Load: l, Tasks: tasks(1), Scenario: "s", Duration: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	// What our pacer was late for is sent, on slots of its own.
	if l := run.Load; *l.Intended != 30 || l.Sent < 3 || *l.Undelivered != 30-l.Sent {
		t.Errorf("intended %d, sent %d, undelivered %d", *l.Intended, l.Sent, *l.Undelivered)
	}
}

// TestRunEnds: however a run ends, it ends at once, tells why, and leaves no
// goroutine behind.
func TestRunEnds(t *testing.T) {
	for _, model := range []gate.Load{open(100, time.Second), closed(5, time.Second)} {
		for _, how := range []string{"interrupt", "death"} {
			t.Run(string(model.Model)+" by "+how, func(t *testing.T) {
				g := newGated(t)
				before := runtime.NumGoroutine()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				died := make(chan struct{})
				want := outline{Status: gate.RunTargetDied, Reasons: []string{gate.ReasonTargetDied}}
				end := func() { close(died) }
				if how == "interrupt" {
					want = outline{Status: gate.RunInterrupted, Reasons: []string{gate.ReasonIncomplete}}
					end = cancel
				}
				var wg sync.WaitGroup
				wg.Go(func() {
					<-g.arrived
					end()
				})
				run, err := Run(ctx, Options{URL: g.URL, Load: model, Tasks: tasks(1), Scenario: "s", Died: died})
				if err != nil {
					t.Fatal(err)
				}
				wg.Wait()
				validate(t, run, "a")
				want.WarmupS = run.WarmupS
				if diff := cmp.Diff(want, outlineOf(run)); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				g.CloseClientConnections()
				for range 1000 { // the server's own goroutines end with their connections
					if runtime.NumGoroutine() <= before {
						return
					}
					time.Sleep(time.Millisecond)
				}
				stacks := make([]byte, 1<<16)
				t.Errorf("%d goroutines before, %d after\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
			})
		}
	}
}

func TestRefusedRun(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	run, err := Run(t.Context(), Options{URL: server.URL, Load: open(100, 0), Tasks: tasks(1), Scenario: "s", Duration: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	validate(t, run, "a")
	if run.Status != gate.RunInvalid || run.Reasons[0] != gate.ReasonRefused || run.Endpoints[0].Requests != 10 {
		t.Errorf("status %s for %v, %d requests", run.Status, run.Reasons, run.Endpoints[0].Requests)
	}
}

func TestOptions(t *testing.T) {
	good := Options{URL: "http://127.0.0.1:1", Load: gate.Load{Model: gate.ModelOpen, Rate: 1}, Tasks: tasks(1)}
	users := good
	users.Load = closed(1, 0)
	for _, tt := range []struct {
		name   string
		base   Options
		change func(*Options)
		want   string
	}{
		{"no address", good, func(o *Options) { o.URL = "" }, `target address "": want http://host or https://host`},
		{"no host", good, func(o *Options) { o.URL = "http:///x" }, `target address "http:///x": want http://host or https://host`},
		{"another scheme", good, func(o *Options) { o.URL = "ftp://me:secret@h" }, `target address "ftp://me:xxxxx@h": want http://host or https://host`},
		{"no address at all", good, func(o *Options) { o.URL = "http://me:secret@h:port" }, `target address: invalid port ":port" after host`},
		{"no model", good, func(o *Options) { o.Load.Model = "" }, `load: model is "", want "open" or "closed"`},
		{"no rate", good, func(o *Options) { o.Load.Rate = 0 }, `load: rate is 0 requests a second, want more than 0 and at most 1e+06`},
		{"arrivals", good, func(o *Options) { o.Load.Arrivals = "bursts" }, `load: arrivals are "bursts", want "constant" or "poisson"`},
		{"no users", users, func(o *Options) { o.Load.Users = 0 }, `load: 0 users at a spawn rate of 0, want at least 1 and no negative rate`},
		{"a wait from long to short", users, func(o *Options) { o.Load.Wait = gate.Wait{Min: 2, Max: 1} }, `load: wait is 2ns to 1ns, want a range of lengths`},
		{"negative length", good, func(o *Options) { o.Load.Warmup = -1 }, `load: a length of time or a limit is negative`},
		{"no tasks", good, func(o *Options) { o.Tasks = nil }, `load: no tasks`},
		{"no weight", good, func(o *Options) { o.Tasks = tasks(0) }, `load: task "a" of weight 0, want a name and at least 1`},
		{"bad path", good, func(o *Options) { o.Tasks = []gate.Task{{Name: "x", Weight: 1, Request: gate.Request{Path: "/%zz"}}} },
			`task "x": parse "http://127.0.0.1:1/%zz": invalid URL escape "%zz"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.change(&tt.base)
			_, err := Run(t.Context(), tt.base)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error is %v, want %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Error("the error tells the password")
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	o, _, err := Options{URL: "http://h", Load: gate.Load{Model: gate.ModelOpen, Rate: 1}, Tasks: tasks(1)}.prepare()
	if err != nil {
		t.Fatal(err)
	}
	want := gate.Load{Model: gate.ModelOpen, Rate: 1, Arrivals: gate.ArrivalsConstant, MaxInFlight: gate.DefaultMaxInFlight, Timeout: gate.DefaultTimeout}
	if diff := cmp.Diff(want, o.Load); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if o.Duration != gate.DefaultDuration {
		t.Errorf("duration is %v", o.Duration)
	}
}
