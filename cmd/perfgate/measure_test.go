package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/experiment"
)

// shortRuns is perfgate as scripts run it: the runs of a paired session take a
// second, because what they show is not how exact they are.
func shortRuns() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := system()
	a.runLength = time.Second
	if length, err := time.ParseDuration(os.Getenv("PERFGATE_TEST_RUN")); err == nil {
		a.runLength = length
	}
	os.Exit(a.run(ctx, os.Args[1:]))
}

// mortal is a service of the scripts that ends by itself after some requests:
// perfgate must tell that from a slow one.
func mortal() {
	f := flag.NewFlagSet("mortal", flag.ExitOnError)
	addr := f.String("addr", "", "listen here")
	life := f.Int64("requests", 100, "how many it answers")
	f.Parse(os.Args[1:])
	var served atomic.Int64
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" && served.Add(1) > *life {
			fmt.Println("out of memory: goodbye")
			os.Exit(7)
		}
		fmt.Fprintln(w, "ok")
	})
	fmt.Fprintln(os.Stderr, http.ListenAndServe(*addr, handler))
	os.Exit(1)
}

// watcher is a writer that calls a function once it has seen a text.
type watcher struct {
	bytes.Buffer
	text string
	then func()
}

func (w *watcher) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if w.then != nil && strings.Contains(w.String(), w.text) {
		w.then()
		w.then = nil
	}
	return n, err
}

// An interrupt in the middle keeps what was measured, as a valid file that says
// so, and ends with exit code 130.
func TestInterruptedRunLeavesAValidFile(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }))
	defer server.Close()
	dir := t.TempDir()
	scenario := fmt.Sprintf("version: 1\nname: x\ntarget: {url: %q}\nload: {users: 2, warmup: 0s, duration: 200ms, runs: 50}\ntasks: [GET /]\n", server.URL)
	file, output := filepath.Join(dir, "perfgate.yml"), filepath.Join(dir, "result.json")
	if err := os.WriteFile(file, []byte(scenario), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	told := &watcher{text: "run 1 of 50: ", then: cancel}
	a, _, _ := testApp()
	a.err, a.now = told, time.Now
	if code := a.run(ctx, []string{"run", file, "-o", output}); code != gate.ExitInterrupted {
		t.Errorf("exit code %d\n%s", code, told)
	}
	data, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gate.DecodeResult(data)
	if err != nil {
		t.Fatal(err)
	}
	if r.Session.Stopped != gate.StoppedInterrupted || len(r.Runs) < 1 || len(r.Runs) > 3 || r.Runs[0].Status != gate.RunOK {
		t.Errorf("stopped %q, %d runs", r.Session.Stopped, len(r.Runs))
	}
}

// A bar is drawn over itself and is gone when the command ends.
func TestBarOnATerminal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }))
	defer server.Close()
	dir := t.TempDir()
	scenario := fmt.Sprintf("version: 1\nname: x\ntarget: {url: %q}\nload: {users: 2, warmup: 0s, duration: 1100ms, runs: 1}\ntasks: [GET /]\n", server.URL)
	file := filepath.Join(dir, "perfgate.yml")
	if err := os.WriteFile(file, []byte(scenario), 0o644); err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	a, _, _ := testApp()
	a.err, a.now, a.live, a.errWidth = &told, time.Now, true, 60
	if code := a.run(context.Background(), []string{"run", file, "-o", filepath.Join(dir, "r.json")}); code != gate.ExitOK {
		t.Fatalf("exit code %d\n%s", code, told.String())
	}
	if !strings.Contains(told.String(), "\r[") {
		t.Errorf("no bar in %q", told.String())
	}
	for part := range strings.SplitSeq(told.String(), "\r") {
		if line, _, _ := strings.Cut(part, "\n"); len(line) > 80 {
			t.Errorf("%d columns: %q", len(line), line)
		}
	}
	if last := told.String()[strings.LastIndex(told.String(), "\r")+1:]; strings.Contains(last, "[") {
		t.Errorf("the bar is left: %q", last)
	}
}

// What else went wrong in an interrupted session is told.
func TestUnmeasured(t *testing.T) {
	interrupt := fmt.Errorf("%w: %w", experiment.ErrInterrupted, errors.New("a signal"))
	left := errors.New("something still listens")
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"nothing was measured", nil, "context canceled"},
		{"an interrupt", interrupt, "context canceled"},
		{"an interrupt, and all went down", errors.Join(errors.Join(interrupt, nil), nil), "context canceled"},
		{"an interrupt, and one did not go down", errors.Join(errors.Join(interrupt, left), nil), "something still listens"},
		{"an interrupt, and the last could not be closed", errors.Join(interrupt, left), "something still listens"},
		{"no interrupt", left, "something still listens"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, unmeasured(tt.err).Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
