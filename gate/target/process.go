package target

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// command is a shell line and what it needs.
type command struct {
	line string
	dir  string
	env  []string
	out  *os.File // gets stdout and stderr; startProcess closes it
	// mayReturn: exit status 0 is not a death.
	mayReturn bool
	guard     *guard // of the target
}

// process is a running command: its shell and everything that came of it.
type process struct {
	group *group
	// exited is closed when the shell has ended; exit is its error then, nil
	// for exit status 0.
	exited chan struct{}
	exit   error
	// life is cancelled when the process died: ended by itself, see
	// command.mayReturn. exited is not always closed yet, but exit is set.
	life   context.Context
	ending atomic.Bool // we end it, so it does not die
	waiter sync.WaitGroup
}

// startProcess starts the command in a group of its own.
func startProcess(c command) (*process, error) {
	defer c.out.Close()
	shell := shellCommand(c)
	if err := shell.Start(); err != nil {
		return nil, err
	}
	g, err := newGroup(shell.Process.Pid, c)
	if err != nil {
		_ = shell.Process.Kill() // it may have ended already
		_ = shell.Wait()
		return nil, err
	}
	life, die := context.WithCancel(context.Background())
	p := &process{group: g, exited: make(chan struct{}), life: life}
	p.waiter.Go(func() {
		p.exit = shell.Wait()
		// Look at once whether anybody is left: the number of an empty group
		// can be given to a stranger, who must never get our signals.
		g.alive()
		if !p.ending.Load() && (p.exit != nil || !c.mayReturn) {
			die()
		}
		close(p.exited)
	})
	return p, nil
}

// shellBase is the command without what differs between systems.
func shellBase(c command, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, c.out, c.out
	return cmd
}

// end asks the group to end, makes it after grace, and returns when nobody is
// left. The error says that somebody is.
func (p *process) end(grace time.Duration) error {
	p.ending.Store(true)
	p.group.terminate()
	if !p.gone(grace) {
		p.group.kill()
		if !p.gone(killGrace) {
			return fmt.Errorf("%v cannot be ended", p.group)
		}
	}
	p.waiter.Wait()
	p.group.release()
	return nil
}

// gone waits until shell and group have ended, and reports whether they have.
// No system tells when a group becomes empty, so it polls.
func (p *process) gone(within time.Duration) bool {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	select {
	case <-p.exited:
	case <-deadline.C:
		return false
	}
	for pause := time.Millisecond; p.group.alive(); pause = min(2*pause, 50*time.Millisecond) {
		select {
		case <-time.After(pause):
		case <-deadline.C:
			return !p.group.alive()
		}
	}
	return true
}

// exitText says how a process ended.
func (p *process) exitText() string {
	if p.exit == nil {
		return "exit status 0"
	}
	return p.exit.Error()
}

// expand replaces each ${NAME} by its value in env, in which the last of equal
// names wins, and by nothing when it is not set, as a Unix shell would. Other
// dollar signs are left alone. It lets a scenario's commands be the same for
// cmd.exe, which knows %NAME% only.
func expand(line string, env []string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(line, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !isName(name) {
			b.WriteString("${")
			line = rest
			continue
		}
		value := ""
		for _, entry := range env {
			// Names have no case on Windows.
			if key, v, ok := strings.Cut(entry, "="); ok && strings.EqualFold(key, name) {
				value = v
			}
		}
		b.WriteString(value)
		line = after
	}
}

// isName reports whether s is a variable's name as POSIX has it.
func isName(s string) bool {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
