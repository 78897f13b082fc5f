package gatetest

import (
	"math"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
	"github.com/perfgate/perfgate/gate/stats"
)

// latencies holds n exact quantiles of a lognormal distribution, of response
// and of service time alike: nothing waited.
func latencies(e Endpoint, n int64, factor float64) []gate.Latency {
	h := hist.New()
	for k := range n {
		z := stats.NormalQuantile((float64(k) + 0.5) / float64(n))
		ms := e.MedianMS * factor * math.Exp(e.Sigma*z)
		h.Record(int64(math.Round(ms * 1000)))
	}
	response, err := gate.NewLatency(gate.OfResponse, gate.PopulationOK, h)
	if err != nil {
		panic("gatetest: " + err.Error()) // the histogram was filled above
	}
	service := response.WithoutHistogram()
	service.Of = gate.OfService
	return []gate.Latency{response, service}
}
