package git

import (
	"path/filepath"
	"testing"
)

// Where the temporary folder is a memory disk, a worktree lies beside the work
// tree, and a killed one is found there.
func TestWorktreeOnTheSameDisk(t *testing.T) {
	s := newSandbox(t)
	if sameDisk("/dev/shm", s.dir) || !sameDisk("/dev/shm", "/dev/shm") {
		t.Skip("there is no other disk")
	}
	s.git("repo", "init", "-q", "-b", "main")
	s.commit("repo", "a", "1")
	r := s.open("repo")
	t.Setenv("TMPDIR", "/dev/shm")
	w, err := r.AddWorktree(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if got := filepath.Dir(w.folder); got != s.dir || w.OtherDisk() {
		t.Errorf("it lies in %s, on another disk: %t", got, w.OtherDisk())
	}
	s.leave(folderPrefix + "1")
	if _, err := r.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
	if err := w.Remove(); err != nil {
		t.Error(err)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, folderPrefix+"*"))
	if len(left) > 0 || err != nil {
		t.Errorf("%v are left, %v", left, err)
	}
	s.nothingLeft("repo")
}
