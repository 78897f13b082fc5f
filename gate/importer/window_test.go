package importer

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/perfgate/perfgate/gate"
)

func ms(v float64) *float64 { return &v }

func TestWindows(t *testing.T) {
	origin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := newCollector()
	for _, h := range []hit{
		{endpoint: "a", start: origin, latency: 10 * time.Millisecond},
		{endpoint: "a", start: origin.Add(-time.Millisecond), latency: 90 * time.Millisecond}, // answered later
		{endpoint: "a", start: origin.Add(500 * time.Millisecond), latency: time.Second, failure: gate.FailTimeout},
		{endpoint: "a", start: origin.Add(2100 * time.Millisecond), latency: 30 * time.Millisecond},
	} {
		if err := c.add(h); err != nil {
			t.Fatal(err)
		}
	}
	result, err := c.result("tool", "tool results", "x")
	if err != nil {
		t.Fatal(err)
	}
	want := &gate.Windows{LengthS: 1, Endpoints: map[string]gate.EndpointWindow{"a": {
		Requests: []int64{1, 2, 0, 1},
		Failed:   []int64{0, 1, 0, 0},
		P50MS:    []*float64{ms(90), ms(10), nil, ms(30)},
		P95MS:    []*float64{ms(90), ms(10), nil, ms(30)},
		MaxMS:    []*float64{ms(90), ms(10), nil, ms(30)},
	}}}
	if diff := cmp.Diff(want, result.Runs[0].Windows, cmpopts.EquateApprox(0.025, 0)); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
	if got := result.Runs[0].MeasuredS; math.Abs(got-2.131) > 1e-9 {
		t.Errorf("measured %v s, want 2.131: first start to last answer", got)
	}
}

// TestWindowsAreBounded: ten hours do not need more memory than four minutes.
func TestWindowsAreBounded(t *testing.T) {
	origin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := newCollector()
	const hits = 36000
	for second := range hits {
		for _, endpoint := range []string{"a", "b"} {
			h := hit{endpoint: endpoint, start: origin.Add(time.Duration(second) * time.Second), latency: time.Duration(1+second%3) * time.Millisecond}
			if err := c.add(h); err != nil {
				t.Fatal(err)
			}
			if n := len(c.endpoints[endpoint].windows); n > maxWindows {
				t.Fatalf("%d windows after %d s, want at most %d", n, second, maxWindows)
			}
		}
	}
	result, err := c.result("tool", "tool results", "x")
	if err != nil {
		t.Fatal(err)
	}
	windows := result.Runs[0].Windows
	if windows.LengthS != 256 {
		t.Errorf("windows of %v s, want 256", windows.LengthS)
	}
	for name, w := range windows.Endpoints {
		total := int64(0)
		for i, n := range w.Requests {
			total += n
			if diff := cmp.Diff(ms(2), w.P50MS[i], cmpopts.EquateApprox(0.025, 0)); diff != "" {
				t.Errorf("%s: median of window %d (-want +got):\n%s", name, i, diff)
			}
		}
		if total != hits {
			t.Errorf("%s: %d requests in the windows, want %d", name, total, hits)
		}
	}
}

func TestFloorDiv(t *testing.T) {
	for _, test := range []struct{ a, b, want int64 }{{0, 2, 0}, {3, 2, 1}, {-1, 2, -1}, {-2, 2, -1}, {-3, 2, -2}} {
		if got := floorDiv(test.a, test.b); got != test.want {
			t.Errorf("floorDiv(%d, %d) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
