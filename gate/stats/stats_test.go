package stats

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	inf      = math.Inf(1)
	nan      = math.NaN()
	declared = Prior{SD: 0.05, DF: 4}
)

// documented is a value in a doc comment: want has the digits printed there.
type documented struct {
	name string
	got  float64
	want string
}

func checkDocumented(t *testing.T, values []documented) {
	t.Helper()
	for _, v := range values {
		_, decimals, _ := strings.Cut(v.want, ".")
		if got := strconv.FormatFloat(v.got, 'f', len(decimals), 64); got != v.want {
			t.Errorf("%s: got %s, documented %s", v.name, got, v.want)
		}
	}
}

func TestDocumentedEstimates(t *testing.T) {
	single := Estimate{Theta: 0.3, SE: 0.0707107, DF: 4, N: 1}
	better := Estimate{Theta: -0.3, SE: 0.0707107, DF: 4, N: 1}
	wmt := WMT([]float64{0.101, 0.083, 0.11}, declared, 0)
	job := Predictive(logs([]float64{45, 47, 43, 47, 46, 44, 49, 46, 52, 47}), math.Log(54), declared)
	blocks := Blocks(logs([]float64{41.2, 42.0}), logs([]float64{44.1, 43.5}), declared, 0.04)
	one := Single(math.Log(41.2), math.Log(55), 0.0640312, 0.02)
	session := []float64{0.1, 0, 0.1, 0, 0.05}
	pooled := PoolNoise([][]float64{session, session, session, session, session},
		[]float64{.01, .01, .01, .01, .01}, declared)
	learned, _ := pooled.Learn()
	checkDocumented(t, []documented{
		{"Prior.Plus", declared.Plus(0.03).SD, "0.0583095"},
		{"Estimate.P", single.P(), "0.0066178"},
		{"Estimate.PLess", better.PLess(), "0.0066178"},
		{"Estimate.Lower", single.Lower(0.01), "0.0350507"},
		{"Estimate.Upper", single.Upper(0.05), "0.4507444"},
		{"TQuantile", TQuantile(0.99, 8), "2.896459"},
		{"NormalQuantile", NormalQuantile(0.99), "2.326348"},
		{"Median", Median([]float64{3, 1, 2, 10}), "2.5"},
		{"GeometricMean", GeometricMean([]float64{10, 40}), "20"},
		{"Winsorise", Winsorise([]float64{0.004, -0.011, 0.002, 0.41, 0.009}, declared)[3], "0.1807767"},
		{"WMT theta", wmt.Theta, "0.098"},
		{"WMT se", wmt.SE, "0.0336469"},
		{"WMT df", wmt.DF, "6"},
		{"WMT p", wmt.P(), "0.0134445"},
		{"Predictive theta", job.Theta, "0.1486999"},
		{"Predictive se", job.SE, "0.0564392"},
		{"Predictive df", job.DF, "13"},
		{"Predictive p", job.P(), "0.0103015"},
		{"Blocks theta", blocks.Theta, "0.0515564"},
		{"Blocks se", blocks.SE, "0.0700937"},
		{"Blocks df", blocks.DF, "6"},
		{"Blocks p", blocks.P(), "0.2448778"},
		{"Single theta", one.Theta, "0.2888949"},
		{"Single se", one.SE, "0.1"},
		{"Single p", one.P(), "0.0019326"},
		{"PairNoise.MDE", 100 * PairNoise{SD: 0.05, Prior: Prior{0.05 / math.Sqrt2, 4}}.MDE(5, 0.01), "8.96"},
		{"PoolNoise", pooled.Variance, "0.00125"},
		{"PoolNoise df", pooled.DF, "20"},
		{"Learn", learned.SD, "0.0339116"},
		{"Learn df", learned.DF, "8"},
	})
}

func TestDocumentedRowsAndPlans(t *testing.T) {
	lo, hi := OrderRanks(2000, 0.95)
	equalNoise := PairNoise{SD: 0.05, Prior: Prior{SD: 0.05 / math.Sqrt2, DF: 4}}
	pairs, _ := PairsNeeded(math.Log(1.1), equalNoise, 0.01, 100)
	checkDocumented(t, []documented{
		{"Holm", Holm([]float64{0.001, 0.04, 0.012, 0.2, 0.0049})[2], "0.036"},
		{"Overall", Overall([][]float64{{0.012, -0.02}, {0.182, 0.171}})[1], "0.0755"},
		{"OverallSE", OverallSE([]float64{0.03, 0.03, 0.03}), "0.0173205"},
		{"Relative", Relative([][]float64{{0.012, -0.02}, {0.182, 0.171}, {-0.008, -0.031}}, 1)[1], "0.1965"},
		{"RelativeSE", RelativeSE([]float64{0.03, 0.03, 0.03}, 2), "0.0367423"},
		{"Rank", float64(Rank(100, 0.07)), "7"},
		{"OrderRanks lo", float64(lo), "1890"},
		{"OrderRanks hi", float64(hi), "1911"},
		{"RankSE", RankSE(2000, 0.95, logNormal(2000)), "0.0127614"},
		{"PercentileSE", PercentileSE(2000, 0.95, Percentile{0.9, 10}, Percentile{0.99, 14}), "0.0182196"},
		{"Power", Power(math.Log(1.1), equalNoise, 5, 0.01), "0.881288"},
		{"MDE", 100 * MDE(0.05/math.Sqrt(5), 8, 0.01), "8.96"},
		{"PairsNeeded", float64(pairs), "5"},
	})
}

func TestDocumentedRates(t *testing.T) {
	counts := Counts{
		Baseline:  runsOf(6000, []int64{3, 5, 2, 9, 4}),
		Candidate: runsOf(6000, []int64{12, 30, 9, 22, 15}),
	}
	d := Dispersed([]Counts{counts})
	rate := d.ErrorTest(counts, 0.001)
	wilsonLo, wilsonHi := Wilson(3, 6000, 1.959963985)
	diff, newcombeLo, newcombeHi := Newcombe(30, 30000, 60, 30000, 2.326347874)
	checkDocumented(t, []documented{
		{"Dispersed phi", d.Phi, "2.8256144"},
		{"Dispersed df", d.DF, "8"},
		{"ErrorTest baseline", rate.BaselineRate, "0.0007667"},
		{"ErrorTest candidate", rate.CandidateRate, "0.0029333"},
		{"ErrorTest p", rate.P, "0.0395757"},
		{"RateTest.Lower", rate.Lower(0.01), "0.0004380"},
		{"RateTest.Upper", rate.Upper(0.01), "0.0041859"},
		{"Wilson lo", wilsonLo, "0.00017006"},
		{"Wilson hi", wilsonHi, "0.00146913"},
		{"Newcombe diff", diff, "0.001"},
		{"Newcombe lo", newcombeLo, "0.00026403"},
		{"Newcombe hi", newcombeHi, "0.00177679"},
	})
}

// TestTQuantileIsExact compares with the closed forms for 1 and 2 degrees of
// freedom and with the tail itself for all others.
func TestTQuantileIsExact(t *testing.T) {
	for _, level := range []float64{0.4, 0.1, 0.05, 0.01, 0.002, 1e-5, 1e-9, 1e-15} {
		two := (1 - 2*level) / math.Sqrt(2*level*(1-level))
		one := 1 / math.Tan(math.Pi*level)
		for df, want := range map[float64]float64{1: one, 2: two} {
			if got := upperQuantile(level, df); math.Abs(got/want-1) > 1e-11 {
				t.Errorf("upperQuantile(%g, %g) = %.14g, want %.14g", level, df, got, want)
			}
		}
		for _, df := range []float64{0.7, 3, 4, 5.5, 8, 15, 30, 120, 1000, 1e6, inf} {
			x := upperQuantile(level, df)
			if got := upperTail(x, df); math.Abs(got/level-1) > 1e-9 {
				t.Errorf("tail of upperQuantile(%g, %g) = %.14g", level, df, got)
			}
			if got := TQuantile(level, df); got != -x {
				t.Errorf("TQuantile(%g, %g) = %g, want %g", level, df, got, -x)
			}
		}
	}
}

func TestQuantilesAtTheEdge(t *testing.T) {
	for _, tt := range []struct {
		name        string
		p, df, want float64
	}{
		{"no probability", 0, 5, -inf},
		{"below none", -1, 5, -inf},
		{"all", 1, 5, inf},
		{"above all", 2, 5, inf},
		{"not a number", nan, 5, inf},
		{"middle", 0.5, 5, 0},
		{"no degrees of freedom, high", 0.99, 0, inf},
		{"no degrees of freedom, low", 0.01, 0, -inf},
		{"no degrees of freedom, middle", 0.5, 0, 0},
		{"unknown degrees of freedom", 0.99, nan, inf},
		{"normal, all", 1, inf, inf},
		{"beyond the largest float", 1e-100, 0.1, -inf},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := TQuantile(tt.p, tt.df); got != tt.want {
				t.Errorf("TQuantile(%g, %g) = %g, want %g", tt.p, tt.df, got, tt.want)
			}
		})
	}
	if got := NormalQuantile(0); got != -inf {
		t.Errorf("NormalQuantile(0) = %g, want -Inf", got)
	}
}

// TestTailKeepsPrecision: 1-CDF would be 0 here.
func TestTailKeepsPrecision(t *testing.T) {
	// P(T > x) with 2 degrees of freedom is (1 - x/sqrt(2+x²))/2, about 1/(2x²).
	if got, want := upperTail(1e9, 2), 0.5e-18; math.Abs(got/want-1) > 1e-9 {
		t.Errorf("upperTail(1e9, 2) = %g, want %g", got, want)
	}
	e := Estimate{Theta: 10, SE: 1, DF: inf, N: 2}
	if got, want := e.P(), 7.61985302416059e-24; math.Abs(got/want-1) > 1e-9 {
		t.Errorf("P at 10 standard errors = %g, want %g", got, want)
	}
}

func TestEstimateBoundsNeedALevel(t *testing.T) {
	e := Estimate{Theta: 0.1, SE: 0.02, DF: 6, N: 3}
	for _, level := range []float64{0, 1, -1, 2, nan} {
		if lo, hi := e.Lower(level), e.Upper(level); lo != -inf || hi != inf {
			t.Errorf("level %g: bounds %g, %g, want infinite", level, lo, hi)
		}
	}
	if lo, hi := e.Lower(0.9), e.Upper(0.1); lo <= e.Theta || math.Abs(lo-hi) > 1e-12 {
		t.Errorf("Lower(0.9) = %g is not Upper(0.1) = %g", lo, hi)
	}
}

func TestLearn(t *testing.T) {
	noisy := []float64{0.1, -0.1, 0, 0.1, -0.1}
	quiet := []float64{0.001, -0.001, 0.001, 0, 0}
	rep := func(d []float64, n int) (out [][]float64) {
		for range n {
			out = append(out, d)
		}
		return out
	}
	none := make([]float64, 6)
	for _, tt := range []struct {
		name string
		d    [][]float64
		se   []float64
		want Prior
	}{
		{"nothing", nil, nil, declared},
		{"too little", rep(noisy, 4), none, declared},
		{"noisy", rep(noisy, 5), none, Prior{SD: math.Sqrt(0.005), DF: 8}},
		{"floor", rep(quiet, 5), none, Prior{SD: 0.03, DF: 8}},
		{"within-run error explains it all", rep(noisy, 5), []float64{1, 1, 1, 1, 1}, Prior{SD: 0.03, DF: 8}},
		{"a shifted session teaches the same", append(rep(noisy, 4), []float64{1.1, .9, 1, 1.1, .9}), none, Prior{SD: math.Sqrt(0.005), DF: 8}},
		{"unusable ones left out", append(rep(noisy, 5), []float64{nan, 1}, nil), append(none, 0), Prior{SD: math.Sqrt(0.005), DF: 8}},
		{"missing se left out", rep(noisy, 5), none[:4], declared},
		{"unknown se left out", rep(noisy, 5), []float64{0, 0, 0, 0, inf}, declared},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := PoolNoise(tt.d, tt.se, declared).Learn()
			if !ok {
				got = declared
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLearnedPrior(t *testing.T) {
	for sd, want := range map[float64]float64{0: 0.03, 0.02: 0.03, 0.07: 0.07, math.Inf(-1): 0.03} {
		if got := LearnedPrior(sd); got != (Prior{SD: want, DF: 8}) {
			t.Errorf("LearnedPrior(%g) = %+v, want SD %g, DF 8", sd, got, want)
		}
	}
	if got := LearnedPrior(nan); got != (Prior{SD: 0.03, DF: 8}) {
		t.Errorf("LearnedPrior(NaN) = %+v", got)
	}
}

func TestGeometricMeanAndMedianOfNothing(t *testing.T) {
	for name, x := range map[string][]float64{"empty": nil, "NaN": {1, nan}} {
		if got := Median(x); !math.IsNaN(got) {
			t.Errorf("Median of %s = %g, want NaN", name, got)
		}
	}
	for name, x := range map[string][]float64{"empty": nil, "NaN": {1, nan}, "zero": {1, 0}, "negative": {-1, -1}, "infinite": {1, inf}} {
		if got := GeometricMean(x); !math.IsNaN(got) {
			t.Errorf("GeometricMean of %s = %g, want NaN", name, got)
		}
	}
	if got := Median([]float64{math.MaxFloat64, math.MaxFloat64}); got != math.MaxFloat64 {
		t.Errorf("Median of two largest floats = %g", got)
	}
}
