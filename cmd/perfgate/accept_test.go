package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/config"
)

func TestWaiverOfFlags(t *testing.T) {
	valid := acceptOptions{Endpoint: "GET /a", Metric: "latency_p95", Max: "+25%", Reason: "see #1", Owner: "@ana", Expires: "2026-12-31"}
	waiver := gate.Waiver{Endpoint: "GET /a", Metric: "latency_p95", MaxWorseRatio: 0.25, Reason: "see #1", Owner: "@ana", Expires: "2026-12-31"}
	tests := []struct {
		name   string
		change func(o *acceptOptions, w *gate.Waiver)
	}{
		{"as given", func(*acceptOptions, *gate.Waiver) {}},
		{"days from today", func(o *acceptOptions, w *gate.Waiver) { o.Expires, w.Expires = "30d", "2026-12-25" }},
		{"today still holds", func(o *acceptOptions, w *gate.Waiver) { o.Expires, w.Expires = "2026-11-25", "2026-11-25" }},
		{"the whole", func(o *acceptOptions, w *gate.Waiver) { o.Endpoint, w.Endpoint = "overall", "" }},
		{"percentage points", func(o *acceptOptions, w *gate.Waiver) {
			o.Metric, o.Max, w.Metric, w.MaxWorseRatio = "error_rate", "0.5pp", "error_rate", 0.005
		}},
		{"awkward text", func(o *acceptOptions, w *gate.Waiver) {
			o.Reason, w.Reason = `a "b" <c> \n: #d`, `a "b" <c> \n: #d`
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, _, _ := testApp()
			o, want := valid, waiver
			tt.change(&o, &want)
			got, err := a.waiver(o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// What the flags accept, the file takes and gives back.
func FuzzWaiverOfFlags(f *testing.F) {
	f.Add("GET /a", "latency_p95", "+25%", "see #1", "@ana", "30d", "shop")
	f.Add("overall", "error_rate", "0.5pp", "a: \"b\"\\", "o\u2028", "2099-12-31", "")
	f.Fuzz(func(t *testing.T, endpoint, metric, max, reason, owner, expires, scenario string) {
		a, _, _ := testApp()
		w, err := a.waiver(acceptOptions{Endpoint: endpoint, Metric: metric, Max: max, Reason: reason, Owner: owner, Expires: expires, Scenario: scenario})
		if err != nil {
			return
		}
		text, err := config.AppendWaiver(nil, w)
		if err != nil {
			t.Fatalf("%+v: %v", w, err)
		}
		back, err := config.ParseWaivers(text, "")
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		w.Line = 1
		if diff := cmp.Diff([]gate.Waiver{w}, back.Items); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
