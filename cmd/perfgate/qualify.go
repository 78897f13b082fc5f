package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/git"
)

const (
	qualifyLong = `What a gate is worth, by the reports that it left: how many comparisons it
decided, how many it would have blocked, how many of those other sessions
confirm or refute, how many false reds are to be expected, and whether it is
time to enforce.

The reports are those in the store, or the named ones: files, and folders with
all that is in them. A red that nobody measured again is told as such, and
counts as possibly false.`

	qualifyExample = `  perfgate qualify                            the reports in the store
  perfgate qualify artifacts/                 those that a pipeline kept
  perfgate qualify --format json | jq '.[].ready'`

	// qualifyRead bounds how many reports of a store are read, the newest.
	qualifyRead = 500
)

// qualifyOptions are the flags of qualify.
type qualifyOptions struct{ store, format string }

func (a *app) qualifyCommand() *cobra.Command {
	var o qualifyOptions
	c := &cobra.Command{
		Use:     "qualify [REPORT|FOLDER…]",
		Short:   "Whether it is time to let the gate fail, by the reports so far",
		Long:    qualifyLong,
		Example: qualifyExample,
		RunE:    func(c *cobra.Command, args []string) error { return a.qualify(c.Context(), args, o) },
	}
	c.Flags().StringVar(&o.store, "store", "", "`LOCATION` of the store (default baseline.store of "+scenarioFile+", else "+gate.DefaultStore+")")
	dataFormatFlag(c, &o.format)
	completeFiles(c, "store")
	return c
}

func (a *app) qualify(ctx context.Context, args []string, o qualifyOptions) error {
	if len(args) > 0 && o.store != "" {
		return usage("give one of them", "qualify: --store and reports are two sources")
	}
	var reports []gate.Report
	var err error
	if len(args) > 0 {
		reports, err = reportsIn(ctx, args)
	} else {
		reports, err = a.reportsOfStore(ctx, o.store)
	}
	if err != nil {
		return err
	}
	found := gate.Qualify(reports, a.contains(ctx))
	s, _, err := localScenario()
	if err != nil {
		return err
	}
	return a.printData(o.format, found, func() string { return qualifyText(found, s.Policy.Mode == gate.ModeObserve) })
}

// reportsOfStore reads the newest reports of the store, of all scenarios.
func (a *app) reportsOfStore(ctx context.Context, location string) ([]gate.Report, error) {
	s, _, err := localScenario()
	if err != nil {
		return nil, err
	}
	store, err := openStore(location, s)
	if err != nil {
		return nil, err
	}
	metas, err := store.Reports(ctx, baselines.ReportQuery{})
	if err != nil {
		return nil, err
	}
	if len(metas) == 0 {
		return nil, fail("perfgate check keeps them when the store exists, perfgate baseline save makes one; or name reports that a pipeline kept",
			"qualify: the store holds no report")
	}
	var reports []gate.Report
	for _, m := range metas[:min(len(metas), qualifyRead)] {
		r, err := store.Report(ctx, m.Key)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	if left := len(metas) - len(reports); left > 0 {
		a.say("note: %s older than the newest %d not read", count(left, "report"), qualifyRead)
	}
	return reports, nil
}

// reportsIn reads the named reports, and all that lie in the named folders. What
// is no report there is passed over; a named file must be one.
func reportsIn(ctx context.Context, args []string) ([]gate.Report, error) {
	var reports []gate.Report
	for _, arg := range args {
		if !isFolder(arg) {
			r, err := readReport(arg)
			if err != nil {
				return nil, err
			}
			reports = append(reports, *r)
			continue
		}
		before := len(reports)
		err := filepath.WalkDir(arg, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.EqualFold(filepath.Ext(file), ".json") {
				return errors.Join(err, ctx.Err())
			}
			r, is, err := maybeReport(file)
			if is && err == nil {
				reports = append(reports, r)
			}
			return err
		})
		switch {
		case err != nil:
			return nil, err
		case len(reports) == before:
			return nil, fail("name files that perfgate check or compare wrote as report.json", "%s: holds no report", arg)
		}
	}
	return reports, nil
}

// maybeReport reads a JSON file if it is a report.
func maybeReport(file string) (r gate.Report, is bool, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return gate.Report{}, false, err
	}
	switch {
	case !json.Valid(data):
		return gate.Report{}, false, fail("copy it again, or remove it", "%s: is no JSON: it was cut short", file)
	case kindOf(data) != gate.ReportKind:
		return gate.Report{}, false, nil
	}
	found, err := readReport(file)
	if err != nil {
		return gate.Report{}, true, err
	}
	return *found, true, nil
}

// contains tells by the repository of the working folder whether one commit has
// another in it. Without one, and for commits that it does not have, only equal
// ones are known to.
func (a *app) contains(ctx context.Context) gate.Contains {
	repo, err := git.Open(ctx, ".", a.environ())
	known := map[[2]string]bool{}
	return func(commit, other string) bool {
		if commit == other || err != nil {
			return commit == other
		}
		pair := [2]string{commit, other}
		answer, asked := known[pair]
		if !asked {
			base, none := repo.MergeBase(ctx, commit, other)
			answer = none == nil && base.ID == other
			known[pair] = answer
		}
		return answer
	}
}
