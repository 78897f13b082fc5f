package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/atomicfile"
	"github.com/perfgate/perfgate/gate/report"
)

// A reportView is what a person asked for of a report. Its flags are the same
// for every command that ends with one.
type reportView struct {
	format string   // of standard output
	files  []string // further ones, their format by extension
	all    bool
	// baseline and candidate name the sides as they were typed; empty:
	// "baseline" and "candidate".
	baseline, candidate string
}

// flags adds the flags of a view to a command.
func (v *reportView) flags(c *cobra.Command) {
	var names, extensions []string
	for _, f := range report.Formats() {
		names, extensions = append(names, f.Name), append(extensions, f.Ext)
	}
	c.Flags().StringVar(&v.format, "format", "text", "of standard output, one `NAME` of "+strings.Join(names, ", "))
	c.Flags().StringArrayVarP(&v.files, "output", "o", nil, "also write `FILE`, whose ending ("+strings.Join(extensions, ", ")+") is its format; may be repeated")
	c.Flags().BoolVar(&v.all, "all", false, "show every row with all that is known of it")
	complete(c, "format", names...)
	completeFiles(c, "output", extensions...)
}

// check refuses a view that cannot be written, before anything is measured or
// read.
func (v *reportView) check() error {
	if _, err := reportFormat(v.format); err != nil {
		return usage("", "--format: %w", err)
	}
	for _, file := range v.files {
		if _, err := formatOfFile(file); err != nil {
			return err
		}
	}
	return nil
}

// protect refuses to write a report over one of the files that it is made of.
func (v *reportView) protect(inputs ...string) error {
	for _, file := range v.files {
		written, err := os.Stat(file)
		if err != nil {
			continue // nothing is there
		}
		for _, input := range inputs {
			if read, err := os.Stat(input); err == nil && os.SameFile(written, read) && written.Mode().IsRegular() {
				return usage("name another file", "-o %s: is read by this comparison", file)
			}
		}
	}
	return nil
}

// reportFormat finds a format by its name or by its ending, so that both
// "markdown" and "md" are understood.
func reportFormat(name string) (report.Format, error) {
	for _, f := range report.Formats() {
		if f.Ext == name {
			return f, nil
		}
	}
	return report.FormatNamed(name)
}

func formatOfFile(file string) (report.Format, error) {
	var endings []string
	for _, f := range report.Formats() {
		if strings.EqualFold(filepath.Ext(file), "."+f.Ext) {
			return f, nil
		}
		endings = append(endings, "."+f.Ext)
	}
	return report.Format{}, usage("known are "+strings.Join(endings, ", "), "-o %s: its ending names no format", file)
}

// publish writes a report: first the files, so that they are complete whatever
// becomes of standard output, then the text for the person who waits. Every
// file is tried.
func (a *app) publish(r gate.Report, v reportView) error {
	unwritten := v.write(r)
	f, err := reportFormat(v.format)
	if err != nil {
		return err
	}
	data, err := rendered(f, r, report.TextOptions{All: v.all, Baseline: v.baseline, Candidate: v.candidate, Width: a.width, Color: a.color})
	if err == nil {
		err = a.print(data)
	}
	return errors.Join(unwritten, err)
}

// write writes the files of a report, and tries every one.
func (v *reportView) write(r gate.Report) error {
	var errs []error
	for _, file := range v.files {
		f, err := formatOfFile(file)
		if err != nil {
			return err
		}
		data, err := rendered(f, r, report.TextOptions{All: v.all, Baseline: v.baseline, Candidate: v.candidate})
		if err == nil {
			err = atomicfile.Write(file, data)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func rendered(f report.Format, r gate.Report, o report.TextOptions) ([]byte, error) {
	var b bytes.Buffer
	err := f.Render(&b, r, report.Options{Text: o})
	return b.Bytes(), err
}

// print writes data to standard output. A reader that has gone, such as head,
// has seen what it wanted.
func (a *app) print(data []byte) error {
	if _, err := a.out.Write(data); err != nil && !errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("standard output: %w", err)
	}
	return nil
}

// complete lets a shell complete the values of a flag.
func complete(c *cobra.Command, flag string, values ...string) {
	must(c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(slices.Clone(values), cobra.ShellCompDirectiveNoFileComp)))
}

// completeFiles lets a shell complete the name of a file for a flag.
func completeFiles(c *cobra.Command, flag string, extensions ...string) {
	must(c.MarkFlagFilename(flag, extensions...))
}

// must stops on a completion for a flag that the command does not have: a bug
// that the first start shows.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
