package load

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
)

// A job is one request on its way.
type job struct {
	task     int
	due      time.Duration // open: intended start; closed: the send
	measured bool          // due in the measured part
}

// A recorder counts answers. Its memory grows with endpoints and windows, never
// with requests. One lock an endpoint is enough: it is held for some 200 ns,
// and a request costs a hundred times that.
type recorder struct {
	open      bool        // the model in which service differs from response
	endpoints []*endpoint // in the order of their first task
	byTask    []*endpoint
	sizes     []int64      // of the tasks' bodies
	sent      atomic.Int64 // measured requests
	pulses    [2]pulse     // of the warm-up and the measured part

	mu   sync.Mutex
	late hist.Histogram // µs, of measured requests
}

// newRecorder returns a recorder for a measured part of a given length.
func newRecorder(tasks []gate.Task, open bool, length time.Duration) *recorder {
	r := &recorder{open: open}
	for i := range r.pulses {
		r.pulses[i].times = hist.New()
	}
	known := map[string]*endpoint{}
	for _, t := range tasks {
		e := known[t.Name]
		if e == nil {
			e = newEndpoint(t.Name, int((length+windowLength-1)/windowLength))
			known[t.Name] = e
			r.endpoints = append(r.endpoints, e)
		}
		r.byTask = append(r.byTask, e)
		r.sizes = append(r.sizes, int64(len(t.Request.Body)))
	}
	return r
}

// lateness records how late a measured request was for our own reasons.
func (r *recorder) lateness(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late.Record(d.Microseconds())
}

// answered records the answer of a job that was sent at a time; begin is when
// the measured part began.
func (r *recorder) answered(j job, sent, begin time.Duration, a answer) {
	if a.cancelled {
		return
	}
	r.pulses[phaseOf(j.measured)].add((a.done - j.due).Microseconds(), a.kind != "")
	if !j.measured {
		return
	}
	e := r.byTask[j.task]
	e.mu.Lock()
	defer e.mu.Unlock()
	e.windows.reach(int((a.done - begin) / windowLength))
	e.requests++
	e.received += a.received
	e.sent += r.sizes[j.task]
	if a.status != 0 {
		e.statuses[a.status]++
	}
	if a.kind != "" {
		e.fail(a)
		return
	}
	e.ok++
	response := (a.done - j.due).Microseconds()
	e.response.Record(response)
	if r.open {
		e.service.Record((a.done - sent).Microseconds())
	}
	e.windows.ok(response)
	e.firstByte += a.head - sent
	e.transfer += a.done - a.head
}

// An endpoint is what was counted under one name.
type endpoint struct {
	name string

	mu                  sync.Mutex
	requests, ok        int64
	received, sent      int64 // bytes of bodies
	failures            map[gate.FailureKey]int64
	statuses            map[int]int64
	response, service   hist.Histogram // µs, of successes
	firstByte, transfer time.Duration  // sums over successes
	windows             timeline
}

func newEndpoint(name string, length int) *endpoint {
	return &endpoint{
		name:     name,
		failures: map[gate.FailureKey]int64{},
		statuses: map[int]int64{},
		windows:  newTimeline(length),
	}
}

func (p *endpoint) fail(a answer) {
	f := gate.FailureKey{Kind: a.kind}
	if a.kind == gate.FailStatus {
		f.Code = a.status
	}
	p.failures[f]++
	p.windows.failed()
}
