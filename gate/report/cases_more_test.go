package report

import "github.com/perfgate/perfgate/gate"

// noBaseline measured the candidate and found nothing to compare with.
func noBaseline() gate.Report {
	r := commits(base(gate.VerdictNoBaseline, gate.ExitOK))
	r.Design = gate.DesignInfo{Name: gate.DesignNone, CandidateRuns: 5, Looks: []int{}}
	r.Sides.Baseline = nil
	r.Comparability.SameMachine, r.Comparability.Load, r.Comparability.Environment = false, "unknown", "unknown"
	var all []gate.Row
	for _, x := range []struct {
		endpoint string
		p95      float64
	}{{items, 12.04}, {search, 96.1}, {buy, 41.2}, {login, 33.0}} {
		all = append(all, onlyCandidate(latency(x.endpoint, gate.MetricP95, 1, x.p95, 0, 0, gate.OutcomeNew)))
	}
	all = append(all, onlyCandidate(share(gate.MetricErrorRate, 0, 0.0004, gate.OutcomeNew)))
	r = rows(r, all...)
	r.Reason = gate.ReportReason{Code: "no_baseline", Rows: []string{},
		Text: "the store holds no result of main for this scenario on this kind of machine (1 on another CPU: EPYC 7763); this warns for 9 more jobs, then it fails"}
	r.NextSteps = []string{"perfgate baseline save candidate.json  # keep this result for the next comparison"}
	return r
}

func onlyCandidate(r gate.Row) gate.Row {
	r.Baseline, r.ChangeRatio, r.ChangeAbs, r.IntervalRatio, r.IntervalAbs = nil, nil, nil, nil, nil
	r.P, r.PAdjusted, r.MDERatio, r.MDEAbs, r.DF, r.SELog, r.Noise, r.Test = nil, nil, nil, nil, nil, nil, nil, ""
	r.Reason = gate.RowReason{Code: "new", Text: "there is no baseline"}
	return r
}

// notComparable has two files of different loads from different machines.
func notComparable() gate.Report {
	r := base(gate.VerdictNotComparable, gate.ExitUnmeasured)
	r.Design.Name, r.Design.Why = gate.DesignBlocks, "several runs a side, other sessions"
	r.Design.Looks, r.Design.Look, r.Design.WallS = []int{}, 0, nil
	r.Comparability.Load, r.Comparability.Environment, r.Comparability.SameMachine = "different", "different", false
	r.Comparability.EndpointsMissing = []string{login}
	r.Comparability.RecordedDifferences = []string{"kernel: 6.8.0-1017 and 6.11.0-1004"}
	r.Sides.Candidate.Machine = "8 x Xeon Platinum 8370C"
	a := latency(buy, gate.MetricP95, 41.2, 50.8, 0, 0, gate.OutcomeNotComparable)
	a.Reason = gate.RowReason{Code: "sides_differ", Text: "the load of checkout differs: 50/s and 100/s"}
	a.Baseline, a.ChangeRatio, a.ChangeAbs, a.IntervalRatio, a.P, a.PAdjusted, a.MDERatio = nil, nil, nil, nil, nil, nil, nil
	r = rows(r, a)
	r.Reason = gate.ReportReason{Code: "sides_differ", Rows: []string{}, Text: "the load of checkout differs: 50 requests/s and 100 requests/s"}
	r.NextSteps = []string{"perfgate check --baseline HEAD~1  # measures both sides under one load"}
	return r
}

// invalid has a candidate whose answers all failed, so that its latency says
// nothing.
func invalid() gate.Report {
	r := commits(base(gate.VerdictInvalid, gate.ExitUnmeasured))
	a := latency(buy, gate.MetricP95, 41.2, 50.8, 0, 0, gate.OutcomeInvalid)
	a.Reason = gate.RowReason{Code: "no_success", Text: "a run holds no successful request of this endpoint"}
	a.Candidate, a.ChangeRatio, a.ChangeAbs, a.IntervalRatio, a.P, a.PAdjusted, a.MDERatio, a.RunsNeeded = nil, nil, nil, nil, nil, nil, nil, nil
	b := latency("GET /api/gone", gate.MetricP95, 1, 1, 0, 0, gate.OutcomeInvalid)
	b.Baseline, b.Candidate, b.ChangeRatio, b.ChangeAbs, b.IntervalRatio, b.P, b.PAdjusted, b.MDERatio = nil, nil, nil, nil, nil, nil, nil, nil
	b.Reason = gate.RowReason{Code: "rule_unmatched", Text: `no endpoint with latency_p95 matches "GET /api/gone", but a rule asks for it`}
	b.Rule = "perfgate.yml:41"
	r = rows(r, a, b,
		latency(items, gate.MetricP95, 17.2, 17.441, -0.018, 0.047, gate.OutcomePass),
		share(gate.MetricErrorRate, 0.0002, 0.0002, gate.OutcomePass))
	r.Reason = gate.ReportReason{Code: "no_number", Rows: []string{"r1", "r2"}, Text: "POST /api/checkout: latency_p95 has no usable number: a run holds no successful request of this endpoint"}
	r.NextSteps = []string{"perfgate doctor", "perfgate validate"}
	return r
}

// skipped never ran.
func skipped() gate.Report {
	r := commits(base(gate.VerdictSkipped, gate.ExitOK))
	r.Sides.Candidate.Dirty = false
	r.Design = gate.DesignInfo{Name: gate.DesignNone, Looks: []int{}}
	r.Comparability.SameMachine = false
	r.Reason = gate.ReportReason{Code: "identical_builds", Rows: []string{}, Text: "both builds are identical (sha256 4f1e09c2)"}
	r.Skip = &gate.Skip{Because: gate.SkipIdentical, Text: r.Reason.Text, Proof: []string{
		"bin/api: sha256 4f1e09c2… on both sides", "start, prepare, reset, env and url are the same on both sides",
		"perfgate.yml is the same on both sides", "changed: README.md, docs/<b>intro</b>.md"}}
	return r
}

// observing would have failed: errors, a dead letter of a limit that only warns,
// waivers in every state, a changed rule, two scenarios.
func observing() gate.Report {
	r := commits(base(gate.VerdictRegression, gate.ExitOK))
	r.Policy.Mode, r.WouldFail = gate.ModeObserve, true
	r.Scenario = "browse,checkout"
	r.Policy.ChangedByCandidate = []gate.PolicyChange{{Key: "gate.thresholds[2].worse", Baseline: "5%", Candidate: "10%"}}
	errors := share(gate.MetricErrorRate, 0.0002, 0.0141, gate.OutcomeRegression)
	errors.Endpoint, errors.Role, errors.P, errors.PAdjusted = ptr(buy), gate.RoleSecondary, ptr(0.0001), ptr(0.0031)
	errors.IntervalAbs = &[2]float64{0.0101, 0.0192}
	errors.Reason = gate.RowReason{Code: "over_threshold", Text: "worse by more than 0.1 pp and not noise"}
	warned := latency(search, gate.MetricP99, 180, 214, 0.08, 0.31, gate.OutcomeRegression)
	warned.Severity, warned.Scenario, warned.ThresholdRatio, warned.Rule = gate.SeverityWarn, "browse", ptr(0.1), "perfgate.yml:43"
	accepted := latency(login, gate.MetricP95, 88, 97.7, 0.06, 0.16, gate.OutcomeRegression)
	accepted.AcceptedBy = ptr("perfgate.accept.yml:3")
	relative := latency(buy, gate.MetricP95, 41.2, 50.8, 0.15, 0.28, gate.OutcomeRegression)
	relative.Role = gate.RoleRelative
	faster := latency(items, gate.MetricP50, 1.1, 0.82, -0.30, -0.21, gate.OutcomeImprovement)
	faster.Scenario = "browse"
	fresh := onlyCandidate(latency("GET /v2/items/{id}/recommendations", gate.MetricP95, 1, 1240, 0, 0, gate.OutcomeNew))
	fresh.Scenario = "browse"
	fresh.Reason.Text = "the baseline does not have it"
	r = rows(r, errors, accepted, relative, warned, faster, fresh,
		share(gate.MetricErrorRate, 0.0002, 0.0003, gate.OutcomePass), share(gate.MetricDelivered, 1, 0.9991, gate.OutcomePass))
	r.Reason = gate.ReportReason{Code: "over_threshold", Rows: []string{"r1", "r3"}, Text: "POST /api/checkout: error_rate +1.39 pp"}
	r.Accepted = []gate.AcceptedRow{
		{File: "perfgate.accept.yml:3", Row: "r2", Endpoint: login, Metric: gate.MetricP95, MaxWorseRatio: 0.12, Reason: "TLS 1.3", Owner: "@ana", Expires: "2026-12-31", State: gate.WaiverUsed},
		{File: "perfgate.accept.yml:9", Endpoint: items, Metric: gate.MetricP50, MaxWorseRatio: 0.2, Reason: "cache off", Owner: "@bo", Expires: "2027-01-31", State: gate.WaiverUnused},
		{File: "perfgate.accept.yml:15", Endpoint: buy, Metric: gate.MetricErrorRate, MaxWorseRatio: 0.005, Reason: "retries", Owner: "@cy", Expires: "2026-01-31", State: gate.WaiverExpired},
	}
	r.Warnings = []gate.RowWarning{{Code: "mix_changed", Text: "one endpoint was added; the shares of the others fell", Rows: []string{}}}
	r.NextSteps = []string{"perfgate accept 'POST /api/checkout' error_rate --max +2pp --reason … --expires 30d"}
	r.Reproduce = "perfgate check --baseline 1a2b3c4 --candidate def5678 --seed 42"
	return r
}

// results are the cases of ResultText.
func measuredResult() gate.Result {
	run := func(id string, p95 float64) gate.Run {
		e := func(name string, n, failed int64, scale float64) gate.EndpointRun {
			out := gate.EndpointRun{Name: name, Requests: n, OK: n - failed, Failures: []gate.Failure{}, Latency: []gate.Latency{{Of: gate.OfResponse,
				Population: gate.PopulationOK, Count: n - failed, Precision: gate.PrecisionQuantiles,
				QuantilesMS: map[string]float64{"0.5": 11.9 * scale, "0.95": p95 * scale, "0.99": 29.8 * scale}}}}
			if failed > 0 {
				out.Failures = []gate.Failure{{Kind: gate.FailStatus, Code: ptr(503), Count: failed - 1}, {Kind: gate.FailTimeout, Count: 1}}
			}
			return out
		}
		return gate.Run{ID: id, Scenario: "inference-api", Attempt: 1, Stream: 1, Prepared: gate.PreparedStarted, WarmupS: 2, MeasuredS: 10, Status: gate.RunOK, Reasons: []string{},
			Load:      gate.RunLoad{Intended: ptr(int64(4000)), Sent: 4000, Undelivered: ptr(int64(0)), DeliveredRatio: ptr(1.0)},
			Generator: []gate.GeneratorHealth{}, Endpoints: []gate.EndpointRun{e(inferOne, 3111, 3, 1), e("GET /health", 889, 0, 0.05)}, Resources: []gate.Resource{}}
	}
	late := run("r3", 400)
	late.Status, late.Reasons = gate.RunInvalid, []string{gate.ReasonLate, gate.ReasonSteal}
	return gate.Result{Kind: gate.ResultKind, SchemaVersion: gate.SchemaVersion, Requires: []string{}, Tool: gate.Tool{Name: "perfgate", Version: "0.1.0"},
		Scenarios: []gate.ScenarioInfo{{ID: "inference-api", Name: "inference-api", LoadDigest: "sha256:3f9a12ab", Model: gate.ModelOpen, RateRPS: ptr(400.0),
			Arrivals: gate.ArrivalsConstant, Seed: 1, Endpoints: []gate.EndpointInfo{{Name: inferOne}, {Name: "GET /health"}}}},
		Subject: gate.Subject{Commit: "def56789abcd", Dirty: true},
		Environment: gate.Environment{Class: gate.EnvironmentClass{OS: "linux", Arch: "amd64", CPUModel: "AMD EPYC 7763", CPUs: 4, MemoryGiB: 16, User: map[string]string{}},
			Recorded: map[string]string{}},
		Session:  gate.Session{Looks: []int{}},
		Runs:     []gate.Run{run("r1", 17.2), run("r2", 17.9), late, run("r4", 16.8)},
		Warnings: []gate.Warning{{Code: "generator_busy", Text: "the load generator used 81 % of the CPU; the service may have been short of it"}}}
}

func unmeasuredResult() gate.Result {
	r := measuredResult()
	for i := range r.Runs {
		r.Runs[i].Status, r.Runs[i].Reasons, r.Runs[i].Endpoints = gate.RunInvalid, []string{gate.ReasonNotReady}, []gate.EndpointRun{}
	}
	r.Warnings = []gate.Warning{}
	return r
}
