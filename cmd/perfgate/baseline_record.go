package main

import (
	"time"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

// A record is a stored result as JSON.
type record struct {
	Key         string       `json:"key"`
	Scenario    string       `json:"scenario"`
	Machine     string       `json:"machine"`
	Class       string       `json:"class"`
	Load        string       `json:"load"`
	Commit      string       `json:"commit"`
	Dirty       bool         `json:"dirty"`
	Branch      string       `json:"branch"`
	Verdict     gate.Verdict `json:"verdict"`  // empty: not judged
	Accepted    bool         `json:"accepted"` // a waiver let a regression of it through
	Interrupted bool         `json:"interrupted"`
	Started     string       `json:"started"`
	Runs        int          `json:"runs"`
	Digest      string       `json:"digest"`
	Bytes       int64        `json:"bytes"`
	Pins        []string     `json:"pins"`
	Existed     *bool        `json:"existed,omitempty"` // of save
}

func newRecord(m baselines.Meta) record {
	return record{Key: m.Key, Scenario: m.Scenario, Machine: m.Machine, Class: m.Class, Load: m.Load, Commit: m.Commit, Dirty: m.Dirty,
		Branch: m.Branch, Verdict: m.Verdict, Accepted: m.Accepted, Interrupted: m.Interrupted, Started: m.Started.UTC().Format(time.RFC3339),
		Runs: m.Runs, Digest: m.Digest, Bytes: m.Size, Pins: append([]string{}, m.Pins...)}
}

func records(metas []baselines.Meta) []record {
	out := []record{}
	for _, m := range metas {
		out = append(out, newRecord(m))
	}
	return out
}

func savedRecords(saved []baselines.Saved) []record {
	out := []record{}
	for _, s := range saved {
		r := newRecord(s.Meta)
		r.Existed = &s.Existed
		out = append(out, r)
	}
	return out
}
