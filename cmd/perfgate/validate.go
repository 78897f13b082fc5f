package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate/config"
	"github.com/perfgate/perfgate/gate/schema"
)

const validateExample = `  perfgate validate
  perfgate validate --example > perfgate.yml
  perfgate validate --schema > .vscode/perfgate.schema.json`

func (a *app) validateCommand() *cobra.Command {
	var example, schema bool
	c := &cobra.Command{
		Use:     "validate [" + scenarioFile + "]",
		Short:   "Check " + scenarioFile + " and " + acceptFile + ", all problems at once",
		Example: validateExample,
		Args:    optionalFile,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yml", "yaml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case example && schema:
				return usage("give one of them", "validate: --example and --schema are two files")
			case example:
				return a.print(config.Example())
			case schema:
				return a.printSchema()
			}
			return a.validate(append(args, scenarioFile)[0])
		},
	}
	c.Flags().BoolVar(&example, "example", false, "print a commented file that shows every section")
	c.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of the file, for editors")
	return c
}

// printSchema prints the schema of the scenario file.
func (a *app) printSchema() error {
	text, ok := schema.Schema("perfgate")
	if !ok {
		return errors.New("validate: the schema is not part of this build")
	}
	return a.print(text)
}

// validate checks a scenario file and the accept file beside it.
func (a *app) validate(file string) error {
	s, err := readScenario(file, nil)
	var problems config.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	w, err := waiversBeside(file)
	var more config.Problems
	if err != nil && !errors.As(err, &more) {
		return err
	}
	if problems == nil {
		more = append(more, strayWaivers(s, w)...)
	}
	if problems = append(problems, more...); len(problems) > 0 {
		return problems
	}
	return a.print([]byte(printable(scenarioText(file, s, w))))
}
