package main

import (
	"fmt"
	"io"
	"math"
)

// A target is a bound on the share of sessions that end in one way, in the
// worst family and sharing.
type target struct {
	name    string
	cv      float64
	truth   truth
	count   func(tally) int
	atMost  bool
	share   float64
	learned bool
	noisier float64
}

// targets are what the method promises (docs/method.md 0.13), for 5 endpoints
// and the default plan, at most 16 pairs. Those at run CV 3 % hold for 12, too.
func targets() []target {
	return []target{
		{"unchanged called a regression", 0.03, unchanged, regressions, true, 0.01, false, 0},
		{"unchanged called a regression", 0.05, unchanged, regressions, true, 0.01, false, 0},
		{"the same with one endpoint noisier by 8 %", 0.03, unchanged, regressions, true, 0.01, false, noisier},
		{"unchanged called a regression", 0.10, unchanged, regressions, true, 0.03, false, 0},
		{"the same with learned noise", 0.10, unchanged, regressions, true, 0.015, true, 0},
		{"unchanged inconclusive", 0.03, unchanged, inconclusives, true, 0.15, false, 0},
		{"+20 % on one endpoint found", 0.03, one20, regressions, false, 0.97, false, 0},
		{"+20 % on one endpoint found", 0.05, one20, regressions, false, 0.94, false, 0},
		{"+20 % on all found", 0.05, all20, regressions, false, 0.98, false, 0},
		{"+10 % on all found", 0.03, all10, regressions, false, 0.80, false, 0},
		{"+10 % on one endpoint found", 0.03, one10, regressions, false, 0.60, false, 0},
		{"+20 % on all passed", 0.03, all20, passes, true, 0.005, false, 0},
		{"+20 % on all passed", 0.05, all20, passes, true, 0.005, false, 0},
	}
}

// certain is the chance with which luck alone may look like a broken target:
// of all of them together about one run in two hundred.
const certain = 1e-4

// check measures every target and prints it. broken counts those that the
// worst cell misses by more than luck; in the full form missed ones show in
// the table.
func (s *simulation) check(w io.Writer) (broken int) {
	fmt.Fprint(w, "| target, worst family | run CV | bound | measured | |\n|---|--:|--:|--:|---|\n")
	for _, t := range targets() {
		set := atCV(t.cv)
		set.learned, set.noisier = t.learned, t.noisier
		worst := s.worst(set.cells(t.truth), t.count, t.atMost)
		share, sign, word := worst.of(t.count(worst)), "≥", "holds"
		if t.atMost {
			sign = "≤"
		}
		switch {
		case t.brokenBy(worst):
			word = "BROKEN"
			broken++
		case t.atMost && share > t.share || !t.atMost && share < t.share:
			word = "missed, within luck"
		}
		fmt.Fprintf(w, "| %s | %s %% | %s %s %% | %s %% | %s |\n", t.name, percent(t.cv), sign, percent(t.share), percent(share), word)
	}
	return broken
}

// brokenBy reports whether so many, or so few, sessions would hardly be seen if
// the target just held.
func (t target) brokenBy(x tally) bool {
	if t.atMost {
		return binomialTail(x.builds, t.count(x), t.share) < certain
	}
	return binomialTail(x.builds, x.builds-t.count(x), 1-t.share) < certain
}

// binomialTail returns P(X ≥ k) for n trials of chance p.
func binomialTail(n, k int, p float64) float64 {
	logs := func(x int) float64 { l, _ := math.Lgamma(float64(x + 1)); return l }
	sum := 0.0
	for i := k; i <= n; i++ {
		sum += math.Exp(logs(n) - logs(i) - logs(n-i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}
