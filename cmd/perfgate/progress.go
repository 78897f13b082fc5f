package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/experiment"
	"github.com/perfgate/perfgate/gate/load"
)

// logEvery is how often a line tells of a run where there is no terminal to
// draw a bar on.
const logEvery = 5 * time.Second

// A progress tells people how a session gets on: a bar on a terminal, else a
// line every few seconds.
type progress struct {
	a      *app
	bar    bool
	total  int  // runs of a side that are made one after the other; 0: pairs are told
	blocks bool // they are of two sides
	label  string
	// scenario of paired sessions, whose plan may ask too much of it.
	scenario gate.Scenario
	logged   time.Time
	drawn    int // columns of the bar on the screen
}

// progress begins to tell of a session; runs is the number of runs of a
// session of one side, 0 for pairs.
func (a *app) progress(runs int) *progress {
	return &progress{a: a, bar: a.live, total: runs, logged: a.now()}
}

// event tells of one event.
func (p *progress) event(e experiment.Event) {
	switch e := e.(type) {
	case experiment.SetUp:
		p.label = e.Phase + " " + e.Arm
		if p.bar {
			p.draw(p.label)
		}
	case experiment.Planned:
		p.total, p.blocks = e.Plan.Blocks, e.Plan.Blocks > 0
		p.line("%s", e.Plan)
		for _, warning := range []string{p.scenario.Starved(e.Plan.Duration), e.Plan.Blind()} {
			if warning != "" {
				p.line("warning: %s", warning)
			}
		}
	case experiment.PairStarted:
		p.label = fmt.Sprintf("pair %d of %d", e.Pair, e.Of)
	case experiment.RunStarted:
		switch {
		case e.Number == 0:
			p.label = "burn-in"
		case p.total > 0:
			p.label = fmt.Sprintf("%srun %d of %d", p.side(e.Arm), e.Number, p.total)
		}
	case experiment.LoadProgress:
		p.load(e)
	case experiment.RunDone:
		p.run(e)
	case experiment.Retry:
		p.line("%s: repeated, the run could not be used: %s", e.Arm, strings.Join(gate.RunReasonTexts(e.Run), ", "))
	case experiment.PairDone:
		p.pair(e)
	case experiment.Stopped:
		p.line("stopped: %s", stoppedText(e.Because))
		if e.Why != nil && e.Because == gate.StoppedBudget { // else it is the error that the command ends with
			p.line("%v", e.Why)
		}
	}
}

// side names the side of a run, where there are two.
func (p *progress) side(arm string) string {
	if !p.blocks {
		return ""
	}
	return arm + " "
}

// load draws the bar, or tells of the run every few seconds.
func (p *progress) load(e experiment.LoadProgress) {
	x := e.Progress
	at := fmt.Sprintf("%2.0f/%.0f s", x.Elapsed.Seconds(), x.Total.Seconds())
	if x.Elapsed > x.Total { // a warm-up that has not settled goes on
		at = fmt.Sprintf("%2.0f s", x.Elapsed.Seconds())
	}
	text := fmt.Sprintf("%s %s %s %s, %d requests, %d failed, p95 %.1f ms", p.label, e.Arm, x.Phase, at, x.Requests, x.Failed, x.P95MS)
	if p.bar {
		p.draw(gauge(x) + " " + text)
		return
	}
	if now := p.a.now(); now.Sub(p.logged) >= logEvery {
		p.logged = now
		p.line("%s", text)
	}
}

// gauge is how far a phase is, as ten cells.
func gauge(x load.Progress) string {
	const cells = 10
	full := 0
	if x.Total > 0 {
		full = min(int(cells*x.Elapsed/x.Total), cells)
	}
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", cells-full) + "]"
}

func (p *progress) run(e experiment.RunDone) {
	if e.Why != nil {
		p.line("%s %s: %v", e.Arm, e.Run.ID, e.Why)
	}
	if p.total == 0 || e.Run.Status != gate.RunOK {
		return
	}
	requests, failed := int64(0), int64(0)
	for _, x := range e.Run.Endpoints {
		requests, failed = requests+x.Requests, failed+x.Requests-x.OK
	}
	p.line("%s: %.1f s, %d requests, %d failed", p.label, e.Run.MeasuredS, requests, failed)
}

// pair tells what is known after a pair, one line a candidate.
func (p *progress) pair(e experiment.PairDone) {
	for _, r := range e.Reports {
		name := ""
		if len(e.Reports) > 1 {
			name = r.Sides.Candidate.Label + ": "
		}
		p.line("pair %d: %s%s", e.Pair, name, soFar(r))
	}
}

// soFar is the overall p95 of a report, or what stands in its place.
func soFar(r gate.Report) string {
	for _, row := range r.Rows {
		if row.Role != gate.RolePrimary || row.Metric != gate.MetricP95 || row.IntervalRatio == nil {
			continue
		}
		name := "overall"
		if row.Endpoint != nil {
			name = *row.Endpoint
		}
		return fmt.Sprintf("%s p95 %+.1f %% (%+.1f to %+.1f %%)", name, 100**row.ChangeRatio, 100*row.IntervalRatio[0], 100*row.IntervalRatio[1])
	}
	return r.Reason.Text
}

func stoppedText(because string) string {
	switch because {
	case gate.StoppedBudget:
		return "the budget is used up"
	case gate.StoppedInvalid:
		return "a run could not be measured three times in a row"
	case gate.StoppedInterrupted:
		return "interrupted"
	case gate.StoppedTargetDied:
		return "the target died under the load"
	case gate.StoppedSetUp:
		return "a side could not be prepared or brought up"
	}
	return because
}

// line writes a line that stays, over the bar.
func (p *progress) line(format string, args ...any) {
	p.clear()
	p.a.say(format, args...)
}

// draw replaces the bar.
func (p *progress) draw(text string) {
	text = printable(text)
	if most := p.a.errWidth - 1; most > 0 && len(text) > most {
		text = text[:most]
	}
	pad := max(p.drawn-len(text), 0)
	fmt.Fprintf(p.a.err, "\r%s%s", text, strings.Repeat(" ", pad))
	p.drawn = len(text)
}

// clear takes the bar off the screen.
func (p *progress) clear() {
	if p.drawn > 0 {
		fmt.Fprintf(p.a.err, "\r%s\r", strings.Repeat(" ", p.drawn))
		p.drawn = 0
	}
}
