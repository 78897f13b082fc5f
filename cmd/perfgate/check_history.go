package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

// checkHistory measures the candidate alone and compares it with the jobs in
// the store; x.why says that it is not compared with a baseline in one session.
// No store, or one without a fitting job, is no_baseline; one that cannot be
// read is an error, before anything is measured.
func (a *app) checkHistory(ctx context.Context, x *sides) error {
	s, w, candidate, o := x.scenario, x.waivers, x.candidate, x.o
	store, err := openStore(o.store, s)
	if err != nil {
		return err
	}
	if err := a.preflight(ctx, s, o.out, candidate); err != nil {
		return err
	}
	if err := drop(o.out, "report.json", "report.md", "baseline.json"); err != nil {
		return err
	}
	options := a.session(s, w)
	arm, err := a.arm(ctx, options, gate.SideCandidate, candidate, filepath.Join(o.out, "logs"))
	if err != nil {
		return err
	}
	query := baselines.ChooseQuery{Scenario: s.Info().ID, LoadDigest: s.Info().LoadDigest, Environment: options.Environment,
		Branches: s.Baseline.Branches, Commit: arm.Subject.Commit,
		Commits: a.ancestors(ctx, candidate), MaxAge: s.Baseline.MaxAge, Now: a.now()}
	choice, err := store.Choose(ctx, query)
	if err != nil {
		return errors.Join(err, arm.Target.Close())
	}
	a.say("%s; not paired: %s", planOf(choice), x.why)
	result, failed := a.measureOne(ctx, options, arm)
	if len(result.Runs) == 0 {
		return failed
	}
	r := gate.Judge(gate.Compare(gate.Input{Baseline: choice.Results, Candidate: []gate.Result{result}, Policy: s.Policy, PolicyFrom: "candidate",
		Waivers: w, Today: a.today(), Choice: foundBy(choice, s.Baseline.Branches), StoreJobs: choice.Jobs}))
	err = errors.Join(keep(filepath.Join(o.out, "candidate.json"), result), a.keepReport(r, o.out, o.view))
	if err != nil {
		return errors.Join(err, failed)
	}
	if failed == nil {
		a.remember(ctx, store, r)
	}
	return o.ended(r, failed)
}

// foundBy is what a report says of a choice: also that nobody mends the
// branches, since their jobs that regressed are no baseline and so never show.
func foundBy(c baselines.Choice, branches []string) gate.Choice {
	if c.PersistentRegression {
		c.Found.Notes = append(c.Found.Notes, fmt.Sprintf("the last 3 jobs of %s all regressed and nobody accepted it", strings.Join(branches, " or ")))
	}
	return c.Found
}

// planOf says what a candidate will be compared with.
func planOf(c baselines.Choice) string {
	if len(c.Results) == 0 {
		return "plan: measure this side only: " + c.Found.Because
	}
	return "plan: measure this side, compare with " + c.Found.Because
}
