package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/atomicfile"
)

const (
	checkLong = `The gate: measure, compare, decide, report, exit.

Both sides are measured here in turns, in one session: in a git repository the
merge base with the default branch against the working tree, with what is not
committed. --baseline and --candidate name other sides: a commit is checked out
into a worktree of its own, it and a folder are built and started as their own
perfgate.yml says, a URL is taken as it is. The candidate's load and tasks drive
both. Where there is no baseline the candidate is measured alone and compared
with the jobs in the store; a regression that shows there is confirmed by a
paired session with the newest job's commit, where both can be started. The
first line says which, and why.

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
	quick               bool
	order               string
	noSkip              bool
	bisect              bool
	strict              bool
	store               string
}

// The orders of runs.
const (
	orderPairs  = "pairs"
	orderBlocks = "blocks"
)

// quickPairs is what --quick allows: one look, which finds large changes only.
const quickPairs = 4

// pairs is the most pairs that the flags allow; 0: they do not say.
func (o checkOptions) pairs() int {
	if o.quick {
		return quickPairs
	}
	return o.maxPairs
}

// check refuses flags that cannot be followed.
func (o checkOptions) check() error {
	const help = "perfgate check --help"
	switch {
	case o.budget < 0 || o.maxPairs < 0:
		return usage(help, "check: --budget and --max-pairs cannot be negative")
	case o.quick && o.maxPairs > 0:
		return usage("give one of them", "check: --quick is --max-pairs %d", quickPairs)
	case o.order != orderPairs && o.order != orderBlocks:
		return usage(help, "check: --order %q is neither %s nor %s", o.order, orderPairs, orderBlocks)
	case o.order == orderBlocks && o.pairs() > 0:
		return usage("load.runs is the number of runs of a side", "check: --order blocks makes no pairs")
	}
	return o.view.check()
}

func (a *app) checkCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:     "check [" + scenarioFile + "]",
		Short:   "The gate: measure both sides, decide, report, exit",
		Long:    checkLong,
		Example: checkExample,
		Args:    optionalFile,
		RunE: func(c *cobra.Command, args []string) error {
			err := a.check(c.Context(), args, o)
			if o.bisect {
				return cannotTell(err)
			}
			return err
		},
	}
	o.view.flags(c)
	f := c.Flags()
	f.StringVar(&o.baseline, "baseline", "", "`REF|FOLDER|URL` of the reference side (default the merge base)")
	f.StringVar(&o.candidate, "candidate", "", "`REF|FOLDER|URL` under test (default the folder of "+scenarioFile+")")
	f.StringVar(&o.out, "out", "perfgate-out", "write results, reports and logs to `FOLDER`")
	f.DurationVar(&o.budget, "budget", 0, "time for all of it, builds included (default check.budget)")
	f.IntVar(&o.maxPairs, "max-pairs", 0, "most pairs to measure (default check.max_pairs)")
	f.BoolVar(&o.quick, "quick", false, fmt.Sprintf("at most %d pairs: finds large changes only", quickPairs))
	f.StringVar(&o.order, "order", orderPairs, "`ORDER` of the runs: pairs, or blocks for a target that is deployed in place")
	f.BoolVar(&o.noSkip, "no-skip", false, "measure sides that are the same, to learn the noise of this machine")
	f.BoolVar(&o.bisect, "bisect", false, "exit 0 for good, 1 for bad, 125 for neither, as git bisect run wants it")
	f.BoolVar(&o.strict, "strict", false, "exit 4 when nothing could be decided")
	f.StringVar(&o.store, "store", "", "`LOCATION` of the store (default baseline.store)")
	complete(c, "order", orderPairs, orderBlocks)
	return c
}

// check measures what is asked for and decides.
func (a *app) check(ctx context.Context, args []string, o checkOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	began := a.now()
	x := &sides{args: args, o: o}
	defer a.removeTrees(x)
	if err := a.findSides(ctx, x); err != nil {
		return err
	}
	if o.strict {
		x.scenario.Policy = strict(x.scenario.Policy)
	}
	if !x.paired {
		return a.checkHistory(ctx, x)
	}
	a.say("%s", x.plan())
	for _, note := range x.notes {
		a.say("%s", note)
	}
	x.spend(a.now().Sub(began))
	return a.checkPaired(ctx, x)
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
