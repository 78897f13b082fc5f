package main

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// A calibrateView is what calibrate found out, as JSON and as text.
type calibrateView struct {
	Scenario string `json:"scenario"`
	Machine  string `json:"machine"`
	Store    string `json:"store"`
	// Sessions and Pairs were made now; Noise rests on those in the store.
	Sessions   int                  `json:"sessions"`
	Pairs      int                  `json:"pairs"`
	Alarms     alarmView            `json:"false_alarms"`
	Noise      gate.Noise           `json:"noise"`
	Learned    bool                 `json:"learned"` // later checks test by it
	Sees       []seesView           `json:"sees"`
	Thresholds []suggestedThreshold `json:"thresholds"` // that should be wider; empty: none, or nothing is learned

	untested string  // why the overall p95 has no noise; empty: it has
	seconds  float64 // of a session of this call
	lost     bool    // the last session is not in the store
	missing  int     // pairs until something is learned
	budget   int     // pairs that a check can afford
}

// alarmView compares the false alarms that were seen with those to expect.
type alarmView struct {
	Seen int `json:"seen"` // sessions of this call
	Of   int `json:"of"`
	// AtMost is the largest rate that fits what was seen with 95 % confidence.
	AtMost float64 `json:"at_most_ratio"`
	// Expected is that of the simulation for this noise; nil: more noise than
	// was simulated.
	Expected *float64 `json:"expected_ratio"`
}

// seesView is the smallest slowdown found in four of five sessions, by pairs.
type seesView struct {
	Endpoint *string    `json:"endpoint"` // nil: all endpoints slow down alike
	Ratios   []*float64 `json:"ratios"`   // for seenPairs; nil: more than tenfold
}

// suggestedThreshold is a threshold that leaves unchanged code undecided too
// often, and one that does not.
type suggestedThreshold struct {
	Metric    string   `json:"metric"`
	Present   float64  `json:"present_ratio"`
	Undecided float64  `json:"undecided_ratio"` // share of unchanged builds, at least
	Suggested *float64 `json:"suggested_ratio"` // nil: not even 50 %
}

// seenPairs are the columns of what is seen.
func seenPairs() []int { return []int{4, 6, 8, 12, 16} }

func newCalibrateView(c *calibration, noise gate.Noise) calibrateView {
	v := calibrateView{Scenario: c.of.Scenario, Machine: c.class.String(), Store: c.storeText(), Sessions: len(c.made), Noise: noise,
		Learned: noise.Learned().Between > 0, Thresholds: []suggestedThreshold{}}
	for _, r := range c.made {
		v.Pairs += r.Design.Pairs
		if r.Alarm() {
			v.Alarms.Seen++
		}
	}
	v.Alarms.Of, v.Alarms.AtMost = len(c.made), rounded(rateAtMost(v.Alarms.Seen, len(c.made)))
	if sd, ok := noise.Between(gate.MetricP95); ok {
		if rate, ok := gate.FalseAlarms(sd); ok {
			v.Alarms.Expected = &rate
		}
	}
	v.untested, v.seconds = untestedP95(c.made), sessionSeconds(c.made)
	v.lost = c.lost
	v.missing = max(0, 20+noise.Sessions-noise.Pairs)
	plan := newPlanView(c.scenario, noise, 0.1, 0)
	v.budget = plan.Pairs
	o := outlookOf(c.scenario, noise, plan.plan.Duration)
	v.Sees = append(v.Sees, seesOf(o, nil))
	if len(o.Endpoints) > 1 {
		for i := range o.Endpoints {
			v.Sees = append(v.Sees, seesOf(o, &o.Endpoints[i]))
		}
	}
	if v.Learned { // the declared noise says nothing of this machine
		v.Thresholds = append(v.Thresholds, suggestions(c.scenario, o, v.budget)...)
	}
	return v
}

// untestedP95 says why the p95 of the whole could not be tested in the newest
// session; empty: it could.
func untestedP95(made []gate.Report) string {
	for _, row := range made[len(made)-1].Rows {
		if row.Role == gate.RolePrimary && row.Metric == gate.MetricP95 && row.P == nil {
			return row.Reason.Text
		}
	}
	return ""
}

// sessionSeconds is how long a session took in the mean; 0: not known.
func sessionSeconds(made []gate.Report) float64 {
	sum := 0.0
	for _, r := range made {
		if r.Design.WallS != nil {
			sum += *r.Design.WallS
		}
	}
	return sum / float64(len(made))
}

func seesOf(o gate.Outlook, endpoint *string) seesView {
	v := seesView{Endpoint: endpoint}
	name := gate.Whole
	if endpoint != nil {
		name = *endpoint
	}
	for _, n := range seenPairs() {
		v.Ratios = append(v.Ratios, ratioOrNil(o.Sees(name, n)))
	}
	return v
}

// suggestions are the thresholds of primary rows that should be wider.
func suggestions(s gate.Scenario, o gate.Outlook, pairs int) []suggestedThreshold {
	metrics := []string{gate.MetricP50, gate.MetricP95}
	if s.Load.Model == gate.ModelClosed && s.Load.Wait == (gate.Wait{}) {
		metrics = append(metrics, gate.MetricThroughput)
	}
	var out []suggestedThreshold
	for _, metric := range metrics {
		present := o.Worse(metric)
		worse, ok := o.Suggest(metric, pairs)
		if ok && worse == present {
			continue
		}
		x := suggestedThreshold{Metric: metric, Present: present, Undecided: rounded(1 - o.Decides(metric, present, pairs))}
		if ok {
			x.Suggested = &worse
		}
		out = append(out, x)
	}
	return out
}

// rateAtMost is the one-sided 95 % bound of Clopper and Pearson: the rate with
// which so few of n happen in one of twenty cases only.
func rateAtMost(seen, n int) float64 {
	lo, hi := 0.0, 1.0
	for range 50 {
		mid := (lo + hi) / 2
		atMost, term := 0.0, math.Pow(1-mid, float64(n))
		for k := 0; k <= seen; k++ {
			atMost += term
			term *= float64(n-k) / float64(k+1) * mid / (1 - mid)
		}
		if atMost > 0.05 {
			lo = mid
		} else {
			hi = mid
		}
	}
	if seen >= n {
		return 1
	}
	return hi
}

// text is the calibration for people.
func (v calibrateView) text() string {
	var b strings.Builder
	but := ""
	if v.lost {
		but = " but for the last"
	}
	fmt.Fprintf(&b, "\n%s on %s: %s of unchanged code, %s, kept in %s\n", printable(v.Scenario), printable(v.Machine),
		count(v.Sessions, "session"), count(v.Pairs, "pair"), printable(v.Store)+but)
	fmt.Fprintf(&b, "\nnoise from run to run, %s s a run\n%s", brief(v.Noise.RunS), v.noiseTable())
	by := ""
	if !v.Learned {
		by = ", by the declared noise"
	}
	fmt.Fprintf(&b, "\nsmallest slowdown found in 4 of 5 sessions, by p50 or p95%s\n%s", by, v.seesTable())
	b.WriteString("\n" + v.thresholdText() + v.alarmsText())
	if v.Learned {
		fmt.Fprintf(&b, "learned: from %s, %s; checks here test by it from now on\n", count(v.Noise.Sessions, "session"), count(v.Noise.Pairs, "pair"))
	} else {
		b.WriteString(v.missingText())
	}
	return b.String()
}

// missingText says how much more is needed before noise is learned. Each session
// costs one degree of freedom.
func (v calibrateView) missingText() string {
	each := max(1, v.Pairs/v.Sessions-1)
	sessions := max(1, (v.missing+each-1)/each)
	text := fmt.Sprintf("learned: nothing yet: %d of %s, about %s", v.Noise.Pairs, count(v.Noise.Pairs+v.missing, "pair"), count(sessions, "more session"))
	if v.seconds > 0 {
		text += fmt.Sprintf(", %.0f min", math.Ceil(float64(sessions)*v.seconds/60))
	}
	return text + fmt.Sprintf("\nnext: perfgate calibrate --sessions %d\n", sessions)
}

// noiseTable shows the run-to-run noise of latencies and throughput, with the
// part that the number of requests explains behind it.
func (v calibrateView) noiseTable() string {
	metrics := []string{gate.MetricP50, gate.MetricP95, gate.MetricP99, gate.MetricThroughput}
	var names []string
	cells := map[string]string{}
	for _, row := range v.Noise.Rows {
		if row.Relative {
			continue
		}
		name := "overall"
		if row.Endpoint != nil {
			name = shortened(printable(*row.Endpoint), 32)
		}
		if _, seen := cells[name]; !seen {
			names, cells[name] = append(names, name), ""
		}
		cells[name+"\x00"+row.Metric] = fmt.Sprintf("%.1f %% (%.1f)", 100*row.ObservedRatio, 100*row.WithinRunRatio)
	}
	why := ""
	if v.untested != "" {
		why = "  overall p95: " + printable(v.untested) + "\n"
	}
	return table(func(w *tabwriter.Writer) {
		fmt.Fprintln(w, "  (within a run)\tp50\tp95\tp99\tthroughput\t")
		for _, name := range names {
			fmt.Fprintf(w, "  %s\t", name)
			for _, metric := range metrics {
				cell := cells[name+"\x00"+metric]
				if cell == "" {
					cell = "-"
				}
				fmt.Fprintf(w, "%s\t", cell)
			}
			fmt.Fprintln(w)
		}
	}) + why
}

func (v calibrateView) seesTable() string {
	return table(func(w *tabwriter.Writer) {
		fmt.Fprint(w, "  pairs\t")
		for _, n := range seenPairs() {
			fmt.Fprintf(w, "%d\t", n)
		}
		fmt.Fprintln(w)
		for _, row := range v.Sees {
			name := "all endpoints"
			if row.Endpoint != nil {
				name = shortened(printable(*row.Endpoint), 28) + " alone"
			}
			fmt.Fprintf(w, "  %s\t", name)
			for _, r := range row.Ratios {
				cell := "-"
				if r != nil {
					cell = fmt.Sprintf("+%.0f %%", 100**r)
				}
				fmt.Fprintf(w, "%s\t", cell)
			}
			fmt.Fprintln(w)
		}
	})
}

func table(fill func(*tabwriter.Writer)) string {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	fill(w)
	w.Flush()
	text := ""
	for line := range strings.Lines(b.String()) {
		text += strings.TrimRight(line, " \n") + "\n"
	}
	return text
}

func (v calibrateView) thresholdText() string {
	switch {
	case !v.Learned:
		return ""
	case len(v.Thresholds) == 0:
		return fmt.Sprintf("thresholds: those of the file decide unchanged code with %s\n", count(v.budget, "pair"))
	}
	text := fmt.Sprintf("thresholds: too narrow for %s a check; wider ones for perfgate.yml:\n", count(v.budget, "pair"))
	for _, x := range v.Thresholds {
		if x.Suggested == nil {
			text += fmt.Sprintf("  # %s: not even 50 %% decides; make the runs longer or the machine quieter\n", x.Metric)
			continue
		}
		text += fmt.Sprintf("  - {metric: %s, worse: %s%%}   # %s %% leaves %.0f %% of unchanged builds undecided\n",
			x.Metric, brief(100**x.Suggested), brief(100*x.Present), 100*x.Undecided)
	}
	return text
}

// alarmsText tells apart what a few sessions can show and what is claimed.
func (v calibrateView) alarmsText() string {
	text := fmt.Sprintf("false alarms: %s; so few show only that at most %.0f %% do\n", alarmText(v.Alarms.Seen, v.Alarms.Of), 100*v.Alarms.AtMost)
	if _, ok := v.Noise.Between(gate.MetricP95); !ok {
		return text + "  to expect: not known without the noise of the overall p95\n"
	}
	if v.Alarms.Expected == nil {
		return text + "  to expect: not known, there is more noise than was simulated\n"
	}
	return text + fmt.Sprintf("  to expect: at most %s in simulation with this noise (docs/method.md 0.13)\n", percentOf(*v.Alarms.Expected))
}

// length is a number of seconds as a length of time.
func length(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
