package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// testApp is an app without an environment on a fixed day, and what it wrote.
func testApp() (a *app, out, err *bytes.Buffer) {
	out, err = &bytes.Buffer{}, &bytes.Buffer{}
	return &app{out: out, err: err, env: environ(nil), environ: func() []string { return nil },
		now: func() time.Time { return time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC) }}, out, err
}

func environ(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}
}

// pairFiles writes the two sides of a session in which the candidate is 25 %
// slower.
func pairFiles(t *testing.T) (baseline, candidate string) {
	t.Helper()
	dir := t.TempDir()
	slower := gatetest.Spec{Runs: 8, Noise: 0.01, Scale: func(int, string) float64 { return 1.25 }}
	b, c := gatetest.Pair(gatetest.Spec{Runs: 8, Noise: 0.01}, slower)
	baseline, candidate = filepath.Join(dir, "baseline.json"), filepath.Join(dir, "candidate.json")
	for file, r := range map[string]gate.Result{baseline: b, candidate: c} {
		if err := writeResult(file, r); err != nil {
			t.Fatal(err)
		}
	}
	return baseline, candidate
}

// A panic is a bug, and still an answer in one line.
func TestInternalErrorIsExplained(t *testing.T) {
	a, out, stderr := testApp()
	a.now = func() time.Time { panic("a bug") }
	code := a.run(context.Background(), []string{"accept", "GET /a", "latency_p95", "--expires", "30d"})
	want := regexp.MustCompile(`^perfgate: internal error: a bug, in [^ ]+TestInternalErrorIsExplained\.func1, line \d+
hint: please report it, with the command: https://github.com/perfgate/perfgate/issues
$`)
	if !want.MatchString(stderr.String()) {
		t.Errorf("got %q, want %s", stderr, want)
	}
	if code != gate.ExitUnmeasured || out.Len() != 0 {
		t.Errorf("code %d and output %q, want %d and none", code, out, gate.ExitUnmeasured)
	}
}

// An interrupt ends with its own code whatever the command made of it.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	baseline, candidate := pairFiles(t)
	report := filepath.Join(t.TempDir(), "report.json")
	a, out, stderr := testApp()
	code := a.run(ctx, []string{"compare", baseline, candidate, "-o", report})
	if diff := cmp.Diff("perfgate: interrupted\n", stderr.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if code != gate.ExitInterrupted || out.Len() != 0 {
		t.Errorf("code %d and output %q, want %d and none", code, out, gate.ExitInterrupted)
	}
	if _, err := os.Stat(report); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a report was written: %v", err)
	}

	tests := []struct {
		name string
		err  error
		want string
	}{
		{"finished all the same", nil, "interrupted"},
		{"judged what there was", verdict(gate.ExitRegression), "interrupted"},
		{"another error as well", io.ErrShortWrite, "interrupted: short write"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, _, _ := testApp()
			err := interrupted(tt.err)
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if code := a.explain(err); code != gate.ExitInterrupted {
				t.Errorf("code %d", code)
			}
		})
	}
}

// A terminal gets colours and its width, files never do.
func TestTerminal(t *testing.T) {
	baseline, candidate := pairFiles(t)
	file := filepath.Join(t.TempDir(), "report.txt")
	a, out, stderr := testApp()
	a.width, a.color = 120, true
	if code := a.run(context.Background(), []string{"compare", baseline, candidate, "-o", file}); code != gate.ExitRegression {
		t.Fatalf("code %d: %s", code, stderr)
	}
	if !strings.Contains(out.String(), "\x1b[") {
		t.Error("the terminal got no colours")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "\x1b") {
		t.Error("the file got colours")
	}
	for line := range strings.Lines(string(text)) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("a line of the file has %d columns: %q", n, line)
		}
	}
}

// Each help screen fits a terminal, and every command shows how it is used.
func TestHelpScreens(t *testing.T) {
	a, _, _ := testApp()
	walk(a.root(), func(c *cobra.Command) {
		t.Run(c.CommandPath(), func(t *testing.T) {
			text := helpText(c)
			for line := range strings.Lines(text) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > helpWidth {
					t.Errorf("a line has %d columns, at most %d: %q", n, helpWidth, line)
				}
			}
			if c.Example == "" || c.Short == "" || strings.HasSuffix(c.Short, ".") {
				t.Errorf("example %q, short %q", c.Example, c.Short)
			}
			if c.HasParent() {
				return
			}
			if n := strings.Count(text, "\n"); n > 50 {
				t.Errorf("%d lines, one screen holds 50", n)
			}
		})
	})
}

// walk calls do for a command and all below it.
func walk(c *cobra.Command, do func(*cobra.Command)) {
	do(c)
	for _, sub := range c.Commands() {
		walk(sub, do)
	}
}
