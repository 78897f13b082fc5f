package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/experiment"
)

const (
	calibrateLong = `Learn the noise of this machine: measure the service of this folder against
itself, as a check would, and keep the reports in the store. Later checks on
this class of machine and under this load test by what they teach.

Shown are the noise from run to run, the smallest slowdown that 4 to 16 pairs
find, thresholds where the present ones would leave unchanged code undecided too
often, and the false alarms to expect. An interrupt keeps what was measured.`

	calibrateExample = `  perfgate calibrate
  perfgate calibrate --sessions 5 --budget 30m
  perfgate calibrate --format json > noise.json`

	// calibrateSessions of calibratePairs are the fewest from which noise is
	// learned (20 degrees of freedom, docs/method.md 0.9).
	calibrateSessions = 3
	calibratePairs    = 8
)

// calibrateOptions are the flags of calibrate.
type calibrateOptions struct {
	sessions      int
	budget        time.Duration
	store, format string
}

func (a *app) calibrateCommand() *cobra.Command {
	var o calibrateOptions
	c := &cobra.Command{
		Use:     "calibrate [" + scenarioFile + "]",
		Short:   "Learn the noise of this machine from sessions of unchanged code",
		Long:    calibrateLong,
		Example: calibrateExample,
		Args:    optionalFile,
		RunE:    func(c *cobra.Command, args []string) error { return a.calibrate(c.Context(), args, o) },
	}
	f := c.Flags()
	f.IntVar(&o.sessions, "sessions", calibrateSessions, "how many to make")
	f.DurationVar(&o.budget, "budget", 0, "time for all of them (default check.budget for each)")
	f.StringVar(&o.store, "store", "", "`LOCATION` of the store (default baseline.store)")
	dataFormatFlag(c, &o.format)
	return c
}

// A calibration is on its way.
type calibration struct {
	app      *app
	o        calibrateOptions
	scenario gate.Scenario
	service  service
	store    *baselines.Store
	of       gate.NoiseOf
	class    gate.EnvironmentClass
	made     []gate.Report // one a session
	lost     bool          // the store did not take the last one
}

// calibrate makes the sessions, keeps their reports and says what they teach.
func (a *app) calibrate(ctx context.Context, args []string, o calibrateOptions) error {
	if o.budget < 0 || o.sessions < 1 {
		return usage("perfgate calibrate --help", "calibrate: --sessions must be 1 or more, and --budget cannot be negative")
	}
	s, err := readScenario(append(args, scenarioFile)[0], a.env)
	if err != nil {
		return err
	}
	store, err := openStore(o.store, s)
	if err != nil {
		return err
	}
	x := serviceOf(s)
	if err := a.preflight(ctx, s, "", x); err != nil {
		return err
	}
	if err := store.TestWrite(ctx); err != nil {
		return fail("give a --store that can be written", "calibrate: %w", err)
	}
	class := a.environment(s.Target.Env).Class
	c := &calibration{app: a, o: o, scenario: s, service: x, store: store, of: s.NoiseOf(class, restarts(x)), class: class}
	failed := c.sessions(ctx)
	if len(c.made) == 0 {
		return failed
	}
	noise, err := c.taught(context.WithoutCancel(ctx))
	if err != nil {
		return errors.Join(failed, err)
	}
	v := newCalibrateView(c, noise)
	if err := a.printData(o.format, v, v.text); err != nil {
		return err
	}
	return failed
}

// sessions makes one after the other; each is judged by what those before it
// taught, as a check would be. An error ends them; what was measured is kept.
func (c *calibration) sessions(ctx context.Context) error {
	deadline := c.app.now().Add(c.o.budget)
	for i := range c.o.sessions {
		budget := c.scenario.Check.Budget
		if c.o.budget > 0 {
			budget = deadline.Sub(c.app.now()) / time.Duration(c.o.sessions-i)
			if budget <= 0 {
				c.app.say("stopped: the budget is used up")
				return nil
			}
		}
		c.app.say("session %d of %d", i+1, c.o.sessions)
		report, failed := c.session(ctx, budget)
		if report != nil && report.Design.Pairs > 1 {
			c.made = append(c.made, *report)
			if _, err := c.store.SaveReport(context.WithoutCancel(ctx), *report); err != nil {
				c.lost = true
				return errors.Join(failed, fail("give a --store that can be written", "calibrate: the last session was not kept: %w", err))
			}
		}
		if failed != nil {
			return failed
		}
		if report.Design.Pairs < 2 {
			return fail("see the reasons above", "calibrate: %s", report.Reason.Text)
		}
	}
	return nil
}

// session measures the service against itself. The report is nil without a pair.
func (c *calibration) session(ctx context.Context, budget time.Duration) (*gate.Report, error) {
	a := c.app
	o := experiment.CompareOptions{Options: a.session(c.scenario, gate.Waivers{}), Budget: budget, MaxPairs: calibratePairs, Duration: a.runLength, AA: true, Full: true}
	if most := c.scenario.Check.MaxPairs; most > 0 {
		o.MaxPairs = min(o.MaxPairs, most)
	}
	var err error
	if o.Noise, err = learnedNoise(ctx, c.store, c.of); err != nil {
		return nil, err
	}
	// Both sides run what the first one built: two builds at once, in the same
	// folder, would be in each other's way.
	candidate := c.service
	candidate.spec.Build = ""
	arms, err := a.arms(ctx, o.Options, "", c.service, candidate)
	if err != nil {
		return nil, err
	}
	session, failed := a.measurePaired(ctx, o, arms)
	if len(session.Reports) == 0 {
		return nil, failed
	}
	return &session.Reports[0], failed
}

// taught is the noise that the store's reports teach. What was measured is shown
// all the same when the store failed meanwhile.
func (c *calibration) taught(ctx context.Context) (gate.Noise, error) {
	if c.lost {
		return gate.LearnNoise(c.of, c.made), nil
	}
	return learnedNoise(ctx, c.store, c.of)
}

// storeText is where the reports went, as the command line would name it.
func (c *calibration) storeText() string {
	switch {
	case c.o.store != "":
		return baselines.Redact(c.o.store)
	case c.scenario.Baseline.Store != "":
		return baselines.Redact(c.scenario.Baseline.Store)
	}
	return filepath.ToSlash(gate.DefaultStore)
}

// alarmText says how many sessions raised one.
func alarmText(alarms, sessions int) string {
	return fmt.Sprintf("%d of %s ended as a regression", alarms, count(sessions, "session"))
}
