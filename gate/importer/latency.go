package importer

import (
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
)

// latency describes the successes of an endpoint. Foreign tools measure from
// the actual send: time that a request waited for a free worker is not inside.
func latency(h *hist.Histogram) (gate.Latency, error) {
	l, err := gate.NewLatency(gate.OfService, gate.PopulationOK, h)
	if err != nil {
		return gate.Latency{}, &Error{Text: "the histogram cannot be written", Err: err}
	}
	return l, nil
}
