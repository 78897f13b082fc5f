package config

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/perfgate/perfgate/gate"
)

const reference = "../../docs/scenario.md"

// documented is what the reference says of a key, beside its meaning.
type documented struct {
	Example  string
	Required bool
}

// The tables of the reference list every key, no other one, and with the
// example of the messages.
func TestReferenceHasTheKeys(t *testing.T) {
	want := map[string]documented{}
	documentAll(want, "", rootKeys())
	documentAll(want, "target.", targetKeys())
	documentAll(want, "target.ready.", readyKeys())
	documentAll(want, "target.ready.version.", readyVersionKeys())
	documentAll(want, "load.", loadKeys())
	documentAll(want, "tasks[].", taskKeys())
	documentAll(want, "tasks[].request.", requestKeys())
	documentAll(want, "tasks[].expect.", expectKeys())
	documentAll(want, "check.", checkKeys())
	documentAll(want, "gate.", policyKeys())
	documentAll(want, "gate.thresholds[].", thresholdKeys())
	documentAll(want, "gate.slo[].", sloKeys())
	documentAll(want, "gate.no_baseline.", noBaselineKeys())
	documentAll(want, "gate.abort.", abortKeys())
	documentAll(want, "baseline.", baselineKeys())
	documentAll(want, "[].", waiverKeys())
	got := map[string]documented{}
	for _, row := range tableRows(t, "| Key | Default | Example | Meaning |") {
		name := unquoted(row[0])
		if _, twice := got[name]; twice {
			t.Errorf("%s stands there twice", name)
		}
		got[name] = documented{unquoted(row[2]), row[1] == "required"}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs (-tables +reference):\n%s", reference, diff)
	}
}

func documentAll[T any](into map[string]documented, prefix string, table []key[T]) {
	for _, k := range table {
		into[prefix+k.name] = documented{k.example, k.shape&needed != 0}
	}
}

// Both tables of the reference, of keys and of reasons, give the defaults that
// Parse fills in.
func TestReferenceHasTheDefaults(t *testing.T) {
	s, err := Parse([]byte(completed("")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"target.ready.status":         fmt.Sprint(s.Target.Ready.Status),
		"target.ready.timeout":        shortDuration(s.Target.Ready.Timeout),
		"load.arrivals":               string(s.Load.Arrivals),
		"load.max_in_flight":          fmt.Sprint(s.Load.MaxInFlight),
		"load.warmup":                 shortDuration(s.Load.Warmup),
		"load.duration":               shortDuration(s.Load.Duration),
		"load.runs":                   fmt.Sprint(s.Load.Runs),
		"load.seed":                   fmt.Sprint(s.Load.Seed),
		"load.timeout":                shortDuration(s.Load.Timeout),
		"tasks[].weight":              fmt.Sprint(s.Tasks[0].Weight),
		"check.budget":                shortDuration(s.Check.Budget),
		"check.max_pairs":             fmt.Sprint(s.Check.MaxPairs),
		"gate.mode":                   string(s.Policy.Mode),
		"gate.inconclusive":           string(s.Policy.Inconclusive),
		"gate.no_baseline":            fmt.Sprintf("{warn_until: %d}", s.Policy.NoBaseline.WarnUntil),
		"gate.no_baseline.warn_until": fmt.Sprint(s.Policy.NoBaseline.WarnUntil),
		"baseline.store":              s.Baseline.Store,
		"baseline.branches":           strings.Join(s.Baseline.Branches, ", "),
		"baseline.keep":               fmt.Sprint(s.Baseline.Keep),
		"baseline.max_age":            fmt.Sprintf("%dd", s.Baseline.MaxAge/(24*time.Hour)),
	}
	seen := map[string]int{}
	check := func(row []string) {
		name, text := unquoted(row[0]), strings.Trim(unquoted(row[1]), "[]")
		if text == "required" || want[name] == "" {
			return
		}
		seen[name]++
		if text != want[name] {
			t.Errorf("%s: the reference says %q, Parse fills in %q", name, text, want[name])
		}
	}
	for _, row := range tableRows(t, "| Key | Default | Example | Meaning |") {
		check(row)
	}
	for _, row := range tableRows(t, "| what | default | why |") {
		check(row)
	}
	for name := range want {
		if seen[name] == 0 {
			t.Errorf("%s has no default in the reference", name)
		}
	}
}

// Every YAML of the reference is read without a problem, alone or with what a
// file needs besides.
func TestReferenceYAMLParses(t *testing.T) {
	blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(read(t, reference)), -1)
	if len(blocks) < 4 {
		t.Fatalf("only %d blocks found", len(blocks))
	}
	for _, block := range blocks {
		text := block[1]
		var err error
		switch {
		case strings.HasPrefix(text, "# "+waiverFile):
			_, err = ParseWaivers([]byte(text), "")
		case strings.HasPrefix(text, "version:"):
			_, err = Parse([]byte(text), Options{})
		default:
			_, err = Parse([]byte(completed(text)), Options{})
		}
		if err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

// completed adds what a scenario file needs to a part of one.
func completed(part string) string {
	var given map[string]any
	if err := yaml.Unmarshal([]byte(part), &given); err != nil {
		return part // Parse says it better
	}
	for _, line := range []string{"version: 1", "name: a", "target: {start: ./app}", "load: {rate: 10/s}", "tasks: [GET /health]"} {
		if name, _, _ := strings.Cut(line, ":"); given[name] == nil {
			part += line + "\n"
		}
	}
	return part
}

// What the reference calls unsupported is refused as such.
func TestReferenceNamesLaterKeys(t *testing.T) {
	_, rest, ok := strings.Cut(string(read(t, reference)), "## Not yet supported\n")
	section, _, closed := strings.Cut(rest, "\n## ")
	if !ok || !closed {
		t.Fatal("the reference has no such section")
	}
	got := map[string]bool{}
	for _, line := range strings.Split(section, "\n") {
		keys, _, _ := strings.Cut(strings.TrimPrefix(line, "- "), ":")
		if !strings.HasPrefix(line, "- ") {
			continue
		}
		for _, name := range regexp.MustCompile("`([a-z_.\\[\\]]+)`").FindAllStringSubmatch(keys, -1) {
			got[name[1]] = later(name[1])
		}
	}
	want := map[string]bool{}
	for _, name := range []string{"scenarios", "profiles", "groups", "data", "auth", "load.command", "load.accept_exit", "target.resources", "tasks[].tags"} {
		want[name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-later +reference:\n%s", diff)
	}
}

// The metrics, the severities and so on are named in the reference, so that it
// is complete for whoever writes a rule.
func TestReferenceNamesTheMetrics(t *testing.T) {
	text := string(read(t, reference))
	for _, metric := range gate.Metrics() {
		if !strings.Contains(text, "`"+metric+"`") {
			t.Errorf("%s is not named", metric)
		}
	}
}

// tableRows returns the cells of the tables below a header.
func tableRows(t *testing.T, header string) [][]string {
	t.Helper()
	var rows [][]string
	inside := false
	for _, line := range strings.Split(string(read(t, reference)), "\n") {
		switch {
		case line == header:
			inside = true
		case !strings.HasPrefix(line, "|"):
			inside = false
		case inside && !strings.HasPrefix(line, "|--"):
			cells := strings.Split(strings.Trim(line, "|"), " | ")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("no table %q", header)
	}
	return rows
}

// unquoted takes the backticks off a cell.
func unquoted(cell string) string { return strings.Trim(cell, "`") }
