package main

import (
	"fmt"
	"io"
	"slices"
)

// falseRegressions is how many unchanged sessions of 30 may be called a
// regression.
const falseRegressions = 1

// printTable prints what became of the sessions, and reports whether a share was
// missed.
func printTable(w io.Writer, kinds []*kind) (missed bool) {
	fmt.Fprintln(w, "| sessions | made | pass | regression | inconclusive | other | pairs | run noise of p95 |")
	fmt.Fprintln(w, "|:--|--:|--:|--:|--:|--:|--:|--:|")
	unchanged, wrong := 0, 0
	for _, k := range kinds {
		t := k.tally
		fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %d | %.1f | %s |\n", k.name, t.sessions, t.pass, t.regression, t.inconclusive, t.others,
			float64(t.pairs)/float64(t.sessions), noiseText(t.noise))
		if !k.regression {
			unchanged, wrong = unchanged+t.sessions, wrong+t.regression
		}
	}
	fmt.Fprintf(w, "\nunchanged and called a regression: %d of %d, at most %d\n", wrong, unchanged, falseRegressions)
	missed = wrong > falseRegressions
	for _, k := range kinds {
		if k.regression {
			fmt.Fprintf(w, "%s, found: %d of %d, at least %d\n", k.name, k.tally.regression, k.tally.sessions, k.required())
			missed = missed || k.tally.regression < k.required()
		}
	}
	return missed
}

// noiseText is the median noise and its range.
func noiseText(noise []float64) string {
	if len(noise) == 0 {
		return "not known"
	}
	slices.Sort(noise)
	return fmt.Sprintf("%.1f %% (%.1f to %.1f)", 100*noise[len(noise)/2], 100*noise[0], 100*noise[len(noise)-1])
}
