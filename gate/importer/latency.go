package importer

import (
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
)

// levels are the quantiles shown of a histogram.
var levels = [...]float64{0.5, 0.9, 0.95, 0.99, 0.999}

// latency describes the successes of an endpoint. Foreign tools measure from
// the actual send: time that a request waited for a free worker is not inside.
func latency(h *hist.Histogram) (gate.Latency, error) {
	encoded, err := h.Encode()
	if err != nil {
		return gate.Latency{}, &Error{Text: "the histogram cannot be written", Err: err}
	}
	l := gate.Latency{
		Of: gate.OfService, Population: gate.PopulationOK, Count: h.Count(), Precision: gate.PrecisionHistogram,
		MeanMS: inMillis(h.Mean()), MinMS: inMillis(h.Min()), MaxMS: inMillis(h.Max()),
		QuantilesMS: map[string]float64{}, HDR: &encoded, Clamped: h.Clamped(),
	}
	for _, level := range levels {
		l.QuantilesMS[gate.QuantileKey(level)] = h.Quantile(level) / 1000
	}
	return l, nil
}

func inMillis(us float64) *float64 {
	ms := us / 1000
	return &ms
}
