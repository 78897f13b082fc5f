package gate

import "time"

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
	// Choice tells how the baseline was found; the zero value: it was named.
	Choice Choice
	// accepted holds the latency rows (rowKey) that a waiver lets through: the
	// whole is then judged without them.
	accepted map[string]bool
	// StoreJobs counts the valid jobs of this scenario in the store, for
	// Policy.NoBaseline.
	StoreJobs int
}

// A Choice is how a baseline was found.
type Choice struct {
	Because     string
	CommitsAway *int
	Notes       []string // why other results were not used
}

// A Comparison is what Compare found out and Judge decides on: how the data
// were made, whether they can be compared, and one tested row per metric. It
// holds no outcome.
type Comparison struct {
	in            Input
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
	c := Comparison{in: in, deaths: countDeaths(&in)}
	m := collect(&in)
	scenarios := alignScenarios(&in, m)
	c.design = m.info()
	c.comparability, c.refusal = comparability(&in, m, scenarios)
	c.describeSides()
	c.countRuns(scenarios)
	for i := range scenarios {
		c.scenarios = append(c.scenarios, scenarios[i].id)
		c.addScenario(&scenarios[i], m)
	}
	c.addUnmatchedRules()
	c.finishRows()
	c.addSLOs(scenarios)
	c.warn(m)
	return c
}

// countRuns fills in how many runs and pairs count: of the scenario that has
// fewest.
func (c *Comparison) countRuns(scenarios []matched) {
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
	}
}

// startOf parses a time of a file; the zero time when it holds none.
func startOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
