package gate

import (
	"math"

	"github.com/perfgate/perfgate/gate/stats"
)

// addRateRows adds the error rows (the whole, and each endpoint that has
// errors) and, where an intended count is known, the delivered row.
func (k *rowMaker) addRateRows() {
	var counts []stats.Counts
	for _, name := range k.counted() {
		counts = append(counts, stats.Counts{Baseline: errorCounts(k.s.base, name), Candidate: errorCounts(k.s.cand, name)})
	}
	whole := k.newRow(nil, MetricErrorRate, RolePrimary)
	dispersion := stats.Dispersed(counts)
	k.testRate(whole, dispersion, stats.Pool(counts))
	if len(k.shared) == 0 {
		k.fixWhole(whole)
	}
	for _, e := range k.endpoints {
		c := stats.Counts{Baseline: errorCounts(k.s.base, e.name), Candidate: errorCounts(k.s.cand, e.name)}
		named := k.c.in.Policy.limitOf(MetricErrorRate, &e.name).named
		if !named && (!hasErrors(c) || len(k.endpoints) == 1) {
			continue
		}
		r := k.newRow(&e.name, MetricErrorRate, RoleSecondary)
		k.testRate(r, dispersion, c)
		if e.preset != "" {
			r.untest(e.preset, e.reason)
		}
	}
	k.addDelivered()
}

// counted are the endpoints whose requests are counted for the whole: the
// shared ones or, where nothing is compared, all.
func (k *rowMaker) counted() []string {
	if len(k.shared) > 0 {
		return k.shared
	}
	var all []string
	for _, e := range k.endpoints {
		all = append(all, e.name)
	}
	return all
}

// fixWhole gives a row of the whole the outcome of a scenario without a shared
// endpoint.
func (k *rowMaker) fixWhole(r *row) {
	switch {
	case k.c.refusal != "":
		r.untest(OutcomeNotComparable, RowReason{"sides_differ", k.c.refusal})
	case k.s.baseline == nil:
		r.untest(OutcomeNew, RowReason{"new", "the baseline does not have this scenario"})
	case k.s.candidate == nil:
		r.untest(OutcomeNotComparable, RowReason{"missing", "the candidate does not have this scenario"})
	default:
		r.untest(OutcomeNew, RowReason{"new", "no endpoint stands on both sides"})
	}
}

// untest takes a test back: the row is shown with an outcome of its own.
func (r *row) untest(o Outcome, reason RowReason) {
	r.tested, r.Test = false, ""
	r.fix(o, reason.Code, reason.Text)
	r.IntervalAbs, r.IntervalRatio, r.DF, r.SELog = nil, nil, nil, nil
}

func hasErrors(c stats.Counts) bool {
	for _, side := range [][]stats.RunCount{c.Baseline, c.Candidate} {
		for _, r := range side {
			if r.Errors > 0 {
				return true
			}
		}
	}
	return false
}

func errorCounts(runs []countedRun, name string) []stats.RunCount {
	out := make([]stats.RunCount, len(runs))
	for i, r := range runs {
		if e := r.endpoints[name]; e != nil {
			out[i] = stats.RunCount{Errors: e.Requests - e.OK, Requests: e.Requests}
		}
	}
	return out
}

// testRate tests a share of counts, in both directions.
func (k *rowMaker) testRate(r *row, d stats.Dispersion, c stats.Counts) {
	t, strong := k.ratesApart(r, d, c)
	better := d.ErrorTest(stats.Counts{Baseline: c.Candidate, Candidate: c.Baseline}, r.limit.worse)
	r.Baseline, r.Candidate = rateSide(c.Baseline, r.higher), rateSide(c.Candidate, r.higher)
	if !t.Testable {
		r.fix(OutcomeInvalid, "no_requests", "a side holds no request")
		return
	}
	r.tested, r.rate, r.strongRate, r.worse = true, &t, &strong, &better
	r.Test, r.N = "newcombe_overdispersed", min(len(c.Baseline), len(c.Candidate))
	r.describe()
}

// ratesApart tests the candidate's runs together; the jobs of a history are
// tested one by one, see material.estimate.
func (k *rowMaker) ratesApart(r *row, d stats.Dispersion, c stats.Counts) (weak, strong stats.RateTest) {
	whole := d.ErrorTest(c, r.limit.worse)
	if k.m.name != DesignHistory || len(c.Candidate) != len(k.s.cand) {
		return whole, whole
	}
	byJob := map[int][]stats.RunCount{}
	for i, run := range k.s.cand {
		byJob[run.job] = append(byJob[run.job], c.Candidate[i])
	}
	tested := false
	for job := range len(k.m.in.Candidate) {
		if len(byJob[job]) == 0 {
			continue
		}
		alone := stats.Counts{Baseline: c.Baseline, Candidate: byJob[job]}
		dispersion := d
		if len(alone.Candidate) == 1 && len(byJob) > 1 { // its errors lie in one run: the other job stands for a second
			dispersion = stats.Dispersed([]stats.Counts{alone})
		}
		t := dispersion.ErrorTest(alone, r.limit.worse)
		if !tested || t.P > weak.P || t.P == weak.P && t.Diff < weak.Diff {
			weak = t
		}
		if !tested || t.P < strong.P || t.P == strong.P && t.Diff > strong.Diff {
			strong = t
		}
		tested = true
	}
	return weak, strong
}

func rateSide(runs []stats.RunCount, complement bool) *RowSide {
	side := &RowSide{}
	var errors, requests int64
	for _, r := range runs {
		if r.Requests == 0 {
			continue
		}
		side.PerRun = append(side.PerRun, share(r.Errors, r.Requests, complement))
		if side.RequestsMin == nil || r.Requests < *side.RequestsMin {
			side.RequestsMin = ptr(r.Requests)
		}
		errors, requests = errors+r.Errors, requests+r.Requests
	}
	if requests == 0 {
		return nil
	}
	side.Value = share(errors, requests, complement)
	return side
}

func share(part, whole int64, complement bool) float64 {
	if complement {
		part = whole - part
	}
	return float64(part) / float64(whole)
}

// addDelivered adds the row of requests that the service could not take: the
// same test on undelivered of intended. Without an intended count there is no
// such row; one that only some runs give is no number.
func (k *rowMaker) addDelivered() {
	base, allB := undelivered(k.s.base)
	cand, allC := undelivered(k.s.cand)
	if len(base)+len(cand) == 0 {
		return
	}
	r := k.newRow(nil, MetricDelivered, RolePrimary)
	switch {
	case !allB || !allC:
		r.fix(OutcomeInvalid, "not_measured", "only some of the runs say how many requests were intended")
	case len(k.shared) == 0:
		k.fixWhole(r)
	default:
		c := stats.Counts{Baseline: base, Candidate: cand}
		k.testRate(r, stats.Dispersed([]stats.Counts{c}), c)
	}
}

// undelivered counts, run by run, the intended requests that were not sent:
// also those that no reason is given for, so that a rate that was not reached
// shows.
func undelivered(runs []countedRun) (out []stats.RunCount, all bool) {
	all = true
	for _, r := range runs {
		l := r.run.Load
		if l.Intended == nil {
			all = false
			continue
		}
		out = append(out, stats.RunCount{Errors: max(0, *l.Intended-l.Sent), Requests: *l.Intended})
	}
	return out, all
}

// addUsageRows adds throughput and what the service used: one number a run,
// tested like a latency.
func (k *rowMaker) addUsageRows() {
	k.addValueRow(MetricThroughput, k.throughputRole(), throughput)
	metrics := map[string]bool{}
	for _, r := range append(append([]countedRun{}, k.s.base...), k.s.cand...) {
		for _, x := range r.run.Resources {
			if x.Of == "target" && (x.Metric == MetricCPU || x.Metric == MetricRSS) {
				metrics[x.Metric] = true
			}
		}
	}
	for _, metric := range []string{MetricCPU, MetricRSS} {
		if metrics[metric] {
			k.addValueRow(metric, RoleInfo, func(r countedRun) float64 { return resource(r, metric) })
		}
	}
}

// throughputRole: only in the closed model without waits is throughput the
// service's doing.
func (k *rowMaker) throughputRole() Role {
	if s := k.s.candidate; s != nil && s.Model == ModelClosed && !s.Wait {
		return RolePrimary
	}
	return RoleInfo
}

// throughput is the successful requests a second of a run.
func throughput(r countedRun) float64 {
	if !(r.run.MeasuredS > 0) {
		return 0
	}
	ok := int64(0)
	for _, e := range r.run.Endpoints {
		ok += e.OK
	}
	return float64(ok) / r.run.MeasuredS
}

func resource(r countedRun, metric string) float64 {
	for _, x := range r.run.Resources {
		if x.Metric == metric && x.Of == "target" {
			return x.Value
		}
	}
	return 0
}

func (k *rowMaker) addValueRow(metric string, role Role, value func(countedRun) float64) {
	if len(k.s.base)+len(k.s.cand) == 0 {
		return
	}
	r := k.newRow(nil, metric, role)
	s := logSeries{declared: declaredNoise}
	usable := len(k.s.base) > 0 && len(k.s.cand) > 0
	for i, run := range append(append([]countedRun{}, k.s.base...), k.s.cand...) {
		v := value(run)
		usable = usable && v > 0
		log := math.Log(v)
		if r.higher {
			log = -log // positive = worse
		}
		if i < len(k.s.base) {
			s.base, s.baseJob = append(s.base, log), append(s.baseJob, run.job)
		} else {
			s.cand, s.candJob = append(s.cand, log), append(s.candJob, run.job)
		}
	}
	r.Baseline, r.Candidate = valueSide(k.s.base, value), valueSide(k.s.cand, value)
	switch {
	case len(k.shared) == 0:
		k.fixWhole(r)
	case !usable:
		r.fix(OutcomeInvalid, "not_measured", "a run has no number for it")
	default:
		r.base = r.Baseline.Value
		k.test(r, s.reduced(k.m.name))
	}
}

func valueSide(runs []countedRun, value func(countedRun) float64) *RowSide {
	if len(runs) == 0 {
		return nil
	}
	side := &RowSide{}
	for _, r := range runs {
		side.PerRun = append(side.PerRun, value(r))
	}
	side.Value = stats.Median(side.PerRun)
	return side
}
