package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/experiment"
)

// checkPaired measures both sides in one session, unless there is proof that
// nothing can have changed.
func (a *app) checkPaired(ctx context.Context, x *sides) error {
	s, o := x.scenario, x.o
	if err := a.preflight(ctx, s, o.out, x.baseline, x.candidate); err != nil {
		return err
	}
	if err := drop(o.out, "report.json", "report.md"); err != nil {
		return err
	}
	options := experiment.CompareOptions{Options: a.session(s, x.waivers), Budget: o.budget, MaxPairs: o.pairs(), Duration: a.runLength}
	store, err := openStore(o.store, s)
	if err != nil {
		return err
	}
	if options.Noise, err = learnedNoise(ctx, store, s.NoiseOf(options.Environment.Class, restarts(x.baseline, x.candidate))); err != nil {
		return err
	}
	if rules := x.baseline.rules; rules != nil && o.strict { // as the candidate's: the flag changes no file
		strictly := strict(*rules)
		x.baseline.rules = &strictly
	}
	if o.order != orderBlocks && options.Noise.Learned().Between > 0 {
		a.say("noise: learned on this class of machine from %s", count(options.Noise.Sessions, "session"))
	}
	options.Record, options.Warnings = a.gateRecord(ctx, store, s), x.warnings
	arms, err := a.arms(ctx, options.Options, o.out, x.baseline, x.candidate)
	if err != nil {
		return err
	}
	session, failed := a.measureSides(ctx, x, options, arms)
	if len(session.Reports) == 0 {
		return failed
	}
	report := session.Reports[0]
	if report.Skip != nil && x.confirms { // it is no evidence against what was measured
		return errors.Join(errors.New(report.Skip.Text), failed)
	}
	if report.Skip != nil {
		err = drop(o.out, "baseline.json", "candidate.json") // they would speak of another session
	} else {
		err = keepSession(o.out, session.Baseline, session.Candidates[0])
	}
	if err = errors.Join(err, a.keepReport(report, o.out, o.view)); err != nil {
		return errors.Join(err, failed)
	}
	if failed == nil {
		a.remember(ctx, store, report)
	}
	return o.ended(report, failed)
}

// measureSides makes the session of both sides in the asked order, or none.
func (a *app) measureSides(ctx context.Context, x *sides, o experiment.CompareOptions, arms []experiment.Arm) (experiment.Session, error) {
	skip, err := x.unchanged(ctx)
	if err != nil {
		return experiment.Session{}, errors.Join(err, arms[0].Target.Close(), arms[1].Target.Close())
	}
	if skip != nil && !x.o.noSkip {
		session, err := experiment.Skipped(o.Options, *skip, arms[0], arms[1])
		return session, errors.Join(err, arms[0].Target.Close(), arms[1].Target.Close())
	}
	o.AA, o.NoSkip = skip != nil, x.o.noSkip
	o.Built = func(ctx context.Context) (*gate.Skip, error) { return a.sameBuilds(ctx, x, arms) }
	if x.o.order == orderBlocks {
		return a.watched(o, func(o experiment.CompareOptions) (experiment.Session, error) {
			return experiment.Blocks(ctx, o, arms[0], arms[1])
		})
	}
	return a.measurePaired(ctx, o, arms)
}

// ended is how a check ends whose files are written.
func (o checkOptions) ended(r gate.Report, failed error) error {
	switch {
	case failed != nil:
		return failed
	case o.bisect:
		return bisectCode(r)
	}
	return judged(r)
}

// arms makes the sides of a session, with their logs in out (empty: not kept);
// when one cannot be made those before it are closed.
func (a *app) arms(ctx context.Context, o experiment.Options, out string, baseline service, candidates ...service) ([]experiment.Arm, error) {
	logs := ""
	if out != "" {
		logs = filepath.Join(out, "logs")
	}
	arms := []experiment.Arm{}
	for i, x := range append([]service{baseline}, candidates...) {
		name := gate.SideBaseline
		if i > 0 {
			name = gate.SideCandidate
		}
		arm, err := a.arm(ctx, o, name, x, logs)
		if err != nil {
			for _, made := range arms {
				_ = made.Target.Close() // nothing was started
			}
			return nil, err
		}
		arms = append(arms, arm)
	}
	return arms, nil
}
