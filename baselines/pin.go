package baselines

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// pinSuffix lets a browser show a pin as text.
const pinSuffix = ".txt"

func pinKey(name string) string { return pinsFolder + "/" + segment(name) + pinSuffix }

// pinned maps the name of each pin, as a segment, to the key of its result.
type pinned map[string]string

// of returns the names of a key, sorted; nil: none.
func (p pinned) of(key string) []string {
	var names []string
	for name, k := range p {
		if k == key {
			names = append(names, unsegment(name))
		}
	}
	slices.Sort(names)
	return names
}

// pins reads all pins: they are few, one object each, so that two people who
// pin at once do not meet.
func (s *Store) pins(ctx context.Context) (pinned, error) {
	objects, err := s.bucket.List(ctx, pinsFolder)
	if err != nil {
		return nil, err
	}
	pins := pinned{}
	for _, o := range objects {
		file, ok := strings.CutSuffix(strings.TrimPrefix(o.Key, pinsFolder+"/"), pinSuffix)
		if !ok {
			continue // a person's note
		}
		data, err := s.bucket.Get(ctx, o.Key)
		if errors.Is(err, ErrNotFound) {
			continue // unpinned since the listing
		}
		if err != nil {
			return nil, err
		}
		key := strings.TrimSpace(string(data))
		if _, err := parseKey(key); err != nil {
			return nil, fmt.Errorf("pin %q: %w", unsegment(file), err)
		}
		pins[file] = key
	}
	return pins, nil
}

// Pin gives the result that ref names (see Find) a name of its own, "v1.2":
// it is never pruned, and the name finds it. An empty name is the first digits
// of the result's digest. A name that is taken by another result is an error.
// The Meta is that of the result, with the pin.
func (s *Store) Pin(ctx context.Context, ref, name string) (Meta, error) {
	m, err := s.Find(ctx, ref)
	if err != nil {
		return Meta{}, fmt.Errorf("pin: %w", err)
	}
	if name == "" {
		name = m.Digest
	}
	pins, err := s.pins(ctx)
	if err != nil {
		return Meta{}, fmt.Errorf("pin: %w", err)
	}
	if taken, ok := pins[segment(name)]; ok && taken != m.Key {
		return Meta{}, fmt.Errorf("pin: the name %q is taken by %q; unpin it first, or choose another", name, taken)
	}
	if err := s.bucket.Apply(ctx, []Change{{Key: pinKey(name), Data: []byte(m.Key + "\n")}}); err != nil {
		return Meta{}, fmt.Errorf("pin: %w", err)
	}
	pins[segment(name)] = m.Key
	m.Pins = pins.of(m.Key)
	return m, nil
}

// Unpin takes a name away. The result stays until it is pruned. The error of an
// unknown name wraps ErrNotFound and lists the known ones.
func (s *Store) Unpin(ctx context.Context, name string) error {
	pins, err := s.pins(ctx)
	if err != nil {
		return fmt.Errorf("unpin: %w", err)
	}
	if _, ok := pins[segment(name)]; !ok {
		return fmt.Errorf("unpin %q: %w; %s", name, ErrNotFound, pins.listed())
	}
	if err := s.bucket.Apply(ctx, []Change{{Key: pinKey(name), Delete: true}}); err != nil {
		return fmt.Errorf("unpin: %w", err)
	}
	return nil
}

// listed names the pins for a message.
func (p pinned) listed() string {
	if len(p) == 0 {
		return "nothing is pinned"
	}
	var names []string
	for name := range p {
		names = append(names, strconv.Quote(unsegment(name)))
	}
	slices.Sort(names)
	return "pinned are " + strings.Join(names, ", ")
}

// Find returns the one result that ref names: a key, a pin, or at least seven
// first digits of a commit or of a result's digest. The error wraps ErrNotFound
// when there is none, and lists the keys when there are several.
func (s *Store) Find(ctx context.Context, ref string) (Meta, error) {
	all, pins, err := s.list(ctx, Query{})
	if err != nil {
		return Meta{}, err
	}
	key, isPin := pins[segment(ref)]
	if !isPin {
		key = ref
	}
	var found []Meta
	for _, m := range all {
		if m.Key == key {
			return m, nil
		}
		if len(ref) >= minCommit && isHex(ref) && (strings.HasPrefix(m.Digest, ref) || sameCommit(m.Commit, ref)) {
			found = append(found, m)
		}
	}
	switch {
	case isPin:
		return Meta{}, fmt.Errorf("pin %q: its result %q: %w", ref, key, ErrNotFound)
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return Meta{}, fmt.Errorf("baseline %q: %w among %d stored results; %s", ref, ErrNotFound, len(all), pins.listed())
	}
	keys := make([]string, 0, len(found))
	for _, m := range found {
		keys = append(keys, m.Key)
	}
	return Meta{}, fmt.Errorf("baseline %q: names %d results; give one key of\n  %s", ref, len(found), strings.Join(keys, "\n  "))
}
