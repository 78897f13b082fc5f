package demo

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

const buckets = 12 // of the histogram

// bounds are the upper ends of the buckets, in seconds; a last one without an end follows.
func bounds() [buckets - 1]float64 {
	return [...]float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1}
}

// tally counts the answers of an endpoint.
type tally struct {
	mu      sync.Mutex
	codes   map[int]uint64
	buckets [buckets]uint64 // each on its own, not added up
	sum     time.Duration
}

func (t *tally) add(code int, took time.Duration) {
	b := bounds()
	at, _ := slices.BinarySearch(b[:], took.Seconds()) // an answer at a bound belongs below it
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.codes == nil {
		t.codes = map[int]uint64{}
	}
	t.codes[code]++
	t.buckets[at]++
	t.sum += took
}

// metrics answers in the Prometheus text exposition format 0.0.4.
func (s *Service) metrics(string) answer {
	var requests, durations bytes.Buffer
	for _, e := range s.endpoints {
		e.expose(&requests, &durations)
	}
	s.mu.Lock()
	loaded := len(s.models)
	s.mu.Unlock()
	var b bytes.Buffer
	head := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	head("http_requests_total", "counter", "Requests answered.")
	b.Write(requests.Bytes())
	head("http_request_duration_seconds", "histogram", "Time from the request's headers until its answer is made.")
	b.Write(durations.Bytes())
	head("http_requests_in_flight", "gauge", "Requests being answered, this one included.")
	fmt.Fprintf(&b, "http_requests_in_flight %d\n", s.inFlight.Load())
	head("demo_models_loaded", "gauge", "Models that can infer.")
	fmt.Fprintf(&b, "demo_models_loaded %d\n", loaded)
	head("demo_work_iterations_total", "counter", "Iterations of the computation that makes the service time.")
	fmt.Fprintf(&b, "demo_work_iterations_total %d\n", s.iterations.Load())
	return answer{status: http.StatusOK, kind: "text/plain; version=0.0.4; charset=utf-8", body: b.Bytes()}
}

// expose writes the samples of one endpoint; one that has answered nothing has none of the first kind,
// and zeros of the second.
func (e *endpoint) expose(requests, durations *bytes.Buffer) {
	t := &e.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	labels := fmt.Sprintf("method=%q,path=%q", e.method, e.path)
	for _, code := range slices.Sorted(maps.Keys(t.codes)) {
		fmt.Fprintf(requests, "http_requests_total{%s,code=\"%d\"} %d\n", labels, code, t.codes[code])
	}
	var count uint64
	for i, bound := range bounds() {
		count += t.buckets[i]
		le := strconv.FormatFloat(bound, 'g', -1, 64)
		fmt.Fprintf(durations, "http_request_duration_seconds_bucket{%s,le=%q} %d\n", labels, le, count)
	}
	count += t.buckets[buckets-1]
	fmt.Fprintf(durations, "http_request_duration_seconds_bucket{%s,le=\"+Inf\"} %d\n", labels, count)
	fmt.Fprintf(durations, "http_request_duration_seconds_sum{%s} %g\n", labels, t.sum.Seconds())
	fmt.Fprintf(durations, "http_request_duration_seconds_count{%s} %d\n", labels, count)
}
