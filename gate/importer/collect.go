package importer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
)

const (
	// maxEndpoints bounds memory: each has a histogram.
	maxEndpoints = 200
	// maxSkipped is the share of unreadable records above which a run no
	// longer says what the service did.
	maxSkipped = 0.001
	// maxLatency is the longest time that is believed.
	maxLatency = time.Hour
)

// A hit is one request, as raw formats record it.
type hit struct {
	endpoint       string
	start          time.Time
	latency        time.Duration
	status         int              // HTTP status; 0: no answer
	failure        gate.FailureKind // empty: a success
	received, sent int64            // bytes of the bodies
}

// A collector turns hits, in any order, into a run. Its memory depends on the
// number of endpoints and not on that of hits.
type collector struct {
	endpoints map[string]*tally
	hits      int64
	skipped   map[string]int64 // by reason
	line      timeline
	first     int64 // earliest start, ns since 1970
	last      int64 // latest end
}

// A tally is what was seen of one endpoint.
type tally struct {
	requests, ok   int64
	failures       map[gate.FailureKey]int64
	statuses       map[string]int64
	received, sent int64
	latency        *hist.Histogram // of the successes
	windows        map[int64]*window
}

func newCollector() *collector {
	return &collector{endpoints: map[string]*tally{}, skipped: map[string]int64{}}
}

// skip counts a record that cannot be used, by reason.
func (c *collector) skip(reason string) { c.skipped[reason]++ }

// records is the number of records seen, for messages.
func (c *collector) records() int64 {
	n := c.hits
	for _, skipped := range c.skipped {
		n += skipped
	}
	return n
}

// add counts a hit; one that cannot be true is skipped. It fails when there
// are too many endpoints.
func (c *collector) add(h hit) error {
	if reason := h.impossible(); reason != "" {
		c.skip(reason)
		return nil
	}
	t := c.endpoints[h.endpoint]
	if t == nil {
		if len(c.endpoints) == maxEndpoints {
			return &Error{Text: fmt.Sprintf("has more than %d endpoints", maxEndpoints),
				Hint: "paths that hold an id for each request cannot be compared: use a fixed list of targets"}
		}
		t = &tally{failures: map[gate.FailureKey]int64{}, statuses: map[string]int64{}, windows: map[int64]*window{}}
		c.endpoints[h.endpoint] = t
	}
	index := c.place(h)
	t.add(h, index)
	c.hits++
	return nil
}

// impossible says why a hit cannot be true; empty: it can.
func (h hit) impossible() string {
	switch {
	case h.start.Year() < 1990 || h.start.Year() > 2200:
		return "the time stamp is no time"
	case h.latency < 0:
		return "the latency is negative"
	case h.latency > maxLatency:
		return "the latency is over an hour"
	case h.status != 0 && (h.status < 100 || h.status > 999):
		return "the status is no HTTP status"
	case h.received < 0 || h.sent < 0 || h.received > 1<<50 || h.sent > 1<<50:
		return "the number of bytes is no number of bytes"
	case len(h.endpoint) > gate.MaxName:
		return "the path is too long"
	}
	return ""
}

// place extends the run over the hit and returns its window.
func (c *collector) place(h hit) int64 {
	start := h.start.UnixNano()
	end := start + int64(h.latency)
	if c.hits == 0 {
		c.line, c.first, c.last = newTimeline(start), start, end
	}
	c.first, c.last = min(c.first, start), max(c.last, end)
	index, halvings := c.line.index(start)
	for range halvings {
		for _, t := range c.endpoints {
			t.windows = halve(t.windows)
		}
	}
	return index
}

func (t *tally) add(h hit, index int64) {
	t.requests++
	t.received += h.received
	t.sent += h.sent
	if h.status != 0 {
		t.statuses[strconv.Itoa(h.status)]++
	}
	w := t.windows[index]
	if w == nil {
		w = &window{}
		t.windows[index] = w
	}
	us := int64(h.latency.Round(time.Microsecond) / time.Microsecond)
	w.add(us, h.failure == "")
	if h.failure != "" {
		f := gate.FailureKey{Kind: h.failure}
		if h.failure == gate.FailStatus {
			f.Code = h.status
		}
		t.failures[f]++
		return
	}
	t.ok++
	if t.latency == nil {
		t.latency = hist.New()
	}
	t.latency.Record(us)
}

// result returns what was collected. Nothing at all is an error: a comparison
// of nothing must not pass.
func (c *collector) result(tool, format, name string) (gate.Result, error) {
	if c.hits == 0 && len(c.skipped) > 0 {
		return gate.Result{}, &Error{Text: "no record can be read: " + c.reasons()}
	}
	if c.hits == 0 {
		return gate.Result{}, &Error{Text: "holds no requests", Hint: "look at the output of the tool that wrote it"}
	}
	run := gate.Run{
		Start:     time.Unix(0, c.first).UTC().Format(time.RFC3339Nano),
		MeasuredS: time.Duration(c.last - c.first).Seconds(),
		Status:    gate.RunOK, Reasons: []string{},
		Load:    gate.RunLoad{Sent: c.hits},
		Windows: &gate.Windows{LengthS: time.Duration(c.line.length).Seconds(), Endpoints: map[string]gate.EndpointWindow{}},
	}
	for _, endpoint := range slices.Sorted(maps.Keys(c.endpoints)) {
		t := c.endpoints[endpoint]
		e, err := t.endpoint(endpoint)
		if err != nil {
			return gate.Result{}, err
		}
		run.Endpoints = append(run.Endpoints, e)
		run.Windows.Endpoints[endpoint] = c.line.series(t.windows)
	}
	if c.last == c.first || float64(c.records()-c.hits) > maxSkipped*float64(c.records()) {
		run.Status, run.Reasons = gate.RunInvalid, []string{gate.ReasonIncomplete}
	}
	return foreign(tool, format, name, run, c.warnings()), nil
}

func (c *collector) warnings() []gate.Warning {
	if len(c.skipped) == 0 {
		return []gate.Warning{}
	}
	text := fmt.Sprintf("%d of %d records were left out: %s", c.records()-c.hits, c.records(), c.reasons())
	return []gate.Warning{warning("records_skipped", text)}
}

// reasons lists why records were skipped, the most frequent first.
func (c *collector) reasons() string {
	reasons := slices.Sorted(maps.Keys(c.skipped))
	slices.SortStableFunc(reasons, func(a, b string) int { return cmp.Compare(c.skipped[b], c.skipped[a]) })
	for i, reason := range reasons {
		reasons[i] = fmt.Sprintf("%s (%d)", reason, c.skipped[reason])
	}
	return strings.Join(reasons, ", ")
}

func (t *tally) endpoint(name string) (gate.EndpointRun, error) {
	e := gate.EndpointRun{Name: name, Requests: t.requests, OK: t.ok, Failures: gate.FailureList(t.failures), Statuses: t.statuses,
		BytesReceived: measured(t.received), BytesSent: measured(t.sent), Latency: []gate.Latency{}}
	if t.latency == nil {
		return e, nil
	}
	l, err := latency(t.latency)
	e.Latency = append(e.Latency, l)
	return e, err
}

// measured returns nil for a sum of zero bytes: tools write 0 when they were
// told not to keep bodies.
func measured(bytes int64) *int64 {
	if bytes == 0 {
		return nil
	}
	return &bytes
}
