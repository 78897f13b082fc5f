package demo

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// idle is a service whose requests take next to no time: a test never waits for one.
func idle(t *testing.T, o Options) *Service {
	t.Helper()
	o.IterationsPerMicrosecond = cmp.Or(o.IterationsPerMicrosecond, 0.001)
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// call sends a request over loopback and returns status and body.
func call(t *testing.T, server *httptest.Server, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func serverOf(t *testing.T, s *Service) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server
}

// TestAPI is one conversation: later rows rely on what earlier ones loaded.
func TestAPI(t *testing.T) {
	s := idle(t, Options{Commit: "8f2c1d0e"})
	s.maxBody = 100
	server := serverOf(t, s)
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     string // "" for what is tested elsewhere
	}{
		{"health", "GET", "/health", "", 200, `{"status":"ok"}`},
		{"version", "GET", "/version", "", 200, `{"commit":"8f2c1d0e"}`},
		{"models at the start", "GET", "/models", "", 200, `{"models":["bert-base","resnet50"]}`},
		{"load", "POST", "/models/load", `{"model":"m"}`, 200, `{"model":"m","status":"loaded"}`},
		{"load again", "POST", "/models/load", `{"model":"m"}`, 409, `{"error":"model \"m\" is loaded already"}`},
		{"models with the new one", "GET", "/models", "", 200, `{"models":["bert-base","m","resnet50"]}`},
		{"infer", "POST", "/inference", `{"model":"m","input":[1,2]}`, 200, `{"model":"m","output":[0.1,0.2,0.3,0.4]}`},
		{"infer a batch", "POST", "/inference/batch", `{"model":"m","input":[[1],[2]]}`, 200, `{"model":"m","output":[0.1,0.2,0.3,0.4]}`},
		{"unload", "POST", "/models/unload", `{"model":"m"}`, 200, `{"model":"m","status":"unloaded"}`},
		{"unload again", "POST", "/models/unload", `{"model":"m"}`, 404, `{"error":"model \"m\" is not loaded, see GET /models"}`},
		{"infer an unknown model", "POST", "/inference", `{"model":"m"}`, 404, `{"error":"model \"m\" is not loaded, see GET /models"}`},
		{"batch of an unknown model", "POST", "/inference/batch", `{"model":"m"}`, 404, `{"error":"model \"m\" is not loaded, see GET /models"}`},
		{"no model", "POST", "/inference", `{"input":1}`, 400, `{"error":"body: \"model\" is missing"}`},
		{"no JSON", "POST", "/inference", `{"model":`, 400, `{"error":"body: not JSON at byte 9: expected a value"}`},
		{"no body", "POST", "/models/load", ``, 400, `{"error":"body: not JSON at byte 0: expected a value"}`},
		{"too large", "POST", "/inference", `{"model":"resnet50","input":"` + strings.Repeat("x", 100) + `"}`, 413, `{"error":"body: larger than 100 bytes"}`},
		{"wrong method", "POST", "/health", "", 405, ""},
		{"no such path", "GET", "/", "", 404, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, body := call(t, server, tt.method, tt.path, tt.body)
			if status != tt.status || tt.want != "" && body != tt.want+"\n" {
				t.Errorf("= %d %s, want %d %s", status, body, tt.status, tt.want)
			}
		})
	}
}

func TestModelsAreBounded(t *testing.T) {
	s := idle(t, Options{})
	for i := len(s.models); i < maxModels; i++ {
		s.models[fmt.Sprint(i)] = true
	}
	server := serverOf(t, s)
	if status, _ := call(t, server, "POST", "/models/load", `{"model":"m"}`); status != http.StatusInsufficientStorage {
		t.Errorf("one over the bound: %d, want 507", status)
	}
	call(t, server, "POST", "/models/unload", `{"model":"resnet50"}`)
	if status, _ := call(t, server, "POST", "/models/load", `{"model":"m"}`); status != http.StatusOK {
		t.Errorf("after one was unloaded: %d, want 200", status)
	}
}

// iterations sends n requests to each of two endpoints and returns the work that each did.
func iterations(t *testing.T, o Options, n int) (inference, health uint64) {
	t.Helper()
	o.IterationsPerMicrosecond = 10
	s := idle(t, o)
	server := serverOf(t, s)
	for range n {
		call(t, server, "POST", "/inference", `{"model":"resnet50"}`)
	}
	inference = s.iterations.Load()
	for range n {
		call(t, server, "GET", "/health", "")
	}
	return inference, s.iterations.Load() - inference
}

func TestSlowdown(t *testing.T) {
	const n = 50
	inference, health := iterations(t, Options{}, n)
	// 1.6 ms and 0.3 ms at 10 iterations/µs, times the mean of the spread: 0.8 · ∫ 2^(u²) du = 1.031.
	// Its standard deviation is 0.25, so the mean of 50 lies within 14 % of it by four of its own.
	for _, got := range []struct {
		name       string
		iterations uint64
		want       float64
	}{{"/inference", inference, 16000}, {"/health", health, 3000}} {
		if mean := float64(got.iterations) / n; math.Abs(mean/(got.want*1.031)-1) > 0.14 {
			t.Errorf("%s: %v iterations a request, want about %v", got.name, mean, got.want*1.031)
		}
	}
	tests := []struct {
		name              string
		o                 Options
		inference, health float64 // relative to the default
	}{
		{"the same again", Options{}, 1, 1},
		{"one endpoint", Options{Slow: map[string]float64{"/inference": 1.2}}, 1.2, 1},
		{"all", Options{SlowAll: 1.5}, 1.5, 1.5},
		{"one on top of all", Options{SlowAll: 1.5, Slow: map[string]float64{"/health": 2}}, 1.5, 3},
		{"faster", Options{SlowAll: 0.5}, 0.5, 0.5},
		{"other latency", Options{Latency: map[string]time.Duration{"/inference": 3200 * time.Microsecond}}, 2, 1},
		{"no latency", Options{Latency: map[string]time.Duration{"/inference": 0}}, 0, 1},
		{"errors cost the same", Options{ErrorRate: 1}, 1, 1},
		{"timers compute nothing", Options{Work: WorkTimer, SlowAll: 1e-6}, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			gotInference, gotHealth := iterations(t, tt.o, n)
			// Each request is rounded down to whole iterations.
			if diff := float64(gotInference) - tt.inference*float64(inference); math.Abs(diff) > 2*n {
				t.Errorf("/inference: %d iterations, want %v times %d", gotInference, tt.inference, inference)
			}
			if diff := float64(gotHealth) - tt.health*float64(health); math.Abs(diff) > 3*n {
				t.Errorf("/health: %d iterations, want %v times %d", gotHealth, tt.health, health)
			}
		})
	}
	if other, _ := iterations(t, Options{Seed: 1}, n); other == inference {
		t.Error("another seed draws the same spread")
	}
}

// statuses returns what n requests to /health are answered.
func statuses(t *testing.T, o Options, n int) []int {
	t.Helper()
	server := serverOf(t, idle(t, o))
	var all []int
	for range n {
		status, _ := call(t, server, "GET", "/health", "")
		all = append(all, status)
	}
	return all
}

func TestErrorRate(t *testing.T) {
	const n = 400
	for _, rate := range []float64{0, 0.1, 1} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			got := statuses(t, Options{ErrorRate: rate, Seed: 7}, n)
			failed := 0
			for _, status := range got {
				switch status {
				case http.StatusInternalServerError:
					failed++
				case http.StatusOK:
				default:
					t.Fatalf("status %d", status)
				}
			}
			// Four standard deviations of a binomial count, none at 0 and 1.
			if math.Abs(float64(failed)-n*rate) > 4*math.Sqrt(n*rate*(1-rate)) {
				t.Errorf("%d of %d failed, want a share of %v", failed, n, rate)
			}
			if diff := gocmp.Diff(got, statuses(t, Options{ErrorRate: rate, Seed: 7}, n)); diff != "" {
				t.Errorf("the same options fail other requests (-first +second):\n%s", diff)
			}
		})
	}
	s := idle(t, Options{ErrorRate: 1})
	call(t, serverOf(t, s), "POST", "/models/unload", `{"model":"resnet50"}`)
	if !s.models["resnet50"] {
		t.Error("a request that failed has unloaded a model")
	}
}

func TestSpread(t *testing.T) {
	const n = 10000
	for endpoint := range uint64(2) {
		var all []float64
		for request := range uint64(n) {
			all = append(all, spread(draw(1, endpoint, request, drawSpread)))
		}
		slices.Sort(all)
		if all[0] < 0.8 || all[n-1] >= 1.6 {
			t.Errorf("from %v to %v, want within [0.8, 1.6)", all[0], all[n-1])
		}
		for _, q := range []struct{ p, want float64 }{{0.5, 0.9514}, {0.95, 1.4954}, {0.99, 1.5780}} {
			if got := all[int(q.p*n)]; math.Abs(got-q.want) > 0.02 {
				t.Errorf("quantile %v = %v, want %v", q.p, got, q.want)
			}
		}
	}
	// Failing must not depend on being slow.
	var product float64
	for request := range uint64(n) {
		product += (draw(1, 0, request, drawSpread) - 0.5) * (draw(1, 0, request, drawError) - 0.5)
	}
	if r := 12 * product / n; math.Abs(r) > 0.04 { // 1/12: the variance of a uniform draw; 0.04: four standard errors
		t.Errorf("the draws of spread and errors correlate by %v", r)
	}
}

func TestNewRefuses(t *testing.T) {
	const choices = "choose from /health, /metrics, /models, /models/load, /models/unload, /inference, /inference/batch"
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"slow endpoint", Options{Slow: map[string]float64{"/infer": 2}}, `slow: unknown endpoint "/infer", ` + choices},
		{"slow by zero", Options{Slow: map[string]float64{"/health": 0}}, `slow: factor 0 of "/health" must be over 0`},
		{"all slow below zero", Options{SlowAll: -1}, `slow: factor -1 must be over 0`},
		{"all slow by nothing", Options{SlowAll: math.NaN()}, `slow: factor NaN must be over 0`},
		{"latency endpoint", Options{Latency: map[string]time.Duration{"health": 1}}, `latency: unknown endpoint "health", ` + choices},
		{"negative latency", Options{Latency: map[string]time.Duration{"/health": -1}}, `latency: -1ns of "/health" must not be negative`},
		{"over a minute", Options{Slow: map[string]float64{"/inference": 1e5}}, `latency: the service time of "/inference" comes to more than 1m0s`},
		{"error rate per cent", Options{ErrorRate: 5}, `error rate: 5 must be a ratio from 0 to 1`},
		{"error rate unknown", Options{ErrorRate: math.NaN()}, `error rate: NaN must be a ratio from 0 to 1`},
		{"work", Options{Work: "gpu"}, `work: unknown kind "gpu", choose from cpu, timer`},
		{"speed", Options{IterationsPerMicrosecond: math.Inf(1)}, `iterations per microsecond: +Inf must be from 0 (measure it) to 1e+06`},
		{"two at once", Options{SlowAll: -1, ErrorRate: -1}, "slow: factor -1 must be over 0\nerror rate: -1 must be a ratio from 0 to 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.o)
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := gocmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewCalibrates(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.speed <= 0 || s.speed > maxSpeed {
		t.Errorf("speed = %v iterations/µs", s.speed)
	}
	if s, err = New(Options{Work: WorkTimer}); err != nil || s.speed != 0 {
		t.Errorf("timers need no speed: %v, %v", s.speed, err)
	}
}
