package git

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// A repository that cannot be read is never taken for none.
func TestOpenRefused(t *testing.T) {
	const work = "mend it until git status works there"
	remove := func(s *sandbox, name string) {
		if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
			s.t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		do   func(*sandbox) // in "repo"
		want string         // regular expression; empty: there is none
		hint string
	}{
		{"its configuration is broken", func(s *sandbox) { s.write("repo/.git/config", "[core\n") }, `: bad config line 1 in file .*config$`, work},
		{"it needs a newer git", func(s *sandbox) {
			s.write("repo/.git/config", "[core]\nrepositoryformatversion = 1\n[extensions]\nfrobnicate = true\n")
		}, `: unknown repository extension found: frobnicate$`, work},
		{"its HEAD is lost", func(s *sandbox) { remove(s, "repo/.git/HEAD") }, `not a git repository`, work},
		{"its .git leads nowhere", func(s *sandbox) {
			remove(s, "repo/.git")
			s.write("repo/.git", "gitdir: ../gone\n")
		}, `not a git repository: .*gone$`, work},
		{"git is not installed", func(s *sandbox) { s.t.Setenv("PATH", s.dir) }, `^git is not installed, but there is a repository: .*repo..git$`, "install git, or put it in PATH"},
		{"git is not installed, nor needed", func(s *sandbox) {
			s.t.Setenv("PATH", s.dir)
			remove(s, "repo/.git")
		}, "", ""},
		{"an empty .git", func(s *sandbox) {
			remove(s, "repo/.git")
			if err := os.Mkdir(filepath.Join(s.dir, "repo/.git"), 0o755); err != nil {
				s.t.Fatal(err)
			}
		}, "", ""},
		{"one that is out of reach", func(s *sandbox) {
			s.environ = append(s.environ, "GIT_CEILING_DIRECTORIES="+filepath.Join(s.dir, "repo"))
		}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSandbox(t)
			s.git("repo", "init", "-q", "-b", "main")
			s.commit("repo", "inner/a", "1")
			tt.do(s)
			_, err := Open(t.Context(), filepath.Join(s.dir, "repo", "inner"), s.environ)
			if err == nil || errors.Is(err, ErrNoRepository) != (tt.want == "") || !regexp.MustCompile(tt.want).MatchString(err.Error()) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			checkHint(t, err, tt.hint)
		})
	}
}

// A branch whose commit is lost is not one without a commit.
func TestHeadLost(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	id := s.commit("repo", "a", "1")
	if err := os.Remove(filepath.Join(s.dir, "repo/.git/objects", id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
	got, err := s.open("repo").Head(t.Context())
	if err == nil || err.Error() != "HEAD is "+id[:7]+", which is not in this repository" {
		t.Errorf("got %v, %v", got, err)
	}
}
