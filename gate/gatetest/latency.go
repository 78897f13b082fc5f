package gatetest

import (
	"math"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
	"github.com/perfgate/perfgate/gate/stats"
)

// levels are the quantiles that a result shows.
var levels = [...]float64{0.5, 0.9, 0.95, 0.99, 0.999}

// latencies holds n exact quantiles of a lognormal distribution, of response
// and of service time alike: nothing waited.
func latencies(e Endpoint, n int64, factor float64) []gate.Latency {
	h := hist.New()
	for k := range n {
		z := stats.NormalQuantile((float64(k) + 0.5) / float64(n))
		ms := e.MedianMS * factor * math.Exp(e.Sigma*z)
		h.Record(int64(math.Round(ms * 1000)))
	}
	response := gate.Latency{Of: gate.OfResponse, Population: gate.PopulationOK, Count: n,
		Precision: gate.PrecisionHistogram, MeanMS: millis(h.Mean()), MinMS: millis(h.Min()), MaxMS: millis(h.Max()),
		QuantilesMS: map[string]float64{}}
	for _, level := range levels {
		response.QuantilesMS[gate.QuantileKey(level)] = *millis(h.Quantile(level))
	}
	encoded, err := h.Encode()
	if err != nil {
		panic("gatetest: " + err.Error()) // the histogram was filled above
	}
	response.HDR = &encoded
	service := response
	service.Of, service.Precision, service.HDR = gate.OfService, gate.PrecisionQuantiles, nil
	return []gate.Latency{response, service}
}

func millis(us float64) *float64 {
	ms := us / 1000
	return &ms
}
