package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

// newServer answers /STATUS with that status, /moved with a redirect to /200,
// /version with a commit, /slow never, and /third with 200 from the third time.
func newServer(t *testing.T) *httptest.Server {
	t.Helper()
	var asked atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("/{status}", func(w http.ResponseWriter, r *http.Request) {
		var status int
		if _, err := fmt.Sscan(r.PathValue("status"), &status); err != nil {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/200", http.StatusFound) })
	mux.HandleFunc("/version", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"commit": "8F2C1D0E", "build": 7}`)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/third", func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// closedAddr is an address of the loopback at which nobody listens.
func closedAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// readyTest is a target given as a URL.
type readyTest struct {
	name   string
	url    string
	ready  gate.Ready
	commit string
	want   string // of the error, after the time; empty: ready
	hint   string
}

// readyTests needs the URL of newServer and an address without a listener.
func readyTests(url, closed string) []readyTest {
	const wait = 300 * time.Millisecond
	version := func(path, key string) gate.Ready {
		return gate.Ready{Path: "/200", Timeout: wait, Version: &gate.ReadyVersion{Path: path, JSON: key}}
	}
	return []readyTest{
		{name: "any answer", url: url, ready: gate.Ready{Timeout: wait}},
		{name: "any answer, with the status that config fills in", url: url, ready: gate.Ready{Status: 200, Timeout: wait}},
		{name: "default status", url: url, ready: gate.Ready{Path: "/200", Timeout: wait}},
		{name: "given status", url: url, ready: gate.Ready{Path: "/204", Status: 204, Timeout: wait}},
		{name: "in the end", url: url, ready: gate.Ready{Path: "/third"}},
		{name: "wrong status", url: url, ready: gate.Ready{Path: "/503", Timeout: wait},
			want: "GET /503: status 503, expected 200", hint: "set target.ready to the path"},
		{name: "redirect is not followed", url: url, ready: gate.Ready{Path: "/moved", Timeout: wait},
			want: "GET /moved: status 302, expected 200", hint: "set target.ready to the path"},
		{name: "silent", url: url, ready: gate.Ready{Path: "/slow", Timeout: wait},
			want: "GET /slow: no answer in time", hint: "can this machine reach"},
		{name: "refused", url: "http://me:secret@" + closed, ready: gate.Ready{Timeout: wait},
			want: "GET /: dial tcp " + closed, hint: "is the service running? start it, or give target.start"},
		{name: "version", url: url, ready: version("/version", "commit"), commit: "8f2c1d0e5b7a"},
		{name: "version is another", url: url, ready: version("/version", "commit"), commit: "1234567890",
			want: `GET /version: commit is "8F2C1D0E", expected "1234567890"`, hint: "another build is running"},
		{name: "version without the key", url: url, ready: version("/version", "sha"), commit: "8f2c1d0e",
			want: `GET /version: status 200 without a JSON object that has text under "sha"`, hint: "set target.ready.version"},
		{name: "version is no text", url: url, ready: version("/version", "build"), commit: "8f2c1d0e",
			want: `GET /version: status 200 without a JSON object that has text under "build"`, hint: "set target.ready.version"},
		{name: "version is no JSON", url: url, ready: version("/404", "commit"), commit: "8f2c1d0e",
			want: `GET /404: status 404 without a JSON object that has text under "commit"`, hint: "set target.ready.version"},
		{name: "version of an unknown commit", url: url, ready: version("/version", "commit"),
			want: "the commit under test is not known", hint: "run inside the git repository"},
	}
}

func TestReady(t *testing.T) {
	url, closed := newServer(t).URL, closedAddr(t)
	for _, tt := range readyTests(url, closed) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target, err := New(Options{Spec: gate.Target{URL: tt.url, Ready: tt.ready}, Commit: tt.commit})
			if err != nil {
				t.Fatal(err)
			}
			defer target.Close()
			i, err := target.Up(t.Context())
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				checkURLInstance(t, i, tt.url)
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Phase != PhaseReady {
				t.Fatalf("got %v, want an *Error of ready", err)
			}
			if want := "not ready within 300ms: " + tt.want; !strings.HasPrefix(e.Err.Error(), want) {
				t.Errorf("got %v, want %s", e.Err, want)
			}
			if !strings.HasPrefix(e.Hint, tt.hint) || strings.Contains(e.Error(), "secret") {
				t.Errorf("got %v, want the hint %q and no password", e, tt.hint)
			}
		})
	}
}

// checkURLInstance checks that perfgate does not believe to have started it.
func checkURLInstance(t *testing.T, i *Instance, url string) {
	t.Helper()
	i.MarkLoad()
	if i.URL() != url || i.Died() != nil || i.Death() != nil || i.Resources() != nil || i.LastLines(5) != nil || i.t.Restarts() {
		t.Errorf("url %s, died %v, death %v, resources %v, lines %v, restarts %t",
			i.URL(), i.Died(), i.Death(), i.Resources(), i.LastLines(5), i.t.Restarts())
	}
	if err := i.Down(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestReadyCancelled(t *testing.T) {
	because := errors.New("the budget is spent")
	ctx, cancel := context.WithCancelCause(t.Context())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		cancel(because)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer s.Close()
	err := newProbe(gate.Target{URL: s.URL, Ready: gate.Ready{Path: "/"}}, s.URL, "").await(ctx)
	if err != because {
		t.Errorf("got %v, want %v", err, because)
	}
}

func TestSameCommit(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"8f2c1d0e", "8f2c1d0e", true},
		{"8F2C1D0E", "8f2c1d0", true},
		{"8f2c1d0", "8f2c1d0e5b", true},
		{"8f2c1d0e", "8f2c1d0f", false},
		{"8f2c1d", "8f2c1d0e", false},
		{"", "8f2c1d0e", false},
	}
	for _, tt := range tests {
		if got := sameCommit(tt.a, tt.b); got != tt.want {
			t.Errorf("sameCommit(%q, %q) = %t", tt.a, tt.b, got)
		}
	}
}

func TestPreflight(t *testing.T) {
	url, closed := newServer(t).URL, closedAddr(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	silent := gate.Target{URL: url, Ready: gate.Ready{Path: "/slow"}}
	quick, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	<-quick.Done()
	tests := []struct {
		name string
		ctx  context.Context
		o    PreflightOptions
		want []string // check, start of the error, start of the hint
	}{
		{"nothing", t.Context(), PreflightOptions{}, nil},
		{"all well", t.Context(), PreflightOptions{
			OutDir: t.TempDir(), Load: gate.Load{Model: gate.ModelClosed, Users: 1}, Targets: []gate.Target{{URL: url}, {Start: "x"}},
		}, nil},
		{"folder", t.Context(), PreflightOptions{OutDir: filepath.Join(file, "out")},
			[]string{"output", "folder ", "check permissions and space: mkdir -p "}},
		{"refused", t.Context(), PreflightOptions{Targets: []gate.Target{{URL: "http://me:secret@" + closed}}},
			[]string{"target", "http://" + closed + ": GET /: ", "the service is not running: start it (docker compose up -d)"}},
		{"status", t.Context(), PreflightOptions{Targets: []gate.Target{{URL: url, Ready: gate.Ready{Path: "/503"}}}},
			[]string{"target", url + ": GET /503: status 503, expected 200", "set target.ready"}},
		{"silent", quick, PreflightOptions{Targets: []gate.Target{silent}},
			[]string{"target", url + ": GET /slow: no answer in time", "the service does not answer: restart it, lower the load"}},
		{"version comes later", t.Context(), PreflightOptions{Targets: []gate.Target{
			{URL: "http://" + closed, Ready: gate.Ready{Version: &gate.ReadyVersion{Path: "/version", JSON: "commit"}}},
		}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Preflight(tt.ctx, tt.o)
			if tt.want == nil {
				if got != nil {
					t.Errorf("found %v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Check != tt.want[0] ||
				!strings.HasPrefix(got[0].Err.Error(), tt.want[1]) || !strings.HasPrefix(got[0].Hint, tt.want[2]) {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
}

func TestCheckFiles(t *testing.T) {
	open := gate.Load{Model: gate.ModelOpen, MaxInFlight: 1000, Users: 1}
	capped := open
	capped.Connections = 20
	tests := []struct {
		name  string
		load  gate.Load
		limit uint64
		want  string
	}{
		{"enough", open, 1064, ""},
		{"one too few", open, 1063, "too many open files: 1000 connections need a limit of 1064, it is 1063"},
		{"capped", capped, 84, ""},
		{"users", gate.Load{Model: gate.ModelClosed, Users: 500, MaxInFlight: 1}, 256,
			"too many open files: 500 connections need a limit of 564, it is 256"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, p := range checkFiles(connections(tt.load), tt.limit) {
				if p.Check != "files" || !strings.Contains(p.Hint, "ulimit -n 65536") {
					t.Errorf("got %+v", p)
				}
				got += p.Err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
