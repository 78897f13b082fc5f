package gate

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/perfgate/perfgate/gate/hist"
)

// MaxName bounds the length in bytes of names in a result, so that a hostile
// file cannot flood a view.
const MaxName = 1024

// Validate reports the first thing in a result that cannot be true: counts
// that do not add up, negative or absurd numbers, a histogram that does not
// decode, a run of an unknown scenario. The error begins with the field.
func (r Result) Validate() error {
	if len(r.Scenarios) == 0 {
		return errors.New("scenarios: is empty")
	}
	known := map[string]map[string]bool{}
	for i, s := range r.Scenarios {
		names, err := s.validate(known)
		if err != nil {
			return fmt.Errorf("scenarios[%d]%w", i, err)
		}
		known[s.ID] = names
	}
	ids := map[string]bool{}
	for i, run := range r.Runs {
		if ids[run.ID] {
			return fmt.Errorf("runs[%d].id: %q stands twice", i, run.ID)
		}
		ids[run.ID] = true
		names, ok := known[run.Scenario]
		if !ok {
			return fmt.Errorf("runs[%d].scenario: no scenario %q in this file", i, run.Scenario)
		}
		if err := run.validate(names); err != nil {
			return fmt.Errorf("runs[%d]%w", i, err)
		}
	}
	if err := r.Policy.validate(); err != nil {
		return fmt.Errorf("policy%w", err)
	}
	if err := r.Noise.validate(); err != nil {
		return fmt.Errorf("noise%w", err)
	}
	if err := r.Record.validate(); err != nil {
		return fmt.Errorf("record%w", err)
	}
	if want := r.Environment.Class.Digest(); want != "" && r.Environment.ClassDigest != want {
		return errors.New("environment.class_digest: is not that of the class")
	}
	return r.validateSession()
}

func (s ScenarioInfo) validate(seen map[string]map[string]bool) (map[string]bool, error) {
	switch {
	case s.ID == "" || len(s.ID) > MaxName:
		return nil, errors.New(".id: is empty or too long")
	case seen[s.ID] != nil:
		return nil, fmt.Errorf(".id: %q stands twice", s.ID)
	case s.Model != ModelOpen && s.Model != ModelClosed && s.Model != "":
		return nil, fmt.Errorf(".model: is %q, want %q, %q or empty", s.Model, ModelOpen, ModelClosed)
	}
	names := map[string]bool{}
	for i, e := range s.Endpoints {
		switch {
		case e.Name == "" || len(e.Name) > MaxName:
			return nil, fmt.Errorf(".endpoints[%d].name: is empty or too long", i)
		case names[e.Name]:
			return nil, fmt.Errorf(".endpoints[%d].name: %q stands twice", i, e.Name)
		case e.ShareRatio != nil && !(*e.ShareRatio >= 0 && *e.ShareRatio <= 1):
			return nil, fmt.Errorf(".endpoints[%d].share_ratio: %v is no share", i, *e.ShareRatio)
		}
		names[e.Name] = true
	}
	return names, nil
}

func (r Result) validateSession() error {
	s := r.Session
	switch s.Design {
	case "", DesignPaired, DesignBlocks:
	default:
		return fmt.Errorf("session.design: is %q, want %q, %q or empty", s.Design, DesignPaired, DesignBlocks)
	}
	if s.FirstVerdict != "" && !s.FirstVerdict.decided() && s.FirstVerdict != VerdictInvalid && s.FirstVerdict != VerdictInconclusive {
		return fmt.Errorf("session.first_verdict: no look decides %q", s.FirstVerdict)
	}
	for i, look := range s.Looks {
		if look < 1 || i > 0 && look <= s.Looks[i-1] {
			return fmt.Errorf("session.looks[%d]: %d does not ascend", i, look)
		}
	}
	if s.Design != DesignPaired {
		return nil
	}
	unplanned := s.Stopped != "" && len(r.Runs) == 0
	if s.ID == "" || len(s.Looks) == 0 && !unplanned || s.Side == SideNone {
		return errors.New("session: a paired session needs id, side and looks")
	}
	return r.validatePairs()
}

// validatePairs refuses a pair that counts twice: it would weigh double.
func (r Result) validatePairs() error {
	counted := map[string]bool{}
	for i, run := range r.Runs {
		if run.Status != RunOK && run.Status != RunTargetDied {
			continue
		}
		key := run.Scenario + "\x00" + strconv.Itoa(run.Pair)
		if run.Pair < 1 || run.Status == RunOK && counted[key] {
			return fmt.Errorf("runs[%d].pair: %d is no pair number, or has two runs that count", i, run.Pair)
		}
		counted[key] = counted[key] || run.Status == RunOK
	}
	return nil
}

func (r Run) validate(endpoints map[string]bool) error {
	switch r.Status {
	case RunOK, RunInvalid, RunSuperseded, RunTargetDied, RunInterrupted:
	default:
		return fmt.Errorf(".status: %q is unknown", r.Status)
	}
	if !amount(r.WarmupS) || !amount(r.MeasuredS) || r.Status == RunOK && r.MeasuredS == 0 {
		return errors.New(".measured_s: is not a length of time")
	}
	if err := r.Load.validate(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, e := range r.Endpoints {
		if !endpoints[e.Name] || seen[e.Name] {
			return fmt.Errorf(".endpoints[%d].name: %q is not in its scenario, or stands twice", i, e.Name)
		}
		seen[e.Name] = true
		if err := e.validate(); err != nil {
			return fmt.Errorf(".endpoints[%d]%w", i, err)
		}
	}
	for i, x := range r.Resources {
		if !finite(x.Value) || x.Value < 0 {
			return fmt.Errorf(".resources[%d].value: %v is not an amount", i, x.Value)
		}
	}
	return r.Windows.validate()
}

func (l RunLoad) validate() error {
	if l.Sent < 0 || l.Intended != nil && *l.Intended < 0 || l.Undelivered != nil && *l.Undelivered < 0 {
		return errors.New(".load: a count is negative")
	}
	if l.Undelivered != nil && (l.Intended == nil || *l.Undelivered > *l.Intended) {
		return errors.New(".load.undelivered: is more than intended")
	}
	return nil
}

func (w *Windows) validate() error {
	if w == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(w.Endpoints)) {
		e := w.Endpoints[name]
		n := len(e.Requests)
		if len(e.Failed) != n || len(e.P50MS) != n || len(e.P95MS) != n || len(e.MaxMS) != n {
			return fmt.Errorf(".windows.endpoints[%q]: its lists differ in length", name)
		}
	}
	if !amount(w.LengthS) {
		return errors.New(".windows.length_s: is not a length of time")
	}
	return nil
}

func (e EndpointRun) validate() error {
	if e.Requests < 0 || e.OK < 0 || e.OK > e.Requests {
		return fmt.Errorf(".ok: %d of %d requests", e.OK, e.Requests)
	}
	failed := int64(0)
	for i, f := range e.Failures {
		if f.Count < 0 || f.Count > e.Requests {
			return fmt.Errorf(".failures[%d].count: %d of %d requests", i, f.Count, e.Requests)
		}
		failed += f.Count
	}
	if failed != e.Requests-e.OK {
		return fmt.Errorf(".failures: add up to %d, but %d of %d requests were not ok", failed, e.Requests-e.OK, e.Requests)
	}
	for i, l := range e.Latency {
		if err := l.validate(); err != nil {
			return fmt.Errorf(".latency[%d]%w", i, err)
		}
		if l.Population == PopulationOK && l.Count > e.OK {
			return fmt.Errorf(".latency[%d].count: %d, but only %d requests were ok", i, l.Count, e.OK)
		}
	}
	return nil
}

func (l Latency) validate() error {
	for _, x := range []struct {
		name  string
		value *float64
	}{{"mean_ms", l.MeanMS}, {"min_ms", l.MinMS}, {"max_ms", l.MaxMS}} {
		if x.value != nil && !amount(*x.value) {
			return fmt.Errorf(".%s: %v is not a length of time", x.name, *x.value)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(l.QuantilesMS)) {
		v := l.QuantilesMS[key]
		level, err := strconv.ParseFloat(key, 64)
		if err != nil || !(level > 0 && level < 1) || QuantileKey(level) != key || !amount(v) {
			return fmt.Errorf(".quantiles_ms[%q]: %v is not a time at a level between 0 and 1", key, v)
		}
	}
	switch l.Precision {
	case PrecisionQuantiles:
		return nil
	case PrecisionHistogram:
		return l.validateHistogram()
	}
	return fmt.Errorf(".precision: is %q, want %q or %q", l.Precision, PrecisionHistogram, PrecisionQuantiles)
}

func (l Latency) validateHistogram() error {
	if l.HDR == nil {
		return errors.New(".hdr_us: is missing")
	}
	h, err := hist.Decode(*l.HDR)
	if err != nil {
		return fmt.Errorf(".hdr_us: %w", err)
	}
	if h.Count() != l.Count {
		return fmt.Errorf(".hdr_us: holds %d values, count says %d", h.Count(), l.Count)
	}
	return nil
}

// amount reports whether f is finite and not negative.
func amount(f float64) bool { return f >= 0 && f <= math.MaxFloat64 }
