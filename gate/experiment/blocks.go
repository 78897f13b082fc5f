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
	b, err := newBench(o.Options)
	if err != nil {
		return Session{}, err
	}
	s := &session{bench: b, o: o, arms: arms}
	s.deadline = b.started.Add(s.budget())
	if err := s.within(ctx, s.build); err != nil {
		return Session{}, err
	}
	if s.skip != nil {
		return s.skipped()
	}
	because, err := s.block(ctx, 0)
	if len(s.results) == 0 {
		return Session{}, err
	}
	if because == "" {
		because, err = s.block(ctx, 1)
	}
	if because != "" {
		s.Progress(Stopped{because})
	}
	out, unwritten := s.finish(because)
	return out, errors.Join(err, unwritten)
}

// block makes the runs of one arm. Before the plan of the first arm stands there
// are no results, and an error means that nothing can be said.
func (s *session) block(ctx context.Context, arm int) (because string, err error) {
	a := s.arms[arm]
	var startup time.Duration
	err = s.within(ctx, func(ctx context.Context) error {
		if err := s.once(ctx, Prepare, a); err != nil {
			return err
		}
		startup, err = s.burnIn(ctx, arm)
		return err
	})
	switch {
	case err != nil && errors.Is(err, ErrInterrupted):
		return gate.StoppedInterrupted, err
	case err != nil:
		return gate.StoppedInvalid, err
	case arm == 0:
		s.planBlocks(startup)
	}
	deaths := 1
	if arm > 0 {
		deaths = gate.DeathsForRegression
	}
	because, err = s.runs(ctx, a, &s.results[arm], series{letter: letter(arm), count: s.plan.Blocks, duration: s.plan.Duration,
		deaths: deaths, fits: s.fitsRun})
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
	for i, a := range s.arms {
		side := s.side(i)
		side.Design, side.Looks = gate.DesignBlocks, nil
		s.results = append(s.results, s.result(a, side))
	}
	s.Progress(Planned{s.plan})
}
