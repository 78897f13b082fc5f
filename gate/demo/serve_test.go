package demo

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// listen returns a listener on a free port of loopback.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestServe(t *testing.T) {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready := make(chan string, 1)
	ended := make(chan error, 1)
	wg.Go(func() {
		o := Options{IterationsPerMicrosecond: 1, Commit: "c1"}
		ended <- Serve(ctx, "127.0.0.1:0", o, func(addr string) { ready <- addr })
	})
	select {
	case addr := <-ready:
		res, err := http.Get("http://" + addr + "/version")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("status %d", res.StatusCode)
		}
	case err := <-ended:
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("after its context ended: %v", err)
	}
}

// TestServeEnds asks a server to stop while a request is in its handler.
func TestServeEnds(t *testing.T) {
	tests := []struct {
		name       string
		patience   time.Duration
		wantAnswer bool
	}{
		{"lets it finish", time.Hour, true},
		{"cuts it off", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var wg sync.WaitGroup
			defer wg.Wait()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			begun, release := make(chan struct{}), make(chan struct{})
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(begun)
				select {
				case <-release:
				case <-r.Context().Done():
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			})
			l := listen(t)
			ended, answered := make(chan error, 1), make(chan int, 1)
			wg.Go(func() { ended <- serveOn(ctx, l, handler, tt.patience) })
			wg.Go(func() {
				status := 0
				if res, err := http.Get("http://" + l.Addr().String()); err == nil {
					status = res.StatusCode
					res.Body.Close()
				}
				answered <- status
			})
			<-begun
			stop()
			if tt.wantAnswer {
				close(release)
			}
			if status := <-answered; (status == http.StatusOK) != tt.wantAnswer {
				t.Errorf("the request got status %d, want a success: %v", status, tt.wantAnswer)
			}
			if err := <-ended; err != nil {
				t.Errorf("serveOn = %v", err)
			}
		})
	}
}

func TestServeRefuses(t *testing.T) {
	taken := listen(t)
	addr := taken.Addr().String()
	never := func(addr string) { t.Errorf("ready on %s", addr) }
	if err := Serve(t.Context(), addr, Options{IterationsPerMicrosecond: 1}, never); err == nil || !strings.Contains(err.Error(), addr) {
		t.Errorf("address in use: %v, want an error that names %s", err, addr)
	}
	if err := Serve(t.Context(), addr, Options{ErrorRate: 2}, never); err == nil || !strings.Contains(err.Error(), "error rate") {
		t.Errorf("bad options: %v", err)
	}
	taken.Close()
	if err := serveOn(t.Context(), taken, http.NotFoundHandler(), 0); err == nil {
		t.Error("serving on a closed listener ended without an error")
	}
}

// A client that has left stops the work that was done for it, and is not counted.
func TestClientLeaves(t *testing.T) {
	for _, work := range []Work{WorkCPU, WorkTimer} {
		t.Run(string(work), func(t *testing.T) {
			s := idle(t, Options{Work: work, Latency: map[string]time.Duration{"/health": time.Minute}, IterationsPerMicrosecond: maxSpeed})
			ctx, leave := context.WithCancel(t.Context())
			leave()
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/health", nil))
			if w.Code != http.StatusServiceUnavailable {
				t.Errorf("status %d, want 503", w.Code)
			}
			health := s.endpoints[0]
			if n := health.requests.Load(); n != 1 || len(health.tally.codes) != 0 {
				t.Errorf("%d requests begun, answers %v; want 1 and none", n, health.tally.codes)
			}
			if n := s.iterations.Load(); n != 0 {
				t.Errorf("%d iterations for nobody", n)
			}
		})
	}
}
