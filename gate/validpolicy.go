package gate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// validate reports the first thing in a policy that no scenario file can say.
// An embedded policy comes from a file that anybody may have edited.
func (p *Policy) validate() error {
	if p == nil {
		return nil
	}
	if !oneOf(p.Mode, "", ModeEnforce, ModeObserve) {
		return fmt.Errorf(".mode: %q is unknown", p.Mode)
	}
	if !oneOf(p.Inconclusive, "", ActionWarn, ActionFail) || !oneOf(p.NoBaseline.Action, "", ActionWarn, ActionFail) || p.NoBaseline.WarnUntil < 0 {
		return errors.New(".inconclusive or .no_baseline: is unknown")
	}
	for i, t := range p.Thresholds {
		if err := t.validate(); err != nil {
			return fmt.Errorf(".thresholds[%d]%w", i, err)
		}
	}
	for i, s := range p.SLOs {
		if !KnownMetric(s.Metric) || !oneOf(s.Op, "<", "<=", ">", ">=") || !finite(s.Limit) || !knownSeverity(s.Severity) {
			return fmt.Errorf(".slo[%d]: is no limit: %s %s %v, severity %q", i, s.Metric, s.Op, s.Limit, s.Severity)
		}
	}
	return nil
}

func (t Threshold) validate() error {
	pattern := strings.Contains(t.Metric, "*")
	switch {
	case !pattern && !KnownMetric(t.Metric):
		return fmt.Errorf(".metric: %q is unknown", t.Metric)
	case !knownSeverity(t.Severity):
		return fmt.Errorf(".severity: %q is unknown", t.Severity)
	case !positive(t.WorseRatio) || !positive(t.WorseAbs):
		return errors.New(".worse: is not above zero")
	case t.FloorAbs != nil && !amount(*t.FloorAbs):
		return errors.New(".floor_abs: is not an amount")
	}
	return nil
}

func knownSeverity(s Severity) bool {
	return oneOf(s, "", SeverityBlock, SeverityWarn, SeverityInfo)
}

// positive reports whether an optional number is absent, or finite and above
// zero.
func positive(f *float64) bool { return f == nil || *f > 0 && *f <= math.MaxFloat64 }

func oneOf[T comparable](v T, choices ...T) bool { return slices.Contains(choices, v) }
