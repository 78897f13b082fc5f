package gate

// The identity of result files. SchemaVersion 1 freezes at the first release.
const (
	ResultKind    = "perfgate-result"
	ReportKind    = "perfgate-report"
	SchemaVersion = 1
)

// A Result is one side of one session: what was asked for, where it ran, and
// every run that was made. It is what result.json holds.
type Result struct {
	Kind          string `json:"kind"`           // ResultKind
	SchemaVersion int    `json:"schema_version"` // SchemaVersion
	// Requires names features without which a reader would misjudge the
	// file (see KnownFeatures). Sorted; empty when any reader will do.
	Requires    []string       `json:"requires"`
	Tool        Tool           `json:"tool"`
	Scenarios   []ScenarioInfo `json:"scenarios"`
	Subject     Subject        `json:"subject"`
	Session     Session        `json:"session"`
	Environment Environment    `json:"environment"`
	// Runs in the order in which they were started, all attempts included.
	Runs []Run `json:"runs"`
	// Policy is what the scenario's gate section said when the side was
	// measured, so that compare repeats the verdict offline. Nil: defaults.
	Policy *Policy `json:"policy,omitempty"`
	// Waivers were in force when the side was measured. Nil: none.
	Waivers *Waivers `json:"waivers,omitempty"`
	// Noise is what former sessions had taught of the noise of a run when the
	// side was measured, so that compare repeats the verdict offline. Nil:
	// nothing was known.
	Noise *Noise `json:"noise,omitempty"`
	// Record is what the gate had done before the side was measured, on the
	// candidate's side; nil: not known.
	Record   *Record   `json:"record,omitempty"`
	Warnings []Warning `json:"warnings"`
}

// Tool is what made the file.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// ImportedFrom names the format of a foreign file, "vegeta results";
	// nil for perfgate's own measurements.
	ImportedFrom *string `json:"imported_from"`
}

// ScenarioInfo is the load of one scenario (and profile) as it was applied.
type ScenarioInfo struct {
	ID      string `json:"id"`      // name, or name/profile
	Name    string `json:"name"`    // the scenario's name
	Profile string `json:"profile"` // empty: the load of the file itself
	// LoadDigest is LoadDigest of the scenario; empty when unknown
	// (imported), which is never equal to anything.
	LoadDigest string `json:"load_digest"`
	// Model is ModelOpen, ModelClosed, or empty when unknown (imported).
	Model     Model          `json:"model"`
	RateRPS   *float64       `json:"rate_rps"` // open model, requests a second
	Users     *int           `json:"users"`    // closed model
	Wait      bool           `json:"wait"`     // closed model: users wait between requests
	Arrivals  Arrivals       `json:"arrivals,omitempty"`
	Seed      uint64         `json:"seed"`
	Endpoints []EndpointInfo `json:"endpoints"` // in the file's order
}

// EndpointInfo is one counted name of a scenario.
type EndpointInfo struct {
	Name string `json:"name"`
	// RequestDigest is RequestDigest of its task; empty when unknown.
	RequestDigest string `json:"request_digest"`
	// ShareRatio is its intended share of the requests, 0 to 1; nil when
	// unknown.
	ShareRatio *float64 `json:"share_ratio"`
}

// Subject is what was measured.
type Subject struct {
	Commit string `json:"commit"` // empty when unknown
	Ref    string `json:"ref"`
	Dirty  bool   `json:"dirty"` // uncommitted changes were included
	Label  string `json:"label"` // what a person calls it, e.g. a folder or URL without credentials
	// How the target came up: "start" (started by perfgate for every run),
	// "url" (already running, not restarted) or "" (imported).
	How string `json:"how"`
}

// How a subject was brought up.
const (
	HowStart = "start"
	HowURL   = "url"
)

// A Side of a session.
type Side string

// The sides. SideNone marks a session of one side (perfgate run).
const (
	SideBaseline  Side = "baseline"
	SideCandidate Side = "candidate"
	SideNone      Side = ""
)

// Session is one call that measured.
type Session struct {
	ID string `json:"id"` // unique; empty for imported files
	// Design is DesignPaired, DesignBlocks (one side after the other), or
	// empty for a session of one side.
	Design  Design `json:"design"`
	Side    Side   `json:"side"`
	Partner string `json:"partner"` // "<id>/<other side>", empty without
	JobID   string `json:"job_id"`  // the CI job, "github:981/3"; empty on a laptop
	// MachineID is equal for two sessions on the same boot of the same
	// machine; empty when unknown.
	MachineID string `json:"machine_id"`
	Started   string `json:"started"` // RFC 3339, UTC; empty when unknown
	Ended     string `json:"ended"`   // likewise
	Seed      uint64 `json:"seed"`
	// Looks are the planned numbers of pairs after which the session is
	// judged, ascending; empty outside paired sessions.
	Looks []int `json:"looks"`
	// Stopped is why a session ended before its last planned run without a
	// verdict: StoppedBudget, StoppedInvalid, StoppedInterrupted,
	// StoppedTargetDied or StoppedSetUp; empty when it did not.
	Stopped string `json:"stopped,omitempty"`
	// AA: both sides of the session are known to be the same program.
	AA bool `json:"aa,omitempty"`
	// FirstVerdict is that of the first look which decided, of a paired session
	// that went on all the same, to learn from: a check would have ended with
	// it. Empty: no earlier look decided, or the session ended there.
	FirstVerdict Verdict `json:"first_verdict,omitempty"`
}

// Why a session ended early.
const (
	StoppedBudget      = "budget"
	StoppedInvalid     = "invalid"
	StoppedInterrupted = "interrupted"
	StoppedTargetDied  = "target_died"
	StoppedSetUp       = "set_up" // the second of two blocks could not be prepared or brought up
)

// Environment is where a side was measured.
type Environment struct {
	// ClassDigest is EnvironmentClass.Digest; empty when unknown.
	ClassDigest string           `json:"class_digest"`
	Class       EnvironmentClass `json:"class"`
	// Recorded facts: a difference is a warning, never a refusal.
	Recorded map[string]string `json:"recorded"`
}

// EnvironmentClass holds the facts that must be equal for two sessions to be
// compared.
type EnvironmentClass struct {
	OS        string            `json:"os"`
	Arch      string            `json:"arch"`
	CPUModel  string            `json:"cpu_model"`
	CPUs      int               `json:"cpus"`       // usable ones
	MemoryGiB int               `json:"memory_gib"` // rounded to a power of two
	Virtual   *bool             `json:"virtual"`    // nil when unknown
	User      map[string]string `json:"user"`       // target.env of the scenario
}

// A Warning is something a reader should know that decides nothing.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
	// Run is the id of the run concerned; nil for the whole.
	Run *string `json:"run"`
}
