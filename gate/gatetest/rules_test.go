package gatetest

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/perfgate/perfgate/gate/hist"
	"github.com/perfgate/perfgate/gate/stats"
)

// oracle tolerates what two ways of summing differ by.
var oracle = cmpopts.EquateApprox(1e-9, 1e-12)

func TestRulesAgainstTheOracle(t *testing.T) {
	b, err := os.ReadFile("../stats/testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Welch struct {
			X, Y               []float64
			Diff, Ratio, T, DF float64
			P                  float64 `json:"p_two_sided"`
		} `json:"welch_log"`
		MannWhitney struct {
			X, Y     []float64
			U        float64
			PGreater float64 `json:"p_greater"`
			P        float64 `json:"p_two_sided"`
		} `json:"mann_whitney_exact"`
		MinP map[string]float64 `json:"mw_min_p_one_sided"`
	}
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	welch := WelchLog(g.Welch.X, g.Welch.Y)
	if diff := cmp.Diff(Welch{Theta: g.Welch.Diff, T: g.Welch.T, DF: g.Welch.DF, P: g.Welch.P}, welch, oracle); diff != "" {
		t.Errorf("welch_log (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(g.Welch.Ratio, math.Exp(welch.Theta), oracle); diff != "" {
		t.Errorf("welch_log ratio (-want +got)\n%s", diff)
	}
	want := MannWhitney{U: g.MannWhitney.U, PGreater: g.MannWhitney.PGreater, P: g.MannWhitney.P}
	if diff := cmp.Diff(want, MannWhitneyExact(g.MannWhitney.X, g.MannWhitney.Y), oracle); diff != "" {
		t.Errorf("mann_whitney_exact (-want +got)\n%s", diff)
	}
	minP := map[string]float64{}
	for n := 2; n <= 10; n++ {
		var low, high []float64
		for i := range n {
			low, high = append(low, float64(i)), append(high, float64(n+i))
		}
		minP[fmt.Sprintf("%dx%d", n, n)] = MannWhitneyExact(low, high).PGreater
	}
	if diff := cmp.Diff(g.MinP, minP, oracle); diff != "" {
		t.Errorf("mw_min_p_one_sided (-want +got)\n%s", diff)
	}
}

func TestWelchLog(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	ok := []float64{10, 11, 12}
	for _, tt := range []struct {
		name                string
		baseline, candidate []float64
	}{
		{"nothing", nil, nil},
		{"one run", ok, []float64{10}},
		{"zero", ok, []float64{0, 10}},
		{"negative", []float64{-1, 10}, ok},
		{"NaN", ok, []float64{nan, 10}},
		{"infinite", ok, []float64{inf, 10}},
		{"no variance", []float64{10, 10}, []float64{20, 20}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(Welch{P: 1}, WelchLog(tt.baseline, tt.candidate)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	there, back := WelchLog(ok, []float64{12, 12.5, 14}), WelchLog([]float64{12, 12.5, 14}, ok)
	if diff := cmp.Diff(Welch{Theta: -there.Theta, T: -there.T, DF: there.DF, P: there.P}, back, oracle); diff != "" {
		t.Errorf("sides swapped (-want +got)\n%s", diff)
	}
}

func TestMannWhitneyExact(t *testing.T) {
	for _, tt := range []struct {
		name                string
		baseline, candidate []float64
		want                MannWhitney
	}{
		{"nothing", nil, nil, MannWhitney{0, 1, 1}},
		{"no baseline", nil, []float64{1}, MannWhitney{0, 1, 1}},
		{"no candidate", []float64{1}, nil, MannWhitney{0, 1, 1}},
		{"NaN", []float64{1, math.NaN()}, []float64{2, 3}, MannWhitney{0, 1, 1}},
		{"one each", []float64{1}, []float64{2}, MannWhitney{1, 0.5, 1}},
		{"all equal", []float64{5, 5}, []float64{5, 5}, MannWhitney{2, 1, 1}},
		{"slower", []float64{1, 2, 3}, []float64{4, 5, 6}, MannWhitney{9, 0.05, 0.1}},
		{"faster", []float64{4, 5, 6}, []float64{1, 2, 3}, MannWhitney{0, 1, 0.1}},
		// Midranks 1, 2.5 against 2.5, 4: of the six ways to deal them two
		// reach the candidate's 6.5.
		{"a tie", []float64{1, 2}, []float64{2, 3}, MannWhitney{3.5, 2.0 / 6, 4.0 / 6}},
		{"unequal sizes", []float64{1}, []float64{2, 3, 4}, MannWhitney{3, 0.25, 0.5}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, MannWhitneyExact(tt.baseline, tt.candidate), oracle); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestRankFormulasAgree holds hist's nearest rank, which may not import stats,
// to the one of stats: in a histogram of 1 to n µs each value is its rank.
func TestRankFormulasAgree(t *testing.T) {
	h := hist.New()
	for n := int64(1); n <= 1000; n++ {
		h.Record(n)
		for _, p := range []float64{0, 0.001, 0.07, 0.29, 0.5, 0.9, 0.95, 0.99, 0.999, 1} {
			if got, want := h.Quantile(p), float64(stats.Rank(n, p)); got != want {
				t.Errorf("n %d, p %g: hist says %g, stats says %g", n, p, got, want)
			}
		}
	}
}
