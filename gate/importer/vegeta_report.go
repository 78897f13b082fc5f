package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

const vegetaRepName = "vegeta report"

// vegetaReport reads what vegeta report -type=json writes: percentiles of all
// requests together, failures inside (tsenart/vegeta v12, lib/metrics.go).
func vegetaReport() Importer {
	return Importer{
		Name:  vegetaRepName,
		Tool:  vegetaTool,
		Doc:   "vegeta report -type=json",
		Sniff: isVegetaReport,
		Read:  readVegetaReport,
	}
}

func isVegetaReport(head []byte) bool {
	found := map[string]bool{}
	for key := range topLevel(head) {
		found[key] = true
	}
	return found["latencies"] && found["status_codes"] && found["throughput"]
}

// vegetaMetrics is lib.Metrics; times are whole nanoseconds.
type vegetaMetrics struct {
	Latencies struct {
		Mean *time.Duration `json:"mean"`
		P50  *time.Duration `json:"50th"`
		P90  *time.Duration `json:"90th"`
		P95  *time.Duration `json:"95th"`
		P99  *time.Duration `json:"99th"`
		Max  *time.Duration `json:"max"`
		Min  *time.Duration `json:"min"`
	} `json:"latencies"`
	BytesIn     vegetaBytes      `json:"bytes_in"`
	BytesOut    vegetaBytes      `json:"bytes_out"`
	Earliest    time.Time        `json:"earliest"`
	Duration    time.Duration    `json:"duration"` // first start to last start
	Wait        time.Duration    `json:"wait"`     // last start to last answer
	Requests    int64            `json:"requests"`
	StatusCodes map[string]int64 `json:"status_codes"`
	Errors      []string         `json:"errors"` // each text once
}

type vegetaBytes struct {
	Total int64 `json:"total"`
}

func readVegetaReport(r io.Reader, name string) (gate.Result, error) {
	var m vegetaMetrics
	if err := oneDocument(r, &m); err != nil {
		return gate.Result{}, err
	}
	if m.Requests == 0 {
		return gate.Result{}, &Error{Text: "holds no requests", Hint: "look at the output of vegeta attack"}
	}
	e, err := m.endpoint()
	if err != nil {
		return gate.Result{}, err
	}
	if m.Duration < 0 || m.Wait < 0 || m.Duration+m.Wait <= 0 {
		return gate.Result{}, &Error{Text: fmt.Sprintf("duration %d and wait %d are no lengths of time", m.Duration, m.Wait)}
	}
	run := gate.Run{
		MeasuredS: (m.Duration + m.Wait).Seconds(), Status: gate.RunOK, Reasons: []string{},
		Load: gate.RunLoad{Sent: m.Requests}, Endpoints: []gate.EndpointRun{e},
	}
	if !m.Earliest.IsZero() {
		run.Start = m.Earliest.UTC().Format(time.RFC3339Nano)
	}
	warnings := []gate.Warning{warning("no_endpoints",
		"a vegeta report holds percentiles of all requests together, failures inside; import the results (vegeta attack > results.gob) for each endpoint and for successes alone")}
	return foreign(vegetaTool, vegetaRepName, name, run, warnings), nil
}

// oneDocument decodes a file that is one JSON document.
func oneDocument(r io.Reader, into any) error {
	dec := json.NewDecoder(newMeter(r))
	var kind *json.UnmarshalTypeError
	switch err := dec.Decode(into); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return cutShort("")
	case errors.As(err, &kind):
		return &Error{Text: fmt.Sprintf("%s: is a %s", kind.Field, kind.Value)}
	case err != nil:
		return jsonError(err)
	}
	rest, err := io.ReadAll(io.LimitReader(io.MultiReader(dec.Buffered(), r), headSize))
	if err != nil {
		return readError(err)
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return &Error{Text: "holds more than one document", Hint: "give each report a file of its own"}
	}
	return nil
}

func jsonError(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return &Error{Text: fmt.Sprintf("not valid JSON at byte %d", syntax.Offset), Err: err}
	}
	return readError(err)
}

func (m *vegetaMetrics) endpoint() (gate.EndpointRun, error) {
	e := gate.EndpointRun{Name: allRequests, Requests: m.Requests, Failures: []gate.Failure{}, Statuses: map[string]int64{},
		BytesReceived: measured(m.BytesIn.Total), BytesSent: measured(m.BytesOut.Total)}
	t := tally{failures: map[gate.FailureKey]int64{}}
	for text, n := range m.StatusCodes {
		code, err := strconv.Atoi(text)
		if err != nil || code < 0 || code > 999 || n < 0 || n > m.Requests {
			return e, &Error{Text: fmt.Sprintf("status_codes: %q: %d is no count of a status", text, n)}
		}
		t.requests += n
		if code != 0 {
			e.Statuses[strconv.Itoa(code)] += n
		}
		switch {
		case code == 0:
			t.failures[gate.FailureKey{Kind: m.transportKind()}] += n
		case code < 200 || code >= 400:
			t.failures[gate.FailureKey{Kind: gate.FailStatus, Code: code}] += n
		default:
			t.ok += n
		}
	}
	if t.requests != m.Requests {
		return e, &Error{Text: fmt.Sprintf("status_codes add up to %d, but there were %d requests", t.requests, m.Requests)}
	}
	e.OK, e.Failures = t.ok, gate.FailureList(t.failures)
	l, err := m.latency()
	e.Latency = []gate.Latency{l}
	return e, err
}

// transportKind is the kind of the requests without an answer: the report has
// each error text once and without a count, so it is known only when all
// agree. Texts of statuses, "503 Service Unavailable", are not among them.
func (m *vegetaMetrics) transportKind() gate.FailureKind {
	var kind gate.FailureKind
	for _, text := range m.Errors {
		if !strings.Contains(text, "\": ") {
			continue
		}
		k := failureKind(text)
		if kind != "" && kind != k {
			return gate.FailOther
		}
		kind = k
	}
	if kind == "" {
		return gate.FailOther
	}
	return kind
}

// latency takes the percentiles as they are given (a t-digest's, within about
// 1 %); what is not given is not made up.
func (m *vegetaMetrics) latency() (gate.Latency, error) {
	l := gate.Latency{Of: gate.OfService, Population: gate.PopulationAll, Count: m.Requests,
		Precision: gate.PrecisionQuantiles, QuantilesMS: map[string]float64{}}
	for _, q := range []struct {
		name string
		from *time.Duration
		set  func(ms float64)
	}{
		{"mean", m.Latencies.Mean, func(ms float64) { l.MeanMS = &ms }},
		{"min", m.Latencies.Min, func(ms float64) { l.MinMS = &ms }},
		{"max", m.Latencies.Max, func(ms float64) { l.MaxMS = &ms }},
		{"50th", m.Latencies.P50, func(ms float64) { l.QuantilesMS["0.5"] = ms }},
		{"90th", m.Latencies.P90, func(ms float64) { l.QuantilesMS["0.9"] = ms }},
		{"95th", m.Latencies.P95, func(ms float64) { l.QuantilesMS["0.95"] = ms }},
		{"99th", m.Latencies.P99, func(ms float64) { l.QuantilesMS["0.99"] = ms }},
	} {
		if q.from == nil {
			continue
		}
		if *q.from < 0 || *q.from > maxLatency {
			return l, &Error{Text: fmt.Sprintf("latencies.%s: %d ns is no latency", q.name, *q.from)}
		}
		q.set(float64(*q.from) / float64(time.Millisecond))
	}
	if len(l.QuantilesMS) == 0 {
		return l, &Error{Text: "latencies: holds no percentile"}
	}
	return l, nil
}
