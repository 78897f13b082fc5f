package gate_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// noiseOf is whose noise taught teaches.
var noiseOf = gate.NoiseOf{Scenario: "shop", ClassDigest: "class", LoadDigest: "load", Restarted: true}

// taught is the report of the n-th former session: two endpoints whose pairs
// differ by the given log ratios, times a change that the session found.
func taught(n int, change float64, a, b []float64) gate.Report {
	side := gate.SideInfo{EnvironmentClass: "class", How: gate.HowStart, Started: fmt.Sprintf("2026-11-%02dT06:00:00Z", n), ResultDigest: fmt.Sprint(n)}
	r := gate.Report{Scenario: "shop", Design: gate.DesignInfo{Name: gate.DesignPaired, Pairs: len(a), RunS: ptr(10.0), StartupS: ptr(3.0), AA: n%2 == 0},
		Sides: gate.Sides{Baseline: &side, Candidate: &side}, Comparability: gate.Comparability{LoadDigest: "load"}}
	for _, x := range []struct {
		endpoint string
		d        []float64
	}{{"GET /a", a}, {"POST /b", b}} {
		row := gate.Row{Endpoint: &x.endpoint, Metric: gate.MetricP95, Role: gate.RoleSecondary, Baseline: &gate.RowSide{}, Candidate: &gate.RowSide{},
			Noise: &gate.RowNoise{WithinRunRatio: 0.01}}
		for _, d := range x.d {
			row.Baseline.PerRun = append(row.Baseline.PerRun, 20)
			row.Candidate.PerRun = append(row.Candidate.PerRun, 20*change*math.Exp(d))
		}
		r.Rows = append(r.Rows, row)
	}
	for _, row := range slices.Clone(r.Rows) {
		row.Role = gate.RoleRelative
		r.Rows = append(r.Rows, row)
	}
	r.Rows = append(r.Rows, gate.Row{Metric: gate.MetricErrorRate, Role: gate.RolePrimary, Baseline: &gate.RowSide{PerRun: []float64{0}}, Candidate: &gate.RowSide{PerRun: []float64{0}}})
	return r
}

func sessionsOf(n int, change float64) (out []gate.Report) {
	noisy, quiet := []float64{0.1, 0, 0.1, 0, 0.05}, []float64{0.01, 0.01, 0.01, 0.01, 0.01}
	for i := 1; i <= n; i++ {
		out = append(out, taught(i, change, noisy, quiet))
	}
	return out
}

func TestLearnNoise(t *testing.T) {
	a, b := "GET /a", "POST /b"
	// Variance 0.00125 of a run with 20 degrees of freedom, as in stats.PoolNoise;
	// b itself is quiet, but not against a.
	observed := math.Sqrt(0.00125)
	want := gate.Noise{Of: noiseOf, Sessions: 5, AASessions: 2, Pairs: 25, RunS: 10, StartupS: 3, Rows: []gate.NoiseRow{
		{Endpoint: &a, Metric: gate.MetricP95, ObservedRatio: observed, WithinRunRatio: 0.01, DF: 20, LearnedRatio: ptr(0.0339116)},
		{Endpoint: &b, Metric: gate.MetricP95, WithinRunRatio: 0.01, DF: 20, LearnedRatio: ptr(0.03)},
		{Endpoint: &a, Metric: gate.MetricP95, Relative: true, ObservedRatio: observed, WithinRunRatio: 0.01, DF: 20, LearnedRatio: ptr(0.0339116)},
		{Endpoint: &b, Metric: gate.MetricP95, Relative: true, ObservedRatio: observed, WithinRunRatio: 0.01, DF: 20, LearnedRatio: ptr(0.0339116)},
	}}
	close := cmpopts.EquateApprox(1e-4, 1e-9)
	// A session that found +30 % varies around it as it would around zero.
	for _, change := range []float64{1, 1.3, 0.5} {
		if diff := cmp.Diff(want, gate.LearnNoise(noiseOf, sessionsOf(5, change)), close); diff != "" {
			t.Errorf("change %g (-want +got)\n%s", change, diff)
		}
	}
	backwards := sessionsOf(5, 1)
	slices.Reverse(backwards)
	if diff := cmp.Diff(want, gate.LearnNoise(noiseOf, backwards), close); diff != "" {
		t.Errorf("in another order (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(want, gate.LearnNoise(noiseOf, append(sessionsOf(5, 1), sessionsOf(5, 1)...)), close); diff != "" {
		t.Errorf("a session counts twice (-want +got)\n%s", diff)
	}
	few := gate.LearnNoise(noiseOf, sessionsOf(4, 1))
	if few.Sessions != 4 || few.Rows[0].DF != 16 || few.Rows[0].LearnedRatio != nil {
		t.Errorf("four sessions of five pairs teach already: %+v", few.Rows[0])
	}
	if got := gate.LearnNoise(noiseOf, sessionsOf(14, 1)); got.Sessions != 10 || got.Pairs != 50 {
		t.Errorf("14 sessions: %d sessions, %d pairs were used, want the newest 10", got.Sessions, got.Pairs)
	}
	if diff := cmp.Diff(gate.Noise{Of: noiseOf, Rows: []gate.NoiseRow{}}, gate.LearnNoise(noiseOf, nil)); diff != "" {
		t.Errorf("nothing (-want +got)\n%s", diff)
	}
}

// Only the same thing teaches.
func TestLearnNoiseLeavesOut(t *testing.T) {
	for name, change := range map[string]func(*gate.Report){
		"another scenario":        func(r *gate.Report) { r.Scenario = "search" },
		"another class":           func(r *gate.Report) { r.Sides.Candidate.EnvironmentClass = "other" },
		"another load":            func(r *gate.Report) { r.Comparability.LoadDigest = "other" },
		"another design":          func(r *gate.Report) { r.Design.Name = gate.DesignBlocks },
		"targets that stay up":    func(r *gate.Report) { r.Sides.Candidate.How = gate.HowURL },
		"one pair":                func(r *gate.Report) { r.Design.Pairs = 1 },
		"pairs that nobody made":  func(r *gate.Report) { r.Design.Pairs = 1 << 62 },
		"no baseline":             func(r *gate.Report) { r.Sides.Baseline = nil },
		"no candidate":            func(r *gate.Report) { r.Sides.Candidate = nil },
		"a value that is no time": func(r *gate.Report) { r.Rows[0].Candidate.PerRun[0] = 0 },
		"a run without partner":   func(r *gate.Report) { r.Rows[0].Candidate.PerRun = r.Rows[0].Candidate.PerRun[:2] },
		"a side without numbers":  func(r *gate.Report) { r.Rows[0].Baseline = nil },
	} {
		t.Run(name, func(t *testing.T) {
			reports := sessionsOf(5, 1)
			change(&reports[2])
			got := gate.LearnNoise(noiseOf, reports)
			if got.Pairs > 25 || got.Rows[0].DF != 16 || got.Rows[0].LearnedRatio != nil || math.IsNaN(got.Rows[2].ObservedRatio) {
				t.Errorf("it was learned from: %+v", got.Rows)
			}
		})
	}
	unknown := gate.NoiseOf{Scenario: "shop", Restarted: true}
	reports := sessionsOf(5, 1)
	for i := range reports {
		reports[i].Sides.Candidate.EnvironmentClass, reports[i].Comparability.LoadDigest = "", ""
	}
	if got := gate.LearnNoise(unknown, reports); got.Sessions != 0 {
		t.Errorf("an unknown class equals an unknown class: %+v", got)
	}
}

// pairedInput is a session of n pairs whose candidate is slower by change, and
// noise of it in which every row learned the same.
func pairedInput(n int, change, learned float64) gate.Input {
	slower := func(int, string) float64 { return 1 + change }
	b, c := gatetest.Pair(gatetest.Spec{Runs: n, Noise: 0.01, Seed: 3}, gatetest.Spec{Runs: n, Noise: 0.01, Seed: 4, Scale: slower})
	c.Noise = &gate.Noise{Of: gate.NoiseOf{Scenario: c.Scenarios[0].ID, ClassDigest: c.Environment.ClassDigest, LoadDigest: c.Scenarios[0].LoadDigest, Restarted: true},
		Sessions: 5, Pairs: 30, RunS: 10}
	for _, endpoint := range []*string{nil, ptr("GET /a"), ptr("POST /b")} {
		for _, metric := range []string{gate.MetricP50, gate.MetricP95, gate.MetricThroughput} {
			for _, relative := range []bool{false, true} {
				c.Noise.Rows = append(c.Noise.Rows, gate.NoiseRow{Endpoint: endpoint, Metric: metric, Relative: relative, DF: 25, LearnedRatio: ptr(learned)})
			}
		}
	}
	return gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}, Noise: c.Noise}
}

// Learned noise can make a gate neither blind nor trigger-happy, whatever a
// file says: it is bounded by 3 and 15 %, and never counts against the noise
// that the session itself measured.
func TestLearnedNoiseIsBounded(t *testing.T) {
	for _, test := range []struct {
		name          string
		learned, want float64 // of the prior, without the within-run error
		change        float64
		verdict       gate.Verdict
	}{
		{"learned", 0.04, 0.04, 0, gate.VerdictPass},
		{"zero is no certainty", 0, 0.03, 0, gate.VerdictPass},
		{"zero, and a small change", 0, 0.03, 0.03, gate.VerdictPass},
		{"huge, unchanged", 9, 0.15, 0, gate.VerdictPass},
		{"huge, a large change is seen all the same", 9, 0.15, 0.4, gate.VerdictRegression},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := gate.Judge(gate.Compare(pairedInput(12, test.change, test.learned)))
			if r.Verdict != test.verdict || r.Design.LearnedSessions != 5 {
				t.Errorf("verdict %s of %d sessions, want %s of 5: %s", r.Verdict, r.Design.LearnedSessions, test.verdict, r.Reason.Text)
			}
			for _, row := range r.Rows {
				if row.Noise == nil || row.Metric == "latency_p99" {
					continue
				}
				want := math.Hypot(test.want, row.Noise.WithinRunRatio)
				if row.Noise.PriorFrom != "learned" || row.Noise.PriorDF != 8 || math.Abs(row.Noise.PriorRatio-want) > 1e-9 {
					t.Errorf("%s %s: %+v, want a learned prior of %g", row.ID, row.Metric, *row.Noise, want)
				}
			}
		})
	}
}

// Noise of something else changes nothing.
func TestNoiseOfSomethingElse(t *testing.T) {
	in := pairedInput(8, 0.1, 0.03)
	in.Noise = nil
	want := encode(t, gate.Judge(gate.Compare(in)))
	for name, change := range map[string]func(*gate.Noise){
		"another scenario":     func(n *gate.Noise) { n.Of.Scenario = "other" },
		"another class":        func(n *gate.Noise) { n.Of.ClassDigest = "other" },
		"another load":         func(n *gate.Noise) { n.Of.LoadDigest = "other" },
		"targets that stay up": func(n *gate.Noise) { n.Of.Restarted = false },
		"no session":           func(n *gate.Noise) { n.Sessions = 0 },
	} {
		noise := *in.Candidate[0].Noise
		change(&noise)
		other := in
		other.Noise = &noise
		if diff := cmp.Diff(string(want), string(encode(t, gate.Judge(gate.Compare(other))))); diff != "" {
			t.Errorf("%s changed the report (-without +with)\n%s", name, diff)
		}
	}
}

// What a report teaches comes from the report alone, also when it was read back.
func TestLearnFromOwnReports(t *testing.T) {
	var reports []gate.Report
	var of gate.NoiseOf
	for i := range 4 {
		spec := func(seed uint64) gatetest.Spec {
			return gatetest.Spec{Session: fmt.Sprint("s", i), Start: time.Date(2026, 1, 5+i, 6, 0, 0, 0, time.UTC), Runs: 8, Noise: 0.06, Seed: seed}
		}
		b, c := gatetest.Pair(spec(uint64(2*i)), spec(uint64(2*i+1)))
		of = gate.NoiseOf{Scenario: c.Scenarios[0].ID, ClassDigest: c.Environment.ClassDigest, LoadDigest: c.Scenarios[0].LoadDigest, Restarted: true}
		report, err := gate.DecodeReport(encode(t, gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}}))))
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, report)
	}
	n := gate.LearnNoise(of, reports)
	if n.Sessions != 4 || n.Pairs != 32 || n.RunS != 10 || n.StartupS != 5 {
		t.Errorf("learned from %d sessions, %d pairs of runs of %g s", n.Sessions, n.Pairs, n.RunS)
	}
	for _, row := range n.Rows {
		// The run effect of 6 % is shared, and cancels in relative rows.
		want := [2]float64{0.045, 0.075}
		if row.Relative || row.Metric == gate.MetricThroughput { // nor does it change what arrives
			want = [2]float64{0.03, 0.03}
		}
		if row.LearnedRatio == nil || *row.LearnedRatio < want[0] || *row.LearnedRatio > want[1] {
			t.Errorf("%s relative %v: learned %v, want between %v", row.Metric, row.Relative, *row.LearnedRatio, want)
		}
	}
	l := n.Learned()
	if l.RunLength != 10*time.Second || l.Between < 0.045 || l.Overall < 0.045 || l.WithinSE <= 0 || l.OverallWithinSE >= l.WithinSE || l.OverallObserved < l.OverallWithinSE {
		t.Errorf("Learned() = %+v", l)
	}
	declared := gate.NewPlan(gate.PlanInput{Startup: 3 * time.Second, Left: 8 * time.Minute})
	learned := gate.NewPlan(gate.PlanInput{Startup: 3 * time.Second, Left: 8 * time.Minute, Learned: l})
	if learned.Duration != 8*time.Second || learned.SeesRatio <= declared.SeesRatio {
		t.Errorf("with noise of 6 %% the plan is %s, with the declared one %s", learned, declared)
	}
}

// Whatever a stored report holds, what is learned from it can be written into a
// result and read again.
func FuzzLearnNoise(f *testing.F) {
	for _, r := range sessionsOf(1, 1.3) {
		r.Kind, r.SchemaVersion = gate.ReportKind, gate.SchemaVersion
		data, err := gate.Encode(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add([]byte(strings.Replace(string(data), "0.01", "1e300", 1)))
		f.Add([]byte(strings.Replace(string(data), "0.01", "-1", 1)))
		f.Add([]byte(strings.Replace(string(data), `"run_s": 10`, `"run_s": -1`, 1)))
		f.Add([]byte(strings.ReplaceAll(string(data), "latency_p95", "latency")))
		f.Add([]byte(strings.ReplaceAll(string(data), "20,", "1e-320,")))
	}
	valid := gatetest.Spec{}.Result()
	valid.Runs = nil // what is read here is the noise
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := gate.DecodeReport(data)
		if err != nil || r.Sides.Candidate == nil || r.Sides.Baseline == nil {
			return
		}
		of := gate.NoiseOf{Scenario: r.Scenario, ClassDigest: r.Sides.Candidate.EnvironmentClass, LoadDigest: r.Comparability.LoadDigest,
			Restarted: r.Sides.Baseline.How == gate.HowStart && r.Sides.Candidate.How == gate.HowStart}
		n := gate.LearnNoise(of, []gate.Report{r})
		result := valid
		result.Noise = &n
		encoded, err := gate.Encode(result)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gate.DecodeResult(encoded); err != nil {
			t.Errorf("%v\n%s", err, data)
		}
	})
}

func TestNoiseIsValidated(t *testing.T) {
	for want, change := range map[string]func(*gate.Noise){
		"noise.sessions or .pairs: ": func(n *gate.Noise) { n.Sessions = 11 },
		"noise.rows[0].metric: ":     func(n *gate.Noise) { n.Rows[0].Metric = "latency" },
		"noise.rows[1]: stands":      func(n *gate.Noise) { n.Rows[1] = n.Rows[0] },
		"noise.rows[2]: is no noise": func(n *gate.Noise) { n.Rows[2].LearnedRatio = ptr(-1.0) },
		"noise.rows[3]: is no noise": func(n *gate.Noise) { n.Rows[3].DF = math.NaN() },
	} {
		r := pairedInput(4, 0, 0.04).Candidate[0]
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		change(r.Noise)
		if err := r.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Validate = %v, want %q", err, want)
		}
	}
}

// A session of one program with itself says so in every design.
func TestDesignOfOneProgram(t *testing.T) {
	for _, design := range []gate.Design{gate.DesignPaired, gate.DesignBlocks} {
		b, c := gatetest.Pair(gatetest.Spec{Runs: 4}, gatetest.Spec{Runs: 4})
		b.Session.Design, c.Session.Design = design, design
		for _, test := range []struct{ baseline, candidate, want bool }{{false, false, false}, {true, false, false}, {true, true, true}} {
			b.Session.AA, c.Session.AA = test.baseline, test.candidate
			r := judge(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}})
			if r.Design.Name != design || r.Design.AA != test.want {
				t.Errorf("%s of %+v: AA %v in design %s", design, test, r.Design.AA, r.Design.Name)
			}
		}
		b.Session.ID = "another"
		if r := judge(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}}); r.Design.AA {
			t.Errorf("%s: two sessions are one program", design)
		}
	}
}

func ptr[T any](v T) *T { return &v }
