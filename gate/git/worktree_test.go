package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain makes the test binary a perfgate that is killed: it adds a worktree,
// tells so and waits.
func TestMain(m *testing.M) {
	dir := os.Getenv("GIT_TEST_OWNER")
	if dir == "" {
		os.Exit(m.Run())
	}
	var w *Worktree
	r, err := Open(context.Background(), dir, os.Environ())
	if err == nil {
		w, err = r.AddWorktree(context.Background(), "HEAD")
	}
	fmt.Println("added", err)
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed
	_ = w.Remove()
}

// nothingLeft fails when the repository or the temporary folder still knows of
// a worktree.
func (s *sandbox) nothingLeft(folder string) {
	s.t.Helper()
	if list := s.git(folder, "worktree", "list", "--porcelain"); strings.Count("\n"+list, "\nworktree ") > 1 {
		s.t.Errorf("worktrees are left:\n%s", list)
	}
	for _, dir := range []string{filepath.Join(s.dir, folder, ".git", "worktrees"), filepath.Join(s.dir, "tmp")} {
		entries, err := os.ReadDir(dir)
		if len(entries) > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
			s.t.Errorf("%s holds %v, %v", dir, entries, err)
		}
	}
}

func TestWorktree(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	one := s.commit("repo", "a", "1")
	s.commit("repo", "a", "2")
	s.write("repo/.git/hooks/post-checkout", "#!/bin/sh\ntouch "+filepath.Join(s.dir, "hooked")+"\n")
	if err := os.Chmod(filepath.Join(s.dir, "repo/.git/hooks/post-checkout"), 0o755); err != nil {
		t.Fatal(err)
	}
	s.write("repo/a", "uncommitted")
	r := s.open("repo")
	config := s.read(filepath.Join(s.dir, "repo/.git/config"))
	first, err := r.AddWorktree(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.AddWorktree(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	if first.Dir() == second.Dir() || filepath.Base(first.Dir()) != "repo" {
		t.Errorf("in %s and %s", first.Dir(), second.Dir())
	}
	if got := s.read(filepath.Join(first.Dir(), "a")); got != "1" {
		t.Errorf("a is %q", got)
	}
	if head, err := Open(t.Context(), first.Dir(), s.environ); err != nil || head.Root() != first.Dir() {
		t.Errorf("git in it: %v, %v", head, err)
	}
	// A live one is not swept.
	if n, err := r.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	// Whatever a build made of it.
	s.write(filepath.Join(strings.TrimPrefix(second.Dir(), s.dir), "cache", "x"), "")
	if err := os.Chmod(filepath.Join(second.Dir(), "cache"), 0o500); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(first.Dir()); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*Worktree{first, second, second} {
		if err := w.Remove(); err != nil {
			t.Error(err)
		}
	}
	s.nothingLeft("repo")
	if got := s.read(filepath.Join(s.dir, "repo/.git/config")); got != config {
		t.Errorf("the configuration became %s", got)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "hooked")); err == nil {
		t.Error("a hook ran")
	}
	if got := s.read(filepath.Join(s.dir, "repo/a")); got != "uncommitted" {
		t.Errorf("the working tree became %q", got)
	}
}

// A checkout that is interrupted in the middle is undone, with what it started.
func TestWorktreeInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("git is ended without what it started")
	}
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	s.write("repo/.gitattributes", "slow filter=slow\n")
	s.commit("repo", "slow", "1")
	reached := filepath.Join(s.dir, "reached")
	s.git("repo", "config", "filter.slow.smudge", "echo $$ >'"+filepath.ToSlash(reached)+"'; exec sleep 1000")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { // cancels once the file is being checked out
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for range 6000 {
			if <-tick.C; strings.HasSuffix(s.read(reached), "\n") {
				break
			}
		}
		cancel()
	})
	_, err := s.open("repo").AddWorktree(ctx, "HEAD")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	wg.Wait()
	s.nothingLeft("repo")
}

func TestWorktreeFails(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	s.commit("repo", "a", "1")
	r := s.open("repo")
	if _, err := r.AddWorktree(t.Context(), strings.Repeat("0", 40)); err == nil {
		t.Error("no error for a commit that is not there")
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.AddWorktree(cancelled, "HEAD"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	s.nothingLeft("repo")
}

// What a killed perfgate left is removed by the next one.
func TestSweep(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	s.commit("repo", "a", "1")
	s.git("repo", "worktree", "add", "-q", "--detach", "../mine")
	r := s.open("repo")
	for _, gone := range []bool{false, true} { // its files, too
		owner := exec.Command(os.Args[0])
		owner.Env = append(s.environ, "GIT_TEST_OWNER="+filepath.Join(s.dir, "repo"), "TMPDIR="+filepath.Join(s.dir, "tmp"))
		out, err := owner.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := owner.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := owner.Start(); err != nil {
			t.Fatal(err)
		}
		said := make([]byte, 100)
		n, err := out.Read(said)
		if string(said[:n]) != "added <nil>\n" || err != nil {
			t.Fatalf("the owner said %q, %v", said[:n], err)
		}
		if n, err := r.Sweep(t.Context()); n != 0 || err != nil {
			t.Errorf("swept %d of a live one, %v", n, err)
		}
		if err := owner.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = owner.Wait() // it was killed
		if gone {
			if err := os.RemoveAll(filepath.Join(s.dir, "tmp")); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := r.Sweep(t.Context()); n != 1 || err != nil {
			t.Errorf("swept %d, %v", n, err)
		}
		s.git("repo", "worktree", "remove", "../mine")
		s.nothingLeft("repo")
		s.git("repo", "worktree", "add", "-q", "--detach", "../mine")
	}
	// One that was killed before git knew of its worktree.
	s.leave(filepath.Join("tmp", folderPrefix+"1"))
	s.write("tmp/"+folderPrefix+"2/precious", "")
	if n, err := r.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "tmp", "*"))
	if diff := cmp.Diff([]string{filepath.Join(s.dir, "tmp", folderPrefix+"2")}, left); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestSubmodules(t *testing.T) {
	s := newSandbox(t)
	for _, name := range []string{"deep", "lib", "unused", "repo"} {
		s.git(name, "init", "-q", "-b", "main")
		s.commit(name, "a", name+" 1")
	}
	s.git("lib", "submodule", "--quiet", "add", "../deep", "vendor/deep")
	s.commit("lib", "b", "1")
	s.git("repo", "submodule", "--quiet", "add", "../lib", "third party/lib")
	s.git("repo", "submodule", "--quiet", "add", "../unused", "unused")
	s.git("repo", "submodule", "--quiet", "update", "--init", "--recursive")
	one := s.commit("repo", "a", "1")
	s.commit("lib", "a", "lib 2")
	s.git("repo/third party/lib", "pull", "--quiet", "origin", "main")
	two := s.commit("repo", "a", "2")
	s.git("", "clone", "-q", "repo", "clone")
	s.git("clone", "config", "submodule.third party/lib.url", filepath.Join(s.dir, "lib"))
	s.git("clone", "submodule", "--quiet", "update", "--init", "third party/lib")

	r := s.open("repo")
	w, err := r.AddWorktree(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, file := range []string{"a", "third party/lib/a", "third party/lib/vendor/deep/a", "unused/a"} {
		got[file] = s.read(filepath.Join(w.Dir(), file))
	}
	want := map[string]string{"a": "1", "third party/lib/a": "lib 1", "third party/lib/vendor/deep/a": "deep 1", "unused/a": "unused 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if err := w.Remove(); err != nil {
		t.Error(err)
	}
	s.nothingLeft("repo")

	// From a worktree of the user's own, whose submodules are its own, too.
	s.git("repo", "worktree", "add", "-q", "--detach", "../linked")
	s.git("linked", "submodule", "--quiet", "update", "--init", "third party/lib")
	if w, err = s.open("linked").AddWorktree(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if got := s.read(filepath.Join(w.Dir(), "third party/lib/a")); got != "lib 1" {
		t.Errorf("from another worktree: lib/a is %q", got)
	}
	if err := w.Remove(); err != nil {
		t.Error(err)
	}

	// One that is not initialised stays empty, as it is in the working tree.
	r = s.open("clone")
	if w, err = r.AddWorktree(t.Context(), two); err != nil {
		t.Fatal(err)
	}
	if got := s.read(filepath.Join(w.Dir(), "third party/lib/a")); got != "lib 2" {
		t.Errorf("lib/a is %q", got)
	}
	if _, err := os.Stat(filepath.Join(w.Dir(), "unused/a")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("unused/a: %v", err)
	}
	if err := w.Remove(); err != nil {
		t.Error(err)
	}
	// One whose commit nobody has.
	s.git("clone", "update-index", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",third party/lib")
	s.git("clone", "commit", "--quiet", "-m", "broken")
	_, err = r.AddWorktree(t.Context(), "HEAD")
	if err == nil || !strings.Contains(err.Error(), `submodule "third party/lib": its commit 1111111 is not in this clone`) {
		t.Errorf("got %v", err)
	}
	checkHint(t, err, "git fetch --recurse-submodules=yes")
	s.nothingLeft("clone")
}
