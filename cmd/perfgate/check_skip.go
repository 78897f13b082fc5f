package main

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/experiment"
	"github.com/perfgate/perfgate/gate/unchanged"
)

// unchanged is the skip of sides between which nothing that matters changed, as
// far as git knows before anything is built; nil: something did, or the sides
// are not both from one repository.
func (x *sides) unchanged() *gate.Skip {
	switch {
	case x.changed == nil:
		return nil
	case len(x.changed) == 0:
		return unchanged.SameFiles(x.baseline.text())
	}
	scenario := path.Join(x.repo.Prefix(), filepath.Base(x.scenario.Source))
	return unchanged.Paths(unchanged.Files{Since: x.baseline.text(), Changed: x.changed, Paths: x.scenario.Paths, Scenario: scenario,
		Waivers: path.Join(path.Dir(scenario), acceptFile), Target: x.candidate.spec})
}

// sameBuilds is the skip of sides that run the very same thing, known once both
// are built. What cannot be told is told, and measured.
func (a *app) sameBuilds(ctx context.Context, x *sides, arms []experiment.Arm) (*gate.Skip, error) {
	var builds []unchanged.Build
	for i, side := range []service{x.baseline, x.candidate} {
		artifacts, err := experiment.Artifacts(ctx, arms[i])
		if err != nil {
			if ctx.Err() == nil {
				a.say("note: not skipped: %s: %v", arms[i].Name, err)
			}
			return nil, ctx.Err()
		}
		b := unchanged.Build{Target: side.spec, Artifacts: artifacts}
		if b.Scenario, err = digestIn(side.dir, filepath.Base(x.scenario.Source)); err != nil {
			return nil, err
		}
		if b.Waivers, err = digestIn(side.dir, acceptFile); err != nil {
			return nil, err
		}
		builds = append(builds, b)
	}
	return unchanged.Identical(builds[0], builds[1]), nil
}

// digestIn is the digest of a small file of a side; empty: it has none.
func digestIn(dir, name string) (string, error) {
	if dir == "" {
		return "", nil
	}
	data, err := readSmall(filepath.Join(dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fail("", "%s: cannot be read: %w", name, bare(err))
	}
	return gate.Digest(data), nil
}
