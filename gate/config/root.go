package config

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/perfgate/perfgate/gate"
)

// A draft is a scenario while it is read, with where its parts stand, for the
// checks that need more than one section.
type draft struct {
	gate.Scenario
	tasks      []value // parallel to Tasks
	tasksKnown bool    // every task has its name
	thresholds []section
	slos       []section
}

func rootKeys() []key[draft] {
	return []key[draft]{
		{"version", scalar | needed, "1", "The version of this format. Always 1.",
			func(d *decoder, v value, _ *draft) { d.version(v) }},
		{"name", scalar | needed, "inference-api", "The name of the scenario: letters, digits, '.', '_' and '-'. Results are stored under it.",
			func(d *decoder, v value, s *draft) { d.slug(v, &s.Name) }},
		{"target", mapping | needed, `{start: "./app --port ${PERFGATE_PORT}", ready: /health}`, "The service under test: a command that starts it, or the address of one that runs.",
			func(d *decoder, v value, s *draft) { d.target(v, &s.Target) }},
		{"paths", list, `["cmd/**", go.sum]`, "Globs of files that can matter. When none of them changed, a check is skipped and reports success. Default: every file.",
			func(d *decoder, v value, s *draft) { d.globs(v, &s.Paths) }},
		{"load", mapping | needed, "{rate: 100/s}", "How requests are offered. Give rate (open model) or users (closed model).",
			func(d *decoder, v value, s *draft) { d.load(v, &s.Load) }},
		{"tasks", list | needed, "[GET /health]", "The requests, each counted under its name.",
			func(d *decoder, v value, s *draft) { d.tasks(v, s) }},
		{"check", mapping, "{budget: 8m}", "How perfgate check compares two sides.",
			func(d *decoder, v value, s *draft) { decodeMap(d, v, checkKeys(), &s.Check) }},
		{"gate", mapping, "{mode: observe}", "What matters and what is done about it. Every key is optional.",
			func(d *decoder, v value, s *draft) { d.policy(v, s) }},
		{"baseline", mapping, "{branches: [main]}", "Where results are kept and which of them may be a baseline.",
			func(d *decoder, v value, s *draft) { decodeMap(d, v, baselineKeys(), &s.Baseline) }},
	}
}

func checkKeys() []key[gate.Check] {
	return []key[gate.Check]{
		{"design", scalar, "auto", "paired measures both sides in turn on this machine, history compares with stored results. Default: auto, paired where both sides can be started.",
			func(d *decoder, v value, c *gate.Check) {
				const auto gate.Design = "auto"
				if choice(d, v, &c.Design, auto, gate.DesignPaired, gate.DesignHistory) && c.Design == auto {
					c.Design = ""
				}
			}},
		{"budget", scalar, "8m", "The time that a check may take, builds included. Default: 8m.",
			func(d *decoder, v value, c *gate.Check) { d.duration(v, 10*time.Second, 24*time.Hour, &c.Budget) }},
		{"max_pairs", scalar, "16", "The most pairs of runs that a check makes. Default: 16.",
			func(d *decoder, v value, c *gate.Check) { d.integer(v, 1, 100, &c.MaxPairs) }},
	}
}

func baselineKeys() []key[gate.Baseline] {
	return []key[gate.Baseline]{
		{"store", scalar, `"dir:.perfgate"`, "The location of the store. Default: dir:.perfgate.",
			func(d *decoder, v value, b *gate.Baseline) { d.store(v, &b.Store) }},
		{"branches", list, "[main]", "The branches whose results may be a baseline. Default: [main].",
			func(d *decoder, v value, b *gate.Baseline) { d.branches(v, &b.Branches) }},
		{"keep", scalar, "100", "The number of results kept for a scenario. Default: 100.",
			func(d *decoder, v value, b *gate.Baseline) { d.integer(v, 1, 100_000, &b.Keep) }},
		{"max_age", scalar, "30d", "The age from which a result is no baseline any more. Default: 30d.",
			func(d *decoder, v value, b *gate.Baseline) { d.duration(v, time.Hour, 3650*24*time.Hour, &b.MaxAge) }},
	}
}

// scenario reads the whole file.
func (d *decoder) scenario(root value) gate.Scenario {
	if shapeOf(root.node) != mapping {
		d.add(root, fmt.Sprintf("the file must be a mapping, not %s", shapeOf(root.node)), "begin with version: 1")
		return gate.Scenario{}
	}
	s := draft{Scenario: gate.Scenario{
		Source: d.file,
		Check:  gate.Check{Budget: gate.DefaultBudget, MaxPairs: gate.DefaultMaxPairs},
		Policy: gate.Policy{
			Mode:         gate.ModeEnforce,
			Inconclusive: gate.ActionWarn,
			NoBaseline:   gate.NoBaseline{WarnUntil: gate.DefaultWarnUntil},
		},
		Baseline: gate.Baseline{
			Store:    gate.DefaultStore,
			Branches: []string{gate.DefaultBranch},
			Keep:     gate.DefaultKeep,
			MaxAge:   gate.DefaultMaxAge,
		},
	}}
	decodeMap(d, root, rootKeys(), &s)
	d.taskNames(&s)
	d.rules(&s)
	return s.Scenario
}

func (d *decoder) version(v value) {
	if v.node.Tag == "!!int" && v.node.Value == "1" {
		return
	}
	hint := "write version: 1"
	if v.node.Tag == "!!int" {
		hint = "a newer perfgate may know it"
	}
	d.add(v, fmt.Sprintf("%s is not a version that this perfgate reads", show(v.node.Value)), hint)
}

// slug reads a name that can be a part of a path and of a URL.
func (d *decoder) slug(v value, into *string) {
	var text string
	if !d.text(v, &text) {
		return
	}
	odd := strings.IndexFunc(text, func(r rune) bool { return !isWord(r) && r != '.' })
	if odd >= 0 || strings.ContainsRune("._-", rune(text[0])) || len(text) > 100 {
		d.add(v, fmt.Sprintf("%s cannot name a scenario", show(text)), "use up to 100 letters, digits, '.', '_' and '-', the first one a letter or digit")
		return
	}
	*into = text
}

// globs reads patterns of paths inside the repository.
func (d *decoder) globs(v value, into *[]string) {
	if len(v.node.Content) == 0 {
		d.add(v, "the list is empty", "remove paths to let every change matter")
	}
	d.items(v, scalar, func(item value) {
		var glob string
		if !d.text(item, &glob) {
			return
		}
		switch {
		case !doublestar.ValidatePattern(glob):
			d.add(item, fmt.Sprintf("%s is not a pattern", show(glob)), "close its brackets")
		case strings.HasPrefix(glob, "!"):
			d.add(item, fmt.Sprintf("%s excludes files, which is not supported", show(glob)), "list the files that matter")
		case strings.HasPrefix(glob, "/") || strings.Contains(glob, "\\") || path.Clean(glob) == ".." || strings.HasPrefix(path.Clean(glob), "../"):
			d.add(item, fmt.Sprintf("%s is not a path inside the repository", show(glob)), `write it from the root of the repository with "/", such as "cmd/**"`)
		default:
			*into = append(*into, glob)
		}
	})
}

func (d *decoder) store(v value, into *string) {
	var text string
	if !d.text(v, &text) {
		return
	}
	if _, rest, ok := strings.Cut(text, "://"); ok {
		authority, _, _ := strings.Cut(rest, "/")
		if strings.Contains(authority, "@") {
			d.add(v, "a location must not hold credentials", "remove what stands before the @, credentials come from the environment")
			return
		}
	}
	*into = text
}

func (d *decoder) branches(v value, into *[]string) {
	*into = nil
	if len(v.node.Content) == 0 {
		d.add(v, "the list is empty", "without a branch nothing could be a baseline, write [main]")
	}
	d.items(v, scalar, func(item value) {
		var branch string
		if !d.text(item, &branch) {
			return
		}
		if strings.ContainsAny(branch, " \t\n~^:\\") {
			d.add(item, fmt.Sprintf("%s cannot name a branch", show(branch)), "")
			return
		}
		*into = append(*into, branch)
	})
}
