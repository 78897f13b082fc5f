package main

import (
	"errors"
	"fmt"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/config"
	"github.com/perfgate/perfgate/gate/escape"
	"github.com/perfgate/perfgate/gate/importer"
)

// A failure is an error with the exit code it ends with and what mends it. An
// error that is none ends with gate.ExitUnmeasured: something could not be
// read or written.
type failure struct {
	code int
	err  error
	hint string // the command or edit that mends it; empty: the error says it
}

// Error returns the error, without the hint.
func (f *failure) Error() string { return f.err.Error() }

// Unwrap returns the error.
func (f *failure) Unwrap() error { return f.err }

// usage is the failure of a command line or configuration that is wrong.
func usage(hint, format string, args ...any) error {
	return &failure{code: gate.ExitUsage, err: fmt.Errorf(format, args...), hint: hint}
}

// fail is the failure of what could not be measured, compared, read or written.
func fail(hint, format string, args ...any) error {
	return &failure{code: gate.ExitUnmeasured, err: fmt.Errorf(format, args...), hint: hint}
}

// didYouMean is the hint for a word that is none of the choices: the close one,
// else otherwise.
func didYouMean(word string, choices []string, otherwise string) string {
	if near := config.Nearest(word, choices); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return otherwise
}

// A verdict is the exit code of a report. It is returned as an error so that it
// ends the command, and says nothing more: the report has said it.
type verdict int

// Error names the code.
func (v verdict) Error() string { return fmt.Sprintf("exit code %d", int(v)) }

// judged returns the error that ends a command with the code of its report; nil
// for gate.ExitOK.
func judged(r gate.Report) error {
	if r.ExitCode == gate.ExitOK {
		return nil
	}
	return verdict(r.ExitCode)
}

// explain tells people of an error and returns the exit code.
func (a *app) explain(err error) int {
	var code verdict
	var problems config.Problems
	var f *failure
	switch {
	case err == nil:
		return gate.ExitOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &problems): // file:line: first, where editors look for it
		fmt.Fprintln(a.err, printable(err.Error()))
		if errors.As(err, &f) {
			return f.code
		}
		return gate.ExitUsage
	case errors.As(err, &f):
		a.complain(err, f.hint)
		return f.code
	}
	hint := ""
	var foreign *importer.Error
	if errors.As(err, &foreign) {
		hint = foreign.Hint
	}
	a.complain(err, hint)
	return gate.ExitUnmeasured
}

func (a *app) complain(err error, hint string) {
	fmt.Fprintf(a.err, "perfgate: %s\n", printable(err.Error()))
	if hint != "" {
		fmt.Fprintf(a.err, "hint: %s\n", printable(hint))
	}
}

// say tells people something beside the data.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.err, printable(fmt.Sprintf(format, args...)))
}

// printable makes text that may hold names of files, endpoints or branches safe
// for a terminal. Line breaks and tabs stay.
func printable(s string) string { return escape.Terminal(s, "\n\t") }
