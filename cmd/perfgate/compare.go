package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
)

const (
	compareLong = `Compare two results, or two sets of them, and say whether the candidate is
slower or less reliable. Nothing is measured and nothing leaves this machine.

A side is a file, a folder (its result files; folders in it are not entered) or
a pattern in quotes. Results of perfgate and of other tools are told by their
content. Several files of one side are several runs of it.`

	compareExample = `  perfgate compare old.json new.json
  perfgate compare 'old/*.gob' new/ --same-machine -o report.md -o report.json
  perfgate compare baseline.json candidate.json --format json | jq -r .verdict`
)

// compareOptions are the flags of compare.
type compareOptions struct {
	view           reportView
	config         string
	accept         string
	strict         bool
	acrossMachines bool
	sameMachine    bool
}

func (a *app) compareCommand() *cobra.Command {
	var o compareOptions
	c := &cobra.Command{
		Use:     "compare BASELINE CANDIDATE",
		Short:   "Compare two results, own or of another tool, offline",
		Long:    compareLong,
		Example: compareExample,
		Args:    twoSides,
		RunE: func(c *cobra.Command, args []string) error {
			return a.compare(c.Context(), args[0], args[1], o)
		},
	}
	o.view.flags(c)
	f := c.Flags()
	f.StringVar(&o.config, "config", "", "judge by the gate section of `FILE` instead of the candidate's own")
	f.StringVar(&o.accept, "accept", "", "let through what `FILE` accepts (default "+acceptFile+", if it exists)")
	f.BoolVar(&o.strict, "strict", false, "exit 4 when nothing could be decided")
	f.BoolVar(&o.acrossMachines, "across-machines", false, "compare though the machines differ; only large changes can be seen")
	f.BoolVar(&o.sameMachine, "same-machine", false, "the files do not say so, but all were made on one machine within an hour")
	completeFiles(c, "config", "yml", "yaml")
	completeFiles(c, "accept", "yml", "yaml")
	return c
}

// twoSides is arguments for two sides: more than two are most often a pattern
// that the shell has replaced by its files.
func twoSides(c *cobra.Command, args []string) error {
	if len(args) > 2 {
		return usage("put patterns in quotes: perfgate compare 'old/*.json' 'new/*.json'",
			"compare: wants BASELINE CANDIDATE, got %s", count(len(args), "argument"))
	}
	return arguments("BASELINE", "CANDIDATE")(c, args)
}

func (a *app) compare(ctx context.Context, from, to string, o compareOptions) error {
	if o.acrossMachines && o.sameMachine {
		return usage("give one of them", "compare: --across-machines and --same-machine contradict each other")
	}
	if err := o.view.check(); err != nil {
		return err
	}
	baseline, err := a.readSide(ctx, from)
	if err != nil {
		return err
	}
	candidate, err := a.readSide(ctx, to)
	if err != nil {
		return err
	}
	if err := distinct(baseline, candidate); err != nil {
		return err
	}
	if err := o.view.protect(append(baseline.files(), candidate.files()...)...); err != nil {
		return err
	}
	in := gate.Input{Baseline: baseline.results(), Candidate: candidate.results(), Today: a.today(),
		SameMachine: o.sameMachine, AcrossMachines: o.acrossMachines}
	in.Noise = in.Candidate[0].Noise // of use in a paired session only, whose candidate is one file
	if in.Policy, in.PolicyFrom, err = policyFor(o.config, in.Candidate); err != nil {
		return err
	}
	if o.strict {
		in.Policy = strict(in.Policy)
	}
	if in.Waivers, err = waiversFor(o.accept, in.Candidate); err != nil {
		return err
	}
	r := gate.Judge(gate.Compare(in))
	o.view.baseline, o.view.candidate = baseline.name, candidate.name
	if err := a.publish(r, o.view); err != nil {
		return err
	}
	return judged(r)
}
