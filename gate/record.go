package gate

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// silentFor is after how many sessions in a row without a decision a gate
	// says so: by chance alone an unchanged build is undecided in one of six
	// (docs/method.md 6.8), five in a row once in some thousands.
	silentFor = 5
	// idleFor is after how long without a comparison it says so, skipped
	// builds included.
	idleFor = 30 * 24 * time.Hour
)

// A Past is one former session of a gate.
type Past struct {
	Started time.Time
	Verdict Verdict
}

// A Record is what a gate did in its former sessions, the present one not
// among them. Its zero value is a gate that was never asked.
type Record struct {
	Sessions int `json:"sessions"` // all of them, skipped ones too
	Skipped  int `json:"skipped"`
	Compared int `json:"compared"` // ended with pass, regression, violation or inconclusive
	Decided  int `json:"decided"`  // of these, not inconclusive
	// Undecided and Uncompared count the newest sessions in a row, skipped
	// ones left out, that decided or compared nothing.
	Undecided  int `json:"undecided_in_a_row"`
	Uncompared int `json:"uncompared_in_a_row"`
	// First is when the first session began, LastCompared and LastDecided
	// the newest of their kind: RFC 3339, UTC; empty: there is none.
	First        string `json:"first"`
	LastCompared string `json:"last_compared"`
	LastDecided  string `json:"last_decided"`
}

// NewRecord sums up former sessions of one scenario, in any order.
func NewRecord(past []Past) Record {
	past = slices.Clone(past)
	slices.SortStableFunc(past, func(a, b Past) int { return a.Started.Compare(b.Started) })
	var r Record
	for _, p := range past {
		r = r.after(p)
	}
	return r
}

// after is the record with one more session, the newest.
func (r Record) after(p Past) Record {
	r.Sessions++
	when := p.Started.UTC().Format(time.RFC3339)
	if r.First == "" {
		r.First = when
	}
	if p.Verdict == VerdictSkipped {
		r.Skipped++
		return r
	}
	r.Undecided++
	r.Uncompared++
	if p.Verdict.compared() {
		r.Compared++
		r.Uncompared, r.LastCompared = 0, when
	}
	if p.Verdict.decided() {
		r.Decided++
		r.Undecided, r.LastDecided = 0, when
	}
	return r
}

// compared reports whether a session with this verdict has compared anything.
func (v Verdict) compared() bool { return v == VerdictInconclusive || v.decided() }

// decided reports whether the verdict answers the question.
func (v Verdict) decided() bool {
	return v == VerdictPass || v == VerdictRegression || v == VerdictViolation
}

// validate reports the first thing in an embedded record that cannot be true.
func (r *Record) validate() error {
	if r == nil {
		return nil
	}
	if min(r.Skipped, r.Decided, r.Undecided, r.Uncompared) < 0 || r.Decided > r.Compared || r.Compared+r.Skipped > r.Sessions ||
		r.Undecided > r.Sessions-r.Skipped || r.Uncompared > r.Undecided {
		return errors.New(": its counts contradict each other")
	}
	for _, when := range []string{r.First, r.LastCompared, r.LastDecided} {
		if when != "" && startOf(when).IsZero() {
			return fmt.Errorf(": %q is no time", when)
		}
	}
	return nil
}

// silence says that the gate gives no answers; both texts are empty for one
// that does. now is when the newest session of the record began.
func (r Record) silence(now time.Time) (head, text string) {
	since := func(when string) string {
		if when == "" {
			return ""
		}
		return " since " + when[:len(time.DateOnly)]
	}
	idle := now.Sub(startOf(r.LastCompared))
	switch {
	case r.Uncompared >= silentFor && r.LastCompared == "":
		head = fmt.Sprintf("this gate has never compared anything in %d sessions", r.Uncompared)
	case r.Skipped >= silentFor && r.Compared == 0: // a glob of paths that matches nothing?
		head = fmt.Sprintf("this gate has never compared anything, %d builds were skipped", r.Skipped)
	case r.Uncompared >= silentFor:
		head = "this gate has not compared anything" + since(r.LastCompared)
	case r.Undecided >= silentFor:
		head = fmt.Sprintf("this gate has decided nothing in its last %d sessions", r.Undecided)
	case r.Skipped >= silentFor && r.LastCompared != "" && idle > idleFor:
		head = "this gate has not compared anything" + since(r.LastCompared)
	default:
		return "", ""
	}
	text = head
	if r.Uncompared < silentFor && r.Undecided >= silentFor && r.LastDecided != "" {
		text += ", the last decision was made on " + r.LastDecided[:len(time.DateOnly)]
	}
	return head, text + ": a green check of it means nothing"
}

// noteRecord warns of a gate that gives no answers, this session included.
func (j judgement) noteRecord(v Verdict) {
	c := j.c
	if c.in.Record == nil {
		return
	}
	now := startOf(c.in.Candidate[len(c.in.Candidate)-1].Session.Started)
	if head, text := c.in.Record.after(Past{Started: now, Verdict: v}).silence(now); head != "" {
		c.headline("gate_is_silent", head, text)
	}
}
