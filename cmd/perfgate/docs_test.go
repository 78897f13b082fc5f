package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// What the documents say about commands, flags and exit codes is what the
// program does.
func TestDocumentsAgreeWithTheProgram(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../.github/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Fatal("there are no documents")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range checkDocument(string(text)) {
			t.Errorf("%s: %s", filepath.Base(file), problem)
		}
	}
}

// The help of a command, too, shows only what works.
func TestExamplesAgreeWithTheProgram(t *testing.T) {
	a, _, _ := testApp()
	walk(a.root(), func(c *cobra.Command) {
		for _, problem := range checkCommands(c.Example) {
			t.Errorf("%s: %s", c.CommandPath(), problem)
		}
	})
}

// The test must be able to fail: each planted offence is found.
func TestDocumentsFindsOffences(t *testing.T) {
	codes := "| Exit code | Meaning |\n|--:|:--|\n"
	for _, e := range exitCodes() {
		codes += fmt.Sprintf("| **%d** | %s |\n", e.code, e.text)
	}
	tests := []struct {
		name, text string
		want       []string
	}{
		{"right", "Type `perfgate compare old new --all`.\n```sh\n$ perfgate baseline save \\\n    r.json --branch main | cat --number\n```\n" + codes, nil},
		{"prose is no command", "perfgate frobnicates.", nil},
		{"unknown command", "Type `perfgate frobnicate`.", []string{`unknown command "perfgate frobnicate"`}},
		{"unknown subcommand", "```\nperfgate baseline frobnicate x\n```", []string{`unknown command "perfgate baseline frobnicate"`}},
		{"unknown flag", "```yaml\n- run: perfgate compare a b --frobnicate=3\n```", []string{`perfgate compare has no flag --frobnicate`}},
		{"unknown flag of one letter", "`perfgate compare a b -z`", []string{`perfgate compare has no flag -z`}},
		{"unknown command of go run", "```sh\ngo run ./cmd/perfgate frobnicate   # the main job\n```", []string{`unknown command "perfgate frobnicate"`}},
		{"unknown flag of go run", "```yaml\n- run: go run github.com/perfgate/perfgate/cmd/perfgate@latest check --frobnicate x\n```", []string{`perfgate check has no flag --frobnicate`}},
		{"missing exit code", strings.Replace(codes, "| **4** |", "| 5 |", 1), []string{"exit code 5 does not exist", "exit code 4 is missing"}},
		{"other meaning", strings.Replace(codes, "interrupted", "stopped", 1), []string{`exit code 130 means "interrupted", not "stopped"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, checkDocument(tt.text)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

var (
	fencedCode = regexp.MustCompile("(?ms)^```[^\n]*\n(.*?)^```")
	inlineCode = regexp.MustCompile("`([^`\n]+)`")
)

func checkDocument(text string) []string {
	problems := checkExitCodes(text)
	for _, block := range fencedCode.FindAllStringSubmatch(text, -1) {
		problems = append(problems, checkCommands(block[1])...)
	}
	for _, code := range inlineCode.FindAllStringSubmatch(fencedCode.ReplaceAllString(text, ""), -1) {
		problems = append(problems, checkCommands(code[1])...)
	}
	return problems
}

// checkCommands checks each call of perfgate in lines of a shell, a terminal or
// a workflow.
func checkCommands(code string) []string {
	var problems []string
	for line := range strings.Lines(strings.ReplaceAll(code, "\\\n", " ")) {
		words := strings.Fields(line)
		for i := range words {
			if isCall(words[:i+1]) {
				problems = append(problems, checkCall(words[i+1:])...)
			}
		}
	}
	return problems
}

// packagePath is what "go run" takes: ./cmd/perfgate, or the path of the module
// with or without a version.
var packagePath = regexp.MustCompile(`^\S+/cmd/perfgate(@\S+)?$`)

// isCall reports whether words end in a call of perfgate that begins a command.
func isCall(words []string) bool {
	last := len(words) - 1
	before := words[:last]
	if n := len(before); n >= 2 && before[n-2] == "go" && before[n-1] == "run" && packagePath.MatchString(words[last]) {
		before = before[:n-2]
	} else if words[last] != "perfgate" {
		return false
	}
	return len(before) == 0 || slices.Contains([]string{"$", "|", "&&", ";", "run:"}, before[len(before)-1])
}

func checkCall(words []string) []string {
	a, _, _ := testApp()
	c := a.root()
	c.InitDefaultHelpCmd()
	c.InitDefaultCompletionCmd()
	var problems []string
	for _, word := range words {
		if slices.Contains([]string{"|", "&&", ";", ">", "#", "||"}, word) {
			break
		}
		name, _, _ := strings.Cut(strings.TrimLeft(word, "["), "=")
		name = strings.TrimRight(name, "],.")
		c.InitDefaultHelpFlag()
		c.InitDefaultVersionFlag()
		sub := slices.IndexFunc(c.Commands(), func(sub *cobra.Command) bool { return sub.Name() == name })
		switch {
		case strings.HasPrefix(name, "--") && len(name) > 2 && c.Flag(name[2:]) == nil,
			strings.HasPrefix(name, "-") && len(name) == 2 && c.Flags().ShorthandLookup(name[1:]) == nil:
			problems = append(problems, fmt.Sprintf("%s has no flag %s", c.CommandPath(), name))
		case sub >= 0 && c.HasSubCommands():
			c = c.Commands()[sub]
		case c.HasSubCommands() && regexp.MustCompile("^[a-z]+$").MatchString(name):
			return append(problems, fmt.Sprintf("unknown command %q", c.CommandPath()+" "+name))
		}
	}
	return problems
}

var exitCodeRow = regexp.MustCompile("^\\| *[*`]*(\\d+)[*`]* *\\| *(.*?) *\\|")

// checkExitCodes checks every table that begins with "Exit code".
func checkExitCodes(text string) []string {
	var problems []string
	inside := false
	seen := map[int]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		inside = strings.HasPrefix(line, "| Exit code ") || inside && strings.HasPrefix(line, "|")
		row := exitCodeRow.FindStringSubmatch(line)
		if !inside || row == nil {
			continue
		}
		code, _ := strconv.Atoi(row[1])
		seen[code] = true
		i := slices.IndexFunc(exitCodes(), func(e exitCode) bool { return e.code == code })
		switch {
		case i < 0:
			problems = append(problems, fmt.Sprintf("exit code %d does not exist", code))
		case exitCodes()[i].text != row[2]:
			problems = append(problems, fmt.Sprintf("exit code %d means %q, not %q", code, exitCodes()[i].text, row[2]))
		}
	}
	for _, e := range exitCodes() {
		if len(seen) > 0 && !seen[e.code] {
			problems = append(problems, fmt.Sprintf("exit code %d is missing", e.code))
		}
	}
	return problems
}
