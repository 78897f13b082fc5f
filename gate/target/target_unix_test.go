//go:build unix

package target

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

const (
	note    = `echo $$ >>"$PIDS"; `
	noted   = `echo stop >>"$STOPS"`
	child   = note + `"$HELPER" listen "$LISTEN" & until [ -s "$LISTEN" ]; do sleep 0.01; done; `
	failing = child + `echo broken; exit 3`
	hanging = child + `wait`
	service = note + `exec "$HELPER" serve`
)

// wayOut is a phase that does not end well.
type wayOut struct {
	name   string
	spec   gate.Target
	do     func(context.Context, *bench) error
	cancel bool // once the grandchild listens
	phase  string
	err    string // how the error begins
	log    []string
	stops  int // how often stop has succeeded after Close
	// patience with stop; zero: the default.
	patience time.Duration
}

func waysOut() []wayOut {
	build := func(ctx context.Context, b *bench) error { return b.Build(ctx) }
	prepare := func(ctx context.Context, b *bench) error { return b.Prepare(ctx) }
	up := func(ctx context.Context, b *bench) error { _, err := b.Up(ctx); return err }
	down := func(ctx context.Context, b *bench) error {
		i, err := b.Up(ctx)
		if err != nil {
			return err
		}
		return i.Down(ctx)
	}
	short := gate.Ready{Path: "/health", Timeout: 300 * time.Millisecond}
	brokenOnce := `if mkdir "$MARK" 2>/dev/null; then ` + failing + `; fi; ` + noted
	return []wayOut{
		{name: "build fails", spec: gate.Target{Build: failing, Start: service, Stop: noted}, do: build,
			phase: PhaseBuild, err: "exit status 3", log: []string{"broken"}},
		{name: "build cancelled", spec: gate.Target{Build: hanging, Start: service, Stop: noted}, do: build,
			cancel: true, phase: PhaseBuild, err: "context canceled"},
		{name: "prepare fails", spec: gate.Target{Prepare: failing, Start: service, Stop: noted}, do: prepare,
			phase: PhasePrepare, err: "exit status 3", log: []string{"broken"}, stops: 1},
		{name: "prepare cancelled", spec: gate.Target{Prepare: hanging, Start: service, Stop: noted}, do: prepare,
			cancel: true, phase: PhasePrepare, err: "context canceled", stops: 1},
		{name: "reset fails", spec: gate.Target{Reset: failing, Start: service, Stop: noted}, do: up,
			phase: PhaseReset, err: "exit status 3", log: []string{"broken"}, stops: 1},
		{name: "reset cancelled", spec: gate.Target{Reset: hanging, Start: service, Stop: noted}, do: up,
			cancel: true, phase: PhaseReset, err: "context canceled", stops: 1},
		{name: "start dies", spec: gate.Target{Start: failing, Stop: noted, Ready: healthy}, do: up,
			phase: PhaseStart, err: "the service ended by itself: exit status 3", log: []string{"broken"}, stops: 1},
		{name: "start cancelled", spec: gate.Target{Start: hanging, Stop: noted, Ready: healthy}, do: up,
			cancel: true, phase: PhaseReady, err: "context canceled", stops: 1},
		{name: "never ready", spec: gate.Target{Start: `echo deaf; ` + hanging, Stop: noted, Ready: short}, do: up,
			phase: PhaseReady, err: "not ready within 300ms: GET /health: ", log: []string{"deaf"}, stops: 1},
		{name: "stop fails", spec: gate.Target{Start: service, Stop: brokenOnce, Ready: healthy}, do: down,
			phase: PhaseStop, err: "exit status 3", log: []string{"broken"}, stops: 1},
		{name: "stop hangs", spec: gate.Target{Start: service, Ready: healthy,
			Stop: strings.Replace(brokenOnce, failing, hanging, 1)}, do: down,
			phase: PhaseStop, err: "still running after 300ms", stops: 1, patience: 300 * time.Millisecond},
	}
}

// TestWaysOut is the promise that nothing is left behind: each phase fails and
// is cancelled while a grandchild listens.
func TestWaysOut(t *testing.T) {
	for _, tt := range waysOut() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, tt.spec)
			if tt.patience > 0 {
				b.patience = tt.patience
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var failure error
			var wg sync.WaitGroup
			wg.Go(func() { failure = tt.do(ctx, b) })
			if tt.cancel {
				eventually(t, "the grandchild", func() bool { return b.read("LISTEN") != "" })
				cancel()
			}
			wg.Wait()
			var e *Error
			if !errors.As(failure, &e) {
				t.Fatalf("got %v, want an *Error", failure)
			}
			if e.Phase != tt.phase || e.Side != gate.SideCandidate || !strings.HasPrefix(e.Err.Error(), tt.err) {
				t.Errorf("got %s %s: %v, want %s: %s", e.Side, e.Phase, e.Err, tt.phase, tt.err)
			}
			if tt.cancel != errors.Is(failure, context.Canceled) {
				t.Errorf("%v: is the cancellation: %t", failure, !tt.cancel)
			}
			if diff := cmp.Diff(tt.log, e.Log); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
			b.nothingLeft()
			b.patience = stopTimeout
			b.must(b.Close())
			b.must(b.Close())
			if got := strings.Count(b.read("STOPS"), "stop"); got != tt.stops {
				t.Errorf("stop succeeded %d times, want %d", got, tt.stops)
			}
		})
	}
}

// A stop that hangs has its time once.
func TestStopHangs(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Start: service, Ready: healthy, Stop: `mkdir "$MARK" && exec "$HELPER" deaf; ` + noted})
	b.patience, b.grace = 2*time.Second, 500*time.Millisecond
	i := b.mustUp()
	for _, tt := range []struct {
		down func() error
		want string
	}{
		{func() error { return i.Down(t.Context()) }, "still running after 2s"},
		{func() error { b.must(os.Remove(b.path("MARK"))); return b.stop(t.Context()) }, "still running after 500ms"},
		{b.Close, ""},
	} {
		got := ""
		var e *Error
		if errors.As(tt.down(), &e) {
			got = e.Err.Error()
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	b.nothingLeft()
}

func TestUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{
		Reset: `echo reset >>"$MARK"`, Start: service, Ready: healthy, Env: map[string]string{"GOGC": "123"},
	})
	if !b.Restarts() {
		t.Error("a start does not restart")
	}
	i := b.mustUp()
	var env []string
	b.must(json.Unmarshal([]byte(b.get(i, "/env")), &env))
	port := strconv.Itoa(b.port)
	for _, want := range []string{
		"GOGC=123", "PERFGATE_PORT=" + port, "PERFGATE_ADDR=127.0.0.1:" + port,
		"PERFGATE_URL=http://127.0.0.1:" + port, "PERFGATE_SIDE=" + sideName(gate.SideCandidate, b.o.Session),
	} {
		if !slices.Contains(env, want) {
			t.Errorf("environment lacks %q", want)
		}
	}
	if diff := cmp.Diff([]string{"listening"}, i.LastLines(5)); diff != "" {
		t.Errorf("last lines (-want +got):\n%s", diff)
	}
	if _, err := b.Up(t.Context()); err == nil {
		t.Error("it came up twice")
	}
	first := b.get(i, "/pid")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	b.must(i.Down(cancelled))
	b.must(i.Down(cancelled))
	b.refused(i.addr)
	b.nothingLeft()
	if i.Death() != nil || i.p.life.Err() != nil {
		t.Errorf("an ordered end is a death: %v", i.Death())
	}
	i = b.mustUp()
	if second := b.get(i, "/pid"); second == first {
		t.Error("the second run has the process of the first")
	}
	b.must(b.Close())
	b.refused(i.addr)
	b.nothingLeft()
	if diff := cmp.Diff("reset\nreset\n", b.read("MARK")); diff != "" {
		t.Errorf("resets (-want +got):\n%s", diff)
	}
	wantLog := strings.Repeat("--- perfgate: reset: echo reset >>\"$MARK\"\n"+
		"--- perfgate: start: echo $$ >>\"$PIDS\"; exec \"$HELPER\" serve\nlistening\n", 2)
	if diff := cmp.Diff(wantLog, b.read("log/target.log")); diff != "" {
		t.Errorf("target.log (-want +got):\n%s", diff)
	}
}

func TestDeath(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Start: note + `"$HELPER" serve`, Ready: healthy})
	i := b.mustUp()
	if err := i.Death(); err != nil {
		t.Fatalf("dead from the start: %v", err)
	}
	_, _, err := newProbe(b.o.Spec, i.URL(), "").get(t.Context(), "/exit")
	if err == nil {
		t.Fatal("it answered")
	}
	<-i.Died()
	want := "candidate: start: the service ended by itself: exit status 3\n" +
		"  last lines of its output (" + b.path("log/target.log") + "):\n" +
		"    listening\n" +
		"    panic: \\x1b[31mout of luck\n" +
		"  hint: run target.start by hand in " + strconv.Quote(b.folder)
	if diff := cmp.Diff(want, i.Death().Error()); diff != "" {
		t.Errorf("death (-want +got):\n%s", diff)
	}
	if got := i.Resources(); got != nil {
		t.Errorf("the dead used %v", got)
	}
	b.must(i.Down(t.Context()))
	b.nothingLeft()
}

func TestStartHints(t *testing.T) {
	quick := gate.Ready{Path: "/health", Timeout: 200 * time.Millisecond}
	tests := []struct {
		name  string
		spec  gate.Target
		phase string
		hint  string
	}{
		{"returns", gate.Target{Start: "true", Ready: healthy}, PhaseStart, "give target.stop"},
		{"port always taken", gate.Target{Start: "echo 'bind: Address already in use'; exit 1", Ready: healthy}, PhaseStart,
			"does target.start use ${PERFGATE_PORT}?"},
		{"another port", gate.Target{Start: `"$HELPER" listen "$LISTEN"`, Ready: quick}, PhaseReady,
			"does target.start use ${PERFGATE_PORT}?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, tt.spec)
			_, err := b.Up(t.Context())
			var e *Error
			if !errors.As(err, &e) || e.Phase != tt.phase || !strings.Contains(e.Hint, tt.hint) {
				t.Errorf("got %v, want a failure of %s with the hint %q", err, tt.phase, tt.hint)
			}
			b.nothingLeft()
		})
	}
}

func TestPortTakenOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Ready: healthy, Start: `echo "$PERFGATE_PORT" >>"$STOPS"
		if mkdir "$MARK"; then echo "listen: address already in use"; exit 1; fi
		exec "$HELPER" serve`})
	i := b.mustUp()
	ports := strings.Fields(b.read("STOPS"))
	if len(ports) != 2 || "http://127.0.0.1:"+ports[1] != i.URL() {
		t.Errorf("tried ports %v, serves %s", ports, i.URL())
	}
}

func TestStubborn(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Start: note + `"$HELPER" stubborn & wait`, Ready: healthy})
	b.grace = 50 * time.Millisecond
	i := b.mustUp()
	b.must(i.Down(t.Context()))
	b.refused(i.addr)
	b.nothingLeft()
}

func TestDescendantInAnotherGroup(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux lists descendants")
	}
	t.Parallel()
	b := newBench(t, gate.Target{Start: `"$HELPER" family; true`, Ready: healthy})
	i := b.mustUp()
	b.must(i.Down(t.Context()))
	b.refused(i.addr)
}

// A start that hands over to a daemon is not dead, and only stop can end it.
func TestDetached(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{
		Start: `"$HELPER" daemon "$PIDFILE"`, Stop: noted + `; kill "$(cat "$PIDFILE")"`, Ready: healthy,
	})
	i := b.mustUp()
	<-i.p.exited
	select {
	case <-i.Died():
		t.Errorf("died: %v", i.Death())
	default:
	}
	if got := i.Resources(); got != nil {
		t.Errorf("resources of a client: %v", got)
	}
	b.must(i.Down(t.Context()))
	b.refused(i.addr)
	b.must(b.Close())
	if diff := cmp.Diff("stop\n", b.read("STOPS")); diff != "" {
		t.Errorf("stops (-want +got):\n%s", diff)
	}
}

// A detached start that fails is dead all the same.
func TestDetachedFails(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Start: `exit 7`, Stop: noted, Ready: healthy})
	_, err := b.Up(t.Context())
	var e *Error
	if !errors.As(err, &e) || e.Phase != PhaseStart || e.Err.Error() != "the service ended by itself: exit status 7" {
		t.Errorf("got %v", err)
	}
}

// A service that left the group is ended all the same, where its environment
// can be read; elsewhere it is told.
func TestEscaped(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Start: `"$HELPER" daemon "$PIDFILE"; mkdir "$MARK"; "$HELPER" deaf`, Ready: healthy})
	b.grace = 300 * time.Millisecond
	i := b.mustUp()
	eventually(t, "the daemon to be an orphan", func() bool { _, err := os.Stat(b.path("MARK")); return err == nil })
	err := i.Down(t.Context())
	if runtime.GOOS == "linux" {
		b.must(err)
		b.refused(i.addr)
		return
	}
	var e *Error
	if !errors.As(err, &e) || e.Phase != PhaseStop || !strings.Contains(e.Error(), "still listens on "+i.addr) {
		t.Errorf("got %v", err)
	}
	pid, err := strconv.Atoi(b.read("PIDFILE"))
	b.must(err)
	b.must(syscall.Kill(pid, syscall.SIGKILL))
}

// What prepare leaves in the background serves all runs.
func TestPrepareInBackground(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{
		Prepare: note + `"$HELPER" listen "$LISTEN" & until [ -s "$LISTEN" ]; do sleep 0.01; done`,
		Start:   service, Ready: healthy,
	})
	b.must(b.Prepare(t.Context()))
	for range 2 {
		b.must(b.mustUp().Down(t.Context()))
	}
	group, err := strconv.Atoi(strings.Fields(b.read("PIDS"))[0])
	b.must(err)
	if len(living([]int{group})) == 0 {
		t.Error("the background process is gone before Close")
	}
	b.must(b.Close())
	b.nothingLeft()
}

// What left its group before the first start serves all runs, too, and is ended
// at the end, however stubborn.
func TestPrepareDaemon(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells whose it is")
	}
	t.Parallel()
	b := newBench(t, gate.Target{Prepare: `"$HELPER" daemon "$PIDFILE"`, Start: service, Ready: healthy})
	b.grace = 300 * time.Millisecond
	b.must(b.Prepare(t.Context()))
	b.must(b.mustUp().Down(t.Context()))
	mark := []string{EnvSide + "=" + sideName(gate.SideCandidate, b.o.Session)}
	if got := len(strays(mark)); got != 1 {
		t.Errorf("%d daemons after a run, want 1", got)
	}
	b.must(b.Close())
	if got := strays(mark); got != nil {
		t.Errorf("%v are left", got)
	}
}

func TestResources(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	t.Parallel()
	b := newBench(t, gate.Target{Start: `"$HELPER" serve; true`, Ready: healthy})
	i := b.mustUp()
	b.get(i, "/burn")
	whole := i.Resources()
	i.MarkLoad()
	rest := i.Resources()
	if len(whole) != 2 || len(rest) != 2 {
		t.Fatalf("got %v and %v, want CPU and memory of both", whole, rest)
	}
	want := gate.Resource{Metric: "cpu_seconds", Of: "target", Unit: "s", Better: "lower", Kind: "total", Per: "run", Source: "proc"}
	want.Value = whole[0].Value
	if diff := cmp.Diff(want, whole[0]); diff != "" {
		t.Errorf("CPU (-want +got):\n%s", diff)
	}
	want = gate.Resource{Metric: "rss_max", Of: "target", Unit: "By", Better: "lower", Kind: "max", Per: "run", Source: "proc"}
	want.Value = whole[1].Value
	if diff := cmp.Diff(want, whole[1]); diff != "" {
		t.Errorf("memory (-want +got):\n%s", diff)
	}
	if burnt, later := whole[0].Value, rest[0].Value; burnt < 0.05 || later >= burnt {
		t.Errorf("%v s before the mark, %v s after it", burnt, later)
	}
	if whole[1].Value < 1<<20 {
		t.Errorf("%v bytes", whole[1].Value)
	}
	b.must(i.Down(t.Context()))
	if got := i.Resources(); got != nil {
		t.Errorf("after Down: %v", got)
	}
}

// The guard is for a perfgate that cannot clean up any more.
func TestOwnerKilled(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Start: "unused"})
	owner := exec.Command(os.Args[0], "owner", b.path("log"))
	owner.Env = b.environ()
	out, err := owner.StdoutPipe()
	b.must(err)
	b.must(owner.Start())
	var url [64]byte
	n, err := out.Read(url[:])
	b.must(err)
	addr := strings.TrimPrefix(strings.TrimSpace(string(url[:n])), "http://")
	b.must(owner.Process.Kill())
	if err := owner.Wait(); err == nil {
		t.Fatal("the owner ended well")
	}
	group, err := strconv.Atoi(strings.TrimSpace(b.read("PIDS")))
	b.must(err)
	eventually(t, "the group's end", func() bool { return len(living([]int{group})) == 0 })
	if runtime.GOOS == "linux" { // elsewhere nobody can end it: it left the group
		eventually(t, "the daemon's end", func() bool { c, err := net.Dial("tcp", addr); return err != nil || c.Close() != nil })
	}
	if diff := cmp.Diff("stop\n", b.read("STOPS")); diff != "" {
		t.Errorf("stops (-want +got):\n%s", diff)
	}
}

// Also when nothing is up, what was prepared is stopped and ended.
func TestPreparerKilled(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Start: "unused"})
	b.must(os.Mkdir(b.path("tmp"), 0o755))
	owner := exec.Command(os.Args[0], "preparer", b.folder)
	owner.Env = append(b.environ(), "TMPDIR="+b.path("tmp"))
	out, err := owner.StdoutPipe()
	b.must(err)
	_, err = owner.StdinPipe()
	b.must(err)
	b.must(owner.Start())
	var port [16]byte
	n, err := out.Read(port[:])
	b.must(err)
	pid, err := strconv.Atoi(b.read("PIDFILE"))
	b.must(err)
	b.must(owner.Process.Kill())
	_ = owner.Wait() // it was killed
	eventually(t, "the stop", func() bool { return strings.HasSuffix(b.read("STOPS"), "\n") })
	if diff := cmp.Diff("stop "+string(port[:n]), b.read("STOPS")); diff != "" {
		t.Errorf("stops (-want +got):\n%s", diff)
	}
	if runtime.GOOS == "linux" {
		eventually(t, "the daemon's end", func() bool { return len(living([]int{pid})) == 0 })
	} else {
		b.must(syscall.Kill(pid, syscall.SIGKILL)) // it left its group
	}
	eventually(t, "the temporary folder's end", func() bool {
		entries, err := os.ReadDir(b.path("tmp"))
		return len(entries) == 0 && err == nil
	})
}

// A stop that hangs does not keep the guard from the rest, and the command that
// was under way is ended before it.
func TestStopHangsAfterKill(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Start: "unused"})
	owner := exec.Command(os.Args[0], "resetter", b.path("log"))
	owner.Env = b.environ()
	b.must(owner.Start())
	eventually(t, "the reset", func() bool { return b.read("LISTEN") != "" })
	b.must(owner.Process.Kill())
	_ = owner.Wait() // it was killed
	eventually(t, "the stop", func() bool { return strings.Count(b.read("PIDS"), "\n") == 3 })
	eventually(t, "the end of all", func() bool {
		for _, word := range strings.Fields(b.read("PIDS")) {
			if id, err := strconv.Atoi(word); err != nil || len(living([]int{id})) > 0 {
				return false
			}
		}
		return true
	})
	if diff := cmp.Diff("reset ended\nstop\n", b.read("STOPS")); diff != "" {
		t.Errorf("stops (-want +got):\n%s", diff)
	}
	b.refused(b.read("LISTEN"))
}

// A target that has run nothing has no guard, and nothing to leave behind.
func TestIdlerKilled(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Start: "unused"})
	b.must(os.Mkdir(b.path("tmp"), 0o755))
	owner := exec.Command(os.Args[0], "idler", b.folder)
	owner.Env = append(b.environ(), "TMPDIR="+b.path("tmp"))
	out, err := owner.StdoutPipe()
	b.must(err)
	b.must(owner.Start())
	_, err = out.Read(make([]byte, 8))
	b.must(err)
	b.must(owner.Process.Kill())
	_ = owner.Wait() // it was killed
	entries, err := os.ReadDir(b.path("tmp"))
	b.must(err)
	if len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
}
