package importer

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"strconv"
)

// An Error says where a foreign file is wrong, and what mends it.
type Error struct {
	File string // as the caller named it
	Line int    // from 1; 0: the whole file, or a binary one
	Text string
	Err  error  // the cause; nil when Text says it all
	Hint string // one line for people; empty when there is none
}

// Error returns "file:line: text: cause", without the hint.
func (e *Error) Error() string {
	text := e.Text
	if e.Line > 0 {
		text = strconv.Itoa(e.Line) + ": " + text
		if e.File == "" {
			text = "line " + text
		}
	}
	switch {
	case e.File != "" && e.Line > 0:
		text = e.File + ":" + text
	case e.File != "":
		text = e.File + ": " + text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// inFile makes err an *Error that names the file.
func inFile(err error, name string) error {
	var known *Error
	if !errors.As(err, &known) {
		known = readError(err)
	}
	named := *known
	named.File = name
	return &named
}

// readError explains an error of the underlying reader.
func readError(err error) *Error {
	var known *Error
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, io.ErrUnexpectedEOF):
		return cutShort("")
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return &Error{Text: "the gzip data is damaged", Err: err, Hint: "copy the file again, in binary mode"}
	}
	return &Error{Text: "cannot be read", Err: err}
}

// cutShort is the error of a file that ends in the middle of something.
func cutShort(after string) *Error {
	text := "the file was cut short"
	if after != "" {
		text += " after " + after
	}
	return &Error{Text: text, Hint: "the tool or the copy was interrupted: measure again"}
}
