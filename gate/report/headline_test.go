package report

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

// verdictCase is a report and its headline.
type verdictCase struct {
	name string
	r    gate.Report
	want string
}

func checkVerdicts(t *testing.T, cases []verdictCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Verdict(tt.r)); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

// altered returns the regression with a change.
func altered(change func(*gate.Report)) gate.Report {
	r := regression()
	change(&r)
	return r
}

// onlyWhole returns a regression of one metric of the whole.
func onlyWhole(metric string) gate.Report {
	return altered(func(r *gate.Report) {
		r.Rows[0].Outcome, r.Rows[1].Metric, r.Rows[1].Endpoint, r.Reason.Rows = gate.OutcomePass, metric, nil, []string{"r2"}
	})
}

func TestVerdictOfRegressions(t *testing.T) {
	checkVerdicts(t, []verdictCase{
		{"slower", regression(), "regression: 1 of 4 endpoints is slower, worst POST /api/checkout p95 +23.4 %"},
		{"only the whole", onlyWhole(gate.MetricP95), "regression: the whole is slower, though no endpoint alone, worst overall p95 +23.4 %"},
		{"throughput", onlyWhole(gate.MetricThroughput), "regression: fewer requests a second, worst throughput rate +23.4 %"},
		{"delivered", onlyWhole(gate.MetricDelivered), "regression: the service takes less of the load, worst delivered ratio +23.4 %"},
		{"errors", onlyWhole(gate.MetricErrorRate), "regression: more requests fail, worst errors rate +23.4 %"},
		{"cpu", onlyWhole(gate.MetricCPU), "regression: it uses more CPU, worst cpu time total +23.4 %"},
		{"a metric of tomorrow", onlyWhole("queue"), "regression: 1 metric is worse, worst overall queue +23.4 %"},
		{"the candidate died", altered(func(r *gate.Report) { r.Reason = gate.ReportReason{Code: gate.ReasonTargetDied} }),
			"regression: the candidate died under a load that the baseline survives"},
		{"observed", observing(), "regression: 1 of 5 endpoints is slower, 1 fails more often (would have failed), worst checkout: POST /api/checkout errors +1.39 pp"},
	})
}

func TestVerdictOfOthers(t *testing.T) {
	checkVerdicts(t, []verdictCase{
		{"pass", pass(), "pass: no endpoint is slower"},
		{"pass that only warns", altered(func(r *gate.Report) {
			r.Verdict, r.Rows[0].Severity, r.Rows[1].Severity = gate.VerdictPass, gate.SeverityWarn, gate.SeverityWarn
		}), "pass: 2 rows are worse, but only warn"},
		{"pass by waiver", altered(func(r *gate.Report) {
			r.Verdict, r.Rows[0].AcceptedBy, r.Rows[1].AcceptedBy = gate.VerdictPass, ptr("f:1"), ptr("f:2")
			r.Comparability.EndpointsMissing = []string{"a"}
		}), "pass: 2 regressions accepted, 1 endpoint is missing in the candidate"},
		{"faster", altered(func(r *gate.Report) {
			r.Verdict, r.Rows[0].Outcome, r.Rows[1].Outcome = gate.VerdictPass, gate.OutcomeImprovement, gate.OutcomeImprovement
		}), "pass: 1 of 4 endpoints is faster, none is slower"},
		{"violation", violation(), "violation: 1 of 3 limits is broken"},
		{"inconclusive", inconclusive(), "inconclusive: too noisy to tell (not blocking)"},
		{"suspicious", altered(func(r *gate.Report) { r.Verdict, r.Reason.Code, r.ExitCode = gate.VerdictInconclusive, "suspicious", 0 }),
			"inconclusive: it may be slower, not yet told from noise (not blocking)"},
		{"a reason of tomorrow", altered(func(r *gate.Report) { r.Verdict, r.Reason.Code, r.ExitCode = gate.VerdictInconclusive, "x", 0 }),
			"inconclusive: the data cannot tell (not blocking)"},
		{"limit without a number", altered(func(r *gate.Report) {
			r.Verdict, r.Reason.Rows = gate.VerdictInvalid, []string{"s1"}
		}), "invalid: 1 limit has no usable number"},
		{"side without a run", altered(func(r *gate.Report) { r.Verdict, r.Reason.Rows = gate.VerdictInvalid, nil }), "invalid: it could not be measured"},
		{"single runs", single(), "inconclusive: one run on each side cannot tell a change from noise"},
		{"not a single run, for want of time", func() gate.Report { r := single(); r.Reason.Code = gate.StoppedBudget; return r }(),
			"inconclusive: the budget ended before anything was compared (not blocking)"},
		{"too few", altered(func(r *gate.Report) {
			r.Verdict, r.Reason.Code, r.ExitCode = gate.VerdictInconclusive, "too_few_requests", gate.ExitUndecided
		}), "inconclusive: too few requests to tell (blocking)"},
		{"unconfirmed", altered(func(r *gate.Report) {
			r.Verdict, r.Reason.Code, r.ExitCode = gate.VerdictInconclusive, "unconfirmed", 0
		}),
			"inconclusive: slower, but not confirmed yet (not blocking)"},
		{"no baseline", noBaseline(), "no baseline: nothing was compared (not blocking)"},
		{"not comparable", notComparable(), "not comparable: load and machines differ"},
		{"invalid", invalid(), "invalid: 2 rows have no usable number"},
		{"skipped", skipped(), "skipped: both builds are identical (sha256 4f1e09c2)"},
		{"nothing", gate.Report{}, "unknown: "},
		{"no latency was judged", altered(func(r *gate.Report) {
			r.Verdict = gate.VerdictPass
			for i := range r.Rows {
				r.Rows[i].Role, r.Rows[i].Outcome = gate.RoleInfo, gate.OutcomeInfo
			}
		}), "pass: what was judged is not worse, but no latency was judged"},
		{"an undecided gate that only observes", altered(func(r *gate.Report) {
			r.Verdict, r.Reason.Code, r.ExitCode, r.WouldFail = gate.VerdictInconclusive, "suspicious", 0, true
		}), "inconclusive: it may be slower, not yet told from noise (would have failed)"},
		{"warnings that must not be missed", altered(func(r *gate.Report) {
			r.Verdict, r.Rows = gate.VerdictPass, pass().Rows
			r.Warnings = []gate.RowWarning{{Code: "x", Text: "long", Headline: "GET /a p95 crept up by 11 % since v1.2"}, {Code: "y", Text: "not there"},
				{Code: "z", Text: "long", Headline: "this gate has decided nothing in its last 6 sessions"}}
		}), "pass: no endpoint is slower; GET /a p95 crept up by 11 % since v1.2; this gate has decided nothing in its last 6 sessions"},
	})
}

// TestDraftsOfScreens pins the two screens that the views were designed after:
// nobody may change them by -update alone.
func TestDraftsOfScreens(t *testing.T) {
	const paired = `REGRESSION  1 of 4 endpoints is slower          checkout, 8 pairs, one machine

  endpoint            metric   baseline  candidate    change  95% interval
  POST /api/checkout  p95       41.2 ms    50.8 ms   +23.4 %  +18.1 .. +29.0  X
  POST /api/checkout  p50       18.0 ms    21.9 ms   +21.7 %  +17.0 .. +26.6  X
  GET  /api/search    p95       96.0 ms   101.0 ms    +5.2 %   -3.0 .. +14.1  ?
  5 more rows without a change (largest +1.4 %); --all shows them
  errors              rate       0.02 %     0.02 %   +0.00 pp        no change
  delivered           ratio     100.0 %    100.0 %   +0.00 pp        no change

  X regression: over 5 % and over 100 µs, adjusted p < 0.0001
  ? cannot tell: needs 9 pairs; now 12 % and more would be seen
  same machine (4 x EPYC 7763), same scenario (sha 1f2e3d), seed 42

  next: perfgate accept 'POST /api/checkout' latency_p95 --max +25% --reason …
`
	const one = `INCONCLUSIVE  one run on each side cannot tell a change from noise
old.json 1 run · new.json 1 run · same machine, 12 min apart
scenario inference-api 3f9a12

  endpoint                  metric  baseline  candidate   change  seen from
  POST /inference [small]   p95      41.2 ms    44.0 ms   +6.8 %     +23 %
  POST /inference [small]   errors    0.00 %     0.00 %   0.0 pp   +0.4 pp
  5 more rows with smaller changes; --all shows them

next: perfgate check --baseline HEAD~1      about 4 min, sees +11 % (best)
      perfgate run --runs 5, for both       about 1 min each, sees +40 %
`
	for want, r := range map[string]gate.Report{paired: regression(), one: single()} {
		var b bytes.Buffer
		if err := Text(&b, r, typed(TextOptions{})); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("screen (-want +got):\n%s", diff)
		}
	}
}

func TestManyRowsAreCut(t *testing.T) {
	r := regression()
	for i := range 30 {
		row := latency("GET /"+strings.Repeat("x", i+1), gate.MetricP95, 10, 20, 0.9, 1.1, gate.OutcomeRegression)
		row.ID = "m" + row.Metric + strings.Repeat("i", i)
		r.Rows = append(r.Rows, row)
	}
	var b bytes.Buffer
	if err := Text(&b, r, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if want := "  18 more rows of the same kinds; --all shows them\n"; !strings.Contains(b.String(), want) {
		t.Errorf("no %q in:\n%s", want, b.String())
	}
}

func TestFormats(t *testing.T) {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
		if f.Ext == "" || f.MIME == "" || f.Doc == "" || f.Render == nil {
			t.Errorf("format %q is incomplete: %+v", f.Name, f)
		}
		for name := range reports() {
			if found, err := filepath.Glob(filepath.Join(goldenFolder, name, "*."+f.Ext)); err != nil || len(found) == 0 {
				t.Errorf("format %q has no golden file in testdata/report/%s (%v)", f.Name, name, err)
			}
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("formats are not sorted: %v", names)
	}
	_, err := FormatNamed("html5")
	want := "format: unknown name \"html5\"\nhint: one of json, markdown, text"
	if err == nil || err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

// TestFoldedRows: what is not shown is counted by outcome, and only what passed
// has a tick.
func TestFoldedRows(t *testing.T) {
	row := func(name string, o gate.Outcome) gate.Row {
		r := latency(name, gate.MetricP95, 10, 10.1, -0.01, 0.02, o)
		if o == gate.OutcomeInfo || o == gate.OutcomeInvalid {
			r.ChangeRatio, r.IntervalRatio, r.P, r.PAdjusted = nil, nil, nil, nil
		}
		return r
	}
	relative := row("GET /a", gate.OutcomePass)
	relative.Role = gate.RoleRelative
	worse := row("GET /a", gate.OutcomeRegression)
	worse.Role = gate.RoleRelative
	for _, tt := range []struct {
		name     string
		rows     []gate.Row
		text, md string
	}{
		{"all passed", []gate.Row{row("GET /a", gate.OutcomePass), relative},
			"2 more rows without a change (largest +1.0 %); --all shows them", "| 2 other rows | | +1.0 to +1.0 % | no change :white_check_mark: |"},
		{"shown only", []gate.Row{row("GET /a", gate.OutcomePass), row("GET /b", gate.OutcomeInfo)},
			"2 more rows: 1 no change, 1 shown only (largest +1.0 %); --all shows them", "| 2 other rows | | +1.0 to +1.0 % | 1 no change, 1 shown only |"},
		{"not measured", []gate.Row{row("GET /a", gate.OutcomeInvalid), row("GET /b", gate.OutcomeInvalid)},
			"2 more rows: 2 not measured; --all shows them", "| 2 other rows | | | 2 not measured |"},
		{"repeated", []gate.Row{row("GET /b", gate.OutcomePass), worse},
			"2 more rows: 1 no change, 1 regression against the others; --all shows them", "| 2 other rows | | +1.0 to +1.0 % | 1 no change, 1 regression against the others |"},
		{"improved", []gate.Row{row("GET /a", gate.OutcomePass), row("GET /b", gate.OutcomeImprovement)},
			"2 more rows: 1 no change, 1 improvement; --all shows them", "| 2 other rows | | +1.0 to +1.0 % | 1 no change, 1 improvement :white_check_mark: |"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := newView(rows(base(gate.VerdictRegression, 1), tt.rows...))
			if got := v.foldedText(tt.rows, 1); got != tt.text {
				t.Errorf("text %q, want %q", got, tt.text)
			}
			if got := mdOthersLine(tt.rows); got != tt.md {
				t.Errorf("md %q, want %q", got, tt.md)
			}
			shown, folded, rates := v.split(false)
			if n := len(shown) + len(folded) + len(rates); n != v.r.Coverage.Expected {
				t.Errorf("%d rows are told, coverage %d", n, v.r.Coverage.Expected)
			}
		})
	}
}

// TestUnmeasuredSide: a side that was not measured has no table, and no tick.
func TestUnmeasuredSide(t *testing.T) {
	r := invalid()
	r.Reason.Rows = []string{}
	for i := range r.Rows {
		r.Rows[i].Outcome = gate.OutcomeInvalid
	}
	var b bytes.Buffer
	if err := Markdown(&b, r, MarkdownOptions{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "other rows") || strings.Contains(b.String(), ":white_check_mark:") {
		t.Errorf("an unmeasured side looks measured:\n%s", b.String())
	}
}

// TestLegendOfSeveralRows: a value that is not each row's says so; a mean over
// endpoints and a relative row are explained.
func TestLegendOfSeveralRows(t *testing.T) {
	whole := latency("", gate.MetricP95, 41.2, 50.841, 0.1, 0.3, gate.OutcomeRegression)
	whole.PAdjusted = ptr(0.0027)
	relative := latency(search, gate.MetricP50, 33.1, 41.4, 0.17, 0.27, gate.OutcomeRegression)
	relative.Role = gate.RoleRelative
	r := rows(base(gate.VerdictRegression, gate.ExitRegression), latency(buy, gate.MetricP95, 41.2, 50.841, 0.181, 0.290, gate.OutcomeRegression), whole, relative)
	r.Reason = gate.ReportReason{Code: "over_threshold", Rows: []string{"r1"}}
	var text, md bytes.Buffer
	if err := errors.Join(Text(&text, r, TextOptions{}), Markdown(&md, r, MarkdownOptions{})); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"X regression: over 5 % and over 100 µs, all adjusted p ≤ 0.0027\n", "  overall: geometric mean over the endpoints\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in:\n%s", want, text.String())
		}
	}
	for _, want := range []string{"| p50, against the others 33.1 → 41.4 ms |", "adjusted p < 0.0001", "- Overall: geometric mean over the endpoints\n"} {
		if !strings.Contains(md.String(), want) {
			t.Errorf("no %q in:\n%s", want, md.String())
		}
	}
}

// TestLateResult: a result that a busy machine spoilt says by how much, and its
// next step is not to look at it again.
func TestLateResult(t *testing.T) {
	r := unmeasuredResult()
	for i := range r.Runs {
		r.Runs[i].Reasons = []string{gate.ReasonLate}
		r.Runs[i].Generator = []gate.GeneratorHealth{{LateP95MS: ptr(3.4), LateLimitMS: ptr(1.0)}}
	}
	var b bytes.Buffer
	if err := ResultText(&b, r, nil, TextOptions{All: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"late by 3.4 ms (limit 1 ms)", "next: perfgate run      again: close what else runs, or take a bigger runner\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}
