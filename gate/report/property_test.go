package report

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

// oddNames are what somebody, or an attacker, calls an endpoint.
func oddNames() []string {
	return []string{
		"", " ", "GET /", "POST /inference [small]", strings.Repeat("GET /very/long/path", 40), "検索結果を取得する検索結果を取得する検索結果",
		"🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀", "e\u0301" + strings.Repeat("\u0301", 200), "\x1b[31mred\x1b[0m", "a\nb\r\nc", "a|b|c", "`x` ``y``",
		"<script>alert(1)</script>", "@everyone #1", "\u202egnp.exe", "\xff\xfe", "</details>", "it's", "❤️ /love", "%!s(MISSING)", "\u200b\u200b",
		strings.Repeat("x ", 300), "DELETE /x", "한국어/경로/검색/결과/조회",
	}
}

// oddReport makes a report of random rows with odd names in every field that
// holds text.
func oddReport(rng *rand.Rand) gate.Report {
	names := oddNames()
	pick := func() string { return names[rng.IntN(len(names))] }
	verdicts := []gate.Verdict{gate.VerdictPass, gate.VerdictRegression, gate.VerdictViolation, gate.VerdictInconclusive,
		gate.VerdictNoBaseline, gate.VerdictNotComparable, gate.VerdictInvalid, gate.VerdictSkipped, gate.Verdict(pick())}
	outcomes := []gate.Outcome{gate.OutcomePass, gate.OutcomeRegression, gate.OutcomeImprovement, gate.OutcomeInconclusive,
		gate.OutcomeNotComparable, gate.OutcomeInvalid, gate.OutcomeNew, gate.OutcomeInfo}
	metrics := []string{gate.MetricP50, gate.MetricP95, "latency_p99.999", gate.MetricErrorRate, gate.MetricDelivered,
		gate.MetricThroughput, gate.MetricCPU, gate.MetricRSS, pick()}
	roles := []gate.Role{gate.RolePrimary, gate.RoleSecondary, gate.RoleRelative, gate.RoleInfo}
	severities := []gate.Severity{gate.SeverityBlock, gate.SeverityWarn, gate.SeverityInfo}
	designs := []gate.Design{gate.DesignPaired, gate.DesignHistory, gate.DesignBlocks, gate.DesignSingle, gate.DesignNone}
	number := func() float64 { return rng.NormFloat64() * []float64{1e-9, 1e-3, 1, 1e3, 1e12}[rng.IntN(5)] }
	maybe := func(v float64) *float64 {
		if rng.IntN(3) == 0 {
			return nil
		}
		return &v
	}
	r := commits(base(verdicts[rng.IntN(len(verdicts))], rng.IntN(5)))
	r.Scenario, r.Design.Name, r.Design.Why, r.Design.StoppedBy = pick(), designs[rng.IntN(len(designs))], pick(), pick()
	r.Sides.Baseline.Commit, r.Sides.Candidate.Machine, r.Sides.Baseline.ChosenBecause = pick(), pick(), pick()
	r.Comparability.LoadDigest, r.Comparability.EndpointsMissing = pick(), []string{pick(), pick(), pick()}
	r.Comparability.RecordedDifferences, r.Comparability.Environment = []string{pick()}, pick()
	r.Policy.ChangedByCandidate = []gate.PolicyChange{{Key: pick(), Baseline: pick(), Candidate: pick()}}
	for i := range rng.IntN(60) {
		metric := metrics[rng.IntN(len(metrics))]
		row := gate.Row{ID: fmt.Sprintf("r%d", i+1), Scenario: []string{"a", pick()}[rng.IntN(2)], Metric: metric, Unit: gate.Unit(metric),
			Better: gate.Better(metric), Role: roles[rng.IntN(4)], Severity: severities[rng.IntN(3)], Outcome: outcomes[rng.IntN(8)],
			Reason: gate.RowReason{Code: pick(), Text: pick()}, Rule: pick(), Suspicious: rng.IntN(2) == 0, IntervalLevel: 0.95,
			ThresholdRatio: maybe(number()), FloorAbs: maybe(number()), P: maybe(rng.Float64()), PAdjusted: maybe(rng.Float64()), MDERatio: maybe(number())}
		if rng.IntN(4) > 0 {
			name := pick()
			row.Endpoint = &name
		}
		if rng.IntN(5) == 0 {
			row.Unit = pick()
		}
		if rng.IntN(4) > 0 {
			row.Baseline = &gate.RowSide{Value: number()}
			row.Candidate = &gate.RowSide{Value: number()}
		}
		row.ChangeRatio, row.ChangeAbs = maybe(number()), maybe(number())
		if rng.IntN(2) == 0 {
			row.IntervalRatio = &[2]float64{number(), number()}
		}
		if rng.IntN(4) == 0 {
			row.AcceptedBy = ptr(pick())
		}
		r.Rows = append(r.Rows, row)
		if rng.IntN(5) == 0 {
			r.Reason.Rows = append(r.Reason.Rows, row.ID)
		}
	}
	addOddNotes(&r, rng, pick)
	r.Reason.Code, r.Reason.Text, r.Reproduce = pick(), pick(), pick()
	return r
}

// addOddNotes adds limits, waivers, warnings and next steps.
func addOddNotes(r *gate.Report, rng *rand.Rand, pick func() string) {
	for range rng.IntN(8) {
		r.SLO = append(r.SLO, gate.SLORow{Scenario: pick(), Endpoint: ptr(pick()), Metric: pick(), Unit: pick(), Op: pick(), Limit: rng.NormFloat64() * 1e6,
			Observed: ptr(rng.NormFloat64()), Outcome: []gate.SLOOutcome{gate.SLOPass, gate.SLOViolation, gate.SLOInvalid}[rng.IntN(3)], Rule: pick(), Severity: []gate.Severity{gate.SeverityBlock, gate.SeverityWarn}[rng.IntN(2)]})
		r.Accepted = append(r.Accepted, gate.AcceptedRow{File: pick(), Endpoint: pick(), Metric: pick(), Owner: pick(), Reason: pick(), Expires: pick(),
			MaxWorseRatio: rng.Float64(), State: []string{gate.WaiverUsed, gate.WaiverUnused, gate.WaiverExpired, gate.WaiverExceeded, gate.WaiverUnmatched, pick()}[rng.IntN(6)]})
		r.Warnings = append(r.Warnings, gate.RowWarning{Code: pick(), Text: pick()})
		r.NextSteps = append(r.NextSteps, "perfgate accept '"+pick()+"' --max +25%  # "+pick())
	}
}

var sgr = regexp.MustCompile("\x1b\\[(31|32|33|0)m")

// checkText asserts what holds of every text: no line over width, nothing that
// moves a cursor.
func checkText(t *testing.T, out string, width int) {
	t.Helper()
	for l := range strings.Lines(out) {
		l = strings.TrimSuffix(l, "\n")
		if columns(l) > width {
			t.Fatalf("%d columns, want at most %d: %q", columns(l), width, l)
		}
		if safe := terminal(l); safe != l && columns(l) < longest {
			t.Fatalf("control characters in %q", l)
		}
		if strings.TrimRight(l, " ") != l {
			t.Fatalf("blanks at the end of %q", l)
		}
	}
	if strings.Contains(out, "\n\n\n") || strings.HasSuffix(out, "\n\n") || !strings.HasSuffix(out, "\n") {
		t.Fatalf("blank lines in %q", out)
	}
}

func TestTextOfAnyReport(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range 30 {
		r := oddReport(rng)
		for _, width := range []int{0, 1, 97, 160} {
			for _, all := range []bool{false, true} {
				o := TextOptions{Width: width, All: all, Baseline: oddNames()[rng.IntN(20)]}
				var plain, coloured bytes.Buffer
				if err := Text(&plain, r, o); err != nil {
					t.Fatal(err)
				}
				checkText(t, plain.String(), o.width())
				o.Color = true
				if err := Text(&coloured, r, o); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(plain.String(), sgr.ReplaceAllString(coloured.String(), "")); diff != "" {
					t.Fatalf("colour changes the text (-plain +coloured):\n%s", diff)
				}
				if all {
					checkOutcomes(t, r, plain.String())
				}
			}
		}
	}
}

// checkOutcomes asserts that every row has its outcome under it.
func checkOutcomes(t *testing.T, r gate.Report, out string) {
	t.Helper()
	want := map[gate.Outcome]int{}
	for _, row := range r.Rows {
		want[row.Outcome]++
	}
	got := map[gate.Outcome]int{}
	for l := range strings.Lines(out) {
		rest, ok := strings.CutPrefix(l, "      ")
		for o := range want {
			if ok && strings.HasPrefix(rest, string(o)) && strings.IndexAny(rest[len(o):], ", ") == 0 {
				got[o]++
			}
		}
	}
	for o, n := range want {
		if got[o] < n { // a wrapped reason may begin with the same word
			t.Fatalf("%d rows are %s, %d are shown in:\n%s", n, o, got[o], out)
		}
	}
}

func TestVerdictOfAnyReport(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 200 {
		if s := Verdict(oddReport(rng)); s != terminal(s) && columns(s) < longest {
			t.Fatalf("control characters in %q", s)
		}
	}
}

// visible returns the lines outside of folds, summaries included.
func visible(md string) []string {
	var out []string
	folded := false
	for l := range strings.Lines(fences.ReplaceAllString(md, "")) {
		if strings.HasPrefix(l, "<details>") {
			out = append(out, l)
			folded = true
		}
		if !folded && strings.TrimSpace(l) != "" {
			out = append(out, l)
		}
		if strings.HasPrefix(l, "</details>") {
			folded = false
		}
	}
	return out
}

var fences = regexp.MustCompile("(?s)\n(`{3,})sh\n.*?\n`{3,}\n")

// cells counts the cells of a table line.
func cells(l string) int { return strings.Count(l, "|") - 1 }

func TestMarkdownOfAnyReport(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for range 30 {
		r := oddReport(rng)
		var b bytes.Buffer
		if err := Markdown(&b, r, MarkdownOptions{}); err != nil {
			t.Fatal(err)
		}
		md := b.String()
		lines := visible(md)
		if len(lines) > 20 {
			t.Fatalf("%d visible lines:\n%s", len(lines), md)
		}
		for _, l := range lines {
			if strings.HasPrefix(l, "|") && cells(l) != 4 {
				t.Fatalf("%d cells in %q", cells(l), l)
			}
		}
		if outside := fences.ReplaceAllString(md, "\n"); strings.Count(outside, "\n<details>") != strings.Count(outside, "\n</details>") {
			t.Fatalf("folds do not close:\n%s", md)
		}
		if outside := fences.ReplaceAllString(md, ""); strings.Contains(outside, "<script>") || strings.Contains(md, "\x1b") || len(md) > DefaultMarkdownBytes {
			t.Fatalf("unsafe, or %d bytes:\n%s", len(md), md)
		}
	}
}

func TestMarkdownLeavesRowsOut(t *testing.T) {
	r := regression()
	for range 7 {
		r.Rows = append(r.Rows, r.Rows...)
	}
	for _, size := range []int{0, 20000} {
		var b bytes.Buffer
		if err := Markdown(&b, r, MarkdownOptions{MaxBytes: size}); err != nil {
			t.Fatal(err)
		}
		if size == 0 {
			size = DefaultMarkdownBytes
		}
		if b.Len() > size || !strings.Contains(b.String(), "rows left out here; report.json holds all") {
			t.Errorf("%d bytes of at most %d, or silent", b.Len(), size)
		}
	}
}

func TestResultTextOfAnyNames(t *testing.T) {
	for _, name := range oddNames() {
		r := measuredResult()
		r.Scenarios[0].Endpoints[0].Name, r.Subject.Commit, r.Subject.Label = name, "", name
		r.Environment.Class.CPUModel, r.Warnings[0].Text, r.Tool.ImportedFrom = name, name, ptr(name)
		for i := range r.Runs {
			r.Runs[i].ID, r.Runs[i].Reasons = name, append(r.Runs[i].Reasons, name)
			r.Runs[i].Endpoints[0].Name = name
		}
		for _, o := range []TextOptions{{}, {Width: 1, All: true}, {Width: 120, Candidate: name}} {
			var b bytes.Buffer
			if err := ResultText(&b, r, nil, o); err != nil {
				t.Fatal(err)
			}
			checkText(t, b.String(), o.width())
		}
	}
}

type brokenWriter struct{}

var errBroken = errors.New("disk full")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestErrorsOfTheWriter(t *testing.T) {
	for _, f := range Formats() {
		if err := f.Render(brokenWriter{}, regression(), Options{}); !errors.Is(err, errBroken) {
			t.Errorf("%s: error %v, want %v", f.Name, err, errBroken)
		}
	}
	if err := ResultText(brokenWriter{}, measuredResult(), nil, TextOptions{}); !errors.Is(err, errBroken) {
		t.Errorf("result: error %v, want %v", err, errBroken)
	}
}

func TestSameBytes(t *testing.T) {
	for name, r := range reports() {
		for _, f := range Formats() {
			var a, b bytes.Buffer
			if err := errors.Join(f.Render(&a, r, Options{}), f.Render(&b, r, Options{})); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(a.String(), b.String()); diff != "" {
				t.Errorf("%s as %s differs (-first +second):\n%s", name, f.Name, diff)
			}
		}
	}
}
