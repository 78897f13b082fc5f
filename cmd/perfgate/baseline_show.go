package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/report"
)

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
		_ = report.ResultText(&b, r, nil, report.TextOptions{Width: a.width, Candidate: m.Digest}) // a Builder takes everything
		return b.String()
	})
}
