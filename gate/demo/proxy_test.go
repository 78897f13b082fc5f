package demo

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// startProxy serves a proxy in front of a handler. change may prepare it before
// its first request.
func startProxy(t *testing.T, o ProxyOptions, target http.Handler, change func(*Proxy)) *Proxy {
	t.Helper()
	server := httptest.NewServer(target)
	t.Cleanup(server.Close)
	p, err := StartProxy(t.Context(), server.URL, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	if change != nil {
		change(p)
	}
	return p
}

// ask sends one request as the load does and returns the answer without its
// body, which follows.
func ask(t *testing.T, r *http.Request) (head, body string) {
	t.Helper()
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	res.Header.Del("Date") // of the second
	text, err := httputil.DumpResponse(res, false)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), string(data)
}

// TestProxyIsTransparent: what the target and the client get is what they get
// without a proxy.
func TestProxyIsTransparent(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 1<<14)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		got, err := httputil.DumpRequest(r, true)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("X-Request-Id", "7")
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(got)
	})
	mux.HandleFunc("/bare", func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
		_, _ = io.WriteString(w, "<html>")
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/bare", http.StatusFound) })
	mux.HandleFunc("/none", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, large) })
	mux.HandleFunc("/stream", func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			_, _ = io.WriteString(w, "data: x\n\n")
			_ = http.NewResponseController(w).Flush()
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	tests := []struct {
		name, method, path, body string
		header                   http.Header
		host                     string
		close                    bool
	}{
		{name: "a query is sent as it was written", method: "GET", path: "/a%2Fb/c?q=%20+x;y&z"},
		{name: "no user agent", method: "GET", path: "/", header: http.Header{"User-Agent": {""}}},
		{name: "headers", method: "GET", path: "/", header: http.Header{"Authorization": {"Bearer x"}, "Accept-Encoding": {"gzip"},
			"X-Forwarded-For": {"10.0.0.1"}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"for=10.0.0.1"}, "Cookie": {"a=1; b=2"}}},
		{name: "a host of its own", method: "GET", path: "/", host: "shop.example"},
		{name: "a body", method: "POST", path: "/", body: `{"a": 1}`, header: http.Header{"Content-Type": {"application/json"}}},
		{name: "a large body", method: "PUT", path: "/", body: large},
		{name: "a connection that shall close", method: "GET", path: "/", close: true},
		{name: "an answer without content type and date", method: "GET", path: "/bare"},
		{name: "a redirect", method: "GET", path: "/moved"},
		{name: "no content", method: "DELETE", path: "/none"},
		{name: "a large answer", method: "GET", path: "/large"},
		{name: "a query that some would not send", method: "GET", path: "/?a;b=%zz"},
		{name: "HEAD", method: "HEAD", path: "/large"},
		{name: "a stream", method: "GET", path: "/stream"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answers := map[string][2]string{}
			for name, o := range map[string]*ProxyOptions{"direct": nil, "unchanged": {}, "slower": {Slowdown: 0.01}} {
				address := server.URL
				if o != nil {
					p, err := StartProxy(t.Context(), server.URL, *o)
					if err != nil {
						t.Fatal(err)
					}
					defer p.Close()
					address = p.URL()
				}
				r, err := http.NewRequestWithContext(t.Context(), tt.method, address+tt.path, strings.NewReader(tt.body))
				if err != nil {
					t.Fatal(err)
				}
				if tt.body == "" {
					r.Body, r.GetBody = nil, nil
				}
				for name, values := range tt.header {
					r.Header[name] = values
				}
				r.Host, r.Close = tt.host, tt.close
				head, body := ask(t, r)
				answers[name] = [2]string{head, body}
			}
			for _, name := range []string{"unchanged", "slower"} {
				if diff := cmp.Diff(answers["direct"], answers[name]); diff != "" {
					t.Errorf("%s: -without +with the proxy\n%s", name, diff)
				}
			}
		})
	}
}

// The path of the target's URL stays in front of those of the tasks, and its
// user goes along.
func TestProxyURL(t *testing.T) {
	p, err := StartProxy(t.Context(), "http://ana:secret@127.0.0.1:1/api", ProxyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	u, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	if diff := cmp.Diff([]string{"http", p.addr, "/api", "ana", "secret"}, []string{u.Scheme, u.Host, u.Path, u.User.Username(), password}); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A target with TLS is spoken to with TLS, in whichever version of HTTP.
func TestProxyOfTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	p, err := StartProxy(t.Context(), server.URL, ProxyOptions{Slowdown: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.base.TLSClientConfig = &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, body := ask(t, r)
	if diff := cmp.Diff(strings.TrimPrefix(server.URL, "https://"), body); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestProxySlows: each answer waits for its share of the time that it took, and
// until then lacks its last byte.
func TestProxySlows(t *testing.T) {
	for _, tt := range []struct {
		name   string
		target http.HandlerFunc
		want   string
	}{
		{"a short answer", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }, "ok"},
		{"no body", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, ""},
		{"a long answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
		}, strings.Repeat("x", 100_000)},
		{"a stream", func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				_, _ = io.WriteString(w, "abc")
				_ = http.NewResponseController(w).Flush()
			}
		}, "abcabcabc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			at, waits := time.Unix(0, 0), []time.Duration{}
			release := make(chan struct{})
			p := startProxy(t, ProxyOptions{Slowdown: 0.25}, tt.target, func(p *Proxy) {
				p.now = func() time.Time { // each look at it takes 8 ms
					mu.Lock()
					defer mu.Unlock()
					at = at.Add(8 * time.Millisecond)
					return at
				}
				p.wait = func(_ context.Context, d time.Duration) {
					mu.Lock()
					waits = append(waits, d)
					mu.Unlock()
					<-release
				}
			})
			var wg sync.WaitGroup
			defer wg.Wait()
			got := &gatheredBody{seen: make(chan struct{}), want: 1000}
			wg.Go(func() {
				res, err := http.Get(p.URL())
				if err != nil {
					t.Error(err)
					return
				}
				defer res.Body.Close()
				if _, err := io.Copy(got, res.Body); err != nil {
					t.Error(err)
				}
			})
			if len(tt.want) > 1<<16 { // its beginning is in no buffer
				<-got.seen
			}
			if n := got.len(); n >= len(tt.want) && n > 0 {
				t.Errorf("all %d bytes came before the wait", n)
			}
			close(release)
			wg.Wait()
			if diff := cmp.Diff(tt.want, string(got.data)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff([]time.Duration{2 * time.Millisecond}, waits); diff != "" {
				t.Errorf("waits: -want +got\n%s", diff)
			}
		})
	}
}

// gatheredBody is what has come of a body.
type gatheredBody struct {
	mu   sync.Mutex
	data []byte
	want int
	seen chan struct{} // closed once want bytes are there
}

func (g *gatheredBody) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := len(g.data)
	g.data = append(g.data, b...)
	if before < g.want && len(g.data) >= g.want {
		close(g.seen)
	}
	return len(b), nil
}

func (g *gatheredBody) len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.data)
}

// TestProxyFails: the seed chooses which requests fail, about as many as asked
// for, and the target has answered all of them.
func TestProxyFails(t *testing.T) {
	const n = 400
	failed := func(o ProxyOptions) (numbers []int, asked int) {
		p := startProxy(t, o, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; _, _ = io.WriteString(w, "fine") }), nil)
		for i := range n {
			res, err := http.Get(p.URL())
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			res.Body.Close()
			switch {
			case res.StatusCode == http.StatusServiceUnavailable && len(body) == 0:
				numbers = append(numbers, i)
			case res.StatusCode != http.StatusOK || string(body) != "fine":
				t.Fatalf("%s %q", res.Status, body)
			}
		}
		return numbers, asked
	}
	first, asked := failed(ProxyOptions{Failing: 0.1, Seed: 1})
	again, _ := failed(ProxyOptions{Failing: 0.1, Seed: 1})
	other, _ := failed(ProxyOptions{Failing: 0.1, Seed: 2})
	if asked != n {
		t.Errorf("the target was asked %d times, want %d", asked, n)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same seed: -first +again\n%s", diff)
	}
	if slices.Equal(first, other) {
		t.Error("another seed lets the same requests fail")
	}
	if len(first) < 20 || len(first) > 60 { // 5 % beyond 3.3 standard deviations of the draw, which is fixed
		t.Errorf("%d of %d failed, want about 40", len(first), n)
	}
	if none, _ := failed(ProxyOptions{}); len(none) > 0 {
		t.Errorf("without a share %v failed", none)
	}
}

// A target that is not there, or breaks off, is a failure and no answer.
func TestProxyOfBrokenTargets(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "half")
	}))
	p, err := StartProxy(t.Context(), server.URL, ProxyOptions{Slowdown: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	res, err := http.Get(p.URL())
	if err == nil {
		var body []byte
		body, err = io.ReadAll(res.Body)
		res.Body.Close()
		if err == nil {
			t.Errorf("half an answer became a whole one: %q", body)
		}
	}
	server.Close()
	if res, err = http.Get(p.URL()); err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusBadGateway {
		t.Errorf("a target that is gone: %s", res.Status)
	}
}

// A wait is never too short, and ends with its request.
func TestProxyWait(t *testing.T) {
	p := startProxy(t, ProxyOptions{}, http.NotFoundHandler(), nil)
	for _, d := range []time.Duration{-1, 0, 50 * time.Microsecond, 2 * time.Millisecond, exactFrom + time.Millisecond} {
		begin := time.Now()
		p.waitExactly(t.Context(), d)
		if took := time.Since(begin); took < d {
			t.Errorf("waited %v of %v", took, d)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.waitExactly(ctx, time.Hour) // or the test never ends
}

func TestProxyOptions(t *testing.T) {
	for _, tt := range []struct {
		name, target string
		o            ProxyOptions
		want         string
	}{
		{"slowdown", "http://127.0.0.1:1", ProxyOptions{Slowdown: -0.1}, "proxy: slowdown: -0.1 must be 0 or more"},
		{"failing", "http://127.0.0.1:1", ProxyOptions{Failing: 1.5}, "proxy: failing: 1.5 must be a ratio from 0 to 1"},
		{"no URL", "127.0.0.1", ProxyOptions{}, "proxy: the target is no http or https URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := StartProxy(t.Context(), tt.target, tt.o)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
