// Package load offers a scenario's load to a target and tells what it
// answered, as one gate.Run.
//
// # Parts
//
//	schedule ─► pacer ─► client ─► recorder ─► gate.Run
//
// The schedule is pure: which request is due when is a function of the load,
// the seed and the stream, and of nothing that happens. The pacer waits for it
// on a clock, a client sends, the recorder counts, and the engine leads the
// phases: warm-up, measured part, answers still out.
//
// # What is measured
//
// In the open model, response time counts from the moment a request was due
// and service time from the moment a worker handed it to the client, so it
// holds any wait for a connection when their number is capped. The difference
// is our own lateness; a run with too much of it is invalid. A request that is
// due while the service holds every slot is undelivered: not sent, and the
// service's failure. In the closed model nothing is due; only response time is
// recorded and it counts from the send.
//
// The measured part holds the requests that were due (closed model: sent) in
// it. Warm-up requests are counted nowhere, even if they are answered later;
// measured ones are awaited for up to their time-out after its end. Windows
// take a request where its answer arrived, which for late answers is the last
// window.
package load

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// windowLength is the window of results, and the beat of warm-up, abort and
// progress.
const windowLength = time.Second

// Options is one run: what is sent where, and what may end it early. URL,
// Load.Model with its rate or users, and Tasks are required.
type Options struct {
	// URL is the base that every task's path is appended to, http or https.
	// A user and password in it are sent as basic authentication.
	URL string
	// Load says how requests are offered. Zero fields are the defaults of
	// package gate; Warmup 0 is none.
	Load  gate.Load
	Tasks []gate.Task // at least one; tasks of one name are counted together
	// Scenario is the ScenarioInfo.ID that the run names.
	Scenario string
	// Duration of the measured part; 0: Load.Duration. A plan may replace it.
	Duration time.Duration
	// Stream is the random stream: equal (Load.Seed, Stream) give equal
	// requests.
	Stream uint64
	// Abort ends the run early; nil: it is never ended for its errors.
	Abort *gate.Abort
	// Died is closed when the target's process has ended; nil: not known.
	Died <-chan struct{}
	// Progress is called after every second, always from one goroutine that
	// neither sends nor records; nil: nobody listens.
	Progress func(Progress)
	// RootCAs are trusted for https; nil: the system's.
	RootCAs *x509.CertPool
}

// The phases of a run.
const (
	PhaseWarmup = "warmup"
	PhaseLoad   = "load"
)

// Progress is where a run stands.
type Progress struct {
	Phase string // PhaseWarmup or PhaseLoad
	// Elapsed is the time since the phase began; Total its length, which a
	// warm-up that does not settle exceeds.
	Elapsed, Total time.Duration
	// Requests were answered in this phase, Failed those of them that
	// failed.
	Requests, Failed int64
	// P95MS is the response time's over all requests of the last second, in
	// ms; 0 when none was answered.
	P95MS float64
}

// Run offers the load and returns what happened. It sets everything in the run
// but ID, Pair, Position, Attempt, Prepared and Resources.
//
// The status is interrupted when ctx ended it, target_died when Died did, and
// invalid when it could not be measured, each with its reasons. Requests that
// were cut off by the end of such a run are sent, but neither answered nor
// failed. A run that Abort ended is ok, with the reason aborted: its errors
// are evidence against the target, though its load is not complete.
//
// The error tells options with which nothing could begin; whatever the target
// does is no error.
func Run(ctx context.Context, o Options) (gate.Run, error) {
	o, base, err := o.prepare()
	if err != nil {
		return gate.Run{}, err
	}
	clock := newWall()
	defer clock.close()
	client, err := newHTTPClient(base, o, clock)
	if err != nil {
		return gate.Run{}, err
	}
	defer client.close()
	return newEngine(o, clock, client).run(ctx), nil
}

// prepare fills in the defaults and refuses what cannot be run.
func (o Options) prepare() (Options, *url.URL, error) {
	l := &o.Load
	l.Timeout = or(l.Timeout, gate.DefaultTimeout)
	l.MaxInFlight = or(l.MaxInFlight, gate.DefaultMaxInFlight)
	l.Arrivals = or(l.Arrivals, gate.ArrivalsConstant)
	o.Duration = or(o.Duration, or(l.Duration, gate.DefaultDuration))
	base, err := parseBase(o.URL)
	switch {
	case err != nil:
		return o, nil, err
	case l.Model != gate.ModelOpen && l.Model != gate.ModelClosed:
		return o, nil, fmt.Errorf("load: model is %q, want %q or %q", l.Model, gate.ModelOpen, gate.ModelClosed)
	case l.Model == gate.ModelOpen && !(l.Rate > 0 && l.Rate <= maxRate):
		return o, nil, fmt.Errorf("load: rate is %v requests a second, want more than 0 and at most %g", l.Rate, float64(maxRate))
	case l.Model == gate.ModelOpen && l.Arrivals != gate.ArrivalsConstant && l.Arrivals != gate.ArrivalsPoisson:
		return o, nil, fmt.Errorf("load: arrivals are %q, want %q or %q", l.Arrivals, gate.ArrivalsConstant, gate.ArrivalsPoisson)
	case l.Model == gate.ModelClosed && (l.Users < 1 || !(l.SpawnRate >= 0)):
		return o, nil, fmt.Errorf("load: %d users at a spawn rate of %v, want at least 1 and no negative rate", l.Users, l.SpawnRate)
	case l.Wait.Min < 0 || l.Wait.Max < l.Wait.Min:
		return o, nil, fmt.Errorf("load: wait is %v to %v, want a range of lengths", l.Wait.Min, l.Wait.Max)
	case o.Duration < 0 || l.Timeout < 0 || l.Warmup < 0 || l.MaxInFlight < 0 || l.Connections < 0:
		return o, nil, errors.New("load: a length of time or a limit is negative")
	case len(o.Tasks) == 0:
		return o, nil, errors.New("load: no tasks")
	}
	for _, t := range o.Tasks {
		if t.Name == "" || t.Weight < 1 {
			return o, nil, fmt.Errorf("load: task %q of weight %d, want a name and at least 1", t.Name, t.Weight)
		}
	}
	return o, base, nil
}

// maxRate leaves a nanosecond clock room to tell two arrivals apart.
const maxRate = 1e6

// parseBase reads the target's address. The error never holds a password.
func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		if inner := new(url.Error); errors.As(err, &inner) {
			err = inner.Err // without the text, which may hold a password
		}
		return nil, fmt.Errorf("target address: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("target address %q: want http://host or https://host", u.Redacted())
	}
	u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/"), strings.TrimSuffix(u.RawPath, "/")
	return u, nil
}

// or returns value, or fallback where value is zero.
func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
