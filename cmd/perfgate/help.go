package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
)

// helpWidth is the width of help screens, which must fit any terminal.
const helpWidth = 80

// helpText is the help of a command: examples first, then everything else.
func helpText(c *cobra.Command) string {
	var b strings.Builder
	section := func(title, body string) {
		if body = strings.Trim(body, "\n"); body != "" {
			fmt.Fprintf(&b, "\n%s:\n%s\n", title, body)
		}
	}
	b.WriteString(cmp.Or(c.Long, c.Short) + "\n")
	section("Examples", c.Example)
	if !c.HasAvailableSubCommands() {
		section("Usage", "  "+c.UseLine())
	}
	section("Commands", commandList(c))
	section("Flags", c.LocalFlags().FlagUsagesWrapped(helpWidth)+c.InheritedFlags().FlagUsagesWrapped(helpWidth))
	if !c.HasParent() {
		section("Exit codes", exitCodeList())
	}
	return b.String()
}

func commandList(c *cobra.Command) string {
	var b strings.Builder
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			fmt.Fprintf(&b, "  %-11s %s\n", sub.Name(), sub.Short)
		}
	}
	return b.String()
}

// An exitCode is a line of the table of exit codes.
type exitCode struct {
	code int
	text string
}

// exitCodes are all codes that perfgate ends with.
func exitCodes() []exitCode {
	return []exitCode{
		{gate.ExitOK, "pass, skipped, and what the policy lets through"},
		{gate.ExitRegression, "regression or violation, and only these"},
		{gate.ExitUsage, "usage or configuration"},
		{gate.ExitUnmeasured, "could not measure, compare or read"},
		{gate.ExitUndecided, "undecided where the policy says fail"},
		{gate.ExitInterrupted, "interrupted"},
	}
}

func exitCodeList() string {
	var b strings.Builder
	for _, e := range exitCodes() {
		fmt.Fprintf(&b, "  %-3d  %s\n", e.code, e.text)
	}
	return b.String()
}

// helpCommand is "perfgate help COMMAND", which cobra's own would answer with
// exit code 0 for a command that does not exist.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND…]",
		Short: "Show the help of a command",
		RunE: func(c *cobra.Command, args []string) error {
			of, rest, err := c.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(of, rest[0])
			}
			of.InitDefaultHelpFlag() // which running it would have added
			of.InitDefaultVersionFlag()
			return of.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if of, rest, err := c.Root().Find(args); err == nil && len(rest) == 0 {
				for _, sub := range of.Commands() {
					names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
