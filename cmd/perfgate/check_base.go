package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/git"
	"github.com/perfgate/perfgate/gate/unchanged"
)

// mergeBase makes the commit that the candidate's change began at the baseline,
// where there is one and both can be started. Else x.why tells why the candidate
// is compared with the store.
func (a *app) mergeBase(ctx context.Context, x *sides) error {
	base, label, why, err := a.findBase(ctx, x)
	if err != nil {
		return err
	}
	if why == "" {
		err := a.baselineOf(ctx, x, base.ID, label)
		var missing *missingFolder
		if !errors.As(err, &missing) {
			x.paired = true
			return err
		}
		why = fmt.Sprintf("%s is new since %s (%s)", missing.folder, missing.commit.Short(), label)
	}
	x.why = why
	if x.scenario.Check.Design == gate.DesignPaired {
		return usage("perfgate check --baseline REF|FOLDER|URL", "check: %s says design: paired, but there is no baseline: %s", x.scenario.Source, why)
	}
	return nil
}

// A missingFolder is a commit without the folder that the scenario lies in.
type missingFolder struct {
	commit git.Commit
	folder string // from the root of the repository, with slashes
}

// Error says which.
func (e *missingFolder) Error() string {
	return fmt.Sprintf("%s has no folder %s", e.commit.Short(), e.folder)
}

// named is a missingFolder as the failure of a flag that named its commit.
func named(side, name string, err error) error {
	var missing *missingFolder
	if errors.As(err, &missing) {
		return usage("name a newer commit", "--%s %s: %w", side, name, missing)
	}
	return err
}

// findBase finds the commit to compare with and how people call it; why it is
// none.
func (a *app) findBase(ctx context.Context, x *sides) (base git.Commit, label, why string, err error) {
	switch {
	case x.scenario.Check.Design == gate.DesignHistory:
		return base, "", "check.design is history", nil
	case x.candidate.spec.URL != "" && !x.deployed(x.candidate.spec):
		return base, "", "a URL cannot be started", nil
	}
	if err := a.openRepo(ctx, x); errors.Is(err, git.ErrNoRepository) {
		return base, "", "there is no git repository here", nil
	} else if err != nil {
		return base, "", "", refused(err)
	}
	candidate := x.candidate.commit
	if candidate.ID == "" {
		if candidate, err = x.repo.Head(ctx); err != nil {
			return base, "", "", refused(err)
		}
	}
	if candidate.ID == "" {
		return base, "", "the repository has no commit yet", nil
	}
	base, branch, err := a.branchPoint(ctx, x.repo, candidate)
	switch {
	case errors.Is(err, git.ErrUnknown) && hintOf(err) == "":
		return base, "", "no default branch is known here", nil
	case err != nil:
		return base, "", "", refused(err)
	case base.ID != candidate.ID:
		return base, "merge base with " + branch, "", nil
	}
	why, err = a.nothingNew(ctx, x, base, branch)
	return base, "merge base with " + branch, why, err
}

// branchPoint is where a commit left the branch into which it goes. CI tells
// which one that is.
func (a *app) branchPoint(ctx context.Context, repo *git.Repo, candidate git.Commit) (git.Commit, string, error) {
	given := a.baseBranch()
	branch, err := repo.DefaultBranch(ctx, given)
	if err == nil {
		var base git.Commit
		if base, err = repo.MergeBase(ctx, branch.ID, candidate.ID); err == nil {
			return base, branch.Name, nil
		}
	}
	// GitHub checks out the merge of a pull request, which the branch's tip is
	// the first parent of: two commits are enough.
	ref := a.get("GITHUB_REF")
	if given == "" || !strings.HasPrefix(ref, "refs/pull/") || !strings.HasSuffix(ref, "/merge") {
		return git.Commit{}, "", err
	}
	if _, second := repo.Resolve(ctx, candidate.ID+"^2"); second != nil {
		return git.Commit{}, "", err
	}
	base, first := repo.Resolve(ctx, candidate.ID+"^1")
	if first != nil {
		return git.Commit{}, "", err
	}
	return base, given, nil
}

// nothingNew is why a candidate that has no commit of its own is compared with
// the store; empty: it has changes that are not committed. On a branch that
// others start from the store is the baseline, also where a job of a pipeline has
// left files about that do not matter; on a laptop without one nothing can be compared.
func (a *app) nothingNew(ctx context.Context, x *sides, base git.Commit, branch string) (why string, err error) {
	if x.changed, err = x.changes(ctx, base); err != nil {
		return "", err
	}
	skip, err := x.unchanged(ctx)
	files, changed := x.changed, len(x.changed) > 0
	x.changed = nil
	pipeline := a.get("CI") != "" || a.jobID() != ""
	if err != nil || skip == nil || changed && !pipeline {
		return "", err
	}
	what := "the working tree is"
	if x.candidate.commit.ID != "" {
		what = x.candidate.label + " is"
	}
	why = fmt.Sprintf("%s the merge base with %s", what, branch)
	if changed {
		why += ", but for files that are not under paths"
	}
	if pipeline || x.scenario.Check.Design != "" || x.storeExists() {
		return why, x.strayGlobs(ctx, files)
	}
	return "", usage("perfgate check --baseline HEAD~1", "nothing to compare: %s", why)
}

// strayGlobs warns of globs of paths that match no file: with nothing but a typo
// there a gate would skip every change. changed are files that count as well.
func (x *sides) strayGlobs(ctx context.Context, changed []string) error {
	if len(x.scenario.Paths) == 0 {
		return nil
	}
	files, err := x.repo.Files(ctx, x.candidate.commit.ID)
	if err != nil {
		return refused(err)
	}
	x.warnings = nil
	for _, glob := range unchanged.Unmatched(x.scenario.Paths, slices.Concat(files, changed)) {
		x.warnings = append(x.warnings, gate.Warning{Code: "paths_unmatched", Text: fmt.Sprintf("paths: %q matches no file of the repository", glob)})
	}
	return nil
}

// storeExists reports whether there is a store already; one that is no folder
// was set up by somebody.
func (x *sides) storeExists() bool {
	if x.o.store != "" {
		return true
	}
	folder, ok := strings.CutPrefix(x.scenario.Baseline.Store, "dir:")
	return !ok || isFolder(x.beside(folder))
}

// baseBranch is the branch into which a pull request goes, as CI tells; empty:
// there is none.
func (a *app) baseBranch() string {
	for _, name := range []string{"GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
		"SYSTEM_PULLREQUEST_TARGETBRANCH", "BITBUCKET_PR_DESTINATION_BRANCH", "CHANGE_TARGET"} {
		if branch := a.get(name); branch != "" {
			return strings.TrimPrefix(branch, "refs/heads/")
		}
	}
	return ""
}
