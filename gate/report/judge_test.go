package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// TestReportsOfJudge shows what Judge really writes: its words must fit into
// the screens, and the verdict must be the first of them.
func TestReportsOfJudge(t *testing.T) {
	slow := func(_ int, endpoint string) float64 {
		if endpoint == "POST /b" {
			return 1.3
		}
		return 1
	}
	one := func(s gatetest.Spec) []gate.Result { return []gate.Result{s.Result()} }
	session := func(noise float64, scale func(int, string) float64) gate.Input {
		b, c := gatetest.Pair(gatetest.Spec{Runs: 12, Noise: noise, Seed: 3}, gatetest.Spec{Runs: 12, Noise: noise, Seed: 5, Scale: scale})
		return gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}}
	}
	var jobs []gate.Result
	for i := range 7 {
		jobs = append(jobs, gatetest.Spec{Session: fmt.Sprintf("job-%d", i), Noise: 0.02, Seed: uint64(i)}.Result())
	}
	other := func(r *gate.Result) {
		r.Environment.Class.CPUs, r.Environment.ClassDigest = 8, "sha256:other"
	}
	for _, tt := range []struct {
		name, first string
		in          gate.Input
	}{
		{"paired", "REGRESSION  1 of 2 endpoints is slower", session(0.02, slow)},
		{"unchanged", "PASS  no endpoint is slower", session(0.01, nil)},
		{"noisy", "INCONCLUSIVE  ", session(0.2, nil)},
		{"blocks", "INCONCLUSIVE  it may be slower, not yet told from noise", gate.Input{Baseline: one(gatetest.Spec{}), Candidate: one(gatetest.Spec{Session: "session-2", Scale: slow})}},
		{"history", "INCONCLUSIVE  ", gate.Input{Baseline: jobs, Candidate: one(gatetest.Spec{Session: "job-8", Scale: slow})}},
		{"single", "INCONCLUSIVE  one run on each side", gate.Input{Baseline: one(gatetest.Spec{Runs: 1}), Candidate: one(gatetest.Spec{Runs: 1, Session: "session-2"})}},
		{"no baseline", "NO BASELINE  nothing was compared", gate.Input{Candidate: one(gatetest.Spec{})}},
		{"other machine", "NOT COMPARABLE  the machines differ", gate.Input{Baseline: one(gatetest.Spec{}), Candidate: one(gatetest.Spec{Session: "session-2", Mutate: other})}},
		{"no run", "INVALID  it could not be measured", gate.Input{Baseline: one(gatetest.Spec{}), Candidate: one(gatetest.Spec{Mutate: func(r *gate.Result) { r.Runs = []gate.Run{} }})}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := gate.Judge(gate.Compare(tt.in))
			for _, o := range []TextOptions{{}, {All: true}, {Width: 120}} {
				var b bytes.Buffer
				if err := Text(&b, r, o); err != nil {
					t.Fatal(err)
				}
				checkText(t, b.String(), o.width())
				if !strings.HasPrefix(b.String(), tt.first) {
					t.Errorf("text begins with %.80q, want %q", b.String(), tt.first)
				}
				if o.All {
					checkOutcomes(t, r, b.String())
				}
			}
			var b bytes.Buffer
			if err := Markdown(&b, r, MarkdownOptions{}); err != nil {
				t.Fatal(err)
			}
			if n := len(visible(b.String())); n > 20 {
				t.Errorf("%d visible lines:\n%s", n, b.String())
			}
		})
	}
}
