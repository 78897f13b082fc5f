package baselines

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// Meta is what the store knows of a result without reading it.
type Meta struct {
	Key      string
	Scenario string // ScenarioInfo.ID; of a very long one the segment in Key
	// Machine is a rough description of the environment class, "4x
	// amd-epyc-7763"; empty when the class is unknown.
	Machine string
	// Class and Load are the first 12 digits of the class digest and the load
	// digest, "unknown" where the result has none.
	Class, Load string
	// Commit is its first 12 digits; "unknown" without one.
	Commit  string
	Dirty   bool // uncommitted changes were measured
	Branch  string
	Verdict gate.Verdict // empty: not judged, or Interrupted
	// Accepted: a waiver let a regression of it through. The jobs from here on
	// are an epoch of their own.
	Accepted bool
	// Interrupted: a signal ended the session. Such a result is kept, and
	// never a baseline.
	Interrupted bool
	Started     time.Time // of the session, UTC, whole seconds
	Runs        int       // that count
	Digest      string    // first 12 digits of the digest of its bytes
	Size        int64     // bytes
	Pins        []string  // names it is pinned as, sorted; nil: none
}

func (n entryName) meta(o Object) Meta {
	m := Meta{Key: o.Key, Scenario: unsegment(n.scenario), Machine: strings.Replace(n.machine, "x-", "x ", 1), Class: n.class, Load: n.load,
		Commit: n.commit, Dirty: n.dirty, Branch: unsegment(n.branch), Started: n.started, Runs: n.runs, Digest: n.digest, Size: o.Size, Accepted: n.accepted}
	switch n.state {
	case stateInterrupted:
		m.Interrupted = true
	case stateUnjudged:
	default:
		m.Verdict = gate.Verdict(n.state)
	}
	return m
}

// Query says which results List returns. The zero value: all.
type Query struct {
	Scenario string   // ScenarioInfo.ID; empty: each
	Branches []string // nil: each
}

// List returns what the store knows of its results, newest first. A store that
// does not exist yet is empty; one that cannot be read in full is an error.
func (s *Store) List(ctx context.Context, q Query) ([]Meta, error) {
	metas, _, err := s.list(ctx, q)
	return metas, err
}

// list is List with the pins, of which those of no listed result are too.
func (s *Store) list(ctx context.Context, q Query) ([]Meta, pinned, error) {
	pins, err := s.pins(ctx)
	if err != nil {
		return nil, nil, err
	}
	names, err := s.names(ctx, q.Scenario)
	if err != nil {
		return nil, nil, err
	}
	var found []Meta
	for _, n := range names {
		if q.Branches != nil && !n.onOneOf(q.Branches) {
			continue
		}
		m := n.meta(n.object)
		m.Pins = pins.of(m.Key)
		found = append(found, m)
	}
	return found, pins, nil
}

// A listedName is a stored result as a listing shows it.
type listedName struct {
	entryName
	object Object
}

func (n entryName) onOneOf(branches []string) bool {
	return slices.ContainsFunc(branches, func(b string) bool { return segment(b) == n.branch })
}

// names lists the results of a scenario, or of all, newest first.
func (s *Store) names(ctx context.Context, scenario string) ([]listedName, error) {
	folder := resultsFolder
	if scenario != "" {
		folder = scenarioFolder(scenario)
	}
	objects, err := s.bucket.List(ctx, folder)
	if err != nil {
		return nil, err
	}
	var names []listedName
	for _, o := range objects {
		if !strings.HasSuffix(strings.ToLower(o.Key), resultSuffix) {
			continue // a person's note
		}
		n, err := parseKey(o.Key)
		if err != nil {
			return nil, err
		}
		names = append(names, listedName{n, o})
	}
	slices.SortFunc(names, func(a, b listedName) int {
		return cmp.Or(b.started.Compare(a.started), cmp.Compare(a.object.Key, b.object.Key))
	})
	return names, nil
}

// Get returns the result that a reference names (see Find).
func (s *Store) Get(ctx context.Context, ref string) (gate.Result, error) {
	m, err := s.Find(ctx, ref)
	if err != nil {
		return gate.Result{}, err
	}
	return s.read(ctx, m.Key)
}

// read returns a stored result after checking that it is what its key says.
func (s *Store) read(ctx context.Context, key string) (gate.Result, error) {
	n, err := parseKey(key)
	if err != nil {
		return gate.Result{}, err
	}
	data, err := s.bucket.Get(ctx, key)
	if err != nil {
		return gate.Result{}, err
	}
	r, err := gate.DecodeResult(data)
	if err != nil {
		return gate.Result{}, fmt.Errorf("store object %q: %w", key, err)
	}
	// A checkout may have turned line ends; JSON holds no other carriage return.
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	if short(gate.Digest(data)) != n.digest {
		return gate.Result{}, fmt.Errorf("store object %q: its content is not what was saved under this name: it was damaged or edited", key)
	}
	if len(r.Scenarios) != 1 || segment(r.Scenarios[0].ID) != n.scenario ||
		short(r.Scenarios[0].LoadDigest) != n.load || short(r.Environment.ClassDigest) != n.class {
		return gate.Result{}, fmt.Errorf("store object %q: its content is of another scenario, load or class than its folder: it was moved", key)
	}
	return r, nil
}
