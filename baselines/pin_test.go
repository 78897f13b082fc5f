package baselines_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

func TestPin(t *testing.T) {
	s, folder := newStore(t)
	first, second := save(t, s, job(0, nil), gate.VerdictPass), save(t, s, job(1, nil), gate.VerdictPass)
	for _, name := range []string{"v1.2", "Anchor/2026", "v1.2"} { // again is no error
		if _, err := s.Pin(t.Context(), first.Key, name); err != nil {
			t.Fatalf("Pin as %q: %v", name, err)
		}
	}
	unnamed, err := s.Pin(t.Context(), commit(1), "")
	if err != nil {
		t.Fatal(err)
	}
	first.Pins, second.Pins = []string{"Anchor/2026", "v1.2"}, []string{second.Digest}
	if diff := cmp.Diff(second, unnamed); diff != "" {
		t.Errorf("Pin (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]baselines.Meta{second, first}, list(t, s)); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
	data, err := os.ReadFile(filepath.Join(folder, "pins", "v1.2.txt"))
	if err != nil || string(data) != first.Key+"\n" {
		t.Errorf("the pin's file is %q, %v", data, err)
	}
	for _, ref := range []string{"v1.2", "Anchor/2026"} {
		found, err := s.Find(t.Context(), ref)
		if diff := cmp.Diff(first, found); diff != "" || err != nil {
			t.Errorf("Find(%q): %v (-want +got):\n%s", ref, err, diff)
		}
	}
	if err := s.Unpin(t.Context(), "v1.2"); err != nil {
		t.Fatal(err)
	}
	first.Pins = []string{"Anchor/2026"}
	if diff := cmp.Diff([]baselines.Meta{second, first}, list(t, s)); diff != "" {
		t.Errorf("List after Unpin (-want +got):\n%s", diff)
	}
}

func TestPinAndFindRefuse(t *testing.T) {
	s, folder := newStore(t)
	first := save(t, s, job(0, nil), gate.VerdictPass)
	again := save(t, s, job(7, func(r *gate.Result) { r.Subject.Commit = commit(0) }), gate.VerdictPass)
	if _, err := s.Pin(t.Context(), first.Key, "v1.2"); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	find := func(ref string) error { _, err := s.Find(ctx, ref); return err }
	for _, test := range []struct {
		name     string
		err      error
		want     string
		notFound bool
	}{
		{"a taken name", func() error { _, err := s.Pin(ctx, again.Key, "v1.2"); return err }(),
			`pin: the name "v1.2" is taken by "` + first.Key + `"; unpin it first, or choose another`, false},
		{"pin of an unknown result", func() error { _, err := s.Pin(ctx, "v9", "x"); return err }(),
			`pin: baseline "v9": not found among 2 stored results; pinned are "v1.2"`, true},
		{"unpin of an unknown name", s.Unpin(ctx, "v9"), `unpin "v9": not found; pinned are "v1.2"`, true},
		{"several results of a commit", find(commit(0)), `baseline "` + commit(0) + `": names 2 results; give one key of` + "\n  " + again.Key + "\n  " + first.Key, false},
		{"too few digits", find("aaaaaa"), `baseline "aaaaaa": not found among 2 stored results; pinned are "v1.2"`, true},
		{"out of the store", find("../../etc/passwd"), `baseline "../../etc/passwd": not found among 2 stored results; pinned are "v1.2"`, true},
	} {
		if test.err == nil || test.err.Error() != test.want || errors.Is(test.err, baselines.ErrNotFound) != test.notFound {
			t.Errorf("%s: %v\nwant %s (ErrNotFound: %v)", test.name, test.err, test.want, test.notFound)
		}
	}
	// A pin to what is gone, or that leads anywhere else, is told.
	if err := os.Remove(filepath.Join(folder, filepath.FromSlash(first.Key))); err != nil {
		t.Fatal(err)
	}
	if err := find("v1.2"); !errors.Is(err, baselines.ErrNotFound) || !strings.Contains(err.Error(), first.Key) {
		t.Errorf("Find of a dangling pin = %v, want ErrNotFound and the key", err)
	}
	write(t, filepath.Join(folder, "pins", "bad.txt"), "../../etc/passwd")
	if _, err := s.List(ctx, baselines.Query{}); err == nil || !strings.Contains(err.Error(), `pin "bad"`) {
		t.Errorf("List with a damaged pin = %v, want an error with its name", err)
	}
}
