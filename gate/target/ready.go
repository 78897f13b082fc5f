package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

const (
	attemptTimeout = 2 * time.Second
	firstPause     = 10 * time.Millisecond
	longestPause   = 250 * time.Millisecond
	versionBytes   = 1 << 20 // of the answer that names the commit
	shortestCommit = 7       // digits; what git abbreviates to at least
)

var errSilent = errors.New("no answer in time")

// probe asks a target whether it is ready.
type probe struct {
	client  *http.Client
	base    string
	ready   gate.Ready
	started bool // by perfgate
	commit  string
}

// newProbe fills in the defaults. A target that is only given as a URL and says
// nothing about ready has an unknown front page: any answer will do.
func newProbe(spec gate.Target, base, commit string) probe {
	p := probe{base: base, ready: spec.Ready, started: spec.Start != "", commit: commit}
	if p.ready.Status == 0 {
		p.ready.Status = gate.DefaultReadyStatus
	}
	if p.ready.Path == "" && !p.started {
		p.ready.Status = 0
	}
	if p.ready.Path == "" {
		p.ready.Path = "/"
	}
	if p.ready.Timeout <= 0 {
		p.ready.Timeout = gate.DefaultReadyTimeout
	}
	p.client = &http.Client{
		// No proxy, and no connection that outlives its answer: the load
		// must find the service as it is after a start.
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return p
}

// notReady is why a target may not get load, and what to do about it.
type notReady struct {
	err  error
	hint string
}

func (n *notReady) Error() string { return n.err.Error() }
func (n *notReady) Unwrap() error { return n.err }

// await asks until the target is ready, ctx ends or the time is over.
func (p probe) await(ctx context.Context) error {
	over := fmt.Errorf("not ready within %v", p.ready.Timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, p.ready.Timeout, over)
	defer cancel()
	var last error
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := p.once(ctx)
		if err == nil {
			return nil
		}
		// An attempt that the end cut short says less than the one before.
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return givenUp(context.Cause(ctx), over, last)
		}
	}
}

// givenUp explains why the waiting ended: the time was over, which the last
// attempt explains, or somebody cancelled it.
func givenUp(cause, over, last error) error {
	if !errors.Is(cause, over) {
		return cause
	}
	err := &notReady{err: fmt.Errorf("%w: %w", over, last)}
	if why := (*notReady)(nil); errors.As(last, &why) {
		err.hint = why.hint
	}
	return err
}

// once makes one attempt.
func (p probe) once(ctx context.Context) error {
	status, _, err := p.get(ctx, p.ready.Path)
	if err != nil {
		return err
	}
	if want := p.ready.Status; want != 0 && status != want {
		return &notReady{
			err:  fmt.Errorf("GET %s: status %d, expected %d", p.ready.Path, status, want),
			hint: "set target.ready to the path and status of a service that can take load",
		}
	}
	if p.ready.Version == nil {
		return nil
	}
	return p.version(ctx, *p.ready.Version)
}

// version asks which commit the target was built from.
func (p probe) version(ctx context.Context, v gate.ReadyVersion) error {
	if p.commit == "" {
		return &notReady{
			err:  errors.New("the commit under test is not known, so target.ready.version cannot be checked"),
			hint: "run inside the git repository, or drop target.ready.version",
		}
	}
	status, body, err := p.get(ctx, v.Path)
	if err != nil {
		return err
	}
	var answer map[string]json.RawMessage
	var commit string
	if json.Unmarshal(body, &answer) != nil || json.Unmarshal(answer[v.JSON], &commit) != nil {
		return &notReady{
			err:  fmt.Errorf("GET %s: status %d without a JSON object that has text under %q", v.Path, status, v.JSON),
			hint: "set target.ready.version to where the service tells its commit",
		}
	}
	if !sameCommit(commit, p.commit) {
		return &notReady{
			err:  fmt.Errorf("GET %s: %s is %q, expected %q", v.Path, v.JSON, printable(commit), p.commit),
			hint: "another build is running: deploy the one under test, or give it more target.ready.timeout",
		}
	}
	return nil
}

// sameCommit lets either of the two be abbreviated.
func sameCommit(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	n := min(len(a), len(b))
	return n >= shortestCommit && a[:n] == b[:n]
}

// get returns the status of an answer, and its body up to versionBytes.
func (p probe) get(ctx context.Context, path string) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+path, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("GET %s: not a URL", path)
	}
	request.Header.Set("User-Agent", "perfgate")
	answer, err := p.client.Do(request)
	if err != nil {
		return 0, nil, p.unanswered(ctx, path, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return answer.StatusCode, nil, nil // what follows is no body and may never end
	}
	body, err = io.ReadAll(io.LimitReader(answer.Body, versionBytes))
	if err != nil {
		return 0, nil, p.unanswered(ctx, path, err)
	}
	return answer.StatusCode, body, nil
}

// unanswered explains a request without an answer. The URL, which may hold a
// password, is left out.
func (p probe) unanswered(ctx context.Context, path string, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = errSilent
	}
	hint := "the service takes connections but does not answer: see its log"
	switch refused := errors.Is(err, errRefused); {
	case p.started && refused:
		hint = "nothing listens on " + strings.TrimPrefix(p.base, "http://") + ": does target.start use ${" + EnvPort + "}?"
	case refused:
		hint = "is the service running? start it, or give target.start"
	case !p.started:
		hint = "can this machine reach the service? check target.url"
	}
	return &notReady{err: fmt.Errorf("GET %s: %w", path, err), hint: hint}
}
