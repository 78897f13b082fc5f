package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/config"
	"github.com/perfgate/perfgate/gate/demo"
	"github.com/perfgate/perfgate/gate/experiment"
)

const (
	demoLong = `See the gate work, in under a minute, on a service that is built in. Three
builds of it are measured in turns on this machine: the baseline, an unchanged
one, and one whose POST /inference takes half as long again. The first
comparison should pass, the second should be a regression.

Ends 0 when both are so, 3 on a machine too noisy to tell, 1 when a verdict is
wrong. Writes unchanged/ and slow/ with results and reports.`

	demoExample = `  perfgate demo
  jq .verdict unchanged/report.json slow/report.json
  perfgate demo serve --slow /inference=1.5     the service alone, on port 8000`

	demoPairs = 6
	demoSlow  = 1.5
)

// demoOptions are the flags of demo.
type demoOptions struct{ out string }

func (a *app) demoCommand() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use:     "demo",
		Short:   "See it work on a built-in service, in under a minute",
		Long:    demoLong,
		Example: demoExample,
		Args:    arguments(),
		RunE:    func(c *cobra.Command, _ []string) error { return a.demo(c.Context(), o) },
	}
	c.Flags().StringVar(&o.out, "out", ".", "write unchanged/ and slow/ into `FOLDER`")
	c.AddCommand(a.demoServeCommand())
	return c
}

// demoArms are the builds that the demo compares with the baseline.
func demoArms() []string { return []string{"unchanged", "slow"} }

func (a *app) demo(ctx context.Context, o demoOptions) error {
	s, err := config.Parse(demo.Scenario(), config.Options{Name: "demo scenario"})
	if err != nil {
		return err
	}
	services, err := demoServices(s)
	if err != nil {
		return err
	}
	if err := a.preflight(ctx, s, o.out); err != nil {
		return err
	}
	a.say("demo: baseline, unchanged and slow (POST /inference × %g), %d runs each in turns", demoSlow, demoPairs)
	options := experiment.CompareOptions{Options: a.session(s, gate.Waivers{}), Pairs: demoPairs, Duration: s.Load.Duration}
	arms, err := a.demoSides(ctx, options.Options, services)
	if err != nil {
		return err
	}
	session, failed := a.measurePaired(ctx, options, arms)
	if len(session.Reports) == 0 {
		return failed
	}
	for i, name := range demoArms() {
		if err := a.keepDemo(filepath.Join(o.out, name), session, i); err != nil {
			return err
		}
	}
	if failed != nil {
		return failed
	}
	return a.demoVerdict(o.out, session.Reports[0], session.Reports[1])
}

// demoServices are the baseline and the two builds: this program, started with
// other flags.
func demoServices(s gate.Scenario) ([]service, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("demo: where is perfgate itself? %w", err)
	}
	var out []service
	for _, x := range []struct {
		label string
		slow  map[string]float64
	}{{"baseline", nil}, {"unchanged", nil}, {"slow", map[string]float64{"/inference": demoSlow}}} {
		spec := s.Target
		spec.Start = demo.StartCommand(runtime.GOOS, program, x.slow)
		out = append(out, service{label: x.label, spec: spec})
	}
	return out, nil
}

// demoSides makes the arms of the demo, each under its own name.
func (a *app) demoSides(ctx context.Context, o experiment.Options, services []service) ([]experiment.Arm, error) {
	arms, err := a.arms(ctx, o, "", services[0], services[1:]...)
	for i := range arms {
		arms[i].Name = services[i].label
	}
	return arms, err
}

// keepDemo writes one comparison of the demo, and shows it.
func (a *app) keepDemo(folder string, session experiment.Session, i int) error {
	if err := keepSession(folder, session.Baseline, session.Candidates[i]); err != nil {
		return err
	}
	if err := a.print([]byte(fmt.Sprintf("\nbaseline → %s\n", demoArms()[i]))); err != nil {
		return err
	}
	r := session.Reports[i] // without the commands to type: who sees the demo has no scenario yet
	r.NextSteps, r.Reproduce = []string{}, ""
	return a.keepReport(r, folder, reportView{format: "text"})
}

// demoVerdict says whether the gate was right.
func (a *app) demoVerdict(out string, unchanged, slow gate.Report) error {
	told := fmt.Sprintf("unchanged: %s, slow: %s", unchanged.Verdict, slow.Verdict)
	switch {
	case unchanged.Verdict == gate.VerdictPass && slow.Verdict == gate.VerdictRegression:
		a.say("\ndemo: %s, as it should be\nnext: perfgate validate --example > perfgate.yml", told)
		return nil
	case unchanged.Verdict == gate.VerdictRegression || slow.Verdict == gate.VerdictPass:
		return &failure{code: gate.ExitRegression, err: fmt.Errorf("demo: %s: one of them is wrong", told),
			hint: fmt.Sprintf("please report it with the files in %s and %s", filepath.Join(out, "unchanged"), filepath.Join(out, "slow"))}
	}
	noise := ""
	for _, row := range unchanged.Rows {
		if row.Metric == gate.MetricP95 && row.Role == gate.RolePrimary && row.Noise != nil && row.Noise.ObservedRatio != nil {
			noise = fmt.Sprintf(": the overall p95 of unchanged code varied by %.1f %% from run to run", 100**row.Noise.ObservedRatio)
		}
	}
	return &failure{code: gate.ExitUnmeasured, err: errors.New("demo: " + told + ": this machine is too noisy for it" + noise),
		hint: "close what else is running, and try again"}
}
