package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/atomicfile"
	"github.com/perfgate/perfgate/gate/experiment"
)

const (
	checkLong = `The gate: measure, compare, decide, report, exit.

Both sides are measured here in turns, in one session: in a git repository the
merge base with the default branch against the working tree, with what is not
committed. --baseline and --candidate name other sides: a commit is checked out
into a worktree of its own, it and a folder are built and started as their own
perfgate.yml says, a URL is taken as it is. The candidate's load and tasks drive
both. Where there is no baseline the candidate is measured alone and compared
with the jobs in the store. The first line says which, and why.

Written to --out: baseline.json, candidate.json, report.json, report.md, logs.`

	checkExample = `  perfgate check                             before pushing, in a pull request
  perfgate check --baseline HEAD~1           against another commit
  perfgate check --baseline v1.2 --candidate topic
  perfgate check --baseline ../main          against another folder
  perfgate check --baseline http://old --candidate http://new`
)

// checkOptions are the flags of check.
type checkOptions struct {
	view                reportView
	baseline, candidate string
	out                 string
	budget              time.Duration
	maxPairs            int
	strict              bool
	store               string
}

func (a *app) checkCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:     "check [" + scenarioFile + "]",
		Short:   "The gate: measure both sides, decide, report, exit",
		Long:    checkLong,
		Example: checkExample,
		Args:    optional("FILE"),
		RunE:    func(c *cobra.Command, args []string) error { return a.check(c.Context(), args, o) },
	}
	o.view.flags(c)
	f := c.Flags()
	f.StringVar(&o.baseline, "baseline", "", "`REF|FOLDER|URL` of the reference side (default the merge base)")
	f.StringVar(&o.candidate, "candidate", "", "`REF|FOLDER|URL` under test (default the folder of "+scenarioFile+")")
	f.StringVar(&o.out, "out", "perfgate-out", "write results, reports and logs to `FOLDER`")
	f.DurationVar(&o.budget, "budget", 0, "time for all of it, builds included (default check.budget)")
	f.IntVar(&o.maxPairs, "max-pairs", 0, "most pairs to measure (default check.max_pairs)")
	f.BoolVar(&o.strict, "strict", false, "exit 4 when nothing could be decided")
	f.StringVar(&o.store, "store", "", "`LOCATION` of the store (default baseline.store)")
	return c
}

// check measures what is asked for and decides.
func (a *app) check(ctx context.Context, args []string, o checkOptions) error {
	if err := o.view.check(); err != nil {
		return err
	}
	if o.budget < 0 || o.maxPairs < 0 {
		return usage("perfgate check --help", "check: --budget and --max-pairs cannot be negative")
	}
	x := &sides{args: args, o: o}
	defer a.removeTrees(x)
	if err := a.findSides(ctx, x); err != nil {
		return err
	}
	s := x.scenario
	if o.strict {
		s.Policy = strict(s.Policy)
	}
	if !x.paired {
		return a.checkHistory(ctx, s, x.waivers, x.candidate, x.why, o)
	}
	a.say("%s", x.plan())
	return a.checkPaired(ctx, s, x.waivers, x.baseline, x.candidate, o)
}

// checkPaired measures both sides in one session.
func (a *app) checkPaired(ctx context.Context, s gate.Scenario, w gate.Waivers, baseline, candidate service, o checkOptions) error {
	if err := a.preflight(ctx, s, o.out, baseline, candidate); err != nil {
		return err
	}
	if err := drop(o.out, "report.json", "report.md"); err != nil {
		return err
	}
	options := experiment.CompareOptions{Options: a.session(s, w), Budget: o.budget, MaxPairs: o.maxPairs, Duration: a.runLength}
	store, err := openStore(o.store, s)
	if err != nil {
		return err
	}
	if options.Noise, err = learnedNoise(ctx, store, s.NoiseOf(options.Environment.Class, restarts(baseline, candidate))); err != nil {
		return err
	}
	arms, err := a.arms(ctx, options.Options, o.out, baseline, candidate)
	if err != nil {
		return err
	}
	session, failed := a.measurePaired(ctx, options, arms)
	if len(session.Reports) == 0 {
		return failed
	}
	err = errors.Join(keepSession(o.out, session.Baseline, session.Candidates[0]), a.keepReport(session.Reports[0], o.out, o.view))
	if err != nil {
		return errors.Join(err, failed)
	}
	if failed == nil {
		a.remember(ctx, store, session.Reports[0])
	}
	return ended(session.Reports[0], failed)
}

// ended is how a session ends whose files are written.
func ended(r gate.Report, failed error) error {
	if failed != nil {
		return failed
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

// keepSession writes the results of both sides.
func keepSession(out string, baseline, candidate gate.Result) error {
	return errors.Join(keep(filepath.Join(out, "baseline.json"), baseline), keep(filepath.Join(out, "candidate.json"), candidate))
}

// drop removes files of an earlier session from a folder: a report that is left
// standing would speak for a session that failed.
func drop(out string, names ...string) error {
	var errs []error
	for _, name := range names {
		file := filepath.Join(out, name)
		if info, err := os.Lstat(file); err != nil || info.IsDir() {
			continue // nothing is there, or what writing will complain of
		}
		errs = append(errs, os.Remove(file))
	}
	return errors.Join(errs...)
}

// keep writes a result or report as canonical bytes.
func keep(file string, v any) error {
	data, err := gate.Encode(v)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(file, data)
}

// keepReport writes the report beside its results, and shows it.
func (a *app) keepReport(r gate.Report, out string, v reportView) error {
	v.files = append([]string{filepath.Join(out, "report.json"), filepath.Join(out, "report.md")}, v.files...)
	return a.publish(r, v)
}
