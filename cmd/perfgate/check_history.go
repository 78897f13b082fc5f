package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/experiment"
)

// checkHistory measures the candidate alone and compares it with the jobs in
// the store; x.why says that it is not compared with a baseline in one session.
// No store, or one without a fitting job, is no_baseline; one that cannot be
// read is an error, before anything is measured. A regression that it sees is
// confirmed by a paired session where both builds can be made.
func (a *app) checkHistory(ctx context.Context, x *sides) error {
	s, o, began := x.scenario, x.o, a.now()
	store, err := openStore(o.store, s)
	if err != nil {
		return err
	}
	if err := a.preflight(ctx, s, o.out, x.candidate); err != nil {
		return err
	}
	if err := drop(o.out, "report.json", "report.md", "baseline.json"); err != nil {
		return err
	}
	options := a.session(s, x.waivers)
	options.Record, options.Warnings = a.gateRecord(ctx, store, s), x.warnings
	arm, err := a.arm(ctx, options, gate.SideCandidate, x.candidate, filepath.Join(o.out, "logs"))
	if err != nil {
		return err
	}
	choice, err := store.Choose(ctx, a.queryOf(ctx, x, options, arm.Subject))
	if err != nil {
		return errors.Join(err, arm.Target.Close())
	}
	a.say("%s; not paired: %s", planOf(choice), x.why)
	result, failed := a.measureOne(ctx, options, arm)
	if len(result.Runs) == 0 {
		return failed
	}
	in := gate.Input{Baseline: choice.Results, Candidate: []gate.Result{result}, Anchors: choice.Anchors, Policy: s.Policy, PolicyFrom: "candidate",
		Waivers: x.waivers, Today: a.today(), Choice: foundBy(choice, s.Baseline.Branches), StoreJobs: choice.Jobs}
	if choice.Former != nil {
		in.Candidate = []gate.Result{*choice.Former, result}
	}
	r := gate.Judge(gate.Compare(in))
	if err := keep(filepath.Join(o.out, "candidate.json"), result); err != nil {
		return errors.Join(err, failed)
	}
	if saw, ok := gate.HistorySaw(r); ok && failed == nil {
		why, err := a.confirm(ctx, x, choice, r, saw, began)
		if why == "" {
			return err
		}
		a.say("%s, which no paired session can confirm: %s", saw.Text, why)
		if err := drop(o.out, "report.json", "report.md", "baseline.json"); err != nil {
			return err
		}
		if err := keep(filepath.Join(o.out, "candidate.json"), result); err != nil {
			return err
		}
	}
	if err := a.keepReport(r, o.out, o.view); err != nil {
		return errors.Join(err, failed)
	}
	if failed == nil {
		a.remember(ctx, store, r)
	}
	return o.ended(r, failed)
}

// queryOf asks for the baseline of a candidate that is about to be measured.
func (a *app) queryOf(ctx context.Context, x *sides, o experiment.Options, subject gate.Subject) baselines.ChooseQuery {
	s := x.scenario
	return baselines.ChooseQuery{Scenario: s.Info().ID, LoadDigest: s.Info().LoadDigest, Environment: o.Environment,
		Branches: s.Baseline.Branches, Commit: subject.Commit, Dirty: subject.Dirty,
		Session: gate.Session{ID: o.Session, JobID: o.JobID, MachineID: o.MachineID, Started: a.now().UTC().Format(time.RFC3339)},
		Commits: a.ancestors(ctx, x.candidate), MaxAge: s.Baseline.MaxAge, Now: a.now()}
}

// foundBy is what a report says of a choice: also that nobody mends the
// branches, since their jobs that regressed are no baseline and so never show.
func foundBy(c baselines.Choice, branches []string) gate.Choice {
	if c.PersistentRegression {
		c.Found.Persistent = fmt.Sprintf("the last 3 jobs of %s all regressed and nobody accepted it", strings.Join(branches, " or "))
	}
	return c.Found
}

// planOf says what a candidate will be compared with.
func planOf(c baselines.Choice) string {
	switch {
	case len(c.Results) == 0:
		return "plan: measure this side only: " + c.Found.Because
	case c.Former != nil:
		return "plan: measure this side, compare it and a former job of its commit with " + c.Found.Because
	}
	return "plan: measure this side, compare with " + c.Found.Because
}
