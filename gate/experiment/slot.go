package experiment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/load"
	"github.com/perfgate/perfgate/gate/target"
)

// A slot is the place of one run in its session.
type slot struct {
	letter   string // of its side: b, c or r
	number   int    // of its pair or run, from 1; 0: burn-in
	attempt  int    // from 1
	position int    // inside its pair, from 1; 0: there are no pairs
	duration time.Duration
	upBy     time.Time // when its target must be up; zero: in its own time
}

// id names the run: "b1", of a repetition "b1.2".
func (s slot) id() string {
	if s.attempt > 1 {
		return fmt.Sprintf("%s%d.%d", s.letter, s.number, s.attempt)
	}
	return fmt.Sprintf("%s%d", s.letter, s.number)
}

// A taken slot is what became of it.
type taken struct {
	run  gate.Run
	why  error // the target died or did not come up; nil: neither, or not known
	up   bool  // it came up
	wall time.Duration
}

// overhead is what the slot cost besides the measured time.
func (t taken) overhead() time.Duration {
	return max(0, t.wall-time.Duration(t.run.MeasuredS*float64(time.Second)))
}

// measure makes one run: reset, start, ready, warm-up, load, resources, stop.
// Whatever becomes of it is a run that says so; an error means that the session
// cannot go on, and the run may count all the same.
func (b *bench) measure(ctx context.Context, a Arm, s slot) (t taken, err error) {
	b.Progress(RunStarted{Arm: a.Name, Run: s.id(), Number: s.number})
	began := b.Now()
	defer func() {
		t.wall = b.Now().Sub(began)
		if t.run.Status != "" { // else an error or a panic came instead of a run
			b.Progress(RunDone{Arm: a.Name, Run: t.run, Why: t.why})
		}
	}()
	instance, failed := b.up(ctx, a, s)
	if failed != nil {
		t = taken{run: b.notUp(ctx, a, s, began, failed), why: failed}
		if isOverBudget(failed) {
			err = failed
		}
		return t, err
	}
	// After a panic of the load, too; Close would come after the other arms'.
	defer func() { err = errors.Join(err, instance.Down(context.WithoutCancel(ctx))) }()
	run, err := b.offer(ctx, a, s, instance)
	t = taken{run: b.place(run, a, s), up: true}
	if m, ok := instance.(meter); ok {
		t.run.Resources = append(t.run.Resources, m.Resources()...)
	}
	if m, ok := instance.(mortal); ok && t.run.Status == gate.RunTargetDied {
		t.why = m.Death()
	}
	return t, err
}

// up brings the target up, in time.
func (b *bench) up(ctx context.Context, a Arm, s slot) (Instance, error) {
	ctx, cancel := b.until(ctx, s.upBy)
	defer cancel()
	return a.Target.Up(ctx)
}

// notUp is the run of a target that did not come up. That its service failed,
// after it had come up in the burn-in, is a death; anything else is nobody's
// fault.
func (b *bench) notUp(ctx context.Context, a Arm, s slot, began time.Time, failed error) gate.Run {
	run := gate.Run{Start: stamp(began), Status: gate.RunInvalid, Reasons: []string{gate.ReasonNotReady}}
	var e *target.Error
	switch {
	case ctx.Err() != nil, isOverBudget(failed):
		run.Status, run.Reasons = gate.RunInterrupted, []string{}
	case errors.As(failed, &e) && (e.Phase == target.PhaseStart || e.Phase == target.PhaseReady):
		run.Status = gate.RunTargetDied
	}
	return b.place(run, a, s)
}

// place writes the slot into a run.
func (b *bench) place(run gate.Run, a Arm, s slot) gate.Run {
	run.ID, run.Scenario, run.Prepared = s.id(), b.scenario.ID, a.Prepared
	run.Position, run.Attempt, run.Stream = s.position, s.attempt, uint64(s.number)
	if s.position > 0 {
		run.Pair = s.number
	}
	if run.Reasons == nil {
		run.Reasons = []string{}
	}
	if run.Generator == nil {
		run.Generator = []gate.GeneratorHealth{}
	}
	if run.Endpoints == nil {
		run.Endpoints = []gate.EndpointRun{}
	}
	if run.Resources == nil {
		run.Resources = []gate.Resource{}
	}
	return run
}

// offer puts the load on an instance. Run k of every arm uses stream k: all see
// the same requests.
func (b *bench) offer(ctx context.Context, a Arm, s slot, instance Instance) (gate.Run, error) {
	m, metered := instance.(meter)
	return b.load(ctx, load.Options{
		URL: instance.URL(), Load: b.Scenario.Load, Tasks: b.Scenario.Tasks, Scenario: b.scenario.ID,
		Duration: s.duration, Stream: uint64(s.number), Abort: b.Scenario.Policy.Abort, Died: instance.Died(),
		Progress: func(p load.Progress) {
			if metered && p.Phase == load.PhaseWarmup { // the last such call is where the measured part begins
				m.MarkLoad()
			}
			b.Progress(LoadProgress{Arm: a.Name, Run: s.id(), Progress: p})
		},
	})
}

// keep adds a run to the result of its side. Of a target that died or did not
// come up the first line of the reason goes along; what the service printed
// stays out of files, since nobody knows what is in it. Where an error came
// instead of a run there is nothing to keep.
func (b *bench) keep(r *gate.Result, t taken) {
	if t.run.Status == "" {
		return
	}
	r.Runs = append(r.Runs, t.run)
	late := isOverBudget(t.why)
	if t.why == nil || t.run.Status == gate.RunInterrupted && !late {
		return
	}
	b.Log.Debug("run does not count", "run", t.run.ID, "why", t.why)
	code := gate.ReasonNotReady
	switch {
	case late:
		code = gate.StoppedBudget
	case t.up:
		code = gate.ReasonTargetDied
	}
	r.Warnings = append(r.Warnings, gate.Warning{Code: code, Text: firstLine(t.why), Run: &t.run.ID})
}
