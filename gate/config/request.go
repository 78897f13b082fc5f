package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

func requestKeys() []key[gate.Request] {
	return []key[gate.Request]{
		{"method", scalar, "GET", "The method. Default: GET without a body.",
			func(d *decoder, v value, r *gate.Request) { choice(d, v, &r.Method, methods()...) }},
		{"path", scalar | needed, "/health", "The path, with its query.",
			func(d *decoder, v value, r *gate.Request) { d.path(v, &r.Path) }},
		{"headers", mapping, `{X-Api-Key: "${env:API_KEY}"}`, "The headers. ${env:NAME} stands for a variable of the environment; values are never shown.",
			func(d *decoder, v value, r *gate.Request) { d.headers(v, &r.Headers) }},
		{"json", anything, "{model: resnet50}", "The body as JSON. Sets Content-Type unless headers does.",
			func(d *decoder, v value, r *gate.Request) { d.jsonBody(v, &r.Body) }},
		{"body", scalar, "a=1&b=2", "The body as text.",
			func(d *decoder, v value, r *gate.Request) { d.textBody(v, &r.Body) }},
	}
}

func (d *decoder) request(v value, into *gate.Request) {
	s := decodeMap(d, v, requestKeys(), into)
	switch {
	case s.has("json") && s.has("body"):
		d.add(s.at("body"), fmt.Sprintf("the request has a json body already (line %d)", s.lines["json"]), "keep one of the two")
	case (s.has("json") || s.has("body")) && !s.has("method"):
		d.add(s.at("method"), "missing", "a request with a body needs one, for example method: POST")
	case !s.has("method"):
		into.Method = "GET"
	}
	const contentType = "Content-Type"
	if _, given := into.Headers[contentType]; s.has("json") && !given {
		if into.Headers == nil {
			into.Headers = map[string]gate.Secret{}
		}
		into.Headers[contentType] = "application/json"
	}
}

// headers reads names and secret values; no message repeats a value.
func (d *decoder) headers(v value, into *map[string]gate.Secret) {
	*into = map[string]gate.Secret{}
	d.pairs(v, func(name string, item value) {
		canonical := canonicalHeader(name)
		_, twice := (*into)[canonical]
		switch {
		case !isHeader(name):
			d.add(item, "cannot name a header", "use letters, digits and -")
		case slices.Contains([]string{"Connection", "Content-Length", "Transfer-Encoding"}, canonical):
			d.add(item, "is set by perfgate", "remove it")
		case twice:
			d.add(item, "stands there twice, upper and lower case are the same to headers", "remove one of the two")
		case shapeOf(item.node) != scalar:
			d.add(item, fmt.Sprintf("must be text, not %s", shapeOf(item.node)), "")
		case isEmpty(item.node):
			d.add(item, "has no value", `write "" for an empty one`)
		default:
			d.headerValue(item, canonical, *into)
		}
	})
}

func (d *decoder) headerValue(v value, name string, into map[string]gate.Secret) {
	switch v.node.Tag {
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
	default:
		d.wrongTag(v)
		return
	}
	text, _, ok := d.expand(v, v.node.Value)
	if !ok {
		return
	}
	if strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) >= 0 {
		d.add(v, "the value holds a line break or control character", "trim the secret where it is stored")
		return
	}
	into[name] = gate.Secret(text)
}

// isHeader reports whether a name is a token of RFC 9110 section 5.6.2.
func isHeader(name string) bool {
	odd := func(r rune) bool { return !isWord(r) && !strings.ContainsRune("!#$%&'*+.^`|~", r) }
	return name != "" && len(name) <= 200 && strings.IndexFunc(name, odd) < 0
}

// canonicalHeader writes a name as net/http does, which this package must not
// import: "x-api-KEY" becomes "X-Api-Key".
func canonicalHeader(name string) string {
	parts := strings.Split(strings.ToLower(name), "-")
	for i, part := range parts {
		if part != "" {
			parts[i] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return strings.Join(parts, "-")
}

func (d *decoder) textBody(v value, into *[]byte) {
	var text string
	if !d.anyText(v, &text) || !d.noPlaceholder(v, text) {
		return
	}
	if text == "" {
		d.add(v, "is empty", "remove it to send no body")
		return
	}
	*into = []byte(text)
}

// jsonBody encodes a value as JSON without spaces and with sorted keys, so
// that the same body always has the same digest.
func (d *decoder) jsonBody(v value, into *[]byte) {
	before := len(d.problems)
	tree := d.jsonValue(v)
	if len(d.problems) > before {
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(tree); err != nil {
		d.add(v, "cannot be written as JSON", "write the body as text, with body")
		return
	}
	*into = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (d *decoder) jsonValue(v value) any {
	switch shapeOf(v.node) {
	case mapping:
		object := map[string]any{}
		d.pairs(v, func(name string, item value) { object[name] = d.jsonValue(item) })
		return object
	case list:
		array := make([]any, len(v.node.Content))
		for i := range array {
			array[i] = d.jsonValue(v.item(i))
		}
		return array
	}
	text := v.node.Value
	switch v.node.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(text, "true")
	case "!!str", "!!timestamp":
		d.noPlaceholder(v, text)
		return text
	case "!!int", "!!float":
		return d.jsonNumber(v, text)
	}
	d.wrongTag(v)
	return nil
}

// jsonNumber keeps whole numbers digit for digit, and takes the shortest
// decimal of others. Other bases and NaN have no JSON.
func (d *decoder) jsonNumber(v value, text string) any {
	text = strings.TrimPrefix(text, "+")
	if decimal(strings.TrimPrefix(text, "-")) {
		return json.Number(text)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) || v.node.Tag == "!!int" || strings.ContainsAny(text, "_xXpP") {
		d.add(v, fmt.Sprintf("%s is not a number in JSON", show(v.node.Value)), "write it in decimal, or as text in quotes")
		return nil
	}
	return n
}
