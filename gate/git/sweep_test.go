package git

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever git lists, and whatever is called like a folder of perfgate's, is
// somebody's unless its lock proves that it is not.
func TestSweepTakesNothingElse(t *testing.T) {
	const folder = "tmp/" + folderPrefix + "1"
	// listAs makes git list a worktree at another place than where it is.
	listAs := func(s *sandbox, dir string) {
		s.git("repo", "worktree", "add", "-q", "--detach", "../moved")
		s.write("repo/.git/worktrees/moved/gitdir", s.dir+"/"+dir+"/.git\n")
	}
	tests := []struct {
		name, repo string
		do         func(*sandbox)
		precious   []string
	}{
		{"the repository", folder + "/repo", func(*sandbox) {}, []string{folder + "/repo/a"}},
		{"the repository, as deep", folder + "/tree/repo", func(*sandbox) {}, []string{folder + "/tree/repo/a"}},
		{"the repository, beside a lock", folder + "/tree/repo", func(s *sandbox) { s.leave(folder) }, []string{folder + "/tree/repo/a", folder + "/lock"}},
		{"somebody's worktree", "repo", func(s *sandbox) {
			s.git("repo", "worktree", "add", "-q", "--detach", "../"+folder+"/tree/repo")
		}, []string{folder + "/tree/repo/a"}},
		{"somebody's worktree, as flat", "repo", func(s *sandbox) {
			s.git("repo", "worktree", "add", "-q", "--detach", "../"+folder+"/repo")
			s.leave(folder)
		}, []string{folder + "/repo/a", folder + "/lock"}},
		{"with a lock that says nothing", "repo", func(s *sandbox) {
			s.git("repo", "worktree", "add", "-q", "--detach", "../"+folder+"/tree/repo")
			s.write(folder+"/lock", "")
		}, []string{folder + "/tree/repo/a", folder + "/lock"}},
		{"a copy of a left one", "repo", func(s *sandbox) {
			s.git("repo", "worktree", "add", "-q", "--detach", "../"+folder+"/tree/repo")
			s.write(folder+"/lock", mark(filepath.Join(s.dir, "tmp", folderPrefix+"2")))
		}, []string{folder + "/tree/repo/a", folder + "/lock"}},
		{"somebody's worktree in a left folder", "repo", func(s *sandbox) {
			s.git("repo", "worktree", "add", "-q", "--detach", "../"+folder+"/tree/repo")
			s.git("repo", "worktree", "add", "-q", "--detach", "../"+folder+"/mine")
			s.leave(folder)
		}, []string{folder + "/mine/a", folder + "/tree/repo/a"}},
		{"a repository in the place of a left worktree", "repo", func(s *sandbox) {
			s.git("repo", "worktree", "add", "-q", "--detach", "../"+folder+"/tree/repo")
			if err := os.RemoveAll(filepath.Join(s.dir, folder, "tree", "repo")); err != nil {
				s.t.Fatal(err)
			}
			s.git("", "clone", "-q", "repo", folder+"/tree/repo")
			s.leave(folder)
		}, []string{folder + "/tree/repo/a"}},
		{"an entry that leads elsewhere", "repo", func(s *sandbox) {
			s.write("precious/a", "")
			listAs(s, "precious")
		}, []string{"precious/a"}},
		{"an entry that leads elsewhere by dots", "repo", func(s *sandbox) {
			s.write("precious/a", "")
			s.leave(folder)
			listAs(s, folder+"/tree/../../../precious")
		}, []string{"precious/a"}},
		{"a link in the place of the folder", "repo", func(s *sandbox) {
			s.write("precious/tree/repo/a", "")
			s.write("precious/lock", mark(filepath.Join(s.dir, folder)))
			s.link(filepath.Join(s.dir, "precious"), folder)
			listAs(s, folder+"/tree/repo")
		}, []string{"precious/tree/repo/a", "precious/lock"}},
		{"a link in the place of the tree", "repo", func(s *sandbox) {
			s.write("precious/repo/a", "")
			s.leave(folder)
			s.link(filepath.Join(s.dir, "precious"), folder+"/tree")
			listAs(s, folder+"/tree/repo")
		}, []string{"precious/repo/a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSandbox(t)
			s.git(tt.repo, "init", "-q", "-b", "main")
			s.commit(tt.repo, "a", "1")
			tt.do(s)
			if n, err := s.open(tt.repo).Sweep(t.Context()); n != 0 || err != nil {
				t.Errorf("swept %d, %v", n, err)
			}
			for _, file := range append(tt.precious, tt.repo+"/.git/HEAD") {
				if _, err := os.Stat(filepath.Join(s.dir, file)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Links in a left worktree are removed, not what they name.
func TestSweepFollowsNoLink(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	s.commit("repo", "a", "1")
	folder := "tmp/" + folderPrefix + "1"
	s.git("repo", "worktree", "add", "-q", "--detach", "../"+folder+"/tree/repo")
	s.write("precious/a", "")
	s.link(filepath.Join(s.dir, "precious"), folder+"/tree/repo/link")
	s.leave(folder)
	if n, err := s.open("repo").Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	s.nothingLeft("repo")
	if _, err := os.Stat(filepath.Join(s.dir, "precious", "a")); err != nil {
		t.Error(err)
	}
}

// What is left of one that git knows nothing of goes as far as it is empty.
func TestSweepOfUnknownFolders(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	for i, files := range [][]string{{}, {"index-a"}, {"tree/repo/"}, {"tree/repo/a"}, {"tree/a"}, {"mine"}, {"tree/repo/", "mine/"}} {
		folder := fmt.Sprintf("tmp/%s%d", folderPrefix, i)
		s.leave(folder)
		for _, name := range files {
			s.write(filepath.Join(folder, name, "x"), "")
			if err := os.Remove(filepath.Join(s.dir, folder, name, "x")); err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(name, "/") {
				if err := os.Remove(filepath.Join(s.dir, folder, name)); err != nil {
					t.Fatal(err)
				}
				s.write(filepath.Join(folder, name), "")
			}
		}
	}
	if n, err := s.open("repo").Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "tmp", "*", "*"))
	want := []string{"3/lock", "3/tree", "4/lock", "4/tree", "5/lock", "5/mine", "6/lock", "6/mine"}
	for i, name := range want {
		want[i] = filepath.Join(s.dir, "tmp", folderPrefix+name)
	}
	if diff := cmp.Diff(want, left); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// Names that perfgate or git uses itself, and those that are hard to read.
func TestWorktreeOfAnyName(t *testing.T) {
	for _, name := range []string{"lock", "tree", "index-a", "two\nlines", "ends\n", " blank "} {
		t.Run(name, func(t *testing.T) {
			s := newSandbox(t)
			s.git(name, "init", "-q", "-b", "main")
			s.commit(name, "sub/a", "1")
			r := s.open(name + "/sub")
			if r.Root() != filepath.Join(s.dir, name) || r.Prefix() != "sub" {
				t.Errorf("opened %q, %q", r.Root(), r.Prefix())
			}
			w, err := r.AddWorktree(t.Context(), "HEAD")
			if err != nil {
				t.Fatal(err)
			}
			if got := s.read(filepath.Join(w.Dir(), "sub", "a")); got != "1" || filepath.Base(w.Dir()) != name {
				t.Errorf("%s: a is %q", w.Dir(), got)
			}
			if n, err := r.Sweep(t.Context()); n != 0 || err != nil {
				t.Errorf("swept %d, %v", n, err)
			}
			w.lock.Close() // as when it was killed
			if n, err := r.Sweep(t.Context()); n != 1 || err != nil {
				t.Errorf("swept %d, %v", n, err)
			}
			s.nothingLeft(name)
		})
	}
	if got := baseName("/"); got != "root" {
		t.Errorf("/ is called %q", got)
	}
}

func TestWorktreeInARelativeFolder(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	s.commit("repo", "a", "1")
	r := s.open("repo")
	t.Chdir(s.dir)
	t.Setenv("TMPDIR", "tmp")
	w, err := r.AddWorktree(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.read(filepath.Join(w.Dir(), "a")); got != "1" || filepath.Dir(w.folder) != filepath.Join(s.dir, "tmp") {
		t.Errorf("%s: a is %q", w.Dir(), got)
	}
	if err := w.Remove(); err != nil {
		t.Error(err)
	}
	s.nothingLeft("repo")
}

// A worktree in the repository is no change of it, wherever it had to be.
func TestWorktreeInTheRepository(t *testing.T) {
	s := newSandbox(t)
	s.git("repo", "init", "-q", "-b", "main")
	base := s.commit("repo", "tmp/a", "1")
	r := s.open("repo")
	t.Setenv("TMPDIR", filepath.Join(s.dir, "repo", "tmp"))
	if diff := cmp.Diff([]string{s.dir, filepath.Join(s.dir, "repo", "tmp")}, r.places()); diff != "" {
		t.Errorf("places (-want +got)\n%s", diff)
	}
	folder, lock, err := lockedFolder(filepath.Join(s.dir, "repo", "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	s.git("repo", "worktree", "add", "-q", "--detach", filepath.Join(folder, treeName, "repo"))
	s.write("repo/tmp/"+folderPrefix+"2/lock", "somebody's")
	got, err := r.ChangedFiles(t.Context(), base, "")
	if diff := cmp.Diff([]string{"tmp/" + folderPrefix + "2/lock"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestExplainAdd(t *testing.T) {
	const space, there, write = "free some space, or set TMPDIR to a folder that has it", "set TMPDIR to a folder that is there and can be written to",
		"let git write to the .git of the repository, which keeps a list of its worktrees, and to TMPDIR"
	tests := []struct {
		name string
		err  error
		want string
		hint string
	}{
		{"full, told above", &refusal{128, "error: unable to write file a: No space left on device\nfatal: Could not reset index file to revision 'HEAD'."},
			"worktree: Could not reset index file to revision 'HEAD'.", space},
		{"full, before git", &os.PathError{Op: "write", Path: "lock", Err: os.NewSyscallError("write", errorText("no space left on device"))},
			"worktree: write lock: write: no space left on device", space},
		{"no folder", os.ErrNotExist, "worktree: file does not exist", there},
		{"read-only", &refusal{128, "fatal: could not create leading directories of '/r/.git/worktrees/r': Read-only file system"},
			"worktree: could not create leading directories of '/r/.git/worktrees/r': Read-only file system", write},
		{"anything else", &refusal{128, "fatal: invalid reference: x"}, "worktree: invalid reference: x", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := explainAdd(tt.err)
			if err.Error() != tt.want {
				t.Errorf("got %q, want %q", err, tt.want)
			}
			checkHint(t, err, tt.hint)
		})
	}
}

// errorText is an error that says a text.
type errorText string

// Error returns the text.
func (e errorText) Error() string { return string(e) }
