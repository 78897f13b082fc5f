package target

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

func TestNewErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"neither", Options{}, "target: needs either start or url"},
		{"both", Options{Spec: gate.Target{Start: "a", URL: "http://b"}}, "target: needs either start or url"},
		{"no URL", Options{Spec: gate.Target{URL: "http://me:secret@host:port"}}, `target: url "host:port" is not a URL`},
		{"no folder", Options{Spec: gate.Target{Start: "a"}, Dir: file}, `target: "` + file + `" is not a folder`},
		{"no log folder", Options{Spec: gate.Target{Start: "a"}, LogDir: file}, "target: log folder: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := New(tt.o); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	why := errors.New("exit status 1")
	tests := []struct {
		name string
		err  *Error
		want string
	}{
		{"bare", &Error{Phase: PhaseBuild, Err: why}, "build: exit status 1"},
		{"hint", &Error{Phase: PhaseReady, Side: gate.SideBaseline, Err: why, Hint: "look"},
			"baseline: ready: exit status 1\n  hint: look"},
		{"log", &Error{Phase: PhaseStart, Side: gate.SideCandidate, Err: why, Log: []string{"a", "b"}, File: "t.log", Hint: "look"},
			"candidate: start: exit status 1\n  last lines of its output (t.log):\n    a\n    b\n  hint: look"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !errors.Is(tt.err, why) {
				t.Error("the reason is lost")
			}
		})
	}
}

func TestSideName(t *testing.T) {
	tests := []struct {
		side    gate.Side
		session string
		want    string // first 8 digits of sha256sum
	}{
		{gate.SideBaseline, "abc", "baseline-ba7816bf"},
		{gate.SideCandidate, "abc", "candidate-ba7816bf"},
		{gate.SideNone, "", "run-e3b0c442"},
	}
	for _, tt := range tests {
		if got := sideName(tt.side, tt.session); got != tt.want {
			t.Errorf("sideName(%q, %q) = %q, want %q", tt.side, tt.session, got, tt.want)
		}
	}
}

func TestExpand(t *testing.T) {
	env := []string{"PORT=1", "A=x", "PORT=8080", "LOOP=${A}", "EMPTY="}
	tests := []struct{ name, line, want string }{
		{"plain", `app.exe --port 80`, `app.exe --port 80`},
		{"last wins", `app --port ${PORT}`, `app --port 8080`},
		{"no case", `${port}`, `8080`},
		{"twice", `${A}${A}`, `xx`},
		{"not again", `${LOOP}`, `${A}`},
		{"empty and unset", `[${EMPTY}${UNSET}]`, `[]`},
		{"other dollars", `$A $ ${ ${} ${1} ${A-b} \\$x`, `$A $ ${ ${} ${1} ${A-b} \\$x`},
		{"open", `a${A`, `a${A`},
		{"inner", `${x ${A}`, `${x x`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := expand(tt.line, env); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("app --port ${PORT}", "8080")
	f.Add("${PORT${PORT}}", "${PORT}")
	f.Fuzz(func(t *testing.T, line, value string) {
		got := expand(line, []string{"PORT=" + value})
		if !strings.Contains(line, "${") && got != line {
			t.Errorf("%q became %q", line, got)
		}
		if want := value + line; !strings.Contains(line, "${") && expand("${PORT}"+line, []string{"PORT=" + value}) != want {
			t.Errorf("${PORT} before %q is not %q", line, want)
		}
	})
}

func TestLines(t *testing.T) {
	long := strings.Repeat("ä", tailRunes)
	tests := []struct {
		name string
		data string
		cut  bool
		n    int
		want []string
	}{
		{"empty", "", false, 5, nil},
		{"blank", "\n\r\n\n", false, 5, nil},
		{"last two", "a\nb\nc\n", false, 2, []string{"b", "c"}},
		{"no end", "a\nb", false, 2, []string{"a", "b"}},
		{"cut", "lf of a line\nb\n", true, 5, []string{"b"}},
		{"cut without an end", "half", true, 5, nil},
		{"blank between", "a\n\nb\n", false, 5, []string{"a", "", "b"}},
		{"windows", "a\r\nb\r\n", false, 5, []string{"a", "b"}},
		{"control", "\x1b[31mred\x1b[0m\ta\rb\x00", false, 5, []string{`\x1b[31mred\x1b[0m a\x0db\x00`}},
		{"reversed text", "a\u202eb", false, 5, []string{`a\u202eb`}},
		{"not UTF-8", "a\xffb", false, 5, []string{`a\xffb`}},
		{"long", long + "x", false, 5, []string{long + "…"}},
		{"none wanted", "a", false, 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, lines([]byte(tt.data), tt.cut, tt.n)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb\x1b[2J\n"), false)
	f.Add([]byte("\xff\u202e\r\n\n"), true)
	f.Add([]byte(strings.Repeat("\x01", tailRunes)), false) // longer once it is escaped
	f.Fuzz(func(t *testing.T, data []byte, cut bool) {
		got := lines(data, cut, tailLines)
		if len(got) > tailLines {
			t.Errorf("%d lines", len(got))
		}
		for _, line := range got {
			if again := printable(line); again != line && !strings.HasSuffix(line, "…") {
				t.Errorf("%q is not fit to print: %q", line, again)
			}
		}
	})
}

func TestLastLinesOfALongLog(t *testing.T) {
	l, err := openLogs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.section(PhaseStart, "serve")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.lastLines(3); got != nil {
		t.Errorf("an empty section has %q", got)
	}
	if _, err := s.file.WriteString(strings.Repeat("0123456789\n", tailBytes) + "end\n"); err != nil {
		t.Fatal(err)
	}
	if err := s.file.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0123456789", "end"}, s.lastLines(2)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := s.lastLines(1 << 20); len(got) > tailBytes/10 || got[0] != "0123456789" {
		t.Errorf("%d lines from %q on", len(got), got[0])
	}
}
