package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/perfgate/perfgate/gate/alarm"
)

// ProxyOptions says what a proxy makes worse. The zero value changes nothing.
type ProxyOptions struct {
	// Slowdown is by how much longer each answer takes, as a share of its
	// own time: with 0.2 an answer of 1 ms takes 1.2 ms. From 0 on. So every
	// percentile of every endpoint rises by the same share; about 0.05 ms of
	// an answer pass where the proxy cannot see it, and its waits are late by
	// about as much of the slowdown.
	Slowdown float64
	// Failing is the share, 0 to 1, of the answers that are replaced by an
	// empty 503, once the target has given them. Which ones follows from Seed
	// and the number of the request.
	Failing float64
	// Seed selects the draws of Failing.
	Seed uint64
}

// check names every option that cannot be.
func (o ProxyOptions) check() error {
	var problems []error
	if !(o.Slowdown >= 0) || math.IsInf(o.Slowdown, 1) {
		problems = append(problems, fmt.Errorf("slowdown: %v must be 0 or more", o.Slowdown))
	}
	if !(o.Failing >= 0 && o.Failing <= 1) {
		problems = append(problems, fmt.Errorf("failing: %v must be a ratio from 0 to 1", o.Failing))
	}
	return errors.Join(problems...)
}

// A Proxy stands in front of a service on a port of the loopback and passes
// requests and answers through as they are: bodies as they come, no header more
// or less, no redirect followed, and a connection that shall close is closed. A
// target that cannot be reached is a 502.
type Proxy struct {
	o      ProxyOptions
	url    string
	addr   string
	target *url.URL
	base   *http.Transport

	stop   context.CancelFunc
	served sync.WaitGroup
	failed error // why serving ended, once served

	requests atomic.Uint64 // begun
	// now and wait are the clock's; tests have their own.
	now  func() time.Time
	wait func(ctx context.Context, d time.Duration)

	mu     sync.Mutex
	alarms []*alarm.Alarm // free ones
}

// StartProxy serves a proxy in front of the service at target, an http or https
// URL, until Close. Contexts that end before do not end it. The error says which
// option or address cannot be.
func StartProxy(ctx context.Context, target string, o ProxyOptions) (*Proxy, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	to, err := url.Parse(target)
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil, errors.New("proxy: the target is no http or https URL")
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: no free port: %w", err)
	}
	p := &Proxy{o: o, target: to, addr: listener.Addr().String(), base: newTransport(), now: time.Now}
	p.wait = p.waitExactly
	own := *to
	own.Scheme, own.Host = "http", p.addr
	p.url = own.String()
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop = stop
	p.served.Go(func() { p.failed = serveOn(serving, listener, p.handler(), grace) })
	return p, nil
}

// newTransport reaches the target as the load does: it keeps every connection
// and changes no request.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: math.MaxInt,
		DisableCompression:  true,
	}
}

// URL returns where the load goes instead of the target: its URL with the
// address of the proxy.
func (p *Proxy) URL() string { return p.url }

// Close lets requests under way finish for up to 2 s, cuts off the rest and
// returns when the port is free again. A second call does nothing. The error
// says why serving ended before.
func (p *Proxy) Close() error {
	p.stop()
	p.served.Wait()
	p.base.CloseIdleConnections()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.alarms {
		a.Close()
	}
	p.alarms = nil
	return p.failed
}

// handler passes requests on; answers become worse in RoundTrip.
func (p *Proxy) handler() http.Handler {
	reverse := &httputil.ReverseProxy{
		Transport: worsening{p}, BufferPool: new(buffers), ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: p.direct,
		ModifyResponse: func(r *http.Response) error {
			if r.Close {
				r.Header.Set("Connection", "close")
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"], w.Header()["Content-Type"] = nil, nil // or net/http makes up what the target left out
		reverse.ServeHTTP(w, r)
	})
}

// direct directs a request to the target, and undoes what httputil changes in
// it besides.
func (p *Proxy) direct(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host, r.Out.URL.RawQuery = p.target.Scheme, p.target.Host, r.In.URL.RawQuery
	r.Out.Close = r.In.Close
	if r.In.Host == p.addr { // else the task names a host of its own
		r.Out.Host = p.target.Host
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, ok := r.In.Header[name]; ok {
			r.Out.Header[name] = values
		}
	}
}

// worsening is how a proxy reaches its target.
type worsening struct{ *Proxy }

// RoundTrip asks the target, and makes its answer worse.
func (p worsening) RoundTrip(r *http.Request) (*http.Response, error) {
	begin, number := p.now(), p.requests.Add(1)
	answer, err := p.base.RoundTrip(r)
	if err != nil || answer.StatusCode == http.StatusSwitchingProtocols {
		return answer, err
	}
	if draw(p.o.Seed, 0, number, drawError) < p.o.Failing {
		return failInstead(answer)
	}
	if p.o.Slowdown > 0 {
		answer.Body = &stretched{ReadCloser: answer.Body, proxy: p.Proxy, life: r.Context(), begin: begin}
	}
	return answer, nil
}

// failInstead reads an answer to its end, so that it costs the target the same,
// and replaces it.
func failInstead(answer *http.Response) (*http.Response, error) {
	_, err := io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close() // what matters was read, or failed
	if err != nil {
		return nil, err
	}
	answer.StatusCode, answer.Body, answer.ContentLength = http.StatusServiceUnavailable, http.NoBody, 0
	answer.Header, answer.Trailer = http.Header{"Content-Length": {"0"}}, nil
	return answer, nil
}

// stretched is a body that ends later than it came. Its last byte is held back
// until the end is known: a client waits for it, however long the body is.
type stretched struct {
	io.ReadCloser
	proxy *Proxy
	life  context.Context
	begin time.Time
	held  []byte // the last byte that came
}

// Read returns what came before, and in front of the end the wait.
func (s *stretched) Read(b []byte) (int, error) {
	if len(b) < 2 {
		return 0, io.ErrShortBuffer // the reverse proxy's are larger
	}
	kept := copy(b, s.held)
	n, err := s.ReadCloser.Read(b[kept:])
	n += kept
	if err == nil && n > 0 {
		s.held = append(s.held[:0], b[n-1])
		return n - 1, nil
	}
	s.held = nil
	if errors.Is(err, io.EOF) {
		took := s.proxy.now().Sub(s.begin)
		s.proxy.wait(s.life, time.Duration(s.proxy.o.Slowdown*float64(took)))
	}
	return n, err
}

// exactFrom is how much of a wait is left to an alarm, which does not notice
// the end of a context.
const exactFrom = 5 * time.Millisecond

// waitExactly returns after d, to a tenth of a millisecond, or soon after ctx
// ends.
func (p *Proxy) waitExactly(ctx context.Context, d time.Duration) {
	end := time.Now().Add(d)
	if early := d - exactFrom; early > 0 {
		timer := time.NewTimer(early)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
	a := p.alarm()
	a.Sleep(time.Until(end))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alarms = append(p.alarms, a)
}

// alarm takes a free one: as many as requests wait at a time are ever made.
func (p *Proxy) alarm() *alarm.Alarm {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.alarms)
	if n == 0 {
		return alarm.New()
	}
	a := p.alarms[n-1]
	p.alarms = p.alarms[:n-1]
	return a
}

// buffers are those with which bodies are copied.
type buffers struct{ pool sync.Pool }

const bufferSize = 32 << 10

// Get returns a buffer.
func (b *buffers) Get() []byte {
	if x, ok := b.pool.Get().(*[]byte); ok {
		return *x
	}
	return make([]byte, bufferSize)
}

// Put takes a buffer back.
func (b *buffers) Put(x []byte) { b.pool.Put(&x) }
