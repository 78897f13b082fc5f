package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/perfgate/perfgate/gate"
)

// A reader must know which noise a verdict rests on, and that both sides were
// the same.
func TestFrameNamesTheNoise(t *testing.T) {
	for _, test := range []struct {
		name     string
		from     string
		sessions int
		aa       bool
		want     string
	}{
		{"declared", gate.PriorDefault, 0, false, "seed 42"},
		{"too few sessions to learn from", gate.PriorDefault, 2, false, "seed 42"},
		{"learned", gate.PriorLearned, 5, false, "seed 42, noise learned from 5 sessions"},
		{"learned, A/A", gate.PriorLearned, 1, true, "seed 42, noise learned from 1 session, both sides are the same program (A/A)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := base(gate.VerdictPass, gate.ExitOK)
			row := latency(buy, gate.MetricP95, 41.2, 41.3, 0, 0, gate.OutcomePass)
			row.Noise = &gate.RowNoise{PriorRatio: 0.05, PriorDF: 4, PriorFrom: test.from}
			r.Design.LearnedSessions, r.Design.AA = test.sessions, test.aa
			r = rows(r, row)
			var b bytes.Buffer
			f, err := FormatNamed("text")
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Render(&b, r, Options{}); err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(b.String()), " ")
			if !strings.Contains(text, test.want) || test.from == gate.PriorDefault && strings.Contains(text, "learned") {
				t.Errorf("no %q in\n%s", test.want, b.String())
			}
		})
	}
}
