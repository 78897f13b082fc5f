package gate

// A Report is the answer to one comparison: the verdict, every row it rests
// on, and what to do next. It is what report.json holds; every view and the
// exit code read it and nothing else. Its numbers are rounded by the encoder.
type Report struct {
	Kind          string        `json:"kind"`
	SchemaVersion int           `json:"schema_version"`
	Requires      []string      `json:"requires"`
	Verdict       Verdict       `json:"verdict"`
	ExitCode      int           `json:"exit_code"`
	Reason        ReportReason  `json:"reason"`
	Scenario      string        `json:"scenario"` // ids, comma separated
	Design        DesignInfo    `json:"design"`
	Sides         Sides         `json:"sides"`
	Skip          *Skip         `json:"skip,omitempty"` // nil: it was measured
	Comparability Comparability `json:"comparability"`
	Policy        PolicyInfo    `json:"policy"`
	// Rows in order: per scenario the whole, then each endpoint; inside,
	// latency by level, errors, delivered, throughput, resources.
	Rows     []Row         `json:"rows"`
	SLO      []SLORow      `json:"slo"`
	Accepted []AcceptedRow `json:"accepted"`
	Coverage Coverage      `json:"coverage"`
	Series   Series        `json:"series"`
	Warnings []RowWarning  `json:"warnings"`
	// NextSteps are commands to type, the best first.
	NextSteps []string `json:"next_steps"`
	Reproduce string   `json:"reproduce"` // empty when it cannot be
	// WouldFail: in mode observe, the verdict would have failed the pipeline.
	WouldFail bool `json:"would_fail,omitempty"`
	// Record is what the gate did before this session; nil: not known.
	Record *Record `json:"record,omitempty"`
}

// ReportReason is why the verdict is what it is.
type ReportReason struct {
	Code string   `json:"code"`
	Rows []string `json:"rows"` // ids of rows and SLO rows
	Text string   `json:"text"` // one line, the worst row first
}

// RowReason is why a row's outcome is what it is.
type RowReason struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// DesignInfo is how the data were made and tested.
type DesignInfo struct {
	Name          Design   `json:"name"`
	Why           string   `json:"why"`
	Pairs         int      `json:"pairs"`
	BaselineRuns  int      `json:"baseline_runs"` // counted
	CandidateRuns int      `json:"candidate_runs"`
	Looks         []int    `json:"looks"`
	Look          int      `json:"look"` // from 1; 0 without looks
	AlphaFamily   float64  `json:"alpha_family"`
	AlphaLook     float64  `json:"alpha_look"`
	PassLevelLook float64  `json:"pass_level_look"`
	Correction    string   `json:"correction"`
	Groups        RowsPer  `json:"groups"`
	JobNoiseRatio *float64 `json:"job_noise_ratio"` // blocks; nil elsewhere
	Seed          uint64   `json:"seed"`
	Decided       bool     `json:"decided"` // no further look is needed
	StoppedBy     string   `json:"stopped_because"`
	WallS         *float64 `json:"wall_s"` // of the session; nil when unknown
	// AA: both sides of the session were the same program (Session.AA), so
	// that whatever it calls a change is noise.
	AA bool `json:"aa,omitempty"`
	// FirstVerdict is with what a check would have ended, where the session
	// went on after a look that decided (Session.FirstVerdict); empty: with the
	// report's own.
	FirstVerdict Verdict `json:"first_verdict,omitempty"`
	// RunS is the measured time of a run, median; nil outside paired sessions.
	RunS *float64 `json:"run_s,omitempty"`
	// StartupS is what a run cost besides, mean; nil outside paired sessions.
	StartupS *float64 `json:"startup_s,omitempty"`
	// LearnedSessions is how many former sessions the noise was learned from;
	// 0: none, or too few (RowNoise.PriorFrom says which rows).
	LearnedSessions int `json:"learned_sessions,omitempty"`
}

// RowsPer counts the tested rows of each Holm group.
type RowsPer struct {
	Primary   int `json:"primary"`
	Secondary int `json:"secondary"`
	Warn      int `json:"warn"`
}

// Sides describes what was compared. Baseline is nil where nothing was.
type Sides struct {
	Baseline  *SideInfo `json:"baseline"`
	Candidate *SideInfo `json:"candidate"`
}

// SideInfo is one side of a comparison.
type SideInfo struct {
	Commit           string `json:"commit"`
	Ref              string `json:"ref"`
	Dirty            bool   `json:"dirty"`
	Label            string `json:"label"`
	How              string `json:"how"`
	ChosenBecause    string `json:"chosen_because"`
	CommitsAway      *int   `json:"commits_away"`
	AgeS             *int64 `json:"age_s"` // against the candidate's start
	ResultDigest     string `json:"result_digest"`
	EnvironmentClass string `json:"environment_class"`
	Machine          string `json:"machine"` // "4 x AMD EPYC 7763", for people
	Source           string `json:"source"`  // "perfgate" or the foreign format
	Jobs             int    `json:"jobs"`
	Runs             int    `json:"runs"` // counted
	Started          string `json:"started"`
}

// Comparability is what was checked before a number was compared: "equal",
// "different" or "unknown".
type Comparability struct {
	Load                string   `json:"load"`
	LoadDigest          string   `json:"load_digest"` // of the candidate
	Environment         string   `json:"environment"`
	SameMachine         bool     `json:"same_machine"` // measured or declared
	EndpointsAdded      []string `json:"endpoints_added"`
	EndpointsMissing    []string `json:"endpoints_missing"`
	EndpointsChanged    []string `json:"endpoints_changed"` // other request
	RecordedDifferences []string `json:"recorded_differences"`
}

// PolicyInfo is the policy that was applied.
type PolicyInfo struct {
	Source             string         `json:"source"`
	From               string         `json:"from"` // "candidate", "file", "defaults"
	Mode               Mode           `json:"mode"`
	Inconclusive       Action         `json:"inconclusive"`
	NoBaseline         NoBaseline     `json:"no_baseline"`
	ChangedByCandidate []PolicyChange `json:"changed_by_candidate"`
}

// PolicyChange is a rule that the candidate's own file changed.
type PolicyChange struct {
	Key       string `json:"key"`
	Baseline  string `json:"baseline"`
	Candidate string `json:"candidate"`
}

// A Row is one metric of one endpoint, or of the whole, in the comparison.
type Row struct {
	ID       string    `json:"id"` // "r1"…, in order
	Scenario string    `json:"scenario"`
	Endpoint *string   `json:"endpoint"` // nil: the whole
	Metric   string    `json:"metric"`
	Unit     string    `json:"unit"` // "ms", "ratio", "1/s", "s", "By"
	Better   string    `json:"better"`
	Role     Role      `json:"role"`
	Severity Severity  `json:"severity"`
	Named    bool      `json:"named"` // a rule of the file asks for it
	Outcome  Outcome   `json:"outcome"`
	Reason   RowReason `json:"reason"`
	// Baseline and Candidate are nil on a side that has no usable number.
	Baseline  *RowSide `json:"baseline"`
	Candidate *RowSide `json:"candidate"`
	// ChangeRatio is candidate/baseline - 1 of the tested estimate, in the
	// metric's own direction (throughput that falls is negative); nil for
	// rates and where nothing was compared. IntervalRatio likewise.
	ChangeRatio *float64 `json:"change_ratio"`
	// ChangeAbs is candidate - baseline in the unit of the row.
	ChangeAbs     *float64    `json:"change_abs"`
	IntervalLevel float64     `json:"interval_level"` // two-sided, 0.95
	IntervalRatio *[2]float64 `json:"interval_ratio"`
	IntervalAbs   *[2]float64 `json:"interval_abs"` // of rates
	// ThresholdRatio or ThresholdAbs is the limit; MarginRatio or MarginAbs
	// what a pass rules out. Nil where the row has none.
	ThresholdRatio *float64  `json:"threshold_ratio"`
	ThresholdAbs   *float64  `json:"threshold_abs"`
	MarginRatio    *float64  `json:"margin_ratio"`
	MarginAbs      *float64  `json:"margin_abs"`
	FloorAbs       *float64  `json:"floor_abs"`
	Rule           string    `json:"rule"` // "perfgate.yml:41" or "default"
	Test           string    `json:"test"` // "wmt_paired", "" when not tested
	N              int       `json:"n"`    // pairs; jobs of a history; runs of both sides; of rates, runs of the smaller side
	DF             *float64  `json:"df"`   // nil: normal, or not tested
	SELog          *float64  `json:"se_log"`
	P              *float64  `json:"p"`
	PAdjusted      *float64  `json:"p_adjusted"`
	Noise          *RowNoise `json:"noise"`
	// MDERatio (MDEAbs of rates) is the smallest change this comparison
	// could show; nil where it cannot be said.
	MDERatio   *float64 `json:"mde_ratio"`
	MDEAbs     *float64 `json:"mde_abs"`
	RunsNeeded *int     `json:"runs_needed"` // pairs of a paired session for a decision; nil: decided, or beyond reach
	Suspicious bool     `json:"suspicious"`  // p ≤ .05 and over the threshold
	AcceptedBy *string  `json:"accepted_by"` // "perfgate.accept.yml:3"
}

// RowSide is one side of a row.
type RowSide struct {
	Value float64 `json:"value"` // median over the runs
	// PerRun in the order of pairs (paired) or of runs and jobs.
	PerRun      []float64 `json:"per_run"`
	RequestsMin *int64    `json:"requests_min"` // fewest requests of a run; nil: the whole
	TailMin     *int64    `json:"tail_min"`     // fewest requests above the percentile
}

// RowNoise is what is known of a row's noise, as ratios on the log scale.
type RowNoise struct {
	ObservedRatio  *float64 `json:"observed_ratio"` // run to run; nil with one run
	WithinRunRatio float64  `json:"within_run_ratio"`
	PriorRatio     float64  `json:"prior_ratio"`
	PriorDF        float64  `json:"prior_df"`
	PriorFrom      string   `json:"prior_from"` // PriorDefault, PriorLearned or PriorSession
}

// Where the prior noise of a row comes from: declared, or learned from former
// sessions (docs/method.md 0.2, 0.9); of a relative row also either of them
// together with what the other relative rows of its session show (0.3).
const (
	PriorDefault = "default"
	PriorLearned = "learned"
	PriorSession = "session"
)

// SLORow is one absolute limit and what was observed.
type SLORow struct {
	ID        string     `json:"id"` // "s1"…
	Scenario  string     `json:"scenario"`
	Endpoint  *string    `json:"endpoint"`
	Metric    string     `json:"metric"`
	Unit      string     `json:"unit"`
	Op        string     `json:"op"`
	Limit     float64    `json:"limit"`
	Observed  *float64   `json:"observed"` // nil: could not be measured (outcome invalid)
	Statistic string     `json:"statistic"`
	PerRun    []float64  `json:"per_run"`
	Severity  Severity   `json:"severity"`
	Outcome   SLOOutcome `json:"outcome"`
	Rule      string     `json:"rule"`
}

// An SLOOutcome is what became of an absolute limit.
type SLOOutcome string

// The outcomes of a limit.
const (
	SLOPass      SLOOutcome = "pass"
	SLOViolation SLOOutcome = "violation"
	SLOInvalid   SLOOutcome = "invalid"
)

// AcceptedRow is a waiver and what became of it.
type AcceptedRow struct {
	File          string  `json:"file"` // "perfgate.accept.yml:3"
	Row           string  `json:"row"`  // empty when it matched none
	Endpoint      string  `json:"endpoint"`
	Metric        string  `json:"metric"`
	MaxWorseRatio float64 `json:"max_worse_ratio"`
	Reason        string  `json:"reason"`
	Owner         string  `json:"owner"`
	Expires       string  `json:"expires"`
	State         string  `json:"state"` // used, unused, expired, exceeded, unmatched
}

// What became of a waiver.
const (
	WaiverUsed      = "used"
	WaiverUnused    = "unused"    // its row did not regress
	WaiverExpired   = "expired"   // its day has passed
	WaiverExceeded  = "exceeded"  // its row is worse than the bound
	WaiverUnmatched = "unmatched" // no such row exists
)

// Coverage counts the rows by outcome; expected is the number of rows.
type Coverage struct {
	Expected      int `json:"expected"`
	Pass          int `json:"pass"`
	Regression    int `json:"regression"`
	Improvement   int `json:"improvement"`
	Inconclusive  int `json:"inconclusive"`
	NotComparable int `json:"not_comparable"`
	Invalid       int `json:"invalid"`
	New           int `json:"new"`
	Info          int `json:"info"`
}

// Series is what views draw.
type Series struct {
	QuantileLevels []float64        `json:"quantile_levels"`
	Endpoints      []EndpointSeries `json:"endpoints"`
}

// EndpointSeries is the distribution of one endpoint on both sides.
type EndpointSeries struct {
	Scenario  string      `json:"scenario"`
	Endpoint  string      `json:"endpoint"`
	Baseline  *SideSeries `json:"baseline"`
	Candidate *SideSeries `json:"candidate"`
}

// SideSeries has one value per quantile level (nil: not known), medians over
// the counted runs, and the windows of the median run.
type SideSeries struct {
	QuantilesMS []*float64     `json:"quantiles_ms"`
	Windows     *SeriesWindows `json:"windows"`
}

// SeriesWindows is one run over time.
type SeriesWindows struct {
	LengthS float64    `json:"length_s"`
	P95MS   []*float64 `json:"p95_ms"`
	RPS     []float64  `json:"rps"`
}

// RowWarning is something a reader should know that decides nothing.
type RowWarning struct {
	Code string   `json:"code"`
	Text string   `json:"text"`
	Rows []string `json:"rows"`
	// Headline is what of it stands beside the verdict, a few words; empty:
	// nothing.
	Headline string `json:"headline,omitempty"`
}
