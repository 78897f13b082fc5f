package gatetest_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

func TestSpecIsValid(t *testing.T) {
	baseline, candidate := gatetest.Pair(gatetest.Spec{Runs: 6}, gatetest.Spec{Runs: 6, Noise: 0.05})
	allFailed := func(int, string) int64 { return 400 }
	for name, result := range map[string]gate.Result{
		"zero value": gatetest.Spec{}.Result(),
		"closed":     gatetest.Spec{Model: gate.ModelClosed, Noise: 0.1}.Result(),
		"all failed": gatetest.Spec{Errors: allFailed}.Result(),
		"delivered":  gatetest.Spec{Undelivered: func(run int) int64 { return int64(run) }}.Result(),
		"blocks":     gatetest.Spec{Design: gate.DesignBlocks, Side: gate.SideCandidate}.Result(),
		"baseline":   baseline,
		"candidate":  candidate,
	} {
		t.Run(name, func(t *testing.T) {
			data, err := gate.Encode(result)
			if err != nil {
				t.Fatal(err)
			}
			back, err := gate.DecodeResult(data)
			if err != nil {
				t.Fatal(err)
			}
			again, err := gate.Encode(back)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(data), string(again)); diff != "" {
				t.Errorf("changed by decoding (-written +read):\n%s", diff)
			}
		})
	}
}

func TestSpecIsDeterministic(t *testing.T) {
	spec := gatetest.Spec{Seed: 7, Noise: 0.05}
	if diff := cmp.Diff(spec.Result(), spec.Result()); diff != "" {
		t.Errorf("two results of one spec differ:\n%s", diff)
	}
	other := gatetest.Spec{Seed: 8, Noise: 0.05}
	if cmp.Equal(spec.Result(), other.Result()) {
		t.Error("the seed changes nothing")
	}
}

func TestScaleMovesEveryPercentile(t *testing.T) {
	slower := func(run int, endpoint string) float64 {
		if run == 2 && endpoint == "POST /b" {
			return 1.2
		}
		return 1
	}
	runs := gatetest.Spec{Scale: slower}.Result().Runs
	for level, before := range runs[0].Endpoints[1].Latency[0].QuantilesMS {
		after := runs[1].Endpoints[1].Latency[0].QuantilesMS[level]
		if ratio := after / before; math.Abs(ratio-1.2) > 0.002 {
			t.Errorf("quantile %s: moved by %v, want 1.2", level, ratio)
		}
	}
	if diff := cmp.Diff(runs[0].Endpoints[0], runs[1].Endpoints[0]); diff != "" {
		t.Errorf("the other endpoint changed:\n%s", diff)
	}
}

func TestPairOrder(t *testing.T) {
	baseline, candidate := gatetest.Pair(gatetest.Spec{Runs: 4}, gatetest.Spec{Runs: 4})
	var order string
	for k := range 4 {
		b, c := baseline.Runs[k], candidate.Runs[k]
		if b.Pair != k+1 || c.Pair != k+1 || b.Position+c.Position != 3 || (b.Start < c.Start) != (b.Position == 1) {
			t.Errorf("pair %d: positions %d and %d, started %s and %s", k+1, b.Position, c.Position, b.Start, c.Start)
		}
		order += map[int]string{1: "AB ", 2: "BA "}[b.Position]
	}
	if want := "AB BA BA AB "; order != want {
		t.Errorf("order %q, want %q", order, want)
	}
	if diff := cmp.Diff(baseline.Session.MachineID, candidate.Session.MachineID); diff != "" {
		t.Errorf("the sides are on different machines:\n%s", diff)
	}
}

func TestErrorsAndUndelivered(t *testing.T) {
	spec := gatetest.Spec{
		Runs:        2,
		Errors:      func(run int, endpoint string) int64 { return map[string]int64{"GET /a": 3}[endpoint] * int64(run-1) },
		Undelivered: func(run int) int64 { return int64(run-1) * 200 },
	}
	run := spec.Result().Runs[1]
	code := 503
	if diff := cmp.Diff([]gate.Failure{{Kind: gate.FailStatus, Code: &code, Count: 3}}, run.Endpoints[0].Failures); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	intended, undelivered, ratio := int64(1000), int64(200), 0.8
	want := gate.RunLoad{Intended: &intended, Sent: 800, Undelivered: &undelivered, DeliveredRatio: &ratio}
	if diff := cmp.Diff(want, run.Load); diff != "" {
		t.Errorf("load (-want +got):\n%s", diff)
	}
}

func TestClosedModelSlowsDown(t *testing.T) {
	spec := gatetest.Spec{Model: gate.ModelClosed, Scale: func(run int, _ string) float64 { return 1 + 0.25*float64(run-1) }}
	runs := spec.Result().Runs
	if got := [2]int64{runs[0].Endpoints[0].Requests, runs[1].Endpoints[0].Requests}; got != [2]int64{400, 320} {
		t.Errorf("requests %v, want [400 320]", got)
	}
}
