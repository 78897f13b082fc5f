package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/target"
)

// builder is a target that is only built, as the test says.
type builder struct {
	build func(context.Context) error
	ended *bool // its context was
}

func (b builder) Once(ctx context.Context, _ string) error {
	err := b.build(ctx)
	*b.ended = ctx.Err() != nil
	return err
}
func (builder) Up(context.Context) (Instance, error) { return nil, errFault }
func (builder) Close() error                         { return nil }

func TestBuildAll(t *testing.T) {
	until := func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }
	fail := func(context.Context) error { return errFault }
	done := func(context.Context) error { return nil }
	tests := []struct {
		name                string
		baseline, candidate func(context.Context) error
		want                string
	}{
		{"the candidate fails", until, fail, "as the test asked"},
		{"the baseline fails", fail, until, "as the test asked"},
		{"both fail", fail, fail, "as the test asked\nas the test asked"},
		{"both are built", done, done, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Neither ends before both have begun: they run side by side.
			var begun sync.WaitGroup
			begun.Add(2)
			arms := []Arm{}
			for i, build := range []func(context.Context) error{tt.baseline, tt.candidate} {
				arms = append(arms, Arm{Dir: fmt.Sprint(i), Target: builder{func(ctx context.Context) error {
					begun.Done()
					begun.Wait()
					return build(ctx)
				}, new(bool)}})
			}
			b, err := newBench(newRig(t, nil, nil).options())
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := b.buildAll(t.Context(), arms...); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// A panic reaches those who close the targets.
func TestBuildPanics(t *testing.T) {
	ended, begun := make([]bool, 2), make(chan bool)
	arms := []Arm{
		{Dir: "a", Target: builder{func(ctx context.Context) error { close(begun); <-ctx.Done(); return context.Cause(ctx) }, &ended[0]}},
		{Dir: "b", Target: builder{func(context.Context) error { <-begun; panic("as the test asked") }, &ended[1]}},
	}
	b, err := newBench(newRig(t, nil, nil).options())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := recover(); p != "as the test asked" {
			t.Errorf("recovered %v", p)
		}
		if !ended[0] {
			t.Error("the other build was not ended")
		}
	}()
	_ = b.buildAll(t.Context(), arms...)
}

// Sides of one folder would write the same files.
func TestLanes(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	var arms []Arm
	for _, d := range []string{dir, filepath.Join(dir, "x"), filepath.Join(dir, "x", "..")} {
		a, err := NewArm(target.Options{Spec: gate.Target{Start: "x"}, Dir: d, LogDir: filepath.Join(dir, "logs")}, gate.Subject{Label: d})
		if err != nil {
			t.Fatal(err)
		}
		arms = append(arms, a)
	}
	got := [][]string{}
	for _, lane := range lanesOf(arms) {
		names := []string{}
		for _, a := range lane {
			names = append(names, a.Subject.Label)
		}
		got = append(got, names)
	}
	if diff := cmp.Diff([][]string{{dir, filepath.Join(dir, "x", "..")}, {filepath.Join(dir, "x")}}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if err := closeAll(arms); err != nil {
		t.Error(err)
	}
}

func TestBuildInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make([]bool, 2)
	arms := []Arm{
		{Dir: "a", Target: builder{func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }, &ended[0]}},
		{Dir: "b", Target: builder{func(ctx context.Context) error { cancel(errSignal); <-ctx.Done(); return context.Cause(ctx) }, &ended[1]}},
	}
	b, err := newBench(newRig(t, nil, nil).options())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.buildAll(ctx, arms...); !errors.Is(err, ErrInterrupted) || !errors.Is(err, errSignal) {
		t.Errorf("got %v", err)
	}
}
