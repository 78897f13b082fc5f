package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/demo"
	"github.com/perfgate/perfgate/gate/experiment"
	"github.com/perfgate/perfgate/gate/report"
)

const (
	selftestLong = `Prove that this gate can fail, on your own scenario and service.

The service is measured in one session as check would: as it is, unchanged,
slower in every endpoint, and with failing answers. A proxy in front of it makes
the difference, and stands in front of all four. The slower one and the failing
one must be a regression, the unchanged one must not. Below the table stands
what the gate would have missed, and which threshold or noise is to blame.

Ends 0 when all three are so, 1 when unchanged code was called a regression, 3
when a change goes unseen. Written to --out: selftest.json, logs, and results
and reports in unchanged/, slower/ and failing/.`

	selftestExample = `  perfgate selftest
  perfgate selftest --slowdown 10% --budget 15m
  perfgate selftest --format json | jq -r .outcome`
)

// selftestOptions are the flags of selftest.
type selftestOptions struct {
	format   string
	out      string
	slowdown string
	budget   time.Duration
}

func (a *app) selftestCommand() *cobra.Command {
	var o selftestOptions
	c := &cobra.Command{
		Use:     "selftest [" + scenarioFile + "]",
		Short:   "Prove that the gate can fail",
		Long:    selftestLong,
		Example: selftestExample,
		Args:    optionalFile,
		RunE:    func(c *cobra.Command, args []string) error { return a.selftest(c.Context(), args, o) },
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "text", "of standard output, one `NAME` of json, text")
	f.StringVar(&o.out, "out", "perfgate-selftest", "write results, reports and logs to `FOLDER`")
	f.StringVar(&o.slowdown, "slowdown", "20%", "`HOW` much slower the slower one is")
	f.DurationVar(&o.budget, "budget", 0, "time for all of it, builds included (default check.budget)")
	complete(c, "format", "json", "text")
	return c
}

// selftest measures a service as it is and made worse, and says whether the
// gate could tell.
func (a *app) selftest(ctx context.Context, args []string, o selftestOptions) error {
	if o.format != "text" && o.format != "json" {
		return usage("one of json, text", "--format: unknown name %q", o.format)
	}
	if o.budget < 0 {
		return usage("perfgate selftest --help", "selftest: --budget cannot be negative")
	}
	in := gate.SelfTestInput{BudgetFlag: o.budget > 0}
	var err error
	if in.SlowerRatio, err = slowdown(o.slowdown); err != nil {
		return err
	}
	s, err := readScenario(append(args, scenarioFile)[0], a.env)
	if err != nil {
		return err
	}
	in.FailingRatio = s.Load.FailingShare()
	waivers, err := waiversBeside(s.Source)
	if err != nil {
		return err
	}
	if stray := strayWaivers(s, waivers); len(stray) > 0 {
		return stray
	}
	session, failed := a.measureSelfTest(ctx, s, waivers, in, o)
	if len(session.Reports) == 0 {
		return failed
	}
	if err := a.keepChanges(o.out, session); err != nil || failed != nil {
		return errors.Join(err, failed)
	}
	if r := session.Reports[0]; r.Reason.Code == gate.StoppedBudget { // nothing was tried, so nothing went unseen
		return fail("give it a longer --budget", "selftest: %s", r.Reason.Text)
	}
	in.Unchanged, in.Slower, in.Failing = session.Reports[0], session.Reports[1], session.Reports[2]
	return a.tellSelfTest(gate.NewSelfTest(in), o)
}

// slowdown reads a share in per cent.
func slowdown(text string) (float64, error) {
	number, ok := strings.CutSuffix(strings.TrimPrefix(text, "+"), "%")
	percent, err := strconv.ParseFloat(number, 64)
	if err != nil || !ok || !(percent > 0 && percent <= 1000) {
		return 0, usage("write --slowdown 20%", "--slowdown: %q is no share from 0%% to 1000%%", text)
	}
	return percent / 100, nil
}

// selftestChanges names the changes, in the order of their arms.
func selftestChanges() []string {
	return []string{gate.ChangeNone, gate.ChangeSlower, gate.ChangeFailing}
}

// measureSelfTest measures one service four times over, each behind a proxy of
// its own.
func (a *app) measureSelfTest(ctx context.Context, s gate.Scenario, w gate.Waivers, in gate.SelfTestInput, o selftestOptions) (experiment.Session, error) {
	x := serviceOf(s)
	if err := a.preflight(ctx, s, o.out, x); err != nil {
		return experiment.Session{}, err
	}
	errs := []error{drop(o.out, "selftest.json")}
	for _, name := range selftestChanges() {
		errs = append(errs, drop(filepath.Join(o.out, name), "baseline.json", "candidate.json", "report.json", "report.md"))
	}
	if err := errors.Join(errs...); err != nil {
		return experiment.Session{}, err
	}
	options := experiment.CompareOptions{Options: a.session(s, w), Budget: o.budget, Duration: a.runLength}
	store, err := openStore("", s)
	if err != nil {
		return experiment.Session{}, err
	}
	if options.Noise, err = learnedNoise(ctx, store, s.NoiseOf(options.Environment.Class, restarts(x))); err != nil {
		return experiment.Session{}, err
	}
	arm, err := a.arm(ctx, options.Options, gate.SideNone, x, filepath.Join(o.out, "logs"))
	if err != nil {
		return experiment.Session{}, err
	}
	a.say("selftest: %s as it is, unchanged, slower by %g %%, with %g %% of failing answers", x.text(), 100*in.SlowerRatio, 100*in.FailingRatio)
	arms := arm.Share(append([]string{string(gate.SideBaseline)}, selftestChanges()...)...)
	for i, worse := range []demo.ProxyOptions{{}, {}, {Slowdown: in.SlowerRatio}, {Failing: in.FailingRatio, Seed: s.Load.Seed}} {
		arms[i] = arms[i].Through(proxy(worse))
	}
	return a.measurePaired(ctx, options, arms)
}

// proxy opens proxies in front of what is measured.
func proxy(o demo.ProxyOptions) experiment.RelayFunc {
	return func(ctx context.Context, url string) (experiment.Relay, error) {
		p, err := demo.StartProxy(ctx, url, o)
		if err != nil {
			return nil, err // a nil *Proxy must not become a Relay
		}
		return p, nil
	}
}

// keepChanges writes what the gate said of each change, and what it rests on.
func (a *app) keepChanges(out string, session experiment.Session) error {
	var errs []error
	for i, name := range selftestChanges() {
		folder := filepath.Join(out, name)
		view := reportView{files: []string{filepath.Join(folder, "report.json"), filepath.Join(folder, "report.md")}}
		errs = append(errs, keepSession(folder, session.Baseline, session.Candidates[i]), view.write(session.Reports[i]))
	}
	return errors.Join(errs...)
}

// tellSelfTest writes the self-test, shows it, and ends with its code.
func (a *app) tellSelfTest(t gate.SelfTest, o selftestOptions) error {
	if err := keep(filepath.Join(o.out, "selftest.json"), t); err != nil {
		return err
	}
	data, err := gate.Encode(t)
	if o.format == "text" {
		var b bytes.Buffer
		err = report.SelfTest(&b, t, report.TextOptions{Width: a.width, Color: a.color})
		data = b.Bytes()
	}
	if err == nil {
		err = a.print(data)
	}
	if err != nil {
		return err
	}
	if t.ExitCode != gate.ExitOK {
		return verdict(t.ExitCode)
	}
	return nil
}
