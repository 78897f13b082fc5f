package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/experiment"
	"github.com/perfgate/perfgate/gate/target"
	"github.com/perfgate/perfgate/gate/unchanged"
)

// unchanged is the skip of sides between which nothing that matters changed, as
// far as git knows before anything is built; nil: something did, or the sides
// are not both from one repository.
func (x *sides) unchanged(ctx context.Context) (*gate.Skip, error) {
	switch {
	case x.changed == nil:
		return nil, nil
	case len(x.changed) == 0:
		return unchanged.SameFiles(x.baseline.text()), nil
	case len(x.scenario.Paths) == 0:
		return nil, nil
	}
	files, err := x.files(ctx)
	return unchanged.Paths(files), err
}

// files is what is known of the files of both sides.
func (x *sides) files(ctx context.Context) (unchanged.Files, error) {
	links, err := x.repo.Links(ctx)
	if err != nil {
		return unchanged.Files{}, err
	}
	f := unchanged.Files{Since: x.baseline.text(), Changed: x.changed, Paths: x.scenario.Paths, Links: links, Target: x.candidate.spec, Folder: x.repo.Prefix()}
	for _, name := range x.harness() {
		f.Harness = append(f.Harness, path.Join(x.repo.Prefix(), name))
	}
	for _, file := range []string{x.scenario.Source, filepath.Join(filepath.Dir(x.scenario.Source), acceptFile)} {
		if inside, ok := x.repo.Inside(file); ok {
			f.Harness = append(f.Harness, inside)
		}
	}
	return f, nil
}

// harness are the files of a side's own folder that say how it is measured.
func (x *sides) harness() []string {
	return []string{filepath.Base(x.scenario.Source), scenarioFile, acceptFile}
}

// sameBuilds is the skip of sides that run the very same thing, known once both
// are built. What cannot be told is told, and measured.
func (a *app) sameBuilds(ctx context.Context, x *sides, arms []experiment.Arm) (*gate.Skip, error) {
	if len(x.candidate.spec.Artifacts) == 0 {
		return nil, nil
	}
	if x.changed != nil {
		files, err := x.files(ctx)
		if err != nil || files.ScenarioChanged() {
			return nil, err
		}
	}
	var builds []unchanged.Build
	for i, side := range []service{x.baseline, x.candidate} {
		b, err := x.buildOf(ctx, side, arms[i])
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			a.say("note: not skipped: %s: %v", arms[i].Name, err)
			return nil, nil
		}
		builds = append(builds, b)
	}
	return unchanged.Identical(builds[0], builds[1]), nil
}

// buildOf is a side after its build.
func (x *sides) buildOf(ctx context.Context, side service, arm experiment.Arm) (unchanged.Build, error) {
	b := unchanged.Build{Target: side.spec, Harness: map[string]string{}}
	var err error
	if b.Artifacts, err = experiment.Artifacts(ctx, arm); err != nil || side.dir == "" {
		return b, err
	}
	t := side.spec
	for _, name := range append(x.harness(), unchanged.Named(t.Prepare, t.Reset, t.Start, t.Stop)...) {
		file := filepath.Join(side.dir, filepath.FromSlash(name))
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			continue // a word that names no file
		}
		if b.Harness[name], err = target.Digest(ctx, file); err != nil {
			return b, fmt.Errorf("%s: %w", name, err)
		}
	}
	return b, nil
}
