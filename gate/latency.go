package gate

import "github.com/perfgate/perfgate/gate/hist"

// shownLevels are the quantiles that a result shows beside a histogram.
var shownLevels = [...]float64{0.5, 0.9, 0.95, 0.99, 0.999}

// NewLatency describes the values of a histogram: of is OfResponse or
// OfService, population PopulationOK or PopulationAll. The histogram itself is
// kept, so that every percentile can be read from the file. An error says that
// it does not encode.
func NewLatency(of, population string, h *hist.Histogram) (Latency, error) {
	l := Latency{Of: of, Population: population, Count: h.Count(), Precision: PrecisionHistogram, QuantilesMS: map[string]float64{}, Clamped: h.Clamped()}
	text, err := h.Encode()
	if err != nil {
		return Latency{}, err
	}
	l.HDR = &text
	if l.Count == 0 {
		return l, nil
	}
	l.MeanMS, l.MinMS, l.MaxMS = ptr(h.Mean()/1000), ptr(h.Min()/1000), ptr(h.Max()/1000)
	for _, level := range shownLevels {
		l.QuantilesMS[QuantileKey(level)] = h.Quantile(level) / 1000
	}
	return l, nil
}

// WithoutHistogram drops the histogram: only the shown quantiles stay.
func (l Latency) WithoutHistogram() Latency {
	l.Precision, l.HDR = PrecisionQuantiles, nil
	return l
}
