// Package escape makes untrusted text safe to be shown on a terminal or in a
// log.
package escape

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Terminal shows control characters, escape sequences, bidirectional overrides,
// invisible characters and bytes that are no UTF-8 as \x1b, \u202e or
// \U000e0001. Line breaks and tabs are among them, unless keep holds them:
// characters of keep stand for themselves.
//
// Escaping twice is escaping once.
func Terminal(s, keep string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsPrint(r) || strings.ContainsRune(keep, r):
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}
