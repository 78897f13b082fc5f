package config

import (
	"fmt"
	"strings"
)

const (
	openPlaceholder = "${"
	envPlaceholder  = "${env:"
	dataPlaceholder = "${data:"
)

// noPlaceholder refuses ${env:NAME} where it would be sent or run as it
// stands.
func (d *decoder) noPlaceholder(v value, text string) bool {
	switch {
	case strings.Contains(text, envPlaceholder):
		d.add(v, envPlaceholder+"…} stands only in request headers and target.url", "elsewhere a value would end up in reports; commands see the environment as it is")
	case strings.Contains(text, dataPlaceholder):
		d.add(v, dataPlaceholder+"…} is not supported yet by this version", "write the data out")
	default:
		return true
	}
	return false
}

// expand fills in ${env:NAME}. The result is secret: neither it nor the text
// around the placeholders may stand in a message. Without an environment the
// placeholders stay, and open is true.
func (d *decoder) expand(v value, text string) (filled string, open, ok bool) {
	var b strings.Builder
	ok = true
	for {
		before, rest, found := strings.Cut(text, openPlaceholder)
		b.WriteString(before)
		if !found {
			return b.String(), open, ok
		}
		inside, after, closed := strings.Cut(rest, "}")
		name, isEnv := strings.CutPrefix(inside, "env:")
		if !closed || !isEnv || !isVariable(name) {
			d.add(v, `"${" does not begin a placeholder that is known here`, "write ${env:NAME}")
			return "", false, false
		}
		text = after
		if d.env == nil {
			b.WriteString(envPlaceholder + name + "}")
			open = true
			continue
		}
		found = d.lookUp(v, name, &b)
		ok = ok && found
	}
}

func (d *decoder) lookUp(v value, name string, into *strings.Builder) bool {
	text, set := d.env(name)
	switch {
	case !set:
		d.add(v, fmt.Sprintf("the environment variable %s is not set", name), "set it, or hand the secret to this step of the pipeline")
	case text == "":
		d.add(v, fmt.Sprintf("the environment variable %s is empty", name), "pipelines hand no secrets to pull requests from forks")
	default:
		into.WriteString(text)
		return true
	}
	return false
}

// isVariable reports whether a name can be one of an environment variable.
func isVariable(name string) bool {
	for i, r := range name {
		if !isWord(r) || r == '-' || i == 0 && '0' <= r && r <= '9' {
			return false
		}
	}
	return name != "" && len(name) <= 200
}
