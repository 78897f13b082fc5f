package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/perfgate/perfgate/gate/config"
)

// commands lists every command; a new one is a file and a line here.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.acceptCommand(),
		a.baselineCommand(),
		a.calibrateCommand(),
		a.checkCommand(),
		a.compareCommand(),
		a.demoCommand(),
		a.planCommand(),
		a.qualifyCommand(),
		a.runCommand(),
		a.selftestCommand(),
		a.validateCommand(),
		a.versionCommand(),
	}
}

const rootExample = `  perfgate demo                                  # it works, in under a minute
  perfgate validate --example > perfgate.yml     begin
  perfgate check                                 this change against main
  perfgate compare old.json new.json             two results, offline
  perfgate compare 'old/*.gob' new -o report.md  several runs a side, by vegeta`

// root is the whole command line.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:     "perfgate",
		Short:   "Did this change make the service slower, and how sure are we?",
		Example: rootExample,
		Version: version(),
		Args:    subcommandOnly,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },

		SilenceErrors: true, // explain tells them
		SilenceUsage:  true, // an error is one line and a hint, not a screen
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { fmt.Fprint(c.OutOrStdout(), helpText(c)) })
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetHelpCommand(helpCommand())
	root.AddCommand(a.commands()...)
	return root
}

// completeStrictly adds cobra's completion command, which by itself would answer
// a shell that it does not know with its help and exit code 0.
func completeStrictly(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			group(c)
		}
	}
}

// group makes a command that only holds others.
func group(c *cobra.Command, children ...*cobra.Command) *cobra.Command {
	c.Args = subcommandOnly
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	c.AddCommand(children...)
	return c
}

// subcommandOnly refuses arguments of a command that only holds others: the
// first one is a command that does not exist.
func subcommandOnly(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return unknownCommand(c, args[0])
}

func unknownCommand(c *cobra.Command, name string) error {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usage(didYouMean(name, names, c.CommandPath()+" --help"), "unknown command %q", strings.TrimPrefix(c.CommandPath()+" "+name, "perfgate "))
}

// arguments checks the number of arguments; names are theirs, a last one that
// ends in "…" may be repeated.
func arguments(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		many := len(names) > 0 && strings.HasSuffix(names[len(names)-1], "…")
		if len(args) == len(names) || many && len(args) > len(names) {
			return nil
		}
		want := "no argument"
		if len(names) > 0 {
			want = strings.Join(names, " ")
		}
		return usage(c.CommandPath()+" --help", "%s: wants %s, got %s", commandName(c), want, count(len(args), "argument"))
	}
}

// commandName is the path of a command without "perfgate".
func commandName(c *cobra.Command) string {
	return strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// flagError explains a flag that cannot be understood.
func flagError(c *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	if words := c.Flags().Args(); c.HasSubCommands() && len(words) > 0 {
		return unknownCommand(c, words[0]) // its flags are not the mistake
	}
	hint := c.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := config.Nearest(unknown.GetSpecifiedName(), names); near != "" {
			hint = fmt.Sprintf("did you mean --%s?", near)
		}
	}
	where := ""
	if c.HasParent() {
		where = commandName(c) + ": "
	}
	return usage(hint, "%s%w", where, err)
}

// optionalFile allows one argument, or none.
func optionalFile(c *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	return usage(c.CommandPath()+" --help", "%s: wants at most one FILE, got %s", commandName(c), count(len(args), "argument"))
}
