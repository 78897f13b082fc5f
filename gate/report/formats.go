package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// Options are those of every view; each reads its own.
type Options struct {
	Text     TextOptions
	Markdown MarkdownOptions
}

// A Format is a view of a report that a person can ask for by name.
type Format struct {
	Name string // "markdown", what --format takes
	Ext  string // of files that hold it, "md"
	MIME string // "text/markdown; charset=utf-8"
	Doc  string // one line for help and tables of documents
	// Render writes r. Its errors are those of the writer.
	Render func(w io.Writer, r gate.Report, o Options) error
}

// Formats lists every view, sorted by name. A new one is a file with its
// function, a line here, and a golden file in each folder of testdata/report.
func Formats() []Format {
	return []Format{
		{"json", "json", "application/json", "the report itself, for programs; its schema is published",
			func(w io.Writer, r gate.Report, _ Options) error { return JSON(w, r) }},
		{"markdown", "md", "text/markdown; charset=utf-8", "a comment on a pull request, details folded away",
			func(w io.Writer, r gate.Report, o Options) error { return Markdown(w, r, o.Markdown) }},
		{"text", "txt", "text/plain; charset=utf-8", "for a terminal or a log",
			func(w io.Writer, r gate.Report, o Options) error { return Text(w, r, o.Text) }},
	}
}

// FormatNamed returns the view with a name. The error lists the names.
func FormatNamed(name string) (Format, error) {
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("format: unknown name %q\nhint: one of %s", name, strings.Join(names, ", "))
}
