package gatetest_test

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

var update = flag.Bool("update", false, "rewrite testdata/results")

const samples = "../../testdata/results"

func ptr[T any](v T) *T { return &v }

// TestSamples writes and checks testdata/results: files in which every field
// is set, for readers and views, and both sides of a paired session.
func TestSamples(t *testing.T) {
	slower := func(_ int, endpoint string) float64 { return map[string]float64{"GET /a": 1, "POST /b": 1.3}[endpoint] }
	baseline, candidate := gatetest.Pair(gatetest.Spec{Runs: 4, Noise: 0.02}, gatetest.Spec{Runs: 4, Noise: 0.02, Scale: slower})
	for file, value := range map[string]any{
		"result-full.json": fullResult(), "report-full.json": fullReport(),
		"baseline.json": baseline, "candidate.json": candidate,
	} {
		t.Run(file, func(t *testing.T) {
			got, err := gate.Encode(value)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(samples, file)
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("differs from %s (-want +got):\n%s", path, diff)
			}
			if again := reencode(t, value, want); again != string(want) {
				t.Errorf("changed by reading:\n%s", cmp.Diff(string(want), again))
			}
			if strings.HasSuffix(file, "-full.json") {
				for _, field := range unset(value) {
					t.Errorf("%s is not set in the full sample", field)
				}
			}
		})
	}
}

// reencode reads a sample as what it is, checks its schema and writes it again.
func reencode(t *testing.T, kind any, data []byte) string {
	t.Helper()
	var back any
	var err error
	if _, ok := kind.(gate.Report); ok {
		gatetest.CheckSchema(t, "report", data)
		back, err = gate.DecodeReport(data)
	} else {
		gatetest.CheckSchema(t, "result", data)
		back, err = gate.DecodeResult(data)
	}
	if err != nil {
		t.Fatal(err)
	}
	again, err := gate.Encode(back)
	if err != nil {
		t.Fatal(err)
	}
	return string(again)
}

// unset lists the fields that are zero wherever they occur in v.
func unset(v any) []string {
	set, order := map[string]bool{}, []string{}
	walk(reflect.ValueOf(v), reflect.TypeOf(v).Name(), func(field string, value reflect.Value) {
		if _, seen := set[field]; !seen {
			order = append(order, field)
		}
		set[field] = set[field] || !value.IsZero()
	})
	var zero []string
	for _, field := range order {
		if !set[field] {
			zero = append(zero, field)
		}
	}
	return zero
}

func walk(v reflect.Value, at string, visit func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), at, visit)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), at, visit)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			walk(v.MapIndex(key), at, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Name() + "." + v.Type().Field(i).Name
			visit(field, v.Field(i))
			walk(v.Field(i), field, visit)
		}
	}
}

// fullResult is the candidate of a paired session in which everything that can
// be said of a result is said.
func fullResult() gate.Result {
	spec := gatetest.Spec{Runs: 2, Noise: 0.02, Mutate: fill,
		Errors:      func(run int, endpoint string) int64 { return int64(len(endpoint)) * int64(run-1) },
		Undelivered: func(run int) int64 { return int64(run) }}
	_, candidate := gatetest.Pair(gatetest.Spec{Runs: 2}, spec)
	return candidate
}

func fill(r *gate.Result) {
	r.Tool = gate.Tool{Name: "perfgate", Version: "v0.3.0", ImportedFrom: ptr("vegeta results")}
	r.Subject = gate.Subject{Commit: "8f2c1d0e", Ref: "refs/pull/12/merge", Dirty: true, Label: "pr-12", How: gate.HowStart}
	r.Session.Seed, r.Session.Stopped, r.Session.AA, r.Session.FirstVerdict = 7, gate.StoppedBudget, true, gate.VerdictPass
	r.Environment.Class.User = map[string]string{"GOGC": "100"}
	r.Environment.ClassDigest = r.Environment.Class.Digest()
	r.Scenarios[0].ID, r.Scenarios[0].Profile = r.Scenarios[0].Name+"/light", "light"
	r.Scenarios = append(r.Scenarios, gate.ScenarioInfo{ID: "users", Name: "users", LoadDigest: gate.Digest(nil), Model: gate.ModelClosed,
		Users: ptr(8), Wait: true, Seed: 1, Endpoints: []gate.EndpointInfo{}})
	fillRun(&r.Runs[1])
	for i := range r.Runs {
		r.Runs[i].Scenario = r.Scenarios[0].ID
	}
	r.Policy = &gate.Policy{
		Source: "perfgate.yml", Mode: gate.ModeObserve, Inconclusive: gate.ActionFail, NoBaseline: gate.NoBaseline{Action: gate.ActionWarn, WarnUntil: 5},
		Thresholds: []gate.Threshold{
			{Metric: gate.MetricP95, Endpoint: "POST *", WorseRatio: ptr(0.1), FloorAbs: ptr(0.5), Severity: gate.SeverityWarn, Primary: true, Line: 41},
			{Metric: gate.MetricErrorRate, WorseAbs: ptr(0.002), Line: 44}},
		SLOs:  []gate.SLO{{Metric: gate.MetricP95, Endpoint: "GET /a", Op: "<", Limit: 200, Severity: gate.SeverityWarn, Line: 52}},
		Abort: &gate.Abort{ErrorRate: 0.5, For: 5 * time.Second},
	}
	r.Waivers = &gate.Waivers{Source: "perfgate.accept.yml", Items: []gate.Waiver{{Scenario: "synthetic", Endpoint: "POST /b", Metric: gate.MetricP95,
		MaxWorseRatio: 0.25, Reason: "encryption at rest", Owner: "@ana", Expires: "2026-12-31", Line: 3}}}
	r.Record = fullRecord()
	r.Noise = &gate.Noise{
		Of:       gate.NoiseOf{Scenario: r.Scenarios[0].ID, ClassDigest: r.Environment.ClassDigest, LoadDigest: r.Scenarios[0].LoadDigest, Restarted: true},
		Sessions: 5, AASessions: 3, Pairs: 32, RunS: 10, StartupS: 3.2,
		Rows: []gate.NoiseRow{{Metric: gate.MetricP95, ObservedRatio: 0.041, WithinRunRatio: 0.02, DF: 27, LearnedRatio: ptr(0.0358)},
			{Endpoint: ptr("POST /b"), Metric: gate.MetricP95, Relative: true, ObservedRatio: 0.03, WithinRunRatio: 0.022, DF: 27}},
	}
	r.Warnings = []gate.Warning{{Code: "unsteady", Text: "the warm-up did not settle", Run: ptr(r.Runs[1].ID)}}
}

// fillRun fills what a synthetic run leaves out.
func fillRun(run *gate.Run) {
	run.Status, run.Reasons = gate.RunInvalid, []string{gate.ReasonLate}
	run.Generator = append(run.Generator, gate.GeneratorHealth{Shard: 1, Of: 2, SkewMS: 1.5, CPURatio: ptr(0.2), LateP50MS: ptr(0.1), LateP95MS: ptr(4.0),
		LateP99MS: ptr(9.0), LateLimitMS: ptr(2.1), ThrottledS: ptr(0.2), StealRatio: ptr(0.01), GCPauseMaxMS: ptr(0.3)})
	run.Endpoints[1].Latency[0].Clamped = 1
	run.Endpoints[1].PhasesMS = &gate.PhasesMS{ConnectMean: ptr(0.2), TLSMean: ptr(1.2), FirstByteMean: ptr(11.8), TransferMean: ptr(0.4)}
	run.Endpoints[1].BytesSent = ptr(int64(9600))
	run.Windows = &gate.Windows{LengthS: 1, Endpoints: map[string]gate.EndpointWindow{"POST /b": {
		Requests: []int64{200, 200}, Failed: []int64{0, 7}, P50MS: []*float64{ptr(11.8), nil}, P95MS: []*float64{ptr(17.0), nil}, MaxMS: []*float64{ptr(31.0), nil}}}}
	run.Resources = []gate.Resource{
		{Metric: gate.MetricCPU, Of: "target", Unit: "s", Better: "lower", Kind: "total", Value: 8.41, Per: "run", Source: "rusage"},
		{Metric: "gpu_utilisation", Of: "gpu:0", Unit: "ratio", Kind: "mean", Value: 0.71, Per: "run", Source: "prometheus"}}
}
