package demo

import (
	"bytes"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestExpose(t *testing.T) {
	e := &endpoint{route: route{method: "GET", path: "/health"}}
	e.tally.add(200, 500*time.Microsecond) // at a bound: below it
	e.tally.add(200, 3*time.Millisecond)
	e.tally.add(500, 2*time.Second)
	var requests, durations bytes.Buffer
	e.expose(&requests, &durations)
	want := `http_requests_total{method="GET",path="/health",code="200"} 2
http_requests_total{method="GET",path="/health",code="500"} 1
http_request_duration_seconds_bucket{method="GET",path="/health",le="0.0005"} 1
http_request_duration_seconds_bucket{method="GET",path="/health",le="0.001"} 1
http_request_duration_seconds_bucket{method="GET",path="/health",le="0.0025"} 1
http_request_duration_seconds_bucket{method="GET",path="/health",le="0.005"} 2
http_request_duration_seconds_bucket{method="GET",path="/health",le="0.01"} 2
http_request_duration_seconds_bucket{method="GET",path="/health",le="0.025"} 2
http_request_duration_seconds_bucket{method="GET",path="/health",le="0.05"} 2
http_request_duration_seconds_bucket{method="GET",path="/health",le="0.1"} 2
http_request_duration_seconds_bucket{method="GET",path="/health",le="0.25"} 2
http_request_duration_seconds_bucket{method="GET",path="/health",le="0.5"} 2
http_request_duration_seconds_bucket{method="GET",path="/health",le="1"} 2
http_request_duration_seconds_bucket{method="GET",path="/health",le="+Inf"} 3
http_request_duration_seconds_sum{method="GET",path="/health"} 2.0035
http_request_duration_seconds_count{method="GET",path="/health"} 3
`
	if diff := gocmp.Diff(want, requests.String()+durations.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMetrics counts what a client has seen, by scraping as Prometheus would.
func TestMetrics(t *testing.T) {
	server := serverOf(t, idle(t, Options{}))
	for range 3 {
		call(t, server, "GET", "/health", "")
	}
	call(t, server, "POST", "/inference", `{"model":"resnet50"}`)
	call(t, server, "POST", "/inference", `{"model":"unknown"}`)
	call(t, server, "POST", "/inference", `rubbish`)
	call(t, server, "POST", "/models/load", `{"model":"m"}`)
	call(t, server, "GET", "/metrics", "")
	status, text := call(t, server, "GET", "/metrics", "")
	if status != 200 {
		t.Fatalf("status %d: %s", status, text)
	}
	samples, families := map[string]string{}, map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if family, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(family, " ")
			families[name] = kind
			continue
		}
		name, value, _ := strings.Cut(line, " ")
		timed := strings.Contains(name, "duration_seconds_bucket") || strings.Contains(name, "duration_seconds_sum")
		if _, twice := samples[name]; twice {
			t.Errorf("%s stands there twice", name)
		}
		if !timed && !strings.HasPrefix(line, "#") {
			samples[name] = value
		}
	}
	wantFamilies := map[string]string{
		"http_requests_total": "counter", "http_request_duration_seconds": "histogram", "http_requests_in_flight": "gauge",
		"demo_models_loaded": "gauge", "demo_work_iterations_total": "counter",
	}
	if diff := gocmp.Diff(wantFamilies, families); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
	want := map[string]string{
		`http_requests_total{method="GET",path="/health",code="200"}`:                "3",
		`http_requests_total{method="GET",path="/metrics",code="200"}`:               "1", // the one under way is not answered
		`http_requests_total{method="POST",path="/inference",code="200"}`:            "1",
		`http_requests_total{method="POST",path="/inference",code="400"}`:            "1",
		`http_requests_total{method="POST",path="/inference",code="404"}`:            "1",
		`http_requests_total{method="POST",path="/models/load",code="200"}`:          "1",
		`http_request_duration_seconds_count{method="GET",path="/health"}`:           "3",
		`http_request_duration_seconds_count{method="GET",path="/metrics"}`:          "1",
		`http_request_duration_seconds_count{method="GET",path="/models"}`:           "0",
		`http_request_duration_seconds_count{method="POST",path="/models/load"}`:     "1",
		`http_request_duration_seconds_count{method="POST",path="/models/unload"}`:   "0",
		`http_request_duration_seconds_count{method="POST",path="/inference"}`:       "3",
		`http_request_duration_seconds_count{method="POST",path="/inference/batch"}`: "0",
		`http_requests_in_flight`:    "1",
		`demo_models_loaded`:         "3",
		`demo_work_iterations_total`: "2", // the two of 1.6 ms that were read, at 0.001 iterations/µs
	}
	if diff := gocmp.Diff(want, samples); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
}
