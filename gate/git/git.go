// Package git asks the git program about a repository, and checks commits out
// into temporary worktrees, without leaving a trace in the repository: no hook
// runs, nothing is fetched for the whole, nobody is asked for a password, and
// neither the index nor the configuration is written.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNoRepository says that a folder belongs to no repository, or that there is
// no git to ask.
var ErrNoRepository = errors.New("no git repository")

// ErrUnknown says that a name is no commit of the repository.
var ErrUnknown = errors.New("no commit that git knows")

// An Error is what git or its repository refuses, and what mends it.
type Error struct {
	Err  error
	Hint string // one line: the command or edit that mends it; empty: nothing is known
}

// Error returns the error, without the hint.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// A Repo is a repository with a work tree, as seen from one of its folders.
type Repo struct {
	root    string // top folder of the work tree
	prefix  string // of the folder, from root, with slashes; empty at root
	common  string // .git of the main work tree
	environ []string
}

// endsWithin is how long git may take to end after it was asked to.
const endsWithin = 5 * time.Second

// Open finds the repository of a folder. Environ is the caller's environment,
// as os.Environ gives it. The error wraps ErrNoRepository when there is none;
// any other is an *Error: git refuses it.
func Open(ctx context.Context, dir string, environ []string) (*Repo, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("git: %w", err)
	}
	r := &Repo{root: absolute, environ: quiet(environ)}
	out, err := r.git(ctx, "rev-parse", "--show-toplevel", "--git-common-dir", "--show-prefix")
	var refused *refusal
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("%w: git is not installed", ErrNoRepository)
	case errors.As(err, &refused) && strings.Contains(refused.text, "dubious ownership"):
		return nil, distrusted(refused, absolute)
	case errors.As(err, &refused): // none, or one without a work tree
		return nil, fmt.Errorf("%w: %s", ErrNoRepository, absolute)
	case err != nil:
		return nil, err
	}
	lines := strings.SplitN(out, "\n", 3)
	if len(lines) < 2 {
		return nil, fmt.Errorf("%w: %s", ErrNoRepository, absolute)
	}
	if len(lines) == 3 {
		r.prefix = strings.TrimSuffix(lines[2], "/")
	}
	r.common = filepath.FromSlash(lines[1])
	if !filepath.IsAbs(r.common) {
		r.common = filepath.Join(absolute, r.common)
	}
	r.root = filepath.FromSlash(lines[0])
	return r, nil
}

// distrusted is a repository of another user, as in a container whose user is
// not the one that checked it out. Git names it in quotes.
func distrusted(refused *refusal, dir string) error {
	if _, after, ok := strings.Cut(refused.text, "'"); ok {
		dir, _, _ = strings.Cut(after, "'")
	}
	return &Error{fmt.Errorf("git does not trust %s: it belongs to another user", dir), "git config --global --add safe.directory " + dir}
}

// Root returns the top folder of the work tree, absolute, links resolved.
func (r *Repo) Root() string { return r.root }

// Prefix returns the path of the opened folder from Root, with slashes and
// without one at its end; empty when it is Root.
func (r *Repo) Prefix() string { return r.prefix }

// Environ returns an environment without the variables by which git tells its
// hooks which repository they belong to: in another folder they would make
// every git answer for the wrong one.
func Environ(environ []string) []string {
	local := []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX",
		"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_NAMESPACE",
		"GIT_REPLACE_REF_BASE", "GIT_NO_REPLACE_OBJECTS", "GIT_QUARANTINE_PATH"}
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(local, name)
	})
}

// quiet is the environment of git: no prompt, no pager, no lock for what only
// looks, messages that can be told apart.
func quiet(environ []string) []string {
	return append(Environ(environ), "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_PAGER=cat", "LC_ALL=C")
}

// A refusal is a git that ended with an error.
type refusal struct {
	code int
	text string // what it said; empty: nothing
}

// Error is what git said.
func (e *refusal) Error() string {
	if e.text == "" {
		return fmt.Sprintf("git ended with exit status %d", e.code)
	}
	return e.text
}

// git runs git in the root and returns what it printed, without the last line
// break. The error is a *refusal when git ran and ended with one.
func (r *Repo) git(ctx context.Context, args ...string) (string, error) {
	return r.gitIn(ctx, r.root, nil, args...)
}

// gitIn is git in another folder, with further variables.
func (r *Repo) gitIn(ctx context.Context, dir string, environ []string, args ...string) (string, error) {
	// No hook of the repository is meant for what is done here.
	args = append([]string{"--no-pager", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "maintenance.auto=false"}, args...)
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = dir, slices.Concat(r.environ, environ)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &said, endsWithin
	inGroup(cmd)
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return strings.TrimSuffix(out.String(), "\n"), nil
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.As(err, &exit):
		return "", &refusal{exit.ExitCode(), lastLine(said.String())}
	}
	return "", fmt.Errorf("git: %w", err)
}

// lastLine is where git says why, without its level.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, level := range []string{"fatal: ", "error: "} {
		for _, line := range lines { // the first of the worst is the cause
			if found, ok := strings.CutPrefix(line, level); ok {
				return found
			}
		}
	}
	return lines[len(lines)-1]
}
