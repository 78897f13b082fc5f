package load

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/perfgate/perfgate/gate"
)

// dialog makes a client of one task for a server.
func dialog(t *testing.T, base string, task gate.Task, roots *x509.CertPool, timeout time.Duration) *httpClient {
	t.Helper()
	u, err := parseBase(base)
	if err != nil {
		t.Fatal(err)
	}
	clock := newWall()
	task.Name, task.Weight = "task", 1
	c, err := newHTTPClient(u, Options{Tasks: []gate.Task{task}, RootCAs: roots, Load: gate.Load{Timeout: timeout}}, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.close()
		clock.close()
	})
	return c
}

// outcome is an answer without its times.
type outcome struct {
	Kind     gate.FailureKind
	Status   int
	Received int64
}

func ask(t *testing.T, c *httpClient) outcome {
	t.Helper()
	sent := c.clock.now()
	a := c.do(t.Context(), 0, true)
	if a.cancelled {
		t.Error("cancelled")
	}
	if answered := a.status != 0; a.done < sent || answered && (a.head < sent || a.head > a.done && a.kind == "") {
		t.Errorf("sent at %v, head at %v, done at %v", sent, a.head, a.done)
	}
	return outcome{a.kind, a.status, a.received}
}

func write(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangUp closes the connection after a text of its own.
func hangUp(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
	}
}

func TestOutcomes(t *testing.T) {
	held := make(chan struct{})
	t.Cleanup(func() { close(held) })
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		expect  gate.Expect
		timeout time.Duration // 0: long
		want    outcome
	}{
		{"success", write(200, "hello"), gate.Expect{}, 0, outcome{"", 200, 5}},
		{"no content", write(204, ""), gate.Expect{}, 0, outcome{"", 204, 0}},
		{"a redirect is an answer", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, gate.Expect{}, 0, outcome{"", 302, 33}},
		{"client error", write(404, "none"), gate.Expect{}, 0, outcome{gate.FailStatus, 404, 4}},
		{"server error", write(503, ""), gate.Expect{}, 0, outcome{gate.FailStatus, 503, 0}},
		{"expected error", write(404, "none"), gate.Expect{Status: []int{200, 404}}, 0, outcome{"", 404, 4}},
		{"unexpected success", write(200, "{}"), gate.Expect{Status: []int{201}, JSON: true}, 0, outcome{gate.FailStatus, 200, 2}},
		{"JSON", write(200, `{"a": 1}`), gate.Expect{JSON: true}, 0, outcome{"", 200, 8}},
		{"half of a JSON", write(200, `{"a":`), gate.Expect{JSON: true}, 0, outcome{gate.FailCheck, 200, 5}},
		{"an empty body is no JSON", write(200, ""), gate.Expect{JSON: true}, 0, outcome{gate.FailCheck, 200, 0}},
		{"text in the body", write(200, "all is well"), gate.Expect{Body: "is"}, 0, outcome{"", 200, 11}},
		{"text not in the body", write(200, "all is well"), gate.Expect{Body: "bad"}, 0, outcome{gate.FailCheck, 200, 11}},
		{"silence", func(http.ResponseWriter, *http.Request) { <-held }, gate.Expect{}, 20 * time.Millisecond, outcome{gate.FailTimeout, 0, 0}},
		{"half an answer, then silence", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			<-held
		}, gate.Expect{}, 500 * time.Millisecond, outcome{gate.FailTimeout, 200, 4}},
		{"hung up", hangUp(""), gate.Expect{}, 0, outcome{gate.FailReset, 0, 0}},
		{"hung up in the body", hangUp("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), gate.Expect{}, 0, outcome{gate.FailReset, 200, 4}},
		{"not HTTP", hangUp("hello?\r\n\r\n"), gate.Expect{}, 0, outcome{gate.FailOther, 0, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.handler)
			t.Cleanup(server.CloseClientConnections)
			c := dialog(t, server.URL, gate.Task{Expect: tt.expect}, nil, or(tt.timeout, time.Minute))
			if diff := cmp.Diff(tt.want, ask(t, c)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c := dialog(t, address, gate.Task{}, nil, time.Minute)
	if diff := cmp.Diff(outcome{gate.FailRefused, 0, 0}, ask(t, c)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := c.connects(0, true); got != (connects{}) {
		t.Errorf("connected: %+v", got)
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	for _, tt := range []struct {
		name   string
		base   string
		roots  *x509.CertPool
		want   outcome
		opened int64
	}{
		{"HTTP/2 when offered", server.URL, roots, outcome{"", 200, 8}, 1},
		{"unknown authority", server.URL, x509.NewCertPool(), outcome{gate.FailTLS, 0, 0}, 1},
		{"another name", strings.Replace(server.URL, "127.0.0.1", "localhost", 1), roots, outcome{gate.FailTLS, 0, 0}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := dialog(t, tt.base, gate.Task{Expect: gate.Expect{Body: "HTTP/2.0"}}, tt.roots, time.Minute)
			if diff := cmp.Diff(tt.want, ask(t, c)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			got := c.connects(0, true)
			if got.opened != tt.opened || got.tcp <= 0 || (got.tls > 0) != (tt.want.Kind == "") {
				t.Errorf("connects are %+v, want %d opened", got, tt.opened)
			}
		})
	}
}

// TestOnTheWire compares what the server gets.
func TestOnTheWire(t *testing.T) {
	type request struct {
		Method, URI, Host, Body string
		Header                  http.Header
	}
	var mu sync.Mutex
	var got []request
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, request{r.Method, r.RequestURI, r.Host, string(body), r.Header})
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	for _, tt := range []struct {
		name string
		base string
		task gate.Request
		want request
	}{
		{"the least", server.URL, gate.Request{Path: "/"},
			request{"GET", "/", host, "", http.Header{"User-Agent": {"perfgate"}}}},
		{"a base with a path, and a query", server.URL + "/a%2Fb/", gate.Request{Path: "/c%20d?e=f&e=g"},
			request{"GET", "/a%2Fb/c%20d?e=f&e=g", host, "", http.Header{"User-Agent": {"perfgate"}}}},
		{"everything", strings.Replace(server.URL, "//", "//me:secret@", 1), gate.Request{Method: "POST", Path: "/x", Body: []byte("{}"),
			Headers: map[string]gate.Secret{"User-Agent": "other", "Content-Type": "application/json", "Host": "shop.example"}},
			request{"POST", "/x", "shop.example", "{}", http.Header{"User-Agent": {"other"}, "Content-Type": {"application/json"},
				"Content-Length": {"2"}, "Authorization": {"Basic bWU6c2VjcmV0"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got = nil
			c := dialog(t, tt.base, gate.Task{Request: tt.task}, nil, time.Minute)
			for range 3 {
				ask(t, c)
			}
			if diff := cmp.Diff([]request{tt.want, tt.want, tt.want}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if n := c.connects(0, true).opened; n != 1 {
				t.Errorf("%d connections for three requests in a row", n)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	wrap := func(err error) error { return &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", err)} }
	for _, tt := range []struct {
		name string
		err  error
		want gate.FailureKind
	}{
		{"no file left", wrap(syscall.EMFILE), gate.FailClient},
		{"no port left", wrap(syscall.EADDRNOTAVAIL), gate.FailClient},
		{"refused", wrap(syscall.ECONNREFUSED), gate.FailRefused},
		{"reset", wrap(syscall.ECONNRESET), gate.FailReset},
		{"broken pipe", wrap(syscall.EPIPE), gate.FailReset},
		{"another number", wrap(syscall.EHOSTUNREACH), gate.FailOther},
		{"no such host", &net.DNSError{Err: "no such host", IsNotFound: true}, gate.FailDNS},
		{"the resolver is silent", &net.DNSError{Err: "i/o timeout", IsTimeout: true}, gate.FailTimeout},
		{"deadline", fmt.Errorf("read: %w", context.DeadlineExceeded), gate.FailTimeout},
		{"end of file", fmt.Errorf("read: %w", io.EOF), gate.FailReset},
		{"reset in the handshake", handshakeError{wrap(syscall.ECONNRESET)}, gate.FailTLS},
		{"time-out in the handshake", handshakeError{context.DeadlineExceeded}, gate.FailTimeout},
		{"unknown", errors.New("what?"), gate.FailOther},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := kindOf(tt.err); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestResetStream: HTTP/2 tells a broken request by a stream error of a hidden
// type.
func TestResetStream(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	c := dialog(t, server.URL, gate.Task{}, roots, time.Minute)
	if diff := cmp.Diff(outcome{gate.FailReset, 0, 0}, ask(t, c)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestCancelled: what the end of the run cuts off is neither answered nor
// failed.
func TestCancelled(t *testing.T) {
	arrived := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	c := dialog(t, server.URL, gate.Task{}, nil, time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		<-arrived
		cancel()
	})
	if a := c.do(ctx, 0, true); !a.cancelled {
		t.Errorf("%+v is not cancelled", a)
	}
	wg.Wait()
}

func TestPreparedErrors(t *testing.T) {
	u := &url.URL{Scheme: "http", Host: "h"}
	for name, r := range map[string]gate.Request{
		"method": {Method: "GE T", Path: "/"},
		"path":   {Path: "/%zz"},
		"name":   {Path: "/", Headers: map[string]gate.Secret{"X Key": "secret"}},
		"value":  {Path: "/", Headers: map[string]gate.Secret{"X-Key": "secret\r\nX-Other: 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := prepare(u, gate.Task{Name: "GET /x", Request: r})
			if err == nil || !strings.HasPrefix(err.Error(), `task "GET /x": `) || strings.Contains(err.Error(), "secret") {
				t.Errorf("error is %v", err)
			}
		})
	}
}
