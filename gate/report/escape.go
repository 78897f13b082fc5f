package report

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/perfgate/perfgate/gate/escape"
)

// longest is the number of columns after which untrusted text is cut: long
// enough for any honest name or reason.
const longest = 400

// terminal makes untrusted text safe for a terminal and a log: one line, at most 400
// columns of it.
func terminal(s string) string {
	more := ""
	for i := range s {
		if i > 4*longest { // no need to look at a megabyte
			s, more = s[:i], ellipsis
			break
		}
	}
	return cutEnd(escape.Terminal(s, "")+more, longest)
}

// zeroWidth is put behind a character that would start a mention or a
// reference, so that nobody is notified and no issue is linked.
const zeroWidth = "&#8203;"

// plain characters stand for themselves everywhere in Markdown and HTML, at
// the beginning of a line aside (see markdownText).
func plain(r rune) bool {
	return r == ' ' || unicode.IsLetter(r) || unicode.IsDigit(r) || r > unicode.MaxASCII ||
		strings.ContainsRune(",;()%+-'/?=.:", r)
}

// escapeMarkdown is the one place where untrusted text becomes Markdown. It
// writes every character that Markdown, HTML or a forge gives a meaning as a
// numeric entity, which no parser of either takes for structure: the text is
// the same to the reader, in a paragraph, a table cell or an HTML element.
// With notify false, names of people and issues are broken up as well.
func escapeMarkdown(s string, notify bool) string {
	s = terminal(s)
	var b strings.Builder
	begin := true // only digits so far
	for i, r := range s {
		structure := !plain(r) ||
			i == 0 && strings.ContainsRune("+-= ", r) || // list, rule, code
			begin && i > 0 && strings.ContainsRune(".)", r) || // ordered list
			r == ':' && (strings.HasPrefix(s[i:], "://") || strings.HasPrefix(strings.ToLower(s[max(0, i-6):i]), "mailto")) ||
			r == '.' && strings.HasSuffix(strings.ToLower(s[:i]), "www") ||
			r == '-' && strings.HasSuffix(strings.ToLower(s[:i]), "gh") // GH-12
		begin = begin && unicode.IsDigit(r)
		if !structure {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "&#%d;", r)
		if !notify && strings.ContainsRune("@#!-&~$", r) {
			b.WriteString(zeroWidth)
		}
	}
	return b.String()
}

// markdownText makes untrusted text safe inside a sentence or a table cell.
func markdownText(s string) string { return escapeMarkdown(s, false) }

// markdownCode shows untrusted text as code: in backticks where its characters
// allow it, else as an HTML element around entities. Longer fences would not
// do, because a table ends its cell at a pipe whatever stands around it.
func markdownCode(s string) string {
	s = terminal(s)
	if s == "" {
		return "(no name)"
	}
	if strings.Trim(s, " ") == s && !strings.ContainsAny(s, "`|\\<>&@#") {
		return "`" + s + "`"
	}
	// Code is not searched for mentions and references, and stays copyable.
	return "<code>" + escapeMarkdown(s, true) + "</code>"
}

// fence shows commands as a block of code that none of them can end.
func fence(commands []string) string {
	longest := 2
	lines := make([]string, 0, len(commands))
	for _, c := range commands {
		c = terminal(c)
		lines = append(lines, c)
		run := 0
		for _, r := range c {
			if run++; r != '`' {
				run = 0
			}
			longest = max(longest, run)
		}
	}
	ticks := strings.Repeat("`", longest+1)
	return ticks + "sh\n" + strings.Join(lines, "\n") + "\n" + ticks + "\n"
}
