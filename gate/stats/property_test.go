package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// tolerance for sums taken in another order.
var approx = cmpopts.EquateApprox(1e-9, 1e-12)

// design is one of the four ways to make an Estimate of two sides' log values.
type design struct {
	name string
	test func(baseline, candidate []float64) Estimate
}

func designs() []design {
	return []design{
		{"paired", func(b, c []float64) Estimate { return WMT(differences(b, c), declared, 0) }},
		{"paired, targets not restarted", func(b, c []float64) Estimate { return WMT(differences(b, c), declared, 0.02) }},
		{"history", func(b, c []float64) Estimate { return Predictive(b, Median(c), declared) }},
		{"blocks", func(b, c []float64) Estimate { return Blocks(b, c, declared, 0.04) }},
		{"single", func(b, c []float64) Estimate { return Single(b[0], c[0], 0.064, 0.02) }},
	}
}

func differences(b, c []float64) []float64 {
	d := make([]float64, len(b))
	for i := range d {
		d[i] = c[i] - b[i]
	}
	return d
}

// sample draws n log values around mu, one in ten far off.
func sample(r *rand.Rand, n int, mu float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = mu + 0.05*r.NormFloat64()
		if r.IntN(10) == 0 {
			x[i] += 0.3
		}
	}
	return x
}

func add(x []float64, by float64) []float64 {
	out := slices.Clone(x)
	for i := range out {
		out[i] += by
	}
	return out
}

// forSamples runs check for each design on samples of 1 to 12 values a side.
func forSamples(t *testing.T, check func(t *testing.T, d design, r *rand.Rand, b, c []float64)) {
	t.Helper()
	for _, d := range designs() {
		t.Run(d.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for n := 1; n <= 12; n++ {
				check(t, d, r, sample(r, n, 3), sample(r, n, 3.05))
			}
		})
	}
}

// TestScaleInvariance: milliseconds or microseconds, the answer is the same.
func TestScaleInvariance(t *testing.T) {
	forSamples(t, func(t *testing.T, d design, _ *rand.Rand, b, c []float64) {
		k := math.Log(1000)
		want, got := d.test(b, c), d.test(add(b, k), add(c, k))
		if diff := cmp.Diff(want, got, approx); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// TestSwapFlipsTheSign: with the sides exchanged worse becomes better.
func TestSwapFlipsTheSign(t *testing.T) {
	forSamples(t, func(t *testing.T, d design, _ *rand.Rand, b, c []float64) {
		if d.name == "history" {
			return // its sides are not alike
		}
		e, f := d.test(b, c), d.test(c, b)
		got := []float64{f.Theta, f.SE, f.P(), f.PLess(), f.Lower(.01), f.Upper(.05)}
		want := []float64{-e.Theta, e.SE, e.PLess(), e.P(), -e.Upper(.01), -e.Lower(.05)}
		if diff := cmp.Diff(want, got, approx); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// TestMonotoneInTheEffect: a candidate that is slower throughout never looks
// better.
func TestMonotoneInTheEffect(t *testing.T) {
	forSamples(t, func(t *testing.T, d design, _ *rand.Rand, b, c []float64) {
		last := d.test(b, c)
		for _, by := range []float64{0.01, 0.05, 0.2, 1} {
			e := d.test(b, add(c, by))
			if !(e.P() < last.P() && e.PLess() > last.PLess() && e.Lower(.01) > last.Lower(.01) && e.Upper(.05) > last.Upper(.05)) {
				t.Errorf("n %d, by %g: p %g after %g", len(b), by, e.P(), last.P())
			}
			last = e
		}
	})
}

// TestOrderDoesNotMatter: runs of a side, or whole pairs, in any order.
func TestOrderDoesNotMatter(t *testing.T) {
	forSamples(t, func(t *testing.T, d design, r *rand.Rand, b, c []float64) {
		if d.name == "single" {
			return
		}
		want := d.test(b, c)
		b, c = slices.Clone(b), slices.Clone(c)
		r.Shuffle(len(b), func(i, j int) { b[i], b[j], c[i], c[j] = b[j], b[i], c[j], c[i] })
		if diff := cmp.Diff(want, d.test(b, c), approx); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// TestPriorNeverMakesBold: more assumed noise, never a smaller p for the same
// winsorised data; and the observed variance is the least that is used.
func TestPriorNeverMakesBold(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		x := sample(r, 2, 0.1) // too few to winsorise, so the data stay the same
		narrow, wide := WMT(x, Prior{SD: 0.02, DF: 4}, 0), WMT(x, Prior{SD: 0.08, DF: 4}, 0)
		if narrow.SE > wide.SE {
			t.Errorf("%v: SE %g with the narrow prior, %g with the wide one", x, narrow.SE, wide.SE)
		}
		if narrow.S2 < narrow.S2Raw || wide.S2 < wide.S2Raw {
			t.Errorf("%v: variance used is below the observed one", x)
		}
	}
}

func TestHolmProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		p := make([]float64, 1+r.IntN(12))
		for i := range p {
			p[i] = r.Float64() * r.Float64() * r.Float64()
		}
		adjusted, more := Holm(p), Holm(append(slices.Clone(p), r.Float64()))
		for i := range p {
			if adjusted[i] < p[i] || adjusted[i] > 1 {
				t.Errorf("Holm(%v)[%d] = %g", p, i, adjusted[i])
			}
			if more[i] < adjusted[i] {
				t.Errorf("one more row lowers p %g from %g to %g", p[i], adjusted[i], more[i])
			}
			for j := range p {
				if p[i] < p[j] && adjusted[i] > adjusted[j] {
					t.Errorf("Holm(%v) changes the order of %d and %d", p, i, j)
				}
			}
		}
	}
}

func TestHolmEdges(t *testing.T) {
	for _, tt := range []struct {
		name    string
		p, want []float64
	}{
		{"none", nil, []float64{}},
		{"one", []float64{0.03}, []float64{0.03}},
		{"ties", []float64{0.02, 0.02, 0.02}, []float64{0.06, 0.06, 0.06}},
		{"capped", []float64{0.9, 0.8}, []float64{1, 1}},
		{"NaN counts as 1 and still as a row", []float64{nan, 0.01}, []float64{1, 0.02}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Holm(tt.p), approx); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestBadInputDecidesNothing: no input that cannot be tested may reject or
// pass, whatever the level.
func TestBadInputDecidesNothing(t *testing.T) {
	ok := []float64{1, 1.1, 1.2, 1.3}
	var cases []Estimate
	for _, bad := range []float64{nan, inf, -inf} {
		x := []float64{1, bad, 1.2}
		cases = append(cases,
			WMT(x, declared, 0),
			Predictive(x, 1, declared), Predictive(ok, bad, declared),
			Blocks(x, ok, declared, 0), Blocks(ok, x, declared, 0),
			Single(bad, 1, 0.1, 0), Single(1, bad, 0.1, 0))
	}
	for _, prior := range []Prior{{SD: nan, DF: 4}, {SD: -1, DF: 4}, {SD: .05, DF: nan}, {SD: .05, DF: -1}, {SD: .05, DF: inf}} {
		cases = append(cases, WMT(ok, prior, 0), Predictive(ok, 1, prior), Blocks(ok, ok, prior, 0))
	}
	none := Prior{}
	cases = append(cases,
		Estimate{},
		WMT(nil, declared, 0), WMT(ok, declared, -1), WMT(ok, declared, nan),
		WMT(ok[:1], none, 0), Predictive(ok[:1], 1, none), Blocks(ok[:1], ok[:1], none, 0),
		Predictive(nil, 1, declared),
		Blocks(nil, ok, declared, 0), Blocks(ok, nil, declared, 0),
		Blocks(ok, ok, declared, nan), Blocks(ok, ok, declared, -1),
		Single(1, 2, nan, 0), Single(1, 2, 0.1, nan), Single(1, 2, -1, 0), Single(1, 2, 0.1, -1))
	for i, e := range cases {
		if diff := cmp.Diff(Estimate{}, e); diff != "" {
			t.Errorf("case %d is not the zero Estimate (-want +got)\n%s", i, diff)
		}
		checkUndecided(t, fmt.Sprintf("case %d", i), e)
	}
	// No noise at all, seen or assumed, is a mistake and no certainty; huge
	// values overflow.
	checkUndecided(t, "no noise", WMT([]float64{.2, .2, .2}, none, 0))
	checkUndecided(t, "no noise, single", Single(1, 2, 0, 0))
	checkUndecided(t, "overflow", WMT([]float64{1e308, 1e308, 1e308}, declared, 0))
}

func checkUndecided(t *testing.T, name string, e Estimate) {
	t.Helper()
	got := []float64{e.P(), e.PLess(), e.Lower(.01), e.Upper(.05), e.Lower(.9), e.Upper(.9)}
	if diff := cmp.Diff([]float64{1, 1, -inf, inf, -inf, inf}, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}

// TestUnknownNoiseDecidesNothing: a within-run error of unknown size makes
// the interval everything.
func TestUnknownNoiseDecidesNothing(t *testing.T) {
	d := []float64{0.5, 0.5, 0.5, 0.5}
	for _, se := range []float64{RankSE(0, .95, nil), OverallSE(nil), RelativeSE(nil, 0)} {
		e := WMT(d, declared.Plus(se), 0)
		if diff := cmp.Diff([]float64{.5, -inf, inf}, []float64{e.P(), e.Lower(.01), e.Upper(.05)}); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestInputsAreLeftAlone(t *testing.T) {
	d := []float64{0.41, 0.004, -0.011, 0.002, 0.009}
	p := []float64{0.3, 0.1, nan}
	rows := [][]float64{slices.Clone(d), slices.Clone(d), slices.Clone(d)}
	keepD, keepP := slices.Clone(d), slices.Clone(p)
	WMT(d, declared, 0)
	Predictive(d, 1, declared)
	Median(d)
	Holm(p)
	Relative(rows, 0)
	Relative(rows, 1)
	RelativeSE(d, 1)
	want := [][]float64{keepD, keepD, keepD}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows changed (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(keepD, d); diff != "" {
		t.Errorf("d changed (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(keepP, p, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("p changed (-want +got)\n%s", diff)
	}
}
