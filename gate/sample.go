package gate

import (
	"math"
	"slices"
	"strconv"

	"github.com/perfgate/perfgate/gate/hist"
	"github.com/perfgate/perfgate/gate/stats"
)

// minTail is the fewest requests above a percentile in a run with which it can
// be tested (docs/method.md 0.2): below it the percentile is one request's
// time.
const minTail = 10

// A sample is one run's number for one row, with what is known of its
// precision.
type sample struct {
	value    float64 // ms; 0: the run had no success
	requests int64   // successes it is made of
	tail     int64   // successes above it
	seLog    float64 // within-run standard error of its logarithm
	clamped  bool    // it lies at the end of the scale: the true value is not known
}

// state of a run's sample.
func (s sample) missing() bool { return !(s.value > 0) }
func (s sample) thin() bool    { return s.tail < minTail }

// A latencySource answers percentiles of one endpoint in one run. The
// histogram is decoded once.
type latencySource struct {
	latency *Latency
	hist    *hist.Histogram
	levels  []float64 // that a source without histogram gives, ascending
}

// source picks what of an endpoint's latency is compared: successes before
// all requests, the response time (from the intended start) before the
// service time.
func (e EndpointRun) source() latencySource {
	var best *Latency
	for i := range e.Latency {
		l := &e.Latency[i]
		if best == nil || l.rank() > best.rank() {
			best = l
		}
	}
	s := latencySource{latency: best, levels: best.levels()}
	if best == nil || best.Precision != PrecisionHistogram || best.HDR == nil {
		return s
	}
	if h, err := hist.Decode(*best.HDR); err == nil { // validated on reading
		s.hist = h
	}
	return s
}

func (l *Latency) rank() int {
	rank := 0
	if l.Population == PopulationOK {
		rank += 2
	}
	if l.Of == OfResponse {
		rank++
	}
	return rank
}

// empty reports whether there was no request that counts.
func (s latencySource) empty() bool { return s.latency == nil || s.latency.Count == 0 }

// has reports whether the percentile at level is known; a quantile that the
// source does not give is never interpolated.
func (s latencySource) has(level float64) bool {
	if s.empty() {
		return true // an empty source has every level, each of them missing
	}
	if s.hist != nil {
		return true
	}
	_, ok := s.latency.QuantilesMS[QuantileKey(level)]
	return ok
}

// at returns the sample at level; the zero sample without a success.
func (s latencySource) at(level float64) sample {
	if s.empty() {
		return sample{}
	}
	n := s.latency.Count
	out := sample{requests: n, tail: n - stats.Rank(n, level)}
	if s.hist != nil {
		out.value = s.hist.Quantile(level) / 1000
		out.clamped = s.latency.Clamped > 0 && out.value >= hist.MaxMS*(1-0.001)
		out.seLog = stats.RankSE(n, level, func(rank int64) float64 { return s.hist.ValueAtRank(rank) })
		return out
	}
	out.value = s.latency.QuantilesMS[QuantileKey(level)]
	out.seLog = s.quantileSE(level, n)
	return out
}

// quantileSE reads the density off the two nearest given levels around level
// (docs/method.md 0.2). Where there are no two it is unknown, which decides
// nothing.
func (s latencySource) quantileSE(level float64, n int64) float64 {
	levels := s.levels
	if len(levels) < 2 {
		return math.Inf(1)
	}
	i, found := slices.BinarySearch(levels, level)
	lo, hi := i-1, i
	if found { // the level itself is given: its neighbours, one-sided at the ends
		hi = i + 1
	}
	lo, hi = max(lo, 0), min(hi, len(levels)-1)
	return stats.PercentileSE(n, level, s.percentile(levels[lo]), s.percentile(levels[hi]))
}

func (s latencySource) percentile(level float64) stats.Percentile {
	return stats.Percentile{P: level, Value: s.latency.QuantilesMS[QuantileKey(level)]}
}

// levels returns the levels of the known percentiles, ascending; none of nil.
func (l *Latency) levels() []float64 {
	if l == nil {
		return nil
	}
	var levels []float64
	for key := range l.QuantilesMS {
		if level, err := strconv.ParseFloat(key, 64); err == nil { // validated on reading
			levels = append(levels, level)
		}
	}
	slices.Sort(levels)
	return levels
}
