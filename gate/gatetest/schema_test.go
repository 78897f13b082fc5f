package gatetest_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
	"github.com/perfgate/perfgate/gate/schema"
)

// A node is a part of a schema.
type node struct {
	Ref         string          `json:"$ref"`
	Defs        map[string]node `json:"$defs"`
	AnyOf       []node          `json:"anyOf"`
	Type        any             `json:"type"` // a word or a list of words
	Enum        []any           `json:"enum"`
	Description string          `json:"description"`
	Required    []string        `json:"required"`
	Properties  map[string]node `json:"properties"`
	Items       *node           `json:"items"`
	Additional  *node           `json:"additionalProperties"`
}

// TestSchemasMatchTypes walks the types and the schemas side by side: every
// key of the one is in the other, required unless it may be absent, nullable
// where it is a pointer, and described.
func TestSchemasMatchTypes(t *testing.T) {
	for name, value := range map[string]any{"result": gate.Result{}, "report": gate.Report{}, "selftest": gate.SelfTest{}} {
		t.Run(name, func(t *testing.T) {
			data, ok := schema.Schema(name)
			if !ok {
				t.Fatal("no such schema")
			}
			var root node
			if err := json.Unmarshal(data, &root); err != nil {
				t.Fatal(err)
			}
			m := matcher{T: t, defs: root.Defs, constants: constants(t), used: map[string]bool{}}
			m.object(name, reflect.TypeOf(value), root)
			for def := range root.Defs {
				if !m.used[def] {
					t.Errorf("$defs.%s is not used", def)
				}
			}
		})
	}
}

type matcher struct {
	*testing.T
	defs      map[string]node
	constants map[string][]string // values by type
	used      map[string]bool
}

func (m matcher) object(at string, typ reflect.Type, n node) {
	if n.Description == "" {
		m.Errorf("%s has no description", at)
	}
	required := []string{}
	for i := range typ.NumField() {
		key, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		property, ok := n.Properties[key]
		if !ok {
			m.Errorf("%s.%s is not in the schema", at, key)
			continue
		}
		if property.Description == "" {
			m.Errorf("%s.%s has no description", at, key)
		}
		field := typ.Field(i).Type
		if options == "" {
			required = append(required, key)
		} else if field.Kind() == reflect.Pointer {
			field = field.Elem() // absent rather than null
		}
		m.value(at+"."+key, field, property)
	}
	if diff := cmp.Diff(required, append([]string{}, n.Required...)); diff != "" {
		m.Errorf("%s: required (-type +schema):\n%s", at, diff)
	}
	if len(n.Properties) > typ.NumField() {
		m.Errorf("%s: the schema has %d properties, the type %d", at, len(n.Properties), typ.NumField())
	}
}

func (m matcher) value(at string, typ reflect.Type, n node) {
	n, null := m.resolve(n)
	if null != (typ.Kind() == reflect.Pointer) {
		m.Errorf("%s: null is allowed: %v, but its type is %s", at, null, typ)
	}
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if n.Enum != nil {
		m.enum(at, typ, n.Enum)
		return
	}
	if want := jsonType(typ); n.Type != want {
		m.Errorf("%s: is a %v, want %s", at, n.Type, want)
		return
	}
	switch {
	case typ.Kind() == reflect.Struct:
		m.object(at, typ, n)
	case typ.Kind() == reflect.Map && n.Additional != nil:
		m.value(at+"{}", typ.Elem(), *n.Additional)
	case (typ.Kind() == reflect.Slice || typ.Kind() == reflect.Array) && n.Items != nil:
		m.value(at+"[]", typ.Elem(), *n.Items)
	case n.Type == "array" || n.Type == "object":
		m.Errorf("%s: does not say what is inside", at)
	}
}

// resolve follows references and takes null out of the types.
func (m matcher) resolve(n node) (node, bool) {
	null := false
	if len(n.AnyOf) == 2 && n.AnyOf[1].Type == "null" {
		n, null = n.AnyOf[0], true
	}
	if name, ok := strings.CutPrefix(n.Ref, "#/$defs/"); ok {
		m.used[name] = true
		n = m.defs[name]
	}
	if types, ok := n.Type.([]any); ok && len(types) == 2 && types[1] == "null" {
		n.Type, null = types[0], true
	}
	return n, null
}

// enum holds a list of words against the constants of its type.
func (m matcher) enum(at string, typ reflect.Type, enum []any) {
	values, named := m.constants[typ.Name()]
	if !named {
		return // a word of an unnamed type, or a number
	}
	var words []string
	for _, word := range enum {
		if word != "" {
			words = append(words, word.(string))
		}
	}
	slices.Sort(words)
	if typ == reflect.TypeFor[gate.Design]() && !strings.HasSuffix(at, "design.name") {
		return // a session is made in two of the designs only
	}
	if diff := cmp.Diff(values, words); diff != "" {
		m.Errorf("%s: values (-constants of %s +schema):\n%s", at, typ.Name(), diff)
	}
}

func jsonType(typ reflect.Type) string {
	switch typ.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "integer"
	case reflect.Slice, reflect.Array:
		return "array"
	}
	return "object"
}

// constants reads the values of package gate's typed string constants, sorted,
// without the empty one.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			typ, isTyped := spec.Type.(*ast.Ident)
			literal, isLiteral := spec.Values[0].(*ast.BasicLit)
			if !isTyped || !isLiteral {
				return true
			}
			if word, err := strconv.Unquote(literal.Value); err == nil && word != "" {
				values[typ.Name] = append(values[typ.Name], word)
			}
			return true
		})
	}
	for _, words := range values {
		slices.Sort(words)
	}
	return values
}

// TestReportsOfJudge checks what Judge really writes.
func TestReportsOfJudge(t *testing.T) {
	slow := func(run int, endpoint string) float64 {
		return map[string]float64{"POST /b": 1.3}[endpoint] + map[string]float64{"GET /a": 1}[endpoint]
	}
	baseline, candidate := gatetest.Pair(gatetest.Spec{Runs: 6, Noise: 0.02}, gatetest.Spec{Runs: 6, Noise: 0.02, Scale: slow})
	one := func(s gatetest.Spec) []gate.Result { return []gate.Result{s.Result()} }
	limit := 0.1
	policy := gate.Policy{Source: "perfgate.yml", SLOs: []gate.SLO{{Metric: gate.MetricP95, Op: "<", Limit: 1}},
		Thresholds: []gate.Threshold{{Metric: gate.MetricP99, Endpoint: "GET /gone", WorseRatio: &limit}}}
	waivers := gate.Waivers{Source: "perfgate.accept.yml", Items: []gate.Waiver{
		{Endpoint: "POST /b", Metric: gate.MetricP95, MaxWorseRatio: 0.5, Reason: "encryption", Owner: "@ana", Expires: "2027-01-01"}}}
	for name, in := range map[string]gate.Input{
		"paired":      {Baseline: []gate.Result{baseline}, Candidate: []gate.Result{candidate}},
		"rules":       {Baseline: []gate.Result{baseline}, Candidate: []gate.Result{candidate}, Policy: policy, Waivers: waivers},
		"blocks":      {Baseline: one(gatetest.Spec{}), Candidate: one(gatetest.Spec{Session: "session-2", Scale: slow})},
		"single":      {Baseline: one(gatetest.Spec{Runs: 1}), Candidate: one(gatetest.Spec{Runs: 1, Session: "session-2"})},
		"no baseline": {Candidate: one(gatetest.Spec{}), Policy: policy},
		"all failed":  {Baseline: one(gatetest.Spec{}), Candidate: one(gatetest.Spec{Session: "session-2", Errors: func(int, string) int64 { return 400 }})},
		"no runs":     {Baseline: one(gatetest.Spec{}), Candidate: one(gatetest.Spec{Mutate: func(r *gate.Result) { r.Runs = []gate.Run{} }})},
	} {
		t.Run(name, func(t *testing.T) {
			if in.PolicyFrom == "" {
				in.PolicyFrom = "defaults"
			}
			data, err := gate.Encode(gate.Judge(gate.Compare(in)))
			if err != nil {
				t.Fatal(err)
			}
			gatetest.CheckSchema(t, "report", data)
		})
	}
}
