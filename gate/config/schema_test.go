package config

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

const schemaFile = "../schema/perfgate.schema.json"

// schemaPart is a mapping of the schema, as far as the tables know it.
type schemaPart struct {
	Required             []string
	AdditionalProperties *bool
	Properties           map[string]struct{ Description string }
}

// partOf is what the schema has to say for a table of keys.
func partOf[T any](table []key[T]) schemaPart {
	part := schemaPart{AdditionalProperties: new(bool), Properties: map[string]struct{ Description string }{}}
	for _, k := range table {
		part.Properties[k.name] = struct{ Description string }{k.doc}
		if k.shape&needed != 0 {
			part.Required = append(part.Required, k.name)
		}
	}
	return part
}

// The keys, their descriptions and which of them are needed are the same in
// the tables and in the schema.
func TestSchemaHasTheKeys(t *testing.T) {
	want := map[string]schemaPart{
		"":             partOf(rootKeys()),
		"target":       partOf(targetKeys()),
		"ready":        partOf(readyKeys()),
		"readyVersion": partOf(readyVersionKeys()),
		"load":         partOf(loadKeys()),
		"task":         partOf(taskKeys()),
		"request":      partOf(requestKeys()),
		"expect":       partOf(expectKeys()),
		"check":        partOf(checkKeys()),
		"gate":         partOf(policyKeys()),
		"threshold":    partOf(thresholdKeys()),
		"slo":          partOf(sloKeys()),
		"noBaseline":   partOf(noBaselineKeys()),
		"abort":        partOf(abortKeys()),
		"baseline":     partOf(baselineKeys()),
	}
	var file struct {
		schemaPart
		Defs map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(read(t, schemaFile), &file); err != nil {
		t.Fatal(err)
	}
	got := map[string]schemaPart{"": file.schemaPart}
	for name, raw := range file.Defs {
		if !bytes.Contains(raw, []byte(`"properties"`)) {
			continue // the form of a value
		}
		var part schemaPart
		if err := json.Unmarshal(raw, &part); err != nil {
			t.Fatal(err)
		}
		got[name] = part
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema differs (-tables +schema):\n%s", diff)
	}
}

func compile(t *testing.T, pointer string) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(schemaFile + pointer)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON turns YAML into what an editor hands to a validator.
func asJSON(t *testing.T, data []byte) any {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(stringKeys(tree))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// stringKeys makes the keys of mappings text, as JSON has them.
func stringKeys(tree any) any {
	switch tree := tree.(type) {
	case map[any]any:
		object := map[string]any{}
		for name, item := range tree {
			text, err := yaml.Marshal(name)
			if err == nil {
				object[strings.TrimSpace(string(text))] = stringKeys(item)
			}
		}
		return object
	case map[string]any:
		for name, item := range tree {
			tree[name] = stringKeys(item)
		}
	case []any:
		for i, item := range tree {
			tree[i] = stringKeys(item)
		}
	}
	return tree
}

func TestSchemaAcceptsGoodFiles(t *testing.T) {
	schema := compile(t, "")
	if err := schema.Validate(asJSON(t, Example())); err != nil {
		t.Errorf("example: %v", err)
	}
	for _, file := range files(t, "ok/*.yml") {
		if strings.HasPrefix(filepath.Base(file), "accept") {
			continue
		}
		if err := schema.Validate(asJSON(t, read(t, file))); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// A file of which Parse says that a key is unknown, missing or of the wrong
// form is underlined in an editor too.
func TestSchemaRefusesBadKeys(t *testing.T) {
	schema := compile(t, "")
	seen := 0
	for _, file := range files(t, "err/*.yml") {
		text := string(read(t, strings.TrimSuffix(file, ".yml")+".txt"))
		structural := strings.Contains(text, "unknown key") || strings.Contains(text, "not supported yet") || strings.Contains(text, ": missing") || strings.Contains(text, "must be a ")
		unreadable := strings.Contains(text, "not YAML") || strings.Contains(text, "already set") || strings.Contains(text, "a key must be text")
		if !structural || unreadable || strings.HasPrefix(filepath.Base(file), "accept") {
			continue
		}
		seen++
		if err := schema.Validate(asJSON(t, read(t, file))); err == nil {
			t.Errorf("%s is valid for editors", file)
		}
	}
	if seen < 5 {
		t.Errorf("only %d files were tried", seen)
	}
}

// The example of each key, which messages show, is one that editors accept.
func TestExamplesOfKeys(t *testing.T) {
	try := func(pointer, name, example string) {
		t.Helper()
		if err := compile(t, "#"+pointer+"/properties/"+name).Validate(asJSON(t, []byte(example))); err != nil {
			t.Errorf("%s/%s: %v", pointer, name, err)
		}
	}
	tryAll(try, "", rootKeys())
	tryAll(try, "/$defs/target", targetKeys())
	tryAll(try, "/$defs/ready", readyKeys())
	tryAll(try, "/$defs/readyVersion", readyVersionKeys())
	tryAll(try, "/$defs/load", loadKeys())
	tryAll(try, "/$defs/task", taskKeys())
	tryAll(try, "/$defs/request", requestKeys())
	tryAll(try, "/$defs/expect", expectKeys())
	tryAll(try, "/$defs/check", checkKeys())
	tryAll(try, "/$defs/gate", policyKeys())
	tryAll(try, "/$defs/threshold", thresholdKeys())
	tryAll(try, "/$defs/slo", sloKeys())
	tryAll(try, "/$defs/noBaseline", noBaselineKeys())
	tryAll(try, "/$defs/abort", abortKeys())
	tryAll(try, "/$defs/baseline", baselineKeys())
}

func tryAll[T any](try func(pointer, name, example string), pointer string, table []key[T]) {
	for _, k := range table {
		try(pointer, k.name, k.example)
	}
}
