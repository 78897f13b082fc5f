package gate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// What was checked before a number was compared.
const (
	checkedEqual     = "equal"
	checkedDifferent = "different"
	checkedUnknown   = "unknown"
)

// comparability checks load and environment of all results. refusal is the
// reason why the whole cannot be compared, empty when it can.
func comparability(in *Input, m *material, scenarios []matched) (Comparability, string) {
	c := Comparability{Load: checkedUnknown, Environment: checkedUnknown, SameMachine: m.sameMachine,
		EndpointsAdded: []string{}, EndpointsMissing: []string{}, EndpointsChanged: []string{}, RecordedDifferences: []string{}}
	if len(in.Candidate[0].Scenarios) > 0 {
		c.LoadDigest = in.Candidate[0].Scenarios[0].LoadDigest
	}
	if m.name == DesignNone {
		return c, ""
	}
	c.Load = checkedEqual
	refusal := cmp.Or(mixedSources(in), mixedLoads(in.Baseline, "baseline"), mixedLoads(in.Candidate, "candidate"))
	for i := range scenarios {
		state, why := scenarios[i].compareLoad(&c)
		c.Load = worseCheck(c.Load, state)
		refusal = cmp.Or(refusal, why)
	}
	env, why := compareEnvironment(in)
	c.Environment = env
	if !in.AcrossMachines {
		refusal = cmp.Or(refusal, why)
	}
	c.RecordedDifferences = recordedDifferences(in)
	return c, refusal
}

// worseCheck combines two answers: different before unknown before equal.
func worseCheck(a, b string) string {
	if a == checkedDifferent || b == checkedDifferent {
		return checkedDifferent
	}
	if a == checkedUnknown || b == checkedUnknown {
		return checkedUnknown
	}
	return checkedEqual
}

func checked(a, b string) string {
	switch {
	case a == "" || b == "":
		return checkedUnknown
	case a != b:
		return checkedDifferent
	}
	return checkedEqual
}

// compareLoad compares one scenario's load and requests.
func (s *matched) compareLoad(c *Comparability) (state, refusal string) {
	if s.baseline == nil || s.candidate == nil {
		return checkedEqual, "" // its rows are new or missing
	}
	state = checked(s.baseline.LoadDigest, s.candidate.LoadDigest)
	if state == checkedDifferent {
		return state, fmt.Sprintf("the load of %s differs: %s and %s", s.id, describeLoad(s.baseline), describeLoad(s.candidate))
	}
	base, cand := endpointNames(s.baseline, s.base), endpointNames(s.candidate, s.cand)
	shared, changed := 0, 0
	for _, name := range cand {
		switch {
		case !slices.Contains(base, name) || s.onlyNow(name):
			c.EndpointsAdded = append(c.EndpointsAdded, name)
			continue
		case checked(digestOfEndpoint(s.baseline, name), digestOfEndpoint(s.candidate, name)) == checkedDifferent:
			c.EndpointsChanged = append(c.EndpointsChanged, name)
			changed++
		}
		shared++
	}
	for _, name := range base {
		if !slices.Contains(cand, name) {
			c.EndpointsMissing = append(c.EndpointsMissing, name)
		}
	}
	if shared > 0 && changed == shared {
		return checkedDifferent, fmt.Sprintf("every request of %s differs between the sides", s.id)
	}
	if a, b, ok := sharesDiffer(s.baseline, s.candidate); ok {
		return checkedDifferent, fmt.Sprintf("the weights of %s differ: %s and %s", s.id, a, b)
	}
	return state, ""
}

func describeLoad(s *ScenarioInfo) string {
	switch {
	case s.Model == ModelOpen && s.RateRPS != nil:
		return fmt.Sprintf("%s requests/s", number(*s.RateRPS))
	case s.Model == ModelClosed && s.Users != nil:
		return fmt.Sprintf("%d users", *s.Users)
	}
	return "another model"
}

func digestOfEndpoint(s *ScenarioInfo, name string) string {
	for _, e := range s.Endpoints {
		if e.Name == name {
			return e.RequestDigest
		}
	}
	return ""
}

// sharesDiffer compares the mix among the endpoints that both sides have:
// where the sets differ, the shares of the shared ones are scaled to one.
func sharesDiffer(b, c *ScenarioInfo) (base, cand string, differ bool) {
	shares := map[string][2]float64{}
	var sum [2]float64
	for _, e := range b.Endpoints {
		for _, f := range c.Endpoints {
			if e.Name != f.Name || e.ShareRatio == nil || f.ShareRatio == nil {
				continue
			}
			shares[e.Name] = [2]float64{*e.ShareRatio, *f.ShareRatio}
			sum[0] += *e.ShareRatio
			sum[1] += *f.ShareRatio
		}
	}
	const tolerance = 1e-4 // shares are rounded in files
	for _, name := range slices.Sorted(maps.Keys(shares)) {
		s := shares[name]
		x, y := s[0]/sum[0], s[1]/sum[1]
		if x-y > tolerance || y-x > tolerance {
			return fmt.Sprintf("%q %.0f %%", name, 100*x), fmt.Sprintf("%.0f %%", 100*y), true
		}
	}
	return "", "", false
}

// compareEnvironment compares the environment classes of all results.
func compareEnvironment(in *Input) (state, refusal string) {
	state = checkedEqual
	want := in.Candidate[0].Environment
	for _, side := range [][]Result{in.Baseline, in.Candidate} {
		for _, r := range side {
			got := checked(want.ClassDigest, r.Environment.ClassDigest)
			state = worseCheck(state, got)
			if got == checkedDifferent && refusal == "" {
				refusal = "the environments differ: " + classDifference(r.Environment.Class, want.Class)
			}
		}
	}
	return state, refusal
}

// classDifference names the first facts in which two classes differ.
func classDifference(a, b EnvironmentClass) string {
	switch {
	case a.OS != b.OS || a.Arch != b.Arch:
		return fmt.Sprintf("%s/%s and %s/%s", a.OS, a.Arch, b.OS, b.Arch)
	case a.CPUModel != b.CPUModel:
		return fmt.Sprintf("CPU %s and %s", a.CPUModel, b.CPUModel)
	case a.CPUs != b.CPUs:
		return fmt.Sprintf("%d and %d usable CPUs", a.CPUs, b.CPUs)
	case a.MemoryGiB != b.MemoryGiB:
		return fmt.Sprintf("%d and %d GiB of memory", a.MemoryGiB, b.MemoryGiB)
	case !maps.Equal(a.User, b.User):
		return fmt.Sprintf("target.env %v and %v", a.User, b.User)
	}
	return "virtual or not"
}

// mixedSources refuses results of different tools: their percentiles, errors
// and clocks are defined differently.
func mixedSources(in *Input) string {
	b, c := sourceOf(in.Baseline), sourceOf(in.Candidate)
	if b != c {
		return fmt.Sprintf("the files come from different tools: %s and %s", b, c)
	}
	return ""
}

// mixedLoads refuses files of one side that were not measured alike: another
// load, or other requests under the same name.
func mixedLoads(results []Result, side string) string {
	seen := map[string]*ScenarioInfo{}
	for i := range results {
		for j := range results[i].Scenarios {
			s := &results[i].Scenarios[j]
			other, ok := seen[s.ID]
			if !ok {
				seen[s.ID] = s
				continue
			}
			if checked(other.LoadDigest, s.LoadDigest) == checkedDifferent || other.Model != s.Model {
				return fmt.Sprintf("the files of the %s were measured under different loads: %s and %s", side, describeLoad(other), describeLoad(s))
			}
			for _, e := range s.Endpoints {
				if checked(digestOfEndpoint(other, e.Name), e.RequestDigest) == checkedDifferent {
					return fmt.Sprintf("the files of the %s were asked different things as %q", side, e.Name)
				}
			}
		}
	}
	return ""
}

// sourceOf names the tool and format of a side, of all its files.
func sourceOf(results []Result) string {
	names := map[string]bool{}
	for _, r := range results {
		names[r.source()] = true
	}
	out := ""
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if out != "" {
			out += " + "
		}
		out += name
	}
	return out
}

func (r Result) source() string {
	if r.Tool.ImportedFrom != nil {
		return *r.Tool.ImportedFrom
	}
	return r.Tool.Name
}

// recordedDifferences lists recorded facts of the candidate in which a
// baseline result differs; each is a warning and no more.
func recordedDifferences(in *Input) []string {
	want := in.Candidate[0].Environment.Recorded
	differ := map[string]bool{}
	for _, r := range in.Baseline {
		for key, value := range r.Environment.Recorded {
			if other, ok := want[key]; ok && other != value {
				differ[fmt.Sprintf("%s: %s and %s", key, value, other)] = true
			}
		}
	}
	return append([]string{}, slices.Sorted(maps.Keys(differ))...)
}
