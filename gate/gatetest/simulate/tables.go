package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate/gatetest"
)

// A setting is a session but for family, sharing and truth: of those the worst
// counts.
type setting struct {
	cv        float64
	endpoints int
	noisier   float64
	plan      plan
	learned   bool
}

var (
	sharings  = []float64{1, 0.5}
	truths    = []truth{unchanged, one10, one20, all10, all20}
	cvs       = []float64{0.03, 0.05, 0.10}
	noisier   = 0.08                                 // of one endpoint that is not like the others
	othersCVs = []float64{0.03, 0.05}                // at which the rules of others are compared
	usual     = plan{name: "16 pairs", maxPairs: 16} // the default
	plans     = []plan{
		{name: "4 pairs", maxPairs: 4}, {name: "6 pairs", maxPairs: 6}, {name: "8 pairs", maxPairs: 8}, {name: "12 pairs", maxPairs: 12}, usual,
		{name: "5 min", budget: 5 * time.Minute}, {name: "8 min", budget: 8 * time.Minute},
	}
)

// atCV is the usual setting: 5 endpoints, the default plan, nothing learned.
func atCV(cv float64) setting { return setting{cv: cv, endpoints: 5, plan: usual} }

// cells are the cells of a setting with a truth: every family, every sharing.
func (s setting) cells(t truth) []cell {
	var out []cell
	for _, f := range gatetest.Families() {
		for _, shared := range sharings {
			out = append(out, cell{f, s.cv, shared, s.endpoints, s.noisier, t, s.plan, s.learned})
		}
	}
	return out
}

// worst is the tally of the cell with the highest share of what count counts,
// or with the lowest.
func (s *simulation) worst(cells []cell, count func(tally) int, highest bool) tally {
	s.run(cells)
	out := s.done[cells[0]]
	for _, c := range cells[1:] {
		if t := s.done[c]; highest == (count(t) > count(out)) && count(t) != count(out) {
			out = t
		}
	}
	return out
}

func regressions(t tally) int   { return t.regression }
func passes(t tally) int        { return t.pass }
func inconclusives(t tally) int { return t.inconclusive }

const header = "regression / pass / inconclusive | pairs | minutes | one +10 % | one +20 % | all +10 % | all +20 % | all +20 %: pass |\n"

// line is one line of a table: unchanged builds, then what was found.
func line(at func(truth) tally) string {
	u := at(unchanged)
	pair := usual.looks().PairTakes()
	out := fmt.Sprintf("%s / %s / %s | %.1f | %.1f |", percent(u.of(u.regression)), percent(u.of(u.pass)), percent(u.of(u.inconclusive)),
		u.meanPairs(), u.meanPairs()*pair.Minutes())
	for _, t := range truths[1:] {
		x := at(t)
		out += " " + percent(x.of(x.regression)) + " |"
	}
	x := at(all20)
	return out + " " + percent(x.of(x.pass)) + " |\n"
}

// worstLine takes each number from the cell where it is worst.
func (s *simulation) worstLine(set setting) string {
	return line(func(t truth) tally {
		cells := set.cells(t)
		if t != unchanged {
			w := s.worst(cells, regressions, false)
			w.pass = s.worst(cells, passes, true).pass
			return w
		}
		w := s.worst(cells, regressions, true)
		w.pass, w.inconclusive = s.worst(cells, passes, false).pass, s.worst(cells, inconclusives, true).inconclusive
		w.pairs = s.worst(cells, func(t tally) int { return t.pairs }, true).pairs
		return w
	})
}

// percent is a share in %: one decimal below 2 % and above 98 %.
func percent(share float64) string {
	if p := 100 * share; p > 0 && p < 2 || p > 98 && p < 100 {
		return fmt.Sprintf("%.1f", p)
	}
	return fmt.Sprintf("%.0f", 100*share)
}

// familyTable prints every family and sharing, and the worst of them.
func (s *simulation) familyTable(w io.Writer) {
	fmt.Fprint(w, "| family | run CV | shared | "+header+ruler(11))
	for _, cv := range cvs {
		set := atCV(cv)
		for _, first := range set.cells(unchanged) {
			text := line(func(t truth) tally {
				c := first
				c.truth = t
				s.run([]cell{c})
				return s.done[c]
			})
			fmt.Fprintf(w, "| %s | %s %% | %.0f %% | %s", first.family, percent(cv), 100*first.shared, text)
		}
		fmt.Fprintf(w, "| **worst** | %s %% | | %s", percent(cv), s.worstLine(set))
	}
}

// settingTable prints the worst of families and sharings for plans and numbers
// of endpoints.
func (s *simulation) settingTable(w io.Writer) {
	fmt.Fprint(w, "| endpoints | at most | run CV | "+header+ruler(11))
	var settings []setting
	for _, p := range plans {
		settings = append(settings, setting{cv: 0.05, endpoints: 5, plan: p})
	}
	for _, endpoints := range []int{1, 20} {
		settings = append(settings, setting{cv: 0.05, endpoints: endpoints, plan: usual})
	}
	settings = append(settings, setting{cv: 0.05, endpoints: 5, plan: usual, noisier: noisier})
	for _, set := range settings {
		endpoints := fmt.Sprint(set.endpoints)
		if set.noisier > 0 {
			endpoints += fmt.Sprintf(", one noisier by %s %%", percent(set.noisier))
		}
		fmt.Fprintf(w, "| %s | %s | %s %% | %s", endpoints, set.plan.name, percent(set.cv), s.worstLine(set))
	}
}

// learnedTable prints the worst of families and sharings for a gate that knows
// the noise of former sessions.
func (s *simulation) learnedTable(w io.Writer) {
	fmt.Fprint(w, "| run CV | "+header+ruler(9))
	for _, cv := range cvs {
		set := atCV(cv)
		set.learned = true
		fmt.Fprintf(w, "| %s %% | %s", percent(cv), s.worstLine(set))
	}
}

// othersTable prints what the rules of others say of the same sessions.
func (s *simulation) othersTable(w io.Writer) {
	fmt.Fprint(w, "| rule | run CV | unchanged: red | one +10 % | one +20 % | all +10 % | all +20 % |\n"+ruler(7))
	for _, cv := range othersCVs {
		set := atCV(cv)
		print := func(name string, red func(tally) int) {
			text := ""
			for _, t := range truths {
				w := s.worst(set.cells(t), red, t == unchanged)
				text += " " + percent(w.of(red(w))) + " |"
			}
			fmt.Fprintf(w, "| %s | %s %% |%s\n", name, percent(cv), text)
		}
		print("perfgate", regressions)
		for _, r := range others() {
			print(r.name, func(t tally) int { return t.red[r.name] })
		}
	}
}

// withOthers lists the cells of othersTable.
func withOthers() map[cell]bool {
	out := map[cell]bool{}
	for _, cv := range othersCVs {
		for _, t := range truths {
			for _, c := range atCV(cv).cells(t) {
				out[c] = true
			}
		}
	}
	return out
}

func ruler(columns int) string { return "|" + strings.Repeat("--:|", columns) + "\n" }
