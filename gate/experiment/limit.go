package experiment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// An overBudget is the cause with which the end of the budget ends a command,
// a start or a burn-in run. The runs that count keep to the budget by
// themselves: one is begun only when it fits.
type overBudget struct{ budget time.Duration }

func (e *overBudget) Error() string {
	return fmt.Sprintf("the budget of %v is used up", e.budget.Round(time.Millisecond))
}

// isOverBudget reports whether the end of the budget is in an error, alone or
// with others.
func isOverBudget(err error) bool {
	var e *overBudget
	return errors.As(err, &e)
}

// besidesBudget is what is left of an error without the end of the budget, such
// as a service that did not go down then; nil: nothing.
func besidesBudget(err error) error {
	if !isOverBudget(err) {
		return err
	}
	if parts, ok := err.(interface{ Unwrap() []error }); ok {
		var left []error
		for _, part := range parts.Unwrap() {
			left = append(left, besidesBudget(part))
		}
		return errors.Join(left...)
	}
	return besidesBudget(errors.Unwrap(err)) // of the cause itself: nil
}

// ended is the error of what ctx ended with err. Where an interrupt struck says
// nothing; what was under way at the end of the budget is why there was not
// enough of it.
func ended(ctx context.Context, err error) error {
	switch cause := context.Cause(ctx); {
	case !isOverBudget(cause):
		return interrupted(ctx)
	case isOverBudget(err):
		return err
	default:
		return errors.Join(cause, err)
	}
}

// until is ctx that the end of the budget ends at a time; the zero time: never.
func (b *bench) until(ctx context.Context, at time.Time) (context.Context, context.CancelFunc) {
	if at.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, at.Sub(b.Now()), &overBudget{b.budget})
}

// within does what comes before the runs that count within the budget: what
// hangs there must not outlive it.
func (s *session) within(ctx context.Context, do func(context.Context) error) error {
	limited, cancel := s.until(ctx, s.deadline)
	defer cancel()
	err := do(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil && !isOverBudget(err) {
		return errors.Join(context.Cause(limited), err)
	}
	return err
}

// unbegun is the session that ended with err before its first run that counts.
// When that is the budget's end it is a session as any other, which says so;
// what went wrong besides is an error still.
func (s *session) unbegun(err error) (Session, error) {
	if !isOverBudget(err) {
		return Session{}, err
	}
	if len(s.results) == 0 {
		s.open()
	}
	s.stop(gate.StoppedBudget, err)
	out, unwritten := s.finish(gate.StoppedBudget)
	return out, errors.Join(besidesBudget(err), unwritten)
}

// stop tells that the session ends early, and writes down why where no run of
// it can say so; nil: one can.
func (s *session) stop(because string, why error) {
	s.Progress(Stopped{Because: because, Why: why})
	if why == nil {
		return
	}
	for i := range s.results[1:] {
		r := &s.results[i+1]
		r.Warnings = append(r.Warnings, gate.Warning{Code: because, Text: firstLine(why)})
	}
}

// firstLine is what of an error may stand in a file: what follows may be what
// the service printed, and nobody knows what is in that.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
