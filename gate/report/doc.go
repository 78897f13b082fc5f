// Package report turns a gate.Report, and a gate.Result, into what people and
// programs read: text for a terminal, Markdown for a comment, JSON.
//
// A view decides nothing. The verdict, the order of the worst rows, the
// reasons and the next steps come from the report; a view chooses words,
// units and what to fold away. The same report gives the same bytes.
//
// Names, reasons and warnings are untrusted: an endpoint can be called
// anything, and a report may come from a fork. Every view escapes them by the
// one function of its language (terminal, markdownText and markdownCode).
package report
