// Package config reads perfgate.yml and perfgate.accept.yml.
//
// Both files are checked strictly: unknown keys, wrong types, impossible
// values and rules that could never apply are problems, and all of them are
// told at once, each with its line and with what would mend it. The package
// touches no file, no clock and no environment: its caller hands them in.
//
// Each mapping of the files has one table of keys (rootKeys, loadKeys …). The
// tables are the only place that knows a key: strictness, suggestions and the
// test of the JSON Schema for editors all read them.
package config

import (
	"cmp"
	_ "embed"

	"github.com/perfgate/perfgate/gate"
)

// The names of the files, for messages when the caller gives none.
const (
	scenarioFile = "perfgate.yml"
	waiverFile   = "perfgate.accept.yml"
)

//go:embed example.yml
var example string

// Options is what Parse has to be told about the world outside the file. The
// zero value reads a file called perfgate.yml without an environment.
type Options struct {
	// Name is the file as messages name it; empty: "perfgate.yml".
	Name string
	// Env looks up a variable for ${env:NAME}. Nil: placeholders are checked
	// for their form only and stay in the values as they were written.
	Env func(name string) (value string, ok bool)
}

// Parse reads a scenario file and fills in every default. The error is a
// Problems with everything that is wrong with the file; the scenario is then
// the zero value.
func Parse(data []byte, o Options) (gate.Scenario, error) {
	d := &decoder{file: cmp.Or(o.Name, scenarioFile), env: o.Env}
	scenario := gate.Scenario{}
	if root, ok := d.document(data); ok {
		scenario = d.scenario(root)
	}
	if err := d.err(); err != nil {
		return gate.Scenario{}, err
	}
	return scenario, nil
}

// ParseWaivers reads an accept file, a list of waivers; an empty file holds
// none. Name is the file as messages name it; empty: "perfgate.accept.yml".
// The error is a Problems. Whether a waiver has expired is for the gate to
// say, which is told the day.
func ParseWaivers(data []byte, name string) (gate.Waivers, error) {
	d := &decoder{file: cmp.Or(name, waiverFile)}
	waivers := gate.Waivers{Source: d.file}
	if root, ok := d.optionalDocument(data); ok {
		waivers.Items = d.waivers(root)
	}
	if err := d.err(); err != nil {
		return gate.Waivers{}, err
	}
	return waivers, nil
}

// Example returns a commented scenario file that shows every section. Parse
// accepts it.
func Example() []byte { return []byte(example) }
