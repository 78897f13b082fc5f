package main

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
)

const (
	planLong = `What a check of this scenario could see on this machine, before it is run: the
pairs, runs and minutes that a slowdown needs to be found in four of five
sessions, and the chance to find others with the pairs that the budget allows.

It rests on the noise that the reports in the store taught (perfgate calibrate,
and former checks on this class of machine); on the declared noise while there
are none. Nothing is started. It ends 0 whatever it says.`

	planExample = `  perfgate plan
  perfgate plan --effect 5% --budget 15m
  perfgate plan --format json | jq .sees`

	// assumedStartup is what a run is taken to cost besides its measured time,
	// the warm-up aside, until a session has shown it.
	assumedStartup = time.Second
	assumedWarmup  = 2 * time.Second
)

// planOptions are the flags of plan.
type planOptions struct {
	effect, store, format string
	budget                time.Duration
}

func (a *app) planCommand() *cobra.Command {
	var o planOptions
	c := &cobra.Command{
		Use:     "plan [" + scenarioFile + "]",
		Short:   "What a check could see, and what a slowdown needs to be found",
		Long:    planLong,
		Example: planExample,
		Args:    optionalFile,
		RunE:    func(c *cobra.Command, args []string) error { return a.plan(c.Context(), args, o) },
	}
	f := c.Flags()
	f.StringVar(&o.effect, "effect", "10%", "the slowdown to be found, `PERCENT`")
	f.DurationVar(&o.budget, "budget", 0, "time for all of a check (default check.budget)")
	f.StringVar(&o.store, "store", "", "`LOCATION` of the store (default baseline.store)")
	dataFormatFlag(c, &o.format)
	return c
}

// plan reads what is known and says what follows from it.
func (a *app) plan(ctx context.Context, args []string, o planOptions) error {
	effect, err := percentFlag(o.effect)
	if err != nil {
		return err
	}
	if o.budget < 0 {
		return usage("perfgate plan --help", "plan: --budget cannot be negative")
	}
	s, err := readScenario(append(args, scenarioFile)[0], nil)
	if err != nil {
		return err
	}
	store, err := openStore(o.store, s)
	if err != nil {
		return err
	}
	environment := a.environment(s.Target.Env)
	noise, err := learnedNoise(ctx, store, s.NoiseOf(environment.Class, s.Target.URL == ""))
	if err != nil {
		return err
	}
	v := newPlanView(s, noise, effect, o.budget)
	v.Machine = environment.Class.String()
	for _, warning := range []string{s.Starved(v.plan.Duration), v.plan.Blind()} {
		if warning != "" {
			a.say("warning: %s", warning)
		}
	}
	return a.printData(o.format, v, v.text)
}

// percentFlag reads "10%" as 0.1.
func percentFlag(text string) (float64, error) {
	number, isPercent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !isPercent || !(v > 0) || v > 1000 {
		return 0, usage("write it as --effect 10%", "--effect: %q is no slowdown in per cent", text)
	}
	return v / 100, nil
}

// A planView is what plan knows, as JSON and as text.
type planView struct {
	Scenario string      `json:"scenario"`
	Machine  string      `json:"machine"`
	Noise    noiseSource `json:"noise"`
	// Sees is what the plan within the budget finds in four of five sessions.
	BudgetS float64    `json:"budget_s"`
	Pairs   int        `json:"pairs"`
	RunS    float64    `json:"run_s"`
	Minute  float64    `json:"minutes"`
	Sees    planChange `json:"sees"`
	// Needs is what the asked effect takes; null: more than 100 pairs.
	Effect float64      `json:"effect_ratio"`
	Needs  planNeeds    `json:"needs"`
	Curve  []planChance `json:"curve"`

	plan   gate.Plan
	single bool // there is one endpoint only
}

// noiseSource says what the numbers rest on.
type noiseSource struct {
	From       string `json:"from"` // "learned" or "default"
	Sessions   int    `json:"sessions"`
	AASessions int    `json:"aa_sessions"`
	Pairs      int    `json:"pairs"`
	// StartupS is what a run costs besides its measured time, and whether a
	// session has shown that or it is assumed.
	StartupS       float64 `json:"startup_s"`
	StartupAssumed bool    `json:"startup_assumed"`
}

// planChange is the smallest slowdown that is seen; nil: more than tenfold.
type planChange struct {
	All      *float64 `json:"all_ratio"`
	One      *float64 `json:"one_ratio"`
	Endpoint string   `json:"endpoint"` // the one that is hardest to see
}

// planNeeds is what it takes to see the effect; nil: more than 100 pairs.
type planNeeds struct {
	All *planCost `json:"all"`
	One *planCost `json:"one"`
}

type planCost struct {
	Pairs        int     `json:"pairs"`
	Runs         int     `json:"runs"`
	Minutes      float64 `json:"minutes"`
	WithinBudget bool    `json:"within_budget"`
}

// planChance is one point of the power curve.
type planChance struct {
	Effect float64 `json:"effect_ratio"`
	All    float64 `json:"all_power"`
	One    float64 `json:"one_power"`
}

// curveEffects are the slowdowns of the power curve.
func curveEffects() []float64 { return []float64{0.05, 0.075, 0.10, 0.15, 0.20, 0.30, 0.50} }

func newPlanView(s gate.Scenario, noise gate.Noise, effect float64, budget time.Duration) planView {
	for _, b := range []time.Duration{s.Check.Budget, gate.DefaultBudget} {
		if budget == 0 {
			budget = b
		}
	}
	startup, assumed := length(noise.StartupS), noise.Sessions == 0
	if assumed {
		startup = assumedStartup + max(assumedWarmup, s.Load.Warmup)
	}
	url := s.Target.URL != ""
	plan := gate.NewPlan(gate.PlanInput{Startup: startup, Left: budget, MaxPairs: s.Check.MaxPairs, Learned: noise.Learned(), NotRestarted: url, Policy: s.Policy})
	o := outlookOf(s, noise, plan.Duration)
	hardest := o.Hardest(effect, plan.Pairs)
	v := planView{Scenario: s.Info().ID, BudgetS: budget.Seconds(), Pairs: plan.Pairs, RunS: plan.Duration.Seconds(), Minute: minutes(plan.Takes), Effect: effect,
		Sees:  planChange{All: ratioOrNil(o.Sees(gate.Whole, plan.Pairs)), One: ratioOrNil(o.Sees(hardest, plan.Pairs)), Endpoint: hardest},
		Noise: noiseSource{From: "default", Sessions: noise.Sessions, AASessions: noise.AASessions, Pairs: noise.Pairs, StartupS: startup.Seconds(), StartupAssumed: assumed},
		plan:  plan, single: len(o.Endpoints) == 1}
	if noise.Learned().Between > 0 {
		v.Noise.From = "learned"
	}
	cost := func(endpoint string) *planCost {
		n, ok := o.PairsFor(endpoint, effect)
		if !ok {
			return nil
		}
		takes := time.Duration(n) * plan.PairTakes()
		return &planCost{Pairs: n, Runs: 2 * n, Minutes: minutes(takes), WithinBudget: takes <= budget}
	}
	v.Needs = planNeeds{All: cost(gate.Whole), One: cost(hardest)}
	for _, x := range curveEffects() {
		v.Curve = append(v.Curve, planChance{x, rounded(o.Found(gate.Whole, x, plan.Pairs)), rounded(o.Found(hardest, x, plan.Pairs))})
	}
	return v
}

// outlookOf is what sessions of a scenario could see with runs of a length.
func outlookOf(s gate.Scenario, noise gate.Noise, length time.Duration) gate.Outlook {
	o := gate.Outlook{Noise: noise, Policy: s.Policy, Duration: length, NotRestarted: s.Target.URL != ""}
	for _, e := range s.Info().Endpoints {
		o.Endpoints = append(o.Endpoints, e.Name)
	}
	return o
}

func minutes(d time.Duration) float64 { return math.Round(10*d.Minutes()) / 10 }

func ratioOrNil(v float64) *float64 {
	if math.IsInf(v, 0) {
		return nil
	}
	v = rounded(v)
	return &v
}

// rounded keeps four decimals: the noise is not known better.
func rounded(v float64) float64 { return math.Round(1e4*v) / 1e4 }
