package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

// saveOptions are the flags of baseline save.
type saveOptions struct {
	storeOptions
	branch string
	report string
}

func (a *app) baselineSaveCommand() *cobra.Command {
	var o saveOptions
	c := &cobra.Command{
		Use:   "save RESULT…",
		Short: "Keep results for later comparisons",
		Long: `Keep results for later comparisons. With the report that judged a result its
verdict is kept too: a regression that nobody accepted is never a baseline.`,
		Example: `  perfgate baseline save result.json
  perfgate baseline save candidate.json --report report.json --branch main`,
		Args: arguments("RESULT…"),
		RunE: func(c *cobra.Command, args []string) error { return a.baselineSave(c.Context(), args, o) },
	}
	o.flags(c)
	c.Flags().StringVar(&o.branch, "branch", "", "`NAME` of the branch that was measured (default git's)")
	c.Flags().StringVar(&o.report, "report", "", "`FILE` with the report whose candidate the result was")
	completeFiles(c, "report", "json")
	return c
}

func (a *app) baselineSave(ctx context.Context, args []string, o saveOptions) error {
	store, of, err := o.store()
	if err != nil {
		return err
	}
	var results []gate.Result
	for _, arg := range args {
		s, err := a.readSide(ctx, arg)
		if err != nil {
			return err
		}
		results = append(results, s.results()...)
	}
	report, err := readReport(o.report)
	if err != nil {
		return err
	}
	if report != nil && len(results) != 1 {
		return usage("save each result with its own report", "baseline save: --report is of one result, but there are %d", len(results))
	}
	if o.branch == "" {
		if o.branch, err = a.currentBranch(ctx); err != nil {
			return err
		}
	}
	var saved []baselines.Saved
	for _, r := range results {
		kept, err := store.Save(ctx, baselines.Entry{Result: r, Report: report, Branch: o.branch})
		if err != nil {
			return err
		}
		saved = append(saved, kept...)
	}
	if err := a.printData(o.format, savedRecords(saved), func() string { return savedText(saved) }); err != nil {
		return err
	}
	if !mayBeBaseline(of, o.branch) {
		a.say("warning: %s is not in baseline.branches (%s): never a baseline", o.branch, strings.Join(baselineBranches(of), ", "))
	}
	a.say("next: perfgate baseline list")
	return nil
}

// mayBeBaseline reports whether results of a branch are ever compared with.
func mayBeBaseline(b gate.Baseline, branch string) bool {
	return slices.Contains(baselineBranches(b), branch)
}

func baselineBranches(b gate.Baseline) []string {
	if len(b.Branches) == 0 { // no scenario file
		return []string{gate.DefaultBranch}
	}
	return b.Branches
}

// readReport reads the report of a comparison; nil for no file.
func readReport(file string) (*gate.Report, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fail("", "%s: cannot be read: %w", file, bare(err))
	}
	r, err := gate.DecodeReport(data)
	if err != nil {
		return nil, fail("give the report.json of a comparison", "%s: %w", file, err)
	}
	return &r, nil
}

func savedText(saved []baselines.Saved) string {
	var b strings.Builder
	for _, s := range saved {
		note := ""
		if s.Existed {
			note = "  (was kept already)"
		}
		fmt.Fprintf(&b, "%s%s\n", s.Key, note)
	}
	return b.String()
}
