package gate

import (
	"slices"
)

// A matched scenario is one scenario of both sides with the runs that count.
type matched struct {
	id        string // of the candidate; of the baseline where only it has one
	baseline  *ScenarioInfo
	candidate *ScenarioInfo
	base      []countedRun // paired: in the order of pairs, as long as cand
	cand      []countedRun
}

// A countedRun is one run that counts, with its latencies decoded once.
type countedRun struct {
	run       *Run
	job       int // index of its result on its side
	sources   map[string]latencySource
	endpoints map[string]*EndpointRun
}

// alignScenarios pairs the scenarios of both sides by id, in the candidate's
// order; where each side has exactly one, they are paired whatever they are
// called: the load digest says whether they are the same.
func alignScenarios(in *Input, m *material) []matched {
	base, cand := scenarioInfos(in.Baseline), scenarioInfos(in.Candidate)
	var out []matched
	used := map[string]bool{}
	for _, c := range cand {
		s := matched{id: c.ID, candidate: c}
		if b := findScenario(base, c.ID, len(cand) == 1); b != nil {
			s.baseline, used[b.ID] = b, true
		}
		out = append(out, s)
	}
	for _, b := range base {
		if !used[b.ID] {
			out = append(out, matched{id: b.ID, baseline: b})
		}
	}
	for i := range out {
		out[i].takeRuns(in, m)
	}
	return out
}

func scenarioInfos(results []Result) []*ScenarioInfo {
	var out []*ScenarioInfo
	for i := range results {
		for j := range results[i].Scenarios {
			s := &results[i].Scenarios[j]
			if findScenario(out, s.ID, false) == nil {
				out = append(out, s)
			}
		}
	}
	return out
}

func findScenario(in []*ScenarioInfo, id string, only bool) *ScenarioInfo {
	for _, s := range in {
		if s.ID == id {
			return s
		}
	}
	if only && len(in) == 1 {
		return in[0]
	}
	return nil
}

func (s *matched) takeRuns(in *Input, m *material) {
	if s.baseline != nil {
		s.base = counted(in.Baseline, s.baseline.ID)
	}
	if s.candidate != nil {
		s.cand = counted(in.Candidate, s.candidate.ID)
	}
	if m.name == DesignPaired {
		s.keepWholePairs()
	}
}

func counted(results []Result, scenario string) []countedRun {
	var out []countedRun
	for job := range results {
		for i := range results[job].Runs {
			run := &results[job].Runs[i]
			if run.Status == RunOK && run.Scenario == scenario {
				out = append(out, newCountedRun(run, job))
			}
		}
	}
	return out
}

func newCountedRun(run *Run, job int) countedRun {
	c := countedRun{run: run, job: job, sources: map[string]latencySource{}, endpoints: map[string]*EndpointRun{}}
	for i := range run.Endpoints {
		e := &run.Endpoints[i]
		c.endpoints[e.Name] = e
		c.sources[e.Name] = e.source()
	}
	return c
}

// keepWholePairs drops runs whose partner does not count, and orders both
// sides by pair.
func (s *matched) keepWholePairs() {
	byPair := map[int]countedRun{}
	for _, c := range s.cand {
		byPair[c.run.Pair] = c
	}
	slices.SortFunc(s.base, func(a, b countedRun) int { return a.run.Pair - b.run.Pair })
	var base, cand []countedRun
	for _, b := range s.base {
		if c, ok := byPair[b.run.Pair]; ok {
			base, cand = append(base, b), append(cand, c)
		}
	}
	s.base, s.cand = base, cand
}

// notFound are the statuses with which a service says that it has no such
// endpoint.
var notFound = map[int]bool{404: true, 405: true, 501: true}

// onlyNow reports whether an endpoint came with the candidate: it answers there,
// and the baseline's service does not have it. One that nobody has is no new
// endpoint but a mistake in the scenario.
func (s *matched) onlyNow(endpoint string) bool {
	answers := slices.ContainsFunc(s.cand, func(r countedRun) bool { return r.endpoints[endpoint] != nil && r.endpoints[endpoint].OK > 0 })
	return answers && unsupported(s.base, endpoint)
}

// unsupported reports whether a side's service does not have an endpoint: no
// success, and nothing but 404, 405 and 501.
func unsupported(runs []countedRun, endpoint string) bool {
	answers := int64(0)
	for _, r := range runs {
		e := r.endpoints[endpoint]
		if e == nil {
			continue
		}
		if e.OK > 0 {
			return false
		}
		for _, f := range e.Failures {
			if f.Kind != FailStatus || f.Code == nil || !notFound[*f.Code] {
				return false
			}
		}
		answers += e.Requests
	}
	return answers > 0
}

// endpointNames returns the endpoints of a scenario in its order, those that
// only its runs name (imported files) behind them, sorted.
func endpointNames(s *ScenarioInfo, runs []countedRun) []string {
	var names []string
	seen := map[string]bool{}
	for _, e := range s.Endpoints {
		names, seen[e.Name] = append(names, e.Name), true
	}
	var extra []string
	for _, r := range runs {
		for name := range r.endpoints {
			if !seen[name] {
				extra, seen[name] = append(extra, name), true
			}
		}
	}
	slices.Sort(extra)
	return append(names, extra...)
}
