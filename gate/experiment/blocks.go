package experiment

import (
	"context"
	"errors"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// Blocks measures all runs of the baseline, then all runs of the candidate, for
// targets that are deployed in place: prepare, which deploys, runs once before
// the side's first run, and stop after its last. It sees large changes only,
// since whatever else changes between the blocks looks like the candidate
// (docs/method.md 0.6).
//
// Errors, closing and the empty Session are as of Compare; a side makes
// Scenario.Load.Runs runs (0: the default), fewer when the budget is short.
// CompareOptions.MaxPairs and Pairs are not used.
func Blocks(ctx context.Context, o CompareOptions, baseline, candidate Arm) (_ Session, err error) {
	arms := []Arm{baseline, candidate}
	defer func() { err = errors.Join(err, closeAll(arms)) }()
	s, err := newSession(o, gate.DesignBlocks, arms)
	if err != nil {
		return Session{}, err
	}
	if err := s.within(ctx, s.build); err != nil {
		return s.unbegun(err)
	}
	if s.skip != nil {
		return s.skipped()
	}
	startup, err := s.deploy(ctx, 0)
	if err != nil {
		return s.unbegun(err)
	}
	s.planBlocks(startup)
	because, err := s.block(ctx, 0)
	if because == "" {
		_, err = s.deploy(ctx, 1)
		switch {
		case err == nil:
			because, err = s.block(ctx, 1)
		case errors.Is(err, ErrInterrupted):
			because = gate.StoppedInterrupted
		case isOverBudget(err):
			return s.unbegun(err)
		default:
			s.stop(gate.StoppedSetUp, err)
			out, unwritten := s.finish(gate.StoppedSetUp)
			return out, errors.Join(err, unwritten)
		}
	}
	if because != "" {
		s.stop(because, nil)
	}
	out, unwritten := s.finish(because)
	return out, errors.Join(err, unwritten)
}

// deploy prepares an arm and makes its burn-in run, and returns what that cost.
func (s *session) deploy(ctx context.Context, arm int) (startup time.Duration, err error) {
	err = s.within(ctx, func(ctx context.Context) error {
		if err := s.once(ctx, Prepare, s.arms[arm]); err != nil {
			return err
		}
		startup, err = s.burnIn(ctx, arm)
		return err
	})
	return startup, err
}

// block makes the runs of one arm that count.
func (s *session) block(ctx context.Context, arm int) (because string, err error) {
	a := s.arms[arm]
	deaths := 1
	if arm > 0 {
		deaths = gate.DeathsForRegression
	}
	because, err = s.runs(ctx, a, &s.results[arm], series{letter: letter(arm), count: s.plan.Blocks, duration: s.plan.Duration,
		deaths: deaths, fits: s.fitsRun, upBy: s.deadline})
	if because == gate.StoppedTargetDied {
		err = nil // the report says it
	}
	// The next side is deployed over this one: what this one's stop takes down
	// must be down before.
	return because, errors.Join(err, a.Target.Close())
}

// fitsRun reports whether the budget holds one more run.
func (s *session) fitsRun() bool {
	return !s.Now().Add(s.plan.PairTakes() / 2).After(s.deadline)
}

// planBlocks plans both blocks after the burn-in of the first.
func (s *session) planBlocks(startup time.Duration) {
	s.plan = gate.NewBlocksPlan(gate.PlanInput{Startup: startup, Left: s.deadline.Sub(s.Now()), Duration: s.o.Duration, Learned: s.o.Noise.Learned(),
		Policy: s.Scenario.Policy}, firstOf(s.Scenario.Load.Runs, gate.DefaultRuns))
	s.open()
	s.Progress(Planned{s.plan})
}
