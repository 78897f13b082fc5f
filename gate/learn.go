package gate

import (
	"cmp"
	"math"
	"slices"

	"github.com/perfgate/perfgate/gate/stats"
)

// LearnNoise learns the noise of a scenario from the reports of former paired
// sessions, in any order; those of something else are left out, and of what is
// left the newest NoiseSessions count. It is pure: the same reports give the
// same noise.
//
// Sessions that found a change teach as well as others, since the differences
// of their pairs vary around the change as they would around zero. So do
// sessions of every verdict: to leave out the ones that ended badly would shrink
// the noise (docs/method.md 0.9, 3.1).
func LearnNoise(of NoiseOf, reports []Report) Noise {
	n := Noise{Of: of, Rows: []NoiseRow{}}
	var used []*Report
	seen := map[string]bool{}
	for i := range reports {
		if r := &reports[i]; of.taughtBy(r) && !seen[r.Sides.Candidate.ResultDigest] {
			seen[r.Sides.Candidate.ResultDigest] = true // a session that was judged twice is one session
			used = append(used, r)
		}
	}
	slices.SortStableFunc(used, func(a, b *Report) int {
		return cmp.Or(cmp.Compare(b.Sides.Candidate.Started, a.Sides.Candidate.Started),
			cmp.Compare(a.Sides.Candidate.ResultDigest, b.Sides.Candidate.ResultDigest))
	})
	used = used[:min(len(used), NoiseSessions)]
	var seconds, startup []float64
	l := lessons{of: map[string]*lesson{}}
	for _, r := range used {
		n.Sessions, n.Pairs = n.Sessions+1, n.Pairs+r.Design.Pairs
		if r.Design.AA {
			n.AASessions++
		}
		if sensibleLength(r.Design.RunS) {
			seconds = append(seconds, *r.Design.RunS)
		}
		if sensibleLength(r.Design.StartupS) {
			startup = append(startup, *r.Design.StartupS)
		}
		l.take(r)
	}
	if len(seconds) > 0 {
		n.RunS = stats.Median(seconds)
	}
	if len(startup) > 0 {
		n.StartupS = stats.Median(startup)
	}
	for _, x := range l.order {
		n.Rows = append(n.Rows, x.row())
	}
	return n
}

// taughtBy reports whether a report is of a paired session of the same thing.
// Reports come from files: one whose count of pairs is not that of its numbers
// teaches nothing.
func (of NoiseOf) taughtBy(r *Report) bool {
	b, c := r.Sides.Baseline, r.Sides.Candidate
	return r.Design.Name == DesignPaired && r.Design.Pairs > 1 && b != nil && c != nil && of.known() && r.holdsPairs() &&
		of == NoiseOf{Scenario: r.Scenario, ClassDigest: c.EnvironmentClass, LoadDigest: r.Comparability.LoadDigest,
			Restarted: b.How == HowStart && c.How == HowStart}
}

// holdsPairs reports whether there are rows to learn from, each with a number a
// pair.
func (r *Report) holdsPairs() bool {
	found := false
	for i := range r.Rows {
		x := &r.Rows[i]
		if !x.teaches() || x.Baseline == nil || x.Candidate == nil {
			continue
		}
		if len(x.Baseline.PerRun) != r.Design.Pairs || len(x.Candidate.PerRun) != r.Design.Pairs {
			return false
		}
		found = true
	}
	return found
}

func (of NoiseOf) known() bool { return of.ClassDigest != "" && of.LoadDigest != "" }

// A lesson is what the sessions say of one row.
type lesson struct {
	NoiseRow
	declared float64
	d        [][]float64
	se       []float64
}

// lessons are those of all rows, in the order in which they were first seen.
type lessons struct {
	of    map[string]*lesson
	order []*lesson
}

// take adds a session.
func (l *lessons) take(r *Report) {
	d := map[string][]float64{} // by metric and endpoint, of the rows that are relative too
	var relative []*Row
	for i := range r.Rows {
		row := &r.Rows[i]
		switch {
		case !row.teaches():
		case row.Role == RoleRelative:
			relative = append(relative, row)
		default:
			values := row.differences()
			d[noiseKey(row.Metric, row.Endpoint, false)] = values
			l.add(row, values)
		}
	}
	for _, row := range relative {
		// The other endpoints are those that have such a row, too.
		var all [][]float64
		own := 0
		for _, other := range relative {
			if other.Metric != row.Metric {
				continue
			}
			if other == row {
				own = len(all)
			}
			all = append(all, d[noiseKey(other.Metric, other.Endpoint, false)])
		}
		l.add(row, stats.Relative(all, own))
	}
}

// teaches reports whether a row can be learned from: it was tested, and says
// nothing that no measurement gives. Reports come from files.
func (r *Row) teaches() bool {
	const most = 10 // a within-run error of that size is no number
	return r.Noise != nil && r.Noise.WithinRunRatio >= 0 && r.Noise.WithinRunRatio < most && KnownMetric(r.Metric) &&
		(r.Endpoint == nil || len(*r.Endpoint) <= MaxName)
}

// sensibleLength reports whether a time of a report can be one of a run.
func sensibleLength(seconds *float64) bool {
	const day = 24 * 60 * 60
	return seconds != nil && *seconds >= 0 && *seconds <= day
}

func (l *lessons) add(row *Row, d []float64) {
	key := noiseKey(row.Metric, row.Endpoint, row.Role == RoleRelative)
	x := l.of[key]
	if x == nil {
		x = &lesson{NoiseRow: NoiseRow{Endpoint: row.Endpoint, Metric: row.Metric, Relative: row.Role == RoleRelative}, declared: declaredFor(row.Metric)}
		l.of[key] = x
		l.order = append(l.order, x)
	}
	x.d, x.se = append(x.d, d), append(x.se, row.Noise.WithinRunRatio)
}

func (x *lesson) row() NoiseRow {
	p := stats.PoolNoise(x.d, x.se, stats.Prior{SD: x.declared, DF: declaredDF})
	row := x.NoiseRow
	row.ObservedRatio, row.WithinRunRatio, row.DF = math.Sqrt(p.Variance), math.Sqrt(p.Within), p.DF
	if prior, ok := p.Learn(); ok {
		row.LearnedRatio = ptr(prior.SD)
	}
	return row
}

// differences returns the log ratio of each pair of a row of a paired session;
// nil where they cannot be computed with.
func (r *Row) differences() []float64 {
	if r.Baseline == nil || r.Candidate == nil || len(r.Baseline.PerRun) != len(r.Candidate.PerRun) {
		return nil
	}
	var d []float64
	for i, b := range r.Baseline.PerRun {
		x := math.Log(r.Candidate.PerRun[i] / b)
		if !finite(x) {
			return nil
		}
		d = append(d, x)
	}
	return d
}
