package gate_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// creeping is n jobs of which each makes one endpoint slower by step, the last
// as the candidate.
func creeping(n int, endpoint string, step, noise float64) gate.Input {
	var in gate.Input
	for i := range n {
		s := gatetest.Spec{Runs: 3, Requests: 2000, Session: fmt.Sprintf("job-%02d", i), Seed: uint64(i), Noise: noise,
			Start: time.Date(2026, 1, 1+i, 6, 0, 0, 0, time.UTC), Scale: slower(endpoint, math.Pow(1+step, float64(i)))}
		in.Baseline = append(in.Baseline, s.Result())
	}
	in.Candidate, in.Baseline = in.Baseline[n-1:], in.Baseline[:n-1]
	return in
}

// lucky is a history whose candidate is 3.5 % faster than it should be.
func lucky(in gate.Input) gate.Input {
	s := gatetest.Spec{Runs: 3, Requests: 2000, Session: "job-20", Seed: 20, Start: time.Date(2026, 1, 21, 6, 0, 0, 0, time.UTC),
		Scale: slower("POST /b", 0.965*math.Pow(1.0065, 20))}
	in.Candidate = []gate.Result{s.Result()}
	return in
}

// Twenty times half a per cent must be seen (docs/method.md 6.7).
func TestCreep(t *testing.T) {
	anchor := func(name string, start time.Time, scale float64) gate.Anchor {
		s := gatetest.Spec{Runs: 3, Requests: 2000, Session: "anchor", Start: start, Scale: slower("*", scale)}
		return gate.Anchor{Name: name, Result: s.Result()}
	}
	with := func(in gate.Input, anchors ...gate.Anchor) gate.Input { in.Anchors = anchors; return in }
	old := time.Date(2025, 11, 1, 6, 0, 0, 0, time.UTC)
	warning := func(head, text string) gate.RowWarning {
		return gate.RowWarning{Code: "creep", Headline: head, Text: "slower than " + text + "; limit 10 %"}
	}
	other := anchor("v0.9", old, 1)
	other.Result.Scenarios[0].LoadDigest = "sha256:other"
	moved := anchor("v0.8", old, 1)
	moved.Result.Environment.ClassDigest = "sha256:other"
	tests := []struct {
		name string
		in   gate.Input
		want []gate.RowWarning
	}{
		{"21 jobs, each half a per cent slower", creeping(21, "POST /b", 0.005, 0), []gate.RowWarning{warning("POST /b p50 crept up by 10 % since 2026-01-01",
			"the oldest job of the epoch of 2026-01-01, though no step was a regression: POST /b p50 +10.5 %")}},
		{"all endpoints", creeping(22, "*", 0.005, 0), []gate.RowWarning{warning("GET /a p50 crept up by 11 % since 2026-01-01",
			"the oldest job of the epoch of 2026-01-01, though no step was a regression: GET /a p50 +11.0 %, POST /b p95 +11.0 %")}},
		{"the newest job had luck", lucky(creeping(21, "POST /b", 0.0065, 0)), []gate.RowWarning{warning("POST /b p95 crept up by 12 % since 2026-01-01",
			"the oldest job of the epoch of 2026-01-01, though no step was a regression: POST /b p95 +11.8 %")}},
		{"not yet", creeping(18, "POST /b", 0.005, 0), nil},
		{"no creep, noise only", creeping(21, "POST /b", 0, 0.02), nil},
		{"faster", creeping(21, "POST /b", -0.005, 0), nil},
		{"a pinned release", with(creeping(8, "*", 0, 0), anchor("v1.2", old, 0.8)), []gate.RowWarning{warning("GET /a p95 crept up by 25 % since v1.2",
			"v1.2 of 2025-11-01, though no step was a regression: GET /a p95 +25.1 %, POST /b p50 +25.1 %")}},
		{"an epoch that is older than the history", with(creeping(8, "*", 0, 0), anchor("", old, 0.8)), []gate.RowWarning{warning("GET /a p95 crept up by 25 % since 2025-11-01",
			"the oldest job of the epoch of 2025-11-01, though no step was a regression: GET /a p95 +25.1 %, POST /b p50 +25.1 %")}},
		{"other designs have no history to creep in", with(blocks(5, gatetest.Spec{}, gatetest.Spec{}), anchor("v1.2", old, 0.5)), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(tt.in)
			if diff := cmp.Diff(tt.want, warned(r, "creep")); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, dump(r))
			}
			if r.ExitCode != gate.ExitOK {
				t.Errorf("exit code %d: a creep blocks nobody", r.ExitCode)
			}
		})
	}
	t.Run("anchors that cannot be compared are named", func(t *testing.T) {
		want := []gate.RowWarning{
			{Code: "creep_not_checked", Text: "slow creep against v0.9 is not checked: it was measured under another load"},
			{Code: "creep_not_checked", Text: "slow creep against v0.8 is not checked: it was measured on another class of machine"},
		}
		if diff := cmp.Diff(want, warned(judge(with(creeping(8, "*", 0, 0), other, moved)), "creep_not_checked")); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
