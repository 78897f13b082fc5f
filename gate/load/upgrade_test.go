package load

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

// An answer that takes the connection over (101) never ends; it is a failure,
// and nobody waits for what follows.
func TestSwitchingProtocolsDoesNotHang(t *testing.T) {
	held := make(chan struct{})
	handler := func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = buf.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		_ = buf.Flush()
		<-held // longer than any time-out
	}
	server := httptest.NewServer(http.HandlerFunc(handler))
	defer server.Close()
	defer close(held)
	o := Options{URL: server.URL, Scenario: "x", Duration: 200 * time.Millisecond,
		Load:  gate.Load{Model: gate.ModelClosed, Users: 1, Timeout: time.Second},
		Tasks: []gate.Task{{Name: "GET /", Weight: 1, Request: gate.Request{Method: "GET", Path: "/"}}}}
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	code := 101
	e := r.Endpoints[0]
	want := []gate.Failure{{Kind: gate.FailStatus, Code: &code, Count: e.Requests}}
	if diff := cmp.Diff(want, e.Failures); diff != "" || e.Requests == 0 {
		t.Errorf("%d requests, -want +got\n%s", e.Requests, diff)
	}
}

// A checked body is kept up to a bound; what is longer does not pass.
func TestCheckOfAnEndlessBodyIsBounded(t *testing.T) {
	h := &httpClient{}
	h.scratch.New = func() any { return new(bytes.Buffer) }
	long := strings.NewReader(`"` + strings.Repeat("x", maxChecked+10) + `"`)
	received, passed, err := h.check(gate.Expect{JSON: true}, long)
	if err != nil || passed || received != maxChecked+12 {
		t.Errorf("received %d, passed %v, %v", received, passed, err)
	}
}
