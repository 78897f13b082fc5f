package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/perfgate/perfgate"

// floors places every package; a package imports only lower floors. A new
// package must be placed here or the test is red.
var floors = map[string]int{
	"gate/alarm": 0, "gate/atomicfile": 0, "gate/escape": 0, "gate/hist": 0, "gate/machine": 0, "gate/schema": 0, "gate/stats": 0,
	"gate":        1,
	"gate/config": 2, "gate/git": 2, "gate/importer": 2, "gate/load": 2, "gate/report": 2, "gate/target": 2, "baselines": 2,
	"gate/demo": 3, "gate/experiment": 3, "gate/gatetest": 3, "gate/unchanged": 3, "baselines/baselinestest": 3,
	"gate/gatetest/sessions": 4, "gate/gatetest/simulate": 4,
	"cmd/perfgate": 5,
}

// noGo lists the packages without any goroutine of their own.
var noGo = []string{"gate", "gate/hist", "gate/stats", "gate/schema", "gate/config", "gate/report", "cmd/perfgate"}

// pure reports whether a package may not touch the world: floors 0 and 1, and
// those above that only transform.
func pure(pkg string) bool {
	switch pkg {
	case "gate/alarm", "gate/machine", "gate/atomicfile": // they exist to touch it
		return false
	case "gate/config", "gate/report":
		return true
	}
	return floors[pkg] <= 1
}

// owners lists which packages may import a third-party module.
var owners = map[string][]string{
	"gonum.org/v1/gonum":                       {"gate/stats"},
	"gopkg.in/yaml.v3":                         {"gate/config"},
	"github.com/bmatcuk/doublestar/v4":         {"gate/config", "gate/unchanged"},
	"github.com/spf13/cobra":                   {"cmd/perfgate"},
	"github.com/spf13/pflag":                   {"cmd/perfgate"},
	"github.com/HdrHistogram/hdrhistogram-go":  {"gate/hist"},
	"github.com/google/go-cmp":                 {"baselines/baselinestest", "gate/gatetest"}, // they are test suites
	"github.com/santhosh-tekuri/jsonschema/v6": {"gate/gatetest"},
	"golang.org/x/sys":                         {"gate/alarm", "gate/atomicfile", "gate/git", "gate/load", "gate/machine", "gate/target"},
	"golang.org/x/term":                        {"cmd/perfgate"},
}

func TestArchitecture(t *testing.T) {
	for _, problem := range architecture(t, os.DirFS("../..")) {
		t.Error(problem)
	}
}

// The test must be able to fail: each planted offence is found.
func TestArchitectureFindsOffences(t *testing.T) {
	tests := []struct{ name, file, source, want string }{
		{"sideways import", "gate/stats/x.go", `import _ "` + module + `/gate/hist"`, `gate/stats/x.go: imports gate/hist of floor 0 from floor 0`},
		{"upward import", "gate/x.go", `import _ "` + module + `/gate/report"`, `gate/x.go: imports gate/report of floor 2 from floor 1`},
		{"go statement in gate", "gate/x.go", `func f() { go f() }`, `gate/x.go:2: go statement: this package has no goroutines`},
		{"go without WaitGroup", "gate/load/x.go", `func f() { go f() }`, `gate/load/x.go:2: go statement without a sync.WaitGroup in the same function`},
		{"group in gate", "gate/x.go", `import "sync"` + "\n" + `func f(g *sync.WaitGroup) { g.Go(nil) }`, `gate/x.go:3: go statement: this package has no goroutines`},
		{"unplaced package", "gate/util/x.go", ``, `gate/util: is not placed on a floor`},
		{"clock in gate", "gate/x.go", `import "time"` + "\n" + `var t = time.Now()`, `gate/x.go: uses time.Now`},
		{"files in gate", "gate/x.go", `import _ "os"`, `gate/x.go: imports os`},
		{"network in report", "gate/report/x.go", `import _ "net/http"`, `gate/report/x.go: imports net/http`},
		{"global random source", "gate/x.go", `import "math/rand/v2"` + "\n" + `var r = rand.IntN(6)`, `gate/x.go: uses the global random source: rand.IntN`},
		{"foreign module", "gate/x.go", `import _ "gopkg.in/yaml.v3"`, `gate/x.go: imports gopkg.in/yaml.v3, which belongs to gate/config`},
		{"unknown module", "gate/load/x.go", `import _ "example.com/lib"`, `gate/load/x.go: imports example.com/lib, which nobody owns`},
		{"long file", "gate/x.go", strings.Repeat("\n", 401), `gate/x.go: has 402 lines, at most 400`},
		{"environment", "gate/load/x.go", `import "os"` + "\n" + `var e = os.Getenv("X")`, `gate/load/x.go: reads the environment: os.Getenv`},
		{"environment in a command", "cmd/perfgate/x.go", `import "os"` + "\n" + `var e = os.Environ()`, `cmd/perfgate/x.go: reads the environment: os.Environ`},
		{"clock in a command", "cmd/perfgate/x.go", `import "time"` + "\n" + `var t = time.Now()`, `cmd/perfgate/x.go: uses time.Now`},
		{"terminal in a command", "cmd/perfgate/x.go", `import "golang.org/x/term"` + "\n" + `var t = term.IsTerminal(1)`, `cmd/perfgate/x.go: asks the terminal: term.IsTerminal`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{tt.file: {Data: []byte("package x\n" + tt.source)}}
			if diff := cmp.Diff([]string{tt.want}, architecture(t, fsys)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// architecture returns every offence against the rules of the house.
func architecture(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var out []string
	unplaced := map[string]bool{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "examples" || strings.HasPrefix(d.Name(), ".") && name != "."):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		pkg := path.Dir(name)
		if _, ok := floors[pkg]; !ok {
			if !unplaced[pkg] {
				out = append(out, pkg+": is not placed on a floor")
			}
			unplaced[pkg] = true
			return nil
		}
		source, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		problems, err := checkFile(name, pkg, source)
		out = append(out, problems...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func checkFile(name, pkg string, source []byte) ([]string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []string
	add := func(format string, args ...any) { out = append(out, name+fmt.Sprintf(format, args...)) }
	if lines := strings.Count(string(source), "\n"); lines > 400 {
		add(": has %d lines, at most 400", lines)
	}
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		checkImport(pkg, imported, add)
	}
	checkNames(name, file, add)
	checkGo(pkg, fset, file, add)
	return out, nil
}

func checkImport(pkg, imported string, add func(string, ...any)) {
	if own, ok := strings.CutPrefix(imported, module+"/"); ok {
		if floors[own] >= floors[pkg] {
			add(": imports %s of floor %d from floor %d", own, floors[own], floors[pkg])
		}
		return
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") { // standard library
		world := imported == "os" || strings.HasPrefix(imported, "os/") || imported == "net" || strings.HasPrefix(imported, "net/") && imported != "net/url" || imported == "log/slog"
		if world && pure(pkg) {
			add(": imports %s", imported)
		}
		return
	}
	for lib, packages := range owners {
		if imported == lib || strings.HasPrefix(imported, lib+"/") {
			if !slices.Contains(packages, pkg) {
				add(": imports %s, which belongs to %s", imported, strings.Join(packages, ", "))
			}
			return
		}
	}
	add(": imports %s, which nobody owns", imported)
}

// checkNames finds uses of the clock, the global random source, the terminal
// and the environment.
func checkNames(name string, file *ast.File, add func(string, ...any)) {
	pkg := path.Dir(name)
	command := pkg == "cmd/perfgate" && name != "cmd/perfgate/app.go" // an app is what it may use of the world
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		used := x.Name + "." + sel.Sel.Name
		switch {
		case (pure(pkg) || command) && slices.Contains([]string{"time.Now", "time.Since", "time.Until"}, used):
			add(": uses %s", used)
		case command && x.Name == "term":
			add(": asks the terminal: %s", used)
		case pure(pkg) && x.Name == "rand" && !slices.Contains([]string{"New", "NewPCG", "NewChaCha8", "Rand", "PCG", "Source"}, sel.Sel.Name):
			add(": uses the global random source: %s", used)
		case name != "cmd/perfgate/app.go" && slices.Contains([]string{"os.Getenv", "os.LookupEnv", "os.Environ", "os.ExpandEnv"}, used):
			add(": reads the environment: %s", used)
		}
		return true
	})
}

// checkGo finds goroutines where there must be none, or that nobody waits for.
func checkGo(pkg string, fset *token.FileSet, file *ast.File, add func(string, ...any)) {
	for _, decl := range file.Decls {
		waits := false
		ast.Inspect(decl, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "WaitGroup" {
				waits = true
			}
			return true
		})
		ast.Inspect(decl, func(n ast.Node) bool {
			if !starts(n) {
				return true
			}
			line := fset.Position(n.Pos()).Line
			switch _, statement := n.(*ast.GoStmt); {
			case slices.Contains(noGo, pkg):
				add(":%d: go statement: this package has no goroutines", line)
			case statement && !waits:
				add(":%d: go statement without a sync.WaitGroup in the same function", line)
			}
			return true
		})
	}
}

// starts reports whether a node starts a goroutine: a go statement, or the Go
// method of a group.
func starts(n ast.Node) bool {
	if _, ok := n.(*ast.GoStmt); ok {
		return true
	}
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Go"
}
