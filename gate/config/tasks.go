package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/perfgate/perfgate/gate"
)

func taskKeys() []key[gate.Task] {
	return []key[gate.Task]{
		{"name", scalar, `"POST /inference [small]"`, "The name under which the request is counted. Default: method and path.",
			func(d *decoder, v value, t *gate.Task) { d.endpoint(v, &t.Name) }},
		{"weight", scalar, "1", "How often the request is sent, against the weights of the others. Default: 1.",
			func(d *decoder, v value, t *gate.Task) { d.integer(v, 1, 1_000_000, &t.Weight) }},
		{"request", mapping, "{method: GET, path: /health}", "What is sent. Default: what the name says, when it is a method and a path.",
			func(d *decoder, v value, t *gate.Task) { d.request(v, &t.Request) }},
		{"expect", mapping, "{status: [200], json: true}", "What counts as a success. Default: a status from 200 to 399.",
			func(d *decoder, v value, t *gate.Task) { decodeMap(d, v, expectKeys(), &t.Expect) }},
	}
}

func expectKeys() []key[gate.Expect] {
	return []key[gate.Expect]{
		{"status", scalar | list, "[200, 404]", "The accepted status, or a list of them. Default: 200 to 399.",
			func(d *decoder, v value, e *gate.Expect) { d.statuses(v, &e.Status) }},
		{"json", scalar, "true", "Whether the body must be valid JSON. Default: false.",
			func(d *decoder, v value, e *gate.Expect) { d.boolean(v, &e.JSON) }},
		{"body", scalar, `"\"ok\""`, "A text that the body must contain. Default: any body.",
			func(d *decoder, v value, e *gate.Expect) { d.text(v, &e.Body) }},
	}
}

func (d *decoder) tasks(v value, s *draft) {
	s.tasksKnown = true
	if len(v.node.Content) == 0 {
		d.add(v, "the list is empty", "a scenario needs a task, for example GET /health")
		s.tasksKnown = false
	}
	d.items(v, scalar|mapping, func(item value) {
		task := gate.Task{Weight: 1, Line: item.line}
		if shapeOf(item.node) == scalar {
			d.shortTask(item, &task)
		} else {
			d.longTask(item, &task)
		}
		s.Tasks = append(s.Tasks, task)
		s.tasks = append(s.tasks, item)
		s.tasksKnown = s.tasksKnown && task.Name != ""
	})
	s.tasksKnown = s.tasksKnown && len(s.Tasks) == len(v.node.Content)
}

// shortTask reads "GET /health".
func (d *decoder) shortTask(v value, t *gate.Task) {
	var text string
	if d.text(v, &text) && d.requestLine(v, text, &t.Request) {
		t.Name = text
	}
}

func (d *decoder) longTask(v value, t *gate.Task) {
	s := decodeMap(d, v, taskKeys(), t)
	switch {
	case s.has("request") && !s.has("name"):
		if t.Request.Path != "" {
			t.Name = t.Request.Method + " " + t.Request.Path
		}
	case s.has("name") && !s.has("request") && t.Name != "":
		if method, path, ok := strings.Cut(t.Name, " "); ok && slices.Contains(methods(), method) && isPath(path) {
			t.Request = gate.Request{Method: method, Path: path}
			return
		}
		d.add(s.at("request"), "missing", "for example request: {method: GET, path: /health}")
	case !s.has("name") && !s.has("request"):
		d.add(s.at("request"), "missing", "for example request: {method: GET, path: /health}")
	}
}

// requestLine reads a method and a path.
func (d *decoder) requestLine(v value, text string, into *gate.Request) bool {
	method, path, ok := strings.Cut(text, " ")
	switch {
	case !ok:
		d.add(v, fmt.Sprintf("%s is not a method and a path", show(text)), `write it like "GET /health"`)
	case !slices.Contains(methods(), method):
		d.add(v, fmt.Sprintf("%s is not a method", show(method)), suggest(method, methods()))
	case !isPath(path):
		d.add(v, fmt.Sprintf("%s is not a path", show(path)), pathHint)
	default:
		into.Method, into.Path = method, path
		return true
	}
	return false
}

// methods lists the methods that a request can have. CONNECT and TRACE do not
// reach the service.
func methods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
}

const pathHint = `begin with "/", write other than printable ASCII as %XX and leave out "#" and what follows it`

// isPath reports whether a text can stand in a request line after the method.
func isPath(text string) bool {
	odd := func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`#"<>\^`+"`{|}", r) }
	if !strings.HasPrefix(text, "/") || strings.IndexFunc(text, odd) >= 0 {
		return false
	}
	_, err := url.ParseRequestURI(text)
	return err == nil
}

// path reads the path of a request.
func (d *decoder) path(v value, into *string) {
	var text string
	if !d.text(v, &text) {
		return
	}
	if !isPath(text) {
		d.add(v, fmt.Sprintf("%s is not a path", show(text)), pathHint)
		return
	}
	*into = text
}

// endpoint reads the name of a task. Names stand in rules, tables and files:
// what would not survive there is refused.
func (d *decoder) endpoint(v value, into *string) {
	var text string
	if !d.text(v, &text) {
		return
	}
	odd := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
	switch {
	case strings.Contains(text, "*"):
		d.add(v, `a name must not hold "*"`, "it stands for any text in rules")
	case odd >= 0 || text != strings.TrimSpace(text) || len(text) > 200:
		d.add(v, fmt.Sprintf("%s cannot name a task", show(text)), "use up to 200 bytes of printable text on one line, without spaces around it")
	default:
		*into = text
	}
}

func (d *decoder) statuses(v value, into *[]int) {
	one := func(item value) {
		var code int
		if !d.integer(item, 100, 599, &code) {
			return
		}
		if slices.Contains(*into, code) {
			d.add(item, fmt.Sprintf("%d stands there twice", code), "remove one of the two")
			return
		}
		*into = append(*into, code)
	}
	switch {
	case v.node.Kind == yaml.ScalarNode:
		one(v)
	case len(v.node.Content) == 0:
		d.add(v, "the list is empty", "no answer could be a success, remove status to accept 200 to 399")
	default:
		d.items(v, scalar, one)
	}
}
