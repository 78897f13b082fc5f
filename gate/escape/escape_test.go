package escape_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate/escape"
)

func TestTerminal(t *testing.T) {
	tests := []struct{ name, in, keep, want string }{
		{"plain", "GET /ä b", "", "GET /ä b"},
		{"lines and tabs", "a\tb\n", "", `a\x09b\x0a`},
		{"lines and tabs that are kept", "a\tb\n", "\n\t", "a\tb\n"},
		{"escape sequence", "a\x1b[31mb", "\n\t", `a\x1b[31mb`},
		{"carriage return", "good\rbad", "\n\t", `good\x0dbad`},
		{"bidirectional override", "a\u202eb", "", `a\u202eb`},
		{"invisible", "a\U000e0001b", "", `a\U000e0001b`},
		{"no UTF-8", "a\xffb", "", `a\xffb`},
		{"the replacement character itself", "a\ufffdb", "", "a\ufffdb"},
		{"no-break space", "a\u00a0b", "", `a\xa0b`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, escape.Terminal(tt.in, tt.keep)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func FuzzTerminal(f *testing.F) {
	f.Add("a\x1b[31m\u202e\xff\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, keep := range []string{"", "\n\t"} {
			out := escape.Terminal(s, keep)
			if out != escape.Terminal(out, keep) {
				t.Errorf("%q is not yet safe: %q", s, out)
			}
			if !utf8.ValidString(out) || strings.ContainsAny(out, "\x1b\r\x00\u202e\u2028\u200b\x7f") {
				t.Errorf("%q became %q", s, out)
			}
			if kept := strings.Count(out, "\n"); keep != "" && kept != strings.Count(s, "\n") || keep == "" && kept != 0 {
				t.Errorf("%q has other lines than %q", out, s)
			}
		}
	})
}
