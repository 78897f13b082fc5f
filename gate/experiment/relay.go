package experiment

import (
	"context"
	"errors"

	"github.com/perfgate/perfgate/gate"
)

// A Relay stands between the load and a target that is up.
type Relay interface {
	// URL is where the load goes.
	URL() string
	// Close ends it. The target behind it is still up then.
	Close() error
}

// A RelayFunc opens a relay in front of what answers at url.
type RelayFunc func(ctx context.Context, url string) (Relay, error)

// Share returns an arm for each name, in their order, that all measure the one
// target of a: it is built and prepared once, brought up for each run, and
// closed with the first arm that is closed. The name is the label of an arm's
// subject, too.
func (a Arm) Share(names ...string) []Arm {
	shared := &sharedTarget{Target: a.Target, done: map[string]bool{}}
	var arms []Arm
	for _, name := range names {
		twin := a
		twin.Name, twin.Subject.Label, twin.Target = name, name, shared
		arms = append(arms, twin)
	}
	return arms
}

// Through returns the arm with a relay in front of its target, a new one each
// time it comes up. One that cannot be opened is nobody's fault: the run is
// invalid.
func (a Arm) Through(open RelayFunc) Arm {
	a.Target = &relayedTarget{Target: a.Target, open: open}
	return a
}

// sharedTarget is one target of several arms.
type sharedTarget struct {
	Target
	done map[string]bool // phases
}

func (t *sharedTarget) Once(ctx context.Context, phase string) error {
	if t.done[phase] {
		return nil
	}
	t.done[phase] = true
	return t.Target.Once(ctx, phase)
}

// relayedTarget is a target behind a relay.
type relayedTarget struct {
	Target
	open RelayFunc
	up   *relayed // nil: none
}

func (t *relayedTarget) Up(ctx context.Context) (Instance, error) {
	inner, err := t.Target.Up(ctx)
	if err != nil {
		return nil, err
	}
	relay, err := t.open(ctx, inner.URL())
	if err != nil {
		return nil, errors.Join(err, inner.Down(context.WithoutCancel(ctx)))
	}
	t.up = &relayed{Instance: inner, relay: relay}
	return t.up, nil
}

// Close ends the relay first: nothing may ask a target that goes down.
func (t *relayedTarget) Close() error {
	var err error
	if t.up != nil {
		err = t.up.end()
	}
	return errors.Join(err, t.Target.Close())
}

// relayed is an instance behind a relay. It tells of the service what the
// instance tells.
type relayed struct {
	Instance
	relay Relay // nil: ended
}

func (r *relayed) URL() string {
	if r.relay == nil {
		return r.Instance.URL()
	}
	return r.relay.URL()
}

func (r *relayed) Down(ctx context.Context) error {
	return errors.Join(r.end(), r.Instance.Down(ctx))
}

func (r *relayed) end() error {
	if r.relay == nil {
		return nil
	}
	relay := r.relay
	r.relay = nil
	return relay.Close()
}

func (r *relayed) MarkLoad() {
	if m, ok := r.Instance.(meter); ok {
		m.MarkLoad()
	}
}

func (r *relayed) Resources() []gate.Resource {
	if m, ok := r.Instance.(meter); ok {
		return m.Resources()
	}
	return nil
}

func (r *relayed) Death() error {
	if m, ok := r.Instance.(mortal); ok {
		return m.Death()
	}
	return nil
}
