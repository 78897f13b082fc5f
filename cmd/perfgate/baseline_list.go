package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

// listOptions are the flags of baseline list.
type listOptions struct {
	storeOptions
	branches []string
	scenario string
}

func (a *app) baselineListCommand() *cobra.Command {
	var o listOptions
	c := &cobra.Command{
		Use:   "list",
		Short: "List what is kept, newest first",
		Example: `  perfgate baseline list --branch main
  perfgate baseline list --format json | jq -r '.[].key'`,
		Args:              arguments(),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, _ []string) error { return a.baselineList(c.Context(), o) },
	}
	o.flags(c)
	c.Flags().StringArrayVar(&o.branches, "branch", nil, "only of the branch `NAME`; may be repeated")
	c.Flags().StringVar(&o.scenario, "scenario", "", "only of the scenario `ID`")
	return c
}

func (a *app) baselineList(ctx context.Context, o listOptions) error {
	store, of, err := o.store()
	if err != nil {
		return err
	}
	found, err := store.List(ctx, baselines.Query{Scenario: o.scenario, Branches: o.branches})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		a.say("nothing is kept there\nnext: perfgate baseline save result.json")
	}
	return a.printData(o.format, records(found), func() string { return listText(found, of) })
}

// listText is a table of stored results; empty for none.
func listText(found []baselines.Meta, of gate.Baseline) string {
	if len(found) == 0 {
		return ""
	}
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RESULT\tSTARTED\tSCENARIO\tBRANCH\tCOMMIT\tVERDICT\tRUNS\tPINS")
	for _, m := range found {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", m.Digest, m.Started.Format("2006-01-02 15:04"), printable(m.Scenario),
			branchText(m, of), shortCommit(m), state(m), m.Runs, printable(cmp.Or(strings.Join(m.Pins, ", "), "-")))
	}
	w.Flush()
	return b.String()
}

// branchText names the branch, and says when its results are no baseline.
func branchText(m baselines.Meta, of gate.Baseline) string {
	if mayBeBaseline(of, m.Branch) {
		return printable(m.Branch)
	}
	return printable(m.Branch) + " (never a baseline)"
}

func shortCommit(m baselines.Meta) string {
	commit := m.Commit[:min(len(m.Commit), 7)]
	if m.Dirty {
		commit += "+"
	}
	return commit
}

func state(m baselines.Meta) string {
	if m.Interrupted {
		return "interrupted"
	}
	word := cmp.Or(string(m.Verdict), "not judged")
	if m.Accepted {
		word += ", accepted"
	}
	return word
}
