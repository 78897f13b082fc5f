package baselines_test

import (
	stdcmp "cmp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

func TestPrune(t *testing.T) {
	now := start.Add(100 * time.Hour)
	for _, test := range []struct {
		name    string
		options baselines.PruneOptions
		verdict map[int]gate.Verdict // else pass
		pin     []int
		want    []int // removed
	}{
		{"nothing to do", baselines.PruneOptions{Now: now}, nil, nil, nil},
		{"all but the newest three", baselines.PruneOptions{Now: now, Keep: 3}, nil, nil, []int{2, 1}},
		{"older than a day", baselines.PruneOptions{Now: start.Add(26*time.Hour + time.Second), MaxAge: 24 * time.Hour}, nil, nil, []int{2, 1}},
		{"exactly a day old stays", baselines.PruneOptions{Now: start.Add(26 * time.Hour), MaxAge: 24 * time.Hour}, nil, nil, []int{1}},
		{"never the newest", baselines.PruneOptions{Now: now, MaxAge: time.Hour}, nil, nil, []int{4, 3, 2, 1}},
		{"never the first of the epoch", baselines.PruneOptions{Now: now, MaxAge: time.Hour}, map[int]gate.Verdict{0: gate.VerdictInvalid}, nil, []int{4, 3, 2, 0}},
		{"never the newest that is eligible", baselines.PruneOptions{Now: now, MaxAge: time.Hour},
			map[int]gate.Verdict{5: gate.VerdictRegression, 4: gate.VerdictInvalid}, nil, []int{4, 2, 1}},
		{"never a pin", baselines.PruneOptions{Now: now, Keep: 1}, nil, []int{1, 3}, []int{4, 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := newStore(t)
			var metas []baselines.Meta
			for i := range 6 {
				metas = append(metas, save(t, s, job(i, nil), stdcmp.Or(test.verdict[i], gate.VerdictPass)))
			}
			other := save(t, s, job(0, func(r *gate.Result) { rename(r, "search") }), gate.VerdictPass)
			for _, i := range test.pin {
				m, err := s.Pin(t.Context(), metas[i].Key, "pin-"+twoDigits(i))
				if err != nil {
					t.Fatal(err)
				}
				metas[i] = m
			}
			var gone, left []baselines.Meta
			for _, m := range slices.Backward(metas) {
				if slices.ContainsFunc(test.want, func(i int) bool { return metas[i].Key == m.Key }) {
					gone = append(gone, m)
					continue
				}
				left = append(left, m)
			}
			removed, _, err := s.Prune(t.Context(), test.options)
			if diff := cmp.Diff(gone, removed); diff != "" || err != nil {
				t.Errorf("Prune: %v (-want +got):\n%s", err, diff)
			}
			checkout, err := s.List(t.Context(), baselines.Query{Scenario: "checkout"})
			if diff := cmp.Diff(left, checkout); diff != "" || err != nil {
				t.Errorf("List: %v (-want +got):\n%s", err, diff)
			}
			if _, err := s.Find(t.Context(), other.Key); err != nil {
				t.Errorf("another scenario was pruned: %v", err)
			}
		})
	}
}

func TestPruneRefuses(t *testing.T) {
	s, _ := newStore(t)
	for _, o := range []baselines.PruneOptions{{Keep: -1}, {MaxAge: -time.Hour}} {
		if _, _, err := s.Prune(t.Context(), o); err == nil {
			t.Errorf("Prune(%+v) succeeded", o)
		}
	}
}
