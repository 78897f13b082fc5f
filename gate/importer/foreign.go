package importer

import (
	"path"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// allRequests is the endpoint of a format that does not tell endpoints apart.
const allRequests = "all requests"

const runID = "r1"

// foreign returns the result of one foreign file around its one run. The
// scenario is named after the tool: two files are two measurements of the
// same thing because a person compares them, not because of what they say.
func foreign(tool, format, name string, run gate.Run, warnings []gate.Warning) gate.Result {
	scenario := gate.ScenarioInfo{ID: tool, Name: tool, Endpoints: []gate.EndpointInfo{}}
	for _, e := range run.Endpoints {
		scenario.Endpoints = append(scenario.Endpoints, gate.EndpointInfo{Name: e.Name})
	}
	run.ID, run.Scenario, run.Attempt, run.Prepared = runID, tool, 1, gate.PreparedNone
	run.Generator, run.Resources = []gate.GeneratorHealth{}, []gate.Resource{}
	return gate.Result{
		Kind: gate.ResultKind, SchemaVersion: gate.SchemaVersion, Requires: []string{},
		Tool:        gate.Tool{Name: tool, ImportedFrom: &format},
		Scenarios:   []gate.ScenarioInfo{scenario},
		Subject:     gate.Subject{Label: label(name)},
		Session:     gate.Session{Looks: []int{}},
		Environment: gate.Environment{Class: gate.EnvironmentClass{User: map[string]string{}}, Recorded: map[string]string{}},
		Runs:        []gate.Run{run},
		Warnings:    warnings,
	}
}

// label is the file's own name: the folders before it differ between machines.
func label(name string) string {
	return path.Base(strings.ReplaceAll(name, `\`, "/"))
}

func warning(code, text string) gate.Warning {
	run := runID
	return gate.Warning{Code: code, Text: text, Run: &run}
}
