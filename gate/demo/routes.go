package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// route is one endpoint of the API.
type route struct {
	method, path string
	latency      time.Duration // the default service time
	reads        bool          // a JSON body that names a model
	act          func(s *Service, model string) answer
}

func routes() []route {
	return []route{
		{method: "GET", path: "/health", latency: 300 * time.Microsecond, act: (*Service).health},
		{method: "GET", path: "/metrics", latency: 300 * time.Microsecond, act: (*Service).metrics},
		{method: "GET", path: "/models", latency: 400 * time.Microsecond, act: (*Service).list},
		{method: "POST", path: "/models/load", latency: 500 * time.Microsecond, reads: true, act: (*Service).load},
		{method: "POST", path: "/models/unload", latency: 300 * time.Microsecond, reads: true, act: (*Service).unload},
		{method: "POST", path: "/inference", latency: 1600 * time.Microsecond, reads: true, act: (*Service).infer},
		{method: "POST", path: "/inference/batch", latency: 2400 * time.Microsecond, reads: true, act: (*Service).infer},
	}
}

// answer is what goes back.
type answer struct {
	status int
	kind   string // content type
	body   []byte
}

func jsonAnswer(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil { // of maps and slices of texts and numbers: cannot be
		return answer{status: http.StatusInternalServerError, kind: "text/plain", body: []byte(err.Error())}
	}
	return answer{status: status, kind: "application/json", body: append(body, '\n')}
}

func failure(status int, format string, args ...any) answer {
	return jsonAnswer(status, map[string]string{"error": fmt.Sprintf(format, args...)})
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that has gone needs no answer
}

// serve answers one request of e and counts it first: a client that has its answer finds it counted.
// Work that was broken off is not counted, and not answered with the 200 that net/http would send: the
// client has left or, when the server stops, must not take it for a success.
func (s *Service) serve(e *endpoint, w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	s.inFlight.Add(1)
	a, err := s.handle(e, e.requests.Add(1), w, r)
	s.inFlight.Add(-1)
	if err != nil {
		failure(http.StatusServiceUnavailable, "broken off: %v", err).write(w)
		return
	}
	e.tally.add(a.status, time.Since(start))
	a.write(w)
}

// handle reads, works, fails when its turn has come, and acts, in this order: a request that is to fail
// changes nothing, but costs as much as any other.
func (s *Service) handle(e *endpoint, request uint64, w http.ResponseWriter, r *http.Request) (answer, error) {
	var model string
	if e.reads {
		var err error
		var tooLarge *http.MaxBytesError
		switch model, err = s.readModel(w, r); {
		case errors.As(err, &tooLarge):
			return failure(http.StatusRequestEntityTooLarge, "body: larger than %d bytes", tooLarge.Limit), nil
		case err != nil:
			return failure(http.StatusBadRequest, "body: %v", err), nil
		}
	}
	if err := s.toil(r.Context(), e, request); err != nil {
		return answer{}, err
	}
	if draw(s.seed, e.index, request, drawError) < s.errorRate {
		return failure(http.StatusInternalServerError, "failed on purpose (error rate %v)", s.errorRate), nil
	}
	return e.act(s, model), nil
}

func (s *Service) readModel(w http.ResponseWriter, r *http.Request) (string, error) {
	sc := s.scanners.Get().(*scanner)
	defer s.scanners.Put(sc)
	return sc.model(http.MaxBytesReader(w, r.Body, s.maxBody))
}

func (s *Service) health(string) answer {
	return jsonAnswer(http.StatusOK, map[string]string{"status": "ok"})
}

func (s *Service) list(string) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return jsonAnswer(http.StatusOK, map[string][]string{"models": slices.Sorted(maps.Keys(s.models))})
}

// maxModels bounds what strangers can make the service remember.
const maxModels = 1000

func (s *Service) load(model string) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.models[model] {
		return failure(http.StatusConflict, "model %q is loaded already", model)
	}
	if len(s.models) >= maxModels {
		return failure(http.StatusInsufficientStorage, "%d models are loaded, unload one first", maxModels)
	}
	s.models[model] = true
	return jsonAnswer(http.StatusOK, map[string]string{"model": model, "status": "loaded"})
}

func (s *Service) unload(model string) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.models[model] {
		return notLoaded(model)
	}
	delete(s.models, model)
	return jsonAnswer(http.StatusOK, map[string]string{"model": model, "status": "unloaded"})
}

// infer gives every input the same output: answers of one size, so that a change of size means
// something.
func (s *Service) infer(model string) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.models[model] {
		return notLoaded(model)
	}
	return jsonAnswer(http.StatusOK, map[string]any{"model": model, "output": [4]float64{0.1, 0.2, 0.3, 0.4}})
}

func notLoaded(model string) answer {
	return failure(http.StatusNotFound, "model %q is not loaded, see GET /models", model)
}
