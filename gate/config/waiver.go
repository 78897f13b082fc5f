package config

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/perfgate/perfgate/gate"
)

// A waiverDraft keeps the bound until the metric is known.
type waiverDraft struct {
	gate.Waiver
	max *value
}

func waiverKeys() []key[waiverDraft] {
	return []key[waiverDraft]{
		{"endpoint", scalar, `"POST /api/checkout"`, "The exact name of a task. Default: the whole.",
			func(d *decoder, v value, w *waiverDraft) { d.endpoint(v, &w.Endpoint) }},
		{"metric", scalar | needed, "latency_p95", metricDoc,
			func(d *decoder, v value, w *waiverDraft) { d.metric(v, false, &w.Metric) }},
		{"max", scalar | needed, "+25%", "How much worse the row may be at most.",
			func(_ *decoder, v value, w *waiverDraft) { w.max = &v }},
		{"reason", scalar | needed, `"checks stock first, see #123"`, "Why it is let through.",
			func(d *decoder, v value, w *waiverDraft) { d.line(v, &w.Reason) }},
		{"owner", scalar | needed, `"@team-checkout"`, "Who answers for it.",
			func(d *decoder, v value, w *waiverDraft) { d.line(v, &w.Owner) }},
		{"expires", scalar | needed, "2026-12-31", "The last day on which it holds.",
			func(d *decoder, v value, w *waiverDraft) { d.date(v, &w.Expires) }},
		{"scenario", scalar, "inference-api", "The name of the scenario. Default: any.",
			func(d *decoder, v value, w *waiverDraft) { d.slug(v, &w.Scenario) }},
	}
}

func (d *decoder) waivers(root value) []gate.Waiver {
	if shapeOf(root.node) != list {
		d.add(root, fmt.Sprintf("the file must be a list, not %s", shapeOf(root.node)), "begin each waiver with - endpoint:")
		return nil
	}
	var all []gate.Waiver
	d.items(root, mapping, func(item value) {
		w := d.waiver(item)
		for _, other := range all {
			anyScenario := w.Scenario == "" || other.Scenario == "" || w.Scenario == other.Scenario
			if w.Metric != "" && anyScenario && w.Metric == other.Metric && w.Endpoint == other.Endpoint {
				d.add(item, fmt.Sprintf("the waiver on line %d lets the same row through", other.Line), "remove one of the two")
				break
			}
		}
		all = append(all, w)
	})
	return all
}

func (d *decoder) waiver(v value) gate.Waiver {
	w := waiverDraft{Waiver: gate.Waiver{Line: v.line}}
	decodeMap(d, v, waiverKeys(), &w)
	if w.max != nil && w.Metric != "" {
		d.worse(*w.max, gate.RateMetric(w.Metric), gate.Better(w.Metric) == "higher", &w.MaxWorseRatio)
	}
	return w.Waiver
}

// line reads a text for people, on one line.
func (d *decoder) line(v value, into *string) {
	var text string
	if !d.text(v, &text) {
		return
	}
	text = strings.TrimSpace(text)
	if strings.IndexFunc(text, unicode.IsControl) >= 0 {
		d.add(v, "must stand on one line", "write the details where the reason points to")
		return
	}
	*into = text
}

// date reads a day.
func (d *decoder) date(v value, into *string) {
	text := v.node.Value
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		d.add(v, fmt.Sprintf("%s is not a day", show(text)), `write it like "2026-12-31"`)
		return
	}
	*into = text
}

// WaiverYAML writes a waiver as an item of an accept file, with its line
// breaks. ParseWaivers reads it back.
func WaiverYAML(w gate.Waiver) string {
	unit := "%"
	if gate.RateMetric(w.Metric) {
		unit = "pp"
	}
	var b strings.Builder
	field := func(name, text string) {
		lead := "  "
		if b.Len() == 0 {
			lead = "- "
		}
		b.WriteString(lead + name + ": " + text + "\n")
	}
	if w.Endpoint != "" {
		field("endpoint", quote(w.Endpoint))
	}
	field("metric", w.Metric)
	field("max", formatShare(w.MaxWorseRatio, unit))
	field("reason", quote(w.Reason))
	field("owner", quote(w.Owner))
	field("expires", w.Expires)
	if w.Scenario != "" {
		field("scenario", quote(w.Scenario))
	}
	return b.String()
}

// quote writes a double-quoted YAML text. A line break is written as such, to
// be refused when the text is read back instead of folded into a space; so are
// other control characters, as they stand.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text) + `"`
}

// AppendWaiver adds a waiver at the end of the text of an accept file, whose
// comments and order stay as they are. The error is a Problems: of the text as
// it was, or of what the waiver would make of it, such as a row that is let
// through already.
func AppendWaiver(existing []byte, w gate.Waiver) ([]byte, error) {
	if _, err := ParseWaivers(existing, ""); err != nil {
		return nil, err
	}
	text := string(existing)
	newline := "\n"
	if strings.Contains(text, "\r\n") {
		newline = "\r\n"
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += newline
	}
	indent := ""
	d := &decoder{file: waiverFile}
	if root, ok := d.optionalDocument(existing); ok {
		if root.node.Style&yaml.FlowStyle != 0 {
			d.add(root, "the list is written in brackets", "write one waiver after the other, each with a - in front")
			return nil, d.err()
		}
		indent = strings.Repeat(" ", root.node.Column-1)
	}
	for line := range strings.Lines(WaiverYAML(w)) {
		text += indent + strings.TrimSuffix(line, "\n") + newline
	}
	if _, err := ParseWaivers([]byte(text), ""); err != nil {
		return nil, err
	}
	return []byte(text), nil
}
