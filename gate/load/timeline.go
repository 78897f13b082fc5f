package load

import (
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
)

// timeline collects one endpoint's windows, of which only the one under way has
// a histogram.
type timeline struct {
	out     gate.EndpointWindow
	current int
	times   *hist.Histogram // µs, of the successes of the current window
}

// newTimeline returns n windows in which nothing happened.
func newTimeline(n int) timeline {
	return timeline{
		out: gate.EndpointWindow{
			Requests: make([]int64, n),
			Failed:   make([]int64, n),
			P50MS:    make([]*float64, n),
			P95MS:    make([]*float64, n),
			MaxMS:    make([]*float64, n),
		},
		times: hist.New(),
	}
}

// reach moves on to window k and counts a request in it. What is later than the
// last window belongs to the last. What is earlier than the current one, by a
// race for the lock, belongs to the current.
func (w *timeline) reach(k int) {
	if k = min(k, len(w.out.Requests)-1); k > w.current {
		w.close()
		w.current = k
	}
	w.out.Requests[w.current]++
}

func (w *timeline) failed() { w.out.Failed[w.current]++ }

func (w *timeline) ok(us int64) { w.times.Record(us) }

// close fills in the times of the current window.
func (w *timeline) close() {
	if w.times.Count() == 0 {
		return
	}
	w.out.P50MS[w.current] = ms(w.times.Quantile(0.5))
	w.out.P95MS[w.current] = ms(w.times.Quantile(0.95))
	w.out.MaxMS[w.current] = ms(w.times.Max())
	w.times = hist.New()
}

// first returns the first n windows, when nothing more will come.
func (w *timeline) first(n int) gate.EndpointWindow {
	w.close()
	o := w.out
	return gate.EndpointWindow{
		Requests: o.Requests[:n], Failed: o.Failed[:n],
		P50MS: o.P50MS[:n], P95MS: o.P95MS[:n], MaxMS: o.MaxMS[:n],
	}
}

// ms turns µs of a histogram that is not empty into milliseconds.
func ms(us float64) *float64 {
	v := us / 1000
	return &v
}
