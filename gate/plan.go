package gate

import (
	"fmt"
	"math"
	"time"

	"github.com/perfgate/perfgate/gate/stats"
)

const (
	// shortestRun and longestRun bound the measured time of a run once it is
	// computed from learned noise (docs/method.md 0.10).
	shortestRun = 8 * time.Second
	longestRun  = 30 * time.Second
	// sequentialFrom is the number of pairs from which a session is judged
	// more than once; below it there is one look at what there is.
	sequentialFrom = 4
	// plannedPrimary is the usual number of primary rows: overall p50 and
	// p95, error_rate, and delivered or throughput (docs/method.md 0.3).
	plannedPrimary = 4
)

// PlanInput is what is known of a paired session before its first pair.
type PlanInput struct {
	// Startup is what a run costs besides its measured time, mean over the
	// arms: start-up, warm-up and taking down, as the burn-in runs showed.
	Startup time.Duration
	Left    time.Duration // of the budget
	// MaxPairs is the most pairs to make; 0: DefaultMaxPairs.
	MaxPairs int
	// Arms is the number of sides that each pair measures; 0: 2. More than
	// one candidate shares the baseline's run.
	Arms int
	// Duration fixes the measured time of a run; 0: by Learned.
	Duration time.Duration
	// Pairs fixes the number of pairs, whatever time they take, with one look
	// after the last; 0: as many as MaxPairs and Left allow.
	Pairs int
	// Learned is the noise that former sessions showed; the zero value:
	// nothing is learned.
	Learned LearnedNoise
	// NotRestarted: a target is a URL, so that its runs share one process.
	NotRestarted bool
	// Policy says from which change on the overall p95 matters.
	Policy Policy
}

// LearnedNoise is what former sessions of a scenario showed of the p95 of its
// median endpoint, on the log scale (docs/method.md 0.9, 0.10).
type LearnedNoise struct {
	Between   float64       // standard deviation from run to run
	WithinSE  float64       // within-run standard error of runs of RunLength
	RunLength time.Duration // their measured time
	// Overall is Between of the overall p95 (of the endpoint's where there is
	// one only), OverallWithinSE its WithinSE, and OverallObserved what both
	// came to. 0: not learned.
	Overall, OverallWithinSE, OverallObserved float64
}

// A Plan is how a paired session will be made, at most: it ends at the first
// look that decides.
type Plan struct {
	Pairs int
	// Blocks is the number of runs of each side, where one side is measured
	// after the other; there are no pairs and looks then. 0: in turns.
	Blocks int
	// Looks are the numbers of pairs after which the session is judged,
	// ascending; the last is Pairs.
	Looks    []int
	Duration time.Duration // measured, of one run
	Startup  time.Duration // as in PlanInput
	Arms     int
	Takes    time.Duration // all pairs together
	Left     time.Duration // of the budget, before the first pair
	// SeesRatio is the change of the overall p95 that the last look finds
	// with 80 % power under the learned noise, else the declared one, 0.11;
	// never below the threshold.
	SeesRatio float64
	fixed     bool   // PlanInput.Pairs
	blind     string // see Blind
}

// NewPlan plans a session by docs/method.md 0.10: as many pairs as the budget
// allows, since start-up costs more evidence than short runs do. From four
// pairs on an odd last one is not planned; fewer get one look at what there
// is. Where not even one pair fits one is planned all the same, and
// OverBudget says so: a verdict from too little is better than none.
func NewPlan(in PlanInput) Plan {
	p := Plan{Duration: in.duration(), Startup: in.Startup, Arms: in.Arms, Left: in.Left, fixed: in.Pairs > 0}
	if p.Arms == 0 {
		p.Arms = 2
	}
	if p.fixed {
		p.Pairs, p.Looks = in.Pairs, []int{in.Pairs}
	} else {
		p.Pairs = in.affordable(p.PairTakes())
		p.Looks = Looks(p.Pairs)
	}
	p.Takes = time.Duration(p.Pairs) * p.PairTakes()
	p.SeesRatio = p.sees(in)
	p.blind = p.blindness(in)
	return p
}

// NewBlocksPlan plans a session that measures one side after the other, for
// targets that are deployed in place: runs of each side, fewer when they do not
// fit the budget, but at least two, since one run cannot be told from noise. No
// number of runs makes up for what blocks differ by (docs/method.md 0.6), so
// that there is no more to plan. MaxPairs, Arms and Pairs of the input are not
// used, and Learned only sets the length of a run.
func NewBlocksPlan(in PlanInput, runs int) Plan {
	p := Plan{Duration: in.duration(), Startup: in.Startup, Arms: 2, Left: in.Left}
	p.Blocks = max(2, min(runs, int(in.Left/p.PairTakes())))
	p.Takes = time.Duration(p.Blocks) * p.PairTakes()
	n := float64(p.Blocks)
	se := math.Sqrt(2*declaredNoise*declaredNoise/n + 2*jobNoiseSame*jobNoiseSame)
	worse := in.Policy.limitOf(MetricP95, nil).worse
	p.SeesRatio = math.Max(worse, stats.MDE(se, declaredDF+2*n-2, fixedLevel/(2*plannedPrimary)))
	p.blind = p.blindness(in)
	return p
}

// duration is the measured time of one run.
func (in PlanInput) duration() time.Duration {
	l := in.Learned
	switch {
	case in.Duration > 0:
		return in.Duration
	case !(l.Between > 0) || !(l.WithinSE > 0) || l.RunLength <= 0:
		return DefaultDuration
	}
	// The two-level rule of Kalibera and Jones (docs/method.md 2.6):
	// T = sqrt(c·sigma_w²/sigma_R²) with sigma_w² = SE_w²·T_0, the variance of
	// one second. c 15 s, SE_w 2 % in runs of 60 s, sigma_R 3 %: 20 s.
	perSecond := l.WithinSE * l.WithinSE * l.RunLength.Seconds()
	seconds := math.Sqrt(in.Startup.Seconds()*perSecond) / l.Between
	return time.Duration(min(max(seconds, shortestRun.Seconds()), longestRun.Seconds()) * float64(time.Second))
}

// affordable is the number of pairs to plan when each takes so long.
func (in PlanInput) affordable(pair time.Duration) int {
	most := in.MaxPairs
	if most == 0 {
		most = DefaultMaxPairs
	}
	n := max(1, min(most, int(in.Left/pair)))
	if n >= sequentialFrom {
		n -= n % 2
	}
	return n
}

// PairTakes is the expected time of one pair: one run of each arm.
func (p Plan) PairTakes() time.Duration {
	return time.Duration(p.Arms) * (p.Startup + p.Duration)
}

// OverBudget reports whether the planned pairs take longer than what was left
// of the budget.
func (p Plan) OverBudget() bool { return p.Takes > p.Left }

// sees is the smallest change of the overall p95 that the session may call a
// regression and finds at its last look.
func (p Plan) sees(in PlanInput) float64 {
	return math.Max(in.Policy.limitOf(MetricP95, nil).worse, p.mde(in))
}

// mde is the smallest change of the overall p95 that the last look tells from
// noise: with the learned one, or the declared one of docs/method.md 0.2 while
// that of this machine is not known, and at the level of one of the primary
// rows.
func (p Plan) mde(in PlanInput) float64 {
	noise := in.Learned.overall(p.Duration)
	if in.NotRestarted {
		noise.Process = processNoise
	}
	looks := len(p.Looks)
	level := lookLevel(looks, looks) / (2 * plannedPrimary)
	return noise.MDE(p.Pairs, level)
}

// String is the plan in a line: "plan: up to 10 pairs of 2 × (3 s + 10 s),
// about 4 min; can see +11 % on overall p95".
func (p Plan) String() string {
	if p.Blocks > 0 {
		return p.blocksText()
	}
	upTo, note := "", ""
	switch {
	case len(p.Looks) > 1:
		upTo = "up to "
	case p.fixed:
	case p.OverBudget():
		note = fmt.Sprintf(", more than the %s that are left of the budget", roughly(max(0, p.Left)))
	case p.Pairs < sequentialFrom:
		note = ", one look only"
	}
	return fmt.Sprintf("plan: %s%d pair%s of %d × (%s + %s), about %s%s; can see +%s on overall p95",
		upTo, p.Pairs, plural(p.Pairs), p.Arms, secondsText(p.Startup), secondsText(p.Duration),
		roughly(p.Takes), note, percentText(p.SeesRatio))
}

// blocksText is "plan: 5 runs of one side, then of the other, 2 × 5 × (3 s +
// 10 s), about 2 min; can see +40 % on overall p95".
func (p Plan) blocksText() string {
	note := ""
	if p.OverBudget() {
		note = fmt.Sprintf(", more than the %s that are left of the budget", roughly(max(0, p.Left)))
	}
	return fmt.Sprintf("plan: %d runs of one side, then of the other, 2 × %d × (%s + %s), about %s%s; can see +%s on overall p95",
		p.Blocks, p.Blocks, secondsText(p.Startup), secondsText(p.Duration), roughly(p.Takes), note, percentText(p.SeesRatio))
}

// secondsText keeps one decimal below 10 s: "3 s", "2.6 s", "13 s".
func secondsText(d time.Duration) string {
	return sensible(math.Round(10*d.Seconds())/10) + " s"
}

// roughly is a length of time as people plan with it: "40 s", "4 min".
func roughly(d time.Duration) string {
	if d < 90*time.Second {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}
