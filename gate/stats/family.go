package stats

import (
	"cmp"
	"math"
	"slices"
)

// Holm returns the p-values of one group of rows, adjusted so that the chance
// of any false rejection in the group stays at the level they are compared
// with, whatever the dependence between rows (Holm 1979; docs/method.md 5):
// sorted ascending, p(i) becomes the running maximum of min(1, (m-i+1)·p(i)).
// The result is in the order of p. A NaN counts as 1.
//
// 0.001, 0.04, 0.012, 0.2, 0.0049 become 0.005, 0.08, 0.036, 0.2, 0.0196.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	clean := make([]float64, len(p))
	for i, v := range p {
		order[i], clean[i] = i, v
		if math.IsNaN(v) {
			clean[i] = 1
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(clean[a], clean[b]) })
	out := make([]float64, len(p))
	reached := 0.0
	for i, row := range order {
		reached = math.Max(reached, math.Min(1, float64(len(p)-i)*clean[row]))
		out[row] = reached
	}
	return out
}

// Overall returns the log ratios of the overall row, one per pair: the mean
// over endpoints with equal weights (docs/method.md 0.1). d[e][i] is the log
// ratio of endpoint e in pair i. It is nil, which no test decides on, when
// there is no endpoint or they do not have the same number of pairs.
//
// {0.012, -0.02}, {0.182, 0.171} give {0.097, 0.0755}.
func Overall(d [][]float64) []float64 {
	if !rectangular(d) {
		return nil
	}
	out := make([]float64, len(d[0]))
	for i := range out {
		for _, endpoint := range d {
			out[i] += endpoint[i]
		}
		out[i] /= float64(len(d))
	}
	return out
}

// OverallSE returns the within-run standard error of the overall row,
// sqrt(sum of se²)/E for the E endpoints' standard errors se
// (docs/method.md 0.2). It is +Inf, noise of unknown size, without endpoints.
//
// 0.03, 0.03, 0.03 give 0.0173205.
func OverallSE(se []float64) float64 {
	if len(se) == 0 {
		return math.Inf(1)
	}
	return math.Sqrt(sumSquares(se, 0)) / float64(len(se))
}

// Relative returns the log ratios of endpoint e against the others, one per
// pair: its own minus the mean over the others, in which the run effect that
// all endpoints share cancels (docs/method.md 0.3). d is as in [Overall]. It is
// nil, which no test decides on, for fewer than two endpoints, an e that is
// none of them, or different numbers of pairs.
//
// For e = 1, {0.012, -0.02}, {0.182, 0.171}, {-0.008, -0.031} give
// {0.18, 0.1965}.
func Relative(d [][]float64, e int) []float64 {
	if len(d) < 2 || e < 0 || e >= len(d) || !rectangular(d) {
		return nil
	}
	others := Overall(slices.Concat(d[:e], d[e+1:]))
	out := make([]float64, len(others))
	for i := range out {
		out[i] = d[e][i] - others[i]
	}
	return out
}

// RelativeSE returns the within-run standard error of endpoint e's relative
// row, sqrt(SE_e² + sum over the others of SE²/(E-1)²) for the E endpoints'
// standard errors se (docs/method.md 0.3). It is +Inf, noise of unknown size,
// for fewer than two endpoints or an e that is none of them.
//
// 0.03, 0.03, 0.03 give 0.0367423 for each.
func RelativeSE(se []float64, e int) float64 {
	if len(se) < 2 || e < 0 || e >= len(se) {
		return math.Inf(1)
	}
	return math.Hypot(se[e], OverallSE(slices.Concat(se[:e], se[e+1:])))
}

// Siblings returns the prior of row e that the other rows of its kind in the
// same session teach, to be used in place of prior, the noise of a run that is
// declared or learned (docs/method.md 0.3). d[j] holds the log ratios of row j,
// one per pair, se[j] its within-run standard error; meant are relative rows,
// whose noise the endpoints do not share: rows that share it would count one
// observation many times.
//
// What the within-run errors do not explain of the others' variance, their
// mean, enters with weight 2(n-1) beside prior, n being the number of pairs:
// that of two rows, however many there are (n-1 for three rows, nothing for
// fewer, which mirror each other). A row that varies 1.5 times as much as the
// others lead to expect is none of their kind, and keeps prior: an endpoint that
// is noisier than its neighbours must not borrow their quiet.
//
// It is prior, too, when the rows cannot be tested: different numbers of pairs,
// fewer than two, or values and noise that are not finite.
//
// For e = 0, rows {0.02, -0.01, 0.01, 0}, {0.03, -0.02, 0.01, 0.01}, {0, 0.02,
// -0.03, 0.01}, se 0.01 each and Prior{0.05, 4} it is SD 0.0384870 with 7 DF.
func Siblings(d [][]float64, se []float64, e int, prior Prior) Prior {
	const (
		otherKind = 1.5
		mostRows  = 2
	)
	rows := min(len(d)-2, mostRows)
	if e < 0 || e >= len(d) || len(se) != len(d) || rows < 1 || !rectangular(d) || len(d[0]) < 2 {
		return prior
	}
	between, own := 0.0, 0.0
	for j := range d {
		raw := WMT(d[j], prior.Plus(se[j]), 0)
		if raw.N == 0 || !finite(se[j]) {
			return prior
		}
		if j == e {
			own = raw.S2Raw / 2
			continue
		}
		between += (raw.S2Raw/2 - se[j]*se[j]) / float64(len(d)-1)
	}
	between = math.Max(0, between)
	if own > otherKind*(between+se[e]*se[e]) {
		return prior
	}
	weight := float64(rows * (len(d[0]) - 1))
	v := (prior.DF*prior.SD*prior.SD + weight*between) / (prior.DF + weight)
	return Prior{SD: math.Sqrt(v), DF: prior.DF + weight}
}

// rectangular reports whether d holds endpoints, each with as many pairs.
func rectangular(d [][]float64) bool {
	return len(d) > 0 && !slices.ContainsFunc(d, func(x []float64) bool { return len(x) != len(d[0]) })
}
