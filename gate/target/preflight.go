package target

import (
	"context"
	"errors"
	"fmt"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/atomicfile"
	"github.com/perfgate/perfgate/gate/machine"
)

// spareFiles is how many files perfgate needs besides the load's connections:
// logs, results, the runtime's own.
const spareFiles = 64

// PreflightOptions says what a measurement is going to need. The zero value
// needs nothing.
type PreflightOptions struct {
	OutDir string // where results go, made when missing; empty: nowhere
	// Load: its users or requests in flight each need a connection.
	Load gate.Load
	// Targets: those with a URL must answer. A target that names a version or
	// has a prepare command is not asked, because Up waits until that version
	// is deployed, and the command may deploy it.
	Targets []gate.Target
}

// A Problem is something that would make a measurement fail.
type Problem struct {
	Check string // "output", "files" or "target"
	Err   error
	Hint  string // one line: the command or edit that mends it
}

// Preflight looks for what would make a measurement fail later, before any
// time is spent on it, and returns all of it. nil: nothing was found.
func Preflight(ctx context.Context, o PreflightOptions) []Problem {
	var all []Problem
	if o.OutDir != "" {
		if err := atomicfile.Probe(o.OutDir); err != nil {
			all = append(all, Problem{
				Check: "output", Err: err,
				Hint: fmt.Sprintf("check permissions and space: mkdir -p %[1]q && chmod 755 %[1]q", o.OutDir),
			})
		}
	}
	if limit, ok := machine.FileLimit(); ok {
		all = append(all, checkFiles(connections(o.Load), limit)...)
	}
	for _, spec := range o.Targets {
		if spec.URL != "" && spec.Ready.Version == nil && spec.Prepare == "" {
			all = append(all, checkURL(ctx, spec)...)
		}
	}
	return all
}

// connections returns how many a load can hold open at once.
func connections(l gate.Load) int {
	n := l.Users
	if l.Model == gate.ModelOpen {
		n = l.MaxInFlight
	}
	if l.Connections > 0 {
		n = min(n, l.Connections)
	}
	return n
}

func checkFiles(connections int, limit uint64) []Problem {
	need := uint64(max(0, connections)) + spareFiles
	if limit >= need {
		return nil
	}
	return []Problem{{
		Check: "files",
		Err:   fmt.Errorf("too many open files: %d connections need a limit of %d, it is %d", connections, need, limit),
		Hint:  "raise it: ulimit -n 65536 (as root: ulimit -Hn 65536), or set load.connections",
	}}
}

// checkURL makes one attempt.
func checkURL(ctx context.Context, spec gate.Target) []Problem {
	err := newProbe(spec, spec.URL, "").once(ctx)
	if err == nil {
		return nil
	}
	hint := "check target.url"
	var why *notReady
	switch {
	case errors.Is(err, errRefused):
		hint = "the service is not running: start it (docker compose up -d), or give target.start"
	case errors.Is(err, errSilent):
		hint = "the service does not answer: restart it, lower the load, or give it more resources"
	case errors.As(err, &why):
		hint = why.hint
	}
	return []Problem{{Check: "target", Err: fmt.Errorf("%s: %w", withoutUser(spec.URL), err), Hint: hint}}
}
