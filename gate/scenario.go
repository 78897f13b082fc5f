package gate

import "time"

// Defaults of numbers, here and nowhere else. The reason of each stands in
// docs/scenario.md.
const (
	DefaultRuns         = 5
	DefaultWarmup       = 2 * time.Second
	DefaultDuration     = 10 * time.Second
	DefaultTimeout      = 10 * time.Second
	DefaultMaxInFlight  = 1000
	DefaultSeed         = 1
	DefaultBudget       = 8 * time.Minute
	DefaultMaxPairs     = 16
	DefaultReadyTimeout = 30 * time.Second
	DefaultReadyStatus  = 200
	DefaultKeep         = 100
	DefaultMaxAge       = 30 * 24 * time.Hour
	DefaultStore        = "dir:.perfgate"
	DefaultBranch       = "main"
)

// A Scenario is everything that perfgate.yml says, with every default filled
// in.
type Scenario struct {
	Name string
	// Source is the file as messages name it ("perfgate.yml").
	Source string
	Target Target
	Load   Load
	Tasks  []Task // at least one
	// Paths are globs of files whose change can matter; empty: all.
	Paths    []string
	Check    Check
	Policy   Policy
	Baseline Baseline
}

// A Target is the service under test: started by perfgate (Start), or already
// running (URL). Exactly one of the two is set. Commands are shell lines.
type Target struct {
	URL   string // http or https, without a trailing slash
	Build string // once a side
	// Artifacts are what the service runs from after Build: files or folders,
	// or "image:NAME" of a container image; empty: not known.
	Artifacts []string
	Prepare   string // once a side, before its first start
	Reset     string // before every run, outside the clock
	Start     string
	Stop      string // for a Start that returns at once; always run at the end
	Ready     Ready
	// Env is given to every command and is part of the environment class.
	Env map[string]string
}

// Ready says when a target may get load.
type Ready struct {
	// Path to ask for; empty: "/" of a started target, and of a URL any
	// answer will do.
	Path    string
	Status  int // DefaultReadyStatus
	Timeout time.Duration
	// Version refuses a target that does not name the commit under test;
	// nil: not checked.
	Version *ReadyVersion
}

// ReadyVersion is where the target says which commit it is.
type ReadyVersion struct {
	Path string
	JSON string // the key that holds the commit
}

// A Model is how load is offered.
type Model string

// The open model sends at a given rate whatever the service does; the closed
// model has users who wait for their answer.
const (
	ModelOpen   Model = "open"
	ModelClosed Model = "closed"
)

// Arrivals is the schedule of the open model.
type Arrivals string

// Constant arrivals are evenly spaced, Poisson ones exponential from the seed.
const (
	ArrivalsConstant Arrivals = "constant"
	ArrivalsPoisson  Arrivals = "poisson"
)

// Load is how requests are offered.
type Load struct {
	Model    Model
	Rate     float64  // open: requests a second
	Arrivals Arrivals // open
	// MaxInFlight: a request due over this is undelivered. Open model.
	MaxInFlight int
	Users       int     // closed
	SpawnRate   float64 // closed: users a second; 0: all at once
	Wait        Wait    // closed: pause of a user after an answer
	// Connections caps open connections; 0: as many as needed.
	Connections int
	Warmup      time.Duration // at least; 0: none
	Duration    time.Duration // measured, of one run
	Runs        int
	Seed        uint64
	Timeout     time.Duration // of one request
}

// Wait is a user's pause, uniform between Min and Max. The zero value is no
// wait.
type Wait struct{ Min, Max time.Duration }

// A Task is one weighted request of a scenario and the name under which it is
// counted.
type Task struct {
	Name    string // the endpoint, "POST /inference [small]"
	Weight  int    // at least 1
	Request Request
	Expect  Expect
	Line    int // in the scenario file, for messages; 0: unknown
}

// A Request is what is sent.
type Request struct {
	Method  string
	Path    string            // starts with "/", may hold a query
	Headers map[string]Secret // canonical names
	Body    []byte            // nil: none
}

// Expect is what counts as a success.
type Expect struct {
	// Status lists the accepted codes; empty: 200 to 399.
	Status []int
	JSON   bool   // the body must be valid JSON
	Body   string // the body must contain this; empty: anything
}

// Check is how a session of two sides is made.
type Check struct {
	Design   Design // DesignPaired, DesignHistory, or empty: choose
	Budget   time.Duration
	MaxPairs int
}

// Baseline is where results are kept.
type Baseline struct {
	Store    string   // location, "dir:.perfgate"
	Branches []string // whose results may be a baseline
	Keep     int      // results per scenario
	MaxAge   time.Duration
}

// A Secret is text that must not be shown: it prints as ***, in every format,
// and never encodes.
type Secret string

// String hides the value.
func (Secret) String() string { return "***" }

// GoString hides the value.
func (Secret) GoString() string { return "***" }

// MarshalText hides the value.
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Reveal returns the value, to be put on the wire and nowhere else.
func (s Secret) Reveal() string { return string(s) }
