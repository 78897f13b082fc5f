package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/stats"
)

// ResultText sums up one result for a terminal: what each endpoint did, under
// which load, which runs do not count and why, and the command to type next.
// It judges nothing: the limits that the result was held to come from its report
// (nil: none). With All every run has its own line. The error is that of w.
func ResultText(w io.Writer, r gate.Result, limits []gate.SLORow, o TextOptions) error {
	p := &page{width: o.width(), color: o.Color}
	counted, other := partitionRuns(r.Runs)
	writeRunHead(p, r, counted)
	for _, s := range r.Scenarios {
		writeScenario(p, s, runsOf(counted, s.ID), len(r.Scenarios) > 1)
	}
	view{r: gate.Report{SLO: limits}}.writeLimits(p, true)
	p.blank()
	writeUncounted(p, other)
	if o.All {
		writeRuns(p, r.Runs)
	}
	writeOrigin(p, r)
	for _, x := range r.Warnings {
		p.prose("  "+textWarning, terminal(x.Text))
	}
	file := cmp.Or(o.Candidate, "result.json")
	p.next("  ", steps(runSteps(gate.ShellWord(file), counted, other)))
	if _, err := io.WriteString(w, p.String()); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

func runSteps(file string, counted, other []gate.Run) []string {
	switch {
	case len(counted) > 0:
	case gate.Disturbed(other):
		return []string{runNextQuiet}
	default:
		return []string{runNextFile}
	}
	return []string{fmt.Sprintf(runNextCompare, file), fmt.Sprintf(runNextSave, file)}
}

func partitionRuns(runs []gate.Run) (counted, other []gate.Run) {
	for _, r := range runs {
		if r.Status == gate.RunOK {
			counted = append(counted, r)
		} else {
			other = append(other, r)
		}
	}
	return counted, other
}

func runsOf(runs []gate.Run, scenario string) []gate.Run {
	var out []gate.Run
	for _, r := range runs {
		if r.Scenario == scenario {
			out = append(out, r)
		}
	}
	return out
}

func writeRunHead(p *page, r gate.Result, counted []gate.Run) {
	word, t := runMeasured, toneGood
	said := plural(len(r.Runs), "run")
	interrupted := slices.ContainsFunc(r.Runs, func(x gate.Run) bool { return x.Status == gate.RunInterrupted })
	switch {
	case len(counted) == 0:
		word, t, said = runInvalid, toneBad, runNoneCounts
	case len(counted) < len(r.Runs):
		word, t, said = runPartly, toneUnsure, fmt.Sprintf(runSomeCount, len(counted), said)
	}
	if interrupted {
		word, t = runInterrupted, toneUnsure
	}
	var what []string
	if len(r.Scenarios) == 1 && r.Scenarios[0].ID != "" {
		what = append(what, terminal(r.Scenarios[0].ID))
	}
	if c := r.Subject.Commit; c != "" {
		s := terminal(commit(c))
		if r.Subject.Dirty {
			s += " with local changes"
		}
		what = append(what, s)
	} else if r.Subject.Label != "" && r.Subject.Label != "." {
		what = append(what, cutMiddle(terminal(r.Subject.Label), 30))
	}
	lines := wrap(strings.Join(append([]string{said}, what...), ", "), p.width-columns(word)-2)
	first := paint(word, t, p.color) + "  "
	for _, s := range lines {
		p.line(first + s)
		first = strings.Repeat(" ", columns(word)+2)
	}
}

// writeScenario writes the table of one scenario and the load it was under.
func writeScenario(p *page, s gate.ScenarioInfo, runs []gate.Run, named bool) {
	p.blank()
	if named {
		p.prose("  ", "scenario "+terminal(s.ID))
	}
	if len(runs) > 0 {
		writeEndpoints(p, summaries(s, runs))
		p.blank()
	}
	p.prose("  ", loadText(s))
	if len(runs) == 0 {
		return
	}
	p.prose("  ", lengthText(runs))
	p.prose("  ", howText(runs))
	if s := failureText(runs); s != "" {
		p.prose("  ", s)
	}
}

// summary is what one endpoint did over the counted runs.
type summary struct {
	name             string
	whole            bool // all endpoints together
	requests, failed int64
	rates            []float64    // a second, by run
	quantiles        [3][]float64 // p50, p95, p99 in ms, by run
}

// summaries adds up the endpoints in the order of the scenario, then those that
// only the runs know, then all of them.
func summaries(s gate.ScenarioInfo, runs []gate.Run) []summary {
	var out []summary
	place := map[string]int{}
	at := func(name string) *summary {
		if _, ok := place[name]; !ok {
			place[name] = len(out)
			out = append(out, summary{name: name})
		}
		return &out[place[name]]
	}
	for _, e := range s.Endpoints {
		at(e.Name)
	}
	all := summary{name: "all", whole: true}
	for _, run := range runs {
		total := int64(0)
		for _, e := range run.Endpoints {
			at(e.Name).add(e, run.MeasuredS)
			total += e.Requests
			all.failed += max(0, e.Requests-e.OK)
		}
		all.requests += total
		all.addRate(total, run.MeasuredS)
	}
	if len(out) > 1 {
		out = append(out, all)
	}
	return out
}

func (s *summary) addRate(requests int64, seconds float64) {
	if seconds > 0 {
		s.rates = append(s.rates, float64(requests)/seconds)
	}
}

func (s *summary) add(e gate.EndpointRun, seconds float64) {
	s.requests += e.Requests
	s.failed += max(0, e.Requests-e.OK)
	s.addRate(e.Requests, seconds)
	l, ok := latencyOf(e)
	if !ok {
		return
	}
	for i, level := range []float64{0.5, 0.95, 0.99} {
		if ms, ok := l.QuantilesMS[gate.QuantileKey(level)]; ok {
			s.quantiles[i] = append(s.quantiles[i], ms)
		}
	}
}

// latencyOf chooses the response time of an endpoint, else what there is.
func latencyOf(e gate.EndpointRun) (gate.Latency, bool) {
	for _, l := range e.Latency {
		if l.Of == gate.OfResponse {
			return l, true
		}
	}
	if len(e.Latency) > 0 {
		return e.Latency[0], true
	}
	return gate.Latency{}, false
}

// endpointCells are the columns of a summary behind its name.
func (s summary) cells() [6]string {
	cells := [6]string{strconv.FormatInt(s.requests, 10), none, none, none, none, none}
	if len(s.rates) > 0 {
		cells[1] = rate(stats.Median(s.rates))
	}
	for i, q := range s.quantiles {
		if s.whole { // percentiles of different endpoints make no sum
			cells[2+i] = ""
		} else if len(q) > 0 {
			cells[2+i] = value("ms", stats.Median(q))
		}
	}
	if s.requests > 0 {
		cells[5] = percent(float64(s.failed) / float64(s.requests))
	}
	return cells
}

func writeEndpoints(p *page, rows []summary) {
	heads := [6]string{"requests", "rate", "p50", "p95", "p99", "errors"}
	pad := 0
	for _, s := range rows {
		if method, _, ok := cutMethod(s.name); ok {
			pad = max(pad, min(len(method), 4))
		}
	}
	name := columns(headEndpoint)
	var widths [6]int
	for i, h := range heads {
		widths[i] = columns(h)
	}
	for k, s := range rows {
		rows[k].name = padMethod(terminal(s.name), pad)
		name = max(name, columns(rows[k].name))
		for i, c := range s.cells() {
			widths[i] = max(widths[i], columns(c))
		}
	}
	used := 2
	for _, w := range widths {
		used += 2 + w
	}
	name = max(narrowest, min(name, p.width-used))
	write := func(first string, cells [6]string) {
		text := "  " + padRight(cutMiddle(first, name), name)
		for i, c := range cells {
			text += "  " + padLeft(c, widths[i])
		}
		p.line(text)
	}
	write(headEndpoint, heads)
	for _, s := range rows {
		write(s.name, s.cells())
	}
}
