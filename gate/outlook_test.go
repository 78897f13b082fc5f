package gate_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// outlookOf is that of five endpoints whose runs vary alike; 0: nothing learned.
func outlookOf(sd float64) gate.Outlook {
	o := gate.Outlook{}
	for i := range 5 {
		o.Endpoints = append(o.Endpoints, fmt.Sprintf("GET /%d", i))
	}
	if sd == 0 {
		return o
	}
	o.Noise = gate.Noise{Sessions: 5, Pairs: 40, RunS: 10}
	row := func(endpoint *string, relative bool, sd float64) {
		for _, metric := range []string{gate.MetricP50, gate.MetricP95} {
			o.Noise.Rows = append(o.Noise.Rows, gate.NoiseRow{Endpoint: endpoint, Metric: metric, Relative: relative, DF: 35,
				ObservedRatio: math.Hypot(sd, 0.02), WithinRunRatio: 0.02, LearnedRatio: ptr(max(sd, 0.03))})
		}
	}
	row(nil, false, sd)
	for i := range o.Endpoints {
		row(&o.Endpoints[i], false, sd)
		row(&o.Endpoints[i], true, sd/2)
	}
	return o
}

func TestOutlook(t *testing.T) {
	for _, test := range []struct {
		name  string
		o     gate.Outlook
		whole float64 // smallest change of all endpoints that 12 pairs find
		one   float64 // of one endpoint
		pairs int     // for +10 % on all; 0: too many
	}{
		{"declared", outlookOf(0), 0.0970, 0.1162, 12},
		{"learned, 1 %", outlookOf(0.01), 0.0581, 0.0606, 6},
		{"learned, 3 %", outlookOf(0.03), 0.0664, 0.0650, 6},
		{"learned, 10 %", outlookOf(0.1), 0.1995, 0.1190, 40},
	} {
		t.Run(test.name, func(t *testing.T) {
			whole, one := test.o.Sees(gate.Whole, 12), test.o.Sees("GET /3", 12)
			pairs, _ := test.o.PairsFor(gate.Whole, 0.10)
			if math.Abs(whole-test.whole) > 5e-5 || math.Abs(one-test.one) > 5e-5 || pairs != test.pairs {
				t.Errorf("12 pairs see %.4f on all, %.4f on one, +10 %% on all needs %d pairs; want %.4f, %.4f, %d", whole, one, pairs, test.whole, test.one, test.pairs)
			}
			for _, endpoint := range []string{gate.Whole, "GET /3"} {
				if f := test.o.Found(endpoint, test.o.Sees(endpoint, 12), 12); math.Abs(f-0.8) > 1e-6 {
					t.Errorf("%q: what is seen is found in %g", endpoint, f)
				}
			}
		})
	}
}

// More of anything finds more.
func TestOutlookIsMonotone(t *testing.T) {
	for _, sd := range []float64{0, 0.02, 0.08} {
		o := outlookOf(sd)
		for _, endpoint := range []string{gate.Whole, "GET /0"} {
			last := 0.0
			for _, pairs := range []int{4, 6, 8, 12, 20, 40} {
				f := o.Found(endpoint, 0.15, pairs)
				if f < last {
					t.Errorf("noise %g, %q: %d pairs find less than fewer did: %g, %g", sd, endpoint, pairs, f, last)
				}
				last = f
			}
			last = 0
			for effect := 0.0; effect < 1; effect += 0.02 {
				f := o.Found(endpoint, effect, 8)
				if f < last-1e-12 {
					t.Errorf("noise %g, %q: +%.0f %% is found less often than a smaller change: %g, %g", sd, endpoint, 100*effect, f, last)
				}
				last = f
			}
		}
	}
}

func TestOutlookLimits(t *testing.T) {
	o := outlookOf(0.03)
	if f := o.Found(gate.Whole, 0.05, 40); f > 0.5 {
		t.Errorf("a change of the threshold is estimated above it in half of the sessions, not in %g", f)
	}
	longer, shorter := o, o
	longer.Duration, shorter.Duration = 40*time.Second, 5*time.Second
	if a, b, c := shorter.Sees(gate.Whole, 6), o.Sees(gate.Whole, 6), longer.Sees(gate.Whole, 6); a <= b || b <= c {
		t.Errorf("longer runs do not see more: %g, %g, %g", a, b, c)
	}
	url := o
	url.NotRestarted = true
	if url.Sees(gate.Whole, 12) <= o.Sees(gate.Whole, 12) {
		t.Error("targets that stay up see as much as restarted ones")
	}
	o.Noise.Rows[0].LearnedRatio, o.Noise.Rows[0].ObservedRatio = ptr(9.0), 9.0 // p50; p95 is left
	if got := o.Sees(gate.Whole, 12); got > 0.07 {
		t.Errorf("p95 alone sees %g", got)
	}
	o.Policy.Thresholds = []gate.Threshold{{Metric: gate.MetricP95, Severity: gate.SeverityWarn}, {Metric: gate.MetricP50, Severity: gate.SeverityInfo}}
	if got := o.Sees(gate.Whole, 12); !math.IsInf(got, 1) {
		t.Errorf("rows that block nothing see %g", got)
	}
	if n, ok := o.PairsFor(gate.Whole, 0.1); ok {
		t.Errorf("%d pairs of rows that block nothing suffice", n)
	}
	one := gate.Outlook{Endpoints: []string{"GET /"}}
	if a, b := one.Sees(gate.Whole, 8), one.Sees("GET /", 8); a != b {
		t.Errorf("one endpoint is the whole: %g, %g", a, b)
	}
	hard := outlookOf(0.02)
	for i := range hard.Noise.Rows {
		if e := hard.Noise.Rows[i].Endpoint; e != nil && *e == "GET /2" {
			hard.Noise.Rows[i].ObservedRatio, hard.Noise.Rows[i].LearnedRatio = 0.1, ptr(0.1)
		}
	}
	if got := hard.Hardest(0.1, 12); got != "GET /2" {
		t.Errorf("the hardest endpoint is %q", got)
	}
}

// What a threshold costs unchanged code.
func TestOutlookDecides(t *testing.T) {
	quiet, noisy := outlookOf(0.02), outlookOf(0.12)
	if f := quiet.Decides(gate.MetricP95, quiet.Worse(gate.MetricP95), 12); f < 0.99 {
		t.Errorf("quiet runs decide in %g", f)
	}
	if f := noisy.Decides(gate.MetricP95, 0.05, 12); f > 0.5 {
		t.Errorf("noisy runs decide in %g", f)
	}
	if f := noisy.Decides(gate.MetricP95, 0.15, 12); f < 0.85 {
		t.Errorf("noisy runs with a wide threshold decide in %g", f)
	}
}

func TestOutlookSuggests(t *testing.T) {
	for _, test := range []struct {
		sd, want float64
		ok       bool
	}{{0.02, 0.05, true}, {0.07, 0.06, true}, {0.12, 0.1, true}, {0.14, 0.12, true}, {0.9, 0, false}} {
		if got, ok := outlookOf(test.sd).Suggest(gate.MetricP95, 12); got != test.want || ok != test.ok {
			t.Errorf("noise %g: Suggest = %g, %v; want %g, %v", test.sd, got, ok, test.want, test.ok)
		}
	}
	own := 0.07
	o := outlookOf(0.02)
	o.Policy.Thresholds = []gate.Threshold{{Metric: gate.MetricP95, WorseRatio: &own}}
	if got, ok := o.Suggest(gate.MetricP95, 12); got != own || !ok {
		t.Errorf("a threshold that does: Suggest = %g, %v", got, ok)
	}
}

func TestFalseAlarms(t *testing.T) {
	for noise, want := range map[float64]float64{0: 0.001, 0.03: 0.001, 0.04: 0.004, 0.1: 0.014, 0.11: 0} {
		if got, ok := gate.FalseAlarms(noise); got != want || ok != (want > 0) {
			t.Errorf("FalseAlarms(%g) = %g, %v", noise, got, ok)
		}
	}
	n := outlookOf(0.04).Noise
	if got, ok := n.Between(gate.MetricP95); !ok || math.Abs(got-0.04) > 1e-9 {
		t.Errorf("Between = %g, %v", got, ok)
	}
	if _, ok := n.Between(gate.MetricThroughput); ok {
		t.Error("a metric that was not measured has noise")
	}
}
