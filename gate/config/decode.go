package config

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// A decoder collects what is wrong while it walks one file.
type decoder struct {
	file     string
	env      func(string) (string, bool)
	problems Problems
}

// A value is a node of the file and where it stands.
type value struct {
	node  *yaml.Node // never an alias
	field string     // "load.duration"; empty: the whole file
	line  int        // of its key, or of the item in a list
}

func (d *decoder) add(v value, message, hint string) {
	d.problems = append(d.problems, Problem{File: d.file, Line: v.line, Field: v.field, Message: message, Hint: hint})
}

func (d *decoder) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	return d.problems
}

// child is the value of a key of v.
func (v value) child(name *yaml.Node, item *yaml.Node) value {
	return value{node: resolved(item), field: join(v.field, name.Value), line: name.Line}
}

// item is the i-th value of the list v.
func (v value) item(i int) value {
	n := v.node.Content[i]
	return value{node: resolved(n), field: fmt.Sprintf("%s[%d]", v.field, i), line: n.Line}
}

func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// join appends a key to a field. Keys are text of the file: what is not a
// plain word is quoted, so that a message stays on its line.
func join(field, name string) string {
	plain := name != "" && len(name) <= 60 && strings.IndexFunc(name, func(r rune) bool { return !isWord(r) }) < 0
	switch {
	case !plain:
		return field + "[" + show(name) + "]"
	case field == "":
		return name
	}
	return field + "." + name
}

func isWord(r rune) bool {
	return r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// A shape is the set of forms in which a value may be written, and whether it
// may be left out.
type shape uint8

const (
	scalar shape = 1 << iota
	list
	mapping
	needed // the key must be there
	orNull // an explicit null means "not set"

	// anything is the shape of a JSON value, which may be null too.
	anything = scalar | list | mapping
)

func (s shape) String() string {
	var names []string
	for _, one := range []struct {
		bit  shape
		name string
	}{{scalar, "a single value"}, {list, "a list"}, {mapping, "a mapping"}} {
		if s&one.bit != 0 {
			names = append(names, one.name)
		}
	}
	return strings.Join(names, " or ")
}

func shapeOf(n *yaml.Node) shape {
	switch n.Kind {
	case yaml.SequenceNode:
		return list
	case yaml.MappingNode:
		return mapping
	}
	return scalar
}

// A key is one key of a mapping that is read into a T.
type key[T any] struct {
	name    string
	shape   shape
	example string // a value, as it is written in the file
	doc     string // the description in the JSON Schema
	set     func(*decoder, value, *T)
}

// A section is what decodeMap saw of a mapping.
type section struct {
	value
	lines map[string]int // of the keys that are there, misspelt ones included
	// excused: a key of a later version is there, which may stand for one
	// that is missing.
	excused bool
}

func (s section) has(name string) bool { return s.lines[name] > 0 }

// at is where a key of the section stands, or the section without it.
func (s section) at(name string) value {
	v := value{field: join(s.field, name), line: s.line}
	if line, ok := s.lines[name]; ok {
		v.line = line
	}
	return v
}

// decodeMap reads a mapping by its table of keys.
func decodeMap[T any](d *decoder, v value, table []key[T], into *T) section {
	s := section{value: v, lines: map[string]int{}}
	d.pairs(v, func(name string, item value) {
		for _, k := range table {
			if k.name != name {
				continue
			}
			if k.shape&orNull == 0 || !isNull(item.node) {
				s.lines[name] = item.line
				decodeKey(d, item, k, into)
			}
			return
		}
		if later(item.field) {
			s.excused = true
			d.add(item, "not supported yet by this version", "remove it")
			return
		}
		near := Nearest(name, names(table))
		if near != "" {
			s.lines[near] = item.line
		}
		d.unknown(item, name, names(table))
	})
	for _, k := range table {
		if k.shape&needed != 0 && !s.has(k.name) && !s.excused {
			d.add(s.at(k.name), "missing", "for example "+k.name+": "+k.example)
		}
	}
	return s
}

func decodeKey[T any](d *decoder, v value, k key[T], into *T) {
	hint := "for example " + k.name + ": " + k.example
	switch {
	case isEmpty(v.node) && (k.shape != anything || !isNull(v.node)):
		d.add(v, "has no value", hint)
	case shapeOf(v.node)&k.shape == 0:
		d.add(v, fmt.Sprintf("must be %s, not %s", k.shape, shapeOf(v.node)), hint)
	default:
		k.set(d, v, into)
	}
}

func (d *decoder) unknown(item value, name string, choices []string) {
	if isEmpty(item.node) && !isNull(item.node) && strings.ContainsAny(name, " /[") {
		// {endpoint: POST /a, b} is two keys to YAML.
		d.add(item, "unknown key", "a text with a comma between braces needs quotes")
		return
	}
	d.add(item, "unknown key", suggest(name, choices))
}

func names[T any](table []key[T]) []string {
	all := make([]string, len(table))
	for i, k := range table {
		all[i] = k.name
	}
	return all
}

// pairs calls do for each key of a mapping in the file's order, and refuses
// the keys that are no text or stand there twice.
func (d *decoder) pairs(v value, do func(name string, item value)) {
	lines := map[string]int{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		name := v.node.Content[i]
		at := value{field: v.field, line: name.Line}
		switch {
		case name.Kind != yaml.ScalarNode:
			d.add(at, "a key must be text", quoteHint)
		case name.Tag == "!!merge":
			d.add(at, `"<<" is not supported`, "write the keys out, or use an alias for a whole value")
		case lines[name.Value] > 0:
			d.add(v.child(name, v.node.Content[i+1]), fmt.Sprintf("already set on line %d", lines[name.Value]), "remove one of the two")
		default:
			lines[name.Value] = name.Line
			do(name.Value, v.child(name, v.node.Content[i+1]))
		}
	}
}

// items calls do for each value of a list that has one of the shapes.
func (d *decoder) items(v value, want shape, do func(item value)) {
	if n := len(v.node.Content); n > maxItems {
		d.add(v, fmt.Sprintf("the list holds %d values", n), fmt.Sprintf("at most %d are read", maxItems))
		return
	}
	for i := range v.node.Content {
		item := v.item(i)
		switch {
		case isEmpty(item.node):
			d.add(item, "has no value", "remove it")
		case shapeOf(item.node)&want == 0:
			d.add(item, fmt.Sprintf("must be %s, not %s", want, shapeOf(item.node)), "")
		default:
			do(item)
		}
	}
}

// isEmpty reports whether a value is absent: nothing after the colon, or null.
func isEmpty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// isNull reports whether somebody wrote null.
func isNull(n *yaml.Node) bool { return isEmpty(n) && n.Value != "" }

// later reports whether a field belongs to a feature that the format has and
// this version has not.
func later(field string) bool {
	switch withoutIndexes(field) {
	case "scenarios", "profiles", "groups", "data", "auth",
		"load.command", "load.accept_exit", "target.resources", "tasks[].tags":
		return true
	}
	return false
}

// withoutIndexes turns "tasks[3].tags" into "tasks[].tags".
func withoutIndexes(field string) string {
	var b strings.Builder
	inside := false
	for _, r := range field {
		inside = r != ']' && (inside || r == '[')
		if !inside || r == '[' {
			b.WriteRune(r)
		}
	}
	return b.String()
}
