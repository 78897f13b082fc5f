package gatetest

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/stats"
)

// A Build describes a paired session of which the truth is known: what the
// machine did and by how much the candidate is slower. Every field has to be
// set; the same Build gives the same session.
type Build struct {
	Family Family
	// CV is the standard deviation of the run effect on the log scale, 0.03
	// about 3 %; what the family adds comes on top.
	CV float64
	// Shared is the part of the run effect that the endpoints share, from 0
	// to 1.
	Shared    float64
	Endpoints int // at most 26
	// Noisier is the standard deviation that the last endpoint's runs have
	// besides, on the log scale; 0: all endpoints are alike.
	Noisier float64
	// Slower is the change of the candidate, 0.1 for +10 %; SlowerEndpoints
	// are that much slower, the first ones.
	Slower          float64
	SlowerEndpoints int
	Pairs           int
	// Seed and Number name the random stream; Number counts the builds of a
	// cell.
	Seed, Number uint64
}

// Requests of one endpoint in a run, and the spread of their log-normal
// latencies. They give the within-run standard errors of docs/method.md 0.13:
// p50 3.0 %, p95 about 4.9 %.
const (
	requestsOfRun = 200
	latencySigma  = 0.34
)

// knownLevels are the percentiles that a drawn session keeps of a run: p50 and
// p95, each between two near ones, of which Compare reads the within-run error.
var knownLevels = [...]float64{0.4, 0.5, 0.6, 0.9, 0.95, 0.98}

// A Drawn is the session of a Build: run by run what both sides measured.
type Drawn struct {
	build Build
	// uniform[r][e] are the ranks in (0, 1) of an endpoint's requests in one
	// run, ascending, effect[r][e] is the log factor on its latencies. Run
	// 2(k-1) is the baseline's of pair k, the next one the candidate's.
	uniform [][][]float64
	effect  [][]float64
	base    gate.Result
	cand    gate.Result
}

// Draw makes the session. Requests are drawn one by one, hence a run's
// percentiles carry the error that so few requests have.
func (b Build) Draw() *Drawn {
	r := rand.New(rand.NewPCG(b.Seed, b.Number))
	d := &Drawn{build: b, effect: make([][]float64, 2*b.Pairs), uniform: make([][][]float64, 2*b.Pairs)}
	inTime := b.Family.effects(r, 2*b.Pairs, b.Endpoints, b.CV, b.Shared)
	if b.Noisier > 0 {
		for t := range inTime {
			inTime[t][b.Endpoints-1] += b.Noisier * r.NormFloat64()
		}
	}
	for k := range b.Pairs {
		first := position(k+1, gate.SideBaseline) - 1
		d.effect[2*k], d.effect[2*k+1] = inTime[2*k+first], inTime[2*k+1-first]
		for e := range b.SlowerEndpoints {
			d.effect[2*k+1][e] += math.Log1p(b.Slower)
		}
	}
	for i := range d.uniform {
		d.uniform[i] = make([][]float64, b.Endpoints)
		for e := range d.uniform[i] {
			d.uniform[i][e] = sortedUniform(r, requestsOfRun)
		}
	}
	d.base, d.cand = Pair(b.spec(), b.spec())
	for k := range b.Pairs {
		d.fill(&d.base.Runs[k], 2*k)
		d.fill(&d.cand.Runs[k], 2*k+1)
	}
	return d
}

// spec is the frame of the session: every request fails, which costs no
// latencies; fill puts in what was drawn.
func (b Build) spec() Spec {
	s := Spec{Runs: b.Pairs, Requests: 1, Errors: func(int, string) int64 { return 1 }}
	for e := range b.Endpoints {
		s.Endpoints = append(s.Endpoints, Endpoint{Name: "GET /" + string(rune('a'+e))})
	}
	return s
}

// sortedUniform draws n values in (0, 1) in ascending order: the partial sums
// of n+1 exponential values over their total have that distribution.
func sortedUniform(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	sum := 0.0
	for i := range out {
		sum += r.ExpFloat64()
		out[i] = sum
	}
	sum += r.ExpFloat64()
	for i := range out {
		out[i] /= sum
	}
	return out
}

// latency is the time in ms of an endpoint's request that has a rank, from 1,
// among those of its run.
func (d *Drawn) latency(run, endpoint, rank int) float64 {
	z := math.Sqrt2 * math.Erfinv(2*d.uniform[run][endpoint][rank-1]-1)
	return 10 * math.Exp(latencySigma*z+d.effect[run][endpoint])
}

// fill puts the drawn requests into a run. Percentiles without
// a histogram are the cheapest form from which Compare reads value and error.
func (d *Drawn) fill(run *gate.Run, index int) {
	run.Load = gate.RunLoad{Sent: int64(requestsOfRun * d.build.Endpoints)}
	intended, none, all := run.Load.Sent, int64(0), 1.0
	run.Load.Intended, run.Load.Undelivered, run.Load.DeliveredRatio = &intended, &none, &all
	run.Generator = []gate.GeneratorHealth{}
	for e := range run.Endpoints {
		levels := make(map[string]float64, len(knownLevels))
		for _, level := range knownLevels {
			levels[gate.QuantileKey(level)] = d.latency(index, e, int(stats.Rank(requestsOfRun, level)))
		}
		run.Endpoints[e] = gate.EndpointRun{Name: run.Endpoints[e].Name, Requests: requestsOfRun, OK: requestsOfRun, Failures: []gate.Failure{},
			Latency: []gate.Latency{{Of: gate.OfResponse, Population: gate.PopulationOK, Count: requestsOfRun,
				Precision: gate.PrecisionQuantiles, QuantilesMS: levels}}}
	}
}

// Sides returns the session as its files would stand after so many pairs, at
// most Build.Pairs, planned with looks. They share memory with later ones.
func (d *Drawn) Sides(pairs int, looks []int) (baseline, candidate gate.Result) {
	baseline, candidate = d.base, d.cand
	for _, side := range []*gate.Result{&baseline, &candidate} {
		side.Runs = slices.Clip(side.Runs[:pairs])
		side.Session.Looks = looks
	}
	return baseline, candidate
}

// Values returns an endpoint's percentile at level in ms, one number per run of
// the first pairs.
func (d *Drawn) Values(endpoint int, level float64, pairs int) (baseline, candidate []float64) {
	rank := int(stats.Rank(requestsOfRun, level))
	for k := range pairs {
		baseline = append(baseline, d.latency(2*k, endpoint, rank))
		candidate = append(candidate, d.latency(2*k+1, endpoint, rank))
	}
	return baseline, candidate
}

// All returns every request of an endpoint in the first pairs, in ms.
func (d *Drawn) All(endpoint, pairs int) (baseline, candidate []float64) {
	for k := range pairs {
		for rank := 1; rank <= requestsOfRun; rank++ {
			baseline = append(baseline, d.latency(2*k, endpoint, rank))
			candidate = append(candidate, d.latency(2*k+1, endpoint, rank))
		}
	}
	return baseline, candidate
}
