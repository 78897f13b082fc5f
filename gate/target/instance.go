package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/machine"
)

// An Instance is a target that is up. Its methods are for the goroutine that
// uses the Target; the channel of Died is for anybody.
type Instance struct {
	t     *Target
	url   string
	addr  string // empty: not started by perfgate
	p     *process
	out   section
	ready bool    // it answered at addr
	baseS float64 // CPU seconds at MarkLoad
	down  bool
}

// Up runs the reset command, starts the service on a free port and waits until
// it is ready; for a URL it resets and waits only. When another program has
// taken the port in between, it tries once more on a new one. A failure is an
// *Error and leaves nothing running but what prepare and reset left.
func (t *Target) Up(ctx context.Context) (*Instance, error) {
	if t.up != nil {
		return nil, t.fail(PhaseStart, errors.New("it is up already"), nil, "")
	}
	if err := t.once(ctx, PhaseReset, t.o.Spec.Reset); err != nil {
		return nil, err
	}
	if !t.Restarts() {
		i := &Instance{t: t, url: t.o.Spec.URL}
		if err := i.await(ctx); err != nil {
			return nil, err
		}
		t.up = i
		return i, nil
	}
	i, err := t.launch(ctx)
	if portTaken(err) {
		t.log.Debug("port was taken, trying another one", "side", t.o.Side, "port", t.port)
		i, err = t.launch(ctx)
	}
	return i, err
}

// launch makes one attempt to start the service.
func (t *Target) launch(ctx context.Context) (*Instance, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, t.fail(PhaseStart, err, nil, "")
	}
	held, err := t.reservePort()
	if err != nil {
		return nil, t.fail(PhaseStart, err, nil, "")
	}
	out, err := t.logs.section(PhaseStart, t.o.Spec.Start)
	held.Close() // as late as can be
	if err != nil {
		return nil, t.fail(PhaseStart, err, nil, "")
	}
	t.touched = true
	t.log.Debug("start", "side", t.o.Side, "address", t.addr(), "line", t.o.Spec.Start)
	p, err := t.start(command{line: t.o.Spec.Start, out: out.file, mayReturn: t.o.Spec.Stop != ""})
	if err != nil {
		return nil, t.fail(PhaseStart, err, nil, "")
	}
	i := &Instance{t: t, url: t.url(), addr: t.addr(), p: p, out: out}
	t.up = i
	if err := i.await(ctx); err != nil {
		if worse := i.Down(ctx); worse != nil {
			err.Err = errors.Join(err.Err, worse)
		}
		return nil, err
	}
	return i, nil
}

// await waits until the instance is ready, or died. The log is read before
// anything else can write to it.
func (i *Instance) await(ctx context.Context) *Error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if i.p != nil {
		defer context.AfterFunc(i.p.life, cancel)()
	}
	err := newProbe(i.t.o.Spec, i.url, i.t.o.Commit).await(ctx)
	if death := i.death(); death != nil {
		return death
	}
	if err == nil {
		i.ready = true
		return nil
	}
	var why *notReady
	if errors.As(err, &why) {
		return i.t.fail(PhaseReady, err, i.LastLines(tailLines), why.hint)
	}
	return i.t.fail(PhaseReady, err, i.LastLines(tailLines), "")
}

// URL returns where the load goes: the target's url, or
// "http://127.0.0.1:<port>". It has no trailing slash.
func (i *Instance) URL() string { return i.url }

// Died returns a channel that is closed when the started process ended by
// itself; Death says how. It is nil, so never ready, for a URL. When the
// scenario has a stop command, a start that returns with exit status 0 has
// handed the service over (docker compose up -d) and is not dead.
func (i *Instance) Died() <-chan struct{} {
	if i.p == nil {
		return nil
	}
	return i.p.life.Done()
}

// Death returns an *Error of PhaseStart with the exit status and the last lines
// of the log once Died is closed, and nil before.
func (i *Instance) Death() error {
	// A nil *Error must not become an error that is not nil.
	if death := i.death(); death != nil {
		return death
	}
	return nil
}

func (i *Instance) death() *Error {
	if i.p == nil || i.p.life.Err() == nil {
		return nil
	}
	hint := ""
	switch lines := i.LastLines(tailLines); {
	case i.p.exit == nil:
		hint = "start must stay in the foreground; if it leaves the service in the background, give target.stop"
	case addressInUse(lines):
		hint = "another program has its port: does target.start use ${" + EnvPort + "}?"
	default:
		hint = "run target.start by hand in " + i.t.folder()
	}
	err := fmt.Errorf("the service ended by itself: %s", i.p.exitText())
	return i.t.fail(PhaseStart, err, i.LastLines(tailLines), hint)
}

// LastLines returns at most n of the last lines that the service printed,
// escaped for a terminal, from at most its last 64 kB. nil: none, or a URL.
func (i *Instance) LastLines(n int) []string {
	if i.p == nil {
		return nil
	}
	return i.out.lastLines(n)
}

// MarkLoad makes Resources count CPU time from here, after the warm-up.
func (i *Instance) MarkLoad() {
	if cpuS, _, ok := i.usage(); ok {
		i.baseS = cpuS
	}
}

// Resources returns what the service has used: cpu_seconds since MarkLoad (or
// its start), of all its processes that live, and rss_max, the sum of their
// peaks since the start in bytes. Call it before Down. What is not known is
// left out: all of it for a URL, outside Linux, after a death, and when the
// scenario has a stop command, because then the started process may be a mere
// client of the one that serves. CPU time falls when a child ended unwaited
// for; then it is not known either.
func (i *Instance) Resources() []gate.Resource {
	cpuS, rss, ok := i.usage()
	if !ok {
		return nil
	}
	var all []gate.Resource
	add := func(metric, kind string, value float64) {
		all = append(all, gate.Resource{
			Metric: metric, Of: "target", Unit: gate.Unit(metric), Better: gate.Better(metric),
			Kind: kind, Value: value, Per: "run", Source: "proc",
		})
	}
	if cpuS >= i.baseS {
		add(gate.MetricCPU, "total", cpuS-i.baseS)
	}
	if rss > 0 {
		add(gate.MetricRSS, "max", float64(rss))
	}
	return all
}

func (i *Instance) usage() (cpuS float64, rss int64, ok bool) {
	if i.p == nil || i.down || i.p.life.Err() != nil || i.t.o.Spec.Stop != "" {
		return 0, 0, false
	}
	return machine.GroupUsage(i.p.group.leader)
}

// Down ends the instance: the stop command if there is one, SIGTERM to the
// process group, SIGKILL 5 s later. It returns when nobody is left, whether or
// not ctx is cancelled, and does nothing for a URL or the second time. The
// *Error says what could not be ended; Close tries that once more.
func (i *Instance) Down(ctx context.Context) error {
	if i.down {
		return nil
	}
	i.down = true
	i.t.up = nil
	if i.p == nil {
		return nil
	}
	i.p.ending.Store(true) // stop makes a foreground start end, too
	err := i.t.stop(ctx)
	if failed := i.p.end(i.t.grace); failed != nil {
		i.t.left = append(i.t.left, i.p)
		return errors.Join(err, i.t.fail(PhaseStop, failed, nil, ""))
	}
	// No other command had this port: what prepare left is not meant.
	err = errors.Join(err, i.t.endStrays(EnvSide+"="+sideName(i.t.o.Side, i.t.o.Session), EnvAddr+"="+i.addr))
	if err == nil && i.ready && listensAfter(i.addr, i.t.grace) {
		return i.t.fail(PhaseStop, fmt.Errorf("something still listens on %s", i.addr), nil,
			"start left the service outside its process group: let target.stop end it")
	}
	return err
}

// listensAfter reports whether somebody listens on addr still, after at most
// the given time: a service that left the group would share the machine with
// the next run.
func listensAfter(addr string, patience time.Duration) bool {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		c, err := net.DialTimeout("tcp", addr, patience)
		if err != nil {
			return false
		}
		c.Close()
		select {
		case <-time.After(pause):
		case <-deadline.C:
			return true
		}
	}
}

// portTaken reports whether a start failed because its port was in use.
func portTaken(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Phase == PhaseStart && addressInUse(e.Log)
}

// addressInUse looks for how the C library (in most languages' messages),
// Node.js and Windows call it.
func addressInUse(log []string) bool {
	text := strings.ToLower(strings.Join(log, "\n"))
	for _, words := range []string{"address already in use", "eaddrinuse", "only one usage of each socket address"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}
