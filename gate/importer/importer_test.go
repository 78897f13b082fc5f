package importer

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const fixtures = "../../testdata/import"

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(fixtures, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func importBytes(t testing.TB, data []byte, name string) gate.Result {
	t.Helper()
	result, err := Import(bytes.NewReader(data), name)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// TestImportersAgree holds together what a new format consists of.
func TestImportersAgree(t *testing.T) {
	table := Importers()
	if !slices.IsSortedFunc(table, func(a, b Importer) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the table is not sorted by name")
	}
	want := map[string]bool{}
	covered := map[string]bool{}
	for _, im := range table {
		want["Fuzz"+camel(im.Name)] = true
		if im.Doc == "" || !strings.HasPrefix(im.Name, im.Tool) {
			t.Errorf("%q: has no doc, or its name does not begin with the tool %q", im.Name, im.Tool)
		}
		if _, err := os.Stat(filepath.Join(fixtures, im.Tool, "README.md")); err != nil {
			t.Errorf("%q: its fixtures do not say how they were made: %v", im.Name, err)
		}
	}
	err := filepath.WalkDir(fixtures, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "README.md" {
			return err
		}
		name, _ := filepath.Rel(fixtures, path)
		tool, _, _ := strings.Cut(filepath.ToSlash(name), "/")
		by := sniffers(t, fixture(t, name))
		if len(by) != 1 || by[0].Tool != tool {
			t.Errorf("%s is recognised by %d importers, want one of %q", name, len(by), tool)
			return nil
		}
		covered[by[0].Name] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, im := range table {
		if !covered[im.Name] {
			t.Errorf("%q has no fixture", im.Name)
		}
	}
	if diff := cmp.Diff(want, fuzzTargets(t)); diff != "" {
		t.Errorf("fuzz targets (-want +got):\n%s", diff)
	}
}

func sniffers(t *testing.T, data []byte) []Importer {
	t.Helper()
	var by []Importer
	for _, im := range Importers() {
		if im.Sniff(data[:min(len(data), headSize)]) {
			by = append(by, im)
		}
	}
	return by
}

// camel makes "VegetaResults" of "vegeta results".
func camel(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

func fuzzTargets(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fuzzFunc.FindAllSubmatch(data, -1) {
			found[string(m[1])] = true
		}
	}
	return found
}

// fuzz checks what holds for every importer and every input: no panic, and no
// result that perfgate would refuse to read back.
func fuzz(f *testing.F, im Importer) {
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := im.Read(bytes.NewReader(data), "fuzz"); err != nil {
			return
		}
		result, err := Import(bytes.NewReader(data), "fuzz")
		if err != nil {
			return
		}
		encoded, err := gate.Encode(result)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gate.DecodeResult(encoded); err != nil {
			t.Fatalf("an imported result is refused: %v", err)
		}
	})
}

func TestIsOwn(t *testing.T) {
	for _, test := range []struct {
		name, head string
		want       bool
	}{
		{"result", `{"kind": "perfgate-result", "schema_version": 1`, true},
		{"report", `{"kind":"perfgate-report"}`, true},
		{"kind last", `{"schema_version": 1, "tool": {"kind": "x", "list": [{}, 1]}, "kind": "perfgate-result"}`, true},
		{"kind inside", `{"tool": {"kind": "perfgate-result"}}`, false},
		{"kind is an object", `{"kind": {"kind": "perfgate-result"}}`, false},
		{"other kind", `{"kind": "Deployment"}`, false},
		{"cut", `{"kin`, false},
		{"no JSON", `kind: perfgate-result`, false},
		{"empty", ``, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := IsOwn([]byte(test.head)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestFailureKind(t *testing.T) {
	for text, want := range map[string]gate.FailureKind{
		`Get "http://a.example/timeout": dial tcp 127.0.0.1:1: connect: connection refused`:             gate.FailRefused,
		`Get "http://a.example": dial tcp: lookup a.example on 127.0.0.53:53: no such host`:             gate.FailDNS,
		`Get "http://a.example": dial tcp: lookup a.example: i/o timeout`:                               gate.FailDNS,
		`Post "http://127.0.0.1:1/x": context deadline exceeded (Client.Timeout exceeded while ...)`:    gate.FailTimeout,
		`Get "http://127.0.0.1:1/x": EOF`:                                                               gate.FailReset,
		`Get "http://127.0.0.1:1/x": read tcp 127.0.0.1:2->127.0.0.1:1: read: connection reset by peer`: gate.FailReset,
		`Get "https://127.0.0.1:1/": tls: failed to verify certificate: x509: unknown authority`:        gate.FailTLS,
		`Get "https://127.0.0.1:1/": http: server gave HTTP response to HTTPS client`:                   gate.FailTLS,
		`Get "http://127.0.0.1:1/": dial tcp: socket: too many open files`:                              gate.FailClient,
		`stopped after 10 redirects`: gate.FailOther,
		``:                           gate.FailOther,
	} {
		if got := failureKind(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestErrorText(t *testing.T) {
	for _, test := range []struct {
		err  Error
		want string
	}{
		{Error{Text: "is odd"}, "is odd"},
		{Error{Text: "is odd", Line: 3}, "line 3: is odd"},
		{Error{Text: "is odd", File: "a.csv"}, "a.csv: is odd"},
		{Error{Text: "is odd", File: "a.csv", Line: 3, Err: fs.ErrInvalid}, "a.csv:3: is odd: invalid argument"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// golden compares a result with a file.
func golden(t *testing.T, file string, result gate.Result) {
	t.Helper()
	got, err := gate.Encode(result)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("differs from %s (-want +got):\n%s", path, diff)
	}
}
