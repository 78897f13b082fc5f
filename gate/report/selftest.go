package report

import (
	"fmt"
	"io"

	"github.com/perfgate/perfgate/gate"
)

// selfTestHeads are the headlines of a self-test by its outcome.
func selfTestHeads() map[string]struct {
	word string
	tone tone
} {
	return map[string]struct {
		word string
		tone tone
	}{
		gate.SelfTestProven:     {"PROVEN", toneGood},
		gate.SelfTestUnseen:     {"UNSEEN", toneBad},
		gate.SelfTestUnmeasured: {"UNMEASURED", toneBad},
		gate.SelfTestFalseAlarm: {"FALSE ALARM", toneBad},
	}
}

// Words of the view of a self-test.
const (
	selfChange    = "change"
	selfExpected  = "expected"
	selfVerdict   = "verdict"
	selfUnchanged = "unchanged"
	selfSlower    = "every endpoint +%s"
	selfFailing   = "%s of the answers fail"
	selfPairs     = "%s, %s"
	selfUnseen    = "! "
	selfMissed    = "? "
	selfEdit      = "edit: "
	selfEditIn    = " in %s"
)

// The columns of a self-test's table.
const (
	selfNameColumns = 32
	selfWordColumns = 14
)

// SelfTest writes a self-test for a terminal or a log: whether the gate can
// fail, a row for each change, and what it would miss. All is always shown, and
// every text is escaped. The error is that of w.
func SelfTest(w io.Writer, t gate.SelfTest, o TextOptions) error {
	p := &page{width: o.width(), color: o.Color}
	head := selfTestHeads()[t.Outcome]
	p.selfTestHead(head.word, head.tone, t)
	p.blank()
	p.line("  " + padRight(selfChange, selfNameColumns) + padRight(selfExpected, selfWordColumns+2) + padRight(selfVerdict, selfWordColumns) + padLeft(headSeenFrom, selfWordColumns))
	for _, c := range t.Changes {
		p.line(selfTestLine(c, p.color))
	}
	p.blank()
	for _, s := range t.BlindSpots {
		first := "  " + selfMissed
		if s.Decisive {
			first = "  " + selfUnseen
		}
		p.prose(first, terminal(s.Text))
		edit := selfEdit + terminal(s.Edit)
		if s.Rule != "" && s.Rule != "default" {
			edit += fmt.Sprintf(selfEditIn, terminal(s.Rule))
		}
		p.prose("    ", edit)
	}
	for _, note := range t.Notes {
		p.prose("  ", terminal(note))
	}
	if _, err := io.WriteString(w, p.String()); err != nil {
		return fmt.Errorf("write self-test: %w", err)
	}
	return nil
}

// selfTestHead writes the outcome, and on the right what it rests on.
func (p *page) selfTestHead(word string, tone tone, t gate.SelfTest) {
	right := fmt.Sprintf(selfPairs, terminal(t.Scenario), plural(t.Pairs, "pair"))
	left := word + "  " + terminal(t.Text)
	if gap := p.width - columns(left) - columns(right); gap >= 2 {
		p.line(paint(word, tone, p.color) + left[len(word):] + padLeft(right, columns(right)+gap))
		return
	}
	p.line(paint(word, tone, p.color) + "  " + cutEnd(right, p.width-columns(word)-2))
	p.prose("  ", terminal(t.Text))
}

// selfTestLine is the row of one change.
func selfTestLine(c gate.SelfTestChange, color bool) string {
	name := selfUnchanged
	switch {
	case c.SlowerRatio > 0:
		name = fmt.Sprintf(selfSlower, significant(100*c.SlowerRatio, ruleDigits)+" %")
	case c.FailingRatio > 0:
		name = fmt.Sprintf(selfFailing, significant(100*c.FailingRatio, ruleDigits)+" %")
	}
	shown := toneGood
	if !c.AsExpected {
		shown = toneBad
	}
	word := padRight(verdictWord(c.Verdict), selfWordColumns)
	from := none
	if s := limit(c.SeenFromRatio, c.SeenFromAbs, estimateDigits); s != "" {
		from = "+" + s
	}
	return "  " + padRight(name, selfNameColumns) + padRight(c.Expected, selfWordColumns+2) + paint(word, shown, color) + padLeft(from, selfWordColumns)
}
