package unchanged

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestUnmatched(t *testing.T) {
	files := []string{"api/main.go", "api/internal/x.go", "go.sum", "lib"}
	for _, test := range []struct {
		name  string
		globs []string
		want  []string
	}{
		{"no globs", nil, nil},
		{"all match", []string{"api/**", "go.sum", "**/*.go", "api"}, nil},
		{"a typo", []string{"apii/**", "go.sum"}, []string{"apii/**"}},
		{"from another folder", []string{"main.go", "api/*.c"}, []string{"main.go", "api/*.c"}},
		{"a submodule stands as one file", []string{"lib/**"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Unmatched(test.globs, files), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
