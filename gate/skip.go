package gate

// Why nothing was measured.
const (
	// SkipIdentical: both sides build and run the very same thing.
	SkipIdentical = "identical_builds"
	// SkipPaths: no file that matters changed.
	SkipPaths = "paths_unchanged"
)

// A Skip is why a comparison was not made: there is proof that nothing can have
// changed. Whoever makes one answers for it.
type Skip struct {
	Because string `json:"because"` // SkipIdentical or SkipPaths
	Text    string `json:"text"`    // one line: "no file under paths changed since 1a2b3c4"
	// Proof lists the facts, one a line, for whoever doubts it: digests, globs,
	// files that did change.
	Proof []string `json:"proof"`
}

// skipped: nothing was measured, and need not be.
func (j judgement) skipped() (Verdict, ReportReason, bool) {
	s := j.c.in.Skip
	if s == nil {
		return "", ReportReason{}, false
	}
	return VerdictSkipped, ReportReason{Code: s.Because, Text: s.Text}, true
}

// compareSkipped describes both sides, and holds no row.
func compareSkipped(in Input) Comparison {
	c := Comparison{in: in, accepted: map[string]bool{}}
	m := &material{in: &c.in, name: DesignNone, why: "nothing was measured: " + in.Skip.Text}
	scenarios := alignScenarios(&c.in, m)
	c.design = m.info()
	c.comparability, _ = comparability(&c.in, m, scenarios)
	c.describeSides()
	for _, s := range scenarios {
		c.scenarios = append(c.scenarios, s.id)
	}
	c.warnFiles()
	return c
}
