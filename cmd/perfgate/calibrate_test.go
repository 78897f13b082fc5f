package main

import (
	"context"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/perfgate/perfgate/gate"
)

func TestRateAtMost(t *testing.T) {
	for _, test := range []struct {
		seen, of int
		want     float64
	}{{0, 1, 0.95}, {0, 2, 0.7764}, {0, 30, 0.0950}, {1, 30, 0.1486}, {2, 3, 0.9830}, {3, 3, 1}} {
		if got := rateAtMost(test.seen, test.of); math.Abs(got-test.want) > 5e-5 {
			t.Errorf("rateAtMost(%d, %d) = %.4f, want %.4f", test.seen, test.of, got, test.want)
		}
	}
}

// An interrupt between two sessions ends with 130, after what the first one
// taught was kept and shown.
func TestCalibrateInterrupted(t *testing.T) {
	folder := t.TempDir()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	defer server.Close()
	text := "version: 1\nname: shop\ntarget: {url: \"" + server.URL + "\", ready: /}\n" +
		"load: {users: 2, warmup: 0s}\ntasks: [GET /models]\ncheck: {max_pairs: 2}\n"
	file := filepath.Join(folder, scenarioFile)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	a, out, told := testApp()
	a.now, a.runLength = time.Now, 200*time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a.err = cancelOn{told, "session 2 of 3", cancel}
	if code := a.run(ctx, []string{"calibrate", file}); code != gate.ExitInterrupted {
		t.Errorf("exit code %d, want %d:\n%s", code, gate.ExitInterrupted, told)
	}
	if want := "1 session of unchanged code, 2 pairs"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, out)
	}
	kept, err := filepath.Glob(filepath.Join(folder, ".perfgate", "reports", "shop", "*", "*", "*-paired.aa-*.json"))
	if err != nil || len(kept) != 1 {
		t.Errorf("%d reports were kept, want 1 (%v)", len(kept), err)
	}
}

// cancelOn cancels when a line is written.
type cancelOn struct {
	io.Writer
	line   string
	cancel func()
}

func (c cancelOn) Write(data []byte) (int, error) {
	if strings.Contains(string(data), c.line) {
		c.cancel()
	}
	return c.Writer.Write(data)
}
