package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate/schema"
)

func TestNames(t *testing.T) {
	if diff := cmp.Diff([]string{"perfgate", "report", "result", "selftest"}, schema.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for _, name := range schema.Names() {
		data, ok := schema.Schema(name)
		if !ok || !json.Valid(data) {
			t.Errorf("schema %q: found %v, or not valid JSON", name, ok)
		}
	}
	if _, ok := schema.Schema("../schema/result"); ok {
		t.Error("a path is no name")
	}
}
