package gate

import (
	"fmt"
	"slices"
	"time"
)

// minJobs is the fewest jobs of a baseline that a history is made of
// (docs/method.md 0.5).
const minJobs = 5

// Job noise in blocks, as known standard deviations of a session's level
// (docs/method.md 0.6).
const (
	jobNoiseSame  = 0.04 // one machine, less than an hour apart
	jobNoiseOther = 0.10
	sameHour      = time.Hour
)

// A material is the counted runs of both sides and how they were made.
type material struct {
	in          *Input
	name        Design
	why         string
	sameMachine bool // one machine within the hour, measured or declared
	sameSession bool
	jobs        int // of the baseline, in a history
}

// collect reads from the files how the data were made.
func collect(in *Input) *material {
	m := &material{in: in, sameSession: sharedSession(in)}
	m.sameMachine = in.SameMachine || m.sameSession || measuredTogether(in)
	b, c := countRuns(in.Baseline), countRuns(in.Candidate)
	switch jobs := distinctSessions(in.Baseline); {
	case len(in.Baseline) == 0:
		m.name, m.why = DesignNone, "there is no baseline"
	case m.sameSession && in.Candidate[0].Session.Design == DesignPaired:
		m.name = DesignPaired
		m.why = "both files carry the same session and pair numbers"
	case jobs >= minJobs && distinctSessions(in.Candidate) > 0:
		m.name, m.jobs = DesignHistory, jobs
		m.why = fmt.Sprintf("the baseline is %d jobs", jobs)
	case b > 1 && c > 1:
		m.name = DesignBlocks
		m.why = fmt.Sprintf("%d and %d runs, not interleaved", b, c)
		if m.sameSession {
			m.why = fmt.Sprintf("%d and %d runs, one side after the other in one session", b, c)
		}
	default:
		m.name = DesignSingle
		m.why = singleWhy(b, c)
	}
	return m
}

func singleWhy(b, c int) string {
	switch {
	case b == 0 && c == 0:
		return "no run on either side"
	case c == 0:
		return fmt.Sprintf("no run on the candidate's side (%d on the other)", b)
	case b == 0:
		return fmt.Sprintf("no run on the baseline's side (%d on the other)", c)
	case b == 1 && c == 1:
		return "one run on each side"
	case c == 1:
		return fmt.Sprintf("one run on the candidate's side (%d on the other)", b)
	}
	return fmt.Sprintf("one run on the baseline's side (%d on the other)", c)
}

// sharedSession reports whether the two files are the two sides of one session.
func sharedSession(in *Input) bool {
	if len(in.Baseline) != 1 || len(in.Candidate) != 1 {
		return false
	}
	b, c := in.Baseline[0].Session, in.Candidate[0].Session
	return b.ID != "" && b.ID == c.ID && b.Design == c.Design && b.Design != "" &&
		b.Side == SideBaseline && c.Side == SideCandidate
}

// measuredTogether reports whether all files name the same machine and began
// within the hour.
func measuredTogether(in *Input) bool {
	var id string
	var first, last time.Time
	for _, side := range [][]Result{in.Baseline, in.Candidate} {
		for _, r := range side {
			start := startOf(r.Session.Started)
			if r.Session.MachineID == "" || start.IsZero() || id != "" && id != r.Session.MachineID {
				return false
			}
			id = r.Session.MachineID
			if first.IsZero() || start.Before(first) {
				first = start
			}
			if start.After(last) {
				last = start
			}
		}
	}
	return id != "" && last.Sub(first) < sameHour
}

// distinctSessions counts jobs: sessions with an id and a run that counts. Imported files have none
// and are runs, not jobs.
func distinctSessions(results []Result) int {
	seen := map[string]bool{}
	for _, r := range results {
		if r.Session.ID == "" || !slices.ContainsFunc(r.Runs, func(run Run) bool { return run.Status == RunOK }) {
			continue
		}
		seen[r.Session.ID+"/"+string(r.Session.Side)] = true
	}
	return len(seen)
}

// countRuns counts the runs of a side that count: of the scenario that has
// fewest, since every row needs its own.
func countRuns(results []Result) int {
	counts := map[string]int{}
	for _, r := range results {
		for _, s := range r.Scenarios {
			counts[s.ID] += 0
		}
		for _, run := range r.Runs {
			if run.Status == RunOK {
				counts[run.Scenario]++
			}
		}
	}
	fewest := -1
	for _, n := range counts {
		if fewest < 0 || n < fewest {
			fewest = n
		}
	}
	return max(fewest, 0)
}

// info describes the design in the report; pairs and runs are filled in once
// the runs of the scenarios are known.
func (m *material) info() DesignInfo {
	d := DesignInfo{Name: m.name, Why: m.why, Looks: []int{}, Seed: m.in.Candidate[0].Session.Seed}
	session := m.in.Candidate[0].Session
	if started, ended := startOf(session.Started), startOf(session.Ended); !started.IsZero() && !ended.IsZero() {
		d.WallS = ptr(ended.Sub(started).Seconds())
	}
	d.AA = m.sameSession && session.AA && m.in.Baseline[0].Session.AA
	switch m.name {
	case DesignNone:
		return d
	case DesignPaired:
		d.Looks, d.AlphaFamily, d.Correction, d.FirstVerdict = session.Looks, familyLevel, correctionHolm, session.FirstVerdict
		return d
	case DesignSingle:
		d.Correction = correctionNone
	default:
		d.Correction = correctionHolm
	}
	d.AlphaFamily, d.AlphaLook, d.PassLevelLook = fixedLevel, fixedLevel, passFamilyLevel
	if m.name == DesignBlocks {
		d.JobNoiseRatio = ptr(m.jobNoise())
	}
	return d
}

const (
	correctionHolm = "holm in two groups, each at half the level"
	correctionNone = "none: the declared noise is wide on purpose"
)

func (m *material) jobNoise() float64 {
	if m.sameMachine {
		return jobNoiseSame
	}
	return jobNoiseOther
}

// deaths counts runs in which the target ended under the load.
type deaths struct{ baseline, candidate int }

func countDeaths(in *Input) deaths {
	return deaths{baseline: died(in.Baseline), candidate: died(in.Candidate)}
}

func died(results []Result) int {
	n := 0
	for _, r := range results {
		for _, run := range r.Runs {
			if run.Status == RunTargetDied {
				n++
			}
		}
	}
	return n
}

func ptr[T any](v T) *T { return &v }
