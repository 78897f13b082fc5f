package gate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// What is skipped is no pass: nothing was measured, no row claims anything, and
// no other line of the precedence table comes before it.
func TestSkipped(t *testing.T) {
	in := paired(4, gatetest.Spec{}, gatetest.Spec{})
	in.Baseline[0].Runs, in.Candidate[0].Runs = []gate.Run{}, []gate.Run{}
	in.Policy = gate.Policy{NoBaseline: gate.NoBaseline{Action: gate.ActionFail}, Inconclusive: gate.ActionFail,
		SLOs:       []gate.SLO{{Metric: gate.MetricP95, Op: "<", Limit: 1}},
		Thresholds: []gate.Threshold{{Metric: gate.MetricP95, Endpoint: "GET /nowhere"}}}
	in.Skip = &gate.Skip{Because: gate.SkipPaths, Text: "no file under paths changed since 1a2b3c4", Proof: []string{"paths: cmd/**"}}
	r := gate.Judge(gate.Compare(in))
	type answer struct {
		Verdict gate.Verdict
		Exit    int
		Reason  gate.ReportReason
		Design  gate.Design
		Decided bool
		Rows    []gate.Row
		SLO     []gate.SLORow
		Skip    *gate.Skip
	}
	want := answer{gate.VerdictSkipped, gate.ExitOK, gate.ReportReason{Code: gate.SkipPaths, Rows: []string{}, Text: in.Skip.Text},
		gate.DesignNone, true, []gate.Row{}, []gate.SLORow{}, in.Skip}
	got := answer{r.Verdict, r.ExitCode, r.Reason, r.Design.Name, r.Design.Decided, r.Rows, r.SLO, r.Skip}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	data, err := gate.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	gatetest.CheckSchema(t, "report", data)
}
