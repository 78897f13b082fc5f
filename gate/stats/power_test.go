package stats

import (
	"math"
	"testing"
)

// TestPowerOfTheWorkedTable repeats the MDE row of docs/method.md 7 for a run
// noise of 5 %, n = 3, 4, 5, 6, 8, 10, 12, 15, 20, alpha 0.01: rounded per
// cents of a moderated test whose prior has the noise of the data.
func TestPowerOfTheWorkedTable(t *testing.T) {
	want := []float64{12.7, 10.4, 9.0, 8.0, 6.6, 5.8, 5.2, 4.5, 3.8}
	for i, n := range []float64{3, 4, 5, 6, 8, 10, 12, 15, 20} {
		got := 100 * MDE(0.05/math.Sqrt(n), n-1+4, 0.01)
		if math.Abs(got-want[i]) > 0.051 {
			t.Errorf("n %g: MDE %.2f %%, want %.1f %%", n, got, want[i])
		}
	}
}

// TestPairsNeededOfTheWorkedTable repeats the paired columns of docs/method.md
// 7 (plain t, correlation 0.5, against 0).
func TestPairsNeededOfTheWorkedTable(t *testing.T) {
	want := map[float64][3]int{0.02: {5, 4, 3}, 0.05: {14, 6, 4}, 0.10: {45, 14, 6}}
	for sd, row := range want {
		for i, effect := range []float64{0.05, 0.10, 0.20} {
			n, ok := PairsNeeded(math.Log1p(effect), PairNoise{SD: sd}, 0.01, 200)
			if n != row[i] || !ok {
				t.Errorf("noise %g, effect %g: %d pairs (%t), want %d", sd, effect, n, ok, row[i])
			}
		}
	}
}

func TestPairsNeededHasALimit(t *testing.T) {
	for _, tt := range []struct {
		name   string
		effect float64
		noise  PairNoise
		limit  int
	}{
		{"limit below", math.Log(1.1), PairNoise{SD: 0.05}, 5},
		{"no limit given", math.Log(1.1), PairNoise{SD: 0.05}, 0},
		{"no effect", 0, PairNoise{SD: 0.05}, 200},
		{"improvement", -0.1, PairNoise{SD: 0.05}, 200},
		{"noise between processes stays", math.Log(1.05), PairNoise{SD: 0.01, Process: 0.02}, 200},
		{"no noise known", 0.1, PairNoise{}, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n, ok := PairsNeeded(tt.effect, tt.noise, 0.01, tt.limit); n != 0 || ok {
				t.Errorf("got %d, %t, want 0, false", n, ok)
			}
		})
	}
}

// TestMDEInvertsPower: a change of the MDE is found in 80 % of cases.
func TestMDEInvertsPower(t *testing.T) {
	for _, df := range []float64{4, 5, 8, 15, 40, inf} {
		for _, alpha := range []float64{0.05, 0.008, 0.002, 0.0001} {
			effect := math.Log1p(MDE(0.03, df, alpha))
			if got := power(effect/0.03, df, alpha); math.Abs(got-0.8) > 1e-9 {
				t.Errorf("df %g, alpha %g: power at the MDE is %g", df, alpha, got)
			}
		}
	}
}

func TestPowerProperties(t *testing.T) {
	noise := PairNoise{SD: 0.05, Prior: Prior{SD: 0.05, DF: 4}}
	last := 0.0
	for n := 1; n <= 12; n++ {
		p := Power(0.1, noise, n, 0.004)
		if p <= last {
			t.Errorf("%d pairs: power %g, after %g with one less", n, p, last)
		}
		last = p
	}
	if got := Power(0, noise, 6, 0.004); math.Abs(got-0.004) > 1e-9 {
		t.Errorf("power without an effect is %g, want the level", got)
	}
	restarted, external := noise, noise
	external.Process = 0.02
	if Power(0.1, external, 6, 0.004) >= Power(0.1, restarted, 6, 0.004) {
		t.Error("noise between processes costs no power")
	}
}

func TestPowerOfBadInput(t *testing.T) {
	ok := PairNoise{SD: 0.05, Prior: declared}
	for name, got := range map[string]float64{
		"no pairs":              Power(0.1, ok, 0, 0.01),
		"negative pairs":        Power(0.1, ok, -3, 0.01),
		"effect is no number":   Power(nan, ok, 5, 0.01),
		"infinite effect":       Power(inf, ok, 5, 0.01),
		"no level":              Power(0.1, ok, 5, 0),
		"level is no number":    Power(0.1, ok, 5, nan),
		"level 1":               Power(0.1, ok, 5, 1),
		"noise is no number":    Power(0.1, PairNoise{SD: nan}, 5, 0.01),
		"prior is no number":    Power(0.1, PairNoise{SD: 0.05, Prior: Prior{nan, 4}}, 5, 0.01),
		"no degrees of freedom": Power(0.1, PairNoise{SD: 0.05}, 1, 0.01),
	} {
		if got != 0 {
			t.Errorf("%s: power %g, want 0", name, got)
		}
	}
	for name, got := range map[string]float64{
		"no error known":        MDE(0, 8, 0.01),
		"no pair":               PairNoise{SD: 0.05, Prior: declared}.MDE(0, 0.01),
		"prior is no number":    PairNoise{SD: 0.05, Prior: Prior{nan, 4}}.MDE(4, 0.01),
		"negative error":        MDE(-1, 8, 0.01),
		"error is no number":    MDE(nan, 8, 0.01),
		"infinite error":        MDE(inf, 8, 0.01),
		"no degrees of freedom": MDE(0.02, 0, 0.01),
		"no level":              MDE(0.02, 8, 0),
	} {
		if got != inf {
			t.Errorf("%s: MDE %g, want +Inf", name, got)
		}
	}
}
