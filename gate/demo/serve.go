package demo

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// grace is how long a server that is asked to stop lets its requests finish.
const grace = 2 * time.Second

// Serve runs a new service on addr, "127.0.0.1:8000", until ctx ends, then lets the requests under way
// finish for up to 2 s, cuts off the rest and returns nil. With port 0 the system chooses one; ready, if
// not nil, is told the address once connections are accepted. The error says which option or address
// cannot be, or why serving ended.
func Serve(ctx context.Context, addr string, o Options, ready func(addr string)) error {
	s, err := New(o)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %q: %w\nhint: port 0 takes a free one", addr, err)
	}
	if ready != nil {
		ready(listener.Addr().String())
	}
	return serveOn(ctx, listener, s, grace)
}

// serveOn owns listener. It ends as Serve does, after at most patience.
func serveOn(ctx context.Context, listener net.Listener, handler http.Handler, patience time.Duration) error {
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      5 * time.Minute, // over the longest service time that options allow
		IdleTimeout:       2 * time.Minute,
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
	ended := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() { ended <- server.Serve(listener) })
	defer wg.Wait()
	select {
	case err := <-ended:
		return fmt.Errorf("serve on %q: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(requests, patience)
	defer cancel()
	if server.Shutdown(limited) != nil {
		cut()
		server.Close()
	}
	return nil
}
