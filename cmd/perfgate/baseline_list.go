package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/report"
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
	store, _, err := o.store()
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
	return a.printData(o.format, records(found), func() string { return listText(found) })
}

// listText is a table of stored results; empty for none.
func listText(found []baselines.Meta) string {
	if len(found) == 0 {
		return ""
	}
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RESULT\tSTARTED\tSCENARIO\tBRANCH\tCOMMIT\tVERDICT\tRUNS\tPINS")
	for _, m := range found {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", m.Digest, m.Started.Format("2006-01-02 15:04"), printable(m.Scenario),
			printable(m.Branch), shortCommit(m), state(m), m.Runs, printable(cmp.Or(strings.Join(m.Pins, ", "), "-")))
	}
	w.Flush()
	return b.String()
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
	return cmp.Or(string(m.Verdict), "not judged")
}

func (a *app) baselineShowCommand() *cobra.Command {
	var o storeOptions
	c := &cobra.Command{
		Use:   "show KEY",
		Short: "Show a stored result",
		Long: `Show a stored result. KEY is its key, a pin, or the first digits (7 or more) of
its commit or of its digest, which list shows.`,
		Example: `  perfgate baseline show v1.2
  perfgate baseline show 1a2b3c4 --format json > base.json`,
		Args:              arguments("KEY"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, args []string) error { return a.baselineShow(c.Context(), args[0], o) },
	}
	return o.flags(c)
}

func (a *app) baselineShow(ctx context.Context, ref string, o storeOptions) error {
	store, _, err := o.store()
	if err != nil {
		return err
	}
	m, err := store.Find(ctx, ref)
	if err != nil {
		return err
	}
	r, err := store.Get(ctx, m.Key)
	if err != nil {
		return err
	}
	if o.format == "json" { // the result as it was measured, to compare with
		data, err := gate.Encode(r)
		if err != nil {
			return err
		}
		return a.print(data)
	}
	return a.printData(o.format, nil, func() string {
		var b strings.Builder
		fmt.Fprintf(&b, "%s\n%s of %s, %s\n\n", m.Key, m.Scenario, m.Branch, state(m))
		_ = report.ResultText(&b, r, report.TextOptions{Width: a.width, Candidate: m.Digest}) // a Builder takes everything
		return b.String()
	})
}

// A record is a stored result as JSON.
type record struct {
	Key         string       `json:"key"`
	Scenario    string       `json:"scenario"`
	Machine     string       `json:"machine"`
	Class       string       `json:"class"`
	Load        string       `json:"load"`
	Commit      string       `json:"commit"`
	Dirty       bool         `json:"dirty"`
	Branch      string       `json:"branch"`
	Verdict     gate.Verdict `json:"verdict"` // empty: not judged
	Interrupted bool         `json:"interrupted"`
	Started     string       `json:"started"`
	Runs        int          `json:"runs"`
	Digest      string       `json:"digest"`
	Bytes       int64        `json:"bytes"`
	Pins        []string     `json:"pins"`
	Existed     *bool        `json:"existed,omitempty"` // of save
}

func newRecord(m baselines.Meta) record {
	return record{Key: m.Key, Scenario: m.Scenario, Machine: m.Machine, Class: m.Class, Load: m.Load, Commit: m.Commit, Dirty: m.Dirty,
		Branch: m.Branch, Verdict: m.Verdict, Interrupted: m.Interrupted, Started: m.Started.UTC().Format(time.RFC3339),
		Runs: m.Runs, Digest: m.Digest, Bytes: m.Size, Pins: append([]string{}, m.Pins...)}
}

func records(metas []baselines.Meta) []record {
	out := []record{}
	for _, m := range metas {
		out = append(out, newRecord(m))
	}
	return out
}

func savedRecords(saved []baselines.Saved) []record {
	out := []record{}
	for _, s := range saved {
		r := newRecord(s.Meta)
		r.Existed = &s.Existed
		out = append(out, r)
	}
	return out
}
