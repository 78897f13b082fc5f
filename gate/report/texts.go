package report

import "github.com/perfgate/perfgate/gate"

// Every word that a view says stands in this file, so that one reading tells
// whether they agree.

// Words of names and columns.
const (
	textOverall  = "overall"
	textRelative = " rel"

	headEndpoint  = "endpoint"
	headMetric    = "metric"
	headBaseline  = "baseline"
	headCandidate = "candidate"
	headChange    = "change"
	headInterval  = "%s%% interval"
	headSeenFrom  = "seen from"

	textNoChange = "no change"
)

// shortMetrics are the names of metrics inside a column.
func shortMetrics() map[string]string {
	return map[string]string{
		gate.MetricErrorRate:  "errors",
		gate.MetricThroughput: "rate",
		gate.MetricCPU:        "cpu",
		gate.MetricRSS:        "memory",
	}
}

// wholeMetrics are the names of a scenario's own rows: endpoint and metric.
func wholeMetrics() map[string][2]string {
	return map[string][2]string{
		gate.MetricErrorRate:  {"errors", "rate"},
		gate.MetricDelivered:  {"delivered", "ratio"},
		gate.MetricThroughput: {"throughput", "rate"},
		gate.MetricCPU:        {"cpu time", "total"},
		gate.MetricRSS:        {"memory", "peak"},
	}
}

// Headlines, behind the word of the verdict.
const (
	headPass         = "no endpoint is slower"
	headNoLatency    = "what was judged is not worse, but no latency was judged"
	headPassImproved = "%s faster, none is slower"
	headWarned       = "%s worse, but only warns"
	headWarnedMany   = "%s worse, but only warn"
	headAccepted     = "%s accepted"
	headMissing      = "%s missing in the candidate"
	headTargetDied   = "the candidate died under a load that the baseline survives"
	headSlower       = "%s slower"
	headSlowerWhole  = "the whole is slower, though no endpoint alone"
	headErrors       = "%s more often"
	headErrorsWhole  = "more requests fail"
	headDelivered    = "the service takes less of the load"
	headThroughput   = "fewer requests a second"
	headResource     = "it uses more %s"
	headOther        = "%s worse"
	headViolation    = "%d of %s broken"
	headViolationOne = "the limit is broken"
	headSingle       = "one run on each side cannot tell a change from noise"
	headSingleOther  = "one run on a side cannot tell a change from noise"
	headBudget       = "the budget ended before anything was compared"
	headUndecided    = "the data cannot tell"
	headNoBaseline   = "nothing was compared"
	headLoad         = "the load differs"
	headMachine      = "the machines differ"
	headBoth         = "load and machines differ"
	headNotCompared  = "the two sides cannot be compared"
	headInvalid      = "it could not be measured"
	headInvalidRows  = "%s no usable number"
	headSkipped      = "nothing was measured"
	headObserve      = " (would have failed)"
	headNotBlocking  = " (not blocking)"
	headBlocking     = " (blocking)"
)

// undecidedHeads are headlines by the reason of an inconclusive verdict.
func undecidedHeads() map[string]string {
	return map[string]string{
		"too_noisy":        "too noisy to tell",
		"suspicious":       "it may be slower, not yet told from noise",
		"open":             "it may be slower, not yet told from noise",
		"not_ruled_out":    "a slowdown is not ruled out",
		"too_few_requests": "too few requests to tell",
		"unconfirmed":      "slower, but not confirmed yet",
		"missing":          "an endpoint is missing in the candidate",
		"request_changed":  "an endpoint was asked different things",
		"nothing_decided":  "no row could decide",
	}
}

// Sentences of the text view.
const (
	textMoreQuiet     = "%s without a change"
	textMoreSmaller   = "%s with smaller changes"
	textMoreMixed     = "%s: %s"
	textNoneOver      = "%s, none over its limit"
	textLargest       = " (largest %s)"
	textShowAll       = "; --all shows them"
	textMoreLike      = "%s of the same kinds; --all shows them"
	textLegendWorse   = "X regression: over %s"
	textLegendWarned  = "x worse, but only warns: over %s"
	textLegendAccept  = "A accepted: over %s"
	textPairs         = "a paired session of %s"
	textMoreSteps     = "%s; --all shows them"
	textLegendNeeds   = "? cannot tell: needs %s; now %s and more would be seen"
	textLegendSees    = "? cannot tell: %s and more would be seen"
	textLegendBecause = "? cannot tell: "
	textLegendBetter  = "+ improvement: "
	textLegendInvalid = "! no usable number: "
	textLegendDiffer  = "! not comparable: "
	textLegendNew     = "* new: "
	textAgainst       = "against the others"
	textLegendRel     = "rel: the endpoint against the others of the same runs"
	textLegendWhole   = "overall: geometric mean over the endpoints"
	textLegendNone    = none + " no usable number on that side"
	textLegendPass    = "a pass rules out %s"
	textAdjusted      = ", adjusted p %s"
	textAdjustedAll   = ", all adjusted p ≤ %s"
	textUnadjusted    = ", p %s"

	textSameMachine      = "same machine"
	textSameKind         = "same kind of machine"
	textDifferentMachine = "different machines"
	textUnknownMachine   = "machine not known to be the same"
	textSameScenario     = "same scenario"
	textSameProgram      = "both sides are the same program (A/A)"
	textDifferScenario   = "different scenarios"
	textUnknownScenario  = "scenario not known to be the same"

	textLimits    = "limits (slo)"
	textKept      = "%s kept"
	textBroken    = "broken"
	textUnknown   = "not measured"
	textMeasured  = "measured %s: %s"
	textWarning   = "warning: "
	textPolicy    = "this change edits its own gate: %s from %s to %s"
	textReproduce = "reproduce: "
	textNext      = "next: "
	textObserve   = "observe mode: this would have failed; mode: enforce makes it count"
)

// waiverTexts say what became of a waiver, in front of and behind its row.
func waiverTexts() map[string][2]string {
	return map[string][2]string{
		gate.WaiverUsed:      {"accepted until %s by %s", ""},
		gate.WaiverUnused:    {"waiver not needed", "it did not regress; remove the entry"},
		gate.WaiverExpired:   {"waiver expired on %s (%s)", "it counts again"},
		gate.WaiverExceeded:  {"waiver exceeded", "it is worse than that"},
		gate.WaiverUnmatched: {"waiver matches nothing", "no such row; remove the entry"},
	}
}

// verdictWords are the words of verdicts for people.
func verdictWords() map[gate.Verdict]string {
	return map[gate.Verdict]string{
		gate.VerdictNoBaseline:    "no baseline",
		gate.VerdictNotComparable: "not comparable",
	}
}

// outcomeWords are the words of outcomes for people; others stand for
// themselves.
func outcomeWords() map[gate.Outcome]string {
	return map[gate.Outcome]string{
		gate.OutcomePass:          "no change",
		gate.OutcomeInconclusive:  "cannot tell",
		gate.OutcomeNotComparable: "not comparable",
		gate.OutcomeInvalid:       textUnknown,
		gate.OutcomeInfo:          "shown only",
	}
}

// Words of the Markdown view.
const (
	mdTitle       = "### perfgate: "
	mdTableHead   = "| Endpoint | Baseline → candidate | Change (%s %% interval) | Outcome |\n|:--|--:|--:|:--|\n"
	mdFullHead    = "| Endpoint | Metric | Baseline → candidate | Change (%s %% interval) | Limit | Outcome |\n|:--|:--|--:|--:|--:|:--|\n"
	mdRelative    = ", " + textAgainst
	mdMoreRows    = "%s in the details"
	mdLimitHead   = "| Endpoint | Limit | Observed | Outcome |\n|:--|:--|--:|:--|\n"
	mdAll         = "All %s × %s, and how this was measured"
	mdIntended    = "Is it intended? Accept it, or reproduce it"
	mdNext        = "What to do next"
	mdHow         = "How this was measured"
	textWhole     = "the whole"
	mdCut         = "%s left out here; report.json holds all"
	mdLargest     = "Largest change: "
	mdRunnerNoise = "this runner varied by %s from run to run"
	mdOnly        = "Only a change of %s or more could be shown here"
)

// symbols stand behind a word, never alone.
func symbols() map[kind]string {
	return map[kind]string{
		kindRegression: ":x:",
		kindWarned:     ":warning:",
		kindAccepted:   ":ballot_box_with_check:",
		kindUnusable:   ":grey_exclamation:",
		kindUndecided:  ":grey_question:",
		kindImproved:   ":rocket:",
		kindNew:        ":new:",
		kindQuiet:      ":white_check_mark:",
	}
}

// Words of the summary of a result.
const (
	runMeasured    = "MEASURED"
	runPartly      = "PARTLY MEASURED"
	runInvalid     = "INVALID"
	runInterrupted = "INTERRUPTED"
	runNoneCounts  = "no run counts"
	runSomeCount   = "%d of %s count"
	runOpen        = "load: %s, %s arrivals"
	runOpenAny     = "load: open model"
	runClosed      = "load: %s in a closed model"
	runModelless   = "load: model unknown"
	runLength      = "%s of %s each after %s of warm-up"
	runMedians     = "medians over the runs, of successful requests, timed from the moment each was due"
	runService     = "medians over the runs, of successful requests, timed from the moment each was sent"
	runPopulation  = "; failed requests are inside, the source does not tell them apart"
	runImported    = "imported from %s"
	runNotCounted  = "%s does not count: %s"
	runFailures    = "failures: "
	runDelivered   = "delivered %s of the intended requests"
	runNextSave    = "perfgate baseline save %s  # make it a reference"
	runNextCompare = "perfgate compare BASELINE %s  # against another result"
	runNextQuiet   = "perfgate run  # again: close what else runs, or take a bigger runner"
	runNextFile    = "perfgate validate  # what the file asks of the target"
)
