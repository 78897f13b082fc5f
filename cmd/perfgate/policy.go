package main

import (
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/config"
)

// The files that a team keeps, in the folder where perfgate is called.
const (
	scenarioFile = "perfgate.yml"
	acceptFile   = "perfgate.accept.yml"
)

// readScenario reads a scenario file. Variables of the environment are looked
// up by env; nil leaves them out, for commands that send nothing.
func readScenario(file string, env func(string) (string, bool)) (gate.Scenario, error) {
	data, err := readSmall(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return gate.Scenario{}, usage("perfgate validate --example > "+scenarioFile, "%s: no such file", file)
	case err != nil:
		return gate.Scenario{}, usage("", "%s: cannot be read: %w", file, bare(err))
	}
	return config.Parse(data, config.Options{Name: file, Env: env})
}

// readSmall reads a file that people write. More than config takes is left
// unread, so that a device or a wrong file cannot fill the memory.
func readSmall(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 2<<20))
}

// localScenario reads perfgate.yml of the working folder; ok is false when
// there is none.
func localScenario() (s gate.Scenario, ok bool, err error) {
	if _, err := os.Stat(scenarioFile); errors.Is(err, os.ErrNotExist) {
		return gate.Scenario{}, false, nil
	}
	s, err = readScenario(scenarioFile, nil)
	return s, err == nil, err
}

// policyFor chooses the policy of a comparison and says whose it is: that of
// the named scenario file, else the one that the candidate was measured under,
// else the defaults.
func policyFor(file string, candidate []gate.Result) (policy gate.Policy, from string, err error) {
	if file != "" {
		s, err := readScenario(file, nil)
		return s.Policy, "file", err
	}
	embedded, err := embeddedIn(candidate, func(r gate.Result) *gate.Policy { return r.Policy })
	if err != nil || embedded == nil {
		return gate.Policy{}, "defaults", err
	}
	return *embedded, "candidate", nil
}

// embeddedIn returns what all results carry alike, nil when they carry none.
// Results that differ are refused: to choose one of two policies would drop a
// rule that somebody wrote.
func embeddedIn[T any](results []gate.Result, get func(gate.Result) *T) (*T, error) {
	var first []byte
	for i, r := range results {
		text, err := gate.Encode(get(r))
		if err != nil {
			return nil, err
		}
		if i > 0 && !bytes.Equal(first, text) {
			return nil, usage("give --config "+scenarioFile+" and --accept "+acceptFile, "the candidate's files were measured under different rules or waivers")
		}
		first = text
	}
	return get(results[0]), nil
}

// strict makes every undecided comparison fail, also where the policy only
// observes.
func strict(p gate.Policy) gate.Policy {
	p.Mode = gate.ModeEnforce
	p.Inconclusive = gate.ActionFail
	p.NoBaseline.Action = gate.ActionFail
	return p
}
