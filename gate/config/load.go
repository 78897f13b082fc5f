package config

import (
	"fmt"
	"time"

	"github.com/perfgate/perfgate/gate"
)

func loadKeys() []key[gate.Load] {
	return []key[gate.Load]{
		{"rate", scalar, "400/s", "Open model: requests a second, sent whatever the service does.",
			func(d *decoder, v value, l *gate.Load) { d.rate(v, 1e6, &l.Rate) }},
		{"arrivals", scalar, "constant", "Open model: evenly spaced requests (constant) or random ones (poisson). Default: constant.",
			func(d *decoder, v value, l *gate.Load) {
				choice(d, v, &l.Arrivals, gate.ArrivalsConstant, gate.ArrivalsPoisson)
			}},
		{"max_in_flight", scalar, "1000", "Open model: a request that is due while so many wait for their answer counts as undelivered. Default: 1000.",
			func(d *decoder, v value, l *gate.Load) { d.integer(v, 1, 1_000_000, &l.MaxInFlight) }},
		{"users", scalar, "50", "Closed model: the number of users, each waiting for its answer.",
			func(d *decoder, v value, l *gate.Load) { d.integer(v, 1, 100_000, &l.Users) }},
		{"spawn_rate", scalar, "10/s", "Closed model: users that start in a second. Default: all at once.",
			func(d *decoder, v value, l *gate.Load) { d.rate(v, 1e5, &l.SpawnRate) }},
		{"wait", scalar, "500ms..2s", "Closed model: the pause of a user after an answer, fixed or between two bounds. Default: none.",
			func(d *decoder, v value, l *gate.Load) { d.wait(v, &l.Wait.Min, &l.Wait.Max) }},
		{"connections", scalar, "20", "The most open connections. Default: as many as needed.",
			func(d *decoder, v value, l *gate.Load) { d.integer(v, 1, 100_000, &l.Connections) }},
		{"warmup", scalar, "2s", "Load before the clock starts, at least so long; 0s for none. Default: 2s.",
			func(d *decoder, v value, l *gate.Load) { d.duration(v, 0, time.Hour, &l.Warmup) }},
		{"duration", scalar, "10s", "The measured time of one run. Default: 10s.",
			func(d *decoder, v value, l *gate.Load) {
				d.duration(v, 100*time.Millisecond, 24*time.Hour, &l.Duration)
			}},
		{"runs", scalar, "5", "The number of runs of perfgate run. Default: 5.",
			func(d *decoder, v value, l *gate.Load) { d.integer(v, 1, 100, &l.Runs) }},
		{"seed", scalar, "1", "The seed of everything random: order of tasks, arrivals, pauses. Default: 1.",
			func(d *decoder, v value, l *gate.Load) { d.seed(v, &l.Seed) }},
		{"timeout", scalar, "10s", "The time after which a request counts as failed. Default: 10s.",
			func(d *decoder, v value, l *gate.Load) { d.duration(v, time.Millisecond, time.Hour, &l.Timeout) }},
	}
}

func (d *decoder) load(v value, into *gate.Load) {
	*into = gate.Load{
		Warmup:   gate.DefaultWarmup,
		Duration: gate.DefaultDuration,
		Runs:     gate.DefaultRuns,
		Seed:     gate.DefaultSeed,
		Timeout:  gate.DefaultTimeout,
	}
	s := decodeMap(d, v, loadKeys(), into)
	switch {
	case s.has("rate") && s.has("users"):
		d.add(s.at("users"), fmt.Sprintf("the load has a rate already (line %d)", s.lines["rate"]), "keep rate for the open model or users for the closed one")
	case s.has("rate"):
		d.openModel(s, into)
	case s.has("users"):
		into.Model = gate.ModelClosed
		d.only(s, "rate (the open model)", "arrivals", "max_in_flight")
	case !s.excused:
		d.add(s.value, "neither rate nor users is given", "write rate: 100/s (open model) or users: 10 (closed model)")
	}
}

func (d *decoder) openModel(s section, l *gate.Load) {
	l.Model = gate.ModelOpen
	if l.Arrivals == "" {
		l.Arrivals = gate.ArrivalsConstant
	}
	if l.MaxInFlight == 0 {
		l.MaxInFlight = gate.DefaultMaxInFlight
	}
	d.only(s, "users (the closed model)", "spawn_rate", "wait")
	if l.Rate > 0 && l.Rate*l.Duration.Seconds() < 1 {
		d.add(s.at("rate"), fmt.Sprintf("a run of %s would not send one request", shortDuration(l.Duration)), "raise the rate or the duration")
	}
}

// only refuses keys of the other model.
func (d *decoder) only(s section, model string, keys ...string) {
	for _, k := range keys {
		if s.has(k) {
			d.add(s.at(k), "goes with "+model+" only", "remove it")
		}
	}
}
