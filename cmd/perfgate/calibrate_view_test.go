package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

// What is missing is told as sessions and minutes, and what could not be tested
// with the reason: no noise is not more noise than was simulated.
func TestCalibrateSaysWhatIsMissing(t *testing.T) {
	endpoint := "GET /"
	v := calibrateView{Sessions: 2, Pairs: 16, missing: 14, seconds: 130, untested: "GET / has 145 requests a run; p95 needs 200 of an endpoint",
		Noise:  gate.Noise{Sessions: 2, Pairs: 8, Rows: []gate.NoiseRow{{Endpoint: &endpoint, Metric: gate.MetricP50, ObservedRatio: 0.01, DF: 6}}},
		Alarms: alarmView{Of: 2, AtMost: 0.78}}
	want := []string{
		"learned: nothing yet: 8 of 22 pairs, about 2 more sessions, 5 min\nnext: perfgate calibrate --sessions 2\n",
		"false alarms: " + alarmText(0, 2) + "; so few show only that at most 78 % do\n  to expect: not known without the noise of the overall p95\n",
		"  (within a run)   p50           p95   p99   throughput\n  GET /            1.0 % (0.0)   -     -     -\n" +
			"  overall p95: GET / has 145 requests a run; p95 needs 200 of an endpoint\n",
	}
	if diff := cmp.Diff(want, []string{v.missingText(), v.alarmsText(), v.noiseTable()}); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
