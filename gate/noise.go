package gate

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/perfgate/perfgate/gate/stats"
)

// NoiseSessions is the most former sessions that noise is learned from: the
// newest, since machines and services change (docs/method.md 0.9).
const NoiseSessions = 10

// NoiseOf says whose noise it is: noise is the same only for one scenario under
// one load, on one class of machine, with targets that come up alike.
type NoiseOf struct {
	Scenario    string `json:"scenario"`     // ScenarioInfo.ID
	ClassDigest string `json:"class_digest"` // EnvironmentClass.Digest; empty equals nothing
	LoadDigest  string `json:"load_digest"`  // ScenarioInfo.LoadDigest; empty equals nothing
	// Restarted: both sides were started for each run. Runs of a target that
	// stays up share the luck of one start and vary less.
	Restarted bool `json:"restarted"`
}

// Noise is what former paired sessions showed of the noise of a run. A
// candidate's result carries what it was judged with. Zero Sessions: nothing
// is known.
type Noise struct {
	Of         NoiseOf `json:"of"`
	Sessions   int     `json:"sessions"`    // that it was learned from, at most NoiseSessions
	AASessions int     `json:"aa_sessions"` // of them, sessions of one program against itself
	Pairs      int     `json:"pairs"`       // of all of them
	// RunS is the measured time of a run in them, their median; 0: unknown.
	RunS float64 `json:"run_s"`
	// StartupS is what a run cost besides, their median; 0: unknown.
	StartupS float64 `json:"startup_s"`
	// Rows in the order of the reports that they come from.
	Rows []NoiseRow `json:"rows"`
}

// NoiseRow is the noise of one row, as ratios on the log scale.
type NoiseRow struct {
	Endpoint *string `json:"endpoint"` // nil: the whole
	Metric   string  `json:"metric"`
	Relative bool    `json:"relative"` // of the relative row of the endpoint
	// ObservedRatio is the standard deviation of one run, as measured.
	ObservedRatio float64 `json:"observed_ratio"`
	// WithinRunRatio is the part of it that the number of requests explains
	// (root mean square of the sessions' within-run standard errors).
	WithinRunRatio float64 `json:"within_run_ratio"`
	DF             float64 `json:"df"` // of the data: pairs less sessions
	// LearnedRatio takes the place of the declared noise between runs; nil
	// below 20 degrees of freedom: less teaches luck.
	LearnedRatio *float64 `json:"learned_ratio"`
}

// NoiseOf is what noise must be of to be that of a scenario on a class of
// machine. restarted: both sides are started for each run.
func (s Scenario) NoiseOf(class EnvironmentClass, restarted bool) NoiseOf {
	info := s.Info()
	return NoiseOf{Scenario: info.ID, ClassDigest: class.Digest(), LoadDigest: info.LoadDigest, Restarted: restarted}
}

func noiseKey(metric string, endpoint *string, relative bool) string {
	key := metric
	if relative {
		key = "relative " + key
	}
	if endpoint != nil {
		key += "\x00" + *endpoint
	}
	return key
}

// declaredFor is the noise between runs of a metric until it is learned.
func declaredFor(metric string) float64 {
	if level, ok := LatencyLevel(metric); ok && level >= tailLevel {
		return declaredNoiseTail
	}
	return declaredNoise
}

// usesNoise reports whether the noise that the comparison was given is that of
// a scenario in it. Noise of something else is no evidence.
func (c *Comparison) usesNoise(s *matched) bool {
	n := c.in.Noise
	if n == nil || n.Sessions == 0 || s.candidate == nil || !n.Of.known() {
		return false
	}
	restarted := true
	for _, side := range [][]Result{c.in.Baseline, c.in.Candidate} {
		for _, r := range side {
			restarted = restarted && r.Subject.How == HowStart
		}
	}
	return n.Of == NoiseOf{Scenario: s.candidate.ID, ClassDigest: c.in.Candidate[0].Environment.ClassDigest,
		LoadDigest: s.candidate.LoadDigest, Restarted: restarted}
}

// row finds the noise of a row; nil when there is none, also in a nil n.
func (n *Noise) row(metric string, endpoint *string, relative bool) *NoiseRow {
	if n == nil {
		return nil
	}
	want := noiseKey(metric, endpoint, relative)
	for i := range n.Rows {
		if x := &n.Rows[i]; noiseKey(x.Metric, x.Endpoint, x.Relative) == want {
			return x
		}
	}
	return nil
}

// prior is the learned noise between runs of a row; ok is false when nothing is
// learned of it.
//
// It is bounded on both sides, so that no file and no bad week can make a gate
// trigger-happy or blind: never below 3 %, and never above the noise at which a
// row is not decided at all. What a session itself measures above that still
// widens its own test (docs/method.md 3.1).
func (n *Noise) prior(metric string, endpoint *string, relative bool) (p stats.Prior, ok bool) {
	x := n.row(metric, endpoint, relative)
	if x == nil || x.LearnedRatio == nil {
		return stats.Prior{}, false
	}
	return stats.LearnedPrior(math.Min(*x.LearnedRatio, maxNoise)), true
}

// validate reports the first thing in embedded noise that cannot be true.
func (n *Noise) validate() error {
	if n == nil {
		return nil
	}
	if n.Sessions < 0 || n.Sessions > NoiseSessions || n.AASessions < 0 || n.AASessions > n.Sessions || n.Pairs < 0 || !amount(n.RunS) || !amount(n.StartupS) {
		return errors.New(".sessions or .pairs: is no count, or run_s no length of time")
	}
	seen := map[string]bool{}
	for i, x := range n.Rows {
		key := noiseKey(x.Metric, x.Endpoint, x.Relative)
		switch {
		case !KnownMetric(x.Metric) || x.Endpoint != nil && len(*x.Endpoint) > MaxName:
			return fmt.Errorf(".rows[%d].metric: %q is unknown", i, x.Metric)
		case seen[key]:
			return fmt.Errorf(".rows[%d]: stands twice", i)
		case !amount(x.ObservedRatio) || !amount(x.WithinRunRatio) || !amount(x.DF) || x.LearnedRatio != nil && !amount(*x.LearnedRatio):
			return fmt.Errorf(".rows[%d]: is no noise", i)
		}
		seen[key] = true
	}
	return nil
}

// Learned is what a session is planned with; the zero value when too little is
// known.
func (n Noise) Learned() LearnedNoise {
	l := LearnedNoise{RunLength: time.Duration(n.RunS * float64(time.Second))}
	var between, within []float64
	for _, x := range n.Rows {
		if x.Metric == MetricP95 && x.Endpoint != nil && !x.Relative && x.LearnedRatio != nil {
			between, within = append(between, *x.LearnedRatio), append(within, x.WithinRunRatio)
		}
	}
	if len(between) == 0 {
		return LearnedNoise{}
	}
	l.Between, l.WithinSE = stats.Median(between), stats.Median(within)
	if x := n.overall(MetricP95); x != nil && x.LearnedRatio != nil {
		l.Overall, l.OverallObserved, l.OverallWithinSE = *x.LearnedRatio, x.ObservedRatio, x.WithinRunRatio
	}
	return l
}

// overall finds the noise of the whole at a metric; that of the endpoint where
// there is only one, which has no row of the whole beside it.
func (n *Noise) overall(metric string) *NoiseRow {
	if x := n.row(metric, nil, false); x != nil {
		return x
	}
	var only *NoiseRow
	for i := range n.Rows {
		if x := &n.Rows[i]; x.Metric == metric && !x.Relative {
			if only != nil {
				return nil
			}
			only = x
		}
	}
	return only
}
