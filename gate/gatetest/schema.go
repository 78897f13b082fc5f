package gatetest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/perfgate/perfgate/gate/schema"
)

// CheckSchema fails the test when data is not JSON that the named schema
// ("result", "report") accepts, and says where.
func CheckSchema(t testing.TB, name string, data []byte) {
	t.Helper()
	compiled, err := compile(name)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("not valid JSON: %v", err)
	}
	if err := compiled.Validate(document); err != nil {
		t.Errorf("schema %q: %v", name, err)
	}
}

func compile(name string) (*jsonschema.Schema, error) {
	data, ok := schema.Schema(name)
	if !ok {
		return nil, fmt.Errorf("no schema %q", name)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	url := name + ".schema.json"
	if err := c.AddResource(url, document); err != nil {
		return nil, err
	}
	return c.Compile(url)
}
