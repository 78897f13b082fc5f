// Package importer reads the result files of other load tools: bytes in, one
// gate.Result with one run out. A format is known by its content, never by
// its name.
//
// An importer fails closed. A file that was cut short, that holds nothing, or
// whose numbers cannot be true is an error; single records that cannot be read
// are counted, warned of, and make the run invalid when they are more than one
// in a thousand. What a file does not say stays unknown: percentiles are
// taken as they are given, and an intended load that is not written down is
// not guessed.
//
// A new format is one file with an entry in Importers, fixtures made by the
// real tool in testdata/import/<tool>, a fuzz target, and a row in the README.
package importer

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// An Importer reads one format.
type Importer struct {
	// Name of the format, "vegeta results"; it becomes Tool.ImportedFrom.
	Name string
	// Tool that writes it, "vegeta"; its fixtures are in
	// testdata/import/<tool>.
	Tool string
	// Doc is one line for people: how the tool is told to write it.
	Doc string
	// Sniff reports whether a file that begins with head is of this format.
	// At most one importer says yes.
	Sniff func(head []byte) bool
	// Read reads a whole file; name is what messages call it. Errors are of
	// type *Error, without File.
	Read func(r io.Reader, name string) (gate.Result, error)
}

// Importers lists the formats, by name.
func Importers() []Importer {
	return []Importer{
		vegetaReport(),
		vegetaResults(),
	}
}

// headSize is how much of a file is looked at to tell its format.
const headSize = 64 << 10

// Import reads a foreign result file, gzipped or not, whatever its name. The
// result holds one run, "r1", and passes Validate. Memory does not grow with
// the number of records. Errors are of type *Error.
//
// A file of perfgate's own is not foreign: ask IsOwn first.
func Import(r io.Reader, name string) (gate.Result, error) {
	result, err := read(r, name)
	if err != nil {
		return gate.Result{}, inFile(err, name)
	}
	return result, nil
}

func read(r io.Reader, name string) (gate.Result, error) {
	in, err := open(r, maxInflated)
	if err != nil {
		return gate.Result{}, err
	}
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return gate.Result{}, readError(err)
	}
	if len(head) == 0 {
		return gate.Result{}, &Error{Text: "the file is empty", Hint: "the tool that should have written it did not: look at its output"}
	}
	for _, im := range Importers() {
		if im.Sniff(head) {
			return checked(im.Read(in, name))
		}
	}
	return gate.Result{}, &Error{Text: "the format is not known", Hint: "perfgate reads its own results and " + formats()}
}

// checked makes sure that nothing leaves an importer that would be refused
// when it is read back.
func checked(r gate.Result, err error) (gate.Result, error) {
	if err != nil {
		return gate.Result{}, err
	}
	if err := r.Validate(); err != nil {
		return gate.Result{}, &Error{Text: "its numbers cannot be true", Err: err}
	}
	return r, nil
}

func formats() string {
	names := []string{}
	for _, im := range Importers() {
		names = append(names, im.Name)
	}
	return strings.Join(names, ", ")
}

// IsOwn reports whether a file that begins with head was written by perfgate:
// JSON whose kind begins with "perfgate-". Such a file goes to
// gate.DecodeResult, which says what is wrong when it is not a result.
func IsOwn(head []byte) bool {
	for key, value := range topLevel(head) {
		if key == "kind" {
			kind, _ := value.(string)
			return strings.HasPrefix(kind, "perfgate-")
		}
	}
	return false
}
