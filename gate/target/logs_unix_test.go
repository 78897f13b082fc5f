//go:build unix

package target

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

func TestBuildLog(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Build: `i=0; while [ $i -lt 30 ]; do echo "line $i" >&2; i=$((i+1)); done; exit 2`, Start: "unused"})
	err := b.Build(t.Context())
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if len(e.Log) != 20 || e.Log[0] != "line 10" || e.Log[19] != "line 29" || e.File != b.path("log/build.log") {
		t.Errorf("got the log %q of %s", e.Log, e.File)
	}
	if !strings.HasPrefix(b.read("log/build.log"), "--- perfgate: build: i=0") {
		t.Errorf("build.log: %q", b.read("log/build.log"))
	}
}

func TestTemporaryLog(t *testing.T) {
	t.Parallel()
	target, err := New(Options{Spec: gate.Target{Build: "echo no; exit 1", Start: "unused"}})
	if err != nil {
		t.Fatal(err)
	}
	err = target.Build(t.Context())
	want := "build: exit status 1\n  last lines of its output:\n    no\n  hint: run target.build by hand in this folder"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := target.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(target.logs.dir); !os.IsNotExist(err) {
		t.Errorf("the temporary folder is there still: %v", err)
	}
}

// A service that prints without end does not fill the disk, and its last words
// are still told.
func TestLongLog(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Start: `i=0; while [ ! -e "$MARK" ]; do i=$((i+1)); echo "line $i of far too many"; done; echo goodbye; exit 1`, Ready: healthy})
	b.logs.most = 8 << 10
	end := func() string { data, _ := os.ReadFile(b.path("log/target.log")); return string(data) }
	var failure error
	var wg sync.WaitGroup
	wg.Go(func() { _, failure = b.Up(t.Context()) })
	eventually(t, "the log to be cut", func() bool { return strings.Contains(end(), " bytes left out: the log became too long\n") })
	b.must(os.Mkdir(b.path("MARK"), 0o755))
	wg.Wait()
	var e *Error
	if !errors.As(failure, &e) || len(e.Log) == 0 || e.Log[len(e.Log)-1] != "goodbye" {
		t.Errorf("got %v", failure)
	}
	if text := end(); !strings.HasPrefix(text, "--- perfgate: start: ") || !strings.Contains(text, "\nline 1 of far too many\n") {
		t.Errorf("it begins with %.100q", text)
	}
}

// What was printed since the last look is cut at the end.
func TestLongLogAtItsEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, gate.Target{Build: "echo fine", Start: "unused"})
	b.logs.most = 8 << 10
	b.must(b.Build(t.Context()))
	close(b.logs.closing) // no look any more
	b.logs.watcher.Wait()
	b.must(os.WriteFile(b.path("log/build.log"), make([]byte, 64<<10), 0o644))
	b.logs.closing = make(chan struct{})
	b.must(b.Close())
	if size := len(b.read("log/build.log")); size > 8<<10 {
		t.Errorf("build.log has %d bytes", size)
	}
}

func TestCutLog(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want string) {
		t.Helper()
		if err := cutLog(file, 80); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	}
	most := strings.Repeat("0123456789", 8)
	write(most)
	check(most)
	write(most + "abcde")
	check("0123456789\n--- perfgate: 65 bytes left out: the log became too long\n56789abcde")
	s := section{path: file, from: 500}
	if diff := cmp.Diff([]string{"56789abcde"}, s.lastLines(1)); diff != "" {
		t.Errorf("last lines (-want +got)\n%s", diff)
	}
	if err := cutLog(filepath.Join(t.TempDir(), "nowhere"), 80); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no log: %v", err)
	}
}
