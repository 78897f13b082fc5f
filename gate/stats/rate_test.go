package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// runs makes runs of 2000 requests with the given errors.
func runs(errors ...int64) []RunCount { return runsOf(2000, errors) }

func TestErrorTest(t *testing.T) {
	measured := Dispersion{Phi: 1, DF: 6}
	assumed := Dispersion{Phi: 5, DF: inf}
	for _, tt := range []struct {
		name   string
		d      Dispersion
		counts Counts
		reject bool // P is below 0.01
		one    bool // P is 1
	}{
		{"clear", measured, Counts{runs(0, 0, 0, 0), runs(30, 28, 33, 31)}, true, false},
		{"below the threshold", measured, Counts{runs(2, 2, 2, 2), runs(3, 3, 3, 3)}, false, true},
		{"better", measured, Counts{runs(30, 28, 33, 31), runs(0, 0, 0, 0)}, false, true},
		{"four errors", measured, Counts{runsOf(100, []int64{0, 0}), runsOf(100, []int64{2, 2})}, false, true},
		{"all in one run", measured, Counts{runs(0, 0, 0, 0), runs(0, 122, 0, 0)}, false, true},
		{"single runs, one is enough", assumed, Counts{runs(0), runs(122)}, true, false},
		{"one run on one side is enough", assumed, Counts{runs(0, 0, 0), runs(500)}, true, false},
		{"noisy dispersion", Dispersion{Phi: 40, DF: 6}, Counts{runs(0, 0, 0, 0), runs(30, 28, 33, 31)}, false, false},
		{"everything fails", measured, Counts{runs(0, 0), runs(2000, 2000)}, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.d.ErrorTest(tt.counts, 0.001)
			if !r.Testable || (r.P < 0.01) != tt.reject || (r.P == 1) != tt.one {
				t.Errorf("P = %g, testable %t, want reject %t, one %t", r.P, r.Testable, tt.reject, tt.one)
			}
		})
	}
}

func TestErrorTestFields(t *testing.T) {
	counts := Counts{runs(1, 0, 2, 1), runs(9, 14, 11, 12)}
	d := Dispersion{Phi: 2, DF: 6}
	got := d.ErrorTest(counts, 0.001)
	want := RateTest{
		BaselineErrors: 4, BaselineRequests: 8000, BaselineRate: 0.0005,
		CandidateErrors: 46, CandidateRequests: 8000, CandidateRate: 0.00575,
		Diff: 0.00525, P: got.P, Testable: true, Dispersion: d,
	}
	if diff := cmp.Diff(want, got, approx); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// P is defined by the bound: at that level it is the threshold.
	if lower := got.Lower(got.P); math.Abs(lower/0.001-1) > 1e-9 {
		t.Errorf("lower bound at P = %g is %g, want the threshold", got.P, lower)
	}
}

// TestErrorTestIsMonotone: one more error in each run never raises P.
func TestErrorTestIsMonotone(t *testing.T) {
	d := Dispersion{Phi: 1.5, DF: 8}
	base := runs(1, 2, 1, 0, 3)
	last := 1.0
	for x := int64(0); x <= 2000; x += 10 {
		r := d.ErrorTest(Counts{base, runs(x, x, x, x, x)}, 0.001)
		if r.P > last || math.IsNaN(r.P) {
			t.Errorf("%d errors a run: P %g after %g", x, r.P, last)
		}
		last = r.P
	}
	if !(last > 0) {
		t.Errorf("P %g lost its precision", last)
	}
}

func TestUntestableRatesDecideNothing(t *testing.T) {
	ok := runs(1, 2, 0, 1)
	measured := Dispersion{Phi: 1, DF: 6}
	for _, tt := range []struct {
		name   string
		d      Dispersion
		counts Counts
	}{
		{"nothing", measured, Counts{}},
		{"no baseline", measured, Counts{nil, ok}},
		{"no candidate", measured, Counts{ok, nil}},
		{"no requests", measured, Counts{ok, []RunCount{{}, {}}}},
		{"negative errors", measured, Counts{ok, []RunCount{{-1, 10}}}},
		{"negative requests", measured, Counts{ok, []RunCount{{0, -10}}}},
		{"more errors than requests", measured, Counts{[]RunCount{{11, 10}}, ok}},
		{"zero dispersion", Dispersion{}, Counts{ok, ok}},
		{"dispersion is no number", Dispersion{nan, nan}, Counts{ok, ok}},
		{"dispersion below 1", Dispersion{0.5, 6}, Counts{ok, ok}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.d.ErrorTest(tt.counts, 0.001)
			want := RateTest{P: 1, Dispersion: tt.d}
			if diff := cmp.Diff(want, r, cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if r.Lower(.01) != -1 || r.Upper(.05) != 1 || r.Passes(.05, .001) {
				t.Errorf("decides: %+v", r)
			}
		})
	}
}

func TestRateBoundsNeedALevel(t *testing.T) {
	r := Dispersion{Phi: 1, DF: 6}.ErrorTest(Counts{runs(1, 1, 1, 1), runs(2, 2, 2, 2)}, 0.001)
	for _, level := range []float64{0, -1, 0.6, 1, nan} {
		if lo, hi := r.Lower(level), r.Upper(level); lo != -1 || hi != 1 {
			t.Errorf("level %g: bounds %g, %g, want -1, 1", level, lo, hi)
		}
	}
	if lo, hi := r.Lower(.5), r.Upper(.5); lo != r.Diff || hi != r.Diff {
		t.Errorf("level 0.5: bounds %g, %g, want the difference %g", lo, hi, r.Diff)
	}
}

func TestPasses(t *testing.T) {
	for _, tt := range []struct {
		name      string
		d         Dispersion
		counts    Counts
		threshold float64
		want      bool
	}{
		{"same rates, many requests", Dispersion{1, 6}, Counts{runs(4, 6, 5, 5), runs(5, 6, 4, 5)}, 0.001, true},
		{"same rates, few requests", Dispersion{1, 6}, Counts{runsOf(100, []int64{1, 1}), runsOf(100, []int64{1, 1})}, 0.001, false},
		{"worse", Dispersion{1, 6}, Counts{runs(0, 0, 0, 0), runs(9, 14, 11, 12)}, 0.001, false},
		{"no errors, 3 over 5 thresholds", Dispersion{5, inf}, Counts{runsOf(600, []int64{0}), runsOf(600, []int64{0})}, 0.001, true},
		{"no errors, one request less", Dispersion{5, inf}, Counts{runsOf(599, []int64{0}), runsOf(599, []int64{0})}, 0.001, false},
		{"no errors, but nothing to compare with", Dispersion{5, inf}, Counts{nil, runsOf(6000, []int64{0})}, 0.001, false},
		{"no threshold", Dispersion{1, 6}, Counts{runs(0, 0), runs(0, 0)}, 0, false},
		{"negative threshold", Dispersion{1, 6}, Counts{runs(9, 9), runs(0, 0)}, -1, false},
		{"threshold is no number", Dispersion{1, 6}, Counts{runs(0, 0), runs(0, 0)}, nan, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.d.ErrorTest(tt.counts, tt.threshold).Passes(0.0125, tt.threshold); got != tt.want {
				t.Errorf("Passes = %t, want %t", got, tt.want)
			}
		})
	}
}

func TestDispersed(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []Counts
		want Dispersion
	}{
		{"nothing", nil, Dispersion{5, inf}},
		{"single runs", []Counts{{runs(3), runs(9)}}, Dispersion{5, inf}},
		{"one run on a side", []Counts{{runs(3, 2, 4), runs(9)}}, Dispersion{5, inf}},
		{"a run without requests is none", []Counts{{runs(3, 2), []RunCount{{9, 2000}, {}}}}, Dispersion{5, inf}},
		{"no errors", []Counts{{runs(0, 0, 0), runs(0, 0)}}, Dispersion{1, 3}},
		{"all errors", []Counts{{runs(0, 0), runs(2000, 2000)}}, Dispersion{1, 2}},
		{"even counts", []Counts{{runs(4, 4), runs(8, 8)}}, Dispersion{1, 2}},
		// Each side: (x - 10)²·2/(10·0.995) = 2·100/9.95.
		{"uneven", []Counts{{runs(0, 20), runs(20, 0)}}, Dispersion{2 * 200 / 9.95 / 2, 2}},
		{"an endpoint seen in one run adds none", []Counts{{runs(0, 20), runs(20, 0)}, {runs(7), runs(1)}}, Dispersion{2 * 200 / 9.95 / 2, 2}},
		{"impossible", []Counts{{runs(3, 2), []RunCount{{5, 1}, {0, 10}}}}, Dispersion{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Dispersed(tt.in), approx); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestPool(t *testing.T) {
	first := Counts{Baseline: []RunCount{{1, 10}, {2, 20}}, Candidate: []RunCount{{0, 5}}}
	got := Pool([]Counts{first, {Baseline: []RunCount{{3, 30}}, Candidate: []RunCount{{4, 40}, {5, 50}}}})
	want := Counts{Baseline: []RunCount{{4, 40}, {2, 20}}, Candidate: []RunCount{{4, 45}, {5, 50}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]RunCount{{1, 10}, {2, 20}}, first.Baseline); diff != "" {
		t.Errorf("an endpoint's own counts changed (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(Counts{}, Pool(nil)); diff != "" {
		t.Errorf("of nothing (-want +got)\n%s", diff)
	}
}

func TestIntervalsOfBadCounts(t *testing.T) {
	for _, c := range [][3]float64{{0, 0, 2}, {1, -1, 2}, {-1, 10, 2}, {11, 10, 2}, {nan, 10, 2}, {1, nan, 2}, {1, 10, nan}, {1, 10, -1}, {1, 10, inf}, {1, inf, 2}} {
		if lo, hi := Wilson(c[0], c[1], c[2]); lo != 0 || hi != 1 {
			t.Errorf("Wilson%v = %g, %g, want everything", c, lo, hi)
		}
		if diff, lo, hi := Newcombe(c[0], c[1], 3, 10, c[2]); lo > -0.7 || hi < 1-0.7 || math.IsNaN(diff) {
			t.Errorf("Newcombe%v = %g in %g, %g", c, diff, lo, hi)
		}
	}
}

// TestIntervalsProperties: an interval holds its estimate, lies in range, and
// swapping the sides mirrors it.
func TestIntervalsProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		n1, n2 := 1+r.Float64()*1e5, 1+r.Float64()*10
		x1, x2 := math.Floor(n1*r.Float64()*r.Float64()), math.Floor(n2*r.Float64())
		q := 6 * r.Float64()
		lo, hi := Wilson(x1, n1, q)
		if p := x1 / n1; !(0 <= lo && lo <= p+1e-15 && p <= hi+1e-15 && hi <= 1) {
			t.Errorf("Wilson(%g, %g, %g) = %g, %g", x1, n1, q, lo, hi)
		}
		d, l, h := Newcombe(x1, n1, x2, n2, q)
		md, ml, mh := Newcombe(x2, n2, x1, n1, q)
		if !(-1 <= l && l <= d && d <= h && h <= 1) {
			t.Errorf("Newcombe(%g, %g, %g, %g, %g) = %g in %g, %g", x1, n1, x2, n2, q, d, l, h)
		}
		if diff := cmp.Diff([]float64{-d, -h, -l}, []float64{md, ml, mh}, approx); diff != "" {
			t.Errorf("swapped (-want +got)\n%s", diff)
		}
	}
}
