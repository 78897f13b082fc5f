package gate

import "github.com/perfgate/perfgate/gate/hist"

// shownLevels are the quantiles that a result shows beside a histogram.
var shownLevels = [...]float64{0.5, 0.75, 0.9, 0.95, 0.99, 0.999}

// NewLatency describes the values of a histogram: of is OfResponse or
// OfService, population PopulationOK or PopulationAll. The histogram itself is
// kept, so that every percentile can be read from the file. If it does not
// encode, which is not known to happen, the error says so and the answer has the
// shown quantiles only.
func NewLatency(of, population string, h *hist.Histogram) (Latency, error) {
	l := Latency{Of: of, Population: population, Count: h.Count(), Precision: PrecisionQuantiles, QuantilesMS: map[string]float64{}, Clamped: h.Clamped()}
	if l.Count > 0 {
		l.MeanMS, l.MinMS, l.MaxMS = ptr(h.Mean()/1000), ptr(h.Min()/1000), ptr(h.Max()/1000)
		for _, level := range shownLevels {
			l.QuantilesMS[QuantileKey(level)] = h.Quantile(level) / 1000
		}
	}
	text, err := h.Encode()
	if err != nil {
		return l, err
	}
	l.Precision, l.HDR = PrecisionHistogram, &text
	return l, nil
}

// WithoutHistogram drops the histogram: only the shown quantiles stay.
func (l Latency) WithoutHistogram() Latency {
	l.Precision, l.HDR = PrecisionQuantiles, nil
	return l
}
