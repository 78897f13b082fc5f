// Package target brings the service of one side up and down: it runs the
// scenario's build, prepare, reset, start and stop commands, waits until the
// service answers, notices when it dies, and tells what it used.
//
// Each command runs in a process group of its own (a job object on Windows),
// and the group is ended on every way out: failure, cancellation, time-out,
// Close after a panic. A kill -9 of perfgate itself is covered as well, by a
// small guard process on Unix and by the job object on Windows. What a command
// prints goes to a file and not through a pipe, so that no process that it
// left behind can block anybody.
package target

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// Environment variables that every command gets besides the caller's and the
// scenario's own.
const (
	// EnvPort is the port that start must listen on. A command that runs
	// before the first start gets one that is free at the time.
	EnvPort = "PERFGATE_PORT"
	// EnvAddr is 127.0.0.1 and the port.
	EnvAddr = "PERFGATE_ADDR"
	// EnvURL is where the load will go, "http://127.0.0.1:43211".
	EnvURL = "PERFGATE_URL"
	// EnvSide is the side and eight hex digits of the session,
	// "candidate-1f2e3d4c" ("run-…" in a session of one side): a valid compose
	// project name that no other session on the machine has.
	EnvSide = "PERFGATE_SIDE"
)

const (
	termGrace   = 5 * time.Second  // from SIGTERM to SIGKILL
	killGrace   = 5 * time.Second  // for the kernel, after SIGKILL
	stopTimeout = 30 * time.Second // of the stop command
)

// Options says what to bring up and where. Spec must have a Start or a URL.
type Options struct {
	Spec gate.Target
	Side gate.Side
	// Dir is the folder in which the commands run; empty: the current one.
	Dir string
	// Called is what messages call Dir, such as "a checkout of v1.2" where Dir
	// will be gone; empty: Dir itself.
	Called string
	// LogDir gets build.log and target.log and is made when missing; empty: a
	// temporary folder that Close removes.
	LogDir string
	// Environ is the environment handed to the commands, as os.Environ gives
	// it. Spec.Env and the PERFGATE_ variables win over it.
	Environ []string
	// Session is the session's id, see EnvSide.
	Session string
	// Commit is what Spec.Ready.Version compares with; empty: unknown, and
	// then such a target is never ready.
	Commit string
	// Log gets what is done, at debug level; nil: silence.
	Log *slog.Logger
}

// A Target is one side's service. It is used by one goroutine at a time.
type Target struct {
	o        Options
	log      *slog.Logger
	logs     *logs
	grace    time.Duration // from SIGTERM to SIGKILL
	patience time.Duration // with the stop command

	port    int // of the last command that got one; 0: none yet
	up      *Instance
	left    []*process // background processes of commands that succeeded
	touched bool       // something may be up that only Spec.Stop can end
	hung    bool       // Spec.Stop did once
	guard   *guard     // nil: nothing was started yet
	closed  bool
}

// New checks the options and makes the log folder. It runs nothing. The caller
// must Close the target, also after a panic.
func New(o Options) (*Target, error) {
	if (o.Spec.Start == "") == (o.Spec.URL == "") {
		return nil, errors.New("target: needs either start or url")
	}
	if _, err := url.Parse(o.Spec.URL); err != nil {
		return nil, fmt.Errorf("target: url %q is not a URL", withoutUser(o.Spec.URL))
	}
	if o.Dir != "" {
		if info, err := os.Stat(o.Dir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("target: %q is not a folder", o.Dir)
		}
	}
	l, err := openLogs(o.LogDir)
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	t := &Target{o: o, log: o.Log, logs: l, grace: termGrace, patience: stopTimeout}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	return t, nil
}

// Restarts reports whether every Up starts a fresh process: false for a URL.
func (t *Target) Restarts() bool { return t.o.Spec.Start != "" }

// Build runs the build command, once, with its output in build.log. Without
// one it does nothing. A failure is an *Error.
func (t *Target) Build(ctx context.Context) error {
	return t.once(ctx, PhaseBuild, t.o.Spec.Build)
}

// Prepare runs the prepare command, once, before the first Up. Without one it
// does nothing. A failure is an *Error.
func (t *Target) Prepare(ctx context.Context) error {
	return t.once(ctx, PhasePrepare, t.o.Spec.Prepare)
}

// once runs a command that comes before the first start.
func (t *Target) once(ctx context.Context, phase, line string) error {
	if line == "" {
		return nil
	}
	held, err := t.reservePort()
	if err != nil {
		return t.fail(phase, err, nil, "")
	}
	held.Close()
	return t.run(ctx, phase, line)
}

// Close ends what is still up, runs the stop command if something has run since
// it last succeeded that it may have to clean up after, ends the background
// processes that prepare and reset left, and removes a temporary log folder. It
// does not depend on any context that may have been cancelled. On Linux it also
// ends what left its process group, by PERFGATE_SIDE in its environment. A
// second call does nothing.
func (t *Target) Close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	var failed []error
	if t.up != nil {
		failed = append(failed, t.up.Down(context.Background()))
	}
	failed = append(failed, t.stop(context.Background()))
	for _, p := range t.left {
		if err := p.end(t.grace); err != nil {
			failed = append(failed, t.fail(PhaseStop, err, nil, ""))
		}
	}
	t.left = nil
	failed = append(failed, t.endStrays(EnvSide+"="+sideName(t.o.Side, t.o.Session)))
	if t.guard != nil {
		t.guard.dismiss()
	}
	return errors.Join(append(failed, t.logs.close())...)
}

// stop runs the stop command outside ctx's cancellation: it is what ends
// containers and the like, which no signal to a process group reaches.
func (t *Target) stop(ctx context.Context) error {
	if t.o.Spec.Stop == "" || !t.touched {
		return nil
	}
	patience := t.patience
	if t.hung {
		patience = min(patience, t.grace) // it had its time
	}
	late := fmt.Errorf("still running after %v", patience)
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), patience, late)
	defer cancel()
	err := t.run(ctx, PhaseStop, t.o.Spec.Stop)
	t.touched, t.hung = err != nil, errors.Is(err, late)
	t.guard.stop(t.touched)
	return err
}

// guardOptions is what the guard of a target does when perfgate is gone.
type guardOptions struct {
	stop      string        // command; empty: none
	patience  time.Duration // with it
	own       bool          // PERFGATE_SIDE is no other target's
	temporary string        // folder to remove; empty: none
}

// start starts a command under the target's guard.
func (t *Target) start(c command) (*process, error) {
	c.dir, c.env = t.o.Dir, slices.Clip(t.environ())
	if t.guard == nil {
		guarded := c
		var err error
		if guarded.out, err = t.logs.append(PhaseStop); err == nil {
			t.guard, err = startGuard(guarded, guardOptions{stop: t.o.Spec.Stop, patience: t.patience, own: t.o.Session != "", temporary: t.logs.toRemove()})
		}
		if err != nil {
			_ = c.out.Close() // startProcess would
			return nil, fmt.Errorf("guard: %w", err)
		}
	}
	t.guard.port(t.port)
	t.guard.stop(t.touched)
	c.guard = t.guard
	return startProcess(c)
}

// endStrays ends the processes that left their group and their descent, as
// daemons do, where they can be told by the variables that they were started
// with.
func (t *Target) endStrays(marks ...string) error {
	if t.o.Session == "" {
		return nil // the marks are not its own
	}
	for _, kill := range []bool{false, true} {
		if !signalStrays(kill, marks) || t.straysGone(marks) {
			return nil
		}
	}
	return t.fail(PhaseStop, errors.New("processes that left their group cannot be ended"), nil, "")
}

// straysGone waits for the end of the strays as long as for a group's.
func (t *Target) straysGone(marks []string) bool {
	deadline := time.NewTimer(t.grace)
	defer deadline.Stop()
	for pause := firstPause; len(strays(marks)) > 0; pause = min(2*pause, longestPause) {
		select {
		case <-time.After(pause):
		case <-deadline.C:
			return false
		}
	}
	return true
}

// run executes a command to its end. Background processes that it leaves after
// a success may be meant (a database that prepare starts) and live until Close;
// after a failure or a cancellation they are ended with it.
func (t *Target) run(ctx context.Context, phase, line string) error {
	if err := context.Cause(ctx); err != nil {
		return t.fail(phase, err, nil, "")
	}
	t.touched = t.touched || phase != PhaseBuild
	out, err := t.logs.section(phase, line)
	if err != nil {
		return t.fail(phase, err, nil, "")
	}
	t.log.Debug("command", "phase", phase, "side", t.o.Side, "line", line)
	p, err := t.start(command{line: line, out: out.file, mayReturn: true})
	if err != nil {
		return t.fail(phase, err, nil, "")
	}
	t.guard.running(p)
	defer t.guard.running(nil)
	select {
	case <-p.exited:
		err = p.exit
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err == nil {
		if p.group.alive() {
			t.left = append(t.left, p)
			return nil
		}
		return p.end(t.grace)
	}
	lines := out.lastLines(tailLines)
	if worse := p.end(t.grace); worse != nil {
		t.left = append(t.left, p)
		err = errors.Join(err, worse)
	}
	hint := ""
	if ctx.Err() == nil {
		hint = fmt.Sprintf("run target.%s by hand in %s", phase, t.folder())
	}
	return t.fail(phase, err, lines, hint)
}

func (t *Target) folder() string {
	switch {
	case t.o.Called != "":
		return t.o.Called
	case t.o.Dir == "":
		return "this folder"
	}
	return strconv.Quote(t.o.Dir)
}

// reservePort listens on a free port of the loopback, so that nobody else takes
// it until the caller closes it, and makes it the port of the commands that
// follow.
func (t *Target) reservePort() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("no free port: %w", err)
	}
	t.port = l.Addr().(*net.TCPAddr).Port
	return l, nil
}

func (t *Target) addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(t.port)) }

func (t *Target) url() string {
	if t.Restarts() {
		return "http://" + t.addr()
	}
	return t.o.Spec.URL
}

// environ is the environment of the commands; of equal names the last wins.
func (t *Target) environ() []string {
	env := slices.Clone(t.o.Environ)
	for _, name := range slices.Sorted(maps.Keys(t.o.Spec.Env)) {
		env = append(env, name+"="+t.o.Spec.Env[name])
	}
	env = append(env, EnvSide+"="+sideName(t.o.Side, t.o.Session), EnvURL+"="+t.url())
	if t.Restarts() {
		env = append(env, EnvPort+"="+strconv.Itoa(t.port), EnvAddr+"="+t.addr())
	}
	return env
}

// sideName hashes the session's id, whose form is not its business, into the
// alphabet of compose project names.
func sideName(side gate.Side, session string) string {
	if side == gate.SideNone {
		side = "run"
	}
	return fmt.Sprintf("%s-%x", side, sha256.Sum256([]byte(session)))[:len(side)+1+8]
}
