package report

import (
	"strings"
	"unicode"
)

const ellipsis = "…"

// wide lists the blocks of two columns: East Asian wide and full-width
// characters (UAX #11) and emoji, at the coarseness that terminals share.
// Overstating a width costs a space, understating it breaks a line.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, // Hangul Jamo
		{Lo: 0x231a, Hi: 0x231b, Stride: 1},
		{Lo: 0x23e9, Hi: 0x23f3, Stride: 1},
		{Lo: 0x25fd, Hi: 0x27bf, Stride: 1}, // symbols that may be shown as emoji
		{Lo: 0x2b00, Hi: 0x2bff, Stride: 1},
		{Lo: 0x2e80, Hi: 0xa4cf, Stride: 1}, // CJK, Kana, Yi
		{Lo: 0xa960, Hi: 0xa97f, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, // Hangul
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1},
		{Lo: 0xfe10, Hi: 0xfe19, Stride: 1},
		{Lo: 0xfe30, Hi: 0xfe6f, Stride: 1},
		{Lo: 0xff00, Hi: 0xff60, Stride: 1},
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x16fe0, Hi: 0x1b2ff, Stride: 1},
		{Lo: 0x1f000, Hi: 0x1faff, Stride: 1}, // emoji
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}

// runeColumns returns the columns that r takes: 0 for a mark that sits on the
// character before it, 2 for wide ones. A variation selector counts as 1,
// because it can turn a narrow symbol into a wide one.
func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case r >= 0xfe00 && r <= 0xfe0f:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// columns returns the width of s, which holds no escape sequence.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func padRight(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}

func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-columns(s))) + s
}

// head returns the longest beginning of s that fits into width columns.
func head(s string, width int) string {
	used := 0
	for i, r := range s {
		if used += runeColumns(r); used > width {
			return s[:i]
		}
	}
	return s
}

// tail returns the longest end of s that fits into width columns and does not
// begin with a mark that would sit on something else.
func tail(s string, width int) string {
	runes := []rune(s)
	used, start := 0, len(runes)
	for start > 0 {
		c := runeColumns(runes[start-1])
		if used+c > width {
			break
		}
		used += c
		start--
	}
	for start < len(runes) && runeColumns(runes[start]) == 0 {
		start++
	}
	return string(runes[start:])
}

// cutMiddle shortens s to width columns by an ellipsis in its middle: the
// beginning holds the method, the end what tells two routes apart.
func cutMiddle(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	if width <= 1 {
		return head(ellipsis, width)
	}
	front := head(s, width/2)
	return front + ellipsis + tail(s, width-1-columns(front))
}

// cutEnd shortens s to width columns by an ellipsis at its end.
func cutEnd(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	return head(s, width-1) + ellipsis
}

// wrap breaks s at spaces into lines of at most width columns. A word that is
// longer than a line is broken inside.
func wrap(s string, width int) []string {
	width = max(width, 2) // room for any character, or it would not end
	var lines []string
	line := ""
	for _, word := range glued(s) {
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
		for columns(line) > width {
			part := head(line, width)
			lines = append(lines, part)
			line = line[len(part):]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// glued splits s at spaces, but leaves a number and its " %" or " pp" together.
func glued(s string) []string {
	var words []string
	for word := range strings.FieldsSeq(s) {
		if n := len(words); n > 0 && (strings.HasPrefix(word, "%") || strings.HasPrefix(word, "pp")) && endsInDigit(words[n-1]) {
			words[n-1] += " " + word
			continue
		}
		words = append(words, word)
	}
	return words
}

func endsInDigit(s string) bool { return s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' }

// wrapCommand breaks a shell line so that it can still be pasted: at spaces
// outside of quotes, with a backslash at the end. A word that is longer than a
// line cannot be broken and is shortened.
func wrapCommand(s string, width int) []string {
	if columns(s) <= width {
		return []string{s}
	}
	const more = ` \`
	room := width - len(more)
	var lines []string
	line := ""
	for _, word := range shellWords(s) {
		word = cutMiddle(word, room-2)
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) <= room:
			line += " " + word
		default:
			lines = append(lines, line+more)
			line = "  " + word
		}
	}
	return append(lines, line)
}

// shellWords splits at spaces outside of quotes and keeps the quotes.
func shellWords(s string) []string {
	var words []string
	var quote rune
	start, escaped := 0, false
	for i, r := range s {
		switch {
		case escaped:
			escaped = false
		case r == '\\' && quote != '\'':
			escaped = true
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			quote = r
		case r == ' ':
			words = append(words, s[start:i])
			start = i + 1
		}
	}
	return append(words, s[start:])
}
