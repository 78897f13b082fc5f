package experiment

import (
	"context"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/target"
)

// The phases of SetUp and Target.Once.
const (
	Build   = target.PhaseBuild
	Prepare = target.PhasePrepare
)

// An Arm is one side of a session.
type Arm struct {
	// Name stands in events: "baseline", "candidate", "slow".
	Name    string
	Subject gate.Subject
	// Policy is what a baseline's own scenario file holds, so that the report
	// can say which rules the candidate changed; nil: not known. It judges
	// nothing.
	Policy *gate.Policy
	// Target is closed by the session.
	Target Target
	// Dir is the folder in which it is built, in one spelling. Arms of one
	// folder, also of an unknown (empty) one, are built one after the other,
	// all others side by side.
	Dir string
	// Prepared is how each run finds the target: gate.PreparedStarted,
	// gate.PreparedReset or gate.PreparedNone.
	Prepared string
}

// A Target is the service of an arm. It is used by one goroutine at a time.
type Target interface {
	// Once runs the command of phase Build or Prepare, if there is one.
	Once(ctx context.Context, phase string) error
	// Up brings the service into its state before a run and returns when it
	// is ready for load. A *target.Error of phase start or ready says that
	// the service itself failed; any other error leaves that open.
	Up(ctx context.Context) (Instance, error)
	// Close ends what is still up, whatever happened before. A second call
	// does nothing.
	Close() error
}

// An Instance is a target that is up. One that can tell what it uses, or why it
// died, has the further methods of *target.Instance.
type Instance interface {
	URL() string
	// Died is closed when the service ends by itself; nil: that cannot be
	// seen.
	Died() <-chan struct{}
	// Down ends it, whether or not ctx is cancelled.
	Down(ctx context.Context) error
}

// A meter tells what the service used since MarkLoad, which is called in the
// warm-up and the last time at its end.
type meter interface {
	MarkLoad()
	Resources() []gate.Resource
}

// A mortal tells why it died, nil when it did not.
type mortal interface{ Death() error }

// What is optional of an Instance must not get lost when it is renamed there.
var (
	_ meter  = (*target.Instance)(nil)
	_ mortal = (*target.Instance)(nil)
)

// NewArm makes an arm of a target of its own. The side ("target" without one) is
// its name, and how the target comes up completes the subject. Run or Compare closes it; the caller
// must when neither is called.
func NewArm(o target.Options, subject gate.Subject) (Arm, error) {
	t, err := target.New(o)
	if err != nil {
		return Arm{}, err
	}
	a := Arm{Name: firstOf(string(o.Side), "target"), Subject: subject, Target: service{t}, Dir: place(o.Dir), Prepared: gate.PreparedStarted}
	a.Subject.How = gate.HowStart
	if !t.Restarts() {
		a.Subject.How, a.Prepared = gate.HowURL, gate.PreparedNone
		if o.Spec.Reset != "" {
			a.Prepared = gate.PreparedReset
		}
	}
	return a, nil
}

// service is a *target.Target as a Target.
type service struct{ *target.Target }

func (s service) Once(ctx context.Context, phase string) error {
	if phase == Build {
		return s.Build(ctx)
	}
	return s.Prepare(ctx)
}

func (s service) Up(ctx context.Context) (Instance, error) {
	i, err := s.Target.Up(ctx)
	if err != nil {
		return nil, err // a nil *Instance must not become an Instance
	}
	return i, nil
}
