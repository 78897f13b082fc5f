package load

import (
	"errors"
	"strconv"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
	"github.com/perfgate/perfgate/gate/machine"
)

// result writes down the run, when nothing is under way any more. cause is why
// it ended early; nil: it did not.
func (e *engine) result(started time.Time, cause error) gate.Run {
	run := gate.Run{
		Scenario:  e.o.Scenario,
		Stream:    e.o.Stream,
		Start:     started.UTC().Format(time.RFC3339),
		Resources: []gate.Resource{},
	}
	begin := min(e.measuredFrom(), e.ended)
	measured := min(e.ended-begin, e.o.Duration)
	run.WarmupS, run.MeasuredS = (begin - e.origin).Seconds(), measured.Seconds()
	run.Load = e.runLoad()
	run.Endpoints = e.endpoints()
	run.Windows = e.windows(measured)
	health := e.after.since(e.before, &e.rec.late, machine.Read().CPUs)
	if health.LateP95MS != nil {
		limit := lateLimit(e.p95MS())
		health.LateLimitMS = &limit
	}
	run.Generator = []gate.GeneratorHealth{health}
	run.Status, run.Reasons = e.status(cause, health, run)
	return run
}

// status judges whether the run counts, and why not.
func (e *engine) status(cause error, health gate.GeneratorHealth, run gate.Run) (gate.RunStatus, []string) {
	aborted := errors.Is(cause, errAborted)
	switch {
	case errors.Is(cause, errDied):
		return gate.RunTargetDied, []string{gate.ReasonTargetDied}
	case cause != nil && !aborted:
		return gate.RunInterrupted, []string{gate.ReasonIncomplete}
	}
	reasons := e.unmeasurable(run.Endpoints)
	reasons = append(reasons, disturbed(health, run.MeasuredS)...)
	status := gate.RunOK
	if len(reasons) > 0 {
		status = gate.RunInvalid
	}
	if aborted {
		reasons = append(reasons, gate.ReasonAborted)
	}
	if e.unsteady {
		reasons = append(reasons, gate.ReasonUnsteady)
	}
	return status, append([]string{}, reasons...)
}

// unmeasurable returns the reasons why a run says nothing about the target.
func (e *engine) unmeasurable(endpoints []gate.EndpointRun) []string {
	var requests, refused, client, opened int64
	for _, p := range endpoints {
		requests += p.Requests
		for _, f := range p.Failures {
			switch f.Kind {
			case gate.FailRefused:
				refused += f.Count
			case gate.FailClient:
				client += f.Count
			}
		}
	}
	for i := range e.o.Tasks {
		opened += e.client.connects(i, false).opened + e.client.connects(i, true).opened
	}
	switch {
	case requests == 0:
		return []string{gate.ReasonNoRequests}
	case refused == requests && opened == 0:
		return []string{gate.ReasonRefused}
	case float64(client) > clientRatio*float64(requests):
		return []string{gate.ReasonClient}
	}
	return nil
}

// p95MS returns the p95 response time over all successes, 0 without one.
func (e *engine) p95MS() float64 {
	all := hist.New()
	for _, p := range e.rec.endpoints {
		all.Merge(&p.response)
	}
	if all.Count() == 0 {
		return 0
	}
	return all.Quantile(0.95) / 1000
}

func (e *engine) runLoad() gate.RunLoad {
	l := gate.RunLoad{Sent: e.rec.sent.Load()}
	if !e.rec.open {
		return l
	}
	intended, undelivered := l.Sent+e.undelivered, e.undelivered
	l.Intended, l.Undelivered = &intended, &undelivered
	if intended > 0 {
		ratio := float64(l.Sent) / float64(intended)
		l.DeliveredRatio = &ratio
	}
	return l
}

func (e *engine) windows(measured time.Duration) *gate.Windows {
	n := int((measured + windowLength - 1) / windowLength)
	w := &gate.Windows{LengthS: windowLength.Seconds(), Endpoints: map[string]gate.EndpointWindow{}}
	for _, p := range e.rec.endpoints {
		w.Endpoints[p.name] = p.windows.first(n)
	}
	return w
}

func (e *engine) endpoints() []gate.EndpointRun {
	opened := map[*endpoint]connects{}
	for i := range e.o.Tasks {
		p := e.rec.byTask[i]
		sum, c := opened[p], e.client.connects(i, true)
		opened[p] = connects{sum.opened + c.opened, sum.tcp + c.tcp, sum.tls + c.tls}
	}
	out := make([]gate.EndpointRun, len(e.rec.endpoints))
	for i, p := range e.rec.endpoints {
		out[i] = p.run(opened[p])
	}
	return out
}

// run writes down one endpoint. The times of the head and of the rest are of
// successes: an answer's head counts as its first byte.
func (p *endpoint) run(c connects) gate.EndpointRun {
	e := gate.EndpointRun{
		Name:              p.name,
		Requests:          p.requests,
		OK:                p.ok,
		Failures:          gate.FailureList(p.failures),
		Statuses:          map[string]int64{},
		BytesReceived:     &p.received,
		BytesSent:         &p.sent,
		ConnectionsOpened: &c.opened,
		Latency:           []gate.Latency{},
	}
	for status, n := range p.statuses {
		e.Statuses[strconv.Itoa(status)] = n
	}
	if p.response.Count() > 0 {
		e.Latency = append(e.Latency, latency(gate.OfResponse, &p.response))
	}
	if p.service.Count() > 0 {
		e.Latency = append(e.Latency, latency(gate.OfService, &p.service))
	}
	e.PhasesMS = p.phases(c)
	return e
}

// latency writes down a distribution that is not empty. The histogram of
// service times is left out to save space: they are looked at, not judged.
func latency(of string, h *hist.Histogram) gate.Latency {
	l, _ := gate.NewLatency(of, gate.PopulationOK, h) // with an error the quantiles are there all the same
	if of != gate.OfResponse {
		return l.WithoutHistogram()
	}
	return l
}

// phases returns the mean times of the parts of a request, of which connecting
// is over the connections that were opened.
func (p *endpoint) phases(c connects) *gate.PhasesMS {
	mean := func(sum time.Duration, n int64) *float64 {
		if n == 0 || sum == 0 {
			return nil
		}
		return ms(float64(sum.Nanoseconds()) / 1000 / float64(n))
	}
	phases := gate.PhasesMS{
		ConnectMean:   mean(c.tcp, c.opened),
		TLSMean:       mean(c.tls, c.opened),
		FirstByteMean: mean(p.firstByte, p.ok),
		TransferMean:  mean(p.transfer, p.ok),
	}
	if phases == (gate.PhasesMS{}) {
		return nil
	}
	return &phases
}
