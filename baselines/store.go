package baselines

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// A Store keeps results in a Bucket. Like it, it may be used by several
// goroutines and processes at once.
type Store struct{ bucket Bucket }

// NewStore returns the store in a bucket.
func NewStore(b Bucket) *Store { return &Store{bucket: b} }

// Entry is what Save stores.
type Entry struct {
	// Result with at least one ok run of each of its scenarios.
	Result gate.Result
	// Report judges Result as its candidate; nil: it was not judged, as that
	// of "perfgate run".
	Report *gate.Report
	// Branch that Result was measured on, "main". Whether it may write
	// baselines at all is for the caller to know.
	Branch string
}

// Saved is one stored result.
type Saved struct {
	Meta
	Existed bool // the same bytes were there already
}

// Save stores a result with its verdict, one object for each scenario in it, in
// the order of Result.Scenarios; all of them or none, as far as the bucket can.
// The verdict of several scenarios is that of the whole: a regression of one
// keeps all of them from being baselines.
//
// Saving the same again changes nothing. What was stored keeps its verdict: the
// same bytes with another one are an error, since to judge a regression again
// until it passes is no way to make a baseline. A result without an ok run or
// without a time, and a report about another result, are refused.
func (s *Store) Save(ctx context.Context, e Entry) ([]Saved, error) {
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("save baseline: %w", err)
	}
	var saved []Saved
	var puts []Change
	for _, info := range e.Result.Scenarios {
		name, data, err := e.part(info)
		if err != nil {
			return nil, fmt.Errorf("save baseline: %w", err)
		}
		object := Object{Key: name.key(), Size: int64(len(data))}
		existed, err := s.holds(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("save baseline: %w", err)
		}
		if !existed {
			puts = append(puts, Change{Key: object.Key, Data: data})
		}
		saved = append(saved, Saved{Meta: name.meta(object), Existed: existed})
	}
	if len(puts) == 0 {
		return saved, nil
	}
	if err := s.bucket.Apply(ctx, puts); err != nil {
		return nil, fmt.Errorf("save baseline: %w", err)
	}
	return saved, nil
}

// check refuses what could never be used, or would be used wrongly.
func (e Entry) check() error {
	if e.Branch == "" {
		return errors.New("branch: is empty; name the branch that was measured")
	}
	if len(e.Result.Scenarios) == 0 {
		return errors.New("scenarios: is empty")
	}
	if _, err := startOf(e.Result); err != nil {
		return err
	}
	if e.Report == nil {
		return nil
	}
	if !isState(string(e.Report.Verdict)) {
		return fmt.Errorf("report: verdict %q is unknown", e.Report.Verdict)
	}
	data, err := gate.Encode(e.Result)
	if err != nil {
		return err
	}
	candidate := e.Report.Sides.Candidate
	if candidate == nil || candidate.ResultDigest != gate.Digest(data) {
		return errors.New("report: judges another result; give the report whose candidate this result is, or none")
	}
	return nil
}

// startOf returns when a result was measured, to the second.
func startOf(r gate.Result) (time.Time, error) {
	text := r.Session.Started
	if text == "" && len(r.Runs) > 0 {
		text = r.Runs[0].Start
	}
	if text == "" {
		return time.Time{}, errors.New("session.started: is empty; a baseline must have an age")
	}
	started, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("session.started: %q is no time", text)
	}
	return started.UTC().Truncate(time.Second), nil
}

// part returns one scenario of the entry: its name and its bytes, which for a
// result of one scenario are those of its result.json.
func (e Entry) part(info gate.ScenarioInfo) (entryName, []byte, error) {
	r := e.Result
	if len(r.Scenarios) > 1 {
		r = only(r, info)
	}
	n := entryName{scenario: segment(info.ID), class: short(r.Environment.ClassDigest), load: short(info.LoadDigest),
		commit: shortCommit(r.Subject.Commit), dirty: r.Subject.Dirty, branch: segment(e.Branch), state: e.state(), accepted: e.accepted()}
	if n.class != unknown {
		n.machine = machineWords(r.Environment.Class)
	}
	var statuses []string
	for _, run := range r.Runs {
		if run.Status == gate.RunOK {
			n.runs++
		}
		statuses = append(statuses, run.ID+" "+string(run.Status))
	}
	if n.runs == 0 {
		return entryName{}, nil, fmt.Errorf("scenario %q: has no ok run (%s); there is nothing to compare with", info.ID,
			cmp.Or(strings.Join(statuses, ", "), "it was not run"))
	}
	data, err := gate.Encode(r)
	if err != nil {
		return entryName{}, nil, err
	}
	// What cannot be read back would block every later choice.
	if _, err := gate.DecodeResult(data); err != nil {
		return entryName{}, nil, fmt.Errorf("scenario %q: %w", info.ID, err)
	}
	n.digest = short(gate.Digest(data))
	n.started, err = startOf(e.Result)
	return n, data, err
}

func (e Entry) state() string {
	interrupted := e.Result.Session.Stopped == gate.StoppedInterrupted
	for _, run := range e.Result.Runs {
		interrupted = interrupted || run.Status == gate.RunInterrupted
	}
	switch {
	case interrupted:
		return stateInterrupted
	case e.Report == nil:
		return stateUnjudged
	case e.Report.Open():
		return string(gate.VerdictRegression) // until a fresh job says otherwise: a regression never absorbs itself
	}
	return string(e.Report.Verdict)
}

// accepted reports whether a waiver let a regression of the result through.
func (e Entry) accepted() bool {
	return e.Report != nil && slices.ContainsFunc(e.Report.Accepted, func(a gate.AcceptedRow) bool { return a.State == gate.WaiverUsed })
}

// only returns the part of a result that is about one scenario.
func only(r gate.Result, info gate.ScenarioInfo) gate.Result {
	dropped := map[string]bool{}
	runs := []gate.Run{}
	for _, run := range r.Runs {
		if run.Scenario != info.ID {
			dropped[run.ID] = true
			continue
		}
		runs = append(runs, run)
	}
	warnings := []gate.Warning{}
	for _, w := range r.Warnings {
		if w.Run == nil || !dropped[*w.Run] {
			warnings = append(warnings, w)
		}
	}
	r.Scenarios, r.Runs, r.Warnings = []gate.ScenarioInfo{info}, runs, warnings
	return r
}

// holds reports whether the same bytes are stored for the branch.
func (s *Store) holds(ctx context.Context, n entryName) (bool, error) {
	objects, err := s.bucket.List(ctx, n.folder())
	if err != nil {
		return false, err
	}
	for _, o := range objects {
		if !strings.HasSuffix(o.Key, resultSuffix) {
			continue
		}
		there, err := parseKey(o.Key)
		if err != nil {
			return false, err
		}
		if there.digest != n.digest || there.branch != n.branch {
			continue
		}
		if there.state != n.state || there.accepted != n.accepted {
			return false, fmt.Errorf("%q is stored already, as %s; its verdict stays, measure again to store another", o.Key, there.state)
		}
		return true, nil
	}
	return false, nil
}
