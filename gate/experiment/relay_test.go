package experiment

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// fakeRelay writes down when it is opened and closed. The load goes to its own
// name, for which the rig has a spec.
type fakeRelay struct {
	*rig
	name string
}

func (f fakeRelay) URL() string  { return f.name }
func (f fakeRelay) Close() error { return f.call(f.name+" closed", f.name+" closed") }

func (r *rig) relay(name string) RelayFunc {
	return func(_ context.Context, url string) (Relay, error) {
		if err := r.call(name+" opens to "+url, name+" opens"); err != nil {
			return nil, err
		}
		return fakeRelay{r, name}, nil
	}
}

// relays are a session of one service behind two relays.
func relays(t *testing.T, faults map[string]string) (*rig, []Arm) {
	baseline, candidate := noisy(1), noisy(2)
	baseline.Side, candidate.Side = gate.SideBaseline, gate.SideCandidate
	r := newRig(t, map[string]gatetest.Spec{"plain": baseline, "slow": candidate}, faults)
	arms := r.arm("service").Share("baseline", "slower")
	return r, []Arm{arms[0].Through(r.relay("plain")), arms[1].Through(r.relay("slow"))}
}

// TestRelay: one service, built and prepared once, each arm through its own
// relay, which is up exactly while the service is.
func TestRelay(t *testing.T) {
	r, arms := relays(t, nil)
	o := CompareOptions{Options: r.options(), Pairs: 1, Duration: 3 * time.Second}
	s, err := Compare(r.context(), o, arms[0], arms[1])
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"service build", "service prepare",
		"service up", "plain opens to service", "plain load 0 2s", "plain closed", "service down", // burn-in
		"service up", "slow opens to service", "slow load 0 2s", "slow closed", "service down",
		"service up", "plain opens to service", "plain load 1 3s", "plain closed", "service down",
		"service up", "slow opens to service", "slow load 1 3s", "slow closed", "service down",
		"service close", "service close",
	}
	if diff := cmp.Diff(want, r.calls); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b0", "c0", "b1", "c1"}, r.marks); diff != "" {
		t.Errorf("MarkLoad: -want +got\n%s", diff)
	}
	labels := []string{s.Baseline.Subject.Label, s.Candidates[0].Subject.Label}
	if diff := cmp.Diff([]string{"baseline", "slower"}, labels); diff != "" {
		t.Errorf("labels: -want +got\n%s", diff)
	}
	if n := len(s.Candidates[0].Runs[0].Resources); n != 1 {
		t.Errorf("%d resources of the service behind the relay, want 1", n)
	}
	r.checkDown("service")
}

// TestRelayEndings: whatever goes wrong, neither relay nor service stays up.
func TestRelayEndings(t *testing.T) {
	tests := []struct {
		name   string
		faults map[string]string
		err    error
		status []string // of the runs of "slower"
	}{
		{"a relay that cannot be opened", map[string]string{"slow opens": fails}, errFault, nil},
		{"one that cannot be closed", map[string]string{"slow closed": fails}, errFault, nil},
		{"an interrupt while it opens", map[string]string{"slow opens": interrupts}, ErrInterrupted, nil},
		{"an interrupt in a run", map[string]string{"c1": interrupts}, ErrInterrupted, []string{"c1 interrupted"}},
		{"the service dies behind it", map[string]string{"c1": died, "c1.2": died}, nil, []string{"c1 target_died", "c1.2 target_died"}},
		{"the service does not come up again", map[string]string{"up c1": start, "up c1.2": start}, nil, []string{"c1 target_died", "c1.2 target_died"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, arms := relays(t, tt.faults)
			s, err := Compare(r.context(), CompareOptions{Options: r.options(), MaxPairs: 4}, arms[0], arms[1])
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			var got []string
			if len(s.Candidates) > 0 {
				got = statuses(s.Candidates[0])
			}
			if diff := cmp.Diff(tt.status, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			for _, name := range []string{"plain", "slow"} {
				if opened, closed := count(r.calls, name+" opens to service"), count(r.calls, name+" closed"); closed != opened && tt.faults[name+" opens"] == "" {
					t.Errorf("%s was opened %d times and closed %d times", name, opened, closed)
				}
			}
			r.checkDown("service")
		})
	}
}

// A panic of the load ends both as well.
func TestRelayPanic(t *testing.T) {
	r, arms := relays(t, map[string]string{"c1": panics})
	defer func() {
		if recover() == nil {
			t.Error("the panic was swallowed")
		}
		if opened, closed := count(r.calls, "slow opens to service"), count(r.calls, "slow closed"); opened != closed {
			t.Errorf("opened %d times and closed %d times", opened, closed)
		}
		r.checkDown("service")
	}()
	_, _ = Compare(r.context(), CompareOptions{Options: r.options(), Pairs: 1}, arms[0], arms[1])
}

func count(calls []string, call string) int {
	n := 0
	for _, c := range calls {
		if c == call {
			n++
		}
	}
	return n
}
