package experiment

import (
	"context"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/target"
)

// Skipped is the session that was not made: no side is built or started, and
// every report is that of skip.
func Skipped(o Options, skip gate.Skip, baseline Arm, candidates ...Arm) (Session, error) {
	b, err := newBench(o)
	if err != nil {
		return Session{}, err
	}
	s := &session{bench: b, arms: append([]Arm{baseline}, candidates...), skip: &skip}
	return s.skipped()
}

// skipped is the empty session and its reports.
func (s *session) skipped() (Session, error) {
	for _, a := range s.arms {
		s.results = append(s.results, s.result(a, gate.Session{})) // there are no pairs
	}
	return s.judged()
}

// Artifacts returns the digests of what an arm runs from, once it is built; nil:
// its scenario does not say, or its target cannot.
func Artifacts(ctx context.Context, a Arm) ([]target.Artifact, error) {
	if t, ok := a.Target.(interface {
		Artifacts(context.Context) ([]target.Artifact, error)
	}); ok {
		return t.Artifacts(ctx)
	}
	return nil, nil
}
