//go:build unix

package git

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinks(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q")
	for link, named := range map[string]string{"lib": "shared", "api/lib": "../shared/a b", "out": "../elsewhere", "root": "/etc/passwd", "api/self": "x"} {
		if err := os.MkdirAll(filepath.Join(s.dir, "repo", filepath.Dir(link)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(named, filepath.Join(s.dir, "repo", link)); err != nil {
			t.Fatal(err)
		}
	}
	s.git("repo", "add", "--all")
	r, err := Open(t.Context(), filepath.Join(s.dir, "repo"), s.environ)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Links(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"lib": "shared", "api/lib": "shared/a b", "api/self": "api/x"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// What git was told not to look at may hold anything.
func TestHiddenChanges(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q")
	for _, name := range []string{"a", "b", "c"} {
		if err := os.WriteFile(filepath.Join(s.dir, "repo", name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s.git("repo", "add", "--all")
	s.git("repo", "commit", "-q", "-m", "one")
	s.git("repo", "update-index", "--assume-unchanged", "a")
	s.git("repo", "update-index", "--skip-worktree", "b", "c")
	if err := os.Remove(filepath.Join(s.dir, "repo", "c")); err != nil { // as a sparse checkout does
		t.Fatal(err)
	}
	r, err := Open(t.Context(), filepath.Join(s.dir, "repo"), s.environ)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.ChangedFiles(t.Context(), "HEAD", "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
