package target

import (
	"net/url"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// The phases of a target's life, as Error.Phase names them; but for ready they
// are the names of the commands too.
const (
	PhaseBuild   = "build"
	PhasePrepare = "prepare"
	PhaseReset   = "reset"
	PhaseStart   = "start"
	PhaseReady   = "ready"
	PhaseStop    = "stop"
)

// An Error is a failure to bring a side up or down, or its death.
type Error struct {
	Phase string    // PhaseBuild …
	Side  gate.Side // SideNone in a session of one side
	Err   error     // why; wraps the context's cause after a cancellation
	// Log holds the last lines that the command printed, escaped for a
	// terminal, at most 20; nil: it printed nothing, or ran nothing.
	Log []string
	// File is where the rest of the log is; empty without Log, and when the
	// folder is a temporary one.
	File string
	// Hint is one line that says what to do; empty: nothing more is known.
	Hint string
}

// Error is one line "candidate: build: exit status 1", then the last lines of
// the log and the hint, each indented.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Side != gate.SideNone {
		b.WriteString(string(e.Side) + ": ")
	}
	b.WriteString(e.Phase + ": " + e.Err.Error())
	if len(e.Log) > 0 {
		b.WriteString("\n  last lines of its output")
		if e.File != "" {
			b.WriteString(" (" + e.File + ")")
		}
		b.WriteString(":")
	}
	for _, line := range e.Log {
		b.WriteString("\n    " + line)
	}
	if e.Hint != "" {
		b.WriteString("\n  hint: " + e.Hint)
	}
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

func (t *Target) fail(phase string, err error, log []string, hint string) *Error {
	e := &Error{Phase: phase, Side: t.o.Side, Err: err, Log: log, Hint: hint}
	if len(log) > 0 && !t.logs.temporary {
		e.File = t.logs.path(phase)
	}
	return e
}

// withoutUser drops user and password from a URL, for messages.
func withoutUser(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		_, after, found := strings.Cut(raw, "@")
		if !found {
			return raw
		}
		return after
	}
	u.User = nil
	return u.String()
}
