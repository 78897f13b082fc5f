package gate_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

func ratio(f float64) *float64 { return &f }

// slow is a session in which POST /b became 20 % slower.
func slow() gate.Input {
	return paired(12, gatetest.Spec{}, gatetest.Spec{Scale: slower("POST /b", 1.2)})
}

func TestPolicies(t *testing.T) {
	with := func(in gate.Input, change func(*gate.Input)) gate.Input { change(&in); return in }
	rule := func(ts ...gate.Threshold) func(*gate.Input) {
		return func(in *gate.Input) { in.Policy = gate.Policy{Source: "perfgate.yml", Thresholds: ts} }
	}
	tests := []struct {
		name    string
		in      gate.Input
		verdict gate.Verdict
		exit    int
		row     [3]string // endpoint, metric, role; empty: none
		outcome gate.Outcome
		rule    string
	}{
		{"default", slow(), gate.VerdictRegression, 1, [3]string{"POST /b", gate.MetricP95, ""}, gate.OutcomeRegression, "default"},
		{"a wider threshold for all", with(slow(), rule(gate.Threshold{Metric: "latency_*", WorseRatio: ratio(0.4), Line: 7})),
			gate.VerdictPass, 0, [3]string{"POST /b", gate.MetricP95, ""}, gate.OutcomePass, "perfgate.yml:7"},
		{"first match wins", with(slow(), rule(gate.Threshold{Metric: gate.MetricP95, Endpoint: "POST*", WorseRatio: ratio(0.4), Line: 7}, gate.Threshold{Metric: gate.MetricP95, WorseRatio: ratio(0.05), Line: 8})),
			gate.VerdictRegression, 1, [3]string{"POST /b", gate.MetricP95, ""}, gate.OutcomePass, "perfgate.yml:7"},
		{"warn never decides", with(slow(), rule(gate.Threshold{Metric: "*", Severity: gate.SeverityWarn, Line: 7})),
			gate.VerdictInconclusive, 0, [3]string{"POST /b", gate.MetricP95, ""}, gate.OutcomeRegression, "perfgate.yml:7"},
		{"info is only shown", with(slow(), rule(gate.Threshold{Metric: gate.MetricP95, Endpoint: "*", Severity: gate.SeverityInfo, Line: 7})),
			gate.VerdictRegression, 1, [3]string{"POST /b", gate.MetricP95, ""}, gate.OutcomeInfo, "perfgate.yml:7"},
		{"a floor above the change", with(slow(), rule(gate.Threshold{Metric: "latency_*", FloorAbs: ratio(50), Line: 7})),
			gate.VerdictPass, 0, [3]string{"POST /b", gate.MetricP95, ""}, gate.OutcomePass, "perfgate.yml:7"},
		{"p99 is shown", paired(8, gatetest.Spec{Requests: 1200}, gatetest.Spec{Requests: 1200, Scale: slower("POST /b", 1.5)}),
			gate.VerdictRegression, 1, [3]string{"POST /b", gate.MetricP99, "info"}, gate.OutcomeInfo, "default"},
		{"p99 is gated once a rule names it", with(paired(8, gatetest.Spec{Requests: 1200}, gatetest.Spec{Requests: 1200, Scale: slower("POST /b", 1.5)}), rule(gate.Threshold{Metric: gate.MetricP99, Line: 7})),
			gate.VerdictRegression, 1, [3]string{"POST /b", gate.MetricP99, "secondary"}, gate.OutcomeRegression, "perfgate.yml:7"},
		{"a primary endpoint row", with(slow(), rule(gate.Threshold{Metric: gate.MetricP95, Endpoint: "POST /b", Primary: true, Line: 7})),
			gate.VerdictRegression, 1, [3]string{"POST /b", gate.MetricP95, "primary"}, gate.OutcomeRegression, "perfgate.yml:7"},
		{"the relative row singles it out", slow(), gate.VerdictRegression, 1, [3]string{"POST /b", gate.MetricP95, "relative"}, gate.OutcomeRegression, "default"},
		{"and not the other", slow(), gate.VerdictRegression, 1, [3]string{"GET /a", gate.MetricP95, "relative"}, gate.OutcomePass, "default"},
		{"waived", with(slow(), waive("2027-01-01", 0.3)), gate.VerdictPass, 0, [3]string{"POST /b", gate.MetricP95, ""}, gate.OutcomeRegression, "default"},
		{"observe", with(slow(), func(in *gate.Input) { in.Policy.Mode = gate.ModeObserve }), gate.VerdictRegression, 0, [3]string{}, "", ""},
		{"a limit is broken", with(paired(4, gatetest.Spec{}, gatetest.Spec{}), func(in *gate.Input) {
			in.Policy.SLOs = []gate.SLO{{Metric: gate.MetricP95, Endpoint: "POST /b", Op: "<", Limit: 20}}
		}), gate.VerdictViolation, 1, [3]string{}, "", ""},
		{"a limit holds", with(paired(4, gatetest.Spec{}, gatetest.Spec{}), func(in *gate.Input) {
			in.Policy.SLOs = []gate.SLO{{Metric: gate.MetricP95, Endpoint: "*", Op: "<", Limit: 200}, {Metric: gate.MetricErrorRate, Op: "<", Limit: 0.01}, {Metric: gate.MetricThroughput, Op: ">", Limit: 10}}
		}), gate.VerdictPass, 0, [3]string{}, "", ""},
		{"a limit without a baseline", gate.Input{Candidate: []gate.Result{gatetest.Spec{}.Result()}, Policy: gate.Policy{SLOs: []gate.SLO{{Metric: gate.MetricP95, Op: "<", Limit: 1}}}},
			gate.VerdictViolation, 1, [3]string{}, "", ""},
		{"undecided fails where asked", with(blocks(1, gatetest.Spec{}, gatetest.Spec{}), func(in *gate.Input) { in.Policy.Inconclusive = gate.ActionFail }),
			gate.VerdictInconclusive, 4, [3]string{}, "", ""},
		{"no baseline fails where asked", gate.Input{Candidate: []gate.Result{gatetest.Spec{}.Result()}, Policy: gate.Policy{NoBaseline: gate.NoBaseline{Action: gate.ActionFail}}},
			gate.VerdictNoBaseline, 4, [3]string{}, "", ""},
		{"one endpoint is its own whole", paired(8, gatetest.Spec{Endpoints: []gatetest.Endpoint{{Name: "GET /only"}}}, gatetest.Spec{Endpoints: []gatetest.Endpoint{{Name: "GET /only"}}}),
			gate.VerdictPass, 0, [3]string{"GET /only", gate.MetricP95, "primary"}, gate.OutcomePass, "default"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(tt.in)
			got, want := []any{r.Verdict, r.ExitCode}, []any{tt.verdict, tt.exit}
			if tt.row[1] != "" {
				row := find(t, r, tt.row[0], tt.row[1], gate.Role(tt.row[2]))
				got, want = append(got, row.Outcome, row.Rule), append(want, tt.outcome, tt.rule)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, dump(r))
			}
		})
	}
}

func TestWaiverStates(t *testing.T) {
	tests := []struct {
		name  string
		w     gate.Waiver
		state string
	}{
		{"used", gate.Waiver{Endpoint: "POST /b", Metric: gate.MetricP95, MaxWorseRatio: 0.3, Expires: "2026-12-31"}, gate.WaiverUsed},
		{"its last day", gate.Waiver{Endpoint: "POST /b", Metric: gate.MetricP95, MaxWorseRatio: 0.3, Expires: "2026-06-01"}, gate.WaiverUsed},
		{"the day after", gate.Waiver{Endpoint: "POST /b", Metric: gate.MetricP95, MaxWorseRatio: 0.3, Expires: "2026-05-31"}, gate.WaiverExpired},
		{"exceeded", gate.Waiver{Endpoint: "POST /b", Metric: gate.MetricP95, MaxWorseRatio: 0.1, Expires: "2026-12-31"}, gate.WaiverExceeded},
		{"unused", gate.Waiver{Endpoint: "GET /a", Metric: gate.MetricP95, MaxWorseRatio: 0.1, Expires: "2026-12-31"}, gate.WaiverUnused},
		{"unmatched", gate.Waiver{Endpoint: "GET /z", Metric: gate.MetricP95, MaxWorseRatio: 0.1, Expires: "2026-12-31"}, gate.WaiverUnmatched},
		{"of another scenario", gate.Waiver{Scenario: "other", Endpoint: "POST /b", Metric: gate.MetricP95, MaxWorseRatio: 0.3, Expires: "2026-12-31"}, gate.WaiverUnmatched},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := slow()
			in.Today, in.Waivers = "2026-06-01", gate.Waivers{Source: "perfgate.accept.yml", Items: []gate.Waiver{tt.w}}
			r := judge(in)
			if diff := cmp.Diff([]string{tt.state}, []string{r.Accepted[0].State}); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			told := slices.ContainsFunc(r.Warnings, func(w gate.RowWarning) bool { return strings.HasPrefix(w.Code, "waiver_") })
			if told != (tt.state != gate.WaiverUsed) {
				t.Errorf("told: %v", told)
			}
		})
	}
}

// What was accepted of one endpoint is taken out of the whole, which is judged
// on the others: a change of theirs still fails it.
func TestWaivingAnEndpointTakesItOutOfTheWhole(t *testing.T) {
	for _, tt := range []struct {
		others  float64
		verdict gate.Verdict
	}{{1, gate.VerdictPass}, {1.2, gate.VerdictRegression}} {
		in := paired(12, gatetest.Spec{}, gatetest.Spec{Scale: func(_ int, name string) float64 {
			if name == "POST /b" {
				return 1.2
			}
			return tt.others
		}})
		in.Today = "2026-06-01"
		for _, metric := range []string{gate.MetricP50, gate.MetricP95} {
			in.Waivers.Items = append(in.Waivers.Items, gate.Waiver{Endpoint: "POST /b", Metric: metric, MaxWorseRatio: 0.3, Expires: "2026-12-31"})
		}
		r := judge(in)
		whole := find(t, r, "", gate.MetricP95, "")
		if r.Verdict != tt.verdict || !strings.Contains(whole.Reason.Text, "without the accepted change of 1 endpoint") {
			t.Errorf("others × %v: %s\n%s", tt.others, r.Reason.Text, dump(r))
		}
	}
}

// Properties that hold whatever the numbers are (docs/method.md, tests).
func TestProperties(t *testing.T) {
	base := gatetest.Spec{Noise: 0.02, Seed: 3}
	cand := gatetest.Spec{Noise: 0.02, Seed: 4, Scale: slower("POST /b", 1.06)}
	b, c := gatetest.Pair(base, cand)
	rows := func(b, c gate.Result) []gate.Row {
		return gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}})).Rows
	}
	reference := rows(b, c)

	t.Run("swapping the sides turns the sign", func(t *testing.T) {
		x, y := gatetest.Pair(base, cand)
		x.Session.Side, y.Session.Side = y.Session.Side, x.Session.Side
		for i, row := range rows(y, x) {
			if row.SELog == nil || row.Role == gate.RoleInfo {
				continue
			}
			got, want := math.Log1p(*row.ChangeRatio), -math.Log1p(*reference[i].ChangeRatio)
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: %v, want %v", row.ID, got, want)
			}
		}
	})
	t.Run("the order of the runs in the file changes nothing", func(t *testing.T) {
		x, y := gatetest.Pair(base, cand)
		slices.Reverse(x.Runs)
		slices.Reverse(y.Runs)
		if diff := cmp.Diff(reference, rows(x, y)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a larger change is never less significant", func(t *testing.T) {
		last := 1.0
		for _, factor := range []float64{1, 1.02, 1.05, 1.1, 1.2, 1.5} {
			s := cand
			s.Scale = slower("POST /b", factor)
			x, y := gatetest.Pair(base, s)
			r := gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{x}, Candidate: []gate.Result{y}}))
			p := *find(t, r, "POST /b", gate.MetricP95, "").P
			if p > last {
				t.Errorf("factor %v: p %v after %v", factor, p, last)
			}
			last = p
		}
	})
	t.Run("one more endpoint never lowers an adjusted p", func(t *testing.T) {
		more := []gatetest.Endpoint{{Name: "GET /a"}, {Name: "POST /b", MedianMS: 25}, {Name: "GET /c"}}
		x, y := base, cand
		x.Endpoints, y.Endpoints = more, more
		b3, c3 := gatetest.Pair(x, y)
		r3 := gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{b3}, Candidate: []gate.Result{c3}}))
		r2 := gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}}))
		two, three := find(t, r2, "POST /b", gate.MetricP95, ""), find(t, r3, "POST /b", gate.MetricP95, "")
		if *three.PAdjusted < *two.PAdjusted {
			t.Errorf("%v with three endpoints, %v with two", *three.PAdjusted, *two.PAdjusted)
		}
	})
}

// Every undecided row of a test says what would have been seen; where more
// pairs can help it says how many.
func TestUndecidedRowsSayWhatTheyCouldSee(t *testing.T) {
	for name, in := range map[string]gate.Input{
		"paired": paired(4, gatetest.Spec{Noise: 0.05}, gatetest.Spec{Noise: 0.05, Seed: 9, Scale: slower("*", 1.06)}),
		"single": blocks(1, gatetest.Spec{}, gatetest.Spec{}),
	} {
		r := judge(in)
		seen := 0
		for _, row := range r.Rows {
			if row.Outcome != gate.OutcomeInconclusive || row.Metric == gate.MetricErrorRate || row.Metric == gate.MetricDelivered {
				continue
			}
			seen++
			if row.MDERatio == nil || *row.MDERatio < *row.ThresholdRatio {
				t.Errorf("%s: %s %s: MDE %v", name, row.ID, row.Metric, row.MDERatio)
			}
			if row.RunsNeeded == nil || *row.RunsNeeded < 1 {
				t.Errorf("%s: %s %s: runs needed %v", name, row.ID, row.Metric, row.RunsNeeded)
			}
		}
		if seen == 0 {
			t.Errorf("%s: no undecided row\n%s", name, dump(r))
		}
	}
}

// A single run is never called a regression below +23 % on one machine and
// +39 % elsewhere (docs/method.md 0.7).
func TestSingleRunIsSeenFrom(t *testing.T) {
	in := blocks(1, gatetest.Spec{Requests: 100000}, gatetest.Spec{Requests: 100000})
	for machine, want := range map[string]float64{"one": 0.234, "two": 0.390} {
		in.Candidate[0].Session.MachineID = gate.Digest([]byte(machine))
		r := judge(in)
		row := find(t, r, "", gate.MetricP50, "")
		if math.Abs(*row.MDERatio-want) > 0.002 {
			t.Errorf("machine %s: seen from %v, want about %v", machine, *row.MDERatio, want)
		}
	}
}
