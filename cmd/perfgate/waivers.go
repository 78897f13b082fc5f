package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/config"
)

// readWaivers reads an accept file, which must exist.
func readWaivers(file string) (gate.Waivers, error) {
	data, err := readSmall(file)
	if err != nil {
		return gate.Waivers{}, usage("perfgate accept writes "+acceptFile, "%s: cannot be read: %w", file, bare(err))
	}
	return config.ParseWaivers(data, file)
}

// waiversFor chooses the waivers of a comparison: those of the named accept
// file, else of the working folder's, else those in force when the candidate
// was measured.
func waiversFor(file string, candidate []gate.Result) (gate.Waivers, error) {
	if file != "" {
		return readWaivers(file)
	}
	if _, err := os.Stat(acceptFile); !errors.Is(err, os.ErrNotExist) {
		return readWaivers(acceptFile)
	}
	embedded, err := embeddedIn(candidate, func(r gate.Result) *gate.Waivers { return r.Waivers })
	if err != nil || embedded == nil {
		return gate.Waivers{}, err
	}
	return *embedded, nil
}

// waiversBeside reads the accept file in the folder of a scenario file; none is
// no error.
func waiversBeside(file string) (gate.Waivers, error) {
	accept := filepath.Join(filepath.Dir(file), acceptFile)
	if _, err := os.Stat(accept); errors.Is(err, os.ErrNotExist) {
		return gate.Waivers{}, nil
	}
	return readWaivers(accept)
}

// strayWaivers finds waivers of this scenario that can never apply: nothing
// else would tell before the regression that they were written for.
func strayWaivers(s gate.Scenario, w gate.Waivers) config.Problems {
	var problems config.Problems
	for i, item := range w.Items {
		if p, stray := strayWaiver(s, item); stray {
			p.File, p.Line, p.Field = w.Source, item.Line, fmt.Sprintf("[%d].endpoint", i)
			problems = append(problems, p)
		}
	}
	return problems
}

// strayWaiver reports whether a waiver names an endpoint that the scenario has
// not.
func strayWaiver(s gate.Scenario, w gate.Waiver) (p config.Problem, stray bool) {
	names := endpoints(s)
	if w.Endpoint == "" || w.Scenario != "" && w.Scenario != s.Name || slices.Contains(names, w.Endpoint) {
		return config.Problem{}, false
	}
	return config.Problem{Message: fmt.Sprintf("no task of %s is called %q", s.Source, w.Endpoint),
		Hint: didYouMean(w.Endpoint, names, "its tasks are "+config.Quoted(names))}, true
}

// endpoints are the names of a scenario's tasks, each once.
func endpoints(s gate.Scenario) []string {
	var names []string
	for _, t := range s.Tasks {
		if !slices.Contains(names, t.Name) {
			names = append(names, t.Name)
		}
	}
	return names
}
