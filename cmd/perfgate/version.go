package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is the version of this program's module, "v1.2.3"; "devel" for a
// build that knows none.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "(devel)" {
		return "devel"
	}
	return cmp.Or(info.Main.Version, "devel")
}

func (a *app) versionCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "version",
		Short: "Show the version",
		Example: `  perfgate version
  perfgate version --format json`,
		Args:              arguments(),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return a.version(format) },
	}
	dataFormatFlag(c, &format)
	return c
}

func (a *app) version(format string) error {
	facts := struct {
		Version string `json:"version"`
		Go      string `json:"go"`
		OS      string `json:"os"`
		Arch    string `json:"arch"`
	}{version(), runtime.Version(), runtime.GOOS, runtime.GOARCH}
	return a.printData(format, facts, func() string {
		return fmt.Sprintf("perfgate %s (%s, %s/%s)\n", facts.Version, facts.Go, facts.OS, facts.Arch)
	})
}

// dataFormatFlag adds --format to a command that shows something else than a
// report.
func dataFormatFlag(c *cobra.Command, format *string) {
	c.Flags().StringVar(format, "format", "text", "text or json")
	complete(c, "format", "text", "json")
}

// printData writes data in the format: as JSON, or as the text for people.
func (a *app) printData(format string, data any, text func() string) error {
	switch format {
	case "text":
		return a.print([]byte(text()))
	case "json":
		encoded, err := json.MarshalIndent(data, "", "  ")
		if err != nil {
			return err
		}
		return a.print(append(encoded, '\n'))
	}
	return usage("text or json", "--format: unknown name %q", format)
}
