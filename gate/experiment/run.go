package experiment

import (
	"context"
	"errors"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// Run measures one side: Scenario.Load.Runs runs of its duration (0: the
// defaults). A run that is invalid is repeated; the third time in a row the
// session ends with gate.StoppedInvalid, without an error, because the file
// says it. When the target dies or does not come up again, the session ends
// with the reason as its error; ErrInterrupted is one, too. The result then
// holds what was measured until then; it is empty when nothing was. The arm is
// closed on return.
func Run(ctx context.Context, o Options, a Arm) (_ gate.Result, err error) {
	defer func() { err = errors.Join(err, closeAll([]Arm{a})) }()
	b, err := newBench(o)
	if err != nil {
		return gate.Result{}, err
	}
	if err := b.setUp(ctx, a); err != nil {
		return gate.Result{}, err
	}
	r := b.result(a, gate.Session{})
	if a.Subject.How != gate.HowStart {
		r.Warnings = append(r.Warnings, gate.Warning{Code: "not_restarted",
			Text: "the target was not restarted between the runs: they share the luck of one start"})
	}
	because, err := b.runs(ctx, a, &r, series{letter: "r", count: firstOf(b.Scenario.Load.Runs, gate.DefaultRuns),
		duration: firstOf(b.Scenario.Load.Duration, gate.DefaultDuration), deaths: 1})
	if because != "" {
		b.Progress(Stopped{Because: because})
	}
	if len(r.Runs) == 0 {
		return gate.Result{}, err
	}
	r.Session.Stopped, r.Session.Ended = because, stamp(b.Now())
	r, broken := canonical(r)
	return r, errors.Join(err, broken)
}

// A series is runs of one side that are made one after the other.
type series struct {
	letter   string // what their ids begin with
	count    int
	duration time.Duration
	deaths   int         // of the target that end it
	fits     func() bool // whether there is time for one more run; nil: always
	upBy     time.Time   // when the target of each must be up; zero: in its own time
}

// runs makes the runs of a series; because says why they are not all there. The
// error says why the target died or could not be measured, where that is known.
func (b *bench) runs(ctx context.Context, a Arm, r *gate.Result, o series) (because string, err error) {
	deaths := 0
	for number, attempt := 1, 1; number <= o.count; {
		switch {
		case ctx.Err() != nil:
			return gate.StoppedInterrupted, interrupted(ctx)
		case o.fits != nil && !o.fits():
			return gate.StoppedBudget, nil
		}
		t, err := b.measure(ctx, a, slot{letter: o.letter, number: number, attempt: attempt, duration: o.duration, upBy: o.upBy})
		if ctx.Err() == nil && isOverBudget(err) {
			b.keep(r, t)
			return gate.StoppedBudget, besidesBudget(err)
		}
		if !t.up && len(r.Runs) == 0 && ctx.Err() != nil {
			return gate.StoppedInterrupted, errors.Join(interrupted(ctx), err) // nothing was measured
		}
		if !t.up && len(r.Runs) == 0 {
			return gate.StoppedInvalid, errors.Join(err, t.why) // it never came up: there is nothing to keep
		}
		b.keep(r, t)
		died := t.run.Status == gate.RunTargetDied
		if died {
			deaths++
		}
		switch {
		case ctx.Err() != nil:
			return gate.StoppedInterrupted, errors.Join(interrupted(ctx), err)
		case err != nil:
			return gate.StoppedInvalid, err
		case deaths >= o.deaths:
			return gate.StoppedTargetDied, diedError(t)
		case t.run.Status == gate.RunOK:
			number, attempt = number+1, 1
		case attempt == maxAttempts:
			return gate.StoppedInvalid, nil
		default:
			b.Progress(Retry{Arm: a.Name, Run: t.run})
			attempt++
		}
	}
	return "", nil
}

// diedError is why a run's target is dead, as far as that is known.
func diedError(t taken) error {
	if t.why != nil {
		return t.why
	}
	return errors.New("the target died under the load")
}
