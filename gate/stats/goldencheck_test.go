package stats

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Tolerances are relative; values below goldenZero count as zero. What rests on
// a t quantile is compared less strictly: the oracle's are off by up to 2.4e-9
// (TestTQuantileIsExact has the closed form to prove it).
const (
	goldenTolerance = 1e-9
	looseTolerance  = 1e-7
	goldenZero      = 1e-12
)

// problem is a value that differs from the oracle's.
type problem string

// checker collects problems.
type checker struct{ problems []problem }

func (c *checker) equal(name string, got, want float64) {
	c.within(goldenTolerance, name, got, want)
}

// loose compares what rests on a t quantile.
func (c *checker) loose(name string, got, want float64) {
	c.within(looseTolerance, name, got, want)
}

func (c *checker) within(relative float64, name string, got, want float64) {
	tolerance := relative * math.Abs(want)
	if math.Abs(want) < goldenZero {
		tolerance = goldenZero
	}
	if !(math.Abs(got-want) <= tolerance) {
		c.problems = append(c.problems, problem(fmt.Sprintf("%s: got %.15g, want %.15g", name, got, want)))
	}
}

func (c *checker) equalAll(name string, got, want []float64) {
	if len(got) != len(want) {
		c.problems = append(c.problems, problem(fmt.Sprintf("%s: got %d values, want %d", name, len(got), len(want))))
		return
	}
	for i := range got {
		c.equal(fmt.Sprintf("%s[%d]", name, i), got[i], want[i])
	}
}

// checkGolden compares each function with the oracle and returns what differs.
func checkGolden(g golden) []problem {
	var c checker
	for _, check := range []func(*checker, golden){
		checkWMT, checkHistory, checkBlocks, checkSingle, checkRates, checkIntervals,
		checkRanks, checkHolm, checkFamily, checkPower, checkQuantiles,
	} {
		check(&c, g)
	}
	return c.problems
}

func checkWMT(c *checker, g golden) {
	for _, k := range g.WMT {
		prior := Prior{SD: k.S0, DF: k.Nu0}
		e, name, want := WMT(k.D, prior, 0), "wmt "+k.Name+" ", k.Out
		c.equalAll(name+"winsorised", Winsorise(k.D, prior), want.Winsorised)
		c.equal(name+"n", float64(e.N), want.N)
		c.equal(name+"theta", e.Theta, want.Theta)
		c.equal(name+"ratio", math.Exp(e.Theta), want.Ratio)
		c.equal(name+"s2_raw", e.S2Raw, want.S2Raw)
		c.equal(name+"s2_used", e.S2, want.S2Used)
		c.equal(name+"df", e.DF, want.DF)
		c.equal(name+"se", e.SE, want.SE)
		c.equal(name+"t", e.Theta/e.SE, want.T)
		c.equal(name+"p", e.P(), want.P)
		c.loose(name+"L_0005", e.Lower(.005), want.L0005)
		c.loose(name+"L_01", e.Lower(.01), want.L01)
		c.loose(name+"U_05", e.Upper(.05), want.U05)
	}
	for i, k := range g.WMTExternal {
		e := WMT(k.D, Prior{SD: k.Prior, DF: k.PriorDF}.Plus(k.WithinRunSE), k.ProcessNoise)
		name := fmt.Sprintf("wmt_external[%d] ", i)
		c.equal(name+"theta", e.Theta, k.Out.Theta)
		c.equal(name+"se", e.SE, k.Out.SE)
		c.equal(name+"df", e.DF, k.Out.DF)
		c.equal(name+"p", e.P(), k.Out.P)
	}
}

func logs(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Log(v)
	}
	return out
}

func checkHistory(c *checker, g golden) {
	for i, k := range g.Predictive {
		cand := math.Log(k.CandMS)
		e := Predictive(logs(k.HistMS), cand, Prior{SD: k.S0, DF: k.Nu0})
		name := fmt.Sprintf("predictive[%d] ", i)
		c.equal(name+"K", float64(e.N), k.Out.K)
		c.equal(name+"mu", cand-e.Theta, k.Out.Mu)
		c.equal(name+"s2_used", e.S2, k.Out.S2Used)
		c.equal(name+"df", e.DF, k.Out.DF)
		c.equal(name+"se", e.SE, k.Out.SE)
		c.equal(name+"est", e.Theta, k.Out.Est)
		c.equal(name+"p", e.P(), k.Out.P)
		c.loose(name+"L_01", e.Lower(.01), k.Out.L01)
		c.loose(name+"U_05", e.Upper(.05), k.Out.U05)
	}
}

func checkBlocks(c *checker, g golden) {
	for _, k := range g.Blocks {
		e := Blocks(logs(k.BaselineMS), logs(k.CandidateMS), Prior{SD: k.Prior, DF: k.PriorDF}, k.JobNoise)
		name := "blocks " + k.Name + " "
		c.equal(name+"theta", e.Theta, k.Out.Theta)
		c.equal(name+"ratio", math.Exp(e.Theta), k.Out.Ratio)
		c.equal(name+"s2_used", e.S2, k.Out.S2Used)
		c.equal(name+"se", e.SE, k.Out.SE)
		c.equal(name+"df", e.DF, k.Out.DF)
		c.equal(name+"p", e.P(), k.Out.P)
		c.loose(name+"L_01", e.Lower(.01), k.Out.L01)
		c.loose(name+"U_05", e.Upper(.05), k.Out.U05)
	}
}

func checkSingle(c *checker, g golden) {
	for i, k := range g.Single {
		e := Single(math.Log(k.BaselineMS), math.Log(k.CandidateMS), k.Noise, k.WithinRunSE)
		name := fmt.Sprintf("single[%d] ", i)
		c.equal(name+"log_ratio", e.Theta, k.Out.LogRatio)
		c.equal(name+"se", e.SE, k.Out.SE)
		c.equal(name+"lower_99", e.Lower(.01), k.Out.Lower99)
		c.equal(name+"p", e.P(), k.Out.P)
		c.equal(name+"seen_from", math.Expm1(e.Theta-e.Lower(.01)), k.Out.SeenFrom)
	}
}

// runsOf gives each run the same number of requests.
func runsOf(requests int64, errors []int64) []RunCount {
	out := make([]RunCount, len(errors))
	for i, x := range errors {
		out[i] = RunCount{Errors: x, Requests: requests}
	}
	return out
}

func checkRates(c *checker, g golden) {
	for i, k := range g.ErrorP {
		var endpoints []Counts
		for _, e := range k.Endpoints {
			endpoints = append(endpoints, Counts{
				Baseline:  runsOf(e.RequestsPerRun, e.BaselineErrors),
				Candidate: runsOf(e.RequestsPerRun, e.CandidateErrors),
			})
		}
		d := Dispersed(endpoints)
		r := d.ErrorTest(Pool(endpoints), k.Threshold)
		name := fmt.Sprintf("error_p[%d] ", i)
		c.equal(name+"phi", d.Phi, k.Out.Phi)
		c.equal(name+"df", d.DF, k.Out.DF)
		c.equal(name+"baseline_rate", r.BaselineRate, k.Out.BaselineRate)
		c.equal(name+"candidate_rate", r.CandidateRate, k.Out.CandidateRate)
		c.loose(name+"p", r.P, k.Out.P)
	}
	o := g.Overdispersed
	counts := Counts{Baseline: runsOf(o.ReqPerRun, o.BaseErrors), Candidate: runsOf(o.ReqPerRun, o.CandErrors)}
	d := Dispersed([]Counts{counts})
	r := d.ErrorTest(counts, 0.001)
	c.equal("overdispersed phi", d.Phi, o.Phi)
	c.loose("overdispersed t", TQuantile(.99, d.DF), o.T)
	if len(o.Out) != 3 {
		c.problems = append(c.problems, "overdispersed out: want 3 values")
		return
	}
	c.equal("overdispersed diff", r.Diff, o.Out[0])
	c.loose("overdispersed lo", r.Lower(.01), o.Out[1])
	c.loose("overdispersed hi", r.Upper(.01), o.Out[2])
}

func checkIntervals(c *checker, g golden) {
	for i, k := range g.Wilson {
		lo, hi := Wilson(k.X, k.N, k.Z)
		c.equalAll(fmt.Sprintf("wilson[%d]", i), []float64{lo, hi}, k.CI)
	}
	for i, k := range g.Newcombe {
		diff, lo, hi := Newcombe(k.X1, k.N1, k.X2, k.N2, k.Z)
		c.equalAll(fmt.Sprintf("newcombe[%d]", i), []float64{diff, lo, hi}, k.Out)
	}
}

// logNormal is the sample that within_run_se names: value k of n.
func logNormal(n int64) func(int64) float64 {
	return func(k int64) float64 {
		return 10 * math.Exp(0.25*NormalQuantile((float64(k)-0.5)/float64(n)))
	}
}

func checkRanks(c *checker, g golden) {
	for _, k := range g.WithinRunSE.Cases {
		name := fmt.Sprintf("within_run_se n=%d p=%v ", k.N, k.P)
		lo, hi := OrderRanks(k.N, k.P)
		at := logNormal(k.N)
		c.equal(name+"lo_rank", float64(lo), k.Out.LoRank)
		c.equal(name+"hi_rank", float64(hi), k.Out.HiRank)
		c.equal(name+"quantile", at(Rank(k.N, k.P)), k.Out.Quantile)
		c.equal(name+"se_log", RankSE(k.N, k.P, at), k.Out.SELog)
	}
	sorted := slices.Sorted(slices.Values(g.Quantile.Sample))
	for key, want := range g.Quantile.NearestRank {
		p, err := strconv.ParseFloat(key, 64)
		if err != nil {
			c.problems = append(c.problems, problem(err.Error()))
			continue
		}
		c.equal("nearest_rank "+key, sorted[Rank(int64(len(sorted)), p)-1], want)
	}
}

func checkHolm(c *checker, g golden) {
	c.equalAll("holm", Holm(g.Multiple.P), g.Multiple.Holm)
}

// checkFamily composes one look the way the family's note says: overall,
// endpoint and relative rows, and Holm inside the primary and the secondary
// group, each at half the level.
func checkFamily(c *checker, g golden) {
	endpoints := []string{"GET /a", "POST /b", "GET /c"}
	declared := Prior{SD: 0.05, DF: 4}
	rows := map[string][]float64{}
	priors := map[string]Prior{}
	for metric, within := range map[string]float64{"p50": .030, "p95": .049} {
		var d [][]float64
		var se []float64
		for _, name := range endpoints {
			ratios := g.Family.LogRatios[name].P50
			if metric == "p95" {
				ratios = g.Family.LogRatios[name].P95
			}
			d, se = append(d, ratios), append(se, within)
		}
		rows["overall "+metric], priors["overall "+metric] = Overall(d), declared.Plus(OverallSE(se))
		for i, name := range endpoints {
			row := name + " " + metric
			rows[row], priors[row] = d[i], declared.Plus(se[i])
			rows[row+" relative"], priors[row+" relative"] = Relative(d, i), declared.Plus(RelativeSE(se, i))
		}
	}
	groups := map[string][]float64{}
	for _, want := range g.Family.Rows {
		e := WMT(rows[want.Row], priors[want.Row], 0)
		groups[want.Group] = append(groups[want.Group], e.P())
		name := "family " + want.Row + " "
		c.equalAll(name+"d", rows[want.Row], want.D)
		c.equal(name+"prior", priors[want.Row].SD, want.Prior)
		c.equal(name+"theta", e.Theta, want.Theta)
		c.equal(name+"se", e.SE, want.SE)
		c.equal(name+"df", e.DF, want.DF)
		c.equal(name+"p", e.P(), want.P)
	}
	adjusted := map[string][]float64{}
	for group, p := range groups {
		adjusted[group] = Holm(p)
	}
	for _, want := range g.Family.Rows {
		p := math.Min(1, 2*adjusted[want.Group][0])
		adjusted[want.Group] = adjusted[want.Group][1:]
		c.equal("family "+want.Row+" p_adjusted", p, want.PAdjusted)
	}
}

func checkPower(c *checker, g golden) {
	for i, k := range g.Power {
		// The oracle's prior has the noise of the data.
		sd := k.Sigma * math.Sqrt(2*(1-k.Rho))
		noise := PairNoise{SD: sd, Prior: Prior{SD: sd / math.Sqrt2, DF: k.Nu0}}
		c.loose(fmt.Sprintf("power[%d]", i), Power(math.Log1p(k.Effect), noise, k.N, k.Alpha), k.Power)
	}
}

func checkQuantiles(c *checker, g golden) {
	for level, byDF := range g.TQuantiles {
		for df, want := range byDF {
			a, errA := strconv.ParseFloat(level, 64)
			n, errN := strconv.ParseFloat(df, 64)
			if errA != nil || errN != nil {
				c.problems = append(c.problems, problem(fmt.Sprintf("t_quantiles: keys %q, %q", level, df)))
				continue
			}
			c.loose(fmt.Sprintf("t_quantiles %s %s", level, df), TQuantile(1-a, n), want)
		}
	}
}
