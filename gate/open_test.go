package gate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// A pass at an early look waits for an endpoint that may be slower, while there
// are pairs left to tell; never at the last look, nor once the session ended.
func TestEarlyPassWaitsForAnEndpoint(t *testing.T) {
	for _, tt := range []struct {
		name    string
		looks   []int
		stopped string
		slower  float64
		want    []any
	}{
		{"may be slower", []int{4, 6}, "", 1.045, []any{gate.VerdictInconclusive, "open", false}},
		{"within the threshold", []int{4, 6}, "", 1.03, []any{gate.VerdictPass, "pass", true}},
		{"no pairs are left", []int{4}, "", 1.045, []any{gate.VerdictPass, "pass", true}},
		{"the session ended", []int{4, 6}, gate.StoppedBudget, 1.045, []any{gate.VerdictPass, "pass", true}},
		{"suspicious as before", []int{4}, "", 1.09, []any{gate.VerdictInconclusive, "suspicious", true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec := gatetest.Spec{Requests: 200, Mutate: func(r *gate.Result) { r.Session.Looks, r.Session.Stopped = tt.looks, tt.stopped }}
			for _, name := range []string{"/a", "/b", "/c", "/d", "/e"} {
				spec.Endpoints = append(spec.Endpoints, gatetest.Endpoint{Name: name, Sigma: 0.34})
			}
			candidate := spec
			candidate.Scale = slower("/c", tt.slower)
			r := judge(paired(4, spec, candidate))
			if diff := cmp.Diff(tt.want, []any{r.Verdict, r.Reason.Code, r.Design.Decided}); diff != "" {
				t.Errorf("verdict, reason, decided (-want +got)\n%s\n%s", diff, r.Reason.Text)
			}
		})
	}
}
