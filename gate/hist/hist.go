// Package hist counts latencies in an HdrHistogram of 1 µs to 60 s with three
// significant digits, the form in which results keep them.
//
// # Precision
//
// Up to 2047 µs each microsecond has a bucket of its own; above, buckets grow
// with the value and are at most 1/1024 of it wide. A bucket answers with its
// middle, so a value read back is off by at most 0.05 % of itself (the format
// promises 0.1 %), to either side alike. Count, and after Record also Min, Max
// and Mean, are exact.
//
// # Memory
//
// An empty histogram takes a few bytes; the first value allocates 140 kB of
// counters. Keep one recorder per event loop, not per connection.
package hist

import (
	"math"
	"math/bits"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

const (
	lowest  = 1              // µs
	highest = 60 * 1_000_000 // µs
	digits  = 3
	// exactBits is the logarithm of where buckets become wider than 1 µs: three
	// digits need 2·10³ of them, rounded up to a power of two.
	exactBits = 11
)

// MaxMS is the end of the scale in milliseconds: longer values are recorded there.
const MaxMS = highest / 1000

// Histogram counts latencies in microseconds. The zero value is an empty
// histogram, ready to use. It must not be copied after the first Record and is
// not safe for use by several goroutines at once.
type Histogram struct {
	counts   *hdr.Histogram // nil until something was recorded
	clamped  int64
	min, max float64 // µs, within the buckets of the smallest and largest value
	sum      float64 // µs; whole numbers, exact up to 2⁵³ µs (285 years)
}

// New returns an empty histogram.
func New() *Histogram { return new(Histogram) }

// Record counts one latency of us microseconds. What is outside 1 µs to 60 s
// is counted at that limit and reported by Clamped.
func (h *Histogram) Record(us int64) {
	v := min(max(us, lowest), highest)
	if v != us {
		h.clamped++
	}
	h.allocate()
	// The clamped value is in range and a count of 2⁶³ out of reach.
	_ = h.counts.RecordValue(v)
	h.extend(float64(v), float64(v), float64(v))
}

// allocate makes the counters of an empty histogram.
func (h *Histogram) allocate() {
	if h.counts == nil {
		h.counts = hdr.New(lowest, highest, digits)
		h.min, h.max = math.Inf(1), math.Inf(-1)
	}
}

// extend takes values from low to high into the exact statistics.
func (h *Histogram) extend(low, high, sum float64) {
	h.min, h.max = min(h.min, low), max(h.max, high)
	h.sum += sum
}

// Clamped returns how many of the values given to Record lay outside 1 µs to
// 60 s. An encoding does not carry it: it is 0 after [Decode].
func (h *Histogram) Clamped() int64 { return h.clamped }

// Count returns the number of values, clamped ones included.
func (h *Histogram) Count() int64 {
	if h.counts == nil {
		return 0
	}
	return h.counts.TotalCount()
}

// ValueAtRank returns the k-th smallest value in µs, k counted from 1: the
// middle of its bucket, but never outside [Min, Max]. A k outside 1..Count is
// taken as the nearest rank in it. It is NaN for an empty histogram.
//
// Of 1, 2, 3 it is 2 at rank 2. Of 9000 and 20000 it is 9003.5 at rank 1, the
// middle of the bucket 9000..9007, and 20000 at rank 2, where the middle of
// 20000..20015 is more than Max.
func (h *Histogram) ValueAtRank(k int64) float64 {
	n := h.Count()
	if n == 0 {
		return math.NaN()
	}
	k = min(max(k, 1), n)
	// The library asks for a percentage and rounds it back to a rank, which is
	// k again for any count below 2⁵⁰.
	v := h.counts.ValueAtPercentile(100 * (float64(k) / float64(n)))
	return min(max(middle(v), h.min), h.max)
}

// Quantile returns the p quantile in µs, 0 ≤ p ≤ 1, by nearest rank: the value
// at rank ceil(p·n). It is NaN for an empty histogram or a p that is NaN.
//
// Of 1 to 100 it is 7 at p = 0.07.
func (h *Histogram) Quantile(p float64) float64 {
	if math.IsNaN(p) {
		return math.NaN()
	}
	// The formula of stats.Rank, repeated because neither package may import
	// the other; a test of gatetest holds the two together.
	n := float64(h.Count())
	return h.ValueAtRank(int64(min(max(math.Ceil(p*n-1e-9), 1), n)))
}

// Min returns the smallest value in µs: exact for what was recorded, the low
// end of its bucket after [Decode]. It is NaN for an empty histogram.
func (h *Histogram) Min() float64 { return h.orNaN(h.min) }

// Max returns the largest value in µs: exact for what was recorded, the high
// end of its bucket (at most 60 s) after [Decode]. It is NaN for an empty
// histogram.
func (h *Histogram) Max() float64 { return h.orNaN(h.max) }

// Mean returns the arithmetic mean in µs: exact for what was recorded, that of
// the bucket middles after [Decode]. It is NaN for an empty histogram.
func (h *Histogram) Mean() float64 { return h.orNaN(h.sum / float64(h.Count())) }

// orNaN returns v, or NaN where there is nothing.
func (h *Histogram) orNaN(v float64) float64 {
	if h.Count() == 0 {
		return math.NaN()
	}
	return v
}

// Merge adds the values of o, which stays as it is; nil and empty add nothing.
// The order of merges does not matter.
func (h *Histogram) Merge(o *Histogram) {
	if o == nil || o.Count() == 0 {
		return
	}
	// Taken first: o may be h.
	low, high, sum, clamped := o.min, o.max, o.sum, o.clamped
	h.allocate()
	h.counts.Merge(o.counts)
	h.extend(low, high, sum)
	h.clamped += clamped
}

// lowEdge returns the smallest value in µs of the bucket with index i of an
// HdrHistogram's counters: a bucket for each value up to 2047, then 1024
// buckets for each doubling.
func lowEdge(i int) int64 {
	const half = 1 << (exactBits - 1)
	doubling := max(i/half-1, 0)
	return int64(i-doubling*half) << doubling
}

// width returns the number of microseconds that share the bucket of us.
func width(us int64) int64 {
	return 1 << max(bits.Len64(uint64(us))-exactBits, 0)
}

// middle returns the middle of the whole microseconds in the bucket that us
// lies in.
func middle(us int64) float64 {
	w := width(us)
	return float64(us&^(w-1)) + float64(w-1)/2
}
