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

func TestCompareCalls(t *testing.T) {
	r := newRig(t, sides(noisy(1), noisy(1)), map[string]string{"c1": invalid})
	o := CompareOptions{Options: r.options(), Pairs: 2, Duration: 3 * time.Second}
	if _, err := Compare(r.context(), o, r.arm("baseline"), r.arm("candidate")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"baseline build", "candidate build", "baseline prepare", "candidate prepare",
		"baseline up", "baseline load 0 2s", "baseline down", // burn-in
		"candidate up", "candidate load 0 2s", "candidate down",
		"baseline up", "baseline load 1 3s", "baseline down", // pair 1
		"candidate up", "candidate load 1 3s", "candidate down", // invalid
		"baseline up", "baseline load 1 3s", "baseline down",
		"candidate up", "candidate load 1 3s", "candidate down",
		"candidate up", "candidate load 2 3s", "candidate down", // pair 2
		"baseline up", "baseline load 2 3s", "baseline down",
		"candidate close", "baseline close",
	}
	if diff := cmp.Diff(want, r.calls); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestCompareEndings: what became of each run, why the session stopped, and
// what is said of it. Ten pairs at most in the order ABBA BAAB.
func TestCompareEndings(t *testing.T) {
	type ending struct {
		Baseline, Candidate []string
		Stopped             string
		Verdict             gate.Verdict
		Code                string
		Pairs               int
	}
	tests := []struct {
		name      string
		candidate gatetest.Spec
		faults    map[string]string
		err       error
		want      ending
	}{
		{"unchanged: the first look decides", noisy(1), nil, nil,
			ending{allOK("b", 4), allOK("c", 4), "", gate.VerdictPass, "pass", 4}},
		{"twice as slow: the first look decides", noisy(2), nil, nil,
			ending{allOK("b", 4), allOK("c", 4), "", gate.VerdictRegression, "over_threshold", 4}},
		{"now slower, now faster: no look decides", wavering(), nil, nil,
			ending{allOK("b", 10), allOK("c", 10), "", gate.VerdictInconclusive, "", 10}},

		{"an invalid run: the pair is repeated", noisy(1), map[string]string{"c1": invalid}, nil,
			ending{[]string{"b1 superseded", "b1.2 ok", "b2 ok", "b3 ok", "b4 ok"}, []string{"c1 invalid", "c1.2 ok", "c2 ok", "c3 ok", "c4 ok"},
				"", gate.VerdictPass, "pass", 4}},
		{"an invalid run that comes first: its partner does not run", noisy(1), map[string]string{"b1": invalid, "c2": invalid, "c2.2": invalid}, nil,
			ending{[]string{"b1 invalid", "b1.2 ok", "b2.3 ok", "b3 ok", "b4 ok"}, []string{"c1.2 ok", "c2 invalid", "c2.2 invalid", "c2.3 ok", "c3 ok", "c4 ok"},
				"", gate.VerdictPass, "pass", 4}},
		{"a pair that stays invalid", noisy(1), map[string]string{"c3": invalid, "c3.2": invalid, "b3.3": invalid}, nil,
			ending{[]string{"b1 ok", "b2 ok", "b3.3 invalid"}, []string{"c1 ok", "c2 ok", "c3 invalid", "c3.2 invalid", "c3.3 ok"},
				gate.StoppedInvalid, gate.VerdictInvalid, "unmeasured", 2}},

		{"the candidate dies once", noisy(1), map[string]string{"c1": died}, nil,
			ending{[]string{"b1 superseded", "b1.2 ok", "b2 ok", "b3 ok", "b4 ok"}, []string{"c1 target_died", "c1.2 ok", "c2 ok", "c3 ok", "c4 ok"},
				"", gate.VerdictPass, "pass", 4}},
		{"the candidate dies twice in a pair", noisy(1), map[string]string{"c1": died, "c1.2": died}, nil,
			ending{[]string{"b1 superseded", "b1.2 ok"}, []string{"c1 target_died", "c1.2 target_died"},
				gate.StoppedTargetDied, gate.VerdictRegression, "target_died", 0}},
		{"the candidate dies in two pairs, first in the second", noisy(1), map[string]string{"c1": died, "c2": died}, nil,
			ending{[]string{"b1 superseded", "b1.2 ok", "b2 ok"}, []string{"c1 target_died", "c1.2 ok", "c2 target_died"},
				gate.StoppedTargetDied, gate.VerdictRegression, "target_died", 1}},
		{"the candidate dies in the burn-in as well", noisy(1), map[string]string{"c0": died, "c1": died, "c1.2": died}, nil,
			ending{[]string{"b1 superseded", "b1.2 ok"}, []string{"c1 target_died", "c1.2 target_died"},
				gate.StoppedTargetDied, gate.VerdictRegression, "target_died", 0}},
		{"the candidate no longer starts", noisy(1), map[string]string{"up c2": start, "up c2.2": start}, nil,
			ending{[]string{"b1 ok", "b2 superseded", "b2.2 ok"}, []string{"c1 ok", "c2 target_died", "c2.2 target_died"},
				gate.StoppedTargetDied, gate.VerdictRegression, "target_died", 1}},
		{"the candidate's reset fails once", noisy(1), map[string]string{"up c2": fails}, nil,
			ending{[]string{"b1 ok", "b2.2 ok", "b3 ok", "b4 ok"}, []string{"c1 ok", "c2 invalid", "c2.2 ok", "c3 ok", "c4 ok"}, "", gate.VerdictPass, "pass", 4}},
		{"the baseline dies", noisy(1), map[string]string{"b2": died}, nil,
			ending{[]string{"b1 ok", "b2 target_died"}, []string{"c1 ok", "c2 ok"},
				gate.StoppedTargetDied, gate.VerdictInvalid, "baseline_died", 1}},
		{"the baseline no longer starts", noisy(1), map[string]string{"up b1": start}, nil,
			ending{[]string{"b1 target_died"}, []string{}, gate.StoppedTargetDied, gate.VerdictInvalid, "baseline_died", 0}},

		{"an interrupt in a run", noisy(1), map[string]string{"b2": interrupts}, ErrInterrupted,
			ending{[]string{"b1 ok", "b2 interrupted"}, []string{"c1 ok", "c2 ok"},
				gate.StoppedInterrupted, gate.VerdictInconclusive, "", 1}},
		{"an interrupt in the first run", noisy(1), map[string]string{"b1": interrupts}, ErrInterrupted,
			ending{[]string{"b1 interrupted"}, []string{}, gate.StoppedInterrupted, gate.VerdictInvalid, "unmeasured", 0}},
		{"an interrupt while a target comes up", noisy(1), map[string]string{"up b2": interrupts}, ErrInterrupted,
			ending{[]string{"b1 ok", "b2 interrupted"}, []string{"c1 ok", "c2 ok"},
				gate.StoppedInterrupted, gate.VerdictInconclusive, "", 1}},
		{"an interrupt between two runs", noisy(1), map[string]string{"down c2": cancels}, ErrInterrupted,
			ending{[]string{"b1 ok"}, []string{"c1 ok", "c2 ok"}, gate.StoppedInterrupted, gate.VerdictInconclusive, "", 1}},
		{"an interrupt after enough pairs: they are judged", noisy(2), map[string]string{"c4": cancels}, ErrInterrupted,
			ending{allOK("b", 4), allOK("c", 4), gate.StoppedInterrupted, gate.VerdictRegression, "over_threshold", 4}},

		{"a target that does not go down", noisy(1), map[string]string{"down c2": fails}, errFault,
			ending{[]string{"b1 ok"}, []string{"c1 ok", "c2 ok"}, gate.StoppedInvalid, gate.VerdictInvalid, "unmeasured", 1}},
		{"a load that cannot be made", noisy(1), map[string]string{"b2": fails}, errFault,
			ending{[]string{"b1 ok"}, []string{"c1 ok", "c2 ok"}, gate.StoppedInvalid, gate.VerdictInvalid, "unmeasured", 1}},
		{"a clean-up that fails", noisy(2), map[string]string{"candidate close": fails}, errFault,
			ending{allOK("b", 4), allOK("c", 4), "", gate.VerdictRegression, "over_threshold", 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, sides(noisy(1), tt.candidate), tt.faults)
			o := CompareOptions{Options: r.options(), MaxPairs: 10}
			s, err := Compare(r.context(), o, r.arm("baseline"), r.arm("candidate"))
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			report := s.Reports[0]
			got := ending{statuses(s.Baseline), statuses(s.Candidates[0]), s.Baseline.Session.Stopped, report.Verdict, report.Reason.Code, report.Design.Pairs}
			if tt.want.Code == "" { // which row withholds the pass is Judge's business
				got.Code = ""
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if stopped := has[Stopped](r.events); stopped != (tt.want.Stopped != "") {
				t.Errorf("event Stopped: %v", stopped)
			}
			r.checkDown("baseline", "candidate")
			checkBytes(t, s)
		})
	}
}

// checkBytes: what Compare reports is what the files give again.
func checkBytes(t *testing.T, s Session) {
	t.Helper()
	for i, c := range s.Candidates {
		var sides [2]gate.Result
		for j, r := range []gate.Result{s.Baseline, c} {
			data, err := gate.Encode(r)
			if err != nil {
				t.Fatal(err)
			}
			if sides[j], err = gate.DecodeResult(data); err != nil {
				t.Fatal(err)
			}
		}
		want, err := gate.Encode(s.Reports[i])
		if err != nil {
			t.Fatal(err)
		}
		got, err := gate.Encode(gate.Judge(gate.Compare(Input(sides[0], sides[1]))))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("the report of the files differs: -want +got\n%s", diff)
		}
	}
}

// TestCompareFailsBeforeItsFirstPair: nothing can be said, so there is no
// session, and nothing stays up.
func TestCompareFailsBeforeItsFirstPair(t *testing.T) {
	tests := []struct {
		name   string
		faults map[string]string
		err    error
		calls  int // before the two of closing
	}{
		{"the candidate does not build: nothing is started", map[string]string{"candidate build": fails}, errFault, 2},
		{"the baseline is not prepared", map[string]string{"baseline prepare": fails}, errFault, 3},
		{"the candidate does not start", map[string]string{"up c0": start}, errFault, 8},
		{"the baseline does not start", map[string]string{"up b0": start}, errFault, 5},
		{"the load cannot be made", map[string]string{"b0": fails}, errFault, 7},
		{"the baseline does not go down", map[string]string{"down b0": fails}, errFault, 7},
		{"an interrupted build", map[string]string{"baseline build": interrupts}, ErrInterrupted, 1},
		{"an interrupt after a build", map[string]string{"baseline build": cancels}, ErrInterrupted, 1},
		{"an interrupted preparation", map[string]string{"candidate prepare": interrupts}, ErrInterrupted, 4},
		{"an interrupted start", map[string]string{"up b0": interrupts}, ErrInterrupted, 5},
		{"an interrupted burn-in", map[string]string{"c0": interrupts}, ErrInterrupted, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, sides(noisy(1), noisy(1)), tt.faults)
			s, err := Compare(r.context(), CompareOptions{Options: r.options()}, r.arm("baseline"), r.arm("candidate"))
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if tt.err == ErrInterrupted && !errors.Is(err, errSignal) {
				t.Errorf("error %v does not name the cause", err)
			}
			if diff := cmp.Diff(Session{}, s); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if len(r.calls) != tt.calls+2 {
				t.Errorf("%d calls, want %d:\n%q", len(r.calls), tt.calls+2, r.calls)
			}
			r.checkDown("baseline", "candidate")
		})
	}
}

func TestComparePanics(t *testing.T) {
	for _, place := range []string{"candidate build", "baseline prepare", "up b0", "c0", "b1", "down c1", "candidate close"} {
		t.Run(place, func(t *testing.T) {
			r := newRig(t, sides(noisy(1), noisy(1)), map[string]string{place: panics})
			defer func() {
				if recover() == nil {
					t.Error("the panic got lost")
				}
				r.checkDown("baseline", "candidate")
			}()
			_, err := Compare(r.context(), CompareOptions{Options: r.options()}, r.arm("baseline"), r.arm("candidate"))
			t.Error(err)
		})
	}
}

func TestCompareBudget(t *testing.T) {
	tests := []struct {
		name    string
		budget  time.Duration
		stretch map[string]time.Duration
		faults  map[string]string
		plan    string
		runs    int // of each side
		stopped string
	}{
		// Burn-in takes 2 × (1 s + 2 s + 2 s), a pair 2 × (3 s + 10 s).
		{"enough", 10*time.Second + 270*time.Second, nil, nil,
			"plan: up to 10 pairs of 2 × (3 s + 10 s), about 4 min; can see +11 % on overall p95", 10, ""},
		{"two pairs only", 70 * time.Second, nil, nil,
			"plan: 2 pairs of 2 × (3 s + 10 s), about 52 s, one look only; can see +35 % on overall p95", 2, ""},
		{"not one pair", 20 * time.Second, nil, nil,
			"plan: 1 pair of 2 × (3 s + 10 s), about 26 s, more than the 10 s that are left of the budget; can see +65 % on overall p95", 1, ""},
		{"a run that took long", 10*time.Second + 270*time.Second, map[string]time.Duration{"c5": time.Minute}, nil,
			"plan: up to 10 pairs of 2 × (3 s + 10 s), about 4 min; can see +11 % on overall p95", 5, gate.StoppedBudget},
		{"no time to repeat a pair", 70 * time.Second, nil, map[string]string{"c2": invalid},
			"plan: 2 pairs of 2 × (3 s + 10 s), about 52 s, one look only; can see +35 % on overall p95", 1, gate.StoppedBudget},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, sides(noisy(1), wavering()), tt.faults)
			for id, d := range tt.stretch {
				r.stretch[id] = d
			}
			o := CompareOptions{Options: r.options(), Budget: tt.budget}
			s, err := Compare(r.context(), o, r.arm("baseline"), r.arm("candidate"))
			if err != nil {
				t.Fatal(err)
			}
			plan := ""
			for _, e := range r.events {
				if p, ok := e.(Planned); ok {
					plan = p.Plan.String()
				}
			}
			got := []any{plan, s.Reports[0].Design.Pairs, s.Candidates[0].Session.Stopped}
			if diff := cmp.Diff([]any{tt.plan, tt.runs, tt.stopped}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestCompareSkipped: what both builds have in common is asked between building
// and preparing, and nothing is started when there is nothing to measure.
func TestCompareSkipped(t *testing.T) {
	skip := &gate.Skip{Because: gate.SkipIdentical, Text: "both builds are identical", Proof: []string{"bin: the same"}}
	tests := []struct {
		name    string
		measure func(*rig, CompareOptions) (Session, error)
		built   func(*rig) (*gate.Skip, error)
		err     error
		calls   []string
		verdict gate.Verdict
	}{
		{"identical", compared, func(*rig) (*gate.Skip, error) { return skip, nil }, nil,
			[]string{"baseline build", "candidate build", "candidate close", "baseline close"}, gate.VerdictSkipped},
		{"identical blocks", blocks, func(*rig) (*gate.Skip, error) { return skip, nil }, nil,
			[]string{"baseline build", "candidate build", "candidate close", "baseline close"}, gate.VerdictSkipped},
		{"it cannot be told", compared, func(*rig) (*gate.Skip, error) { return nil, errFault }, errFault,
			[]string{"baseline build", "candidate build", "candidate close", "baseline close"}, ""},
		{"interrupted", compared, func(r *rig) (*gate.Skip, error) { r.cancel(errSignal); return skip, nil }, ErrInterrupted,
			[]string{"baseline build", "candidate build", "candidate close", "baseline close"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, sides(noisy(1), noisy(1)), nil)
			o := CompareOptions{Options: r.options(), Built: func(context.Context) (*gate.Skip, error) { return tt.built(r) }}
			s, err := tt.measure(r, o)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			verdict := gate.Verdict("")
			if len(s.Reports) > 0 {
				verdict = s.Reports[0].Verdict
			}
			if diff := cmp.Diff([]any{tt.calls, tt.verdict}, []any{r.calls, verdict}); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func compared(r *rig, o CompareOptions) (Session, error) {
	return Compare(r.context(), o, r.arm("baseline"), r.arm("candidate"))
}

func blocks(r *rig, o CompareOptions) (Session, error) {
	return Blocks(r.context(), o, r.arm("baseline"), r.arm("candidate"))
}
