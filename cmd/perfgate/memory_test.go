package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

// What cannot be kept is told, and no more.
func TestRememberWarns(t *testing.T) {
	for _, test := range []struct {
		name, location string
		report         gate.Report
		want           string
	}{
		{"no store", "nowhere", gate.Report{}, ""},
		{"no folder", "file", gate.Report{}, "warning: the report was not kept in the store: "},
		{"no name", ".", gate.Report{}, "warning: the report was not kept in the store: save report: names no candidate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "file"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			store, err := baselines.Open(test.location, baselines.OpenOptions{Folder: folder})
			if err != nil {
				t.Fatal(err)
			}
			a, _, told := testApp()
			a.remember(t.Context(), store, test.report)
			if got := told.String(); !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
				t.Errorf("told %q, want %q", got, test.want)
			}
		})
	}
}
