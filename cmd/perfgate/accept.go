package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/atomicfile"
	"github.com/perfgate/perfgate/gate/config"
)

const (
	acceptLong = `Let one regressed row through, up to a bound and until a day. The entry is written
to ` + acceptFile + `, which belongs into the repository, where it is reviewed.

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
		Use:               "accept ENDPOINT METRIC --max +25% --reason WHY --owner WHO --expires 30d",
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

// waiver makes a waiver of the flags. They go through the reader of the accept
// file, so that the command line and the file allow the same.
func (a *app) waiver(o acceptOptions) (gate.Waiver, error) {
	if o.Endpoint == wholeEndpoint {
		o.Endpoint = ""
	}
	o.Expires = a.day(o.Expires)
	text, err := json.Marshal([]acceptOptions{o})
	if err != nil {
		return gate.Waiver{}, err
	}
	waivers, err := config.ParseWaivers(text, "")
	var problems config.Problems
	if errors.As(err, &problems) {
		return gate.Waiver{}, flagProblems(problems)
	}
	if err != nil {
		return gate.Waiver{}, err
	}
	w := waivers.Items[0]
	if w.Expires < a.today() {
		return gate.Waiver{}, usage("give a day to come, such as --expires 30d", "accept: --expires %s has passed", w.Expires)
	}
	w.Line = 0
	return w, nil
}

// day turns "30d" into the day that far from today; anything else is left to
// the reader of the file.
func (a *app) day(text string) string {
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || !strings.HasSuffix(text, "d") || days < 1 || days > 3650 {
		return text
	}
	return a.now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

// flagProblems tells problems of a waiver in the words of the command line.
func flagProblems(problems config.Problems) error {
	var texts []string
	for _, p := range problems {
		name := strings.TrimPrefix(p.Field, "[0].")
		if name != "endpoint" && name != "metric" {
			name = "--" + name
		}
		text := name + ": " + p.Message
		if p.Hint != "" {
			text += ", " + strings.ReplaceAll(p.Hint, strings.TrimPrefix(name, "--")+": ", name+" ")
		}
		texts = append(texts, text)
	}
	return usage("perfgate accept --help", "accept: %s", strings.Join(texts, "\n  "))
}
