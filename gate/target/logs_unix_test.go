//go:build unix

package target

import (
	"errors"
	"os"
	"strings"
	"testing"

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
