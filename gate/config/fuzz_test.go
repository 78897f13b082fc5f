package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/perfgate/perfgate/gate"
)

func FuzzParse(f *testing.F) {
	for _, dir := range []string{"ok/*.yml", "err/*.yml"} {
		for _, file := range files(f, dir) {
			f.Add(read(f, file))
		}
	}
	f.Add(Example())
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(data, Options{Env: env})
		if err != nil {
			told(t, data, err)
			return
		}
		if err := sound(s); err != nil {
			t.Error(err)
		}
	})
}

func FuzzParseWaivers(f *testing.F) {
	for _, dir := range []string{"ok/accept*.yml", "err/accept*.yml"} {
		for _, file := range files(f, dir) {
			f.Add(read(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		waivers, err := ParseWaivers(data, "")
		if err != nil {
			told(t, data, err)
			return
		}
		for _, w := range waivers.Items {
			if err := soundWaiver(w); err != nil {
				t.Error(err)
			}
			back, err := ParseWaivers([]byte(WaiverYAML(w)), "")
			if err != nil || len(back.Items) != 1 {
				t.Errorf("%+v does not come back: %v", w, err)
				continue
			}
			back.Items[0].Line = w.Line
			if back.Items[0] != w {
				t.Errorf("%+v comes back as %+v", w, back.Items[0])
			}
		}
	})
}

// told asserts that an error has places and one line for each problem.
func told(t *testing.T, data []byte, err error) {
	t.Helper()
	var problems Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("error is %T %v", err, err)
	}
	// YAML knows "\r" as a line break too.
	lines := 1 + strings.Count(string(data), "\n") + strings.Count(string(data), "\r")
	for _, p := range problems {
		if p.Line < 1 || p.Line > lines {
			t.Errorf("line %d of %d: %v", p.Line, lines, p)
		}
		if strings.IndexFunc(p.String(), unicode.IsControl) >= 0 {
			t.Errorf("control character in %q", p.String())
		}
	}
}

// sound says how a scenario breaks what the packages above rely on.
func sound(s gate.Scenario) error {
	l := s.Load
	open := l.Model == gate.ModelOpen && l.Rate > 0 && l.Rate <= 1e6 && l.Users == 0 && l.Arrivals != "" && l.MaxInFlight > 0 && l.Wait == gate.Wait{} && l.SpawnRate == 0
	closed := l.Model == gate.ModelClosed && l.Users > 0 && l.Rate == 0 && l.Arrivals == "" && l.MaxInFlight == 0 && l.Wait.Min >= 0 && l.Wait.Min <= l.Wait.Max
	switch {
	case s.Name == "" || s.Source == "":
		return errors.New("no name or source")
	case (s.Target.URL == "") == (s.Target.Start == ""):
		return errors.New("not one of url and start")
	case s.Target.Ready.Path != "" && s.Target.Ready.Path[0] != '/' || s.Target.Ready.Status < 100 || s.Target.Ready.Timeout <= 0:
		return fmt.Errorf("ready %+v", s.Target.Ready)
	case !open && !closed:
		return fmt.Errorf("load %+v", l)
	case l.Duration < 100*time.Millisecond || l.Warmup < 0 || l.Timeout <= 0 || l.Runs < 1:
		return fmt.Errorf("load %+v", l)
	case len(s.Tasks) == 0 || s.Check.Budget < 10*time.Second || s.Check.MaxPairs < 1:
		return fmt.Errorf("tasks %d, check %+v", len(s.Tasks), s.Check)
	case s.Baseline.Store == "" || len(s.Baseline.Branches) == 0 || s.Baseline.Keep < 1 || s.Baseline.MaxAge <= 0:
		return fmt.Errorf("baseline %+v", s.Baseline)
	}
	if err := soundTasks(s.Tasks); err != nil {
		return err
	}
	return soundPolicy(s.Policy)
}

func soundTasks(tasks []gate.Task) error {
	seen := map[string]bool{}
	for _, t := range tasks {
		if t.Name == "" || seen[t.Name] || t.Weight < 1 || t.Line < 1 {
			return fmt.Errorf("task %+v", t)
		}
		seen[t.Name] = true
		if t.Request.Method == "" || t.Request.Path == "" || t.Request.Path[0] != '/' || strings.ContainsAny(t.Request.Path, " \r\n") {
			return fmt.Errorf("request %+v", t.Request)
		}
		for name, value := range t.Request.Headers {
			if name == "" || strings.ContainsAny(name+value.Reveal(), "\r\n") {
				return fmt.Errorf("header %q", name)
			}
			if name == "Content-Type" && value == "application/json" && t.Request.Body != nil && !json.Valid(t.Request.Body) && t.Request.Body[0] == '{' {
				return fmt.Errorf("body %q", t.Request.Body)
			}
		}
	}
	return nil
}

func soundPolicy(p gate.Policy) error {
	if p.Mode == "" || p.Inconclusive == "" || p.NoBaseline.Action == "" && p.NoBaseline.WarnUntil < 1 {
		return fmt.Errorf("policy %+v", p)
	}
	for _, t := range p.Thresholds {
		for _, n := range []*float64{t.WorseRatio, t.WorseAbs} {
			if n != nil && !(*n > 0 && *n <= 10) {
				return fmt.Errorf("threshold %+v: %g", t, *n)
			}
		}
		if t.Metric == "" || t.Severity == "" || t.Line < 1 || t.WorseRatio != nil && t.WorseAbs != nil {
			return fmt.Errorf("threshold %+v", t)
		}
	}
	for _, o := range p.SLOs {
		if !gate.KnownMetric(o.Metric) || o.Op == "" || o.Severity == "" || o.Line < 1 || o.Limit < 0 || math.IsInf(o.Limit, 0) || math.IsNaN(o.Limit) {
			return fmt.Errorf("slo %+v", o)
		}
	}
	if a := p.Abort; a != nil && !(a.ErrorRate > 0 && a.ErrorRate <= 1 && a.For > 0) {
		return fmt.Errorf("abort %+v", a)
	}
	return nil
}

func soundWaiver(w gate.Waiver) error {
	_, err := time.Parse(time.DateOnly, w.Expires)
	if err != nil || !gate.KnownMetric(w.Metric) || !(w.MaxWorseRatio > 0) || w.MaxWorseRatio > 10 || w.Reason == "" || w.Owner == "" || w.Line < 1 {
		return fmt.Errorf("waiver %+v: %v", w, err)
	}
	return nil
}
