package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// selfTestCases are made by hand, so that their words do not depend on noise.
func selfTestCases() map[string]gate.SelfTest {
	base := func(outcome string, exit int, text string) gate.SelfTest {
		return gate.SelfTest{Kind: gate.SelfTestKind, SchemaVersion: gate.SchemaVersion, Requires: []string{}, Outcome: outcome, ExitCode: exit, Text: text,
			Scenario: "inference-api", Mode: gate.ModeEnforce, Pairs: 4, BlindSpots: []gate.BlindSpot{}, Notes: []string{},
			Changes: []gate.SelfTestChange{
				{Name: gate.ChangeNone, Expected: "no regression", Verdict: gate.VerdictPass, AsExpected: true, Text: "no endpoint is slower"},
				{Name: gate.ChangeSlower, SlowerRatio: 0.2, Expected: "regression", Verdict: gate.VerdictRegression, AsExpected: true, Text: "overall p95 +20.1 %", SeenFromRatio: ptr(0.083)},
				{Name: gate.ChangeFailing, FailingRatio: 0.02, Expected: "regression", Verdict: gate.VerdictRegression, AsExpected: true, Text: "overall error rate +2.01 pp", SeenFromAbs: ptr(0.0032)},
			}}
	}
	proven := base(gate.SelfTestProven, gate.ExitOK, "this gate can fail")
	proven.BlindSpots = []gate.BlindSpot{{Change: gate.ChangeSlower, Endpoints: []string{"GET /health"}, Code: "floor", Rule: "default",
		Text: "floor 100 µs (default): a slowdown of 20 % of GET /health alone would go unseen", Edit: "a floor of less than 20 % of the time that it takes"}}
	proven.Notes = []string{"a slowdown of every endpoint below +8.3 %, or failing answers below +0.32 pp, would go unseen"}

	unseen := base(gate.SelfTestUnseen, gate.ExitUnmeasured, "a slowdown of 20 % went unseen")
	unseen.Changes[1].Verdict, unseen.Changes[1].AsExpected, unseen.Changes[1].SeenFromRatio = gate.VerdictPass, false, ptr(0.5)
	unseen.BlindSpots = []gate.BlindSpot{{Change: gate.ChangeSlower, Endpoints: []string{}, Code: "threshold", Rule: "perfgate.yml:24", Decisive: true,
		Text: "threshold 50 % (perfgate.yml:24): a slowdown of 20 % of every endpoint would go unseen", Edit: "worse: 10%"}}

	hostile := base(gate.SelfTestUnmeasured, gate.ExitUnmeasured, "slower: \x1b[31mdead\u202e "+strings.Repeat("long ", 40))
	hostile.Scenario = "a\x1b]0;title\a" + strings.Repeat("n", 120)
	hostile.Changes[2].Verdict = gate.VerdictNotComparable
	hostile.Notes = []string{"\x1b[2Jnote"}
	return map[string]gate.SelfTest{"proven": proven, "unseen": unseen, "hostile": hostile}
}

func TestSelfTestGolden(t *testing.T) {
	for name, self := range selfTestCases() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := SelfTest(&b, self, TextOptions{}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := columns(strings.TrimSuffix(line, "\n")); n > DefaultWidth {
					t.Errorf("a line has %d columns: %q", n, line)
				}
			}
			if strings.ContainsAny(b.String(), "\x1b\a\u202e") {
				t.Errorf("untrusted text is not escaped: %q", b.String())
			}
			data, err := gate.Encode(self)
			if err != nil {
				t.Fatal(err)
			}
			gatetest.CheckSchema(t, "selftest", data)
			golden(t, "../selftest", name+".txt", b.Bytes())
		})
	}
}

// Colours repeat what the words say.
func TestSelfTestColor(t *testing.T) {
	var plain, painted bytes.Buffer
	self := selfTestCases()["unseen"]
	if err := SelfTest(&plain, self, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := SelfTest(&painted, self, TextOptions{Color: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(painted.String(), "\x1b[31mUNSEEN\x1b[0m") {
		t.Errorf("no colour: %q", painted.String())
	}
	if diff := cmp.Diff(plain.String(), sgr.ReplaceAllString(painted.String(), "")); diff != "" {
		t.Errorf("-plain +painted\n%s", diff)
	}
}
