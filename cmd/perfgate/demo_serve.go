package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/demo"
)

const demoServeExample = `  perfgate demo serve
  perfgate demo serve --slow /inference=1.5 --slow /models=1.5
  perfgate demo serve --addr 127.0.0.1:0 --errors 0.05 --work timer`

// demoServeOptions are the flags of demo serve.
type demoServeOptions struct {
	demo.Options
	addr string
	slow []string
	work string
}

func (a *app) demoServeCommand() *cobra.Command {
	var o demoServeOptions
	c := &cobra.Command{
		Use:     "serve",
		Short:   "Run the built-in service alone",
		Example: demoServeExample,
		Args:    arguments(),
		RunE:    func(c *cobra.Command, _ []string) error { return a.demoServe(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.addr, "addr", "127.0.0.1:8000", "listen on `HOST:PORT`; port 0 takes a free one")
	f.StringArrayVar(&o.slow, "slow", nil, "`[PATH=]FACTOR` of the work of an endpoint, or of all; may be repeated")
	f.Float64Var(&o.ErrorRate, "errors", 0, "share of requests answered 500, 0 to 1")
	f.StringVar(&o.work, "work", string(demo.WorkCPU), "how a request spends its time: cpu or timer")
	f.Uint64Var(&o.Seed, "seed", 0, "of the spread of service times and of errors")
	f.Float64Var(&o.IterationsPerMicrosecond, "iterations", 0, "speed of this machine, the same for all builds that are compared (default measured)")
	f.StringVar(&o.Commit, "commit", "", "what /version answers")
	complete(c, "work", string(demo.WorkCPU), string(demo.WorkTimer))
	complete(c, "slow", demo.Endpoints()...)
	return c
}

func (a *app) demoServe(ctx context.Context, o demoServeOptions) error {
	o.Work = demo.Work(o.work)
	o.Slow = map[string]float64{}
	for _, text := range o.slow {
		if err := o.addSlow(text); err != nil {
			return err
		}
	}
	err := demo.Serve(ctx, o.addr, o.Options, func(addr string) { a.say("demo service on http://%s, Ctrl-C ends it", addr) })
	if err != nil {
		return &failure{code: gate.ExitUsage, err: err}
	}
	return nil
}

// addSlow reads one --slow: a factor for all endpoints, or PATH=FACTOR.
func (o *demoServeOptions) addSlow(text string) error {
	path, number, single := strings.Cut(text, "=")
	if !single {
		number = text
	}
	factor, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return usage("write --slow 1.5 or --slow /inference=1.5", "demo serve: --slow %q is no factor", text)
	}
	if single {
		o.Slow[path] = factor
		return nil
	}
	o.SlowAll = factor
	return nil
}
