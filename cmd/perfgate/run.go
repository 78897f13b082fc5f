package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/atomicfile"
	"github.com/perfgate/perfgate/gate/report"
)

const (
	runLong = `Measure one side: run the scenario's load several times, each against a freshly
started service, and write a result. Its limits (gate.slo) are judged; to judge
a change, compare two results.

Ctrl-C ends it within one request and keeps what was measured.`

	runExample = `  perfgate run                               perfgate.yml → result.json
  perfgate run load/perfgate.yml -o old.json
  perfgate run --runs 3 --duration 30s`
)

// runOptions are the flags of run.
type runOptions struct {
	output   string
	runs     int
	duration time.Duration
	all      bool
}

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:     "run [" + scenarioFile + "]",
		Short:   "Measure one side, several runs, and write a result",
		Long:    runLong,
		Example: runExample,
		Args:    optionalFile,
		RunE: func(c *cobra.Command, args []string) error {
			return a.runScenario(c.Context(), append(args, scenarioFile)[0], o)
		},
	}
	f := c.Flags()
	f.StringVarP(&o.output, "output", "o", "result.json", "write the result to `FILE`")
	f.IntVar(&o.runs, "runs", 0, "how many runs (default load.runs)")
	f.DurationVar(&o.duration, "duration", 0, "measured time of a run, like 30s (default load.duration)")
	f.BoolVar(&o.all, "all", false, "show every run")
	completeFiles(c, "output", "json")
	return c
}

// runScenario measures one side and judges its limits.
func (a *app) runScenario(ctx context.Context, file string, o runOptions) error {
	s, err := readScenario(file, a.env)
	if err != nil {
		return err
	}
	if o.runs < 0 || o.duration < 0 || o.duration > 0 && o.duration < 100*time.Millisecond {
		return usage("perfgate run --help", "run: --runs needs 1 or more, --duration 100ms or more")
	}
	if o.runs > 0 {
		s.Load.Runs = o.runs
	}
	if o.duration > 0 {
		s.Load.Duration = o.duration
	}
	if err := fitsResult(o.output, file); err != nil {
		return err
	}
	x := serviceOf(s)
	if err := a.preflight(ctx, s, filepath.Dir(o.output), x); err != nil {
		return err
	}
	options := a.session(s, gate.Waivers{})
	arm, err := a.arm(ctx, options, gate.SideNone, x, logsBeside(o.output, x))
	if err != nil {
		return err
	}
	result, failed := a.measureOne(ctx, options, arm)
	if len(result.Runs) == 0 {
		return failed
	}
	r := gate.Judge(gate.Compare(gate.Input{Candidate: []gate.Result{result}, Policy: s.Policy, PolicyFrom: "file"}))
	if err := a.keepResult(result, r, o); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	return measured(r)
}

// fitsResult refuses an output that no result can be written to, or that is the
// scenario itself, before anything is measured.
func fitsResult(output, scenario string) error {
	written, err := os.Stat(output)
	read, other := os.Stat(scenario)
	switch {
	case output == "":
		return usage("give -o FILE", "run: -o names no file")
	case err == nil && written.IsDir():
		return usage("name a file", "-o %s: is a folder", output)
	case err == nil && other == nil && os.SameFile(written, read):
		return usage("name another file", "-o %s: is the scenario", output)
	}
	return nil
}

// logsBeside is the folder for the logs of a started service, named after the
// result; a URL has none.
func logsBeside(output string, x service) string {
	if x.spec.URL != "" {
		return ""
	}
	return strings.TrimSuffix(output, filepath.Ext(output)) + "-logs"
}

// keepResult writes a result and shows it with the limits that it was held to.
func (a *app) keepResult(result gate.Result, r gate.Report, o runOptions) error {
	data, err := gate.Encode(result)
	if err != nil {
		return err
	}
	written := atomicfile.Write(o.output, data)
	var text bytes.Buffer
	view := report.TextOptions{Width: a.width, Color: a.color, All: o.all, Candidate: o.output}
	if err := report.ResultText(&text, result, r.SLO, view); err != nil {
		return errors.Join(written, err)
	}
	return errors.Join(written, a.print(text.Bytes()))
}

// measured ends run by what its report says of one side alone: a broken limit
// or a measurement that failed. That nothing was compared is as it should be.
func measured(r gate.Report) error {
	switch r.Verdict {
	case gate.VerdictViolation:
		return judged(r)
	case gate.VerdictInvalid:
		return fail("see the reasons above", "%s", r.Reason.Text)
	}
	return nil
}
