package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/git"
)

// confirm measures a candidate in which a history saw a regression, r, against
// the commit of the newest job that does not show it, in pairs, in the time that
// is left of the budget. The verdict of that session is what counts, since both
// sides are measured on one machine in turns. why says that it cannot be made,
// and the history's own report then stands.
func (a *app) confirm(ctx context.Context, x *sides, choice baselines.Choice, r gate.Report, saw gate.Warning, began time.Time) (why string, err error) {
	left := firstDuration(x.o.budget, x.scenario.Check.Budget, gate.DefaultBudget) - a.now().Sub(began)
	job := r.ConfirmAgainst(choice.Results)
	switch {
	case x.candidate.spec.URL != "":
		return "the candidate is a URL, which cannot be started beside its baseline", nil
	case job < 0:
		return "no job that is of a commit lies at the level of before", nil
	case x.o.order == orderBlocks:
		return "--order blocks makes no pairs", nil
	case left <= 0:
		return "the budget is used up", nil
	}
	if err := a.openRepo(ctx, x); err != nil {
		return whyNot(err), ctx.Err()
	}
	commit, label := choice.Results[job].Subject.Commit, "the newest job"
	if job < len(choice.Results)-1 {
		label = "the newest job that does not show it"
	}
	if err := a.baselineOf(ctx, x, commit, label); err != nil {
		return "commit " + commit[:min(len(commit), 7)] + " of " + label + ": " + whyNot(err), ctx.Err()
	}
	if skip, err := x.unchanged(ctx); err != nil || skip != nil { // it is no evidence against what was measured
		return skipText(skip, err), ctx.Err()
	}
	for _, note := range x.notes {
		a.say("%s", note)
	}
	a.say("%s; to confirm it: a paired session, %s against %s, with the %s that are left of the budget", saw.Text, x.baseline.text(), x.candidate.text(), budgetText(left.Round(time.Second)))
	x.o.budget, x.warnings = left, append(x.warnings, saw)
	x.o.noSkip, x.confirms = false, true
	err = a.checkPaired(ctx, x)
	// A report that was made stands, also where the session then failed: what
	// died under the load must not end as undecided.
	if _, none := os.Stat(filepath.Join(x.o.out, "report.json")); none == nil || ctx.Err() != nil || err == nil {
		return "", err
	}
	return whyNot(err), nil
}

// skipText is why a pair that would be skipped confirms nothing.
func skipText(skip *gate.Skip, err error) string {
	if err != nil {
		return whyNot(err)
	}
	return skip.Text
}

// whyNot is an error as part of a sentence.
func whyNot(err error) string {
	if errors.Is(err, git.ErrNoRepository) {
		return "there is no git repository here"
	}
	return err.Error()
}

func firstDuration(values ...time.Duration) time.Duration {
	for _, v := range values {
		if v > 0 {
			return v
		}
	}
	return 0
}
