package gate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
	"github.com/perfgate/perfgate/gate/hist"
)

// The ways to go green without evidence, line by line of the design's list.
// Those that need a file, git or a store are tests of the commands, scripts in
// testdata/script, and of package baselines: 11, an empty or truncated file
// (compare_bad_input); 12, a tool crashed (check_fails); 13, a store's error
// (check_store, record); 15, baselines of another load or machine, and such as
// are dated in the future (TestChooseEligible); 16, a regression that nobody
// accepted is no baseline, one that was begins an epoch (TestEpoch); 17, a gate
// that has never been seen to fail (selftest, qualify); 19, a store that never
// yields a comparison (record, TestSilentGate, and the second part of 5 here).
func TestNoWayToGoGreenWithoutEvidence(t *testing.T) {
	named := func(ts ...gate.Threshold) gate.Policy { return gate.Policy{Source: "perfgate.yml", Thresholds: ts} }
	with := func(in gate.Input, change func(*gate.Input)) gate.Input { change(&in); return in }
	same, spec := paired(6, gatetest.Spec{}, gatetest.Spec{}), gatetest.Spec{}
	three := []gatetest.Endpoint{{Name: "GET /a"}, {Name: "POST /b", MedianMS: 25}, {Name: "GET /c"}}

	tests := []struct {
		name     string
		in       gate.Input
		verdict  gate.Verdict
		exit     int
		endpoint string // of the row that says why; "" is the whole
		metric   string // empty: no row, the verdict's own reason
		outcome  gate.Outcome
		code     string
	}{
		{"1 a metric with zero observations",
			paired(4, spec, gatetest.Spec{Mutate: dropSuccesses("GET /a")}),
			gate.VerdictRegression, 1, "GET /a", gate.MetricP95, gate.OutcomeInvalid, "no_success"},
		{"1 an endpoint without a request",
			paired(4, spec, gatetest.Spec{Mutate: dropRequests("GET /a")}),
			gate.VerdictInvalid, 3, "GET /a", gate.MetricP95, gate.OutcomeInvalid, "no_success"},
		{"2 a threshold for an endpoint that is never hit",
			with(same, func(in *gate.Input) {
				in.Policy = named(gate.Threshold{Metric: gate.MetricP95, Endpoint: "GET /nowhere", Line: 41})
			}),
			gate.VerdictInvalid, 3, "GET /nowhere", gate.MetricP95, gate.OutcomeInvalid, "rule_unmatched"},
		{"2 a limit for an endpoint that is never hit",
			with(same, func(in *gate.Input) {
				in.Policy.SLOs = []gate.SLO{{Metric: gate.MetricP95, Endpoint: "GET /nowhere", Op: "<", Limit: 100}}
			}),
			gate.VerdictInvalid, 3, "", "", "", "slo_not_measured"},
		{"3 an endpoint that the candidate no longer has, and the file names",
			with(paired(6, gatetest.Spec{Endpoints: three}, gatetest.Spec{Requests: 600}), func(in *gate.Input) {
				in.Policy = named(gate.Threshold{Metric: gate.MetricP95, Endpoint: "GET /c"})
			}),
			gate.VerdictInconclusive, 0, "GET /c", gate.MetricP95, gate.OutcomeNotComparable, "missing"},
		{"4 only new endpoints",
			paired(6, gatetest.Spec{Endpoints: three[:1]}, gatetest.Spec{Endpoints: three[2:]}),
			gate.VerdictNoBaseline, 0, "GET /c", gate.MetricP95, gate.OutcomeNew, "new"},
		{"5 no baseline at all",
			gate.Input{Candidate: []gate.Result{spec.Result()}},
			gate.VerdictNoBaseline, 0, "", "", "", "no_baseline"},
		{"5 no baseline after ten jobs",
			gate.Input{Candidate: []gate.Result{spec.Result()}, StoreJobs: 10},
			gate.VerdictNoBaseline, 4, "", "", "", "no_baseline"},
		{"6 a history without variance",
			noVariance(), gate.VerdictInconclusive, 0, "", gate.MetricP95, gate.OutcomeInconclusive, "suspicious"},
		{"7 fewer runs than the test needs to reject",
			paired(1, spec, gatetest.Spec{Scale: slower("*", 1.2)}),
			gate.VerdictInconclusive, 0, "", gate.MetricP95, gate.OutcomeInconclusive, "suspicious"},
		{"8 all requests failed fast",
			paired(4, spec, gatetest.Spec{Errors: failing("*", 390), Scale: slower("*", 0.2)}),
			gate.VerdictRegression, 1, "", gate.MetricErrorRate, gate.OutcomeRegression, "over_threshold"},
		{"8 faster, but more requests fail",
			paired(8, spec, gatetest.Spec{Errors: failing("GET /a", 40), Scale: slower("GET /a", 0.5)}),
			gate.VerdictRegression, 1, "GET /a", gate.MetricP50, gate.OutcomeInfo, "errors_regressed"},
		{"9 the rate was not reached",
			paired(4, spec, gatetest.Spec{Mutate: cutShort}),
			gate.VerdictRegression, 1, "", gate.MetricDelivered, gate.OutcomeRegression, "over_threshold"},
		{"14 an improvement whose answers changed",
			paired(8, spec, gatetest.Spec{Scale: slower("*", 0.3), Mutate: smallerBodies}),
			gate.VerdictInvalid, 3, "GET /a", gate.MetricP95, gate.OutcomeInvalid, "answers_changed"},
		{"15 a different load",
			blocks(5, spec, gatetest.Spec{Mutate: func(r *gate.Result) { r.Scenarios[0].LoadDigest = "sha256:other" }}),
			gate.VerdictNotComparable, 3, "GET /a", gate.MetricP95, gate.OutcomeNotComparable, "sides_differ"},
		{"15 a different environment",
			blocks(5, spec, gatetest.Spec{Class: gate.EnvironmentClass{OS: "linux", Arch: "arm64", CPUs: 2, MemoryGiB: 8}}),
			gate.VerdictNotComparable, 3, "GET /a", gate.MetricP95, gate.OutcomeNotComparable, "sides_differ"},
		{"15 other weights",
			blocks(5, spec, gatetest.Spec{Mutate: func(r *gate.Result) {
				*r.Scenarios[0].Endpoints[0].ShareRatio, *r.Scenarios[0].Endpoints[1].ShareRatio = 0.9, 0.1
			}}),
			gate.VerdictNotComparable, 3, "GET /a", gate.MetricP95, gate.OutcomeNotComparable, "sides_differ"},
		{"15 another request under the same name",
			with(blocks(5, spec, gatetest.Spec{Mutate: func(r *gate.Result) { r.Scenarios[0].Endpoints[0].RequestDigest = "sha256:other" }}), func(in *gate.Input) {
				in.Policy = named(gate.Threshold{Metric: gate.MetricP95, Endpoint: "GET /a"})
			}),
			gate.VerdictInconclusive, 0, "GET /a", gate.MetricP95, gate.OutcomeNotComparable, "request_changed"},
		{"16 an expired waiver",
			with(paired(12, spec, gatetest.Spec{Scale: slower("*", 1.2)}), waive("2026-01-01", 0.5)),
			gate.VerdictRegression, 1, "", gate.MetricP95, gate.OutcomeRegression, "over_threshold"},
		{"16 an exceeded waiver",
			with(paired(12, spec, gatetest.Spec{Scale: slower("*", 1.2)}), waive("2027-01-01", 0.1)),
			gate.VerdictRegression, 1, "", gate.MetricP95, gate.OutcomeRegression, "over_threshold"},
		{"18 the generator was the bottleneck",
			paired(4, spec, gatetest.Spec{Mutate: invalidate(gate.ReasonLate)}),
			gate.VerdictInvalid, 3, "", "", "", "unmeasured"},
		{"20 a rule that holds for too few requests",
			with(paired(6, gatetest.Spec{Requests: 100}, gatetest.Spec{Requests: 100}), func(in *gate.Input) {
				in.Policy = named(gate.Threshold{Metric: gate.MetricP95, Endpoint: "GET /a"})
			}),
			gate.VerdictInconclusive, 0, "GET /a", gate.MetricP95, gate.OutcomeInconclusive, "too_few_requests"},
		{"1 a percentile that the source does not give",
			paired(6, gatetest.Spec{Mutate: onlyQuantile("0.75")}, gatetest.Spec{Mutate: onlyQuantile("0.75"), Scale: slower("*", 10)}),
			gate.VerdictInvalid, 3, "GET /a", gate.MetricP95, gate.OutcomeInvalid, "level_not_given"},
		{"4 an endpoint that neither side has is not new",
			paired(6, gatetest.Spec{Mutate: notFound("GET /a")}, gatetest.Spec{Mutate: notFound("GET /a")}),
			gate.VerdictInvalid, 3, "GET /a", gate.MetricP95, gate.OutcomeInvalid, "no_success"},
		{"4 an endpoint that the candidate brings",
			paired(6, gatetest.Spec{Mutate: notFound("GET /a")}, spec),
			gate.VerdictPass, 0, "GET /a", gate.MetricP95, gate.OutcomeNew, "new"},
		{"10 values beyond the end of the scale",
			paired(6, gatetest.Spec{Mutate: clamped}, gatetest.Spec{Mutate: clamped}),
			gate.VerdictInvalid, 3, "", "", "", "clamped"},
		{"14 bodies known of one side only",
			paired(8, spec, gatetest.Spec{Scale: slower("*", 0.3), Mutate: noBodies}),
			gate.VerdictInvalid, 3, "GET /a", gate.MetricP95, gate.OutcomeInvalid, "answers_changed"},
		{"15 files of one side under different loads",
			with(blocks(3, spec, spec), func(in *gate.Input) {
				other := gatetest.Spec{Runs: 3, Session: "slower load", Machine: "one", Requests: 40}
				in.Candidate = append(in.Candidate, other.Result())
			}),
			gate.VerdictNotComparable, 3, "GET /a", gate.MetricP95, gate.OutcomeNotComparable, "sides_differ"},
		{"5 a history of jobs that were not measured",
			with(history(5, gatetest.Spec{}), func(in *gate.Input) {
				for i := range 4 {
					invalidate(gate.ReasonLate)(&in.Baseline[i])
				}
				in.Baseline[4].Runs, in.Candidate[0].Runs = in.Baseline[4].Runs[:1], in.Candidate[0].Runs[:1]
			}),
			gate.VerdictInconclusive, 0, "", "", "", "single"},
		{"a stored job of which one run died still counts",
			with(history(8, gatetest.Spec{}), func(in *gate.Input) { die(1)(&in.Baseline[2]) }),
			gate.VerdictPass, 0, "", "", "", "pass"},
		{"the baseline died", paired(4, gatetest.Spec{Mutate: die(1)}, spec), gate.VerdictInvalid, 3, "", "", "", "baseline_died"},
		{"the candidate died twice", paired(4, spec, gatetest.Spec{Mutate: die(2)}), gate.VerdictRegression, 1, "", "", "", "target_died"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(tt.in)
			got := []any{r.Verdict, r.ExitCode, r.Reason.Code}
			want := []any{tt.verdict, tt.exit, tt.code}
			if tt.metric != "" {
				row := find(t, r, tt.endpoint, tt.metric, "")
				got = []any{r.Verdict, r.ExitCode, row.Reason.Code, row.Outcome}
				want = append(want, tt.outcome)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, dump(r))
			}
		})
	}
}

// dropSuccesses makes every request of an endpoint fail in the second run.
func dropSuccesses(endpoint string) func(*gate.Result) {
	return func(r *gate.Result) {
		for i := range r.Runs {
			e := endpointOf(&r.Runs[i], endpoint)
			code := 500
			e.OK, e.Latency, e.Statuses = 0, nil, map[string]int64{"500": e.Requests}
			e.Failures = []gate.Failure{{Kind: gate.FailStatus, Code: &code, Count: e.Requests}}
		}
	}
}

// dropRequests takes an endpoint's requests out of the runs.
func dropRequests(endpoint string) func(*gate.Result) {
	return func(r *gate.Result) {
		for i := range r.Runs {
			*endpointOf(&r.Runs[i], endpoint) = gate.EndpointRun{Name: endpoint}
		}
	}
}

func endpointOf(run *gate.Run, name string) *gate.EndpointRun {
	for i := range run.Endpoints {
		if run.Endpoints[i].Name == name {
			return &run.Endpoints[i]
		}
	}
	return nil
}

// onlyQuantile leaves one quantile of every latency.
func onlyQuantile(key string) func(*gate.Result) {
	return func(r *gate.Result) {
		everyLatency(r, func(l *gate.Latency) {
			*l = l.WithoutHistogram()
			l.QuantilesMS = map[string]float64{key: l.QuantilesMS["0.5"]}
		})
	}
}

func everyLatency(r *gate.Result, change func(*gate.Latency)) {
	for i := range r.Runs {
		for j := range r.Runs[i].Endpoints {
			for k := range r.Runs[i].Endpoints[j].Latency {
				change(&r.Runs[i].Endpoints[j].Latency[k])
			}
		}
	}
}

// notFound answers every request of an endpoint with 404.
func notFound(endpoint string) func(*gate.Result) {
	return func(r *gate.Result) {
		for i := range r.Runs {
			e, code := endpointOf(&r.Runs[i], endpoint), 404
			e.OK, e.Latency, e.Statuses = 0, nil, map[string]int64{"404": e.Requests}
			e.Failures = []gate.Failure{{Kind: gate.FailStatus, Code: &code, Count: e.Requests}}
		}
	}
}

// clamped makes every latency longer than a histogram holds.
func clamped(r *gate.Result) {
	everyLatency(r, func(l *gate.Latency) {
		var h hist.Histogram
		for range l.Count {
			h.Record(90_000_000)
		}
		longer, err := gate.NewLatency(l.Of, l.Population, &h)
		if err != nil {
			panic(err)
		}
		*l = longer
	})
}

func noBodies(r *gate.Result) {
	for i := range r.Runs {
		for j := range r.Runs[i].Endpoints {
			r.Runs[i].Endpoints[j].BytesReceived = nil
		}
	}
}

// cutShort says that a fifth of the schedule was never sent, for no reason.
func cutShort(r *gate.Result) {
	for i := range r.Runs {
		*r.Runs[i].Load.Intended += r.Runs[i].Load.Sent / 4
	}
}

func smallerBodies(r *gate.Result) {
	for i := range r.Runs {
		for j := range r.Runs[i].Endpoints {
			*r.Runs[i].Endpoints[j].BytesReceived /= 3
		}
	}
}

func invalidate(reason string) func(*gate.Result) {
	return func(r *gate.Result) {
		for i := range r.Runs {
			r.Runs[i].Status, r.Runs[i].Reasons = gate.RunInvalid, []string{reason}
		}
	}
}

// die lets the target end under the load in n attempts before the runs.
func die(n int) func(*gate.Result) {
	return func(r *gate.Result) {
		for i := range n {
			dead := r.Runs[0]
			dead.ID, dead.Status, dead.Reasons = dead.ID+"."+string(rune('a'+i)), gate.RunTargetDied, []string{gate.ReasonTargetDied}
			r.Runs = append(r.Runs, dead)
		}
	}
}

// waive lets every latency row through until a day and within a bound.
func waive(expires string, most float64) func(*gate.Input) {
	return func(in *gate.Input) {
		in.Today = "2026-06-01"
		in.Waivers.Source = "perfgate.accept.yml"
		for _, endpoint := range []string{"", "GET /a", "POST /b"} {
			for _, metric := range []string{gate.MetricP50, gate.MetricP95} {
				in.Waivers.Items = append(in.Waivers.Items, gate.Waiver{Endpoint: endpoint, Metric: metric, MaxWorseRatio: most, Reason: "r", Owner: "@o", Expires: expires})
			}
		}
	}
}

// noVariance is a history of equal jobs against a candidate 10 % slower: with
// no variance at all anything would be significant.
func noVariance() gate.Input {
	in := history(6, gatetest.Spec{Scale: slower("*", 1.1)})
	for i := range in.Baseline {
		in.Baseline[i].Runs = in.Baseline[0].Runs
	}
	return in
}
