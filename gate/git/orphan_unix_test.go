//go:build unix

package git

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A git whose perfgate was killed writes on: its worktree is none that was left
// before it has ended, and is in nobody's way.
func TestSweepOfAnOrphan(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	s.write("repo/.gitattributes", "slow filter=slow\n")
	s.commit("repo", "slow", "1")
	release, reached := filepath.Join(s.dir, "release"), filepath.Join(s.dir, "reached")
	if err := syscall.Mkfifo(release, 0o600); err != nil {
		t.Fatal(err)
	}
	// The first checkout waits for somebody to open the pipe.
	s.git("repo", "config", "filter.slow.smudge", "if mkdir '"+reached+"' 2>/dev/null; then cat '"+release+"'; fi; cat")
	owner := exec.Command(os.Args[0])
	owner.Env = append(s.environ, "GIT_TEST_OWNER="+filepath.Join(s.dir, "repo"), "TMPDIR="+filepath.Join(s.dir, "tmp"))
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	s.eventually("the checkout", func() bool { _, err := os.Stat(reached); return err == nil })
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait() // it was killed
	r := s.open("repo")
	if n, err := r.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("swept %d while git writes, %v", n, err)
	}
	w, err := r.AddWorktree(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(release, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	pipe.Close()
	s.eventually("git's end", func() bool {
		n, err := r.Sweep(t.Context())
		return n == 1 && err == nil
	})
	if got := s.read(filepath.Join(w.Dir(), "slow")); strings.TrimSpace(got) != "1" {
		t.Errorf("the file is %q", got)
	}
	if err := w.Remove(); err != nil {
		t.Error(err)
	}
	s.nothingLeft("repo")
}

// eventually waits for what another process brings about.
func (s *sandbox) eventually(what string, condition func() bool) {
	s.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 2000 {
		if condition() {
			return
		}
		<-tick.C
	}
	s.t.Fatalf("waited in vain for %s", what)
}
