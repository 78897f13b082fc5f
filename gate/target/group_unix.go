//go:build unix

package target

import (
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
)

const errRefused = syscall.ECONNREFUSED

// shellCommand runs the line by sh in a new process group. The terminal's
// Ctrl-C goes to perfgate's own group only, so that perfgate ends its children
// in order.
func shellCommand(c command) *exec.Cmd {
	cmd := shellBase(c, "/bin/sh", "-c", c.line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// group is the process group of a command. On Linux it takes in the groups of
// its descendants too, see descend.
type group struct {
	leader int
	guard  *guard

	mu  sync.Mutex
	ids []int // groups that had a living member at the last look
}

func newGroup(leader int, c command) (*group, error) {
	guard, err := startGuard(leader, c)
	if err != nil {
		_ = syscall.Kill(-leader, syscall.SIGKILL)
		return nil, fmt.Errorf("guard: %w", err)
	}
	return &group{leader: leader, guard: guard, ids: []int{leader}}, nil
}

// String names the group in messages.
func (g *group) String() string { return "process group " + strconv.Itoa(g.leader) }

func (g *group) terminate() { g.signal(syscall.SIGTERM) }
func (g *group) kill()      { g.signal(syscall.SIGKILL) }

func (g *group) signal(sig syscall.Signal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ids = descend(living(g.ids))
	for _, id := range g.ids {
		_ = syscall.Kill(-id, sig) // alive tells whether it helped
	}
}

// alive reports whether anybody is left. A group seen empty is forgotten.
func (g *group) alive() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ids = living(g.ids)
	return len(g.ids) > 0
}

// release lets the guard go, once nobody is left.
func (g *group) release() { g.guard.dismiss() }

// exist returns those of the groups that the kernel still knows.
func exist(ids []int) []int {
	return slices.DeleteFunc(ids, func(id int) bool { return syscall.Kill(-id, 0) == syscall.ESRCH })
}

// guard is a shell that ends a group when perfgate is gone without having done
// so: killed, out of memory, crashed. Linux's parent-death signal is no way to
// do that: it follows the thread that forked, which the Go runtime may end at
// any time, and reaches the shell only, not its children.
type guard struct {
	cmd  *exec.Cmd
	line io.WriteCloser
}

// guardMark tells guards and what they run from what they guard.
const guardMark = "PERFGATE_GUARD=1"

// guardScript reads its standard input, the other end of which only perfgate
// has: a line means that all is well, an end without one that perfgate is gone.
// Besides the group it ends what left it, on Linux: see strays. Options of kill
// are written as dash wants them.
const guardScript = `read -r _ && exit 0
strays() {
	for e in $(grep -lzxF -e "PERFGATE_SIDE=$PERFGATE_SIDE" /proc/[0-9]*/environ 2>/dev/null); do
		grep -qzxF -e PERFGATE_GUARD=1 "$e" 2>/dev/null && continue
		p=${e#/proc/}
		echo "${p%/environ}"
	done
}
[ -z "$2" ] || sh -c "$2"
kill -s TERM -- "-$1" $(strays) 2>/dev/null
n=0
while [ $n -lt 5 ] && { kill -s 0 -- "-$1" 2>/dev/null || [ -n "$(strays)" ]; }; do sleep 1; n=$((n+1)); done
kill -s KILL -- "-$1" $(strays) 2>/dev/null`

func startGuard(leader int, c command) (*guard, error) {
	cmd := shellBase(c, "/bin/sh", "-c", guardScript, "perfgate-guard", strconv.Itoa(leader), c.stop)
	// Whoever signals perfgate's group must not hit the guard.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = append(slices.Clone(cmd.Env), guardMark)
	line, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &guard{cmd: cmd, line: line}, nil
}

// dismiss ends the guard without any further effect. It has nothing to report:
// a guard that somebody killed is as good as dismissed.
func (g *guard) dismiss() {
	_, _ = io.WriteString(g.line, "\n")
	_ = g.line.Close()
	_ = g.cmd.Wait()
}
