package config

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

func targetKeys() []key[gate.Target] {
	command := func(pick func(*gate.Target) *string) func(*decoder, value, *gate.Target) {
		return func(d *decoder, v value, t *gate.Target) { d.text(v, pick(t)) }
	}
	return []key[gate.Target]{
		{"url", scalar | orNull, "http://127.0.0.1:8000", "The address of a service that runs already, instead of start. It is not restarted between runs.",
			func(d *decoder, v value, t *gate.Target) { d.address(v, &t.URL) }},
		{"build", scalar | orNull, "go build -o ./bin/api ./cmd/api", "A command that builds the service, once a side, in the checkout of that side.",
			command(func(t *gate.Target) *string { return &t.Build })},
		{"artifacts", list, "[./bin/api]", "What the service runs from after build: files, folders, or image:NAME. When they and the other commands are equal on both sides, a check is skipped and reports success. Default: not known.",
			func(d *decoder, v value, t *gate.Target) { d.artifacts(v, &t.Artifacts) }},
		{"prepare", scalar | orNull, "./scripts/migrate-and-seed.sh", "A command that runs once a side, before its first start.",
			command(func(t *gate.Target) *string { return &t.Prepare })},
		{"reset", scalar | orNull, "./scripts/reset-db.sh", "A command that runs before every run of either side, outside the clock.",
			command(func(t *gate.Target) *string { return &t.Reset })},
		{"start", scalar | orNull, `"./bin/api --port ${PERFGATE_PORT}"`, "A command that starts the service on the port PERFGATE_PORT.",
			command(func(t *gate.Target) *string { return &t.Start })},
		{"stop", scalar | orNull, "docker compose down -v", "How to end what start left running, for a start that returns at once (compose, systemd, kubectl). Always run at the end.",
			command(func(t *gate.Target) *string { return &t.Stop })},
		{"ready", scalar | mapping, "/health", "When the service may get load: a path that answers 200, or the details. Default: /.",
			func(d *decoder, v value, t *gate.Target) { d.ready(v, &t.Ready) }},
		{"env", mapping, `{GOGC: "100"}`, "Variables for every command. They are part of the environment class: results with other values are not compared.",
			func(d *decoder, v value, t *gate.Target) { d.variables(v, &t.Env) }},
	}
}

func readyKeys() []key[gate.Ready] {
	return []key[gate.Ready]{
		{"path", scalar, "/health", "The path that is asked. Default: /.",
			func(d *decoder, v value, r *gate.Ready) { d.path(v, &r.Path) }},
		{"status", scalar, "200", "The status that means ready. Default: 200.",
			func(d *decoder, v value, r *gate.Ready) { d.integer(v, 100, 599, &r.Status) }},
		{"timeout", scalar, "30s", "How long the service may take to become ready. Default: 30s.",
			func(d *decoder, v value, r *gate.Ready) { d.duration(v, 100*time.Millisecond, time.Hour, &r.Timeout) }},
		{"version", mapping, "{path: /version, json: commit}", "Where the service says which commit it is. One that names another commit than the one under test is refused.",
			func(d *decoder, v value, r *gate.Ready) {
				r.Version = &gate.ReadyVersion{}
				decodeMap(d, v, readyVersionKeys(), r.Version)
			}},
	}
}

func readyVersionKeys() []key[gate.ReadyVersion] {
	return []key[gate.ReadyVersion]{
		{"path", scalar | needed, "/version", "The path that answers with a JSON object.",
			func(d *decoder, v value, r *gate.ReadyVersion) { d.path(v, &r.Path) }},
		{"json", scalar | needed, "commit", "The key of the object that holds the commit.",
			func(d *decoder, v value, r *gate.ReadyVersion) { d.text(v, &r.JSON) }},
	}
}

func (d *decoder) target(v value, into *gate.Target) {
	into.Ready = gate.Ready{Status: gate.DefaultReadyStatus, Timeout: gate.DefaultReadyTimeout}
	s := decodeMap(d, v, targetKeys(), into)
	switch {
	case s.has("url") && s.has("start"):
		d.add(s.at("start"), fmt.Sprintf("the target has a url already (line %d)", s.lines["url"]), "keep url for a service that runs, or start for one that perfgate starts")
	case !s.has("url") && !s.has("start"):
		d.add(s.value, "neither start nor url is given", `write start: "./app --port ${PERFGATE_PORT}" or url: http://127.0.0.1:8000`)
	case s.has("stop") && !s.has("start"):
		d.add(s.at("stop"), "there is no start that it would end", "remove it")
	}
}

func (d *decoder) ready(v value, into *gate.Ready) {
	if shapeOf(v.node) == scalar {
		d.path(v, &into.Path)
		return
	}
	decodeMap(d, v, readyKeys(), into)
}

// address reads the base URL of a target. It may come from the environment,
// so no message repeats it.
func (d *decoder) address(v value, into *string) {
	var raw string
	if !d.anyText(v, &raw) {
		return
	}
	text, open, ok := d.expand(v, raw)
	if !ok {
		return
	}
	if open {
		*into = raw
		return
	}
	clean, problem, hint := TargetURL(text)
	if problem != "" {
		d.add(v, problem, hint)
		return
	}
	*into = clean
}

// TargetURL checks the base address of a service, http or https without user,
// query or fragment, and returns it without a slash at its end. problem is empty
// when it is right; it and hint never repeat the text, which may hold a password.
func TargetURL(text string) (clean, problem, hint string) {
	u, err := url.Parse(text)
	const write = `write it like "http://127.0.0.1:8000" or "https://staging.example.com/api"`
	switch {
	case err != nil:
		return "", "this is not a URL", write
	case u.Scheme != "http" && u.Scheme != "https":
		return "", "the URL must begin with http:// or https://", write
	case u.User != nil:
		return "", "the URL holds a user or password", `send it as a header instead: headers: {Authorization: "${env:NAME}"}`
	case u.Hostname() == "":
		return "", "the URL names no host", write
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return "", "the URL must end with its path", "put queries into the paths of the tasks and remove fragments"
	}
	return strings.TrimRight(text, "/"), "", ""
}

// artifacts reads what a build leaves.
func (d *decoder) artifacts(v value, into *[]string) {
	if len(v.node.Content) == 0 {
		d.add(v, "the list is empty", "remove artifacts when it is not known what the service runs from")
	}
	d.items(v, scalar, func(item value) {
		var name string
		if d.text(item, &name) {
			*into = append(*into, name)
		}
	})
}

// variables reads target.env.
func (d *decoder) variables(v value, into *map[string]string) {
	*into = map[string]string{}
	d.pairs(v, func(name string, item value) {
		switch {
		case !isVariable(name):
			d.add(item, "cannot name a variable", "use letters, digits and _")
		case strings.HasPrefix(name, "PERFGATE_"):
			d.add(item, "names that begin with PERFGATE_ are set by perfgate", "choose another name")
		case shapeOf(item.node) != scalar:
			d.add(item, fmt.Sprintf("must be text, not %s", shapeOf(item.node)), "")
		case isEmpty(item.node):
			d.add(item, "has no value", `write "" for an empty one`)
		default:
			var text string
			if d.plainText(item, &text) {
				(*into)[name] = text
			}
		}
	})
}
