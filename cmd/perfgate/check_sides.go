package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/config"
	"github.com/perfgate/perfgate/gate/git"
)

// Sides are what a check compares and how it came to that. Its worktrees must
// be removed.
type sides struct {
	scenario  gate.Scenario // the candidate's
	waivers   gate.Waivers  // likewise
	candidate service
	baseline  service // of a paired session
	paired    bool    // else the candidate is compared with the store
	why       string  // there is no paired session, where one could be expected; else empty
	// repo is the candidate's; nil: it has none, or its side is a URL.
	repo *git.Repo
	// changed lists the files that differ between two sides of one repository;
	// nil: the sides are not both from it.
	changed []string

	// notes are for people, once they know the plan; warnings also for who
	// reads the report.
	notes    []string
	warnings []gate.Warning
	// confirms: the paired session is to confirm what a history saw.
	confirms bool

	args  []string // of the command
	o     checkOptions
	trees []*git.Worktree
}

// findSides finds the sides of a check: what its flags name, else the merge base
// with the default branch against the working tree, else the candidate alone.
// The caller must call removeTrees, also after an error.
func (a *app) findSides(ctx context.Context, x *sides) error {
	if err := a.findCandidate(ctx, x); err != nil {
		return err
	}
	if stray := strayWaivers(x.scenario, x.waivers); len(stray) > 0 {
		return stray
	}
	find := a.mergeBase
	if x.o.baseline != "" {
		find = a.namedBaseline
	}
	if err := find(ctx, x); err != nil {
		return err
	}
	if x.paired && x.baseline.spec.URL != "" && x.baseline.spec.URL == x.candidate.spec.URL && !x.deployed(x.baseline.spec, x.candidate.spec) {
		return usage("give each side an address of its own, or let target.prepare deploy it, with --order blocks",
			"check: both sides are the same service, %s", x.candidate.label)
	}
	return nil
}

// deployed reports whether sides are deployed one after the other, each by its
// prepare command, so that both may have the same URL.
func (x *sides) deployed(specs ...gate.Target) bool {
	for _, spec := range specs {
		if spec.Prepare == "" {
			return false
		}
	}
	return x.o.order == orderBlocks
}

// removeTrees removes the worktrees of the sides. That one is left is told, and
// decides nothing.
func (a *app) removeTrees(x *sides) {
	for _, tree := range x.trees {
		if err := tree.Remove(); err != nil {
			a.complain(err, hintOf(err))
		}
	}
	x.trees = nil
}

// file is the scenario file that the command line means: the named one, else
// that of the candidate's folder, else that of the working folder.
func (x *sides) file() string {
	switch {
	case len(x.args) > 0:
		return x.args[0]
	case x.o.candidate != "" && isFolder(x.o.candidate):
		return filepath.Join(x.o.candidate, scenarioFile)
	}
	return scenarioFile
}

// folder is that whose repository the commits are of: the candidate's, else
// that of the scenario file.
func (x *sides) folder() string {
	if x.o.candidate != "" && isFolder(x.o.candidate) {
		return x.o.candidate
	}
	return filepath.Dir(x.file())
}

// findCandidate finds the side under test with its scenario and waivers.
func (a *app) findCandidate(ctx context.Context, x *sides) (err error) {
	if name := x.o.candidate; name != "" && !isURL(name) {
		folder, err := a.isFolderOrRef(ctx, x, "candidate", name)
		if err != nil {
			return err
		}
		if !folder {
			return named("candidate", name, a.candidateOf(ctx, x, name))
		}
	}
	if x.scenario, err = readScenario(x.file(), a.env); err != nil {
		return err
	}
	if x.waivers, err = waiversBeside(x.scenario.Source); err != nil {
		return err
	}
	x.candidate = serviceOf(x.scenario)
	if x.deployed(x.candidate.spec) {
		x.candidate.dir = filepath.Dir(x.scenario.Source) // prepare runs there
	}
	if x.o.candidate != "" {
		x.candidate, err = a.sideService(x.o.candidate, x.scenario)
	}
	return err
}

// candidateOf checks a commit out as the side under test. Its own scenario is
// used unless the command line names a file, or it has none yet.
func (a *app) candidateOf(ctx context.Context, x *sides, name string) error {
	dir, commit, err := a.checkOut(ctx, x, "candidate", name)
	if err != nil {
		return err
	}
	file, called := filepath.Join(dir, scenarioFile), name+":"+scenarioFile
	if _, err := os.Stat(file); len(x.args) > 0 || errors.Is(err, os.ErrNotExist) {
		file, called = x.file(), x.file()
	}
	if x.scenario, err = readScenarioAs(file, called, a.env); err != nil {
		return err
	}
	if x.waivers, err = waiversBeside(file); err != nil {
		return err
	}
	x.scenario.Source = x.file() // what lies beside it, such as the store, is that of this folder
	if x.waivers.Source != "" {
		x.waivers.Source = filepath.Join(filepath.Dir(x.file()), acceptFile)
	}
	x.candidate, err = a.gitService(x, dir, name, commit)
	return err
}

// namedBaseline finds the side that --baseline names.
func (a *app) namedBaseline(ctx context.Context, x *sides) error {
	if x.scenario.Check.Design == gate.DesignHistory {
		return usage("remove --baseline, or check.design", "check: %s says design: history, but --baseline asks for a paired session", x.scenario.Source)
	}
	x.paired = true
	name := x.o.baseline
	folder := true
	var err error
	if !strings.Contains(name, "://") {
		if folder, err = a.isFolderOrRef(ctx, x, "baseline", name); err != nil {
			return err
		}
	}
	if folder {
		x.baseline, err = a.sideService(name, x.scenario)
		return err
	}
	return named("baseline", name, a.baselineOf(ctx, x, name, name))
}

// baselineOf checks a commit out as the reference side.
func (a *app) baselineOf(ctx context.Context, x *sides, name, label string) error {
	dir, commit, err := a.checkOut(ctx, x, "baseline", name)
	if err != nil {
		return err
	}
	if x.baseline, err = a.gitService(x, dir, label, commit); err != nil || x.candidate.dir == "" {
		return err
	}
	if x.changed, err = x.changes(ctx, commit); err != nil {
		return err
	}
	return x.strayGlobs(ctx, x.changed)
}

// changes lists the files in which the candidate differs from a commit of its
// repository. What perfgate itself writes there, and git does not track, is none
// of it.
func (x *sides) changes(ctx context.Context, base git.Commit) ([]string, error) {
	var except []string
	for _, name := range []string{"baseline.json", "candidate.json", "report.json", "report.md", "logs/baseline", "logs/candidate"} {
		except = append(except, filepath.Join(x.o.out, name)) // beside sources, maybe
	}
	if folder, ok := strings.CutPrefix(x.o.store, "dir:"); x.o.store != "" && (ok || !strings.Contains(folder, ":")) {
		except = append(except, folder)
	} else if folder, ok := strings.CutPrefix(x.scenario.Baseline.Store, "dir:"); ok && x.o.store == "" {
		except = append(except, x.beside(folder))
	}
	files, err := x.repo.ChangedFiles(ctx, base.ID, x.candidate.commit.ID, except...)
	if err != nil {
		return nil, refused(err)
	}
	return files, nil
}

// beside is a path that the scenario file names.
func (x *sides) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(x.scenario.Source), path)
}

// isFolderOrRef tells what the name of a side is that is no URL.
func (a *app) isFolderOrRef(ctx context.Context, x *sides, side, name string) (folder bool, err error) {
	folder = isFolder(name)
	if folder && (filepath.IsAbs(name) || name == "." || name == ".." || strings.ContainsAny(name[:1], `./\`)) {
		return true, nil // written as a path
	}
	why := a.openRepo(ctx, x)
	if why != nil && !folder && !errors.Is(why, git.ErrNoRepository) {
		return false, refused(why)
	}
	if x.repo == nil {
		if !folder {
			return false, usage("name a folder, an http URL, or a commit of a git repository", "--%s %s: is no folder and no URL, and there is no git repository here",
				side, baselines.Redact(name))
		}
		return true, nil
	}
	commit, err := x.repo.Resolve(ctx, name)
	switch {
	case err == nil && folder:
		return false, usage(fmt.Sprintf("write ./%s for the folder, %s for the commit", name, firstOf(commit.Ref, commit.ID)),
			"--%s %s: is both a folder and a commit", side, name)
	case err == nil:
		return false, nil
	case !errors.Is(err, git.ErrUnknown):
		return false, refused(err)
	case !folder:
		return false, usage(firstOf(hintOf(err), "git branch --all lists what can be named"), "--%s %s: is no folder, no URL and no commit that git knows", side, baselines.Redact(name))
	}
	return true, nil
}

// openRepo finds the repository of the candidate's folder, once, and removes
// what a killed perfgate left in it.
func (a *app) openRepo(ctx context.Context, x *sides) error {
	if x.repo != nil {
		return nil
	}
	repo, err := git.Open(ctx, x.folder(), a.environ())
	if errors.Is(err, git.ErrNoRepository) && x.o.candidate != "" {
		// The scenario lies outside, as when old commits without one are measured.
		repo, err = git.Open(ctx, ".", a.environ())
	}
	if err != nil {
		return err
	}
	x.repo = repo
	if _, err := repo.Sweep(ctx); err != nil {
		a.complain(err, hintOf(err)) // it is in nobody's way
	}
	return ctx.Err()
}

// checkOut checks the commit out that a name means, and returns the folder in
// it that is the opened one's counterpart.
func (a *app) checkOut(ctx context.Context, x *sides, side, name string) (dir string, commit git.Commit, err error) {
	if commit, err = x.repo.Resolve(ctx, name); err != nil {
		return "", git.Commit{}, refused(err)
	}
	tree, err := x.repo.AddWorktree(ctx, commit.ID)
	if err != nil {
		if ctx.Err() != nil {
			return "", git.Commit{}, ctx.Err()
		}
		return "", git.Commit{}, fail(hintOf(err), "%s: %w", side, err)
	}
	x.trees = append(x.trees, tree)
	if tree.OtherDisk() {
		x.notes = append(x.notes, "note: "+commit.Short()+" is checked out on another disk than the working tree is on: a service that writes beside its program may differ; set TMPDIR to a folder on the same")
	}
	dir = filepath.Join(tree.Dir(), filepath.FromSlash(x.repo.Prefix()))
	if !isFolder(dir) {
		return "", git.Commit{}, &missingFolder{commit, x.repo.Prefix()}
	}
	return dir, commit, nil
}

// gitService is a commit that is checked out in dir. It is built and started as
// its own scenario file says; one of before its gate, or whose file names a URL,
// as the candidate's does.
func (a *app) gitService(x *sides, dir, label string, commit git.Commit) (service, error) {
	spec := x.scenario.Target
	var rules *gate.Policy
	if own, ok := a.ownScenario(x, dir, commit); ok {
		rules = rulesOf(own, x.scenario)
		if own.Target.URL == "" || x.deployed(own.Target) {
			spec = own.Target
		}
	}
	if spec.URL != "" && !x.deployed(spec) {
		return service{}, usage("give each side by its URL, or target.build and target.start; or let target.prepare deploy it, with --order blocks", "%s: cannot be started, %s has target.url", label, x.scenario.Source)
	}
	return service{label: label, spec: spec, dir: dir, commit: commit, rules: rules}, nil
}

// ownScenario is a commit's own scenario, which says how it is built and started;
// ok is false when it has none. One that cannot be read is noted: the change under test may
// be what mends it.
func (a *app) ownScenario(x *sides, dir string, commit git.Commit) (own gate.Scenario, ok bool) {
	for _, name := range []string{filepath.Base(x.scenario.Source), scenarioFile} {
		file := filepath.Join(dir, name)
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			continue
		}
		s, err := readScenarioAs(file, commit.Short()+":"+path.Join(x.repo.Prefix(), name), a.env)
		if err != nil {
			x.notes = append(x.notes, fmt.Sprintf("note: %s is built and started as %s says, its own file cannot be read:\n%v", commit.Short(), x.scenario.Source, err))
			return gate.Scenario{}, false
		}
		s.Source = file
		return s, true
	}
	return gate.Scenario{}, false
}

// refused is what git refused, as a failure of the command line.
func refused(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return usage(hintOf(err), "%w", err)
}

// hintOf is what mends an error of git's; empty: it is none, or nothing is
// known.
func hintOf(err error) string {
	var e *git.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// firstOf returns the first text that is not empty, or none.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// readScenarioAs is readScenario of a file that messages call otherwise.
func readScenarioAs(file, called string, env func(string) (string, bool)) (gate.Scenario, error) {
	data, err := readSmall(file)
	if err != nil {
		return gate.Scenario{}, usage("", "%s: cannot be read: %w", called, bare(err))
	}
	return config.Parse(data, config.Options{Name: called, Env: env})
}
