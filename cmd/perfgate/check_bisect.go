package main

import (
	"context"
	"errors"

	"github.com/perfgate/perfgate/gate"
)

// Exit codes that git bisect run knows.
const (
	bisectBad   = 1
	bisectSkip  = 125 // this commit cannot be tested
	bisectAbort = 128 // and above: end the bisection
)

// bisectCode is how a check ends under git bisect run, whatever the policy lets
// through: nil is good.
func bisectCode(r gate.Report) error {
	switch r.Verdict {
	case gate.VerdictPass, gate.VerdictSkipped:
		return nil
	case gate.VerdictRegression, gate.VerdictViolation:
		return verdict(bisectBad)
	}
	return verdict(bisectSkip)
}

// cannotTell makes what kept a commit from being measured, such as a build that
// fails or a scenario that it does not have yet, a commit to skip. An interrupt
// stays one.
func cannotTell(err error) error {
	var code verdict
	if err == nil || errors.As(err, &code) || errors.Is(err, context.Canceled) {
		return err
	}
	f := &failure{code: bisectSkip, err: err}
	var inner *failure
	if errors.As(err, &inner) {
		f.hint = inner.hint
	}
	return f
}

// bisecting is the exit code of a command line with --bisect that could not even
// be read: without it git would call every commit bad.
func bisecting(args []string, code int) int {
	for _, arg := range args {
		if code == gate.ExitUsage && (arg == "--bisect" || arg == "--bisect=true") {
			return bisectAbort
		}
	}
	return code
}
