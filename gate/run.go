package gate

// A RunStatus says whether a run counts.
type RunStatus string

// The states of a run. Only RunOK counts; the others are kept so that a reader
// sees every attempt.
const (
	RunOK          RunStatus = "ok"
	RunInvalid     RunStatus = "invalid"     // could not be measured, see Reasons
	RunSuperseded  RunStatus = "superseded"  // its pair was repeated because of the other side
	RunTargetDied  RunStatus = "target_died" // the target ended under the load
	RunInterrupted RunStatus = "interrupted" // a signal ended it
)

// A Run is one execution of the load against one freshly prepared target: the
// statistical sample.
type Run struct {
	ID       string `json:"id"`       // "b1", "c1", "r1"; a repetition "c1.2"
	Scenario string `json:"scenario"` // ScenarioInfo.ID
	// Pair is the number of its pair, from 1; 0 outside paired sessions.
	Pair     int `json:"pair"`
	Position int `json:"position"` // 1 or 2: its place inside the pair; 0 outside
	Attempt  int `json:"attempt"`  // from 1
	// Stream is the random stream: run k of both sides uses (seed, k).
	Stream uint64 `json:"stream"`
	// Prepared is "started" (a fresh process), "reset" or "none".
	Prepared  string    `json:"prepared"`
	Start     string    `json:"start"` // RFC 3339, UTC; empty when unknown
	WarmupS   float64   `json:"warmup_s"`
	MeasuredS float64   `json:"measured_s"`
	Status    RunStatus `json:"status"`
	// Reasons are codes for a status other than ok, and flags of an ok run.
	Reasons   []string          `json:"reasons"`
	Load      RunLoad           `json:"load"`
	Generator []GeneratorHealth `json:"generator"` // one entry per shard
	Endpoints []EndpointRun     `json:"endpoints"`
	Windows   *Windows          `json:"windows,omitempty"`
	Resources []Resource        `json:"resources"`
}

// How the target was brought into its state before a run.
const (
	PreparedStarted = "started"
	PreparedReset   = "reset"
	PreparedNone    = "none"
)

// Reasons of runs.
const (
	ReasonLate       = "late"        // our own pacer was late
	ReasonThrottled  = "throttled"   // the generator's CPU quota ran out
	ReasonSteal      = "steal"       // the hypervisor took the CPU away
	ReasonTargetDied = "target_died" // the target ended under the load
	ReasonUnsteady   = "unsteady"    // flag: warm-up did not settle in time
	ReasonAborted    = "aborted"     // gate.abort ended the run early
	ReasonNoRequests = "no_requests" // nothing was sent
	ReasonNotReady   = "not_ready"   // the target did not come up
	ReasonClient     = "client"      // requests failed before they were sent
	ReasonRefused    = "refused"     // nothing listened at the target's address
	ReasonIncomplete = "incomplete"  // cut short
)

// RunLoad is what the generator intended and did.
type RunLoad struct {
	// Intended is the number of requests the schedule held; nil in the
	// closed model and for imported files that do not say.
	Intended *int64 `json:"intended"`
	Sent     int64  `json:"sent"`
	// Undelivered were due on time, but the service held every slot; nil
	// where Intended is.
	Undelivered    *int64   `json:"undelivered"`
	DeliveredRatio *float64 `json:"delivered_ratio"`
}

// GeneratorHealth is how well one shard of the generator did its own work. A
// nil field was not measured on this platform.
type GeneratorHealth struct {
	Shard  int     `json:"shard"`
	Of     int     `json:"of"`
	SkewMS float64 `json:"skew_ms"` // start against the first shard
	// CPURatio is its CPU time over measured time × usable CPUs.
	CPURatio  *float64 `json:"cpu_ratio"`
	LateP50MS *float64 `json:"late_p50_ms"` // actual send minus intended, ours
	LateP95MS *float64 `json:"late_p95_ms"`
	LateP99MS *float64 `json:"late_p99_ms"`
	// LateLimitMS is the lateness at the 95th percentile that makes the run
	// invalid; nil where LateP95MS is, and in older files.
	LateLimitMS  *float64 `json:"late_limit_ms,omitempty"`
	ThrottledS   *float64 `json:"throttled_s"`
	StealRatio   *float64 `json:"steal_ratio"`
	GCPauseMaxMS *float64 `json:"gc_pause_max_ms"`
}

// EndpointRun is what one endpoint answered in one run.
type EndpointRun struct {
	Name     string `json:"name"`
	Requests int64  `json:"requests"` // completed, failures included
	OK       int64  `json:"ok"`
	// Failures by kind and code, sorted by kind, then code.
	Failures []Failure `json:"failures"`
	// Statuses counts HTTP statuses of all answers ("200"); nil when
	// unknown.
	Statuses          map[string]int64 `json:"statuses,omitempty"`
	BytesReceived     *int64           `json:"bytes_received"` // bodies
	BytesSent         *int64           `json:"bytes_sent"`
	ConnectionsOpened *int64           `json:"connections_opened"`
	Latency           []Latency        `json:"latency"`
	PhasesMS          *PhasesMS        `json:"phases_ms,omitempty"`
}

// A FailureKind says how a request failed.
type FailureKind string

// The kinds of failure.
const (
	FailStatus  FailureKind = "status"  // a status that expect does not list
	FailCheck   FailureKind = "check"   // the answer did not pass a check
	FailTimeout FailureKind = "timeout" // no complete answer within the time-out
	FailRefused FailureKind = "refused" // connection refused
	FailReset   FailureKind = "reset"   // connection closed in mid-request
	FailDNS     FailureKind = "dns"
	FailTLS     FailureKind = "tls"
	FailClient  FailureKind = "client" // never left the generator
	FailOther   FailureKind = "other"  // imported: the file does not say
)

// Failure counts failed requests of one kind.
type Failure struct {
	Kind  FailureKind `json:"kind"`
	Code  *int        `json:"code"` // HTTP status of FailStatus, else nil
	Count int64       `json:"count"`
}

// What a Latency is of, and which requests it holds.
const (
	OfResponse = "response" // from the intended start
	OfService  = "service"  // from the actual send

	PopulationOK  = "ok"  // successful requests only
	PopulationAll = "all" // imported: failures are inside

	PrecisionHistogram = "histogram" // hdr_us holds every value
	PrecisionQuantiles = "quantiles" // only quantiles_ms; never interpolated
)

// Latency is the distribution of one endpoint's times in one run.
type Latency struct {
	Of         string   `json:"of"`
	Population string   `json:"population"`
	Count      int64    `json:"count"`
	Precision  string   `json:"precision"`
	MeanMS     *float64 `json:"mean_ms"`
	MinMS      *float64 `json:"min_ms"`
	MaxMS      *float64 `json:"max_ms"`
	// QuantilesMS by level ("0.95"), as QuantileKey writes it.
	QuantilesMS map[string]float64 `json:"quantiles_ms"`
	// HDR is the histogram in µs, V2 compressed base64; nil when the source
	// had only quantiles.
	HDR *string `json:"hdr_us"`
	// Clamped values lay outside 1 µs … 60 s and were recorded at the limit.
	Clamped int64 `json:"clamped,omitempty"`
}

// PhasesMS are mean times of the parts of a request; nil: not measured.
type PhasesMS struct {
	ConnectMean   *float64 `json:"connect_mean"`
	TLSMean       *float64 `json:"tls_mean"`
	FirstByteMean *float64 `json:"first_byte_mean"`
	TransferMean  *float64 `json:"transfer_mean"`
}

// Windows cut a run into fixed parts for display and stationarity. They are
// never replicates.
type Windows struct {
	LengthS   float64                   `json:"length_s"`
	Endpoints map[string]EndpointWindow `json:"endpoints"`
}

// EndpointWindow holds one number per window; all slices are equally long. A
// latency of a window without a success is nil.
type EndpointWindow struct {
	Requests []int64    `json:"requests"`
	Failed   []int64    `json:"failed"`
	P50MS    []*float64 `json:"p50_ms"`
	P95MS    []*float64 `json:"p95_ms"`
	MaxMS    []*float64 `json:"max_ms"`
}

// Resource is something the service used during a run.
type Resource struct {
	Metric string  `json:"metric"` // "cpu_seconds", "rss_max"
	Of     string  `json:"of"`     // "target", "gpu:0"
	Unit   string  `json:"unit"`   // UCUM: "s", "By", "ratio"
	Better string  `json:"better"` // "lower", "higher", "" (neither)
	Kind   string  `json:"kind"`   // "total", "max", "mean"
	Value  float64 `json:"value"`
	Per    string  `json:"per"`    // "run"
	Source string  `json:"source"` // "rusage", "proc", "prometheus"
}
