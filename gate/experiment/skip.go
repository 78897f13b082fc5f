package experiment

import "github.com/perfgate/perfgate/gate"

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
