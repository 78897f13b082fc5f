package baselines

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// DefaultMax is the most jobs that a history is made of (docs/method.md 0.5).
const DefaultMax = 20

// persistentJobs is how often in a row a branch must regress until that is the
// headline (docs/method.md 0.12).
const persistentJobs = 3

// ChooseQuery describes the candidate that a baseline is wanted for.
type ChooseQuery struct {
	Scenario   string // ScenarioInfo.ID
	LoadDigest string // ScenarioInfo.LoadDigest; empty equals nothing
	// Environment of the candidate. Its ClassDigest must be equal (empty
	// equals nothing); its Class only serves to say what differs.
	Environment gate.Environment
	Branches    []string // that may be a baseline; nil: gate.DefaultBranch
	// Commit is the candidate's own, whose former results are no baseline of
	// it; empty: unknown.
	Commit string
	// Session is the candidate's own, as far as it is known: its JobID and
	// MachineID tell which former jobs of Commit are fresh ones. Dirty: it has
	// uncommitted changes, so that no former job is of the same build.
	Session gate.Session
	Dirty   bool
	// Commits are the candidate's ancestors, nearest first: the commit it
	// should be compared with, then that one's first parent and so on, as far
	// as they are known. Nil: unknown.
	Commits []string
	MaxAge  time.Duration // 0: gate.DefaultMaxAge
	Now     time.Time     // zero: the clock
	Max     int           // jobs at most; 0: DefaultMax
}

// Choice is what a store has to compare a candidate with.
type Choice struct {
	// Results are one a job, oldest first, each of one scenario; empty: there
	// is no baseline, and Found says why.
	Results []gate.Result
	Metas   []Meta // of Results, in the same order, without pins
	// Found is ready for gate.Input. Because is "5 jobs of main, newest 2 h
	// ago", or why there is none. CommitsAway is the place of the nearest
	// result in Commits, 0 the first; nil: none of the results is of one of
	// them. Notes say why others were not used: "2 of another load"; without a
	// result Because does.
	Found gate.Choice
	// Former is the newest fresh job of the candidate's own commit, of any
	// branch, that confirms or refutes what a history sees; nil: there is none.
	Former *gate.Result
	// Anchors are what changes add up from: the oldest job of the epoch, which
	// begins with the last accepted regression, and the pinned results of this
	// class and load. Only for a history.
	Anchors []gate.Anchor
	// Approximate: Commits were given and no result is of one of them, so that
	// the newest of the branches were taken.
	Approximate bool
	// Jobs counts the results of this scenario that could be measured, of any
	// class, load and branch, for gate.Input.StoreJobs.
	Jobs int
	// PersistentRegression: the three newest jobs of the branches, of this
	// class and load, all regressed and nobody accepted it.
	PersistentRegression bool
}

// Choose finds the results that a candidate is compared with: of its scenario,
// load and class, of an allowed branch, not too old, and eligible (neither
// invalid nor interrupted nor a regression that was not accepted). If one of
// them is of a known ancestor, the nearest such decides where the history ends:
// later results of its branch, which may hold changes that the candidate has
// not, are left out.
//
// No result is not an error; a store, or a chosen result, that cannot be read is.
func (s *Store) Choose(ctx context.Context, q ChooseQuery) (Choice, error) {
	if q.Scenario == "" {
		return Choice{}, errors.New("choose baseline: scenario: is empty")
	}
	q.Branches = orBranch(q.Branches)
	q.MaxAge, q.Max, q.Now = cmp.Or(q.MaxAge, gate.DefaultMaxAge), cmp.Or(q.Max, DefaultMax), nowOr(q.Now)
	names, err := s.names(ctx, q.Scenario)
	if err != nil {
		return Choice{}, fmt.Errorf("choose baseline: %w", err)
	}
	c := chooser{ChooseQuery: q, notes: map[note]int{}}
	choice := Choice{Jobs: jobs(names), PersistentRegression: c.persistent(names)}
	kept, old := c.sift(names)
	usable, oldest := c.epoch(c.upToAncestor(kept), old)
	if err := c.read(ctx, s, usable, &choice); err != nil {
		return Choice{}, fmt.Errorf("choose baseline: %w", err)
	}
	if err := c.besides(ctx, s, names, oldest, &choice); err != nil {
		return Choice{}, fmt.Errorf("choose baseline: %w", err)
	}
	c.explain(&choice)
	return choice, nil
}

func orBranch(branches []string) []string {
	if len(branches) == 0 {
		return []string{gate.DefaultBranch}
	}
	return branches
}

// jobs counts measured results, each once even if two branches hold it.
func jobs(names []listedName) int {
	seen := map[string]bool{}
	for _, n := range names {
		if n.valid() {
			seen[n.digest] = true
		}
	}
	return len(seen)
}

// valid reports whether a result was measured to its end.
func (n entryName) valid() bool {
	return n.state != stateInterrupted && n.state != string(gate.VerdictInvalid)
}

// eligible is docs/method.md 0.12. An accepted regression has another verdict.
// Keeping only passes would shrink the variance of the history, and no first
// job could ever pass.
func (n entryName) eligible() bool {
	return n.valid() && n.state != string(gate.VerdictRegression)
}

// A chooser is one Choose. Lists of names are newest first.
type chooser struct {
	ChooseQuery
	notes map[note]int
}

func (c chooser) comparable(n listedName) bool {
	return c.alike(n) && n.onOneOf(c.Branches)
}

// persistent reports whether the newest jobs of the branches all regressed.
func (c chooser) persistent(names []listedName) bool {
	regressed := 0
	for _, n := range names {
		if !n.valid() || !c.comparable(n) {
			continue
		}
		if n.state != string(gate.VerdictRegression) {
			return false
		}
		if regressed++; regressed == persistentJobs {
			return true
		}
	}
	return false
}

// sift keeps what could be used and notes why the rest could not; old is what
// could be used if it were younger.
func (c chooser) sift(names []listedName) (kept, old []listedName) {
	for _, n := range names {
		why := c.refuse(n)
		if why.cause == noCause {
			kept = append(kept, n)
			continue
		}
		c.notes[why]++
		if why.cause == tooOld && n.eligible() && !sameCommit(c.Commit, n.commit) {
			old = append(old, n)
		}
	}
	return kept, old
}

// upToAncestor cuts the history at the nearest ancestor that has a result. A
// result of the same branch that is no known ancestor but older than that one
// is most likely a farther ancestor than Commits reaches, and kept.
func (c chooser) upToAncestor(names []listedName) []listedName {
	var nearest *listedName
	distance := -1
	for i := range names {
		if d := c.away(names[i].commit, names[i].dirty); d >= 0 && (nearest == nil || d < distance) {
			nearest, distance = &names[i], d
		}
	}
	if nearest == nil {
		return names
	}
	var kept []listedName
	for _, n := range names {
		older := n.branch == nearest.branch && !n.started.After(nearest.started)
		if c.away(n.commit, n.dirty) < 0 && !older {
			c.notes[note{cause: newerThanBase}]++
			continue
		}
		kept = append(kept, n)
	}
	return kept
}

// away returns the place of a commit in Commits, -1 if it is none of them. A
// tree with uncommitted changes is no commit.
func (c chooser) away(commit string, dirty bool) int {
	if dirty {
		return -1
	}
	return slices.IndexFunc(c.Commits, func(ancestor string) bool { return sameCommit(ancestor, commit) })
}

// read reads the newest of what is usable, one result a job, into the choice.
func (c chooser) read(ctx context.Context, s *Store, names []listedName, choice *Choice) error {
	used := map[string]bool{}
	for _, n := range names {
		if len(choice.Results) == c.Max {
			c.notes[note{surplus, strconv.Itoa(c.Max)}]++
			continue
		}
		r, err := s.read(ctx, n.object.Key)
		if err != nil {
			return err
		}
		job := cmp.Or(r.Session.JobID, r.Session.ID, n.digest)
		if used[job] {
			c.notes[note{cause: sameJob}]++
			continue
		}
		used[job] = true
		if r.Environment.ClassDigest != c.Environment.ClassDigest || r.Scenarios[0].LoadDigest != c.LoadDigest {
			return fmt.Errorf("store object %q: has a class or load whose digest only begins like the candidate's", n.object.Key)
		}
		choice.Results = append(choice.Results, r)
		choice.Metas = append(choice.Metas, n.meta(n.object))
		if d := c.away(n.commit, n.dirty); d >= 0 && (choice.Found.CommitsAway == nil || d < *choice.Found.CommitsAway) {
			choice.Found.CommitsAway = &d
		}
	}
	slices.Reverse(choice.Results)
	slices.Reverse(choice.Metas)
	return nil
}

// explain writes the texts of the choice.
func (c chooser) explain(choice *Choice) {
	n := len(choice.Results)
	if n == 0 {
		choice.Found.Because = c.whyNone()
		return
	}
	choice.Found.Notes = c.noteTexts()
	branches := map[string]bool{}
	for _, m := range choice.Metas {
		branches[m.Branch] = true
	}
	text := fmt.Sprintf("%s of %s, newest %s", counted(n, "job"), joined(branches), ageText(c.Now.Sub(choice.Metas[n-1].Started)))
	away := choice.Found.CommitsAway
	switch {
	case away != nil && *away == 0:
		text += ", one of the base commit itself"
	case away != nil:
		text += fmt.Sprintf(", nearest %s before the base", counted(*away, "commit"))
	case len(c.Commits) > 0:
		choice.Approximate = true
		text += ", none of a known ancestor"
	}
	choice.Found.Because = text
}

func (c chooser) whyNone() string {
	if len(c.notes) == 0 {
		return fmt.Sprintf("the store holds no result of scenario %q yet", c.Scenario)
	}
	return fmt.Sprintf("the store holds no result of %s that can be used: %s", strings.Join(c.Branches, " or "), strings.Join(c.noteTexts(), "; "))
}
