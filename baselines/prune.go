package baselines

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// PruneOptions say what Prune keeps.
type PruneOptions struct {
	Keep   int           // newest results of each folder; 0: gate.DefaultKeep
	MaxAge time.Duration // since the session started; 0: gate.DefaultMaxAge
	Now    time.Time     // zero: the clock
}

// Prune removes results and reports that are no longer needed, in one step, and
// returns both, newest first. Of each scenario, class and load it keeps the Keep newest
// that are not older than MaxAge; always the newest one and the newest that can
// be a baseline, so that a scenario that rests is not forgotten; the first one
// of the epoch, which slow creep is measured from; and whatever is pinned. Of the reports of each it keeps twice as many, whatever their age.
// On an error nothing, or a part of them, was removed.
func (s *Store) Prune(ctx context.Context, o PruneOptions) ([]Meta, []ReportMeta, error) {
	if o.Keep < 0 || o.MaxAge < 0 {
		return nil, nil, fmt.Errorf("prune: keep %d and max_age %v must not be negative", o.Keep, o.MaxAge)
	}
	keep := cmp.Or(o.Keep, gate.DefaultKeep)
	oldest := nowOr(o.Now).Add(-cmp.Or(o.MaxAge, gate.DefaultMaxAge))
	names, err := s.names(ctx, "")
	if err != nil {
		return nil, nil, fmt.Errorf("prune: %w", err)
	}
	// The pins are read last: what was pinned while the listing went on stays.
	pins, err := s.pins(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("prune: %w", err)
	}
	var removed []Meta
	var deletes []Change
	seen, usable := map[string]int{}, map[string]int{}
	first := epochStarts(names)
	for _, n := range names { // newest first
		folder := n.folder()
		seen[folder]++
		newest := seen[folder] == 1
		if n.eligible() {
			usable[folder]++
			newest = newest || usable[folder] == 1
		}
		surplus := seen[folder] > keep || n.started.Before(oldest)
		if newest || !surplus || pins.of(n.object.Key) != nil || first[n.object.Key] {
			continue
		}
		removed = append(removed, n.meta(n.object))
		deletes = append(deletes, Change{Key: n.object.Key, Delete: true})
	}
	reports, err := s.surplusReports(ctx, keep)
	if err != nil {
		return nil, nil, fmt.Errorf("prune: %w", err)
	}
	for _, m := range reports {
		deletes = append(deletes, Change{Key: m.Key, Delete: true})
	}
	if len(deletes) == 0 {
		return nil, nil, nil
	}
	if err := s.bucket.Apply(ctx, deletes); err != nil {
		return nil, nil, fmt.Errorf("prune: %w", err)
	}
	return removed, reports, nil
}

func nowOr(now time.Time) time.Time {
	if now.IsZero() {
		return time.Now()
	}
	return now
}
