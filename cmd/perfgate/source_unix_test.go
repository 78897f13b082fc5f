//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// An interrupt ends the wait for a named pipe, whether it comes before anybody
// waits or after, and whether it is the writer that is missing or what it
// writes.
func TestInterruptedAtAPipe(t *testing.T) {
	for _, tt := range []struct {
		name          string
		early, writer bool
	}{{"before it waits", true, false}, {"without a writer", false, false}, {"with a silent writer", false, true}} {
		t.Run(tt.name, func(t *testing.T) {
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Skip(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tt.early {
				cancel()
			}
			var wg sync.WaitGroup
			var err error
			wg.Go(func() { _, err = readSource(ctx, pipe) })
			if tt.writer {
				w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits for the reader
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
			}
			cancel()
			wg.Wait()
			if !errors.Is(err, context.Canceled) && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A pipe with a writer is read like any other file.
func TestPipeIsRead(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	data, err := os.ReadFile("../../testdata/results/baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		if err := os.WriteFile(pipe, data, 0); err != nil {
			t.Error(err)
		}
	})
	x, err := readSource(t.Context(), pipe)
	if err != nil {
		t.Fatal(err)
	}
	if len(x.result.Runs) == 0 {
		t.Error("no run was read")
	}
}
