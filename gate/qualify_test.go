package gate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/perfgate/perfgate/gate"
)

// A kept is one report of a store: session n of a commit against another.
type kept struct {
	n               int
	commit, against string
	verdict         gate.Verdict
	from, to        float64      // of GET /a p95, in ms; 0: 40
	row             gate.Outcome // of that row; empty: by the verdict
	change          func(*gate.Report)
}

func (k kept) report() gate.Report {
	or := func(v float64) float64 {
		if v == 0 {
			return 40
		}
		return v
	}
	endpoint, outcome := "GET /a", k.row
	switch {
	case outcome != "":
	case k.verdict == gate.VerdictRegression:
		outcome = gate.OutcomeRegression
	case k.verdict == gate.VerdictInconclusive:
		outcome = gate.OutcomeInconclusive
	default:
		outcome = gate.OutcomePass
	}
	r := gate.Report{Verdict: k.verdict, Scenario: "shop", Reason: gate.ReportReason{Text: string(k.verdict) + " of " + k.commit}, Design: gate.DesignInfo{Name: gate.DesignPaired},
		Comparability: gate.Comparability{LoadDigest: "sha256:load"},
		Sides: gate.Sides{
			Baseline:  &gate.SideInfo{Commit: k.against, Jobs: 1},
			Candidate: &gate.SideInfo{Commit: k.commit, Jobs: 1, EnvironmentClass: "sha256:class", ResultDigest: fmt.Sprint(k.n), Started: time.Date(2026, 1, 1+k.n, 6, 0, 0, 0, time.UTC).Format(time.RFC3339)}},
		Rows: []gate.Row{{ID: "r1", Scenario: "shop", Endpoint: &endpoint, Metric: gate.MetricP95, Better: "lower", Outcome: outcome, Role: gate.RoleSecondary,
			Baseline: &gate.RowSide{Value: or(k.from)}, Candidate: &gate.RowSide{Value: or(k.to)}}},
	}
	if k.verdict == gate.VerdictRegression {
		r.Reason.Rows = []string{"r1"}
	}
	if k.change != nil {
		k.change(&r)
	}
	return r
}

func aa(r *gate.Report) { r.Design.AA = true }

// took is an A/A session that went on after a look with a verdict.
func took(first gate.Verdict) func(*gate.Report) {
	return func(r *gate.Report) { r.Design.AA, r.Design.FirstVerdict = true, first }
}

func reportsOf(of ...kept) []gate.Report {
	var out []gate.Report
	for i, k := range of {
		if k.n == 0 {
			k.n = i
		}
		out = append(out, k.report())
	}
	return out
}

// passing is n sessions that passed.
func passing(n int) []kept {
	var out []kept
	for i := range n {
		out = append(out, kept{n: 100 + i, commit: fmt.Sprint("p", i), against: "old", verdict: gate.VerdictPass})
	}
	return out
}

func TestFateOfReds(t *testing.T) {
	red := kept{commit: "c1", against: "m1", verdict: gate.VerdictRegression, from: 40, to: 50}
	died := kept{commit: "c1", against: "m1", verdict: gate.VerdictRegression, change: func(r *gate.Report) { r.Reason.Rows = nil }}
	limit := kept{commit: "c1", against: "m1", verdict: gate.VerdictViolation, change: func(r *gate.Report) { r.Reason.Rows = []string{"s1"} }}
	tests := []struct {
		name  string
		red   kept
		later []kept
		fate  gate.Fate
		why   string
	}{
		{"never again", red, []kept{{commit: "c2", against: "m1", verdict: gate.VerdictPass}}, gate.FateUnknown, "the commit was never measured again: it may have been mended"},
		{"of no commit", kept{verdict: gate.VerdictRegression}, nil, gate.FateUnknown, "it was of no commit, so that nothing later can be told to be the same"},
		{"the same commit regressed again", red, []kept{{commit: "c1", against: "m1", verdict: gate.VerdictRegression}}, gate.FateConfirmed, "another session of the commit, on 2026-01-02, had the same outcome"},
		{"the same commit passed", red, []kept{{commit: "c1", against: "m1", verdict: gate.VerdictPass}}, gate.FateRefuted, "another session of the commit, on 2026-01-02, passed"},
		{"accepted: somebody knows that it is slower", red, []kept{{commit: "c1", against: "m1", verdict: gate.VerdictPass, row: gate.OutcomeRegression}}, gate.FateConfirmed, "another session of the commit, on 2026-01-02, had the same outcome"},
		{"its row passed, though another did not", red, []kept{{commit: "c1", against: "m1", verdict: gate.VerdictRegression, row: gate.OutcomePass}}, gate.FateRefuted, "another session of the commit, on 2026-01-02, passed"},
		{"the same commit, undecided", red, []kept{{commit: "c1", against: "m1", verdict: gate.VerdictInconclusive}}, gate.FateUnknown, "another session of the commit decided nothing"},
		{"on another machine", red, []kept{{commit: "c1", verdict: gate.VerdictPass, change: func(r *gate.Report) { r.Sides.Candidate.EnvironmentClass = "sha256:x" }}}, gate.FateUnknown, "the commit was never measured again: it may have been mended"},
		{"merged, and it stayed", red, []kept{{commit: "c2", against: "c1", verdict: gate.VerdictPass, from: 49}, {commit: "c3", against: "c1", verdict: gate.VerdictPass, from: 51}}, gate.FateConfirmed,
			"2 later sessions with the commit in it lie at the worse level: it stayed"},
		{"merged in something later", red, []kept{{commit: "c2", against: "m2", verdict: gate.VerdictPass, from: 49}}, gate.FateConfirmed, "1 later session with the commit in it lies at the worse level: it stayed"},
		{"seen in a later job of main", red, []kept{{commit: "m2", against: "other", verdict: gate.VerdictInconclusive, to: 50}}, gate.FateConfirmed, "1 later session with the commit in it lies at the worse level: it stayed"},
		{"merged, and never seen", red, []kept{{commit: "c2", against: "c1", verdict: gate.VerdictPass, from: 41}}, gate.FateRefuted, "1 later session with the commit in it lies at the former level, where it is itself the baseline"},
		{"merged, and gone", red, []kept{{commit: "c2", against: "m2", verdict: gate.VerdictPass, from: 41}}, gate.FateUnknown, "1 later session with the commit in it lies at the former level: it may have been mended before"},
		{"an A/A session says nothing", red, []kept{{commit: "c1", against: "c1", verdict: gate.VerdictPass, change: aa}}, gate.FateUnknown, "the commit was never measured again: it may have been mended"},
		{"it died, and again", died, []kept{died}, gate.FateConfirmed, "another session of the commit, on 2026-01-02, had the same outcome"},
		{"a limit, then kept", limit, []kept{{commit: "c1", against: "m1", verdict: gate.VerdictPass}}, gate.FateRefuted, "another session of the commit, on 2026-01-02, passed"},
	}
	contains := func(commit, other string) bool { return commit == other || commit == "m2" && other == "c1" }
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := gate.Qualify(reportsOf(append([]kept{tt.red}, tt.later...)...), contains)
			got := q[0].Reds[0]
			if diff := cmp.Diff([]any{tt.fate, tt.why}, []any{got.Fate, got.Why}); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestQualify(t *testing.T) {
	red := kept{n: 1, commit: "c1", against: "m1", verdict: gate.VerdictRegression, to: 50}
	again, passed := red, red
	again.n, passed.n, passed.verdict = 2, 2, gate.VerdictPass
	undecided := func(n int) []kept {
		var out []kept
		for i := range n {
			out = append(out, kept{n: 50 + i, commit: fmt.Sprint("u", i), verdict: gate.VerdictInconclusive})
		}
		return out
	}
	type summary struct {
		Sessions, Skipped, Compared, Decided, UndecidedFailed, Confirmed, Refuted, Unknown, AA, AARed, Unchanged int
		Ratio                                                                                                    float64
		Interval                                                                                                 [2]float64
		Ready                                                                                                    bool
		Missing                                                                                                  []string
	}
	tests := []struct {
		name string
		of   []kept
		want summary
	}{
		{"one comparison", passing(1), summary{Sessions: 1, Compared: 1, Decided: 1, Unchanged: 1, Interval: [2]float64{0, 0.95},
			Missing: []string{"19 more comparisons"}}},
		{"twenty that passed", passing(20), summary{Sessions: 20, Compared: 20, Decided: 20, Unchanged: 20, Interval: [2]float64{0, 0.139108}, Ready: true}},
		{"a real red among them", append(passing(20), red, again), summary{Sessions: 22, Compared: 22, Decided: 22, Confirmed: 2, Unchanged: 20, Interval: [2]float64{0, 0.139108}, Ready: true}},
		{"a red that nobody measured again", append(passing(20), red), summary{Sessions: 21, Compared: 21, Decided: 21, Unknown: 1, Unchanged: 21, Interval: [2]float64{0, 0.206725},
			Missing: []string{"certainty about 1 red that nobody measured again: false reds could be as frequent as 21 %"}}},
		{"a false red", append(passing(20), red, passed), summary{Sessions: 22, Compared: 22, Decided: 22, Refuted: 1, Unchanged: 22, Ratio: 1.0 / 22, Interval: [2]float64{0.002329, 0.198116},
			Missing: []string{"evidence: false reds could be as frequent as 20 %, at most 15 % must be ruled out"}}},
		{"false reds of A/A sessions", append(passing(20), kept{n: 1, commit: "c", verdict: gate.VerdictRegression, change: aa}, kept{n: 2, commit: "c", verdict: gate.VerdictRegression, change: aa}, kept{n: 3, commit: "c", verdict: gate.VerdictPass, change: aa}),
			summary{Sessions: 20, Compared: 20, Decided: 20, AA: 3, AARed: 2, Unchanged: 23, Ratio: 2.0 / 23, Interval: [2]float64{0.015674, 0.249249}, Missing: []string{"fewer false reds: 2 of 23, at most 5 % are tolerable"}}},
		{"an alarm that later pairs took back", append(passing(20), kept{n: 1, commit: "c", verdict: gate.VerdictInconclusive, change: took(gate.VerdictRegression)},
			kept{n: 2, commit: "c", verdict: gate.VerdictRegression, change: took(gate.VerdictPass)}),
			summary{Sessions: 20, Compared: 20, Decided: 20, AA: 2, AARed: 1, Unchanged: 22, Ratio: 1.0 / 22, Interval: [2]float64{0.002329, 0.198116},
				Missing: []string{"evidence: false reds could be as frequent as 20 %, at most 15 % must be ruled out"}}},
		{"mostly undecided", append(passing(13), undecided(7)...), summary{Sessions: 20, Compared: 20, Decided: 13, Unchanged: 20, Interval: [2]float64{0, 0.139108}, Missing: []string{"decisions: 13 of 20 comparisons ended with one, 70 % are needed"}}},
		{"nothing compared", []kept{{n: 1, verdict: gate.VerdictNoBaseline, change: func(r *gate.Report) { r.WouldFail = true }}, {n: 2, verdict: gate.VerdictSkipped}, {n: 3, verdict: gate.VerdictInvalid}},
			summary{Sessions: 3, Skipped: 1, UndecidedFailed: 1, Missing: []string{"20 more comparisons"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reports := reportsOf(tt.of...)
			reports = append(reports, reports...) // what stands twice counts once
			q := gate.Qualify(reports, nil)[0]
			got := summary{q.Sessions, q.Skipped, q.Compared, q.Decided, q.UndecidedFailed, q.Confirmed, q.Refuted, q.Unknown, q.AASessions, q.AARegressions, q.Unchanged, 0, [2]float64{}, q.Ready, q.Missing}
			if q.FalseRatio != nil {
				got.Ratio, got.Interval = *q.FalseRatio, *q.FalseInterval
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(0, 1e-5), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	t.Run("by scenario", func(t *testing.T) {
		reports := reportsOf(passing(2)...)
		reports[0].Scenario = "api"
		var got []string
		for _, q := range gate.Qualify(reports, nil) {
			got = append(got, q.Scenario+" "+q.First)
		}
		if diff := cmp.Diff([]string{"api 2026-04-11T06:00:00Z", "shop 2026-04-12T06:00:00Z"}, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
