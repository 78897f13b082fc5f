package baselines

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A cause is why a result is not used. Causes are told, and of several the
// first is meant, in this order.
type cause int

const (
	noCause cause = iota
	candidateClass
	unknownClass
	otherCPU
	otherCPUs
	otherClass
	candidateLoad
	unknownLoad
	otherLoad
	otherBranch
	interrupted
	invalid
	future
	tooOld
	regression
	ownCommit
	newerThanBase
	beforeEpoch
	goneAnchor
	sameJob
	surplus
)

// clockSkew is by how much the clocks of two machines may differ. What is dated
// later than that would be the newest result for ever.
const clockSkew = 10 * time.Minute

// A note is a cause and the fact that its text needs.
type note struct {
	cause cause
	fact  string
}

// text is what stands behind the number of results.
func (n note) text(count int) string {
	switch n.cause {
	case candidateClass:
		return "not used, since the candidate's class of machine is unknown"
	case unknownClass:
		return "of an unknown class of machine"
	case otherCPU:
		return "on another CPU: " + n.fact
	case otherCPUs:
		return "with another number of CPUs: " + n.fact
	case otherClass:
		return "on another class of machine (memory, system or target.env differ)"
	case candidateLoad:
		return "not used, since the candidate's load is unknown"
	case unknownLoad:
		return "of an unknown load"
	case otherLoad:
		return "of another load"
	case otherBranch:
		return "of branch " + n.fact
	case interrupted:
		return "interrupted"
	case invalid:
		return "invalid"
	case future:
		return "dated in the future"
	case tooOld:
		return "older than " + n.fact
	case regression:
		if count > 1 {
			return "regressions, not accepted"
		}
		return "regression, not accepted"
	case ownCommit:
		return "of the candidate's own commit"
	case newerThanBase:
		return "newer than the base commit"
	case beforeEpoch:
		return "from before the last accepted regression"
	case goneAnchor:
		return "pinned as " + n.fact + " and gone"
	case sameJob:
		return "of a job that counts already"
	}
	return "older than the newest " + n.fact
}

// refuse returns the first reason not to use a result; the zero note: none.
func (c chooser) refuse(n listedName) note {
	switch {
	case c.Environment.ClassDigest == "":
		return note{cause: candidateClass}
	case n.class == unknown:
		return note{cause: unknownClass}
	case n.class != short(c.Environment.ClassDigest):
		return c.otherMachine(n.machine)
	case c.LoadDigest == "":
		return note{cause: candidateLoad}
	case n.load == unknown:
		return note{cause: unknownLoad}
	case n.load != short(c.LoadDigest):
		return note{cause: otherLoad}
	case !n.onOneOf(c.Branches):
		return note{otherBranch, unsegment(n.branch)}
	case n.state == stateInterrupted:
		return note{cause: interrupted}
	case !n.valid():
		return note{cause: invalid}
	case n.started.After(c.Now.Add(clockSkew)):
		return note{cause: future}
	case n.started.Before(c.Now.Add(-c.MaxAge)):
		return note{tooOld, spanText(c.MaxAge)}
	case !n.eligible():
		return note{cause: regression}
	case sameCommit(c.Commit, n.commit):
		return note{cause: ownCommit}
	}
	return note{}
}

// otherMachine says in which way a class differs, as far as a key tells.
func (c chooser) otherMachine(theirs string) note {
	theirCPUs, theirModel, _ := strings.Cut(theirs, "x-")
	ourCPUs, ourModel, _ := strings.Cut(machineWords(c.Environment.Class), "x-")
	switch {
	case theirModel != ourModel:
		return note{otherCPU, strings.ToUpper(strings.ReplaceAll(theirModel, "-", " "))}
	case theirCPUs != ourCPUs:
		return note{otherCPUs, theirCPUs}
	}
	return note{cause: otherClass}
}

// noteTexts returns the notes with their counts, of one cause the larger count
// first; nil: none.
func (c chooser) noteTexts() []string {
	all := slices.Collect(maps.Keys(c.notes))
	slices.SortFunc(all, func(a, b note) int {
		return cmp.Or(cmp.Compare(a.cause, b.cause), cmp.Compare(c.notes[b], c.notes[a]), cmp.Compare(a.fact, b.fact))
	})
	var texts []string
	for _, n := range all {
		texts = append(texts, strconv.Itoa(c.notes[n])+" "+n.text(c.notes[n]))
	}
	return texts
}

// joined lists the branches of a choice.
func joined(branches map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(branches)), " and ")
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// ageText says how long ago something was; the future, a skewed clock, is now.
func ageText(age time.Duration) string {
	if age < time.Minute {
		return "just now"
	}
	return spanText(age) + " ago"
}

// spanText rounds down to the unit that people would use.
func spanText(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d d", d/day)
}
