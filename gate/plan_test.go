package gate_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/perfgate/perfgate/gate"
)

func TestNewPlan(t *testing.T) {
	const s = time.Second
	tenPercent := 0.10
	wide := gate.Policy{Thresholds: []gate.Threshold{{Metric: gate.MetricP95, WorseRatio: &tenPercent}}}
	tests := []struct {
		name string
		in   gate.PlanInput
		want gate.Plan
		text string
	}{
		{"the example of the design", gate.PlanInput{Startup: 3 * s, Left: 270 * s},
			gate.Plan{Pairs: 10, Looks: []int{4, 6, 8, 10}, Duration: 10 * s, Startup: 3 * s, Arms: 2, Takes: 260 * s, Left: 270 * s, SeesRatio: 0.109929},
			"plan: up to 10 pairs of 2 × (3 s + 10 s), about 4 min; can see +11 % on overall p95"},
		{"the whole default budget", gate.PlanInput{Startup: 2600 * time.Millisecond, Left: 460 * s},
			gate.Plan{Pairs: 16, Looks: []int{4, 6, 8, 12, 16}, Duration: 10 * s, Startup: 2600 * time.Millisecond, Arms: 2, Takes: 403200 * time.Millisecond, Left: 460 * s, SeesRatio: 0.0817237},
			"plan: up to 16 pairs of 2 × (2.6 s + 10 s), about 7 min; can see +8.2 % on overall p95"},
		{"an odd last pair is not planned", gate.PlanInput{Startup: 2 * s, Left: 5*24*s + 23*s, MaxPairs: 20},
			gate.Plan{Pairs: 4, Looks: []int{4}, Duration: 10 * s, Startup: 2 * s, Arms: 2, Takes: 96 * s, Left: 143 * s, SeesRatio: 0.197835},
			"plan: 4 pairs of 2 × (2 s + 10 s), about 2 min; can see +20 % on overall p95"},
		{"fewer than four", gate.PlanInput{Startup: 20 * s, Left: 200 * s},
			gate.Plan{Pairs: 3, Looks: []int{3}, Duration: 10 * s, Startup: 20 * s, Arms: 2, Takes: 180 * s, Left: 200 * s, SeesRatio: 0.249621},
			"plan: 3 pairs of 2 × (20 s + 10 s), about 3 min, one look only; can see +25 % on overall p95"},
		{"not even one", gate.PlanInput{Startup: 50 * s, Left: 30 * s},
			gate.Plan{Pairs: 1, Looks: []int{1}, Duration: 10 * s, Startup: 50 * s, Arms: 2, Takes: 120 * s, Left: 30 * s, SeesRatio: 0.646916},
			"plan: 1 pair of 2 × (50 s + 10 s), about 2 min, more than the 30 s that are left of the budget; can see +65 % on overall p95"},
		{"no budget left", gate.PlanInput{Left: -5 * s, MaxPairs: 1},
			gate.Plan{Pairs: 1, Looks: []int{1}, Duration: 10 * s, Arms: 2, Takes: 20 * s, Left: -5 * s, SeesRatio: 0.646916},
			"plan: 1 pair of 2 × (0 s + 10 s), about 20 s, more than the 0 s that are left of the budget; can see +65 % on overall p95"},
		{"fixed, two candidates", gate.PlanInput{Startup: 250 * time.Millisecond, Left: s, Pairs: 6, Duration: 2 * s, Arms: 3},
			gate.Plan{Pairs: 6, Looks: []int{6}, Duration: 2 * s, Startup: 250 * time.Millisecond, Arms: 3, Takes: 40500 * time.Millisecond, Left: s, SeesRatio: 0.145082},
			"plan: 6 pairs of 3 × (0.3 s + 2 s), about 40 s; can see +15 % on overall p95"},
		{"a target that is not restarted", gate.PlanInput{Startup: 3 * s, Left: 270 * s, NotRestarted: true},
			gate.Plan{Pairs: 10, Looks: []int{4, 6, 8, 10}, Duration: 10 * s, Startup: 3 * s, Arms: 2, Takes: 260 * s, Left: 270 * s, SeesRatio: 0.183141},
			"plan: up to 10 pairs of 2 × (3 s + 10 s), about 4 min; can see +18 % on overall p95"},
		{"never below the threshold", gate.PlanInput{Startup: 3 * s, Left: 3600 * s, MaxPairs: 20, Policy: wide},
			gate.Plan{Pairs: 20, Looks: []int{4, 6, 8, 12, 20}, Duration: 10 * s, Startup: 3 * s, Arms: 2, Takes: 520 * s, Left: 3600 * s, SeesRatio: 0.10},
			"plan: up to 20 pairs of 2 × (3 s + 10 s), about 9 min; can see +10 % on overall p95"},
		// docs/method.md 2.6: c 15 s, 2 % in runs of 60 s, sigma_R 3 %: 20 s.
		{"learned", gate.PlanInput{Startup: 15 * s, Left: 300 * s, Learned: gate.LearnedNoise{Between: 0.03, WithinSE: 0.02, RunLength: 60 * s}},
			gate.Plan{Pairs: 4, Looks: []int{4}, Duration: 20 * s, Startup: 15 * s, Arms: 2, Takes: 280 * s, Left: 300 * s, SeesRatio: 0.197835},
			"plan: 4 pairs of 2 × (15 s + 20 s), about 5 min; can see +20 % on overall p95"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := gate.NewPlan(tt.in)
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreUnexported(gate.Plan{}), cmpopts.EquateApprox(1e-5, 0)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(tt.text, got.String()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestPlanDuration(t *testing.T) {
	const s = time.Second
	noise := func(between, within float64) gate.LearnedNoise {
		return gate.LearnedNoise{Between: between, WithinSE: within, RunLength: 10 * s}
	}
	tests := []struct {
		name    string
		startup time.Duration
		fixed   time.Duration
		learned gate.LearnedNoise
		want    time.Duration
	}{
		{"nothing learned", 3 * s, 0, gate.LearnedNoise{}, 10 * s},
		{"at least 8 s", 3 * s, 0, noise(0.05, 0.01), 8 * s},
		{"at most 30 s", 60 * s, 0, noise(0.01, 0.05), 30 * s},
		{"without start-up cost", 0, 0, noise(0.03, 0.05), 8 * s},
		{"fixed wins", 15 * s, 2 * s, noise(0.03, 0.05), 2 * s},
		{"no run noise seen", 15 * s, 0, noise(0, 0.05), 10 * s},
		{"not a number", 15 * s, 0, noise(math.NaN(), 0.05), 10 * s},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := gate.NewPlan(gate.PlanInput{Startup: tt.startup, Left: time.Hour, Duration: tt.fixed, Learned: tt.learned})
			if got.Duration != tt.want {
				t.Errorf("duration %v, want %v", got.Duration, tt.want)
			}
		})
	}
}

func TestPlanBlind(t *testing.T) {
	const s = time.Second
	two, forty := 0.02, 0.40
	rule := func(r gate.Threshold) gate.Policy { return gate.Policy{Thresholds: []gate.Threshold{r}} }
	tests := []struct {
		name string
		plan gate.Plan
		want string
	}{
		{"twelve pairs see enough", gate.NewPlan(gate.PlanInput{Startup: 3 * s, Left: 480 * s}), ""},
		{"four do not", gate.NewPlan(gate.PlanInput{Startup: 3 * s, Left: 480 * s, MaxPairs: 4}),
			"the limit is 5 %, but this plan shows a change only from +20 % on; +10 % needs about 12 pairs, 5 min"},
		{"they do for a wide limit", gate.NewPlan(gate.PlanInput{Startup: 3 * s, Left: 480 * s, MaxPairs: 4, Policy: rule(gate.Threshold{Metric: "latency_*", WorseRatio: &forty})}), ""},
		{"one endpoint with a tight limit", gate.NewPlan(gate.PlanInput{Startup: 3 * s, Left: 480 * s, Policy: rule(gate.Threshold{Metric: gate.MetricP95, Endpoint: "POST /b", WorseRatio: &two})}),
			"the limit is 2 %, but this plan shows a change only from +8.2 % on; +4 % needs about 54 pairs, 23 min"},
		{"out of reach", gate.NewPlan(gate.PlanInput{Startup: 3 * s, Left: 480 * s, NotRestarted: true}),
			"the limit is 5 %, but this plan shows a change only from +16 % on; lower the noise (longer runs, a quieter machine), or raise the limit"},
		{"a limit that only warns", gate.NewPlan(gate.PlanInput{Startup: 3 * s, Left: 480 * s, MaxPairs: 4, Policy: rule(gate.Threshold{Metric: "latency_*", Severity: gate.SeverityWarn})}), ""},
		{"blocks", gate.NewBlocksPlan(gate.PlanInput{Startup: 3 * s, Left: 480 * s}, 5), "the limit is 5 %, but this plan shows a change only from +36 % on"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.plan.Blind(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
