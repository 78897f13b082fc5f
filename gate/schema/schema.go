// Package schema holds the JSON Schemas (draft 2020-12) of the files that
// perfgate reads and writes: the result, the report and the scenario. Tests
// hold them against the Go types and against files.
package schema

import (
	"embed"
	"io/fs"
	"strings"
)

const suffix = ".schema.json"

//go:embed *.schema.json
var files embed.FS

// Names lists the schemas, sorted: "perfgate" is the scenario file
// perfgate.yml, "report", "result" and "selftest" are what perfgate writes.
func Names() []string {
	paths, _ := fs.Glob(files, "*"+suffix) // the pattern is valid
	names := make([]string, 0, len(paths))
	for _, path := range paths {
		names = append(names, strings.TrimSuffix(path, suffix))
	}
	return names
}

// Schema returns the text of a schema by its name, false for a name that
// Names does not list.
func Schema(name string) ([]byte, bool) {
	data, err := files.ReadFile(name + suffix)
	return data, err == nil
}
