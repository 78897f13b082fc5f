//go:build unix

package target

import (
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
	c.guard.add(leader)
	return &group{leader: leader, guard: c.guard, ids: []int{leader}}, nil
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

// release lets the guard forget the group, once nobody is left.
func (g *group) release() { g.guard.drop(g.leader) }

// exist returns those of the groups that the kernel still knows.
func exist(ids []int) []int {
	return slices.DeleteFunc(ids, func(id int) bool { return syscall.Kill(-id, 0) == syscall.ESRCH })
}
