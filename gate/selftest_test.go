package gate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// A tester makes self-tests of a service that never existed.
type tester struct {
	slowdown, failing float64
	policy            gate.Policy
	waivers           gate.Waivers
	endpoints         []gatetest.Endpoint
	noise             float64
	// real is what the slower and the failing arm really do; zero: as asked.
	realSlowdown float64
	unchanged    float64 // slowdown of the unchanged arm
	requests     int
	budgetFlag   bool
	uncounted    bool // failing answers count as successes
	// failingSlower is by how much the failing arm is slower by chance.
	failingSlower float64
}

func (x tester) input() gate.SelfTestInput {
	spec := gatetest.Spec{Runs: 4, Noise: 0.01, Endpoints: x.endpoints, Requests: x.requests}
	if x.noise > 0 {
		spec.Noise = x.noise
	}
	slower := func(ratio float64) func(int, string) float64 {
		return func(int, string) float64 { return 1 + ratio }
	}
	report := func(candidate gatetest.Spec) gate.Report {
		candidate.Runs, candidate.Noise, candidate.Endpoints, candidate.Requests = spec.Runs, spec.Noise, spec.Endpoints, spec.Requests
		b, c := gatetest.Pair(spec, candidate)
		return gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}, Policy: x.policy, Waivers: x.waivers}))
	}
	in := gate.SelfTestInput{SlowerRatio: x.slowdown, FailingRatio: x.failing, BudgetFlag: x.budgetFlag}
	real := x.slowdown
	if x.realSlowdown > 0 {
		real = x.realSlowdown
	}
	in.Unchanged = report(gatetest.Spec{Scale: slower(x.unchanged)})
	in.Slower = report(gatetest.Spec{Scale: slower(real)})
	in.Failing = report(gatetest.Spec{Scale: slower(x.failingSlower), Errors: func(int, string) int64 {
		if x.uncounted {
			return 0
		}
		n := spec.Requests
		if n == 0 {
			n = 400
		}
		return int64(x.failing * float64(n))
	}})
	return in
}

// TestSelfTest: what is concluded, and which changes are named as missed.
func TestSelfTest(t *testing.T) {
	rules := func(mode gate.Mode, ts ...gate.Threshold) gate.Policy {
		return gate.Policy{Source: "perfgate.yml", Mode: mode, Thresholds: ts}
	}
	latency := func(worse float64) gate.Threshold {
		return gate.Threshold{Metric: "latency_*", WorseRatio: ptr(worse), Line: 9}
	}
	// What POST /b takes unchanged, and a little more.
	probe := tester{slowdown: 0.2, failing: 0.02}.input()
	limit := 1.02 * find(t, probe.Unchanged, "POST /b", gate.MetricP95, "").Candidate.Value
	type spot struct {
		Text, Edit string
		Decisive   bool
	}
	tests := []struct {
		name    string
		tester  tester
		outcome string
		exit    int
		text    string
		want    []spot
		notes   []string // among others
	}{
		{"the defaults", tester{}, gate.SelfTestProven, 0, "this gate can fail", nil, nil},
		{"the threshold is too wide", tester{policy: rules("", latency(0.5))}, gate.SelfTestUnseen, 3, "a slowdown of 20 % went unseen", []spot{
			{"threshold 50 % (perfgate.yml:9): a slowdown of 20 % of every endpoint would go unseen", "worse: 10%", true},
			{"threshold 50 % (perfgate.yml:9): a slowdown of 20 % of GET /a or POST /b alone would go unseen", "worse: 10%", false}}, nil},
		{"one endpoint's threshold is too wide", tester{policy: rules("", gate.Threshold{Metric: "latency_*", Endpoint: "POST /b", WorseRatio: ptr(0.5), Line: 8})},
			gate.SelfTestProven, 0, "this gate can fail", []spot{
				{"threshold 50 % (perfgate.yml:8): a slowdown of 20 % of POST /b alone would go unseen", "worse: 10%", false}}, nil},
		{"no rule on latency blocks", tester{policy: rules("", gate.Threshold{Metric: "latency_*", Severity: gate.SeverityWarn, Line: 7})},
			gate.SelfTestUnseen, 3, "a slowdown of 20 % went unseen", []spot{
				{"severity warn (perfgate.yml:7): a slowdown of 20 % of every endpoint would go unseen", "severity: block", true},
				{"severity warn (perfgate.yml:7): a slowdown of 20 % of GET /a or POST /b alone would go unseen", "severity: block", false}},
			[]string{"no threshold of a latency blocks: this gate cannot fail on latency"}},
		{"shown only", tester{policy: rules("", gate.Threshold{Metric: "latency_*", Severity: gate.SeverityInfo, Line: 7})},
			gate.SelfTestUnseen, 3, "a slowdown of 20 % went unseen", []spot{
				{"severity info (perfgate.yml:7): a slowdown of 20 % of every endpoint would go unseen", "severity: block", true},
				{"severity info (perfgate.yml:7): a slowdown of 20 % of GET /a or POST /b alone would go unseen", "severity: block", false}}, nil},
		{"an endpoint is faster than its floor", tester{endpoints: []gatetest.Endpoint{{Name: "GET /a"}, {Name: "GET /health", MedianMS: 0.25}}},
			gate.SelfTestProven, 0, "this gate can fail", []spot{
				{"floor 100 µs (default): a slowdown of 20 % of GET /health alone would go unseen", "a floor of less than 20 % of the time that it takes", false}}, nil},
		{"a waiver hides it in one endpoint", tester{waivers: gate.Waivers{Source: "perfgate.accept.yml", Items: []gate.Waiver{
			{Endpoint: "POST /b", Metric: gate.LatencyMetric(0.5), MaxWorseRatio: 0.5, Expires: "2026-12-31", Line: 3},
			{Endpoint: "POST /b", Metric: gate.MetricP95, MaxWorseRatio: 0.5, Expires: "2026-12-31", Line: 9}}}},
			gate.SelfTestProven, 0, "this gate can fail", []spot{
				{"perfgate.accept.yml:3 accepts it: a slowdown of 20 % of POST /b alone would go unseen", "remove the entry, or lower its max", false}}, nil},
		{"noise hides it", tester{noise: 0.12, realSlowdown: 0.04}, gate.SelfTestUnseen, 3, "a slowdown of 20 % went unseen", []spot{
			{"noise, runs varied by 6.4 %: a slowdown of 20 % of every endpoint would go unseen", "a longer check.budget, more check.max_pairs, or a quieter machine", true}}, nil},
		{"noise hides it, and the budget was a flag", tester{noise: 0.12, realSlowdown: 0.04, budgetFlag: true}, gate.SelfTestUnseen, 3, "a slowdown of 20 % went unseen", []spot{
			{"noise, runs varied by 6.4 %: a slowdown of 20 % of every endpoint would go unseen", "a longer --budget, more check.max_pairs, or a quieter machine", true}}, nil},
		{"too few requests", tester{requests: 15}, gate.SelfTestUnseen, 3, "a slowdown of 20 % went unseen", []spot{
			{"too few requests, GET /a has 15 requests a run; p50 needs 20 of an endpoint: a slowdown of 20 % of every endpoint would go unseen", "a higher load.rate, or more load.users", true},
			{"too few requests: 2 % of failing answers would go unseen", "a higher load.rate, or more load.users", true},
			{"too few requests: a slowdown of 20 % of GET /a or POST /b alone would go unseen", "a higher load.rate, or more load.users", false}},
			[]string{"unchanged code could not be passed: overall p50: GET /a has 15 requests a run; p50 needs 20 of an endpoint"}},
		{"the error rate may rise more than that", tester{policy: rules("", gate.Threshold{Metric: gate.MetricErrorRate, WorseAbs: ptr(0.05), Line: 4})},
			gate.SelfTestUnseen, 3, "2 % of failing answers went unseen", []spot{
				{"threshold 5 pp (perfgate.yml:4): 2 % of failing answers would go unseen", "worse: +1pp", true}}, nil},
		{"errors only warn", tester{policy: rules("", gate.Threshold{Metric: gate.MetricErrorRate, Severity: gate.SeverityWarn, Line: 4})},
			gate.SelfTestUnseen, 3, "2 % of failing answers went unseen", []spot{
				{"severity warn (perfgate.yml:4): 2 % of failing answers would go unseen", "severity: block", true}}, nil},
		{"503 is a success", tester{uncounted: true}, gate.SelfTestUnseen, 3, "2 % of failing answers went unseen", []spot{
			{"answers with status 503 do not count as failures (expect.status): 2 % of failing answers would go unseen", "leave 503 out of expect.status", true}}, nil},
		{"a false alarm", tester{unchanged: 0.3}, gate.SelfTestFalseAlarm, 1, "", nil, nil},
		{"observe", tester{policy: rules(gate.ModeObserve)}, gate.SelfTestProven, 0, "this gate can fail", nil,
			[]string{"gate.mode is observe: a pipeline stays green whatever is found; mode: enforce makes it count"}},
		{"chance breaks a limit on something else", tester{failingSlower: 0.05, policy: gate.Policy{Source: "perfgate.yml",
			Thresholds: []gate.Threshold{{Metric: "*", Severity: gate.SeverityWarn, Line: 4}},
			SLOs:       []gate.SLO{{Metric: gate.MetricP95, Endpoint: "POST /b", Op: "<", Limit: limit}}}}, gate.SelfTestUnseen, 3, "2 % of failing answers went unseen", nil, nil},
		{"a limit on what a slowdown changes", tester{policy: gate.Policy{Source: "perfgate.yml",
			Thresholds: []gate.Threshold{{Metric: "latency_*", Severity: gate.SeverityWarn, Line: 4}},
			SLOs:       []gate.SLO{{Metric: gate.MetricP95, Endpoint: "POST /b", Op: "<", Limit: limit}}}}, gate.SelfTestProven, 0, "this gate can fail", []spot{
			{"severity warn (perfgate.yml:4): a slowdown of 20 % of every endpoint would go unseen", "severity: block", false},
			{"severity warn (perfgate.yml:4): a slowdown of 20 % of GET /a or POST /b alone would go unseen", "severity: block", false}}, nil},
		{"a limit that the service breaks by itself", tester{policy: gate.Policy{SLOs: []gate.SLO{{Metric: gate.MetricP95, Op: "<", Limit: 1}}}},
			gate.SelfTestUnseen, 3, "", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.tester.slowdown, tt.tester.failing = 0.2, 0.02
			got := gate.NewSelfTest(tt.tester.input())
			if got.Outcome != tt.outcome || got.ExitCode != tt.exit || tt.text != "" && got.Text != tt.text {
				t.Errorf("%s, exit code %d: %s; want %s, %d: %s", got.Outcome, got.ExitCode, got.Text, tt.outcome, tt.exit, tt.text)
			}
			var spots []spot
			for _, s := range got.BlindSpots {
				spots = append(spots, spot{s.Text, s.Edit, s.Decisive})
			}
			if diff := cmp.Diff(tt.want, spots); diff != "" && (tt.want != nil || tt.exit == 0) {
				t.Errorf("blind spots: -want +got\n%s", diff)
			}
			for _, note := range tt.notes {
				if !slices.Contains(got.Notes, note) {
					t.Errorf("notes %q lack %q", got.Notes, note)
				}
			}
		})
	}
}

// A slowdown that shows as work only is not seen: the proxy does no work.
func TestSelfTestOtherMetric(t *testing.T) {
	in := tester{slowdown: 0.2, failing: 0.02, policy: gate.Policy{Thresholds: []gate.Threshold{{Metric: "latency_*", Severity: gate.SeverityWarn}}}}.input()
	in.Slower.Verdict = gate.VerdictRegression
	in.Slower.Rows = append(in.Slower.Rows, gate.Row{ID: "r99", Metric: "cpu_seconds", Role: gate.RoleSecondary, Severity: gate.SeverityBlock, Named: true, Outcome: gate.OutcomeRegression})
	if got := gate.NewSelfTest(in); got.Outcome != gate.SelfTestUnseen || got.Text != "a slowdown of 20 % went unseen" {
		t.Errorf("%s: %s", got.Outcome, got.Text)
	}
}

// TestSelfTestSeenFrom: what is said of the sizes that could be seen.
func TestSelfTestSeenFrom(t *testing.T) {
	in := tester{slowdown: 0.2, failing: 0.02}.input()
	for i := range in.Unchanged.Rows {
		r := &in.Unchanged.Rows[i]
		switch {
		case r.Metric == gate.MetricErrorRate:
			r.MDEAbs = ptr(0.004)
		case r.Endpoint == nil:
			r.MDERatio = ptr(0.09)
		case *r.Endpoint == "GET /a":
			r.MDERatio = ptr(0.12)
		default:
			r.MDERatio = ptr(0.31)
		}
	}
	got := gate.NewSelfTest(in)
	want := []string{"a slowdown of every endpoint below +9 %, or failing answers below +0.4 pp, would go unseen",
		"a slowdown of one endpoint alone is seen from +12 % on, of POST /b from +31 %"}
	if diff := cmp.Diff(want, got.Notes); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]*float64{nil, ptr(0.09), nil}, []*float64{got.Changes[0].SeenFromRatio, got.Changes[1].SeenFromRatio, got.Changes[2].SeenFromRatio}); diff != "" {
		t.Errorf("slower: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]*float64{nil, nil, ptr(0.004)}, []*float64{got.Changes[0].SeenFromAbs, got.Changes[1].SeenFromAbs, got.Changes[2].SeenFromAbs}); diff != "" {
		t.Errorf("failing: -want +got\n%s", diff)
	}
}

// Few requests need more failures to be counted.
func TestFailingShare(t *testing.T) {
	open := func(rate float64) gate.Load { return gate.Load{Model: gate.ModelOpen, Rate: rate} }
	closed := func(users int, wait time.Duration) gate.Load {
		return gate.Load{Model: gate.ModelClosed, Users: users, Wait: gate.Wait{Min: wait, Max: wait}}
	}
	tests := []struct {
		name string
		load gate.Load
		want float64
	}{
		{"plenty", open(400), 0.02},
		{"as many as 2 % need", open(25), 0.02},
		{"fewer", open(10), 0.05},
		{"hardly any", open(0.1), 0.5},
		{"users without a pause", closed(4, 0), 0.02},
		{"users that wait", closed(10, 2*time.Second), 0.1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.load.FailingShare(); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
