package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate/stats"
)

const (
	// creepWorse is how much worse than an anchor is too much, whatever the
	// steps were: twenty times half a per cent (docs/method.md 6.7).
	creepWorse = 0.10
	creepLevel = 0.05 // of all rows of one anchor together
	creepNamed = 3    // rows that a warning names
)

// A creep is one latency of the candidate against an anchor.
type creep struct {
	row    *row
	est    stats.Estimate // of the newest jobs
	anchor float64        // its value, in ms
	// change of the present level on the log scale: that of the newest jobs, or
	// the candidate's own where it is larger, behind which they lag.
	change float64
}

// warnCreep warns of a history whose candidate is far slower than an anchor
// though no single job was: a baseline that follows the service lets every
// small step pass. It blocks nothing, since it is not this change's fault.
func (c *Comparison) warnCreep(scenarios []matched) {
	if c.design.Name != DesignHistory || c.refusal != "" {
		return
	}
	anchors := slices.Clone(c.in.Anchors)
	if !slices.ContainsFunc(anchors, func(a Anchor) bool { return a.Name == "" }) {
		anchors = append(anchors, Anchor{Result: c.in.Baseline[0]})
	}
	for _, a := range anchors {
		if why := c.otherThan(a.Result); why != "" {
			c.add("creep_not_checked", fmt.Sprintf("slow creep against %s is not checked: %s", a.text(), why))
			continue
		}
		var tests []creep
		for i := range scenarios {
			tests = append(tests, c.creeps(&scenarios[i], a.Result)...)
		}
		c.warnCrept(a, worstCreeps(tests))
	}
}

// creeps tests every endpoint of a scenario that an anchor has, too.
func (c *Comparison) creeps(s *matched, anchor Result) []creep {
	info := findScenario(scenarioInfos([]Result{anchor}), s.id, true)
	if info == nil {
		return nil
	}
	runs := counted([]Result{anchor}, info.ID)
	var out []creep
	for _, r := range c.rows {
		level, latency := LatencyLevel(r.Metric)
		if !latency || r.Scenario != s.id || !r.moves() || len(runs) == 0 ||
			checked(digestOfEndpoint(info, *r.Endpoint), digestOfEndpoint(s.candidate, *r.Endpoint)) == checkedDifferent {
			continue
		}
		var values []float64
		for _, run := range runs {
			if src := run.sources[*r.Endpoint]; src.latency != nil && src.has(level) {
				values = append(values, src.at(level).value)
			}
		}
		if len(values) < len(runs) {
			continue
		}
		jobs, _ := medians(logs(r.Baseline.PerRun), jobsOf(s.base))
		fresh, _ := medians(logs(r.Candidate.PerRun), jobsOf(s.cand))
		value := stats.Median(values)
		prior := stats.Prior{SD: r.Noise.PriorRatio, DF: r.Noise.PriorDF}
		jobs = append(jobs, fresh...)
		est := stats.Creep(math.Log(value), jobs, prior)
		out = append(out, creep{row: r, anchor: value, est: est, change: max(est.Theta, jobs[len(jobs)-1]-math.Log(value))})
	}
	return out
}

func jobsOf(runs []countedRun) []int {
	out := make([]int, len(runs))
	for i, r := range runs {
		out[i] = r.job
	}
	return out
}

// worstCreeps are the tests that show too much, the worst of each endpoint and
// the largest change first.
func worstCreeps(tests []creep) []creep {
	p := make([]float64, len(tests))
	for i, t := range tests {
		p[i] = t.est.P()
	}
	var out []creep
	for i, adjusted := range stats.Holm(p) {
		t := tests[i]
		over := t.change > math.Log1p(creepWorse) && math.Expm1(t.change)*t.anchor > t.row.limit.floor
		if adjusted <= creepLevel && over {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b creep) int { return cmp.Compare(b.change, a.change) })
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(t creep) bool { // one an endpoint is enough
		key := rowKey(t.row.Scenario, *t.row.Endpoint, "")
		told := seen[key]
		seen[key] = true
		return told
	})
}

// warnCrept names what crept up from an anchor.
func (c *Comparison) warnCrept(a Anchor, worst []creep) {
	if len(worst) == 0 {
		return
	}
	var named, rows []string
	for i, t := range worst {
		if i < creepNamed {
			named = append(named, t.row.label()+" "+signedText(math.Expm1(t.change)))
		}
		rows = append(rows, t.row.ID)
	}
	if more := len(worst) - creepNamed; more > 0 {
		named = append(named, fmt.Sprintf("%d more", more))
	}
	since := a.text()
	if day := a.day(); day != "" {
		since += " of " + day
	}
	head := fmt.Sprintf("%s crept up by %s since %s", worst[0].row.label(), percentText(math.Expm1(worst[0].change)), cmp.Or(a.Name, a.day(), since))
	c.headline("creep", head, fmt.Sprintf("slower than %s, though no step was a regression: %s; limit %s", since, strings.Join(named, ", "), rulePercent(creepWorse)), rows...)
}

// otherThan says in what an anchor was measured differently; empty: in nothing.
func (c *Comparison) otherThan(r Result) string {
	cand := c.in.Candidate[0]
	switch {
	case checked(r.Environment.ClassDigest, cand.Environment.ClassDigest) == checkedDifferent:
		return "it was measured on another class of machine"
	case mixedLoads([]Result{cand, r}, "anchor") != "":
		return "it was measured under another load"
	}
	return ""
}

// text names an anchor: "v1.2", "the oldest job of the epoch".
func (a Anchor) text() string {
	return cmp.Or(a.Name, "the oldest job of the epoch")
}

// day is when an anchor was measured, empty when unknown.
func (a Anchor) day() string {
	if start := startOf(a.Result.Session.Started); !start.IsZero() {
		return start.UTC().Format("2006-01-02")
	}
	return ""
}
