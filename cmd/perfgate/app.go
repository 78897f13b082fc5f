package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/perfgate/perfgate/gate"
)

// An app is what commands may use of the world. Nothing else in this program
// reads the environment, the clock or the terminal.
type app struct {
	out, err io.Writer // data, and what is for people
	env      func(name string) (value string, ok bool)
	environ  func() []string // all of the environment, for commands that are started
	now      func() time.Time
	width    int  // columns of out; 0: not a terminal
	color    bool // out shows colours
	live     bool // err is a terminal, on which a bar can be drawn
	errWidth int  // columns of err; 0: not a terminal
	// runLength fixes the measured time of a run in a paired session; 0:
	// planned. Tests shorten it.
	runLength time.Duration
}

// system is the app of this process.
func system() *app {
	log.SetOutput(io.Discard) // net/http tells of a target's faults there, once a request
	a := &app{out: os.Stdout, err: os.Stderr, env: os.LookupEnv, environ: os.Environ, now: time.Now}
	fd := int(os.Stdout.Fd())
	if term.IsTerminal(fd) {
		a.width, _, _ = term.GetSize(fd) // 0 when it does not say
		a.color = a.get("NO_COLOR") == "" && a.get("TERM") != "dumb"
	}
	if errors := int(os.Stderr.Fd()); term.IsTerminal(errors) {
		a.live = a.get("TERM") != "dumb"
		a.errWidth, _, _ = term.GetSize(errors)
	}
	if columns, err := strconv.Atoi(a.get("COLUMNS")); err == nil && columns > 0 {
		a.width = columns
	}
	return a
}

// get returns a variable of the environment, empty when it is not set.
func (a *app) get(name string) string {
	value, _ := a.env(name)
	return value
}

// today is the day on which waivers are judged. It is UTC's, so that a laptop
// and a runner agree.
func (a *app) today() string { return a.now().UTC().Format(time.DateOnly) }

// run executes a command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			code = a.explain(internal(p))
		}
	}()
	root := a.root()
	completeStrictly(root)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if ctx.Err() != nil {
		err = interrupted(err)
	}
	return bisecting(args, a.explain(err))
}

// interrupted is how a command ends that a signal cut short, whatever it made
// of that; an error of its own is told.
func interrupted(err error) error {
	var code verdict
	if err == nil || errors.Is(err, context.Canceled) || errors.As(err, &code) {
		return &failure{code: gate.ExitInterrupted, err: errors.New("interrupted")}
	}
	return &failure{code: gate.ExitInterrupted, err: fmt.Errorf("interrupted: %w", err)}
}

// internal makes a failure of a panic, which is always a bug. It must be called
// by the deferred function that recovered.
func internal(p any) error {
	return fail("please report it, with the command: https://github.com/perfgate/perfgate/issues",
		"internal error: %v, in %s", p, panicPlace())
}

// panicPlace names the function that panicked: the stack still holds its
// frames, below those of the runtime.
func panicPlace() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicked := false
	for {
		f, more := frames.Next()
		inRuntime := strings.HasPrefix(f.Function, "runtime.")
		if panicked && !inRuntime || !more {
			return fmt.Sprintf("%s, line %d", f.Function, f.Line)
		}
		panicked = panicked || inRuntime
	}
}
