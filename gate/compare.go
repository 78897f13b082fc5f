package gate

import (
	"slices"
	"time"

	"github.com/perfgate/perfgate/gate/stats"
)

// Input is what one comparison is made of.
type Input struct {
	// Baseline holds the reference side: one file of a session, several
	// files of runs, or the jobs of a store, oldest first. Empty: there is
	// nothing to compare with.
	Baseline []Result
	// Candidate holds the side under test, at least one result. In a
	// history design the later ones are fresh jobs of the same build.
	Candidate []Result
	Policy    Policy
	// PolicyFrom says whose policy it is: "candidate", "file" or "defaults".
	PolicyFrom string
	Waivers    Waivers
	// Today is the day on which waivers are judged, 2026-11-25; empty: the
	// day on which the candidate was measured.
	Today string
	// SameMachine declares one machine and one hour for files that do not
	// say; AcrossMachines compares sides of different environment classes,
	// with the job noise of different machines.
	SameMachine    bool
	AcrossMachines bool
	// Skip says that nothing was measured, and why it need not be; the results
	// then hold no runs, but say what the sides are. Nil: it was measured.
	Skip *Skip
	// Choice tells how the baseline was found; the zero value: it was named.
	Choice Choice
	// Noise is what former sessions taught of the noise of a run; nil, or of
	// another scenario, class or load: the declared noise is used. It speaks
	// of paired sessions only.
	Noise *Noise
	// StoreJobs counts the valid jobs of this scenario in the store, for
	// Policy.NoBaseline.
	StoreJobs int
	// Anchors are results that a history is also compared with for slow
	// creep, beside its own oldest job: pinned ones, and the oldest job of the
	// epoch where that is older.
	Anchors []Anchor
	// Record is what the gate did before; nil: what the newest candidate's
	// file says of it.
	Record *Record
}

// An Anchor is a result that changes add up from.
type Anchor struct {
	Name   string // "v1.2", as it is pinned; empty: the oldest job of the epoch
	Result Result
}

// A Choice is how a baseline was found.
type Choice struct {
	Because     string
	CommitsAway *int
	Notes       []string // why other results were not used
	// Persistent says that the branches regressed again and again and nobody
	// accepted it; empty: they did not.
	Persistent string
}

// A Comparison is what Compare found out and Judge decides on: how the data
// were made, whether they can be compared, and one tested row per metric. An
// outcome stands in it only where the data leave none open: an endpoint that is
// new, a number that was not measured, a limit that holds or not.
type Comparison struct {
	in            Input
	accepted      map[string]bool // latency rows left out of the whole
	design        DesignInfo
	sides         Sides
	comparability Comparability
	refusal       string // not comparable as a whole; empty: comparable
	deaths        deaths
	rows          []*row
	slo           []SLORow
	series        []EndpointSeries
	scenarios     []string // ids, of the candidate
	warnings      []RowWarning
}

// Compare aligns both sides and tests every row. It never fails: what cannot
// be compared becomes a row, a refusal or a warning that says so. It panics
// when in.Candidate is empty, which is the caller's mistake.
func Compare(in Input) Comparison {
	if in.Record == nil {
		in.Record = in.Candidate[len(in.Candidate)-1].Record
	}
	return compare(in, nil)
}

// compare is Compare without the accepted latency rows of endpoints (by rowKey)
// in the whole.
func compare(in Input, accepted map[string]bool) Comparison {
	if in.Skip != nil {
		return compareSkipped(in)
	}
	c := Comparison{in: in, accepted: accepted, deaths: countDeaths(&in)}
	m := collect(&in)
	scenarios := alignScenarios(&in, m)
	c.design = m.info()
	c.comparability, c.refusal = comparability(&in, m, scenarios)
	c.describeSides()
	c.fillRuns(scenarios)
	for i := range scenarios {
		c.scenarios = append(c.scenarios, scenarios[i].id)
		c.addScenario(&scenarios[i], m)
	}
	c.addUnmatchedRules()
	c.finishRows()
	c.addSLOs(scenarios)
	c.warn(m)
	c.warnCreep(scenarios)
	for i := range scenarios {
		c.warnDrift(&scenarios[i])
	}
	return c
}

// fillRuns fills in how many runs and pairs count: of the scenario that has
// fewest.
func (c *Comparison) fillRuns(scenarios []matched) {
	for i, s := range scenarios {
		if i == 0 || len(s.base) < c.design.BaselineRuns {
			c.design.BaselineRuns = len(s.base)
		}
		if i == 0 || len(s.cand) < c.design.CandidateRuns {
			c.design.CandidateRuns = len(s.cand)
		}
	}
	if c.design.Name == DesignPaired {
		c.design.Pairs = c.design.BaselineRuns
		c.fillLearned(scenarios)
	}
}

// fillLearned fills in what later sessions learn from this one, and how many
// this one learned from.
func (c *Comparison) fillLearned(scenarios []matched) {
	var seconds []float64
	for i := range scenarios {
		for _, r := range slices.Concat(scenarios[i].base, scenarios[i].cand) {
			seconds = append(seconds, r.run.MeasuredS)
		}
		if c.usesNoise(&scenarios[i]) {
			c.design.LearnedSessions = c.in.Noise.Sessions
		}
	}
	if len(seconds) > 0 {
		c.design.RunS = finiteOrNil(stats.Median(seconds))
		c.design.StartupS = c.startup(*c.design.RunS)
	}
}

// startup is what a run of measured length cost besides: the mean time from one
// start to the next, of all that were made, less that length. Nil when the files
// do not say.
func (c *Comparison) startup(measured float64) *float64 {
	var first, last time.Time
	runs := 0
	for _, side := range []Result{c.in.Baseline[0], c.in.Candidate[0]} {
		for _, r := range side.Runs {
			start := startOf(r.Start)
			if start.IsZero() {
				return nil
			}
			if runs++; runs == 1 || start.Before(first) {
				first = start
			}
			if start.After(last) {
				last = start
			}
		}
	}
	if runs < 2 {
		return nil
	}
	return ptr(max(0, last.Sub(first).Seconds()/float64(runs-1)-measured))
}

// copied is the same comparison with rows of its own, so that judging it leaves
// nothing behind.
func (c Comparison) copied() Comparison {
	fresh := map[*row]*row{}
	rows := make([]*row, len(c.rows))
	for i, r := range c.rows {
		x := *r
		rows[i], fresh[r] = &x, &x
	}
	for _, r := range rows {
		if r.own != nil {
			r.own = fresh[r.own]
		}
	}
	c.rows, c.warnings = rows, slices.Clone(c.warnings)
	return c
}

// startOf parses a time of a file; the zero time when it holds none.
func startOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
