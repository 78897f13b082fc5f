package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate/importer"
)

// The README's table of foreign formats is the importer's own.
func TestReadmeListsTheImporters(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "<!-- importers -->\n")
	table, _, ok := strings.Cut(after, "<!-- /importers -->")
	if !ok {
		t.Fatal("README.md has no table between the importers markers")
	}
	want := "| Format | What is read |\n|:--|:--|\n"
	for _, im := range importer.Importers() {
		want += "| " + im.Name + " | `" + strings.ReplaceAll(im.Doc, "|", `\|`) + "` |\n"
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
