package config

import (
	"fmt"
	"slices"
	"strings"
)

// A Problem is one thing that is wrong with a file.
type Problem struct {
	File    string // as the caller named it
	Line    int    // from 1
	Field   string // "load.duration", "tasks[0].weight"; empty: the whole file
	Message string // what is wrong
	Hint    string // what would mend it; empty: the message says it
}

// String is the problem on one line: "file:line: field: message, hint".
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: ", p.File, p.Line)
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.Message)
	if p.Hint != "" {
		b.WriteString(", " + p.Hint)
	}
	return b.String()
}

// Problems is everything that is wrong with one or more files.
type Problems []Problem

// maxShown keeps the text of a file that is no scenario at all readable.
const maxShown = 100

// Error tells every problem, one a line, by file and line, and on the last
// line how many there are and where a correct file can be seen.
func (ps Problems) Error() string {
	sorted := slices.Clone(ps)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	var b strings.Builder
	files := map[string]bool{}
	for i, p := range sorted {
		files[p.File] = true
		if i < maxShown {
			b.WriteString(p.String() + "\n")
		}
	}
	if more := len(sorted) - maxShown; more > 0 {
		fmt.Fprintf(&b, "and %d more\n", more)
	}
	fmt.Fprintf(&b, "%s, %s. Example: perfgate validate --example",
		count(len(files), "file"), count(len(sorted), "problem"))
	return b.String()
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// show quotes text of a file for a message, shortened.
func show(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
