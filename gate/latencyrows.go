package gate

import (
	"fmt"
	"math"
	"slices"

	"github.com/perfgate/perfgate/gate/stats"
)

// addLatencyRows adds, level by level, the overall row, a row for each
// endpoint and the relative rows. With one shared endpoint its own rows are
// the primary ones: an overall row would only say the same again.
func (k *rowMaker) addLatencyRows() {
	for _, level := range k.levels {
		primary := level == k.median || level == k.tail
		measured := map[string]atLevel{}
		var testable []string
		for _, name := range k.shared {
			a := k.s.measureLevel(name, level)
			measured[name] = a
			if !a.missing && !a.thin && !a.clamped {
				testable = append(testable, name)
			}
		}
		if primary && len(k.shared) > 1 {
			k.addOverall(level, measured, testable)
		}
		own := map[string]*row{}
		for _, e := range k.endpoints {
			own[e.name] = k.addEndpointLatency(e, level, measured)
		}
		if primary && k.m.name == DesignPaired && len(testable) > 1 {
			k.addRelative(level, measured, testable, own)
		}
	}
}

func (k *rowMaker) latencyRole(level float64) Role {
	switch {
	case level != k.median && level != k.tail:
		return RoleInfo // until a rule names it
	case len(k.shared) == 1:
		return RolePrimary
	}
	return RoleSecondary
}

// addEndpointLatency adds the row of one endpoint at one level.
func (k *rowMaker) addEndpointLatency(e endpoint, level float64, measured map[string]atLevel) *row {
	r := k.newRow(&e.name, LatencyMetric(level), k.latencyRole(level))
	a, shared := measured[e.name]
	if !shared {
		a = k.s.measureLevel(e.name, level)
	}
	r.Baseline, r.Candidate = sideOf(a.base), sideOf(a.cand)
	switch {
	case e.preset != "":
		r.fix(e.preset, e.reason.Code, e.reason.Text)
	case len(k.s.base) == 0 || len(k.s.cand) == 0:
		r.fix(OutcomeInvalid, "no_runs", "no run of this scenario counts on one side")
	case !everyRunGives(slices.Concat(k.s.base, k.s.cand), level):
		r.fix(OutcomeInvalid, "level_not_given", "the source does not give this percentile, and it is never interpolated")
	case a.missing:
		r.fix(OutcomeInvalid, "no_success", "a run holds no successful request of this endpoint")
	case a.clamped:
		r.fix(OutcomeInvalid, "clamped", "a run's value lies beyond the 60 s that are recorded")
	case a.thin:
		r.thin(level, a.fewest())
	default:
		r.base, r.peers = r.Baseline.Value, len(k.shared)
		k.test(r, a.series.reduced(k.m.name))
		r.answers = k.suspectAnswers(r)
	}
	return r
}

// addOverall adds the row of the whole at one level: the mean over the
// endpoints that can be tested in every counted run.
func (k *rowMaker) addOverall(level float64, measured map[string]atLevel, testable []string) {
	r := k.newRow(nil, LatencyMetric(level), RolePrimary)
	missing := slices.ContainsFunc(k.shared, func(name string) bool { return measured[name].missing })
	switch {
	case len(k.s.base) == 0 || len(k.s.cand) == 0:
		r.fix(OutcomeInvalid, "no_runs", "no run of this scenario counts on one side")
		return
	case !everyRunGives(slices.Concat(k.s.base, k.s.cand), level):
		r.fix(OutcomeInvalid, "level_not_given", "the source does not give this percentile, and it is never interpolated")
		return
	case missing:
		r.fix(OutcomeInvalid, "no_success", "a run holds no successful request of an endpoint")
		return
	case slices.ContainsFunc(k.shared, func(name string) bool { return measured[name].clamped }):
		r.fix(OutcomeInvalid, "clamped", "a run's value lies beyond the 60 s that are recorded")
		return
	case len(testable) == 0:
		r.thinWhole(level, k.shared, measured)
		return
	}
	var all []logSeries
	var base, cand [][]float64
	for _, name := range testable {
		if k.c.accepted[rowKey(k.s.id, name, r.Metric)] {
			continue
		}
		a := measured[name]
		all = append(all, a.series.reduced(k.m.name))
		base, cand = append(base, values(a.base)), append(cand, values(a.cand))
	}
	if len(all) == 0 {
		r.fix(OutcomeInfo, "accepted", "every endpoint's change was accepted")
		return
	}
	r.Baseline, r.Candidate = geometric(base), geometric(cand)
	r.base = r.Baseline.Value
	switch {
	case len(all) < len(testable):
		r.note = fmt.Sprintf("without the accepted change of %d endpoint%s", len(testable)-len(all), plural(len(testable)-len(all)))
	case len(testable) < len(k.shared):
		r.note = fmt.Sprintf("%d of %d endpoints have enough requests", len(testable), len(k.shared))
	}
	k.test(r, meanSeries(all))
	r.answers = k.suspectAnswers(r)
}

// suspectAnswers says how the answers changed under a large improvement.
func (k *rowMaker) suspectAnswers(r *row) string {
	if !r.tested || -r.est.Theta < math.Log1p(bigImprovement) {
		return ""
	}
	return answersChanged(k.s, r.Endpoint)
}

// addRelative adds a row for each endpoint against the others: what all share
// in a run cancels.
func (k *rowMaker) addRelative(level float64, measured map[string]atLevel, testable []string, own map[string]*row) {
	var d, relative [][]float64
	var se, relativeSE []float64
	for _, name := range testable {
		d, se = append(d, measured[name].series.differences()), append(se, measured[name].series.se)
	}
	for e := range testable {
		relative, relativeSE = append(relative, stats.Relative(d, e)), append(relativeSE, stats.RelativeSE(se, e))
	}
	for e, name := range testable {
		r := k.newRow(&name, LatencyMetric(level), RoleRelative)
		r.own, r.peers = own[name], len(testable)
		r.base = r.own.base
		r.Baseline, r.Candidate = r.own.Baseline, r.own.Candidate
		s := logSeries{se: relativeSE[e], declared: measured[name].series.declared}
		s.learned = k.learned(r)
		s.siblings = stats.Siblings(relative, relativeSE, e, s.between())
		r.accept(stats.WMT(relative[e], s.prior(), 0), s, k.m)
		rest := slices.Delete(slices.Clone(d), e, e+1)
		r.others = stats.WMT(stats.Overall(rest), s.prior(), 0)
	}
}

// test runs the design's test on a reduced series.
func (k *rowMaker) test(r *row, s logSeries) {
	s.learned = k.learned(r)
	weak, strong := k.m.estimate(s)
	r.accept(weak, s, k.m)
	r.strong = strong
}

// learned is what former sessions taught of a row's noise; the zero prior:
// nothing. It was learned from paired sessions and speaks of nothing else.
func (k *rowMaker) learned(r *row) stats.Prior {
	if k.m.name != DesignPaired || !k.c.usesNoise(k.s) {
		return stats.Prior{}
	}
	p, _ := k.c.in.Noise.prior(r.Metric, r.Endpoint, r.Role == RoleRelative)
	return p
}

// accept takes over an estimate and describes it.
func (r *row) accept(e stats.Estimate, s logSeries, m *material) {
	if e.N == 0 || !finite(e.Theta) || !finite(e.SE) {
		r.fix(OutcomeInvalid, "not_a_number", "a value of this row cannot be computed with")
		return
	}
	r.tested, r.est, r.strong = true, e, e
	r.Test, r.N = m.testName(), e.N
	r.noise = m.observed(e)
	prior := s.prior()
	r.Noise = &RowNoise{ObservedRatio: finiteOrNil(r.noise), WithinRunRatio: s.se, PriorRatio: prior.SD, PriorDF: prior.DF, PriorFrom: PriorDefault}
	switch {
	case s.siblings.DF > s.between().DF:
		r.Noise.PriorFrom = PriorSession
	case s.learned.DF > 0:
		r.Noise.PriorFrom = PriorLearned
	}
	r.describe()
	if r.own != nil {
		r.ChangeAbs = nil // a change against the others has no unit of its own
	}
}

func values(samples []sample) []float64 {
	out := make([]float64, len(samples))
	for i, s := range samples {
		out[i] = s.value
	}
	return out
}

// geometric is one side of an overall row: run by run the geometric mean over
// the endpoints; its value is that of the endpoints' medians.
func geometric(byEndpoint [][]float64) *RowSide {
	side := &RowSide{}
	var medians []float64
	for _, runs := range byEndpoint {
		medians = append(medians, stats.Median(runs))
	}
	side.Value = stats.GeometricMean(medians)
	for i := range byEndpoint[0] {
		sum := 0.0
		for _, runs := range byEndpoint {
			sum += math.Log(runs[i])
		}
		side.PerRun = append(side.PerRun, math.Exp(sum/float64(len(byEndpoint))))
	}
	return side
}
