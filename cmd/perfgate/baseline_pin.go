package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/baselines"
)

func (a *app) baselinePinCommand() *cobra.Command {
	var o storeOptions
	var name string
	c := &cobra.Command{
		Use:   "pin KEY",
		Short: "Give a stored result a name; it is never pruned",
		Example: `  perfgate baseline pin 1a2b3c4 --as v1.2
  perfgate baseline pin 1a2b3c4               by the digits of its digest`,
		Args:              arguments("KEY"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			return a.baselinePin(c.Context(), args[0], name, o)
		},
	}
	c.Flags().StringVar(&name, "as", "", "`NAME` of the pin (default the first digits of the result's digest)")
	return o.flags(c)
}

func (a *app) baselinePin(ctx context.Context, ref, name string, o storeOptions) error {
	store, _, err := o.store()
	if err != nil {
		return err
	}
	m, err := store.Pin(ctx, ref, name)
	if err != nil {
		return err
	}
	return a.printData(o.format, newRecord(m), func() string { return printable(m.Key) + "\n" })
}

func (a *app) baselineUnpinCommand() *cobra.Command {
	var o storeOptions
	c := &cobra.Command{
		Use:               "unpin NAME",
		Short:             "Take the name of a stored result away",
		Example:           `  perfgate baseline unpin v1.2`,
		Args:              arguments("NAME"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, args []string) error { return a.baselineUnpin(c.Context(), args[0], o) },
	}
	return o.flags(c)
}

func (a *app) baselineUnpin(ctx context.Context, name string, o storeOptions) error {
	store, _, err := o.store()
	if err != nil {
		return err
	}
	if err := store.Unpin(ctx, name); err != nil {
		return err
	}
	return a.printData(o.format, map[string]string{"unpinned": name}, func() string { return "unpinned " + printable(name) + "\n" })
}

func (a *app) baselinePruneCommand() *cobra.Command {
	var o storeOptions
	c := &cobra.Command{
		Use:   "prune",
		Short: "Remove results that are no longer needed",
		Long: `Remove results that are no longer needed: beyond baseline.keep of each scenario,
machine and load, or older than baseline.max_age (perfgate.yml). The newest one,
the newest that can be a baseline, and whatever is pinned stay. Of the reports
that checks left, twice baseline.keep stay.`,
		Example:           `  perfgate baseline prune`,
		Args:              arguments(),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, _ []string) error { return a.baselinePrune(c.Context(), o) },
	}
	return o.flags(c)
}

func (a *app) baselinePrune(ctx context.Context, o storeOptions) error {
	store, settings, err := o.store()
	if err != nil {
		return err
	}
	removed, reports, err := store.Prune(ctx, baselines.PruneOptions{Keep: settings.Keep, MaxAge: settings.MaxAge, Now: a.now()})
	if err != nil {
		return err
	}
	a.say("removed %s and %s", count(len(removed), "result"), count(len(reports), "report"))
	return a.printData(o.format, records(removed), func() string {
		text := ""
		for _, m := range removed {
			text += fmt.Sprintln(printable(m.Key))
		}
		for _, m := range reports {
			text += fmt.Sprintln(printable(m.Key))
		}
		return text
	})
}
