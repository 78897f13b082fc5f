package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/experiment"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// Who sees the demo has no scenario file yet: its reports name no command that
// needs one.
func TestDemoReportsNameNoCommands(t *testing.T) {
	b, c := gatetest.Pair(gatetest.Spec{Runs: 3}, gatetest.Spec{Runs: 3, Mutate: func(r *gate.Result) {
		for i := range r.Runs {
			r.Runs[i].Status, r.Runs[i].Reasons = gate.RunInvalid, []string{gate.ReasonLate}
		}
	}})
	r := gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}}))
	if len(r.NextSteps) == 0 {
		t.Fatal("a report without next steps proves nothing")
	}
	folder := t.TempDir()
	a, stdout, _ := testApp()
	if err := a.keepDemo(folder, experiment.Session{Baseline: b, Candidates: []gate.Result{c}, Reports: []gate.Report{r}}, 0); err != nil {
		t.Fatal(err)
	}
	md, err := os.ReadFile(filepath.Join(folder, "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"stdout": stdout.String(), "report.md": string(md)} {
		if strings.Contains(text, "next:") || strings.Contains(text, "perfgate check") || !strings.Contains(text, "the load generator was late") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}
