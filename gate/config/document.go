package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Bounds of a file. A scenario of hundreds of tasks stays far below them;
// nested aliases that expand for ever do not.
const (
	maxBytes = 1 << 20
	maxNodes = 100_000 // aliases count as often as they are used
	maxDepth = 64
	maxItems = 1000 // of one list: rules are checked against every task
)

// quoteHint answers the syntax errors that a name with YAML's own characters
// causes, such as POST /inference [small] between braces.
const quoteHint = `put the name in quotes when it holds any of [ ] { } , ? : # * & @ % or a backtick`

// document reads the only document of a file that must not be empty.
func (d *decoder) document(data []byte) (value, bool) {
	v, ok := d.optionalDocument(data)
	if !ok && len(d.problems) == 0 {
		d.add(value{line: 1}, "the file is empty", "a scenario needs version, name, target, load and tasks")
	}
	return v, ok
}

// optionalDocument reads the only document of a file and returns false for an
// empty one or with a problem.
func (d *decoder) optionalDocument(data []byte) (value, bool) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if p, bad := unreadable(data); bad {
		d.add(value{line: p.Line}, p.Message, p.Hint)
		return value{}, false
	}
	var first, second yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := decodeNode(dec, &first); errors.Is(err, io.EOF) {
		return value{}, false
	} else if err != nil {
		d.syntax(data, err)
		return value{}, false
	}
	if err := decodeNode(dec, &second); err == nil {
		d.add(value{line: second.Line}, "the file holds a second document", `remove the "---" and what follows, one file is one document`)
		return value{}, false
	} else if !errors.Is(err, io.EOF) {
		d.syntax(data, err)
		return value{}, false
	}
	if len(first.Content) != 1 || isEmpty(first.Content[0]) {
		return value{}, false
	}
	root := first.Content[0]
	left := maxNodes
	if !weigh(root, 0, &left) {
		d.add(value{line: 1}, fmt.Sprintf("the file holds more than %d values, or values nested deeper than %d, once its aliases are filled in", maxNodes, maxDepth),
			"write the repeated parts out")
		return value{}, false
	}
	return value{node: root, line: 1}, true
}

// decodeNode reads the next document. The YAML parser panics on a few inputs
// that it calls internal errors; for the writer of the file they are errors
// like the others.
func decodeNode(dec *yaml.Decoder, into *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	return dec.Decode(into)
}

// unreadable finds what makes a file no text: it says so by line, where the
// YAML parser would not.
func unreadable(data []byte) (Problem, bool) {
	if len(data) > maxBytes {
		return Problem{Line: 1, Message: fmt.Sprintf("the file is %d bytes long", len(data)), Hint: fmt.Sprintf("at most %d are read", maxBytes)}, true
	}
	line := 1
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return Problem{Line: line, Message: "the file is not UTF-8", Hint: "save it as UTF-8 text"}, true
		case r == '\n':
			line++
		case r != '\t' && r != '\r' && unicode.IsControl(r), strings.ContainsRune("\u2028\u2029\ufeff\ufffe\uffff", r):
			return Problem{Line: line, Message: fmt.Sprintf("the file holds the control character %U", r), Hint: "remove it"}, true
		}
		i += size
	}
	return Problem{}, false
}

// weigh reports whether a tree stays within the bounds. It ends for cycles
// too, at the depth or the number of nodes, whichever comes first.
func weigh(n *yaml.Node, depth int, left *int) bool {
	if *left--; *left < 0 || depth > maxDepth {
		return false
	}
	if n.Kind == yaml.AliasNode {
		return weigh(n.Alias, depth+1, left)
	}
	for _, child := range n.Content {
		if !weigh(child, depth+1, left) {
			return false
		}
	}
	return true
}

// syntax turns an error of the YAML parser into a problem with the line a
// person would look at and what usually mends it.
func (d *decoder) syntax(data []byte, err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		number, message, _ := strings.Cut(rest, ": ")
		line, _ = strconv.Atoi(number)
		text = message
	}
	lines := strings.Split(string(data), "\n")
	hint := ""
	switch {
	case strings.HasPrefix(text, "did not find expected ',' or"):
		// The parser counts these lines from 0 and leaves the first out.
		line++
		hint = quoteHint
	case text == "did not find expected key", text == "did not find expected '-' indicator":
		line = firstBadLine(lines, line+1)
		hint = "check the indentation of this line against the lines above"
	case strings.HasPrefix(text, "unknown anchor "):
		name := strings.Trim(strings.TrimSuffix(strings.TrimPrefix(text, "unknown anchor "), " referenced"), "'")
		line = 1 + indexLine(lines, "*"+name)
		hint = quoteHint
	case text == "mapping values are not allowed in this context",
		text == "did not find expected alphabetic or numeric character":
		hint = quoteHint
	case text == "found character that cannot start any token":
		hint = tokenHint(lines, max(line, 1))
	case text == "found unexpected end of stream":
		hint = "a quote that opens here is never closed"
	}
	d.add(value{line: min(max(line, 1), len(lines))}, "this is not YAML: "+text, hint)
}

// firstBadLine finds the line that breaks a block; the parser names the one on
// which the block begins. The lines before it are valid YAML, with it they are
// not.
func firstBadLine(lines []string, from int) int {
	return 1 + sort.Search(len(lines)-1, func(i int) bool {
		if i+1 < from {
			return false
		}
		var n yaml.Node
		err := decodeNode(yaml.NewDecoder(strings.NewReader(strings.Join(lines[:i+1], "\n"))), &n)
		return err != nil && !errors.Is(err, io.EOF)
	})
}

func indexLine(lines []string, part string) int {
	for i, line := range lines {
		if strings.Contains(line, part) {
			return i
		}
	}
	return 0
}

func tokenHint(lines []string, line int) string {
	if line <= len(lines) {
		body := strings.TrimLeft(lines[line-1], " ")
		if strings.HasPrefix(body, "\t") {
			return "indent with spaces, YAML allows no tab there"
		}
	}
	return quoteHint
}
