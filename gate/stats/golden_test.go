package stats

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// goldenSHA pins testdata/golden.json: values computed with SciPy, not by this
// package. They change only together with the method.
const goldenSHA = "d03f9a654586edd6529fccc4e3930a5d6b1c93eecef05fb043e9428c80fe17e7"

// golden is the part of golden.json that this package answers for. The rest
// (Welch, Mann-Whitney) is checked by gatetest.
type golden struct {
	WMT []struct {
		Name string
		D    []float64
		S0   float64
		Nu0  float64
		Out  struct {
			N          float64
			Winsorised []float64
			Theta      float64
			Ratio      float64
			S2Raw      float64 `json:"s2_raw"`
			S2Used     float64 `json:"s2_used"`
			DF         float64
			SE         float64
			T          float64
			P          float64 `json:"p_greater0"`
			L0005      float64 `json:"L_0005"`
			U05        float64 `json:"U_05"`
			L01        float64 `json:"L_01"`
		}
	}
	WMTExternal []struct {
		D            []float64
		Prior        float64
		PriorDF      float64 `json:"prior_df"`
		WithinRunSE  float64 `json:"within_run_se"`
		ProcessNoise float64 `json:"process_noise"`
		Out          struct{ Theta, SE, DF, P float64 }
	} `json:"wmt_external"`
	Predictive []struct {
		HistMS  []float64 `json:"hist_ms"`
		CandMS  float64   `json:"cand_ms"`
		S0, Nu0 float64
		Out     struct {
			K, Mu       float64
			S2Used      float64 `json:"s2_used"`
			DF, SE, Est float64
			P           float64
			L01         float64 `json:"L_01"`
			U05         float64 `json:"U_05"`
		}
	}
	Blocks []struct {
		Name        string
		BaselineMS  []float64 `json:"baseline_ms"`
		CandidateMS []float64 `json:"candidate_ms"`
		Prior       float64
		PriorDF     float64 `json:"prior_df"`
		JobNoise    float64 `json:"job_noise"`
		Out         struct {
			Theta, Ratio float64
			S2Used       float64 `json:"s2_used"`
			SE, DF, P    float64
			L01          float64 `json:"L_01"`
			U05          float64 `json:"U_05"`
		}
	}
	Single []struct {
		BaselineMS  float64 `json:"baseline_ms"`
		CandidateMS float64 `json:"candidate_ms"`
		Noise       float64
		WithinRunSE float64 `json:"within_run_se"`
		Out         struct {
			LogRatio float64 `json:"log_ratio"`
			SE       float64
			Lower99  float64 `json:"lower_99"`
			P        float64
			SeenFrom float64 `json:"seen_from"`
		}
	}
	ErrorP []struct {
		Endpoints []struct {
			RequestsPerRun  int64   `json:"requests_per_run"`
			BaselineErrors  []int64 `json:"baseline_errors"`
			CandidateErrors []int64 `json:"candidate_errors"`
		}
		Threshold float64
		Out       struct {
			Phi, DF       float64
			BaselineRate  float64 `json:"baseline_rate"`
			CandidateRate float64 `json:"candidate_rate"`
			P             float64
		}
	} `json:"error_p"`
	Overdispersed struct {
		ReqPerRun  int64     `json:"req_per_run"`
		BaseErrors []int64   `json:"base_errors"`
		CandErrors []int64   `json:"cand_errors"`
		Phi        float64   `json:"phi"`
		T          float64   `json:"t_quantile_99_df8"`
		Out        []float64 `json:"out_diff_lo_hi"`
	} `json:"overdispersed_error_gate"`
	Wilson []struct {
		X, N, Z float64
		CI      []float64
	}
	Newcombe []struct {
		X1, N1, X2, N2, Z float64
		Out               []float64
	} `json:"newcombe_p2_minus_p1"`
	WithinRunSE struct {
		Cases []struct {
			N   int64
			P   float64
			Out struct {
				LoRank   float64 `json:"lo_rank"`
				HiRank   float64 `json:"hi_rank"`
				Quantile float64
				SELog    float64 `json:"se_log"`
			}
		}
	} `json:"within_run_se"`
	Quantile struct {
		Sample      []float64
		NearestRank map[string]float64 `json:"nearest_rank"`
	}
	Multiple struct {
		P    []float64
		Holm []float64 `json:"holm_adjusted"`
	}
	Family struct {
		LogRatios map[string]struct{ P50, P95 []float64 } `json:"log_ratios"`
		Rows      []familyRow
	}
	Power []struct {
		Sigma, Effect float64
		N             int
		Alpha, Rho    float64
		Nu0, Power    float64
	}
	TQuantiles map[string]map[string]float64 `json:"t_quantiles"`
}

// familyRow is one row of the family example.
type familyRow struct {
	Group, Row string
	D          []float64
	Prior      float64
	Theta      float64
	SE, DF, P  float64
	PAdjusted  float64 `json:"p_adjusted"`
}

func readGolden(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decodeGolden(t *testing.T, b []byte) golden {
	t.Helper()
	var g golden
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGolden(t *testing.T) {
	for _, problem := range checkGolden(decodeGolden(t, readGolden(t))) {
		t.Error(problem)
	}
}

func TestGoldenIsUnchanged(t *testing.T) {
	sum := sha256.Sum256(readGolden(t))
	if got := hex.EncodeToString(sum[:]); got != goldenSHA {
		t.Errorf("testdata/golden.json has SHA-256 %s, want %s: oracle values are not edited", got, goldenSHA)
	}
}

// TestGoldenCheckerSeesMutations changes one oracle value after the other in
// its sixth digit: a checker that skips one would be a test that asserts
// nothing.
func TestGoldenCheckerSeesMutations(t *testing.T) {
	var tree map[string]any
	d := json.NewDecoder(bytes.NewReader(readGolden(t)))
	if err := d.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	var mutated int
	visit := func(path string, v float64, set func(float64)) {
		if !isOracle(path) {
			return
		}
		mutated++
		set(mutate(v))
		b, err := json.Marshal(tree)
		set(v)
		if err != nil {
			t.Fatal(err)
		}
		if len(checkGolden(decodeGolden(t, b))) == 0 {
			t.Errorf("%s: %v changed to %v goes unnoticed", path, v, mutate(v))
		}
	}
	walkNumbers("", tree, visit)
	const oracles = 468
	if mutated != oracles {
		t.Errorf("%d oracle values mutated, want %d", mutated, oracles)
	}
}

// mutate changes the sixth digit of v, or makes a zero visible.
func mutate(v float64) float64 {
	if math.Abs(v) < 1e-15 {
		return 1e-6
	}
	return v * (1 + 1e-5)
}

// isOracle tells whether a path of golden.json is an answer that a function of
// this package must reproduce.
func isOracle(path string) bool {
	key := strings.Split(path, "/")[1]
	switch key {
	case "wmt", "wmt_external", "predictive", "blocks", "single", "error_p", "newcombe_p2_minus_p1", "within_run_se":
		return strings.Contains(path, "/out")
	case "wilson":
		return strings.Contains(path, "/ci")
	case "overdispersed_error_gate":
		return strings.Contains(path, "/phi") || strings.Contains(path, "/t_") || strings.Contains(path, "/out")
	case "quantile":
		return strings.Contains(path, "/nearest_rank")
	case "multiple":
		return strings.Contains(path, "/holm")
	case "family":
		return strings.Contains(path, "/rows")
	case "power":
		return strings.HasSuffix(path, "/power")
	}
	return key == "t_quantiles"
}

// walkNumbers calls visit for each number below node, with its path and a way
// to set it.
func walkNumbers(path string, node any, visit func(path string, v float64, set func(float64))) {
	switch n := node.(type) {
	case map[string]any:
		keys := make([]string, 0, len(n))
		for k := range n {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if v, ok := n[k].(float64); ok {
				visit(path+"/"+k, v, func(x float64) { n[k] = x })
			}
			walkNumbers(path+"/"+k, n[k], visit)
		}
	case []any:
		for i := range n {
			at := fmt.Sprintf("%s/%d", path, i)
			if v, ok := n[i].(float64); ok {
				visit(at, v, func(x float64) { n[i] = x })
			}
			walkNumbers(at, n[i], visit)
		}
	}
}
