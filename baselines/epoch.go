package baselines

import (
	"context"
	"maps"
	"slices"

	"github.com/perfgate/perfgate/gate"
)

const (
	// epochJobs is from how many jobs on an epoch is a history of its own;
	// until then the jobs before it stay, since five make a history
	// (docs/method.md 0.5).
	epochJobs = 5
	// formerRead is how many former jobs of a commit are read to find a fresh
	// one.
	formerRead = 5
	// anchorsRead is how many pins a history is compared with, the newest
	// results first.
	anchorsRead = 5
)

// epoch ends a history at the last accepted regression: what was let through
// there is the level from then on. usable and old are eligible results, newest
// first, old those beyond the age of a baseline; oldest is the first job of the
// epoch, nil without any result.
func (c chooser) epoch(usable, old []listedName) (history []listedName, oldest *listedName) {
	all := slices.Concat(usable, old)
	if len(all) == 0 {
		return usable, nil
	}
	accepted := slices.IndexFunc(all, func(n listedName) bool { return n.accepted })
	if accepted < 0 {
		return usable, &all[len(all)-1]
	}
	if inside := accepted + 1; inside >= epochJobs && inside < len(usable) {
		c.notes[note{cause: beforeEpoch}] += len(usable) - inside
		usable = usable[:inside]
	}
	return usable, &all[accepted]
}

// besides reads what a history is looked at with beside its own jobs.
func (c chooser) besides(ctx context.Context, s *Store, names []listedName, oldest *listedName, choice *Choice) error {
	if len(choice.Results) < epochJobs {
		return nil
	}
	former, err := c.former(ctx, s, names)
	if err != nil {
		return err
	}
	choice.Former = former
	if oldest != nil {
		r, err := s.read(ctx, oldest.object.Key)
		if err != nil {
			return err
		}
		choice.Anchors = append(choice.Anchors, gate.Anchor{Result: r})
	}
	return c.pinned(ctx, s, names, choice)
}

// former finds the newest fresh job of the candidate's own commit.
func (c chooser) former(ctx context.Context, s *Store, names []listedName) (*gate.Result, error) {
	read := 0
	for _, n := range names {
		own := !c.Dirty && !n.dirty && sameCommit(c.Commit, n.commit)
		if !own || !n.valid() || !c.alike(n) || n.started.After(c.Now.Add(clockSkew)) || read == formerRead {
			continue
		}
		read++
		r, err := s.read(ctx, n.object.Key)
		if err != nil {
			return nil, err
		}
		if r.Session.FreshFrom(c.Session) {
			return &r, nil
		}
	}
	return nil, nil
}

// pinned reads the pinned results of the candidate's class and load. A pin
// whose result is gone is noted.
func (c chooser) pinned(ctx context.Context, s *Store, names []listedName, choice *Choice) error {
	pins, err := s.pins(ctx)
	if err != nil {
		return err
	}
	for _, pin := range slices.Sorted(maps.Keys(pins)) {
		n, err := parseKey(pins[pin])
		if err == nil && n.scenario == segment(c.Scenario) && !slices.ContainsFunc(names, func(l listedName) bool { return l.object.Key == pins[pin] }) {
			c.notes[note{goneAnchor, unsegment(pin)}]++
		}
	}
	for _, n := range names {
		of := pins.of(n.object.Key)
		if len(of) == 0 || !n.valid() || !c.alike(n) || sameCommit(c.Commit, n.commit) || len(choice.Anchors) > anchorsRead {
			continue
		}
		r, err := s.read(ctx, n.object.Key)
		if err != nil {
			return err
		}
		choice.Anchors = append(choice.Anchors, gate.Anchor{Name: of[0], Result: r})
	}
	return nil
}

// alike is comparable without the branch.
func (c chooser) alike(n listedName) bool {
	return n.class != unknown && n.class == short(c.Environment.ClassDigest) && n.load != unknown && n.load == short(c.LoadDigest)
}

// epochStarts finds the first job of the epoch of each scenario, class and load,
// on the branch of its newest eligible result. names are newest first.
func epochStarts(names []listedName) map[string]bool {
	type line struct{ branch, key string }
	lines, over := map[string]line{}, map[string]bool{}
	for _, n := range names {
		folder := n.folder()
		l, known := lines[folder]
		if !n.eligible() || known && n.branch != l.branch || over[folder] {
			continue
		}
		lines[folder] = line{n.branch, n.object.Key}
		over[folder] = n.accepted
	}
	keys := map[string]bool{}
	for _, l := range lines {
		keys[l.key] = true
	}
	return keys
}
