package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// The methods here read one value into a variable and report whether they
// could; when they could not, they have added the problem.

// text reads a text that is not empty and holds no placeholder.
func (d *decoder) text(v value, into *string) bool {
	if !d.anyText(v, into) {
		return false
	}
	if strings.TrimSpace(*into) == "" {
		d.add(v, "is empty", "give it a text or remove it")
		return false
	}
	return d.noPlaceholder(v, *into)
}

// anyText reads a text as it stands.
func (d *decoder) anyText(v value, into *string) bool {
	switch v.node.Tag {
	case "!!str":
		*into = v.node.Value
		return true
	case "!!int", "!!float", "!!bool", "!!timestamp":
		d.add(v, fmt.Sprintf("%s is not text to YAML", show(v.node.Value)), "put it in quotes")
	default:
		d.wrongTag(v)
	}
	return false
}

// plainText reads what stands there as text, numbers and true included.
func (d *decoder) plainText(v value, into *string) bool {
	switch v.node.Tag {
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
		*into = v.node.Value
		return d.noPlaceholder(v, *into)
	}
	d.wrongTag(v)
	return false
}

func (d *decoder) wrongTag(v value) {
	d.add(v, fmt.Sprintf("the tag %s is not supported", show(v.node.Tag)), "remove it")
}

func (d *decoder) boolean(v value, into *bool) {
	if v.node.Tag == "!!bool" {
		*into = strings.EqualFold(v.node.Value, "true")
		return
	}
	d.add(v, fmt.Sprintf("must be true or false, not %s", show(v.node.Value)), "")
}

// integer reads a whole number within bounds.
func (d *decoder) integer(v value, least, most int, into *int) bool {
	text := v.node.Value
	hint := fmt.Sprintf("write a whole number from %d to %d", least, most)
	if v.node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && decimal(text) {
		d.add(v, fmt.Sprintf("%s is text, not a number", show(text)), "remove the quotes")
		return false
	}
	if !decimal(text) {
		d.add(v, fmt.Sprintf("%s is not a whole number", show(text)), hint)
		return false
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		d.add(v, show(text)+" is out of range", hint)
		return false
	}
	*into = n
	return true
}

// choice reads one of a few words.
func choice[T ~string](d *decoder, v value, into *T, words ...T) bool {
	if slices.Contains(words, T(v.node.Value)) {
		*into = T(v.node.Value)
		return true
	}
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	d.add(v, fmt.Sprintf("%s is not known here", show(v.node.Value)), suggest(v.node.Value, all))
	return false
}

// duration reads a length of time within bounds.
func (d *decoder) duration(v value, least, most time.Duration, into *time.Duration) bool {
	text := v.node.Value
	if number, unit := splitNumber(text); number != "" && unit == "" {
		d.add(v, fmt.Sprintf("%s has no unit", show(text)), fmt.Sprintf("write %q or %q", text+"s", text+"ms"))
		return false
	}
	length, ok := parseDuration(text)
	if !ok {
		d.add(v, fmt.Sprintf("%s is not a length of time", show(text)), `write it like "10s", "500ms" or "1m30s"`)
		return false
	}
	if length < least || length > most {
		d.add(v, show(text)+" is out of range", fmt.Sprintf("write %s to %s", shortDuration(least), shortDuration(most)))
		return false
	}
	*into = length
	return true
}

// shortDuration writes "24h" where time.Duration says "24h0m0s".
func shortDuration(length time.Duration) string {
	text := length.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// rate reads a number of things a second, above zero.
func (d *decoder) rate(v value, most float64, into *float64) {
	text := v.node.Value
	n, ok := parseRate(text)
	if number, unit := splitNumber(text); number != "" && unit == "" {
		d.add(v, fmt.Sprintf("%s has no unit", show(text)), fmt.Sprintf("write %q", text+"/s"))
		return
	}
	if !ok {
		d.add(v, fmt.Sprintf("%s is not a rate", show(text)), `write it like "400/s" or "100/m"`)
		return
	}
	if n <= 0 || n > most {
		d.add(v, show(text)+" is out of range", fmt.Sprintf("write more than 0/s and at most %.0f/s", most))
		return
	}
	*into = n
}

// share reads a percentage above zero and at most most, as a ratio.
func (d *decoder) share(v value, most float64, into *float64) bool {
	text := v.node.Value
	ratio, unit, ok := parseShare(text)
	if !ok || unit != "%" {
		d.add(v, fmt.Sprintf("%s is not a percentage", show(text)), `write it like "5%"`)
		return false
	}
	if ratio <= 0 || ratio > most {
		d.add(v, show(text)+" is out of range", fmt.Sprintf("write more than 0%% and at most %g%%", percent(most)))
		return false
	}
	*into = ratio
	return true
}

// worse reads how much worse a metric may be: percentage points of metrics
// that are shares themselves (points), else per cent of the baseline. A metric
// that is better when higher cannot fall by more than all of it (falls).
func (d *decoder) worse(v value, points, falls bool, into *float64) bool {
	text := v.node.Value
	ratio, unit, ok := parseShare(text)
	most := 10.0
	if points || falls {
		most = 1
	}
	switch {
	case ok && unit == "%" && points:
		d.add(v, fmt.Sprintf("%s of a share is ambiguous", show(text)), fmt.Sprintf("write percentage points, %q", formatShare(ratio, "pp")))
	case ok && unit == "pp" && !points:
		d.add(v, fmt.Sprintf("%s is for error_rate and delivered only", show(text)), fmt.Sprintf("write %q", formatShare(ratio, "%")[1:]))
	case !ok && points:
		d.add(v, fmt.Sprintf("%s is not a change", show(text)), `write percentage points like "+0.1pp"`)
	case !ok:
		d.add(v, fmt.Sprintf("%s is not a change", show(text)), `write how much worse it may be like "5%"`)
	case ratio <= 0 || ratio > most || falls && ratio == most:
		bound := "at most"
		if falls {
			bound = "less than"
		}
		d.add(v, show(text)+" is out of range", fmt.Sprintf("write more than 0 and %s %g%s", bound, percent(most), unit))
	default:
		*into = ratio
		return true
	}
	return false
}

// wait reads a pause, "1s", or bounds of one, "500ms..2s".
func (d *decoder) wait(v value, least, most *time.Duration) {
	const longest = time.Hour
	from, to, isRange := strings.Cut(v.node.Value, "..")
	if !isRange {
		if d.duration(v, time.Millisecond, longest, least) {
			*most = *least
		}
		return
	}
	low, okLow := parseDuration(strings.TrimSpace(from))
	high, okHigh := parseDuration(strings.TrimSpace(to))
	switch {
	case !okLow || !okHigh:
		d.add(v, fmt.Sprintf("%s is not a pause", show(v.node.Value)), `write it like "1s" or "500ms..2s"`)
	case low > high:
		d.add(v, fmt.Sprintf("%s ends before it begins", show(v.node.Value)), "write the shorter pause first")
	case high == 0 || high > longest:
		d.add(v, show(v.node.Value)+" is out of range", "write more than 0 and at most 1h")
	default:
		*least, *most = low, high
	}
}

// seed reads any whole number that a seed can hold.
func (d *decoder) seed(v value, into *uint64) {
	n, err := strconv.ParseUint(v.node.Value, 10, 64)
	if err != nil || !decimal(v.node.Value) || v.node.Tag == "!!str" {
		d.add(v, fmt.Sprintf("%s is not a seed", show(v.node.Value)), fmt.Sprintf("write a whole number from 0 to %d", uint64(math.MaxUint64)))
		return
	}
	*into = n
}
