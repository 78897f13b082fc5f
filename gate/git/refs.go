package git

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A Commit is one commit and the name under which it was found.
type Commit struct {
	ID  string // 40 or 64 hex digits; empty: the repository has no commit yet
	Ref string // full name, "refs/heads/main"; empty: it was named in another way
}

// Short returns the first seven digits.
func (c Commit) Short() string { return c.ID[:min(7, len(c.ID))] }

// Resolve finds the commit that a name means: a branch, also one that only the
// remote has, a tag, digits, HEAD~1. The error wraps ErrUnknown when it means
// none.
func (r *Repo) Resolve(ctx context.Context, name string) (Commit, error) {
	if name == "" || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "\x00\n") {
		return Commit{}, fmt.Errorf("%q: %w", name, ErrUnknown)
	}
	for _, spelled := range []string{name, "refs/remotes/origin/" + name} {
		id, err := r.git(ctx, "rev-parse", "--verify", "--quiet", spelled+"^{commit}")
		var refused *refusal
		if errors.As(err, &refused) {
			continue
		}
		if err != nil {
			return Commit{}, err
		}
		ref, err := r.git(ctx, "rev-parse", "--symbolic-full-name", spelled)
		if err != nil || !strings.HasPrefix(ref, "refs/") {
			ref = "" // HEAD~1 has none
		}
		return Commit{ID: id, Ref: ref}, ctx.Err()
	}
	err := fmt.Errorf("%q: %w", name, ErrUnknown)
	if r.shallow(ctx) {
		return Commit{}, &Error{fmt.Errorf("%w; this clone holds only the newest ones", err), unshallow}
	}
	return Commit{}, err
}

const unshallow = "git fetch --unshallow (actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0)"

// shallow reports whether the clone lacks older commits.
func (r *Repo) shallow(ctx context.Context) bool {
	out, err := r.git(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && out == "true"
}

// Head returns the commit that is checked out and its branch, if there is one.
func (r *Repo) Head(ctx context.Context) (Commit, error) {
	c := Commit{}
	ref, err := r.git(ctx, "symbolic-ref", "--quiet", "HEAD")
	if err := broken(err); err != nil {
		return Commit{}, err
	}
	c.Ref = ref
	id, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	if broken(err) != nil {
		return Commit{}, err
	}
	if err != nil { // there is none yet, or it is lost
		if named, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "HEAD"); err == nil {
			return Commit{}, &Error{fmt.Errorf("HEAD is %.7s, which is not in this repository", named), "git fsck tells what is lost"}
		}
	}
	c.ID = id
	return c, nil
}

// broken is an error that is no answer of git's.
func broken(err error) error {
	var refused *refusal
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

// A Branch is a branch by its short name.
type Branch struct {
	Name string // "main"
	Commit
}

// DefaultBranch finds the branch into which changes go: the given one (of a
// pull request), else what the remote's HEAD is, else main or master, the
// remote's before the own, else the one that new repositories get. The error
// wraps ErrUnknown when there is none.
func (r *Repo) DefaultBranch(ctx context.Context, given string) (Branch, error) {
	names := []string{given}
	if given == "" {
		names = []string{"main", "master"}
		if ref, err := r.git(ctx, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"); err == nil {
			names = append([]string{strings.TrimPrefix(ref, "refs/remotes/origin/")}, names...)
		} else if broken(err) != nil {
			return Branch{}, err
		}
		if name, err := r.git(ctx, "config", "--get", "init.defaultBranch"); err == nil && name != "" {
			names = append(names, name)
		}
	}
	for _, folder := range []string{"refs/remotes/origin/", "refs/heads/"} {
		for _, name := range names {
			id, err := r.git(ctx, "rev-parse", "--verify", "--quiet", folder+name+"^{commit}")
			switch {
			case err == nil:
				return Branch{name, Commit{ID: id, Ref: folder + name}}, nil
			case broken(err) != nil:
				return Branch{}, err
			}
		}
	}
	if given != "" {
		return Branch{}, &Error{fmt.Errorf("the base branch %q: %w", given, ErrUnknown),
			"git fetch origin " + strconv.Quote(given) + " (actions/checkout: fetch-depth: 0)"}
	}
	return Branch{}, fmt.Errorf("a default branch: %w", ErrUnknown)
}

// MergeBase returns the newest commit that two commits have in common.
func (r *Repo) MergeBase(ctx context.Context, a, b string) (Commit, error) {
	out, err := r.git(ctx, "merge-base", a, b)
	if broken(err) != nil {
		return Commit{}, err
	}
	if err == nil {
		return Commit{ID: out}, nil
	}
	err = fmt.Errorf("%.7s and %.7s have no commit in common", a, b)
	if r.shallow(ctx) {
		return Commit{}, &Error{fmt.Errorf("%w here: this clone holds only the newest ones", err), unshallow}
	}
	return Commit{}, &Error{err, "name the baseline: perfgate check --baseline REF"}
}

// Ancestors returns at most n commits that a commit came from, nearest first:
// those before it by first parents. None: it has none, or git does not know it.
func (r *Repo) Ancestors(ctx context.Context, commit string, n int) []string {
	out, err := r.git(ctx, "rev-list", "--first-parent", "--skip=1", "--max-count="+strconv.Itoa(n), commit, "--")
	if err != nil {
		return nil
	}
	return strings.Fields(out)
}
