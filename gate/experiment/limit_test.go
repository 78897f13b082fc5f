package experiment

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

// TestBudgetEndsWhatHangs: whatever brings a target up is ended by the budget,
// the session says that it was, and where, and is inconclusive.
func TestBudgetEndsWhatHangs(t *testing.T) {
	const nothing = "the budget was used up before anything could be compared: "
	tests := []struct {
		name    string
		measure func(*rig, CompareOptions) (Session, error)
		faults  map[string]string
		err     error
		runs    []string // of the candidate
		reason  string   // empty: what the rows say
	}{
		{"a build", compared, map[string]string{"baseline build": hangs}, nil, []string{}, nothing + "baseline: build: the budget of 1m40s is used up"},
		{"a preparation", compared, map[string]string{"candidate prepare": hangs}, nil, []string{}, nothing + "candidate: prepare: the budget of 1m40s is used up"},
		{"the burn-in", compared, map[string]string{"up c0": hangs}, nil, []string{}, nothing + "candidate: reset: the budget of 1m40s is used up"},
		{"a leak besides", compared, map[string]string{"up c0": leaks}, errFault, []string{}, nothing + "candidate: reset: the budget of 1m40s is used up"},
		{"the first pair", compared, map[string]string{"up c1": hangs}, nil, []string{"c1 interrupted"}, nothing + "candidate: reset: the budget of 1m40s is used up"},
		{"the second pair", compared, map[string]string{"up b2": hangs}, nil, []string{"c1 ok", "c2 ok"}, ""},
		{"a leak in the second pair", compared, map[string]string{"up b2": leaks}, errFault, []string{"c1 ok", "c2 ok"}, ""},

		{"a build of blocks", blocks, map[string]string{"candidate build": hangs}, nil, []string{}, nothing + "candidate: build: the budget of 1m40s is used up"},
		{"the first block's preparation", blocks, map[string]string{"baseline prepare": hangs}, nil, []string{}, nothing + "baseline: prepare: the budget of 1m40s is used up"},
		{"the second block's preparation", blocks, map[string]string{"candidate prepare": hangs}, nil, []string{}, nothing + "candidate: prepare: the budget of 1m40s is used up"},
		{"the first block", blocks, map[string]string{"up b1": hangs}, nil, []string{}, nothing + "baseline: reset: the budget of 1m40s is used up"},
		{"the second block", blocks, map[string]string{"up c2": hangs}, nil, []string{"c1 ok", "c2 interrupted"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, sides(noisy(1), noisy(1)), tt.faults)
				began := r.now
				s, err := tt.measure(r, CompareOptions{Options: r.options(), Budget: 100 * time.Second})
				if !errors.Is(err, tt.err) {
					t.Fatalf("error %v, want %v", err, tt.err)
				}
				report := s.Reports[0]
				if tt.reason == "" {
					report.Reason.Text = ""
				}
				got := []any{statuses(s.Candidates[0]), s.Candidates[0].Session.Stopped, report.Verdict, report.Reason.Text, report.Design.StoppedBy}
				want := []any{tt.runs, gate.StoppedBudget, gate.VerdictInconclusive, tt.reason, gate.StoppedBudget}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				// The rig's clock runs ahead of the bubble's by what its runs take.
				if took := r.now.Sub(began); took < 100*time.Second || took > 106*time.Second {
					t.Errorf("it took %v", took)
				}
				r.checkDown("baseline", "candidate")
				checkBytes(t, s)
			})
		})
	}
}
