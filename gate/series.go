package gate

import (
	"math"
	"slices"

	"github.com/perfgate/perfgate/gate/stats"
)

// Declared noise of a run, on the log scale, until it is learned
// (docs/method.md 0.2, 0.7).
const (
	declaredNoise     = 0.05
	declaredNoiseTail = 0.10 // p99 and above
	declaredDF        = 4
	processNoise      = 0.02 // of a target that is not restarted between runs
)

// A logSeries is one number per run and side, as logarithms; positive change =
// worse. In a paired design base[i] and cand[i] are a pair.
type logSeries struct {
	base, cand       []float64
	baseJob, candJob []int
	se               float64     // within-run standard error
	declared         float64     // noise between runs
	learned          stats.Prior // in its place; the zero value: nothing is learned
	siblings         stats.Prior // in place of both: with what the other rows show; zero: they show nothing
}

// reduced replaces the runs of a job by their median where the design takes
// the job as one draw (history), and those of a side in a single comparison.
func (s logSeries) reduced(d Design) logSeries {
	switch d {
	case DesignHistory:
		s.base, s.baseJob = medians(s.base, s.baseJob)
		s.cand, s.candJob = medians(s.cand, s.candJob)
	case DesignSingle:
		s.base, s.baseJob = []float64{stats.Median(s.base)}, []int{0}
		s.cand, s.candJob = []float64{stats.Median(s.cand)}, []int{0}
	}
	return s
}

// medians returns the median of each job's values, in the order of the jobs.
func medians(values []float64, jobs []int) (out []float64, order []int) {
	byJob := map[int][]float64{}
	for i, v := range values {
		if byJob[jobs[i]] == nil {
			order = append(order, jobs[i])
		}
		byJob[jobs[i]] = append(byJob[jobs[i]], v)
	}
	for _, j := range order {
		out = append(out, stats.Median(byJob[j]))
	}
	return out, order
}

// meanSeries averages reduced series of several endpoints, run by run (docs/method.md
// 0.1, equal weights). All have the same runs.
func meanSeries(in []logSeries) logSeries {
	out := logSeries{baseJob: in[0].baseJob, candJob: in[0].candJob, declared: in[0].declared}
	var base, cand [][]float64
	var se []float64
	for _, s := range in {
		base, cand, se = append(base, s.base), append(cand, s.cand), append(se, s.se)
	}
	out.base, out.cand, out.se = stats.Overall(base), stats.Overall(cand), stats.OverallSE(se)
	return out
}

// differences returns the log ratio of each pair.
func (s logSeries) differences() []float64 {
	d := make([]float64, min(len(s.base), len(s.cand)))
	for i := range d {
		d[i] = s.cand[i] - s.base[i]
	}
	return d
}

// prior is the noise of a run that is assumed before this row's data are seen.
func (s logSeries) prior() stats.Prior {
	if s.siblings.DF > 0 {
		return s.siblings.Plus(s.se)
	}
	return s.between().Plus(s.se)
}

// between is the part of it that lies between runs: learned or declared.
func (s logSeries) between() stats.Prior {
	if s.learned.DF > 0 {
		return s.learned
	}
	return stats.Prior{SD: s.declared, DF: declaredDF}
}

// estimate tests a reduced series by the design's method. The candidate of a
// history may be several jobs: then weak is that of the job with the least
// evidence of "worse", by which alone a row regresses, and strong that with the
// most, by which it passes or improves. Elsewhere they are the same.
func (m *material) estimate(s logSeries) (weak, strong stats.Estimate) {
	var e stats.Estimate
	switch m.name {
	case DesignPaired:
		e = stats.WMT(s.differences(), s.prior(), m.process())
	case DesignHistory:
		return m.jobsApart(s)
	case DesignBlocks:
		e = stats.Blocks(s.base, s.cand, s.prior(), m.jobNoise())
	case DesignSingle:
		e = stats.Single(s.base[0], s.cand[0], m.singleNoise(s.declared), s.se)
	}
	return e, e
}

// singleNoise is what the numbers of two single runs of unchanged code may
// differ by, declared wide on purpose (docs/method.md 0.7): 6.40312 % on the
// same machine, else 10 %; p99 10.77 % and 14.14 %.
func (m *material) singleNoise(declared float64) float64 {
	switch {
	case m.sameMachine:
		return math.Hypot(declared, jobNoiseSame)
	case declared > declaredNoise:
		return math.Hypot(declared, jobNoiseOther)
	}
	return jobNoiseOther
}

// jobsApart tests each job of the candidate against the history.
func (m *material) jobsApart(s logSeries) (weak, strong stats.Estimate) {
	for i, c := range s.cand {
		e := stats.Predictive(s.base, c, s.prior())
		if i == 0 || e.P() > weak.P() {
			weak = e
		}
		if i == 0 || e.P() < strong.P() {
			strong = e
		}
	}
	return weak, strong
}

// process is the noise that a target adds which is not restarted between the
// runs of a paired session: its start-up luck stays for the whole session.
func (m *material) process() float64 {
	for _, side := range [][]Result{m.in.Baseline, m.in.Candidate} {
		for _, r := range side {
			if r.Subject.How != HowStart {
				return processNoise
			}
		}
	}
	return 0
}

// observed is the run-to-run noise that an estimate measured; NaN where it
// could not be.
func (m *material) observed(e stats.Estimate) float64 {
	if e.N < 2 || m.name == DesignSingle {
		return math.NaN()
	}
	if m.name == DesignPaired {
		return math.Sqrt(e.S2Raw / 2)
	}
	return math.Sqrt(e.S2Raw)
}

// testName names the test in the report.
func (m *material) testName() string {
	return map[Design]string{DesignPaired: "wmt_paired", DesignHistory: "predictive_t", DesignBlocks: "moderated_t", DesignSingle: "declared_noise"}[m.name]
}

// An atLevel is one endpoint's samples at one latency level.
type atLevel struct {
	base, cand []sample
	series     logSeries
	missing    bool // a run without a success
	thin       bool // a run with too few requests above the level
	clamped    bool // a run whose value lies beyond what was recorded
}

// fewest is the number of requests of the run that has the fewest.
func (a atLevel) fewest() int64 {
	fewest := int64(math.MaxInt64)
	for _, x := range slices.Concat(a.base, a.cand) {
		fewest = min(fewest, x.requests)
	}
	return fewest
}

// measureLevel collects the samples of an endpoint at a level.
func (s *matched) measureLevel(endpoint string, level float64) atLevel {
	a := atLevel{base: samples(s.base, endpoint, level), cand: samples(s.cand, endpoint, level)}
	var se []float64
	for i, x := range slices.Concat(a.base, a.cand) {
		a.missing = a.missing || x.missing()
		a.thin = a.thin || x.thin()
		a.clamped = a.clamped || x.clamped
		if i < len(a.base) {
			a.series.base, a.series.baseJob = append(a.series.base, math.Log(x.value)), append(a.series.baseJob, s.base[i].job)
		} else {
			a.series.cand, a.series.candJob = append(a.series.cand, math.Log(x.value)), append(a.series.candJob, s.cand[i-len(a.base)].job)
		}
		se = append(se, x.seLog)
	}
	a.series.se, a.series.declared = stats.Median(se), declaredFor(LatencyMetric(level))
	a.missing = a.missing || len(a.base) == 0 || len(a.cand) == 0
	return a
}

func samples(runs []countedRun, endpoint string, level float64) []sample {
	out := make([]sample, len(runs))
	for i, r := range runs {
		out[i] = r.sources[endpoint].at(level)
	}
	return out
}

// sideOf describes one side of a latency row.
func sideOf(samples []sample) *RowSide {
	if len(samples) == 0 {
		return nil
	}
	side := RowSide{RequestsMin: ptr(samples[0].requests), TailMin: ptr(samples[0].tail)}
	for _, s := range samples {
		if s.missing() {
			return nil // a run without a number: the side has none
		}
		side.PerRun = append(side.PerRun, s.value)
		side.RequestsMin = ptr(min(*side.RequestsMin, s.requests))
		side.TailMin = ptr(min(*side.TailMin, s.tail))
	}
	side.Value = stats.Median(side.PerRun)
	return &side
}
