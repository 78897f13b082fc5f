package experiment

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
)

// errOtherSide ends the build of a side whose other side cannot be built.
var errOtherSide = errors.New("the other side could not be built")

// buildAll builds all arms side by side, those of one folder one after the
// other, since they would write the same files. When one fails the others are
// ended. The error is that of the arm that failed, of all that did by
// themselves.
func (b *bench) buildAll(ctx context.Context, arms ...Arm) error {
	lanes := lanesOf(arms)
	if len(lanes) == 1 {
		return b.once(ctx, Build, arms...)
	}
	for _, a := range arms {
		b.Progress(SetUp{Arm: a.Name, Phase: Build})
	}
	together, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	failures := make([]error, len(lanes))
	panics := make([]any, len(lanes))
	var wg sync.WaitGroup
	for i, lane := range lanes {
		wg.Go(func() {
			defer func() {
				if panics[i] = recover(); panics[i] != nil || failures[i] != nil {
					cancel(errOtherSide)
				}
			}()
			failures[i] = buildLane(together, lane)
		})
	}
	wg.Wait()
	for _, p := range panics {
		if p != nil {
			panic(p) // where those who called can close the targets
		}
	}
	var own []error
	for _, err := range failures {
		if !errors.Is(err, errOtherSide) {
			own = append(own, err)
		}
	}
	if ctx.Err() != nil {
		return ended(ctx, errors.Join(own...))
	}
	return errors.Join(own...)
}

// buildLane builds arms one after the other.
func buildLane(ctx context.Context, lane []Arm) error {
	for _, a := range lane {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := a.Target.Once(ctx, Build); err != nil {
			return err
		}
	}
	return nil
}

// lanesOf gathers the arms that share a folder, in the order of their first.
func lanesOf(arms []Arm) [][]Arm {
	var lanes [][]Arm
	of := map[string]int{}
	for _, a := range arms {
		i, ok := of[a.Dir]
		if !ok {
			i = len(lanes)
			of[a.Dir] = i
			lanes = append(lanes, nil)
		}
		lanes[i] = append(lanes[i], a)
	}
	return lanes
}

// place is one name for a folder; empty is the current one.
func place(dir string) string {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	if real, err := filepath.EvalSymlinks(absolute); err == nil {
		return real
	}
	return absolute
}
