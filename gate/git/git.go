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
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNoRepository says that a folder belongs to no repository with a work tree.
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
// any other is an *Error, in git's own words: there is one, but git refuses it
// or is not installed.
func Open(ctx context.Context, dir string, environ []string) (*Repo, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("git: %w", err)
	}
	r := &Repo{root: absolute, environ: quiet(environ)}
	var answers [3]string
	// One question each: a path may hold a line break.
	for i, question := range []string{"--show-prefix", "--git-common-dir", "--show-toplevel"} {
		if answers[i], err = r.git(ctx, "rev-parse", question); err != nil {
			return nil, r.unopened(absolute, err)
		}
	}
	r.prefix = strings.TrimSuffix(answers[0], "/")
	r.common = filepath.FromSlash(answers[1])
	if !filepath.IsAbs(r.common) {
		r.common = filepath.Join(absolute, r.common)
	}
	r.root = filepath.FromSlash(answers[2])
	return r, nil
}

// unopened tells a folder without a repository from one whose repository cannot
// be read: what cannot be read is never taken for what is not there.
func (r *Repo) unopened(dir string, err error) error {
	var refused *refusal
	asked := errors.As(err, &refused)
	around := r.repositoryAround(dir)
	switch {
	case errors.Is(err, exec.ErrNotFound) && around != "":
		return &Error{fmt.Errorf("git is not installed, but there is a repository: %s", around), "install git, or put it in PATH"}
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%w: git is not installed", ErrNoRepository)
	case !asked:
		return err
	case strings.Contains(refused.said, "dubious ownership"):
		return distrusted(refused, dir)
	case strings.Contains(refused.said, "must be run in a work tree"):
		return fmt.Errorf("%w: %s", ErrNoRepository, dir)
	case strings.Contains(refused.said, "not a git repository (or any") && around == "":
		return fmt.Errorf("%w: %s", ErrNoRepository, dir)
	}
	where := dir
	if around != "" {
		where = around
	}
	return &Error{fmt.Errorf("git cannot read the repository %s: %w", where, err), "mend it until git status works there"}
}

// repositoryAround finds what looks like a repository's .git in a folder or one
// around it, without git; empty: there is none, or git was told where to stop.
func (r *Repo) repositoryAround(dir string) string {
	if slices.ContainsFunc(r.environ, func(entry string) bool { return strings.HasPrefix(entry, "GIT_CEILING_DIRECTORIES=") }) {
		return ""
	}
	for {
		name := filepath.Join(dir, ".git")
		info, err := os.Stat(name)
		if err == nil && info.IsDir() {
			entries, err := os.ReadDir(name)
			if err != nil || len(entries) > 0 {
				return name
			}
		} else if err == nil {
			return name
		}
		if filepath.Dir(dir) == dir {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}

// distrusted is a repository of another user, as in a container whose user is
// not the one that checked it out. Git names it in quotes.
func distrusted(refused *refusal, dir string) error {
	if _, after, ok := strings.Cut(refused.said, "'"); ok {
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
	said string // all of it, trimmed; empty: nothing
}

// Error is what git said, as far as it says why.
func (e *refusal) Error() string {
	if e.said == "" {
		return fmt.Sprintf("git ended with exit status %d", e.code)
	}
	return reason(e.said)
}

// A call is how git is called, where that is not in the root.
type call struct {
	dir     string   // working folder; empty: the root
	environ []string // further variables
	// lock is kept by git and all that it starts as long as they live, also
	// when this process is killed: they still write; nil: none.
	lock *os.File
}

// git runs git in the root and returns what it printed, without the last line
// break. The error is a *refusal when git ran and ended with one.
func (r *Repo) git(ctx context.Context, args ...string) (string, error) {
	return r.call(ctx, call{}, args...)
}

// call runs git in another way.
func (r *Repo) call(ctx context.Context, c call, args ...string) (string, error) {
	// No hook of the repository is meant for what is done here.
	args = append([]string{"--no-pager", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "maintenance.auto=false"}, args...)
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = c.dir, slices.Concat(r.environ, c.environ)
	if c.dir == "" {
		cmd.Dir = r.root
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &said, endsWithin
	inGroup(cmd)
	if c.lock != nil {
		holdLock(cmd, c.lock)
	}
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return strings.TrimSuffix(out.String(), "\n"), nil
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.As(err, &exit):
		return "", &refusal{exit.ExitCode(), strings.TrimSpace(said.String())}
	}
	return "", fmt.Errorf("git: %w", err)
}

// reason is where git says why, without its level, in one line.
func reason(said string) string {
	lines := strings.Split(said, "\n")
	for _, level := range []string{"fatal: ", "error: "} {
		for i, line := range lines { // the first of the worst is the cause
			found, ok := strings.CutPrefix(line, level)
			if !ok {
				continue
			}
			for _, more := range lines[i+1:] {
				if !strings.HasPrefix(more, "\t") {
					break
				}
				found += " " + strings.TrimSpace(more) // as in "extensions found:"
			}
			return found
		}
	}
	return lines[len(lines)-1]
}
