package experiment

import (
	"context"
	"errors"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// pair measures a pair until it is whole. What makes it repeat is only whether
// a run could be measured, never what was answered in it, and all arms are
// repeated alike (docs/method.md 0.11). because says why the session must end
// instead.
func (s *session) pair(ctx context.Context, number int) (because string, err error) {
	for attempt := 1; ; attempt++ {
		s.Progress(PairStarted{Pair: number, Of: s.plan.Pairs, Attempt: attempt})
		failed, err := s.attempt(ctx, number, attempt)
		switch {
		case ctx.Err() != nil:
			return gate.StoppedInterrupted, errors.Join(interrupted(ctx), err)
		case isOverBudget(err):
			return gate.StoppedBudget, besidesBudget(err)
		case err != nil:
			return gate.StoppedInvalid, err
		case failed == nil:
			return "", nil
		case s.dead():
			return gate.StoppedTargetDied, nil
		case attempt == maxAttempts:
			return gate.StoppedInvalid, nil
		case !s.fits():
			return gate.StoppedBudget, nil
		}
		s.supersede(number)
		s.Progress(*failed)
	}
}

// attempt makes one run of each arm and returns the first that does not count;
// nil: all do, or ctx was cancelled. A target that is not up by the end of the
// budget is an error. An invalid run ends it, because the pair
// is lost; after the death of a candidate the others still run, because only a
// load that the baseline survives makes that death its own fault.
func (s *session) attempt(ctx context.Context, pair, attempt int) (failed *Retry, err error) {
	began := s.Now()
	upBy := s.upBy(began)
	defer func() { s.longest = max(s.longest, s.Now().Sub(began)) }()
	for position, arm := range order(len(s.arms), pair, s.Scenario.Load.Seed) {
		if ctx.Err() != nil {
			return nil, nil
		}
		a := s.arms[arm]
		t, err := s.measure(ctx, a, slot{letter: letter(arm), number: pair, attempt: attempt, position: position + 1, duration: s.plan.Duration, upBy: upBy})
		s.keep(&s.results[arm], t)
		died := t.run.Status == gate.RunTargetDied
		if died {
			s.deaths[arm]++
		}
		if t.run.Status != gate.RunOK && failed == nil {
			failed = &Retry{Arm: a.Name, Run: t.run}
		}
		if err != nil || failed != nil && (!died || arm == 0) {
			return failed, err
		}
	}
	return failed, nil
}

// dead reports whether targets died so often that the verdict is known: a
// baseline once, since nothing can be compared with it, a candidate twice.
func (s *session) dead() bool {
	for arm, n := range s.deaths {
		if n >= gate.DeathsForRegression || arm == 0 && n > 0 {
			return true
		}
	}
	return false
}

// fits reports whether the budget holds one more attempt at a pair, as long as
// the longest so far. A fixed number of pairs takes what it takes.
func (s *session) fits() bool {
	next := max(s.plan.PairTakes(), s.longest)
	return s.o.Pairs > 0 || !s.Now().Add(next).After(s.deadline)
}

// upBy is when the last target of an attempt at a pair must be up. An attempt
// that is as planned has one run's load to spare then, and the first may be
// planned to take more than the budget has left.
func (s *session) upBy(began time.Time) time.Time {
	if s.o.Pairs > 0 {
		return time.Time{}
	}
	planned := began.Add(s.plan.PairTakes())
	if planned.After(s.deadline) {
		return planned
	}
	return s.deadline
}

// supersede takes the valid runs of a pair out of the count before it is
// repeated.
func (s *session) supersede(pair int) {
	for _, r := range s.results {
		for i := range r.Runs {
			if run := &r.Runs[i]; run.Pair == pair && run.Status == gate.RunOK {
				run.Status = gate.RunSuperseded
			}
		}
	}
}
