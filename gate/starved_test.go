package gate_test

import (
	"testing"
	"time"

	"github.com/perfgate/perfgate/gate"
)

func TestStarved(t *testing.T) {
	tasks := func(weights ...int) (out []gate.Task) {
		for i, w := range weights {
			out = append(out, gate.Task{Name: string(rune('a' + i)), Weight: w})
		}
		return out
	}
	open := func(rate float64) gate.Load { return gate.Load{Model: gate.ModelOpen, Rate: rate} }
	info := gate.Policy{Thresholds: []gate.Threshold{{Metric: gate.MetricP95, Endpoint: "b", Severity: gate.SeverityInfo}}}
	tests := []struct {
		name string
		s    gate.Scenario
		run  time.Duration
		want string
	}{
		{"enough", gate.Scenario{Load: open(100), Tasks: tasks(1, 1)}, 10 * time.Second, ""},
		{"just what is needed, in the mean", gate.Scenario{Load: open(40), Tasks: tasks(1, 1)}, 10 * time.Second,
			"a (and 1 more) gets about 200 requests in a run of 10 s, and a p95 needs 200: load.rate 45/s or more, or severity: info"},
		{"one of two", gate.Scenario{Load: open(100), Tasks: tasks(9, 1)}, 10 * time.Second,
			"b gets about 100 requests in a run of 10 s, and a p95 needs 200: load.rate 230/s or more, or severity: info"},
		{"which is shown only", gate.Scenario{Load: open(100), Tasks: tasks(9, 1), Policy: info}, 10 * time.Second, ""},
		{"one endpoint, nothing is drawn", gate.Scenario{Load: open(20), Tasks: tasks(1)}, 10 * time.Second, ""},
		{"one endpoint", gate.Scenario{Load: open(19), Tasks: tasks(1)}, 10 * time.Second,
			"a gets about 190 requests in a run of 10 s, and a p95 needs 200: load.rate 20/s or more, or severity: info"},
		{"the closed model", gate.Scenario{Load: gate.Load{Model: gate.ModelClosed, Users: 1}, Tasks: tasks(1)}, time.Second, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.s.Starved(tt.run); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
