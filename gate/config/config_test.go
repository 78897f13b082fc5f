package config

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

var update = flag.Bool("update", false, "write the golden files")

const fixtures = "../../testdata/config"

// env is the environment of the fixtures. The values that must not be shown
// hold the word of hidden.
func env(name string) (string, bool) {
	text, ok := map[string]string{
		"API_KEY":      "key-" + hidden,
		"EMPTY":        "",
		"LINES":        "a-" + hidden + "\nb",
		"TARGET_URL":   "https://staging.example.com:8443/api/",
		"USERINFO_URL": "http://user:" + hidden + "@localhost",
	}[name]
	return text, ok
}

const hidden = "hunter2"

// files lists fixtures; those called accept*.yml are accept files.
func files(t testing.TB, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(fixtures, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("no fixture matches %q: %v", pattern, err)
	}
	return found
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, file)), got); diff != "" {
		t.Errorf("%s differs (-want +got, rewrite with -update):\n%s", file, diff)
	}
}

// reveal writes a scenario as JSON with what Secret and []byte would hide.
func reveal(t *testing.T, s gate.Scenario) string {
	t.Helper()
	type request struct {
		gate.Request
		Headers map[string]string
		Body    string
		NoBody  bool
	}
	type task struct {
		gate.Task
		Request request
	}
	view := struct {
		gate.Scenario
		Tasks []task
	}{Scenario: s}
	for _, one := range s.Tasks {
		r := request{Request: one.Request, Body: string(one.Request.Body), NoBody: one.Request.Body == nil}
		for name, secret := range one.Request.Headers {
			if r.Headers == nil {
				r.Headers = map[string]string{}
			}
			r.Headers[name] = secret.Reveal()
		}
		view.Tasks = append(view.Tasks, task{one, r})
	}
	return indented(t, view)
}

func indented(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGoodFiles(t *testing.T) {
	for _, file := range files(t, "ok/*.yml") {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			got := ""
			if strings.HasPrefix(name, "accept") {
				waivers, err := ParseWaivers(read(t, file), name)
				if err != nil {
					t.Fatal(err)
				}
				got = indented(t, waivers)
			} else {
				scenario, err := Parse(read(t, file), Options{Name: name, Env: env})
				if err != nil {
					t.Fatal(err)
				}
				if err := sound(scenario); err != nil {
					t.Error(err)
				}
				got = reveal(t, scenario)
			}
			golden(t, strings.TrimSuffix(file, ".yml")+".json", got)
		})
	}
}

func TestBadFiles(t *testing.T) {
	for _, file := range files(t, "err/*.yml") {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			err := parseError(t, file)
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("error is %T %v, want Problems", err, err)
			}
			lines := 1 + strings.Count(string(read(t, file)), "\n")
			for _, p := range problems {
				if p.File != name || p.Line < 1 || p.Line > lines || p.Message == "" {
					t.Errorf("problem without its place: %+v", p)
				}
			}
			if strings.Contains(err.Error(), hidden) {
				t.Errorf("the message shows a secret:\n%s", err)
			}
			golden(t, strings.TrimSuffix(file, ".yml")+".txt", err.Error()+"\n")
		})
	}
}

// parseError parses a fixture and asserts that nothing but the error comes
// out.
func parseError(t *testing.T, file string) error {
	t.Helper()
	name := filepath.Base(file)
	if strings.HasPrefix(name, "accept") {
		waivers, err := ParseWaivers(read(t, file), name)
		if diff := cmp.Diff(gate.Waivers{}, waivers); diff != "" {
			t.Errorf("waivers beside an error (-want +got):\n%s", diff)
		}
		return err
	}
	scenario, err := Parse(read(t, file), Options{Name: name, Env: env})
	if diff := cmp.Diff(gate.Scenario{}, scenario); diff != "" {
		t.Errorf("scenario beside an error (-want +got):\n%s", diff)
	}
	return err
}

func TestDefaults(t *testing.T) {
	data := `version: 1
name: shop
target: {build: go build -o app ./cmd/api, start: "./app --port ${PERFGATE_PORT}", ready: /healthz}
load: {rate: 100/s}
tasks: [GET /api/items]
`
	want := gate.Scenario{
		Name:   "shop",
		Source: "perfgate.yml",
		Target: gate.Target{
			Build: "go build -o app ./cmd/api",
			Start: "./app --port ${PERFGATE_PORT}",
			Ready: gate.Ready{Path: "/healthz", Status: 200, Timeout: 30 * time.Second},
		},
		Load: gate.Load{
			Model: gate.ModelOpen, Rate: 100, Arrivals: gate.ArrivalsConstant, MaxInFlight: 1000,
			Warmup: 2 * time.Second, Duration: 10 * time.Second, Runs: 5, Seed: 1, Timeout: 10 * time.Second,
		},
		Tasks: []gate.Task{{Name: "GET /api/items", Weight: 1, Request: gate.Request{Method: "GET", Path: "/api/items"}, Line: 5}},
		Check: gate.Check{Budget: 8 * time.Minute, MaxPairs: 16},
		Policy: gate.Policy{
			Mode: gate.ModeEnforce, Inconclusive: gate.ActionWarn, NoBaseline: gate.NoBaseline{WarnUntil: 10},
		},
		Baseline: gate.Baseline{Store: "dir:.perfgate", Branches: []string{"main"}, Keep: 100, MaxAge: 30 * 24 * time.Hour},
	}
	got, err := Parse([]byte(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scenario differs (-want +got):\n%s", diff)
	}
}

func TestExample(t *testing.T) {
	for name, o := range map[string]Options{
		"validate": {},
		"run":      {Env: env},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Parse(Example(), o)
			if err != nil {
				t.Fatal(err)
			}
			if err := sound(s); err != nil {
				t.Error(err)
			}
		})
	}
	// What the example says of the accept file holds too.
	var accept strings.Builder
	_, after, found := strings.Cut(string(Example()), "\n# perfgate.accept.yml")
	if !found {
		t.Fatal("the example does not show an accept file")
	}
	for _, line := range strings.Split(after, "\n")[1:] {
		accept.WriteString(strings.TrimPrefix(line, "# ") + "\n")
	}
	waivers, err := ParseWaivers([]byte(accept.String()), "")
	if err != nil || len(waivers.Items) != 1 {
		t.Errorf("waivers of the example: %+v, %v", waivers, err)
	}
}

// Without an environment placeholders are checked and stay as they are.
func TestWithoutEnvironment(t *testing.T) {
	data := `version: 1
name: x
target: {url: "${env:TARGET_URL}"}
load: {rate: 1/s}
tasks: [{name: a, request: {path: /, headers: {X-Key: "k ${env:API_KEY}"}}}]
`
	s, err := Parse([]byte(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Target.URL != "${env:TARGET_URL}" {
		t.Errorf("url is %q", s.Target.URL)
	}
	if got := s.Tasks[0].Request.Headers["X-Key"].Reveal(); got != "k ${env:API_KEY}" {
		t.Errorf("header is %q", got)
	}
	if _, err := Parse([]byte(strings.Replace(data, "${env:API_KEY}", "${env:API_KEY", 1)), Options{}); err == nil {
		t.Error("an open placeholder is accepted")
	}
}

func TestBounds(t *testing.T) {
	good := string(read(t, fixtures+"/ok/minimal.yml"))
	tests := map[string]struct{ data, want string }{
		"long file":   {good + "#" + strings.Repeat("x", maxBytes), "at most 1048576 are read"},
		"deep file":   {strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2), "nested deeper than 64"},
		"wide file":   {"[" + strings.Repeat("x,", maxNodes) + "]", "more than 100000 values"},
		"long list":   {strings.Replace(good, "[GET /api/items]", "["+strings.Repeat("GET /,", maxItems+1)+"]", 1), "the list holds 1001 values"},
		"many faults": {good + strings.Repeat("x: 1\n", 2*maxShown), "and 100 more\n1 file, 200 problems"},
		"utf-16":      {"\xff\xfev\x00e\x00", "the file is not UTF-8"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(test.data), Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %.300v, want %q in it", err, test.want)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	ps := Problems{
		{File: "b.yml", Line: 1, Field: "name", Message: "missing", Hint: "for example name: x"},
		{File: "a.yml", Line: 9, Field: "load.rate", Message: "wrong"},
		{File: "a.yml", Line: 2, Message: "empty"},
	}
	want := `a.yml:2: empty
a.yml:9: load.rate: wrong
b.yml:1: name: missing, for example name: x
2 files, 3 problems. Example: perfgate validate --example`
	if diff := cmp.Diff(want, ps.Error()); diff != "" {
		t.Errorf("text differs (-want +got):\n%s", diff)
	}
}
