package importer

import (
	"math"
	"time"

	"github.com/perfgate/perfgate/gate"
)

const (
	// maxWindows bounds the memory of long files: when it is exceeded, the
	// windows become twice as long.
	maxWindows = 256
	// bucketRatio is the width of a window's latency buckets: its
	// percentiles are for display, and right within 2.5 %.
	bucketRatio = 1.05
)

// A timeline cuts the time from origin into windows of one length, which all
// endpoints share. Windows are numbered from 0; a request that began before
// the origin, the first record's start, lies in a negative one.
type timeline struct {
	origin, length int64 // ns
	low, high      int64 // numbers seen, both inclusive
}

func newTimeline(origin int64) timeline {
	return timeline{origin: origin, length: int64(time.Second)}
}

// index returns the window of a start time, and the number of times by which
// all windows must be halved in number first.
func (t *timeline) index(start int64) (index int64, halvings int) {
	index = floorDiv(start-t.origin, t.length)
	t.low, t.high = min(t.low, index), max(t.high, index)
	for t.high-t.low >= maxWindows {
		t.length *= 2
		t.low, t.high, index = t.low>>1, t.high>>1, index>>1
		halvings++
	}
	return index, halvings
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// A window is what one endpoint answered in one part of the run.
type window struct {
	requests, failed int64
	maxUS            int64
	buckets          []uint32 // of the successes, by bucketOf
}

func (w *window) add(us int64, ok bool) {
	w.requests++
	if !ok {
		w.failed++
		return
	}
	w.maxUS = max(w.maxUS, us)
	w.count(bucketOf(us), 1)
}

func (w *window) count(bucket int, n uint32) {
	for len(w.buckets) <= bucket {
		w.buckets = append(w.buckets, 0)
	}
	w.buckets[bucket] += n
}

func (w *window) merge(other *window) {
	w.requests += other.requests
	w.failed += other.failed
	w.maxUS = max(w.maxUS, other.maxUS)
	for bucket, n := range other.buckets {
		w.count(bucket, n)
	}
}

// bucketOf is the number of the bucket that holds a time of us microseconds:
// bucket b begins at bucketRatio^b.
func bucketOf(us int64) int {
	return int(math.Log(float64(max(us, 1))) / math.Log(bucketRatio))
}

// quantile returns the nearest-rank quantile in ms, nil without a success:
// the geometric middle of its bucket, and no more than the maximum.
func (w *window) quantile(level float64) *float64 {
	ok := w.requests - w.failed
	rank := int64(math.Ceil(level * float64(ok)))
	for bucket, n := range w.buckets {
		if rank -= int64(n); rank <= 0 && n > 0 {
			us := min(math.Pow(bucketRatio, float64(bucket)+0.5), float64(w.maxUS))
			return millis(int64(math.Round(us)))
		}
	}
	return nil
}

// halve joins each two neighbours of an endpoint's windows.
func halve(windows map[int64]*window) map[int64]*window {
	half := make(map[int64]*window, len(windows)/2+1)
	for index, w := range windows {
		if have := half[index>>1]; have != nil {
			have.merge(w)
		} else {
			half[index>>1] = w
		}
	}
	return half
}

// series lists an endpoint's windows from the run's first to its last.
func (t *timeline) series(windows map[int64]*window) gate.EndpointWindow {
	var out gate.EndpointWindow
	for index := t.low; index <= t.high; index++ {
		w := windows[index]
		if w == nil {
			w = &window{}
		}
		var longest *float64
		if w.requests > w.failed {
			longest = millis(w.maxUS)
		}
		out.Requests = append(out.Requests, w.requests)
		out.Failed = append(out.Failed, w.failed)
		out.P50MS = append(out.P50MS, w.quantile(0.5))
		out.P95MS = append(out.P95MS, w.quantile(0.95))
		out.MaxMS = append(out.MaxMS, longest)
	}
	return out
}

func millis(us int64) *float64 {
	ms := float64(us) / 1000
	return &ms
}
