package git

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOpen(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	s.write("repo/services/api/main.go", "")
	s.write("plain/file", "")
	top, inner := s.open("repo"), s.open("repo/services/api")
	if top.Root() != filepath.Join(s.dir, "repo") || top.Prefix() != "" || inner.Root() != top.Root() || inner.Prefix() != "services/api" {
		t.Errorf("got %q %q and %q %q", top.Root(), top.Prefix(), inner.Root(), inner.Prefix())
	}
	for _, folder := range []string{"plain", "repo/.git", "nowhere"} {
		if _, err := Open(t.Context(), filepath.Join(s.dir, folder), s.environ); !errors.Is(err, ErrNoRepository) && folder != "nowhere" || err == nil {
			t.Errorf("%s: %v", folder, err)
		}
	}
	// As a hook of another repository.
	s.environ = append(s.environ, "GIT_DIR="+filepath.Join(s.dir, "plain"), "GIT_WORK_TREE=/", "GIT_INDEX_FILE=nowhere")
	if got := s.open("repo").Root(); got != top.Root() {
		t.Errorf("as a hook: %q", got)
	}
}

// A repository of another user, as git pretends for its own tests.
func TestOpenDistrusted(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	s.write("repo/inner/a", "")
	s.environ = append(s.environ, "GIT_TEST_ASSUME_DIFFERENT_OWNER=1")
	_, err := Open(t.Context(), filepath.Join(s.dir, "repo", "inner"), s.environ)
	if err == nil || errors.Is(err, ErrNoRepository) || !strings.Contains(err.Error(), "it belongs to another user") {
		t.Errorf("got %v", err)
	}
	checkHint(t, err, "git config --global --add safe.directory "+filepath.ToSlash(filepath.Join(s.dir, "repo")))
}

func TestResolve(t *testing.T) {
	s := newSandbox(t)
	s.git("up", "init", "-q", "-b", "main")
	one := s.commit("up", "a", "1")
	s.git("up", "tag", "-m", "first", "v1")
	two := s.commit("up", "a", "2")
	s.git("up", "branch", "theirs", "v1")
	s.git("", "clone", "-q", "up", "repo")
	s.git("repo", "branch", "mine", one)
	tests := []struct {
		name string
		want Commit
	}{
		{"main", Commit{two, "refs/heads/main"}},
		{"mine", Commit{one, "refs/heads/mine"}},
		{"theirs", Commit{one, "refs/remotes/origin/theirs"}},
		{"v1", Commit{one, "refs/tags/v1"}},
		{"refs/heads/mine", Commit{one, "refs/heads/mine"}},
		{"HEAD~1", Commit{ID: one}},
		{two[:7], Commit{ID: two}},
	}
	r := s.open("repo")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := r.Resolve(t.Context(), tt.name)
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got)\n%s", err, diff)
			}
		})
	}
	for _, name := range []string{"", "nowhere", "--all", "HEAD~9", "main:a", "a\nb"} {
		if _, err := r.Resolve(t.Context(), name); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Resolve(cancelled, "main"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestHead(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	r := s.open("repo")
	check := func(want Commit) {
		t.Helper()
		if got, err := r.Head(t.Context()); got != want || err != nil {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
	check(Commit{Ref: "refs/heads/main"})
	one := s.commit("repo", "a", "1")
	check(Commit{one, "refs/heads/main"})
	s.git("repo", "checkout", "-q", "--detach")
	check(Commit{ID: one})
	two := s.commit("repo", "a", "2")
	three := s.commit("repo", "a", "3")
	if diff := cmp.Diff([]string{two, one}, r.Ancestors(t.Context(), three, 9)); diff != "" {
		t.Errorf("ancestors (-want +got)\n%s", diff)
	}
	if got := r.Ancestors(t.Context(), "nowhere", 9); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

func TestDefaultBranch(t *testing.T) {
	tests := []struct {
		name, given string
		do          func(*sandbox) // in "repo", a clone of "up" on trunk with the branch topic checked out
		want        Branch         // its ID is not compared
		hint        string
	}{
		{"the remote's HEAD", "", func(*sandbox) {}, Branch{"trunk", Commit{Ref: "refs/remotes/origin/trunk"}}, ""},
		{"no HEAD of the remote, main", "", func(s *sandbox) {
			s.git("repo", "remote", "set-head", "origin", "--delete")
			s.git("repo", "update-ref", "refs/remotes/origin/main", "HEAD")
		}, Branch{"main", Commit{Ref: "refs/remotes/origin/main"}}, ""},
		{"no remote, master", "", func(s *sandbox) {
			s.git("repo", "remote", "remove", "origin")
			s.git("repo", "branch", "master")
		}, Branch{"master", Commit{Ref: "refs/heads/master"}}, ""},
		{"configured", "", func(s *sandbox) {
			s.git("repo", "remote", "remove", "origin")
			s.git("repo", "config", "init.defaultBranch", "trunk")
		}, Branch{"trunk", Commit{Ref: "refs/heads/trunk"}}, ""},
		{"none", "", func(s *sandbox) {
			s.git("repo", "remote", "remove", "origin")
			s.git("repo", "branch", "-D", "trunk")
		}, Branch{}, ""},
		{"of a pull request", "release", func(s *sandbox) {
			s.git("repo", "update-ref", "refs/remotes/origin/release", "HEAD")
		}, Branch{"release", Commit{Ref: "refs/remotes/origin/release"}}, ""},
		{"of a pull request, not fetched", "release", func(*sandbox) {}, Branch{}, `git fetch origin "release" (actions/checkout: fetch-depth: 0)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSandbox(t)
			s.git("up", "init", "-q", "-b", "trunk")
			s.commit("up", "a", "1")
			s.git("", "clone", "-q", "up", "repo")
			s.git("repo", "checkout", "-q", "-b", "topic")
			tt.do(s)
			got, err := s.open("repo").DefaultBranch(t.Context(), tt.given)
			if (err != nil) != (tt.want.Name == "") || err != nil && !errors.Is(err, ErrUnknown) {
				t.Errorf("error: %v", err)
			}
			got.ID = ""
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			checkHint(t, err, tt.hint)
		})
	}
}

func checkHint(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	var e *Error
	if errors.As(err, &e) {
		got = e.Hint
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hint (-want +got)\n%s", diff)
	}
}

func TestMergeBase(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	base := s.commit("repo", "a", "1")
	s.git("repo", "checkout", "-q", "-b", "topic")
	topic := s.commit("repo", "b", "1")
	s.git("repo", "checkout", "-q", "main")
	main := s.commit("repo", "a", "2")
	r := s.open("repo")
	if got, err := r.MergeBase(t.Context(), main, topic); got.ID != base || err != nil {
		t.Errorf("got %v, %v; want %s", got, err, base)
	}
	s.git("repo", "checkout", "-q", "--orphan", "other")
	other := s.commit("repo", "c", "1")
	_, err := r.MergeBase(t.Context(), main, other)
	if err == nil || !strings.Contains(err.Error(), "have no commit in common") {
		t.Errorf("strangers: %v", err)
	}
	s.git("", "clone", "-q", "--no-local", "--depth=1", "--no-single-branch", "file://"+filepath.ToSlash(s.dir)+"/repo", "shallow")
	_, err = s.open("shallow").MergeBase(t.Context(), main, topic)
	if err == nil || !strings.Contains(err.Error(), "this clone holds only the newest ones") {
		t.Errorf("a shallow clone: %v", err)
	}
	checkHint(t, err, unshallow)
	_, err = s.open("shallow").Resolve(t.Context(), "main~1")
	if !errors.Is(err, ErrUnknown) {
		t.Errorf("a shallow clone: %v", err)
	}
	checkHint(t, err, unshallow)
}

func TestChangedFiles(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	s.write("repo/.gitignore", "bin/\n")
	s.write("repo/old name.go", strings.Repeat("text\n", 20))
	s.write("repo/same.go", "")
	s.write("repo/deleted.go", "")
	base := s.commit("repo", "services/api/main.go", "1")
	r := s.open("repo/services/api")
	check := func(name, candidate string, want []string, except ...string) {
		t.Helper()
		got, err := r.ChangedFiles(t.Context(), base, candidate, except...)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
		}
	}
	check("nothing", "", []string{})
	s.git("repo", "mv", "old name.go", "ü.go")
	second := s.commit("repo", "services/api/main.go", "2")
	check("commits", second, []string{"old name.go", "services/api/main.go", "ü.go"})
	check("the same commit", base, []string{})
	s.write("repo/services/api/main.go", "1") // as in base again
	s.write("repo/services/staged.go", "")
	s.git("repo", "add", "services/staged.go")
	s.write("repo/untracked.go", "")
	s.write("repo/bin/app", "")
	s.write("repo/out[1]/report.json", "")
	if err := os.Remove(filepath.Join(s.dir, "repo", "deleted.go")); err != nil {
		t.Fatal(err)
	}
	check("the working tree", "", []string{"deleted.go", "old name.go", "services/staged.go", "untracked.go", "ü.go"},
		filepath.Join(s.dir, "repo", "out[1]"), filepath.Join(s.dir, "elsewhere"), filepath.Join(s.dir, "repo"))
	// What git tracks counts wherever it lies.
	check("in a folder that is left out", "", []string{"deleted.go", "old name.go", "services/staged.go", "ü.go"},
		filepath.Join(s.dir, "repo", "services"), filepath.Join(s.dir, "repo", "out[1]"), filepath.Join(s.dir, "repo", "untracked.go"))
	checkFiles := func(commit string, want ...string) {
		t.Helper()
		got, err := r.Files(t.Context(), commit)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("files of %q: %v (-want +got)\n%s", commit, err, diff)
		}
	}
	checkFiles(base, ".gitignore", "deleted.go", "old name.go", "same.go", "services/api/main.go")
	checkFiles("", ".gitignore", "deleted.go", "same.go", "services/api/main.go", "services/staged.go", "ü.go")
	if _, err := r.ChangedFiles(t.Context(), "nowhere", ""); err == nil {
		t.Error("of nothing: no error")
	}
	dirty, err := r.Dirty(t.Context())
	if !dirty || err != nil {
		t.Errorf("dirty: %t, %v", dirty, err)
	}
}
