//go:build linux || darwin

package atomicfile_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate/atomicfile"
)

// limitFileSize is "ulimit -f" for the rest of the test. The limit is the process's: no parallel tests.
func limitFileSize(t *testing.T, size uint64) {
	t.Helper()
	var former syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &former); err != nil {
		t.Fatal(err)
	}
	limited := former
	limited.Cur = size
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limited); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &former); err != nil {
			t.Error(err)
		}
	})
}

// A write that stops half-way stands for a full disk as well. That the test ends at all shows that the
// Go runtime swallows SIGXFSZ, so that the error arrives.
func TestFileSizeLimit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.json")
	put(t, path, "old", 0o644)
	limitFileSize(t, 4096)
	err := atomicfile.Write(path, bytes.Repeat([]byte("new"), 4096))
	if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), path) {
		t.Errorf("Write = %v, want EFBIG and the name %q", err, path)
	}
	if diff := cmp.Diff(map[string]string{"out.json": "old"}, contents(t, dir)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
	limitFileSize(t, 0)
	if err := atomicfile.Probe(dir); !errors.Is(err, syscall.EFBIG) {
		t.Errorf("Probe = %v, want EFBIG", err)
	}
	if diff := cmp.Diff(map[string]string{"out.json": "old"}, contents(t, dir)); diff != "" {
		t.Errorf("folder after Probe (-want +got):\n%s", diff)
	}
}
