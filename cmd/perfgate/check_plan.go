package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// plan says in one line what is compared.
func (x *sides) plan() string {
	budget := x.o.budget
	if budget == 0 {
		budget = x.scenario.Check.Budget
	}
	how := "paired session"
	if x.o.order == orderBlocks {
		how = "one side after the other"
	}
	return fmt.Sprintf("plan: %s, %s against %s, budget %s", how, x.baseline.text(), x.candidateText(), budgetText(budget))
}

// candidateText names the candidate, and how much it changes where that is
// known.
func (x *sides) candidateText() string {
	c := x.candidate
	switch {
	case x.changed == nil:
		return c.text()
	case c.commit.ID == "":
		return "the working tree (" + changedText(len(x.changed)) + ")"
	case c.label == c.commit.Short():
		return c.label + " (" + changedText(len(x.changed)) + ")"
	}
	return c.commit.Short() + " (" + c.label + ", " + changedText(len(x.changed)) + ")"
}

// spend takes what the checkouts took off the budget. Less than a second is not
// worth an odd number in messages.
func (x *sides) spend(took time.Duration) {
	if took = took.Round(time.Second); took > 0 {
		x.o.budget = max(firstDuration(x.o.budget, x.scenario.Check.Budget, gate.DefaultBudget)-took, time.Second)
	}
}

func changedText(n int) string {
	if n == 0 {
		return "nothing changed"
	}
	return count(n, "file") + " changed"
}

// budgetText drops units that are zero: 8m, not 8m0s.
func budgetText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
