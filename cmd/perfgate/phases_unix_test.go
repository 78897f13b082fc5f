//go:build unix

package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

// phasesScript is all commands of the target. What a phase of a side does
// instead of its work stands in the file "<side> <phase>" of $CONTROL.
const phasesScript = `phase=$1 side=${PERFGATE_SIDE%-*}
echo "$side $phase" >>"$CONTROL/calls"
case $(cat "$CONTROL/$side $phase" 2>/dev/null) in
fail) echo "the $phase of $side is broken"; exit 3 ;;
hang) sleep 1000 & touch "$CONTROL/reached"; wait ;;
held) touch "$CONTROL/reached"; until [ -e "$CONTROL/release" ]; do sleep 0.01; done ;;
unready) exec witness -addr "$PERFGATE_ADDR" -unready ;;
other) exec witness -addr "$PERFGATE_ADDR" -commit 1111111 ;;
dies) exec witness -addr "$PERFGATE_ADDR" -commit "$(git rev-parse HEAD)" -requests 20 ;;
marks) exec witness -addr "$PERFGATE_ADDR" -commit "$(git rev-parse HEAD)" -mark reached ;;
pairs) # the burn-in runs end well
	n=$(grep -c "$side start" "$CONTROL/calls")
	[ $n -eq 1 ] || exec witness -addr "$PERFGATE_ADDR" -commit "$(git rev-parse HEAD)" -mark reached
	;;
esac
case $phase in
prepare | reset) echo "$PERFGATE_SIDE" >"data.$phase" ;;
start) exec witness -addr "$PERFGATE_ADDR" -commit "$(git rev-parse HEAD)" ;;
esac
`

const phasesScenario = `version: 1
name: shop
target:
  build: exec sh phase.sh build
  prepare: exec sh phase.sh prepare
  reset: exec sh phase.sh reset
  start: exec sh phase.sh start
  stop: exec sh phase.sh stop
  ready: {path: /health, timeout: TIMEOUT, version: {path: /version, json: commit}}
load: {users: 1, wait: 2ms, warmup: WARMUP}
tasks: [GET /work]
gate: {thresholds: [{metric: "latency_*", worse: 900%}]}
`

// phases is a small repository of two commits and a folder in which its
// commands tell what they do.
type phases struct {
	t       *testing.T
	dir     string
	environ []string
}

func newPhases(t *testing.T, warmup, ready string) *phases {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	p := &phases{t: t, dir: t.TempDir()}
	for _, name := range []string{"control", "tmp", "repo"} {
		p.must(os.Mkdir(p.path(name), 0o755))
	}
	p.environ = append(os.Environ(), "CONTROL="+p.path("control"), "TMPDIR="+p.path("tmp"), "HOME="+p.dir, "PERFGATE_TEST_RUN=200ms",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=ana", "GIT_AUTHOR_EMAIL=ana@example.com", "GIT_COMMITTER_NAME=ana",
		"GIT_COMMITTER_EMAIL=ana@example.com", "GORACE=atexit_sleep_ms=0")
	p.write("repo/perfgate.yml", strings.NewReplacer("WARMUP", warmup, "TIMEOUT", ready).Replace(phasesScenario))
	p.write("repo/phase.sh", phasesScript)
	p.write("repo/.gitignore", "data.*\n")
	p.git("init", "-q", "-b", "main")
	for _, version := range []string{"one", "two"} {
		p.write("repo/version", version)
		p.git("add", "--all")
		p.git("commit", "-q", "-m", version)
	}
	return p
}

func (p *phases) path(name string) string { return filepath.Join(p.dir, name) }

func (p *phases) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *phases) write(name, text string) {
	p.t.Helper()
	p.must(os.WriteFile(p.path(name), []byte(text), 0o644))
}

func (p *phases) read(name string) string {
	data, _ := os.ReadFile(p.path(name))
	return string(data)
}

func (p *phases) git(args ...string) string {
	p.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = p.path("repo"), p.environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// A child is a perfgate that runs.
type child struct {
	*exec.Cmd
	said  bytes.Buffer  // both outputs; to be read once it has ended
	ended chan struct{} // closed then
	err   error         // of Wait
}

// check begins perfgate check --baseline HEAD~1.
func (p *phases) check(args ...string) *child {
	p.t.Helper()
	return p.perfgate(append([]string{"check", "--baseline", "HEAD~1", "--max-pairs", "1", "--out", p.path("out")}, args...)...)
}

// perfgate begins a command in the repository.
func (p *phases) perfgate(args ...string) *child {
	p.t.Helper()
	c := &child{Cmd: exec.Command("perfgate", args...), ended: make(chan struct{})}
	c.Dir, c.Env, c.Stdout, c.Stderr = p.path("repo"), p.environ, &c.said, &c.said
	p.must(c.Start())
	go func() {
		defer close(c.ended)
		c.err = c.Wait()
	}()
	p.t.Cleanup(func() {
		_ = c.Process.Kill() // if the test failed
		<-c.ended
	})
	return c
}

// exitCode waits for the end.
func (c *child) exitCode() int {
	<-c.ended
	return c.ProcessState.ExitCode()
}

// eventually waits for what another process brings about.
func (p *phases) eventually(c *child, what string, condition func() bool) {
	p.t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-c.ended:
			if !condition() {
				p.t.Fatalf("it ended before %s:\n%s", what, c.said.String())
			}
		case <-deadline.C:
			p.t.Fatalf("waited in vain for %s; calls:\n%s", what, p.read("control/calls"))
		}
	}
}

// processes lists what was started for this repository and lives, as far as
// that can be seen.
func (p *phases) processes() []string {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var all []string
	for _, e := range entries {
		environ, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if _, err := strconv.Atoi(e.Name()); err == nil && bytes.Contains(environ, []byte("CONTROL="+p.path("control"))) {
			line, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
			all = append(all, e.Name()+" "+strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return all
}

// nothingLeft fails when a process, port, worktree or temporary file is left,
// or when a side was not stopped.
func (p *phases) nothingLeft() {
	p.t.Helper()
	if left := p.processes(); len(left) > 0 {
		p.t.Errorf("processes are left: %q", left)
	}
	for _, addr := range strings.Fields(p.read("control/addrs")) {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			p.t.Errorf("something listens on %s", addr)
		}
	}
	if list := p.git("worktree", "list"); strings.Count(list, "\n") != 1 {
		p.t.Errorf("worktrees are left:\n%s", list)
	}
	for _, name := range []string{"repo/.git/worktrees", "tmp"} {
		if entries, _ := os.ReadDir(p.path(name)); len(entries) > 0 {
			p.t.Errorf("%s holds %v", name, entries)
		}
	}
	if status := p.git("status", "--porcelain"); status != "" {
		p.t.Errorf("the working tree holds\n%s", status)
	}
	last := map[string]string{}
	for line := range strings.Lines(p.read("control/calls")) {
		if side, phase, _ := strings.Cut(strings.TrimSpace(line), " "); phase != "build" {
			last[side] = phase
		}
	}
	for side, phase := range last {
		if phase != "stop" {
			p.t.Errorf("the last of %s was %s, not stop", side, phase)
		}
	}
}

// Each phase of either side is interrupted in the middle.
func TestInterruptedInEachPhase(t *testing.T) {
	tests := []struct{ phase, command, does, warmup string }{
		{"build", "build", "hang", "0s"},
		{"prepare", "prepare", "hang", "0s"},
		{"reset", "reset", "hang", "0s"},
		{"start", "start", "hang", "0s"},
		{"ready", "start", "unready", "0s"},
		{"warm-up", "start", "marks", "3s"},
		{"burn-in", "start", "marks", "0s"},
		{"load", "start", "pairs", "0s"},
		{"stop", "stop", "held", "0s"},
	}
	for i, tt := range tests {
		for j, side := range []gate.Side{gate.SideBaseline, gate.SideCandidate} {
			signal := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}[(i+j)%2]
			t.Run(tt.phase+" of "+string(side)+", "+signal.String(), func(t *testing.T) {
				t.Parallel()
				p := newPhases(t, tt.warmup, "30s")
				p.write("control/"+string(side)+" "+tt.command, tt.does)
				c := p.check()
				p.eventually(c, "the "+tt.phase, func() bool { _, err := os.Stat(p.path("control/reached")); return err == nil })
				p.must(c.Process.Signal(signal))
				p.write("control/release", "")
				if code := c.exitCode(); code != gate.ExitInterrupted {
					t.Errorf("exit code %d", code)
				}
				if !strings.Contains(c.said.String(), "perfgate: interrupted") {
					t.Errorf("it said\n%s", c.said.String())
				}
				p.nothingLeft()
			})
		}
	}
}

// Either side fails in each of its ways: the exit code, and what tells which
// side it was and why.
func TestSideFails(t *testing.T) {
	tests := []struct {
		name, command, does, ready string
		args                       []string
		candidate                  int    // exit code; of the baseline 3, but for 4
		want                       string // regular expression; SIDE is the side
	}{
		{"build fails", "build", "fail", "30s", nil, 3, `SIDE: build: exit status 3\n.*\n +the build of SIDE is broken\n`},
		{"build hangs", "build", "hang", "30s", []string{"--budget", "2s", "--strict"}, 4, `SIDE: build: the budget of 2s is used up\n`},
		{"prepare fails", "prepare", "fail", "30s", nil, 3, `SIDE: prepare: exit status 3\n.*\n +the prepare of SIDE is broken\n`},
		{"reset fails", "reset", "fail", "30s", nil, 3, `SIDE: reset: exit status 3\n.*\n +the reset of SIDE is broken\n`},
		{"start exits", "start", "fail", "30s", nil, 3, `SIDE: start: the service ended by itself: exit status 3\n.*\n +the start of SIDE is broken\n`},
		{"never ready", "start", "unready", "1s", nil, 3, `SIDE: ready: not ready within 1s: GET /health: `},
		{"another version", "start", "other", "3s", nil, 3, `SIDE: ready: not ready within 3s: GET /version: commit is "1111111", expected "[0-9a-f]{40}"`},
		{"dies in the run", "start", "dies", "30s", nil, 1, `SIDE.*(\n.*)*out of memory: goodbye`},
		{"stop fails", "stop", "fail", "30s", nil, 3, `SIDE: stop: exit status 3\n.*\n +the stop of SIDE is broken\n`},
	}
	for _, tt := range tests {
		for _, side := range []gate.Side{gate.SideBaseline, gate.SideCandidate} {
			t.Run(tt.name+", "+string(side), func(t *testing.T) {
				t.Parallel()
				p := newPhases(t, "0s", tt.ready)
				p.write("control/"+string(side)+" "+tt.command, tt.does)
				c := p.check(tt.args...)
				code, want := c.exitCode(), gate.ExitUnmeasured
				if side == gate.SideCandidate || tt.candidate == gate.ExitUndecided {
					want = tt.candidate
				}
				if code != want {
					t.Errorf("exit code %d, want %d", code, want)
				}
				if !regexp.MustCompile(strings.ReplaceAll(tt.want, "SIDE", string(side))).MatchString(c.said.String()) {
					t.Errorf("it said\n%s\nwant %s", c.said.String(), tt.want)
				}
				p.nothingLeft()
			})
		}
	}
}

// A session that goes well leaves nothing, either, and each side is the commit
// under test.
func TestCheckLeavesNothing(t *testing.T) {
	t.Parallel()
	p := newPhases(t, "0s", "30s")
	c := p.check()
	if code := c.exitCode(); code != gate.ExitOK {
		t.Fatalf("exit code %d\n%s", code, c.said.String())
	}
	p.nothingLeft()
	calls := strings.Split(strings.TrimSpace(p.read("control/calls")), "\n")
	slices.Sort(calls[:2]) // side by side
	run := func(side string) []string { return []string{side + " reset", side + " start", side + " stop"} }
	want := slices.Concat([]string{"baseline build", "candidate build", "baseline prepare", "candidate prepare"},
		run("baseline"), run("candidate"), run("baseline"), run("candidate"))
	if diff := cmp.Diff(want, calls[:min(len(calls), len(want))]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A perfgate that is killed is cleaned up after: its processes by their guards,
// its worktree by the next one.
func TestKilled(t *testing.T) {
	t.Parallel()
	p := newPhases(t, "0s", "30s")
	p.write("control/candidate start", "pairs")
	c := p.check()
	p.eventually(c, "the load", func() bool { _, err := os.Stat(p.path("control/reached")); return err == nil })
	p.must(c.Process.Kill())
	<-c.ended
	p.eventually(&child{}, "the guards", func() bool {
		calls := strings.Fields(p.read("control/calls"))
		return calls[len(calls)-1] == "stop" && len(p.processes()) == 0
	})
	if list := p.git("worktree", "list"); strings.Count(list, "\n") != 2 {
		t.Errorf("not one worktree is left, as it should be here:\n%s", list)
	}
	p.write("control/candidate build", "fail")
	c = p.check()
	if code := c.exitCode(); code != gate.ExitUnmeasured || !strings.Contains(c.said.String(), "the build of candidate is broken") {
		t.Errorf("exit code %d\n%s", code, c.said.String())
	}
	p.nothingLeft()
}
