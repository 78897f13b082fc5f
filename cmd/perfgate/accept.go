package main

import (
	"cmp"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/atomicfile"
	"github.com/perfgate/perfgate/gate/config"
)

const (
	acceptLong = `Let one regressed row through, up to a bound and until a day. The entry is
written to ` + acceptFile + `, which belongs into the repository, where it is
reviewed.

ENDPOINT is the name of a task, or "overall" for the whole.`

	acceptExample = `  perfgate accept 'POST /api/checkout' latency_p95 --max +25% \
    --reason 'checks stock first, see #123' --owner @team-checkout --expires 30d
  perfgate accept overall error_rate --max +0.5pp \
    --reason 'partner API, see #124' --owner @ana --expires 2026-12-31`

	wholeEndpoint = "overall"
)

// acceptOptions are the flags of accept. The tags are the keys of the file, so
// that its reader checks them.
type acceptOptions struct {
	Endpoint string `json:"endpoint,omitempty"`
	Metric   string `json:"metric"`
	Max      string `json:"max,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Owner    string `json:"owner,omitempty"`
	Expires  string `json:"expires,omitempty"`
	Scenario string `json:"scenario,omitempty"`
	file     string
}

func (a *app) acceptCommand() *cobra.Command {
	var o acceptOptions
	c := &cobra.Command{
		Use:               "accept ENDPOINT METRIC --max … --reason … --owner … --expires …",
		Short:             "Let one regressed row through, until a day",
		Long:              acceptLong,
		Example:           acceptExample,
		Args:              arguments("ENDPOINT", "METRIC"),
		ValidArgsFunction: completeRow,

		DisableFlagsInUseLine: true,
		RunE: func(_ *cobra.Command, args []string) error {
			o.Endpoint, o.Metric = args[0], args[1]
			return a.accept(o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Max, "max", "", "how much worse the row may be: `BOUND` like +25%, or +0.5pp of error_rate and delivered")
	f.StringVar(&o.Reason, "reason", "", "`WHY` it is let through")
	f.StringVar(&o.Owner, "owner", "", "`WHO` answers for it")
	f.StringVar(&o.Expires, "expires", "", "last `DAY` on which it holds: 2026-12-31, or 30d from today")
	f.StringVar(&o.Scenario, "scenario", "", "only in the scenario of this `NAME`")
	f.StringVar(&o.file, "file", acceptFile, "write `FILE`")
	completeFiles(c, "file", "yml", "yaml")
	return c
}

// completeRow offers the endpoints of perfgate.yml, then the metrics.
func completeRow(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		s, _, _ := localScenario() // a broken file has no endpoints to offer
		return append(endpoints(s), wholeEndpoint), cobra.ShellCompDirectiveNoFileComp
	case 1:
		return gate.Metrics(), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) accept(o acceptOptions) error {
	w, err := a.waiver(o)
	if err != nil {
		return err
	}
	s, known, err := localScenario()
	if err != nil {
		return err
	}
	if p, stray := strayWaiver(s, w); known && stray {
		return usage(p.Hint, "accept: %s", p.Message)
	}
	existing, err := os.ReadFile(o.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fail("", "%s: cannot be read: %w", o.file, bare(err))
	}
	text, err := config.AppendWaiver(existing, w)
	var problems config.Problems
	if errors.As(err, &problems) {
		for i := range problems { // they are of the file that was asked for
			problems[i].File = o.file
		}
		return problems
	}
	if err != nil {
		return err
	}
	if err := atomicfile.Write(o.file, text); err != nil {
		return err
	}
	a.say("wrote %s: %s %s may be worse by up to %s until %s", o.file, cmp.Or(w.Endpoint, wholeEndpoint), w.Metric, o.Max, w.Expires)
	a.say("next: git add %s, and let %s review it", o.file, w.Owner)
	return a.print([]byte(printable(config.WaiverYAML(w))))
}
