package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
	"github.com/perfgate/perfgate/gate/load"
	"github.com/perfgate/perfgate/gate/target"
)

// A rig is targets and a load that never existed: it keeps the clock, writes
// down every call, and makes go wrong what a test asks for.
type rig struct {
	t      *testing.T
	now    time.Time
	calls  []string
	events []Event
	run    string   // id of the one in progress
	up     string   // the arm that is up
	marks  []string // the runs in which MarkLoad was called
	closed map[string]int
	specs  map[string]gatetest.Spec // by arm
	made   map[string][]gate.Run    // of them
	// faults by place: "c1" (a run's load), "up c1", "down c1", "baseline
	// build" … A fault is one of the words below.
	faults map[string]string
	cancel context.CancelCauseFunc
	// startup and stretch (a load takes that much longer) of a run.
	startup time.Duration
	stretch map[string]time.Duration
}

// The faults.
const (
	fails      = "fails"      // an error
	start      = "start"      // of phase start: the service's own failure
	died       = "died"       // under the load
	invalid    = "invalid"    // late
	interrupts = "interrupts" // ctx is cancelled, and the call notices
	cancels    = "cancels"    // ctx is cancelled, and the call ends well
	panics     = "panics"
	hangs      = "hangs" // until the end of its ctx, in a bubble of synctest
	leaks      = "leaks" // likewise, and leaves something behind
)

var (
	errFault  = errors.New("as the test asked")
	errSignal = errors.New("a signal")
)

func newRig(t *testing.T, specs map[string]gatetest.Spec, faults map[string]string) *rig {
	return &rig{t: t, now: time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC), closed: map[string]int{}, specs: specs, made: map[string][]gate.Run{},
		faults: faults, startup: time.Second, stretch: map[string]time.Duration{}}
}

// context is one that the rig can cancel.
func (r *rig) context() context.Context {
	ctx, cancel := context.WithCancelCause(r.t.Context())
	r.cancel = cancel
	return ctx
}

func (r *rig) options() Options {
	spec := gatetest.Spec{}.Result()
	return Options{
		Scenario: gate.Scenario{Name: "synthetic",
			Load:  gate.Load{Model: gate.ModelOpen, Rate: 80, Arrivals: gate.ArrivalsConstant, Timeout: time.Second, Seed: 1},
			Tasks: []gate.Task{{Name: "GET /a", Weight: 1, Request: gate.Request{Method: "GET", Path: "/a"}}}},
		Environment: spec.Environment, MachineID: "sha256:machine", JobID: "github:1/1", Version: "v0.0.0-test", Session: "session-1",
		Now:      func() time.Time { return r.now },
		Progress: r.note, load: r.load,
	}
}

func (r *rig) note(e Event) {
	if s, ok := e.(RunStarted); ok {
		r.run = s.Run
	}
	r.events = append(r.events, e)
}

func (r *rig) arm(name string) Arm {
	return Arm{Name: name, Subject: gate.Subject{Commit: "0123abc", Label: name, How: gate.HowStart},
		Target: &fakeTarget{r, name}, Prepared: gate.PreparedStarted}
}

// call writes a call down and makes it go wrong if the test asks for it.
func (r *rig) call(name, place string) error {
	r.calls = append(r.calls, name)
	switch r.faults[place] {
	case fails:
		return errFault
	case start:
		return &target.Error{Phase: target.PhaseStart, Err: errFault, Log: []string{"secret"}}
	case interrupts:
		r.cancel(errSignal)
		return errSignal
	case cancels:
		r.cancel(errSignal)
	case panics:
		panic("as the test asked")
	}
	return nil
}

// load makes the run that gatetest has for the arm and stream.
func (r *rig) load(_ context.Context, o load.Options) (gate.Run, error) {
	arm := o.URL
	err := r.call(fmt.Sprintf("%s load %d %v", arm, o.Stream, o.Duration), r.run)
	o.Progress(load.Progress{Phase: load.PhaseWarmup})
	o.Progress(load.Progress{Phase: load.PhaseLoad})
	r.now = r.now.Add(2*time.Second + o.Duration + r.stretch[r.run])
	k := max(1, int(o.Stream)) // burn-in: any will do
	if k > len(r.made[arm]) {
		spec := r.specs[arm]
		spec.Runs = 2 * k
		r.made[arm] = spec.Result().Runs
	}
	run := r.made[arm][k-1]
	run.MeasuredS = o.Duration.Seconds()
	switch r.faults[r.run] {
	case died:
		run.Status, run.Reasons = gate.RunTargetDied, []string{gate.ReasonTargetDied}
	case invalid:
		run.Status, run.Reasons = gate.RunInvalid, []string{gate.ReasonLate}
	case interrupts:
		run.Status = gate.RunInterrupted
	case fails:
		return gate.Run{}, err
	}
	return run, nil
}

type fakeTarget struct {
	*rig
	name string
}

// hang waits for the end of ctx where a test asks for it, and says so as a
// target does.
func (r *rig) hang(ctx context.Context, arm, phase, place string) error {
	fault := r.faults[place]
	if fault != hangs && fault != leaks {
		return nil
	}
	began := time.Now()
	<-ctx.Done()
	r.now = r.now.Add(time.Since(began))
	e := &target.Error{Phase: phase, Side: gate.Side(arm), Err: context.Cause(ctx), Log: []string{"secret"}}
	if fault == leaks {
		e.Err = errors.Join(e.Err, errFault)
	}
	return e
}

func (f *fakeTarget) Once(ctx context.Context, phase string) error {
	return errors.Join(f.call(f.name+" "+phase, f.name+" "+phase), f.hang(ctx, f.name, phase, f.name+" "+phase))
}

func (f *fakeTarget) Up(ctx context.Context) (Instance, error) {
	if f.up != "" {
		f.t.Errorf("%s comes up while %s is", f.name, f.up)
	}
	f.now = f.now.Add(f.startup)
	if err := f.call(f.name+" up", "up "+f.run); err != nil {
		return nil, err
	}
	if err := f.hang(ctx, f.name, target.PhaseReset, "up "+f.run); err != nil {
		return nil, err
	}
	f.up = f.name
	return fakeInstance{f}, nil
}

func (f *fakeTarget) Close() error {
	f.closed[f.name]++
	if f.up == f.name {
		f.up = ""
	}
	return f.call(f.name+" close", f.name+" close")
}

type fakeInstance struct{ f *fakeTarget }

func (i fakeInstance) URL() string           { return i.f.name }
func (i fakeInstance) Died() <-chan struct{} { return nil }
func (i fakeInstance) Down(ctx context.Context) error {
	if ctx.Err() != nil {
		i.f.t.Error("down gets a context that is cancelled")
	}
	i.f.up = ""
	return i.f.call(i.f.name+" down", "down "+i.f.run)
}

func (i fakeInstance) MarkLoad() { i.f.marks = append(i.f.marks, i.f.run) }

func (i fakeInstance) Resources() []gate.Resource {
	return []gate.Resource{{Metric: gate.MetricRSS, Of: "target", Unit: "By", Better: "lower", Kind: "max", Value: 1 << 20, Per: "run", Source: "proc"}}
}

func (i fakeInstance) Death() error {
	return fmt.Errorf("%s: start: exit status 2\n  panic: secret", i.f.name)
}

// statuses lists the runs of a result: "b1 ok".
func statuses(r gate.Result) []string {
	out := []string{}
	for _, run := range r.Runs {
		out = append(out, run.ID+" "+string(run.Status))
	}
	return out
}

// repeat is the statuses of n runs that all count.
func allOK(letter string, n int) []string {
	out := []string{}
	for k := range n {
		out = append(out, fmt.Sprintf("%s%d ok", letter, k+1))
	}
	return out
}

// checkDown reports what is still up or was not closed.
func (r *rig) checkDown(arms ...string) {
	r.t.Helper()
	if r.up != "" {
		r.t.Errorf("%s is still up", r.up)
	}
	for _, arm := range arms {
		if r.closed[arm] == 0 {
			r.t.Errorf("%s is not closed", arm)
		}
	}
}

// noisy is a side with 1 % of run noise, its latencies times factor.
func noisy(factor float64) gatetest.Spec {
	return small(gatetest.Spec{Noise: 0.01, Scale: func(int, string) float64 { return factor }})
}

// wavering is a candidate of which nobody can say whether it is slower.
func wavering() gatetest.Spec {
	return small(gatetest.Spec{Scale: func(run int, _ string) float64 { return []float64{0.9, 1.2}[run%2] }})
}

// small is enough to be judged: twelve requests above p95.
func small(s gatetest.Spec) gatetest.Spec {
	s.Endpoints, s.Requests = []gatetest.Endpoint{{Name: "GET /a", Sigma: 0.1}}, 240
	return s
}

func sides(baseline, candidate gatetest.Spec) map[string]gatetest.Spec {
	baseline.Side, candidate.Side = gate.SideBaseline, gate.SideCandidate
	return map[string]gatetest.Spec{"baseline": baseline, "candidate": candidate}
}

func has[E Event](events []Event) bool {
	return slices.ContainsFunc(events, func(e Event) bool { _, ok := e.(E); return ok })
}
