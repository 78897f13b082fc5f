package hist

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// record makes a histogram of values in µs.
func record(us ...int64) *Histogram {
	h := New()
	for _, v := range us {
		h.Record(v)
	}
	return h
}

// view is all that a histogram tells.
type view struct {
	Count, Clamped       int64
	Min, Max, Mean       float64
	P50, P95, First, All float64
}

func viewOf(h *Histogram) view {
	return view{
		Count: h.Count(), Clamped: h.Clamped(), Min: h.Min(), Max: h.Max(), Mean: h.Mean(),
		P50: h.Quantile(0.5), P95: h.Quantile(0.95), First: h.ValueAtRank(1), All: h.ValueAtRank(h.Count()),
	}
}

func TestHistogram(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		name string
		h    *Histogram
		want view
	}{
		{"zero value", new(Histogram), view{0, 0, nan, nan, nan, nan, nan, nan, nan}},
		{"one value", record(1500), view{1, 0, 1500, 1500, 1500, 1500, 1500, 1500, 1500}},
		{"one value in a wide bucket", record(20_003), view{1, 0, 20003, 20003, 20003, 20003, 20003, 20003, 20003}},
		{"two values", record(20_000, 9000), view{2, 0, 9000, 20000, 14500, 9003.5, 20000, 9003.5, 20000}},
		{"three exact values", record(3, 1, 2), view{3, 0, 1, 3, 2, 2, 3, 1, 3}},
		{"limits", record(1, 60_000_000), view{2, 0, 1, 60e6, 30000000.5, 1, 60e6, 1, 60e6}},
		{"out of range", record(0, -5, 60_000_001, math.MaxInt64, math.MinInt64, 100), view{6, 5, 1, 60e6, (3 + 120e6 + 100) / 6.0, 1, 60e6, 1, 60e6}},
		{"edge of the exact part", record(2047, 2048, 2049), view{3, 0, 2047, 2049, 2048, 2048.5, 2048.5, 2047, 2048.5}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, viewOf(tt.h), cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestPrecision: each value of the range comes back to within 0.05 %, and
// exactly below 2048 µs.
func TestPrecision(t *testing.T) {
	check := func(us int64) {
		t.Helper()
		got := middle(us)
		if math.Abs(got-float64(us)) > 0.0005*float64(us) || us < 2048 && got != float64(us) {
			t.Errorf("%d µs is read back as %g", us, got)
		}
	}
	for us := int64(1); us < 5000; us++ {
		check(us)
	}
	for edge := int64(4096); edge <= highest; edge *= 2 {
		for off := int64(-40); off <= 40; off++ {
			check(edge + off)
		}
	}
}

// TestBucketsAreTheLibrarys: edges and widths are computed here; they must be
// those of the library's counters.
func TestBucketsAreTheLibrarys(t *testing.T) {
	h := record(highest)
	bars := h.counts.Distribution()
	for i, bar := range bars {
		if low := lowEdge(i); bar.From != low || bar.To-bar.From+1 != width(low) || width(bar.To) != width(low) {
			t.Fatalf("bucket %d is %d to %d, here %d, %d wide", i, bar.From, bar.To, low, width(low))
		}
	}
	if want := 16_000; len(bars) < want {
		t.Errorf("only %d buckets compared, want %d", len(bars), want)
	}
}

// TestRanksAgainstSorting compares each rank with the sorted values.
func TestRanksAgainstSorting(t *testing.T) {
	for _, n := range []int{1, 2, 7, 100, 1999, 10_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, uint64(n)))
			values := make([]int64, n)
			for i := range values {
				values[i] = int64(10_000 * math.Exp(0.5*r.NormFloat64()))
			}
			h := record(values...)
			slices.Sort(values)
			last := 0.0
			for i, want := range values {
				got := h.ValueAtRank(int64(i) + 1)
				if math.Abs(got/float64(want)-1) > 0.0005 || got < last {
					t.Fatalf("rank %d: %g, want %d (rank before: %g)", i+1, got, want, last)
				}
				last = got
			}
			if h.Min() != float64(values[0]) || h.Max() != float64(values[n-1]) {
				t.Errorf("extremes %g, %g, want %d, %d", h.Min(), h.Max(), values[0], values[n-1])
			}
		})
	}
}

func TestQuantileIsNearestRank(t *testing.T) {
	h := New()
	for us := int64(1); us <= 100; us++ {
		h.Record(us)
	}
	for percent := 1; percent <= 100; percent++ {
		if got := h.Quantile(float64(percent) / 100); got != float64(percent) {
			t.Errorf("%d %% of 1..100 is %g", percent, got)
		}
	}
	for _, tt := range []struct{ p, want float64 }{
		{0, 1}, {-1, 1}, {math.Inf(-1), 1}, {2, 100}, {math.Inf(1), 100}, {0.995, 100}, {1e-12, 1},
	} {
		if got := h.Quantile(tt.p); got != tt.want {
			t.Errorf("Quantile(%g) = %g, want %g", tt.p, got, tt.want)
		}
	}
	if got := h.Quantile(math.NaN()); !math.IsNaN(got) {
		t.Errorf("Quantile(NaN) = %g", got)
	}
	for k, want := range map[int64]float64{0: 1, -7: 1, 101: 100, math.MaxInt64: 100} {
		if got := h.ValueAtRank(k); got != want {
			t.Errorf("ValueAtRank(%d) = %g, want %g", k, got, want)
		}
	}
}

func TestMerge(t *testing.T) {
	for _, tt := range []struct {
		name       string
		into, from func() *Histogram
		want       func() *Histogram
	}{
		{"into empty", New, func() *Histogram { return record(5, 0, 90_000) }, func() *Histogram { return record(5, 0, 90_000) }},
		{"empty", func() *Histogram { return record(5) }, New, func() *Histogram { return record(5) }},
		{"nil", func() *Histogram { return record(5) }, func() *Histogram { return nil }, func() *Histogram { return record(5) }},
		{"both", func() *Histogram { return record(5, 70_000) }, func() *Histogram { return record(0, 90_000) }, func() *Histogram { return record(5, 70_000, 0, 90_000) }},
		{"empty into empty", New, New, New},
	} {
		t.Run(tt.name, func(t *testing.T) {
			into, from := tt.into(), tt.from()
			into.Merge(from)
			compare(t, tt.want(), into)
			if from != nil {
				compare(t, tt.from(), from)
			}
		})
	}
	t.Run("itself", func(t *testing.T) {
		h := record(5, 0, 90_000)
		h.Merge(h)
		compare(t, record(5, 0, 90_000, 5, 0, 90_000), h)
	})
}

// compare holds two histograms to the same counts and answers.
func compare(t *testing.T, want, got *Histogram) {
	t.Helper()
	if diff := cmp.Diff(viewOf(want), viewOf(got), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if a, b := encode(t, want), encode(t, got); a != b {
		t.Errorf("counts differ: %s, want %s", b, a)
	}
}

// TestMemoryOnFirstUse: an endpoint that never answers costs nothing.
func TestMemoryOnFirstUse(t *testing.T) {
	var h Histogram
	if n := testing.AllocsPerRun(10, func() {
		h.Merge(New())
		_ = viewOf(&h)
	}); n > 1 { // New itself
		t.Errorf("an empty histogram makes %g allocations", n)
	}
	h.Record(1)
	if n := testing.AllocsPerRun(100, func() { h.Record(12_345); h.Quantile(0.99) }); n != 0 {
		t.Errorf("Record and Quantile make %g allocations", n)
	}
}

func ExampleHistogram() {
	var h Histogram
	for us := int64(9_000); us <= 11_000; us += 10 {
		h.Record(us)
	}
	fmt.Printf("%d requests, p50 %.1f ms, p99 %.1f ms\n", h.Count(), h.Quantile(0.5)/1000, h.Quantile(0.99)/1000)
	// Output: 201 requests, p50 10.0 ms, p99 11.0 ms
}

func BenchmarkRecord(b *testing.B) {
	h := record(1)
	b.ReportAllocs()
	us := int64(900)
	for b.Loop() {
		h.Record(us)
		us = us*5%60_000 + 1
	}
}

func BenchmarkQuantile(b *testing.B) {
	h := New()
	for us := int64(1000); us < 50_000; us += 7 {
		h.Record(us)
	}
	b.ReportAllocs()
	for b.Loop() {
		h.Quantile(0.95)
	}
}

func BenchmarkDecode(b *testing.B) {
	h := New()
	for us := int64(1000); us < 50_000; us += 7 {
		h.Record(us)
	}
	text, err := h.Encode()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}
