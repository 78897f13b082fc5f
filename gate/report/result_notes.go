package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/stats"
)

// loadText says how requests were offered.
func loadText(s gate.ScenarioInfo) string {
	var text string
	switch {
	case s.Model == gate.ModelOpen && s.RateRPS != nil:
		text = fmt.Sprintf(runOpen, rate(*s.RateRPS), terminal(string(cmp.Or(s.Arrivals, gate.ArrivalsConstant))))
	case s.Model == gate.ModelOpen:
		text = runOpenAny
	case s.Model == gate.ModelClosed && s.Users != nil:
		text = fmt.Sprintf(runClosed, plural(*s.Users, "user"))
		if s.Wait {
			text += " who wait between requests"
		}
	default:
		return runModelless
	}
	if s.Seed != 0 {
		text += fmt.Sprintf(", seed %d", s.Seed)
	}
	if s.LoadDigest != "" {
		text += " (sha " + digest(s.LoadDigest) + ")"
	}
	return text
}

// lengthText says how long the runs were, and how much of the load the service
// took.
func lengthText(runs []gate.Run) string {
	var measured, warm, delivered []float64
	for _, r := range runs {
		measured, warm = append(measured, r.MeasuredS), append(warm, r.WarmupS)
		if d := r.Load.DeliveredRatio; d != nil {
			delivered = append(delivered, *d)
		}
	}
	s := fmt.Sprintf(runLength, plural(len(runs), "run"), seconds(stats.Median(measured)), seconds(stats.Median(warm)))
	if len(delivered) > 0 {
		s += "; " + fmt.Sprintf(runDelivered, percent(stats.Median(delivered)))
	}
	return s
}

func seconds(v float64) string { return significant(v, 3) + " s" }

// howText says what the latencies are of.
func howText(runs []gate.Run) string {
	text := runMedians
	all := false
	for _, r := range runs {
		for _, e := range r.Endpoints {
			l, ok := latencyOf(e)
			if !ok {
				continue
			}
			if l.Of != gate.OfResponse {
				text = runService
			}
			all = all || l.Population == gate.PopulationAll
		}
	}
	if all {
		text += runPopulation
	}
	return text
}

// failureKinds is the number of kinds of failure that are named.
const failureKinds = 4

// failureText counts failures by kind and code, the most frequent first.
func failureText(runs []gate.Run) string {
	counts := map[string]int64{}
	for _, r := range runs {
		for _, e := range r.Endpoints {
			for _, f := range e.Failures {
				name := terminal(string(f.Kind))
				if f.Code != nil {
					name += fmt.Sprintf(" %d", *f.Code)
				}
				counts[name] += f.Count
			}
		}
	}
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	if len(names) == 0 {
		return ""
	}
	rest := ""
	if len(names) > failureKinds {
		rest = fmt.Sprintf(", %s", plural(len(names)-failureKinds, "other kind"))
		names = names[:failureKinds]
	}
	for i, name := range names {
		names[i] = fmt.Sprintf("%d × %s", counts[name], name)
	}
	return runFailures + strings.Join(names, ", ") + rest
}

// writeUncounted names the runs that do not count, and why.
func writeUncounted(p *page, runs []gate.Run) {
	for _, r := range runs {
		p.prose("  ", fmt.Sprintf(runNotCounted, terminal(r.ID), runReasons(r)))
	}
}

// runReasons says why a run does not count, or what is flagged on it.
func runReasons(r gate.Run) string {
	var parts []string
	for _, text := range gate.RunReasonTexts(r) {
		parts = append(parts, terminal(text))
	}
	if len(parts) == 0 {
		return strings.ReplaceAll(terminal(string(r.Status)), "_", " ")
	}
	return strings.Join(parts, ", ")
}

// writeRuns writes one line a run: what was sent and what came back.
func writeRuns(p *page, runs []gate.Run) {
	for _, r := range runs {
		requests, ok := int64(0), int64(0)
		for _, e := range r.Endpoints {
			requests += e.Requests
			ok += e.OK
		}
		s := fmt.Sprintf("%s: %s, %d sent, %d answered, %d failed, %s", terminal(r.ID),
			strings.ReplaceAll(terminal(string(r.Status)), "_", " "), r.Load.Sent, requests, max(0, requests-ok), seconds(r.MeasuredS))
		if len(r.Reasons) > 0 {
			s += ", " + runReasons(r)
		}
		p.prose("  ", s)
	}
}

// writeOrigin says where the numbers come from.
func writeOrigin(p *page, r gate.Result) {
	c := r.Environment.Class
	if c.OS != "" {
		machine := terminal(cmp.Or(c.CPUModel, c.Arch))
		if c.CPUs > 0 {
			machine = fmt.Sprintf("%d x %s", c.CPUs, machine)
		}
		if c.MemoryGiB > 0 {
			machine += fmt.Sprintf(", %d GiB", c.MemoryGiB)
		}
		p.prose("  ", "machine: "+machine+", "+terminal(c.OS)+"/"+terminal(c.Arch))
	}
	if from := r.Tool.ImportedFrom; from != nil {
		p.prose("  ", fmt.Sprintf(runImported, terminal(*from)))
	}
}
