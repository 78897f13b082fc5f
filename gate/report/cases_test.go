package report

import (
	"github.com/perfgate/perfgate/gate"
)

// The reports of testdata/report, made by hand so that each screen shows what
// a reader of its verdict must see.

func ptr[T any](v T) *T { return &v }

// base is what all cases share: a paired session on one machine.
func base(verdict gate.Verdict, exit int) gate.Report {
	return gate.Report{
		Kind: gate.ReportKind, SchemaVersion: gate.SchemaVersion, Requires: []string{},
		Verdict: verdict, ExitCode: exit, Scenario: "checkout",
		Reason: gate.ReportReason{Rows: []string{}},
		Design: gate.DesignInfo{Name: gate.DesignPaired, Why: "both sides in one session", Pairs: 8, BaselineRuns: 8, CandidateRuns: 8,
			Looks: []int{4, 6, 8, 12}, Look: 3, AlphaFamily: 0.02, AlphaLook: 0.006, PassLevelLook: 0.0125,
			Correction: "holm in two groups", Groups: gate.RowsPer{Primary: 4, Secondary: 12}, Seed: 42,
			Decided: true, WallS: ptr(221.0)},
		Sides: gate.Sides{
			Baseline:  &gate.SideInfo{Machine: "4 x EPYC 7763", Source: "perfgate", Jobs: 1, Runs: 8, ChosenBecause: "named"},
			Candidate: &gate.SideInfo{Machine: "4 x EPYC 7763", Source: "perfgate", Jobs: 1, Runs: 8},
		},
		Comparability: gate.Comparability{Load: "equal", LoadDigest: "sha256:1f2e3d4c5b6a", Environment: "equal", SameMachine: true,
			EndpointsAdded: []string{}, EndpointsMissing: []string{}, EndpointsChanged: []string{}, RecordedDifferences: []string{}},
		Policy: gate.PolicyInfo{Source: "perfgate.yml", From: "candidate", Mode: gate.ModeEnforce, Inconclusive: gate.ActionWarn, ChangedByCandidate: []gate.PolicyChange{}},
		Rows:   []gate.Row{}, SLO: []gate.SLORow{}, Accepted: []gate.AcceptedRow{}, Warnings: []gate.RowWarning{}, NextSteps: []string{},
		Series: gate.Series{QuantileLevels: []float64{}, Endpoints: []gate.EndpointSeries{}},
	}
}

// commits names the builds of both sides, as `check` does.
func commits(r gate.Report) gate.Report {
	r.Sides.Baseline.Commit, r.Sides.Baseline.ChosenBecause = "1a2b3c4d5e6f", "merge base of main"
	r.Sides.Candidate.Commit, r.Sides.Candidate.Dirty = "def56789abcd", true
	return r
}

// latency makes a tested latency row; endpoint "" is the whole.
func latency(endpoint, metric string, baseline, candidate, low, high float64, o gate.Outcome) gate.Row {
	r := gate.Row{Scenario: "checkout", Metric: metric, Unit: "ms", Better: "lower", Role: gate.RoleSecondary, Severity: gate.SeverityBlock,
		Outcome: o, Baseline: &gate.RowSide{Value: baseline, PerRun: []float64{baseline}, RequestsMin: ptr(int64(1990)), TailMin: ptr(int64(99))},
		Candidate:   &gate.RowSide{Value: candidate, PerRun: []float64{candidate}, RequestsMin: ptr(int64(1988)), TailMin: ptr(int64(99))},
		ChangeRatio: ptr(candidate/baseline - 1), ChangeAbs: ptr(candidate - baseline), IntervalLevel: 0.95, IntervalRatio: &[2]float64{low, high},
		ThresholdRatio: ptr(0.05), MarginRatio: ptr(0.1), FloorAbs: ptr(0.1), Rule: "default", Test: "wmt_paired", N: 8, DF: ptr(11.0),
		SELog: ptr(0.02), P: ptr(0.31), PAdjusted: ptr(1.0), MDERatio: ptr(0.12),
		Noise: &gate.RowNoise{ObservedRatio: ptr(0.031), WithinRunRatio: 0.022, PriorRatio: 0.055, PriorDF: 4, PriorFrom: "default"}}
	if endpoint != "" {
		r.Endpoint = ptr(endpoint)
	} else {
		r.Role = gate.RolePrimary
	}
	switch o {
	case gate.OutcomePass:
		r.Reason = gate.RowReason{Code: "within", Text: "no change over the limit"}
	case gate.OutcomeRegression:
		r.P, r.PAdjusted = ptr(2.24e-7), ptr(8.95e-6)
		r.Reason = gate.RowReason{Code: "over_threshold", Text: "worse than 5 % and not noise"}
	case gate.OutcomeInconclusive:
		r.P, r.PAdjusted, r.RunsNeeded = ptr(0.11), ptr(0.9), ptr(9)
		r.Reason = gate.RowReason{Code: "noise", Text: "over the limit, but the noise could do it"}
	case gate.OutcomeImprovement:
		r.P, r.PAdjusted = ptr(0.9999), ptr(1.0)
		r.Reason = gate.RowReason{Code: "improved", Text: "better by more than 5 % and not noise"}
	}
	return r
}

// share makes a row of the whole that counts requests.
func share(metric string, baseline, candidate float64, o gate.Outcome) gate.Row {
	r := gate.Row{Scenario: "checkout", Metric: metric, Unit: "ratio", Better: gate.Better(metric), Role: gate.RolePrimary, Severity: gate.SeverityBlock,
		Outcome: o, Reason: gate.RowReason{Code: "within", Text: "no change over the limit"},
		Baseline: &gate.RowSide{Value: baseline, PerRun: []float64{}}, Candidate: &gate.RowSide{Value: candidate, PerRun: []float64{}},
		ChangeAbs: ptr(candidate - baseline), IntervalLevel: 0.95, IntervalAbs: &[2]float64{-0.0002, 0.0003}, ThresholdAbs: ptr(0.001),
		MarginAbs: ptr(0.005), Rule: "default", Test: "newcombe_overdispersed", N: 8, P: ptr(1.0), PAdjusted: ptr(1.0), MDEAbs: ptr(0.002)}
	if metric == gate.MetricDelivered {
		r.ThresholdAbs, r.MarginAbs, r.MDEAbs = ptr(0.01), ptr(0.05), ptr(0.01)
	}
	return r
}

// rows numbers rows and counts them.
func rows(r gate.Report, rows ...gate.Row) gate.Report {
	for i := range rows {
		rows[i].ID = "r" + string(rune('1'+i%9))
		if i >= 9 {
			rows[i].ID = "r1" + string(rune('0'+i-9))
		}
		switch rows[i].Outcome {
		case gate.OutcomePass:
			r.Coverage.Pass++
		case gate.OutcomeRegression:
			r.Coverage.Regression++
		case gate.OutcomeImprovement:
			r.Coverage.Improvement++
		case gate.OutcomeInconclusive:
			r.Coverage.Inconclusive++
		case gate.OutcomeNotComparable:
			r.Coverage.NotComparable++
		case gate.OutcomeInvalid:
			r.Coverage.Invalid++
		case gate.OutcomeNew:
			r.Coverage.New++
		case gate.OutcomeInfo:
			r.Coverage.Info++
		}
	}
	r.Rows, r.Coverage.Expected = rows, len(rows)
	return r
}

const (
	items    = "GET /api/items"
	search   = "GET /api/search"
	buy      = "POST /api/checkout"
	login    = "POST /api/login"
	inferOne = "POST /inference [small]"
)

// regression is the first screen of the drafts.
func regression() gate.Report {
	r := rows(base(gate.VerdictRegression, gate.ExitRegression),
		latency(buy, gate.MetricP50, 18.0, 21.906, 0.170, 0.266, gate.OutcomeRegression),
		latency(buy, gate.MetricP95, 41.2, 50.841, 0.181, 0.290, gate.OutcomeRegression),
		latency(search, gate.MetricP50, 33.1, 33.4, -0.021, 0.040, gate.OutcomePass),
		latency(search, gate.MetricP95, 96.0, 100.992, -0.030, 0.141, gate.OutcomeInconclusive),
		latency(items, gate.MetricP50, 9.1, 9.12, -0.020, 0.031, gate.OutcomePass),
		latency(items, gate.MetricP95, 17.2, 17.441, -0.018, 0.047, gate.OutcomePass),
		latency(login, gate.MetricP50, 52.0, 51.4, -0.041, 0.019, gate.OutcomePass),
		latency(login, gate.MetricP95, 88.0, 88.2, -0.044, 0.051, gate.OutcomePass),
		share(gate.MetricErrorRate, 0.000199, 0.000201, gate.OutcomePass),
		share(gate.MetricDelivered, 0.99998, 1, gate.OutcomePass),
	)
	r.Rows[3].Suspicious = true
	r.Reason = gate.ReportReason{Code: "over_threshold", Rows: []string{"r2", "r1"},
		Text: "POST /api/checkout: p95 +23.4 % slower (95 % interval +18.1 to +29.0 %, threshold 5 %)"}
	r.Design.StoppedBy = "regression"
	r.NextSteps = []string{"perfgate accept 'POST /api/checkout' latency_p95 --max +25% --reason …"}
	return r
}

// single is the second screen of the drafts.
func single() gate.Report {
	r := base(gate.VerdictInconclusive, gate.ExitOK)
	r.Scenario = "inference-api"
	r.Design = gate.DesignInfo{Name: gate.DesignSingle, Why: "one run on a side", BaselineRuns: 1, CandidateRuns: 1, AlphaFamily: 0.01, AlphaLook: 0.01, Seed: 1, Decided: true, Looks: []int{}}
	r.Sides.Baseline.AgeS, r.Sides.Baseline.Runs, r.Sides.Candidate.Runs = ptr(int64(722)), 1, 1
	r.Comparability.LoadDigest = "sha256:3f9a12ab"
	r = rows(r,
		latency("", gate.MetricP50, 12.1, 12.4, -0.15, 0.23, gate.OutcomeInconclusive),
		latency("", gate.MetricP95, 41.2, 42.1, -0.14, 0.32, gate.OutcomeInconclusive),
		share(gate.MetricErrorRate, 0, 0, gate.OutcomeInconclusive),
		latency(inferOne, gate.MetricP50, 12.1, 12.4, -0.15, 0.23, gate.OutcomeInconclusive),
		latency(inferOne, gate.MetricP95, 41.2, 44.0, -0.14, 0.32, gate.OutcomeInconclusive),
		latency(inferOne, gate.MetricP99, 61.0, 61.9, -0.2, 0.4, gate.OutcomeInfo),
		throughput(inferOne, 412, 411),
	)
	for i := range r.Rows {
		r.Rows[i].RunsNeeded, r.Rows[i].PAdjusted = nil, nil
		r.Rows[i].Scenario = "inference-api"
		if r.Rows[i].MDERatio != nil {
			r.Rows[i].MDERatio = ptr(0.23)
		} else {
			r.Rows[i].MDEAbs = ptr(0.004)
		}
	}
	r.Reason = gate.ReportReason{Code: "noise", Rows: []string{"r5"}, Text: "POST /inference [small]: p95 +6.8 % cannot be told from noise by one run a side"}
	r.NextSteps = []string{
		"perfgate check --baseline HEAD~1  # about 4 min, sees +11 % (best)",
		"perfgate run --runs 5, for both  # about 1 min each, sees +40 %",
	}
	return r
}

func throughput(endpoint string, baseline, candidate float64) gate.Row {
	r := latency(endpoint, gate.MetricThroughput, baseline, candidate, -0.02, 0.01, gate.OutcomeInfo)
	r.Unit, r.Better, r.Endpoint, r.Role, r.FloorAbs = "1/s", "higher", nil, gate.RoleInfo, nil
	return r
}

// pass rests on its primary rows; one endpoint is faster, one is new.
func pass() gate.Report {
	r := rows(commits(base(gate.VerdictPass, gate.ExitOK)),
		latency("", gate.MetricP50, 20.1, 20.0, -0.03, 0.02, gate.OutcomePass),
		latency("", gate.MetricP95, 55.2, 55.6, -0.024, 0.041, gate.OutcomePass),
		share(gate.MetricErrorRate, 0.0002, 0.0002, gate.OutcomePass),
		share(gate.MetricDelivered, 1, 1, gate.OutcomePass),
		latency(items, gate.MetricP50, 9.1, 9.12, -0.020, 0.031, gate.OutcomePass),
		latency(items, gate.MetricP95, 17.2, 17.441, -0.018, 0.069, gate.OutcomePass),
		latency(search, gate.MetricP50, 33.1, 33.4, -0.021, 0.040, gate.OutcomePass),
		latency(search, gate.MetricP95, 0.85, 0.846, -0.03, 0.05, gate.OutcomePass),
	)
	r.Design.Pairs, r.Design.Look, r.Design.WallS = 4, 1, ptr(182.0)
	r.SLO = []gate.SLORow{slo("s1", nil, gate.MetricErrorRate, 0.01, ptr(0.0002), gate.SLOPass)}
	r.Reason = gate.ReportReason{Code: "pass", Rows: []string{}, Text: "every primary row rules out a worsening over its margin"}
	return r
}

func slo(id string, endpoint *string, metric string, limit float64, observed *float64, o gate.SLOOutcome) gate.SLORow {
	return gate.SLORow{ID: id, Scenario: "checkout", Endpoint: endpoint, Metric: metric, Unit: gate.Unit(metric), Op: "<", Limit: limit,
		Observed: observed, Statistic: "median_of_runs", PerRun: []float64{}, Severity: gate.SeverityBlock, Outcome: o, Rule: "perfgate.yml:52"}
}

// inconclusive is a session on a noisy runner that used up its pairs.
func inconclusive() gate.Report {
	r := rows(commits(base(gate.VerdictInconclusive, gate.ExitOK)),
		latency("", gate.MetricP50, 20.1, 20.9, -0.05, 0.14, gate.OutcomeInconclusive),
		latency("", gate.MetricP95, 55.2, 57.6, -0.06, 0.17, gate.OutcomeInconclusive),
		share(gate.MetricErrorRate, 0.0002, 0.0002, gate.OutcomePass),
		share(gate.MetricDelivered, 1, 1, gate.OutcomePass),
		latency(search, gate.MetricP50, 33.1, 34.0, -0.05, 0.11, gate.OutcomeInconclusive),
		latency(search, gate.MetricP95, 96.0, 102.53, -0.021, 0.165, gate.OutcomeInconclusive),
		latency(items, gate.MetricP50, 9.1, 9.12, -0.08, 0.091, gate.OutcomePass),
		latency(items, gate.MetricP95, 17.2, 17.441, -0.09, 0.099, gate.OutcomePass),
		latency(items, gate.MetricP99, 31, 33, -0.2, 0.3, gate.OutcomeInconclusive),
	)
	for i := range r.Rows {
		if r.Rows[i].Noise != nil {
			r.Rows[i].MDERatio, r.Rows[i].Noise.ObservedRatio, r.Rows[i].RunsNeeded = ptr(0.25), ptr(0.11), ptr(60)
		}
	}
	r.Rows[8].MDERatio, r.Rows[8].RunsNeeded, r.Rows[8].ThresholdRatio = nil, nil, ptr(0.1)
	r.Rows[8].Named, r.Rows[8].Rule = true, "perfgate.yml:44"
	r.Rows[8].Reason = gate.RowReason{Code: "too_few_requests", Text: "3 requests above the percentile in a run, 10 are needed: 3400 requests a run"}
	r.Rows[5].Suspicious = true
	r.Design.Pairs, r.Design.Look, r.Design.StoppedBy = 12, 4, gate.StoppedBudget
	r.Reason = gate.ReportReason{Code: "too_noisy", Rows: []string{"r6", "r2", "r1", "r9"}, Text: "GET /api/search: p95 +6.8 % (95 % interval -2.1 to +16.5 %, threshold 5 %) is not decided after 12 pairs"}
	r.NextSteps = []string{"perfgate calibrate  # how much this machine varies", "perfgate check --budget 30m  # room for 60 pairs"}
	r.Reproduce = "perfgate check --baseline 1a2b3c4 --candidate def5678 --seed 42"
	return r
}

// violation breaks an absolute limit though nothing got worse.
func violation() gate.Report {
	r := pass()
	r.Verdict, r.ExitCode = gate.VerdictViolation, gate.ExitRegression
	r.SLO = []gate.SLORow{
		slo("s1", nil, gate.MetricErrorRate, 0.01, ptr(0.0002), gate.SLOPass),
		slo("s2", ptr(items), gate.MetricP95, 15, ptr(17.441), gate.SLOViolation),
		slo("s3", ptr("GET /api/retired"), gate.MetricP95, 200, nil, gate.SLOInvalid),
	}
	r.Reason = gate.ReportReason{Code: "slo", Rows: []string{"s2"}, Text: "GET /api/items: latency_p95 17.4 ms, limit 15 ms"}
	r.NextSteps = []string{"perfgate analyze candidate.json  # where the time goes"}
	return r
}
