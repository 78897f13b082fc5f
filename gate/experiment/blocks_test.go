package experiment

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// One side is deployed, measured and taken down before the other is deployed.
func TestBlocksCalls(t *testing.T) {
	r := newRig(t, sides(noisy(1), noisy(1)), map[string]string{"c1": invalid})
	o := CompareOptions{Options: r.options(), Duration: 3 * time.Second}
	o.Scenario.Load.Runs = 2
	if _, err := Blocks(r.context(), o, r.arm("baseline"), r.arm("candidate")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"baseline build", "candidate build",
		"baseline prepare",
		"baseline up", "baseline load 0 2s", "baseline down", // burn-in
		"baseline up", "baseline load 1 3s", "baseline down",
		"baseline up", "baseline load 2 3s", "baseline down",
		"baseline close",
		"candidate prepare",
		"candidate up", "candidate load 0 2s", "candidate down",
		"candidate up", "candidate load 1 3s", "candidate down", // invalid
		"candidate up", "candidate load 1 3s", "candidate down",
		"candidate up", "candidate load 2 3s", "candidate down",
		"candidate close", "candidate close", "baseline close",
	}
	if diff := cmp.Diff(want, r.calls); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestBlocksEndings(t *testing.T) {
	type ending struct {
		Baseline, Candidate []string
		Stopped             string
		Verdict             gate.Verdict
		Design              gate.Design
	}
	tests := []struct {
		name      string
		candidate gatetest.Spec
		faults    map[string]string
		err       error
		want      ending
	}{
		{"three times as slow", noisy(3), nil, nil, ending{allOK("b", 5), allOK("c", 5), "", gate.VerdictRegression, gate.DesignBlocks}},
		{"unchanged", noisy(1), nil, nil, ending{allOK("b", 5), allOK("c", 5), "", gate.VerdictPass, gate.DesignBlocks}},
		{"the candidate dies once", noisy(1), map[string]string{"c1": died}, nil,
			ending{allOK("b", 5), []string{"c1 target_died", "c1.2 ok", "c2 ok", "c3 ok", "c4 ok", "c5 ok"}, "", gate.VerdictPass, gate.DesignBlocks}},
		{"the candidate dies twice", noisy(1), map[string]string{"c1": died, "c2": died}, nil,
			ending{allOK("b", 5), []string{"c1 target_died", "c1.2 ok", "c2 target_died"}, gate.StoppedTargetDied, gate.VerdictRegression, gate.DesignSingle}},
		{"the baseline dies", noisy(1), map[string]string{"b1": died}, nil,
			ending{[]string{"b1 target_died"}, []string{}, gate.StoppedTargetDied, gate.VerdictInvalid, gate.DesignSingle}},
		{"the candidate stays invalid", noisy(1), map[string]string{"c1": invalid, "c1.2": invalid, "c1.3": invalid}, nil,
			ending{allOK("b", 5), []string{"c1 invalid", "c1.2 invalid", "c1.3 invalid"}, gate.StoppedInvalid, gate.VerdictInvalid, gate.DesignSingle}},
		{"the candidate is not deployed", noisy(1), map[string]string{"candidate prepare": fails}, errFault,
			ending{allOK("b", 5), []string{}, gate.StoppedSetUp, gate.VerdictInvalid, gate.DesignSingle}},
		{"the candidate does not come up", noisy(1), map[string]string{"up c0": start}, errFault,
			ending{allOK("b", 5), []string{}, gate.StoppedSetUp, gate.VerdictInvalid, gate.DesignSingle}},
		{"interrupted before the second block", noisy(1), map[string]string{"candidate prepare": interrupts}, ErrInterrupted,
			ending{allOK("b", 5), []string{}, gate.StoppedInterrupted, gate.VerdictInvalid, gate.DesignSingle}},
		{"interrupted in the second block", noisy(1), map[string]string{"c2": interrupts}, ErrInterrupted,
			ending{allOK("b", 5), []string{"c1 ok", "c2 interrupted"}, gate.StoppedInterrupted, gate.VerdictInconclusive, gate.DesignSingle}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, sides(noisy(1), tt.candidate), tt.faults)
			s, err := Blocks(r.context(), CompareOptions{Options: r.options()}, r.arm("baseline"), r.arm("candidate"))
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			report := s.Reports[0]
			got := ending{statuses(s.Baseline), statuses(s.Candidates[0]), s.Candidates[0].Session.Stopped, report.Verdict, report.Design.Name}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			r.checkDown("baseline", "candidate")
			checkBytes(t, s)
		})
	}
}

func TestBlocksFailBeforeTheirFirstRun(t *testing.T) {
	for _, place := range []string{"candidate build", "baseline prepare", "b0", "down b0"} {
		t.Run(place, func(t *testing.T) {
			r := newRig(t, sides(noisy(1), noisy(1)), map[string]string{place: fails})
			s, err := Blocks(r.context(), CompareOptions{Options: r.options()}, r.arm("baseline"), r.arm("candidate"))
			if !errors.Is(err, errFault) {
				t.Fatalf("error %v, want %v", err, errFault)
			}
			if diff := cmp.Diff(Session{}, s); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			r.checkDown("baseline", "candidate")
		})
	}
}

func TestBlocksBudget(t *testing.T) {
	tests := []struct {
		name      string
		budget    time.Duration
		plan      string
		runs      int // of the candidate
		stopped   string
		candidate time.Duration // that its second run takes longer
	}{
		{"enough", 5 * time.Minute, "plan: 5 runs of one side, then of the other, 2 × 5 × (3 s + 10 s), about 2 min; can see +36 % on overall p95", 5, "", 0},
		{"three runs", 100 * time.Second, "plan: 3 runs of one side, then of the other, 2 × 3 × (3 s + 10 s), about 78 s; can see +46 % on overall p95", 3, "", 0},
		{"a run that took long", 100 * time.Second, "plan: 3 runs of one side, then of the other, 2 × 3 × (3 s + 10 s), about 78 s; can see +46 % on overall p95", 2, gate.StoppedBudget, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, sides(noisy(1), noisy(1)), nil)
			r.stretch["c2"] = tt.candidate
			s, err := Blocks(r.context(), CompareOptions{Options: r.options(), Budget: tt.budget}, r.arm("baseline"), r.arm("candidate"))
			if err != nil {
				t.Fatal(err)
			}
			plan := ""
			for _, e := range r.events {
				if p, ok := e.(Planned); ok {
					plan = p.Plan.String()
				}
			}
			got := []any{plan, len(s.Candidates[0].Runs), s.Candidates[0].Session.Stopped}
			if diff := cmp.Diff([]any{tt.plan, tt.runs, tt.stopped}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
