package git

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sandbox is a folder with an environment in which git has nobody's
// configuration.
type sandbox struct {
	t       *testing.T
	dir     string
	environ []string
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	t.Setenv("TMPDIR", filepath.Join(dir, "tmp")) // of worktrees
	s := &sandbox{t: t, dir: dir, environ: append(Environ(os.Environ()), "HOME="+dir, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL="+filepath.Join(dir, "gitconfig"),
		"GIT_AUTHOR_NAME=ana", "GIT_AUTHOR_EMAIL=ana@example.com", "GIT_COMMITTER_NAME=ana", "GIT_COMMITTER_EMAIL=ana@example.com",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=protocol.file.allow", "GIT_CONFIG_VALUE_0=always")}
	if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	return s
}

// git runs git in a folder of the sandbox, which is made when missing.
func (s *sandbox) git(folder string, args ...string) string {
	s.t.Helper()
	dir := filepath.Join(s.dir, folder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = dir, s.environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (s *sandbox) write(file, text string) {
	s.t.Helper()
	file = filepath.Join(s.dir, file)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// commit writes a file, commits everything and returns the commit.
func (s *sandbox) commit(folder, file, text string) string {
	s.t.Helper()
	s.write(filepath.Join(folder, file), text)
	s.git(folder, "add", "--all")
	s.git(folder, "commit", "--quiet", "-m", file)
	return s.git(folder, "rev-parse", "HEAD")
}

func (s *sandbox) open(folder string) *Repo {
	s.t.Helper()
	r, err := Open(s.t.Context(), filepath.Join(s.dir, folder), s.environ)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *sandbox) read(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// leave makes a folder as a killed perfgate leaves it, and returns its path.
func (s *sandbox) leave(name string) string {
	s.t.Helper()
	folder := filepath.Join(s.dir, name)
	s.write(filepath.Join(name, lockName), mark(folder))
	return folder
}

// link makes a symbolic link, where they can be made.
func (s *sandbox) link(named, link string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Join(s.dir, filepath.Dir(link)), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Symlink(named, filepath.Join(s.dir, link)); err != nil {
		s.t.Skip(err)
	}
}
