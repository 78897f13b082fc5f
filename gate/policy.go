package gate

import "time"

// A Policy is the gate section of a scenario: what matters, and what is done
// about it. Its zero value is the documented default.
type Policy struct {
	// Source is the file the rules came from; empty: the defaults.
	Source     string      `json:"source,omitempty"`
	Mode       Mode        `json:"mode,omitempty"`
	Thresholds []Threshold `json:"thresholds,omitempty"` // first match wins
	SLOs       []SLO       `json:"slo,omitempty"`
	// Inconclusive and NoBaseline: what an undecided comparison does.
	Inconclusive Action     `json:"inconclusive,omitempty"`
	NoBaseline   NoBaseline `json:"no_baseline,omitzero"`
	Abort        *Abort     `json:"abort,omitempty"`
}

// A Mode says whether the gate may fail the pipeline.
type Mode string

// Enforce (the default) exits 1 on a regression; observe says what would have
// failed and exits 0.
const (
	ModeEnforce Mode = "enforce"
	ModeObserve Mode = "observe"
)

// An Action is what an undecided comparison does to the exit code.
type Action string

// Warn exits 0, fail exits ExitUndecided.
const (
	ActionWarn Action = "warn"
	ActionFail Action = "fail"
)

// DefaultWarnUntil is the number of jobs of a scenario in the store from which
// a missing baseline fails, so that no gate is green for ever without having
// compared.
const DefaultWarnUntil = 10

// NoBaseline is the policy for a comparison without a baseline. The zero value
// warns while the store holds fewer than DefaultWarnUntil jobs of the
// scenario, then fails.
type NoBaseline struct {
	Action    Action `json:"action,omitempty"`     // empty: by WarnUntil
	WarnUntil int    `json:"warn_until,omitempty"` // 0: DefaultWarnUntil
}

// A Threshold says how much worse a metric may be.
type Threshold struct {
	// Metric is a metric's name; with a "*" in it ("latency_*") the rule
	// sets limits of rows that exist and asks for none.
	Metric string `json:"metric"`
	// Endpoint is empty (the whole and each endpoint), or a name in which
	// "*" stands for any text ("*": each endpoint, not the whole).
	Endpoint string `json:"endpoint,omitempty"`
	// WorseRatio is the relative change that matters (0.05); nil: the
	// metric's default. Ratios of counts use WorseAbs.
	WorseRatio *float64 `json:"worse_ratio,omitempty"`
	// WorseAbs is the absolute change that matters of error_rate and
	// delivered (0.001 is 0.1 percentage points); nil: the default.
	WorseAbs *float64 `json:"worse_abs,omitempty"`
	// FloorAbs is the absolute change below which nothing matters, in the
	// metric's unit (ms); nil: the default (0.1 ms).
	FloorAbs *float64 `json:"floor_abs,omitempty"`
	Severity Severity `json:"severity,omitempty"` // empty: block
	Primary  bool     `json:"primary,omitempty"`
	Line     int      `json:"line,omitempty"` // in Source; 0: unknown
}

// An SLO is an absolute limit, judged on the median over the candidate's runs.
type SLO struct {
	Metric   string   `json:"metric"`
	Endpoint string   `json:"endpoint,omitempty"` // empty: the whole; else as in Threshold
	Op       string   `json:"op"`                 // "<", "<=", ">", ">="
	Limit    float64  `json:"limit"`              // in the metric's unit
	Severity Severity `json:"severity,omitempty"` // empty: block
	Line     int      `json:"line,omitempty"`
}

// Abort ends a run early when its error rate stays above a limit.
type Abort struct {
	ErrorRate float64       `json:"error_rate"` // 0 to 1
	For       time.Duration `json:"for_ns"`
}

// Waivers is perfgate.accept.yml: regressions that somebody let through.
type Waivers struct {
	Source string   `json:"source"` // the file
	Items  []Waiver `json:"items"`
}

// A Waiver lets one row be worse, within a bound and until a day.
type Waiver struct {
	Scenario      string  `json:"scenario,omitempty"` // ScenarioInfo.Name; empty: any
	Endpoint      string  `json:"endpoint"`           // exact name; empty: the whole
	Metric        string  `json:"metric"`
	MaxWorseRatio float64 `json:"max_worse_ratio"` // 0.25; of error_rate and delivered an absolute change
	Reason        string  `json:"reason"`
	Owner         string  `json:"owner"`
	Expires       string  `json:"expires"` // 2026-12-31, the last day on which it holds
	Line          int     `json:"line,omitempty"`
}
