package gatetest_test

import "github.com/perfgate/perfgate/gate"

// fullReport is a report in which everything that can be said is said. Its
// numbers are made up: Judge would not write them together.
func fullReport() gate.Report {
	const scenario, endpoint = "inference-api/medium", "POST /inference [small]"
	return gate.Report{
		Kind: gate.ReportKind, SchemaVersion: gate.SchemaVersion, Requires: []string{"pairs"},
		Verdict: gate.VerdictRegression, ExitCode: gate.ExitRegression,
		Reason: gate.ReportReason{Code: "over_threshold", Rows: []string{"r1"},
			Text: endpoint + " p95 +23.4 % (95 % interval +18.1 to +29.0 %), limit +5 %"},
		Scenario: scenario,
		Design: gate.DesignInfo{Name: gate.DesignPaired, Why: "same session, 8 pairs", Pairs: 8, BaselineRuns: 8, CandidateRuns: 8,
			Looks: []int{4, 6, 8, 12}, Look: 3, AlphaFamily: 0.02, AlphaLook: 0.006, PassLevelLook: 0.0125,
			Correction: "holm in two groups, each at half the level", Groups: gate.RowsPer{Primary: 4, Secondary: 20, Warn: 1},
			JobNoiseRatio: ptr(0.04), Seed: 7, Decided: true, StoppedBy: "regression", WallS: ptr(221.0), AA: true, FirstVerdict: gate.VerdictPass,
			RunS: ptr(10.0), StartupS: ptr(3.2), LearnedSessions: 5},
		Skip: &gate.Skip{Because: gate.SkipIdentical, Text: "both builds are identical (sha256 4f1e09c2)", Proof: []string{"bin/api: sha256 4f1e09c2 on both sides"}},
		Sides: gate.Sides{
			Baseline: &gate.SideInfo{Commit: "51ab90c2", Ref: "main", Label: "main", How: gate.HowStart, ChosenBecause: "merge base", CommitsAway: ptr(0),
				AgeS: ptr(int64(7200)), ResultDigest: gate.Digest([]byte("b")), EnvironmentClass: gate.Digest([]byte("class")),
				Machine: "4 x AMD EPYC 7763", Source: "perfgate", Jobs: 1, Runs: 8, Started: "2026-11-23T23:12:04Z"},
			Candidate: &gate.SideInfo{Commit: "8f2c1d0e", Ref: "refs/pull/12/merge", Dirty: true, Label: "pr-12", How: gate.HowStart,
				ResultDigest: gate.Digest([]byte("c")), EnvironmentClass: gate.Digest([]byte("class")),
				Machine: "4 x AMD EPYC 7763", Source: "perfgate", Jobs: 1, Runs: 8, Started: "2026-11-23T23:12:04Z"},
		},
		Comparability: gate.Comparability{Load: "equal", LoadDigest: gate.Digest([]byte("load")), Environment: "equal", SameMachine: true,
			EndpointsAdded: []string{"GET /v2/models"}, EndpointsMissing: []string{"GET /v0/models"}, EndpointsChanged: []string{"GET /v1/models"},
			RecordedDifferences: []string{"kernel: 6.11.0 and 6.12.0"}},
		Policy: gate.PolicyInfo{Source: "perfgate.yml", From: "candidate", Mode: gate.ModeEnforce, Inconclusive: gate.ActionWarn,
			NoBaseline:         gate.NoBaseline{Action: gate.ActionWarn, WarnUntil: 10},
			ChangedByCandidate: []gate.PolicyChange{{Key: "gate.thresholds[2].worse", Baseline: "5%", Candidate: "10%"}}},
		Rows: []gate.Row{fullLatencyRow(scenario, endpoint), fullRateRow(scenario)},
		SLO: []gate.SLORow{{ID: "s1", Scenario: scenario, Endpoint: ptr(endpoint), Metric: gate.MetricErrorRate, Unit: "ratio", Op: "<", Limit: 0.01,
			Observed: ptr(0.0004), Statistic: "median_of_runs", PerRun: []float64{0.0003, 0.0005}, Severity: gate.SeverityBlock,
			Outcome: gate.SLOPass, Rule: "perfgate.yml:52"}},
		Accepted: []gate.AcceptedRow{{File: "perfgate.accept.yml:3", Row: "r7", Endpoint: endpoint, Metric: gate.MetricP95, MaxWorseRatio: 0.12,
			Reason: "encryption at rest", Owner: "@ana", Expires: "2026-12-31", State: gate.WaiverUsed}},
		Coverage:  gate.Coverage{Expected: 35, Pass: 22, Regression: 1, Improvement: 3, Inconclusive: 1, NotComparable: 2, Invalid: 1, New: 4, Info: 1},
		Series:    fullSeries(scenario, endpoint),
		Warnings:  []gate.RowWarning{{Code: "mix_changed", Text: "one endpoint was added; the shares of the others fell", Rows: []string{"r2"}, Headline: "the mix changed"}},
		NextSteps: []string{"perfgate accept 'POST /inference [small]' latency_p95 --max +25% --reason ... --expires 30d"},
		Reproduce: "perfgate check --baseline 51ab90c2 --candidate 8f2c1d0e --seed 7",
		WouldFail: true,
		Record:    fullRecord(),
	}
}

func fullLatencyRow(scenario, endpoint string) gate.Row {
	return gate.Row{ID: "r1", Scenario: scenario, Endpoint: ptr(endpoint), Metric: gate.MetricP95, Unit: "ms", Better: "lower",
		Role: gate.RoleSecondary, Severity: gate.SeverityBlock, Named: true, Outcome: gate.OutcomeRegression,
		Reason:      gate.RowReason{Code: "over_threshold", Text: "worse by more than 5 % and not noise"},
		Baseline:    &gate.RowSide{Value: 41.2, PerRun: []float64{41, 41.5}, RequestsMin: ptr(int64(1990)), TailMin: ptr(int64(99))},
		Candidate:   &gate.RowSide{Value: 50.8, PerRun: []float64{50.1, 51.2}, RequestsMin: ptr(int64(1988)), TailMin: ptr(int64(99))},
		ChangeRatio: ptr(0.234), ChangeAbs: ptr(9.6), IntervalLevel: 0.95, IntervalRatio: &[2]float64{0.181, 0.29},
		ThresholdRatio: ptr(0.05), MarginRatio: ptr(0.1), FloorAbs: ptr(0.1), Rule: "perfgate.yml:41", Test: "wmt_paired", N: 8, DF: ptr(11.0),
		SELog: ptr(0.02), P: ptr(2.24e-7), PAdjusted: ptr(8.95e-6),
		Noise:    &gate.RowNoise{ObservedRatio: ptr(0.031), WithinRunRatio: 0.022, PriorRatio: 0.055, PriorDF: 4, PriorFrom: "default"},
		MDERatio: ptr(0.13), Suspicious: true, AcceptedBy: ptr("perfgate.accept.yml:3")}
}

func fullRateRow(scenario string) gate.Row {
	return gate.Row{ID: "r2", Scenario: scenario, Metric: gate.MetricErrorRate, Unit: "ratio", Better: "lower",
		Role: gate.RolePrimary, Severity: gate.SeverityBlock, Outcome: gate.OutcomeInconclusive,
		Reason:    gate.RowReason{Code: "not_ruled_out", Text: "a change of 0.5 pp is not ruled out"},
		Baseline:  &gate.RowSide{Value: 0.0004, PerRun: []float64{0.0004, 0.0004}},
		Candidate: &gate.RowSide{Value: 0.0006, PerRun: []float64{0.0005, 0.0007}},
		ChangeAbs: ptr(0.0002), IntervalLevel: 0.95, IntervalAbs: &[2]float64{-0.001, 0.006},
		ThresholdAbs: ptr(0.001), MarginAbs: ptr(0.005), Rule: "default", Test: "newcombe", N: 8, P: ptr(0.41), PAdjusted: ptr(0.82),
		MDEAbs: ptr(0.004), RunsNeeded: ptr(12)}
}

func fullSeries(scenario, endpoint string) gate.Series {
	return gate.Series{
		QuantileLevels: []float64{0.5, 0.95, 0.99},
		Endpoints: []gate.EndpointSeries{{Scenario: scenario, Endpoint: endpoint,
			Baseline: &gate.SideSeries{QuantilesMS: []*float64{ptr(11.9), ptr(17.2), ptr(29.8)},
				Windows: &gate.SeriesWindows{LengthS: 1, P95MS: []*float64{ptr(17.0), nil}, RPS: []float64{200, 0}}},
			Candidate: &gate.SideSeries{QuantilesMS: []*float64{ptr(12.1), ptr(21.1), nil}}}},
	}
}

func fullRecord() *gate.Record {
	return &gate.Record{Sessions: 14, Skipped: 2, Compared: 10, Decided: 9, Undecided: 1, Uncompared: 1, First: "2026-11-01T06:00:00Z",
		LastCompared: "2026-11-23T06:00:00Z", LastDecided: "2026-11-22T06:00:00Z"}
}
