package load

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// A client sends requests, from many goroutines at once.
type client interface {
	// do sends one request of a task and reads its answer to the end. It
	// returns within the time-out, and soon after ctx has ended.
	do(ctx context.Context, task int, measured bool) answer
	// connects returns what was connected for a task, in the measured part
	// or before it.
	connects(task int, measured bool) connects
	close()
}

// An answer is how one request ended.
type answer struct {
	kind     gate.FailureKind // empty: success
	status   int              // HTTP status; 0: no answer
	received int64            // bytes of the body
	// head and done are when the answer's head and its last byte were
	// there, on the run's clock. Without an answer only done is set.
	head, done time.Duration
	// cancelled requests were cut off by the end of the run and count
	// nowhere.
	cancelled bool
}

// connects sums up connections that were opened.
type connects struct {
	opened   int64
	tcp, tls time.Duration // in all
}

// httpClient is the client of net/http. It follows no redirect, keeps no
// cookie, asks no proxy and does not decompress; https offers HTTP/2.
//
// net/http repeats a request on its own when a kept-alive connection turns out
// to be closed before anything was answered, unless it has a body that was
// already read. The time of both attempts is one response time; the first
// failure is not seen.
type httpClient struct {
	clock     clock
	timeout   time.Duration
	transport *http.Transport
	dialer    net.Dialer
	tls       *tls.Config
	requests  []prepared
	life      context.Context // ends with the client, and every dial with it
	end       context.CancelFunc
	scratch   sync.Pool // *bytes.Buffer, for bodies that are checked
}

// prepared is what all requests of a task share.
type prepared struct {
	request *http.Request // never sent itself
	body    []byte
	expect  gate.Expect
	opened  [2]*connectCounter // before and in the measured part
}

// connectCounter is connects, for several goroutines.
type connectCounter struct{ opened, tcp, tls atomic.Int64 }

// causeKey is the context key of the connectCounter of the request for which a
// connection is opened.
type causeKey struct{}

func newHTTPClient(base *url.URL, o Options, c clock) (*httpClient, error) {
	h := &httpClient{
		clock:   c,
		timeout: o.Load.Timeout,
		dialer:  net.Dialer{Timeout: o.Load.Timeout},
		tls:     &tls.Config{RootCAs: o.RootCAs, NextProtos: []string{"h2", "http/1.1"}},
		scratch: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
	for _, t := range o.Tasks {
		p, err := prepare(base, t)
		if err != nil {
			return nil, err
		}
		h.requests = append(h.requests, p)
	}
	h.life, h.end = context.WithCancel(context.Background())
	h.transport = &http.Transport{
		DialContext:         h.dial,
		DialTLSContext:      h.dialTLS,
		ForceAttemptHTTP2:   true,
		MaxConnsPerHost:     o.Load.Connections,
		MaxIdleConnsPerHost: math.MaxInt, // a connection that was opened is kept
		DisableCompression:  true,
	}
	return h, nil
}

// prepare makes the parts that all requests of a task share.
func prepare(base *url.URL, t gate.Task) (prepared, error) {
	// The path is appended as text: it may hold a query, and is sent as
	// it was written.
	address := url.URL{Scheme: base.Scheme, Host: base.Host, Path: base.Path, RawPath: base.RawPath}
	r, err := http.NewRequest(or(t.Request.Method, http.MethodGet), address.String()+t.Request.Path, nil)
	if err != nil {
		return prepared{}, fmt.Errorf("task %q: %w", t.Name, err)
	}
	r.Header.Set("User-Agent", "perfgate")
	if u := base.User; u != nil {
		password, _ := u.Password()
		r.SetBasicAuth(u.Username(), password)
	}
	for name, value := range t.Request.Headers {
		if !sendable(name, value.Reveal()) {
			return prepared{}, fmt.Errorf("task %q: header %q cannot be sent: its name or value holds a character that HTTP forbids", t.Name, name)
		}
		r.Header.Set(name, value.Reveal())
		if name == "Host" { // net/http takes it from the request alone
			r.Host = value.Reveal()
			r.Header.Del(name)
		}
	}
	return prepared{r, t.Request.Body, t.Expect, [2]*connectCounter{{}, {}}}, nil
}

// sendable reports whether net/http will send a header (RFC 9110, 5.1 and 5.5);
// it would refuse each request instead, as if the target had failed it.
func sendable(name, value string) bool {
	noToken := func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	}
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	return name != "" && !strings.ContainsFunc(name, noToken) && !strings.ContainsFunc(value, control)
}

func (h *httpClient) do(ctx context.Context, task int, measured bool) answer {
	p := &h.requests[task]
	run := ctx
	ctx = context.WithValue(ctx, causeKey{}, p.opened[phaseOf(measured)])
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	response, err := h.transport.RoundTrip(p.fresh(ctx))
	if err != nil {
		return h.failed(run, answer{}, err)
	}
	a := answer{status: response.StatusCode, head: h.clock.now()}
	if a.status == http.StatusSwitchingProtocols {
		// What follows is no HTTP, belongs to nobody and may never end.
		_ = response.Body.Close()
		a.done, a.kind = a.head, gate.FailStatus
		return a
	}
	accepted := accepts(p.expect.Status, a.status)
	passed := true
	if accepted && (p.expect.JSON || p.expect.Body != "") {
		a.received, passed, err = h.check(p.expect, response.Body)
	} else {
		a.received, err = io.Copy(io.Discard, response.Body)
	}
	_ = response.Body.Close() // what matters was read, or failed above
	if err != nil {
		return h.failed(run, a, err)
	}
	a.done = h.clock.now()
	switch {
	case !accepted:
		a.kind = gate.FailStatus
	case !passed:
		a.kind = gate.FailCheck
	}
	return a
}

// maxChecked bounds the part of a body that is kept for its check; a longer body
// is drained and does not pass.
const maxChecked = 16 << 20

// check reads a body to its end and says whether it is as expected.
func (h *httpClient) check(expect gate.Expect, body io.Reader) (received int64, passed bool, err error) {
	kept := h.scratch.Get().(*bytes.Buffer)
	kept.Reset()
	defer h.scratch.Put(kept)
	received, err = io.Copy(kept, io.LimitReader(body, maxChecked))
	if err != nil {
		return received, false, err
	}
	rest, err := io.Copy(io.Discard, body)
	return received + rest, rest == 0 && passes(expect, kept.Bytes()), err
}

// fresh returns a request to be sent: a shallow copy, because net/http only
// reads what it shares.
func (p *prepared) fresh(ctx context.Context) *http.Request {
	r := p.request.WithContext(ctx)
	if p.body != nil {
		r.ContentLength = int64(len(p.body))
		// A reader of its own: net/http may read it after the answer.
		r.Body = io.NopCloser(bytes.NewReader(p.body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(p.body)), nil }
	}
	return r
}

// failed completes the answer of a request that got none, or half of one.
func (h *httpClient) failed(run context.Context, a answer, err error) answer {
	a.done = h.clock.now()
	a.kind = kindOf(err)
	a.cancelled = run.Err() != nil
	return a
}

// accepts reports whether a status counts as a success (gate.Expect).
func accepts(codes []int, status int) bool {
	if len(codes) == 0 {
		return status >= 200 && status < 400
	}
	return slices.Contains(codes, status)
}

// passes reports whether a body is what the task expects.
func passes(e gate.Expect, body []byte) bool {
	return (!e.JSON || json.Valid(body)) && bytes.Contains(body, []byte(e.Body))
}

// phaseOf is the index of a phase's counters.
func phaseOf(measured bool) int {
	if measured {
		return 1
	}
	return 0
}

// dial opens a connection and counts it for the request that asked for it. A
// connection may end up with another request than that.
func (h *httpClient) dial(ctx context.Context, network, address string) (net.Conn, error) {
	// net/http goes on dialling when the request that asked has ended; the
	// end of the client ends that too.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.life, cancel)()
	begin := h.clock.now()
	conn, err := h.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if c, ok := ctx.Value(causeKey{}).(*connectCounter); ok {
		c.opened.Add(1)
		c.tcp.Add(int64(h.clock.now() - begin))
	}
	return conn, nil
}

// dialTLS is dial and a handshake, so that its failure can be told from the
// others and its time be counted.
func (h *httpClient) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := h.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	config := h.tls.Clone()
	config.ServerName, _, err = net.SplitHostPort(address)
	if err != nil {
		_ = conn.Close() // the other error is told
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	defer context.AfterFunc(h.life, cancel)()
	begin := h.clock.now()
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // the other error is told
		return nil, handshakeError{err}
	}
	if c, ok := ctx.Value(causeKey{}).(*connectCounter); ok {
		c.tls.Add(int64(h.clock.now() - begin))
	}
	return secure, nil
}

func (h *httpClient) connects(task int, measured bool) connects {
	c := h.requests[task].opened[phaseOf(measured)]
	return connects{c.opened.Load(), time.Duration(c.tcp.Load()), time.Duration(c.tls.Load())}
}

func (h *httpClient) close() {
	h.end()
	h.transport.CloseIdleConnections()
}
