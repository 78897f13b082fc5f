package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/git"
)

const baselineExample = `  perfgate baseline save result.json          keep a result for later
  perfgate baseline list
  perfgate baseline pin 1a2b3c4 --as v1.2     it is never pruned
  perfgate baseline show v1.2 --format json > v1.2.json`

// storeOptions are the flags that all commands about the store have.
type storeOptions struct {
	location string
	format   string
}

func (o *storeOptions) flags(c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&o.location, "store", "", "`LOCATION` of the store (default baseline.store of "+scenarioFile+", else "+gate.DefaultStore+")")
	dataFormatFlag(c, &o.format)
	return c
}

func (a *app) baselineCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:     "baseline",
		Short:   "Keep results, and look at what is kept",
		Example: baselineExample,
	},
		a.baselineListCommand(),
		a.baselinePinCommand(),
		a.baselinePruneCommand(),
		a.baselineSaveCommand(),
		a.baselineShowCommand(),
		a.baselineUnpinCommand(),
	)
}

// store opens the store that is asked for, else that of perfgate.yml, and
// returns what the file says of it.
func (o storeOptions) store() (*baselines.Store, gate.Baseline, error) {
	s, _, err := localScenario()
	if err != nil {
		return nil, gate.Baseline{}, err
	}
	store, err := openStore(o.location, s)
	return store, s.Baseline, err
}

// openStore opens the store of --store, which is relative to the working
// folder as all paths of a command line are; without it that of a scenario,
// relative to the folder of its file.
func openStore(flag string, s gate.Scenario) (*baselines.Store, error) {
	location, o := flag, baselines.OpenOptions{}
	if flag == "" {
		location, o.Folder = s.Baseline.Store, filepath.Dir(s.Source)
	}
	store, err := baselines.Open(location, o)
	if err != nil {
		return nil, usage("", "%w", err)
	}
	return store, nil
}

// currentBranch is the git branch of the working folder; gate.DefaultBranch
// where there is no git at all. What lies on no branch must be named: results
// under a wrong name would become somebody's baseline.
func (a *app) currentBranch(ctx context.Context) (string, error) {
	repo, err := git.Open(ctx, ".", a.environ())
	if errors.Is(err, git.ErrNoRepository) {
		return gate.DefaultBranch, nil
	}
	var head git.Commit
	if err == nil {
		head, err = repo.Head(ctx)
	}
	if err != nil {
		return "", fail(firstOf(hintOf(err), "give --branch NAME"), "%w", err)
	}
	branch, ok := strings.CutPrefix(head.Ref, "refs/heads/")
	if !ok {
		return "", usage("give --branch NAME", "no branch is checked out, so that of the result is not known")
	}
	return branch, nil
}
