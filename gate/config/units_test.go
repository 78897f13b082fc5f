package config

import (
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	good := map[string]time.Duration{
		"10s": 10 * time.Second, "1m30s": 90 * time.Second, "100us": 100 * time.Microsecond, "100µs": 100 * time.Microsecond,
		"1.5s": 1500 * time.Millisecond, "30d": 720 * time.Hour, "0s": 0, "0d": 0,
	}
	for text, want := range good {
		if got, ok := parseDuration(text); !ok || got != want {
			t.Errorf("%q is %v %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "0", "10", "-1s", "+1s", ".5s", "s", "1e3s", "NaN", "inf", "1.5d", "-1d", "36501d", "99999999999h", "1 s", "d"} {
		if got, ok := parseDuration(text); ok {
			t.Errorf("%q is accepted as %v", text, got)
		}
	}
}

func TestParseNumbers(t *testing.T) {
	rate := func(text string) (float64, bool) { return parseRate(text) }
	share := func(text string) (float64, bool) { n, _, ok := parseShare(text); return n, ok }
	tests := []struct {
		name  string
		parse func(string) (float64, bool)
		good  map[string]float64
		bad   []string
	}{
		{"rate", rate, map[string]float64{"400/s": 400, "0.5/s": 0.5, "90/m": 1.5, "400 /s": 400, "0/s": 0},
			[]string{"", "400", "/s", "-1/s", "+1/s", "1e3/s", "NaN/s", "inf/s", "1/h", "1..2/s", "1./s", ".5/s", "400  /s", "999999999999999999999/s"}},
		{"share", share, map[string]float64{"5%": 0.05, "+0.1pp": 0.001, "0.7%": 0.007, "12.5 %": 0.125, "0%": 0, "29%": 0.29},
			[]string{"", "5", "%", "-5%", "++5%", "5%%", "5 p p", "0x5%", "1e-2%"}},
		{"bytes", parseBytes, map[string]float64{"512MiB": 512 << 20, "1.5GB": 1.5e9, "10B": 10, "2KiB": 2048},
			[]string{"", "512", "512M", "1TiB", "-1B"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for text, want := range test.good {
				if got, ok := test.parse(text); !ok || got != want {
					t.Errorf("%q is %v %v, want %v", text, got, ok, want)
				}
			}
			for _, text := range test.bad {
				if got, ok := test.parse(text); ok {
					t.Errorf("%q is accepted as %v", text, got)
				}
			}
		})
	}
}

func TestFormatShare(t *testing.T) {
	for _, text := range []string{"+25%", "+0.1pp", "+0.7%", "+12.5%", "+1000%", "+29%"} {
		ratio, unit, ok := parseShare(text)
		if got := formatShare(ratio, unit); !ok || got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
}

func TestNearest(t *testing.T) {
	choices := []string{"duration", "rate", "runs", "max_in_flight", "wait", "GET /a"}
	tests := map[string]string{
		"durration": "duration", "Duration": "duration", "duratoin": "duration", "duratoni": "duration", "vait": "wait", "max-in-flight": "max_in_flight",
		"rat": "rate", "raet": "rate", "ru": "", "vus": "", "threads": "", "": "", "wiat": "wait", "dur": "",
		"GET /b": "GET /a", "durratioon": "duration", strings.Repeat("duration", 100): "",
	}
	for word, want := range tests {
		if got := Nearest(word, choices); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1},
		{"abc", "ab", 1}, {"ab", "xaby", 2}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
		{strings.Repeat("a", 300), strings.Repeat("a", 300), 200},
	}
	for _, test := range tests {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("distance(%q, %q) is %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestCanonicalHeader(t *testing.T) {
	for name, want := range map[string]string{"x-api-KEY": "X-Api-Key", "host": "Host", "a--b": "A--B", "": "", "-x": "-X"} {
		if got := canonicalHeader(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
