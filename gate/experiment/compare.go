package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// burnIn is the measured time of the runs before the first pair. They warm what
// all runs share, page cache and disk, show what a start costs, and count for
// nothing.
const burnIn = 2 * time.Second

// CompareOptions is Options and how long a paired session may be.
type CompareOptions struct {
	Options
	// Budget is the time that is left, builds included; 0: that of
	// Scenario.Check, or gate.DefaultBudget.
	Budget time.Duration
	// MaxPairs is the most pairs to make; 0: that of Scenario.Check, or
	// gate.DefaultMaxPairs.
	MaxPairs int
	// Pairs fixes their number, whatever time they take, with one look at the
	// end; 0: planned.
	Pairs int
	// Duration fixes the measured time of a run; 0: planned. The duration in
	// the scenario rules Run only.
	Duration time.Duration
	// AA says that all arms are the same program, so that the session shows
	// what noise alone does; the files say it too.
	AA bool
	// Built is asked once both sides are built, before anything is prepared or
	// started, whether there is anything to measure; nil: there is.
	Built func(context.Context) (*gate.Skip, error)
	// NoSkip measures all the same when Built says that there is nothing to
	// measure: a session as of AA.
	NoSkip bool
	// Full makes all planned pairs, though a look decides earlier: for sessions
	// that are made to learn from.
	Full bool
	// Noise is what former sessions taught (gate.LearnNoise); zero sessions:
	// nothing. It shapes the plan, and the candidates' files carry it.
	Noise gate.Noise
}

// A Session is what Compare measured, and says of it: each result as its file
// holds it, and one report a candidate. Judge gives the same bytes again for
// the files. It is empty when the session ended before its first pair.
type Session struct {
	Baseline   gate.Result
	Candidates []gate.Result
	Reports    []gate.Report
}

// A session is a paired session on its way. Index 0 of its slices is the
// baseline.
type session struct {
	*bench
	o        CompareOptions
	design   gate.Design
	arms     []Arm
	results  []gate.Result
	deaths   []int // of each arm
	plan     gate.Plan
	deadline time.Time
	longest  time.Duration // attempt at a pair so far
	skip     *gate.Skip    // there is nothing to measure; nil: there is
}

// Compare measures a baseline and one or more candidates in pairs: every pair
// is one run of each arm, next to each other, all with the same load. It ends
// at the first look of its plan at which every candidate's report is decided,
// and earlier when the budget is used up, a pair stays invalid, or a target
// keeps dying.
//
// A failure to build, prepare, start or warm up any arm is an error, and the
// Session is empty: nothing can be said. The end of the budget there is none:
// the Session then has no run, and its reports are inconclusive. Nor can what
// brings a target up outlive the budget later. Later errors come with a Session that
// holds what was measured until then; ErrInterrupted is one of them. All arms
// are closed on return.
func Compare(ctx context.Context, o CompareOptions, baseline Arm, candidates ...Arm) (_ Session, err error) {
	arms := append([]Arm{baseline}, candidates...)
	defer func() { err = errors.Join(err, closeAll(arms)) }()
	if len(candidates) == 0 {
		return Session{}, errors.New("experiment: there is no candidate")
	}
	s, err := newSession(o, gate.DesignPaired, arms)
	if err != nil {
		return Session{}, err
	}
	if err := s.begin(ctx); err != nil {
		return s.unbegun(err)
	}
	if s.skip != nil {
		return s.skipped()
	}
	because, err := s.measureAll(ctx)
	out, unwritten := s.finish(because)
	return out, errors.Join(err, unwritten)
}

// newSession starts the clock of a session, and that of its budget.
func newSession(o CompareOptions, d gate.Design, arms []Arm) (*session, error) {
	b, err := newBench(o.Options)
	if err != nil {
		return nil, err
	}
	b.budget = firstOf(o.Budget, o.Scenario.Check.Budget, gate.DefaultBudget)
	return &session{bench: b, o: o, design: d, arms: arms, deaths: make([]int, len(arms)), deadline: b.started.Add(b.budget)}, nil
}

// begin builds, prepares and rehearses.
func (s *session) begin(ctx context.Context) error {
	return s.within(ctx, func(ctx context.Context) error {
		if err := s.build(ctx); err != nil || s.skip != nil {
			return err
		}
		if err := s.once(ctx, Prepare, s.arms...); err != nil {
			return err
		}
		return s.rehearse(ctx)
	})
}

// build builds all sides side by side, and asks whether there is anything to measure.
func (s *session) build(ctx context.Context) error {
	if err := s.buildAll(ctx, s.arms...); err != nil || s.o.Built == nil {
		return err
	}
	skip, err := s.o.Built(ctx)
	if ctx.Err() != nil {
		return fmt.Errorf("comparison of the builds: %w", ended(ctx, nil))
	}
	if skip != nil && s.o.NoSkip {
		s.o.AA = true
		return err
	}
	s.skip = skip
	return err
}

// burnIn makes the run of an arm that counts for nothing, and returns what it
// cost besides its measured time. A target that dies in it will die in a run
// that counts, too.
func (s *session) burnIn(ctx context.Context, arm int) (time.Duration, error) {
	t, err := s.measure(ctx, s.arms[arm], slot{letter: letter(arm), attempt: 1, duration: min(burnIn, firstOf(s.o.Duration, burnIn))})
	switch {
	case ctx.Err() != nil && !isOverBudget(t.why):
		return 0, fmt.Errorf("%s: burn-in: %w", s.arms[arm].Name, errors.Join(ended(ctx, nil), err))
	case err != nil:
		return 0, err
	case !t.up:
		return 0, t.why
	}
	return t.overhead(), nil
}

// rehearse makes the burn-in runs and from what they cost the plan.
func (s *session) rehearse(ctx context.Context) error {
	var startup time.Duration
	for i := range s.arms {
		cost, err := s.burnIn(ctx, i)
		if err != nil {
			return err
		}
		startup += cost / time.Duration(len(s.arms))
	}
	o := s.o
	s.plan = gate.NewPlan(gate.PlanInput{
		Startup: startup, Left: s.deadline.Sub(s.Now()), Arms: len(s.arms), Pairs: o.Pairs, Duration: o.Duration,
		MaxPairs: firstOf(o.MaxPairs, s.Scenario.Check.MaxPairs), Learned: o.Noise.Learned(), Policy: s.Scenario.Policy,
		NotRestarted: s.notRestarted(),
	})
	s.open()
	s.Progress(Planned{s.plan})
	return nil
}

// open begins the files of the session as planned so far.
func (s *session) open() {
	for i, a := range s.arms {
		r := s.result(a, s.side(i))
		if i > 0 && s.design == gate.DesignPaired && s.o.Noise.Sessions > 0 {
			r.Noise = &s.o.Noise
		}
		s.results = append(s.results, r)
	}
}

// notRestarted reports whether any arm shares one process among its runs.
func (s *session) notRestarted() bool {
	return slices.ContainsFunc(s.arms, func(a Arm) bool { return a.Subject.How != gate.HowStart })
}

// side is what a result says of its place in the session. The baseline names
// its first candidate as its partner.
func (s *session) side(arm int) gate.Session {
	own, other := gate.SideCandidate, gate.SideBaseline
	if arm == 0 {
		own, other = other, own
	}
	return gate.Session{Design: s.design, Side: own, Partner: s.Session + "/" + string(other), Looks: s.plan.Looks, AA: s.o.AA}
}

// measureAll makes pairs until a look decides or something stops the session
// early; because says what, and is empty otherwise.
func (s *session) measureAll(ctx context.Context) (because string, err error) {
	for pair := 1; pair <= s.plan.Pairs; pair++ {
		if pair > 1 && !s.fits() {
			because = gate.StoppedBudget
		} else {
			because, err = s.pair(ctx, pair)
		}
		if because != "" {
			s.stop(because, nil)
			return because, err
		}
		decided, err := s.look(pair)
		if decided || err != nil {
			return "", err
		}
	}
	return "", nil
}

// look judges what is measured so far. Only a planned look may end the
// session: every further one would be a further chance for a false alarm.
func (s *session) look(pair int) (decided bool, err error) {
	out, err := s.judged()
	if err != nil {
		return false, err
	}
	planned := slices.Contains(s.plan.Looks, pair)
	s.Progress(PairDone{Pair: pair, Look: planned, Reports: out.Reports})
	open := slices.ContainsFunc(out.Reports, func(r gate.Report) bool { return !r.Design.Decided })
	if planned && s.o.Full && pair < s.plan.Pairs {
		s.noteFirst(out.Reports)
	}
	return planned && !open && !s.o.Full, nil
}

// noteFirst notes in the candidates' files with what a session would have ended
// that goes on after a look.
func (s *session) noteFirst(reports []gate.Report) {
	for i, r := range reports {
		if own := &s.results[i+1].Session; r.Design.Decided && own.FirstVerdict == "" {
			own.FirstVerdict = r.Verdict
		}
	}
}

// finish closes the files of the session and judges them.
func (s *session) finish(because string) (Session, error) {
	for i := range s.results {
		s.results[i].Session.Stopped = because
	}
	return s.judged()
}

// judged is the session as its files would hold it if it ended now.
func (s *session) judged() (Session, error) {
	var sides []gate.Result
	for _, r := range s.results {
		r.Session.Ended = stamp(s.Now())
		side, err := canonical(r)
		if err != nil {
			return Session{}, err
		}
		sides = append(sides, side)
	}
	out := Session{Baseline: sides[0], Candidates: sides[1:]}
	for _, c := range out.Candidates {
		in := Input(out.Baseline, c)
		in.Skip = s.skip
		out.Reports = append(out.Reports, gate.Judge(gate.Compare(in)))
	}
	return out, nil
}

// Input is what a session's reports are made of: its two sides and what the
// candidate's file holds of policy, waivers and noise. Compare of the same files makes
// the same report of it, byte for byte.
func Input(baseline, candidate gate.Result) gate.Input {
	in := gate.Input{Baseline: []gate.Result{baseline}, Candidate: []gate.Result{candidate}, PolicyFrom: "defaults", Noise: candidate.Noise}
	if candidate.Policy != nil {
		in.Policy, in.PolicyFrom = *candidate.Policy, "candidate"
	}
	if candidate.Waivers != nil {
		in.Waivers = *candidate.Waivers
	}
	return in
}

// letter is what the ids of an arm's runs begin with.
func letter(arm int) string {
	if arm == 0 {
		return "b"
	}
	return "c"
}

// firstOf returns the first value that is not zero, or zero.
func firstOf[T comparable](values ...T) T {
	var zero T
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}
