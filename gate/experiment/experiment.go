// Package experiment makes the runs of a session, each in a slot of its own:
// start → ready → warm-up → load → stop. Run measures one side, Compare
// measures a baseline and its candidates in turns, so that what drifts on the
// machine hits all of them alike, and ends at the first look that decides
// (docs/method.md 0.4, 0.10, 0.11).
//
// Never are two started targets up at the same time, and whatever was started
// is ended on every way out: success, failure, interrupt and panic.
package experiment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/load"
)

// ErrInterrupted says that the context ended before the session did. What was
// measured until then stands in the result all the same.
var ErrInterrupted = errors.New("interrupted")

// maxAttempts is how often a run or pair is measured at most when it turns out
// invalid: once, and two repetitions (docs/method.md 0.11).
const maxAttempts = 3

// Options is what all sessions need. Scenario, Environment and Session must be
// given; the zero value of every other field is a default.
type Options struct {
	// Scenario gives the load, the tasks, the seed and the policy, for all
	// arms. It is the candidate's.
	Scenario gate.Scenario
	Waivers  *gate.Waivers // in force; nil: none
	Record   *gate.Record  // of the gate's former sessions; nil: not known
	// Warnings stand in the candidate's file from the start; nil: none.
	Warnings    []gate.Warning
	Environment gate.Environment
	MachineID   string // of this boot of this machine; empty: unknown
	JobID       string // of the CI job; empty: none
	Version     string // of perfgate
	// Session is a unique id. Targets that are told it too can keep their
	// names apart.
	Session string
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Progress is told of everything that happens, in order and by the
	// caller's goroutine or that of the load, never by two at once; nil:
	// nobody is.
	Progress func(Event)
	// Log gets what Progress is told of runs that do not count, at debug level;
	// nil: silence.
	Log *slog.Logger

	load loadFunc // of tests; nil: load.Run
}

type loadFunc func(context.Context, load.Options) (gate.Run, error)

// A bench makes single runs. It is what Run and Compare share.
type bench struct {
	Options
	scenario gate.ScenarioInfo
	started  time.Time
	budget   time.Duration // of all of it; 0: none
}

// newBench fills in the defaults and starts the session's clock.
func newBench(o Options) (*bench, error) {
	switch {
	case o.Session == "":
		return nil, errors.New("experiment: the session needs an id")
	case len(o.Scenario.Tasks) == 0:
		return nil, errors.New("experiment: the scenario has no tasks")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(Event) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.load == nil {
		o.load = load.Run
	}
	return &bench{Options: o, scenario: o.Scenario.Info(), started: o.Now()}, nil
}

// setUp builds all arms before anything is prepared: when a side does not build
// nothing has been started.
func (b *bench) setUp(ctx context.Context, arms ...Arm) error {
	if err := b.buildAll(ctx, arms...); err != nil {
		return err
	}
	return b.once(ctx, Prepare, arms...)
}

// once runs one phase of each arm, one after the other.
func (b *bench) once(ctx context.Context, phase string, arms ...Arm) error {
	for _, a := range arms {
		if ctx.Err() != nil {
			return ended(ctx, nil)
		}
		b.Progress(SetUp{Arm: a.Name, Phase: phase})
		if err := a.Target.Once(ctx, phase); err != nil {
			if ctx.Err() != nil {
				return ended(ctx, err)
			}
			return err
		}
	}
	return nil
}

// result is the file of one side before its first run.
func (b *bench) result(a Arm, s gate.Session) gate.Result {
	s.ID, s.JobID, s.MachineID = b.Session, b.JobID, b.MachineID
	s.Started, s.Seed = stamp(b.started), b.Scenario.Load.Seed
	if s.Looks == nil {
		s.Looks = []int{}
	}
	r := gate.Result{
		Kind: gate.ResultKind, SchemaVersion: gate.SchemaVersion, Requires: []string{},
		Tool:      gate.Tool{Name: "perfgate", Version: b.Version},
		Scenarios: []gate.ScenarioInfo{b.scenario}, Subject: a.Subject, Session: s,
		Environment: b.Environment, Runs: []gate.Run{}, Waivers: b.Waivers, Warnings: []gate.Warning{},
	}
	if s.Design == gate.DesignPaired {
		r.Requires = []string{"pairs"}
	}
	if policy := b.Scenario.Policy; !reflect.ValueOf(policy).IsZero() {
		r.Policy = &policy
	}
	if s.Side == gate.SideBaseline {
		if a.Policy != nil {
			r.Policy = a.Policy
		}
		return r
	}
	r.Record, r.Warnings = b.Record, append(r.Warnings, b.Warnings...)
	return r
}

// canonical is a result as its file holds it: the bytes are the truth, and
// rounding must not make a verdict that they do not give again.
func canonical(r gate.Result) (gate.Result, error) {
	data, err := gate.Encode(r)
	if err != nil {
		return gate.Result{}, fmt.Errorf("experiment: result: %w", err)
	}
	if r, err = gate.DecodeResult(data); err != nil {
		return gate.Result{}, fmt.Errorf("experiment: result: %w", err)
	}
	return r, nil
}

// closeAll ends what is still up, in reverse order, each whatever happens to
// the others.
func closeAll(arms []Arm) (err error) {
	for _, a := range arms {
		defer func() { err = errors.Join(err, a.Target.Close()) }()
	}
	return nil
}

func interrupted(ctx context.Context) error {
	return fmt.Errorf("%w: %w", ErrInterrupted, context.Cause(ctx))
}

// stamp is a time as files hold it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
