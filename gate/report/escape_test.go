package report

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestTerminal(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "POST /inference [small]", "POST /inference [small]"},
		{"letters of the world", "GET /größe/検索/🚀", "GET /größe/検索/🚀"},
		{"colour", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"eight-bit control", "a\u009b31m", `a\x9b31m`},
		{"lines", "a\r\nb\tc", `a\x0d\x0ab\x09c`},
		{"bidi", "a\u202eb\u2066c", `a\u202eb\u2066c`},
		{"invisible", "a\u200bb\ufeffc", `a\u200bb\ufeffc`},
		{"tag", "a\U000e0041", `a\U000e0041`},
		{"no UTF-8", "a\xff\xfeb", `a\xff\xfeb`},
		{"replacement character itself", "a\ufffdb", "a\ufffdb"},
		{"long", strings.Repeat("x", 2000), strings.Repeat("x", longest-1) + "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, terminal(tt.in)); diff != "" {
				t.Errorf("terminal(%q) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestMarkdownEscape(t *testing.T) {
	for _, tt := range []struct{ name, in, text, code string }{
		{"plain", "GET /api/items?x=1", "GET /api/items?x=1", "`GET /api/items?x=1`"},
		{"underscore", "latency_p95", "latency&#95;p95", "`latency_p95`"},
		{"pipe", "a|b", "a&#124;b", "<code>a&#124;b</code>"},
		{"escaped pipe", `a\|b`, "a&#92;&#124;b", "<code>a&#92;&#124;b</code>"},
		{"backtick", "a`b", "a&#96;b", "<code>a&#96;b</code>"},
		{"element", "<img src=x>", "&#60;img src=x&#62;", "<code>&#60;img src=x&#62;</code>"},
		{"entity", "&lt;", "&#38;&#8203;lt;", "<code>&#38;lt;</code>"},
		{"mention", "@ana", "&#64;&#8203;ana", "<code>&#64;ana</code>"},
		{"reference", "see #12", "see &#35;&#8203;12", "<code>see &#35;12</code>"},
		{"old reference", "GH-12", "GH&#45;&#8203;12", "`GH-12`"},
		{"address", "https://evil.example", "https&#58;//evil.example", "`https://evil.example`"},
		{"bare address", "www.evil.example", "www&#46;evil.example", "`www.evil.example`"},
		{"list", "- x", "&#45;&#8203; x", "`- x`"},
		{"numbered list", "1. x", "1&#46; x", "`1. x`"},
		{"link", "[a](b)", "&#91;a&#93;(b)", "`[a](b)`"},
		{"lines", "a\nb", "a&#92;x0ab", "<code>a&#92;x0ab</code>"},
		{"empty", "", "", "(no name)"},
		{"blank", " a ", "&#32;a ", "<code>&#32;a </code>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff([2]string{tt.text, tt.code}, [2]string{markdownText(tt.in), markdownCode(tt.in)}); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestFenceOutlastsBackticks(t *testing.T) {
	got := fence([]string{"echo ````", "echo\n```"})
	want := "`````sh\necho ````\necho\\x0a```\n`````\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fence (-want +got):\n%s", diff)
	}
}

// notifies finds what a forge would turn into a mention or a reference.
var notifies = regexp.MustCompile(`[@#][\pL\pN]`)

func FuzzMarkdownEscape(f *testing.F) {
	for _, s := range []string{"", "a|b", "`", "<b>&amp;", "@ana #1", "\x1b[0m\n", "\u202e", "1) x", "\\|", "``` `` `", "www.a.b http://c", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		safe := terminal(s)
		for _, r := range safe {
			if r != ' ' && !unicode.IsPrint(r) {
				t.Fatalf("terminal(%q) holds %q", s, r)
			}
		}
		if columns(safe) > longest {
			t.Fatalf("terminal(%q) is %d columns long", s, columns(safe))
		}
		text := markdownText(s)
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r|<>`*_[]\\@~$") {
			t.Fatalf("markdownText(%q) = %q holds structure", s, text)
		}
		shown := html.UnescapeString(text)
		if notifies.MatchString(shown) {
			t.Fatalf("markdownText(%q) = %q notifies", s, text)
		}
		if got := strings.ReplaceAll(shown, "\u200b", ""); got != safe {
			t.Fatalf("markdownText(%q) shows %q, want %q", s, got, safe)
		}
		code := markdownCode(s)
		inner, element := strings.CutPrefix(code, "<code>")
		switch {
		case safe == "":
			return
		case element:
			inner = html.UnescapeString(strings.TrimSuffix(inner, "</code>"))
		default:
			inner = strings.Trim(inner, "`")
			if strings.ContainsAny(inner, "`|<>@#\\") {
				t.Fatalf("markdownCode(%q) = %q holds structure", s, code)
			}
		}
		if inner != safe {
			t.Fatalf("markdownCode(%q) shows %q, want %q", s, inner, safe)
		}
	})
}
