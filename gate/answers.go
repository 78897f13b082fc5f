package gate

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// bigImprovement is the change from which an improvement is looked at twice.
const bigImprovement = 0.25

// answersChanged says how the answers of an endpoint (nil: of all) changed
// between the sides so that a better latency may be no improvement: another
// mix of statuses, bodies larger or smaller by 20 %, fewer requests. Empty:
// they did not, or it is not known.
func answersChanged(s *matched, endpoint *string) string {
	b, c := answersOf(s.base, endpoint), answersOf(s.cand, endpoint)
	const statusShift, bytesShift, fewer = 0.05, 0.2, 0.1
	switch {
	case b.requests == 0 || c.requests == 0:
		return ""
	case shift(b.statuses, c.statuses) > statusShift:
		return "other statuses were answered"
	case b.bytesKnown && c.bytesKnown && relative(b.perRequest(), c.perRequest()) > bytesShift:
		return fmt.Sprintf("bodies of %.0f bytes became %.0f", b.perRequest(), c.perRequest())
	case b.bytesKnown != c.bytesKnown && b.bytes+c.bytes > 0:
		return "bodies are known of one side only"
	case c.perSecond() < (1-fewer)*b.perSecond():
		return fmt.Sprintf("%.1f requests/s became %.1f", b.perSecond(), c.perSecond())
	}
	return ""
}

type answers struct {
	statuses   map[string]float64
	requests   float64
	bytes      float64
	bytesKnown bool
	seconds    float64
}

func answersOf(runs []countedRun, endpoint *string) answers {
	a := answers{statuses: map[string]float64{}, bytesKnown: true}
	for _, r := range runs {
		a.seconds += r.run.MeasuredS
		for name, e := range r.endpoints {
			if endpoint != nil && name != *endpoint {
				continue
			}
			a.requests += float64(e.Requests)
			if e.BytesReceived == nil {
				a.bytesKnown = false
			} else {
				a.bytes += float64(*e.BytesReceived)
			}
			for code, n := range e.Statuses {
				a.statuses[code] += float64(n)
			}
		}
	}
	return a
}

func (a answers) perRequest() float64 { return a.bytes / a.requests }
func (a answers) perSecond() float64  { return a.requests / math.Max(a.seconds, 1e-9) }

// relative is the change of b against a, as a ratio; 0 when a is 0 and b too.
func relative(a, b float64) float64 {
	if a == b {
		return 0
	}
	return math.Abs(b-a) / math.Max(math.Min(a, b), 1)
}

// shift is the total variation distance of two mixes of statuses, 0 to 1.
func shift(a, b map[string]float64) float64 {
	sumA, sumB := total(a), total(b)
	if sumA == 0 || sumB == 0 {
		return 0
	}
	keys := map[string]bool{}
	maps.Copy(keys, boolKeys(a))
	maps.Copy(keys, boolKeys(b))
	d := 0.0
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		d += math.Abs(a[key]/sumA-b[key]/sumB) / 2
	}
	return d
}

func total(m map[string]float64) float64 {
	sum := 0.0
	for _, key := range slices.Sorted(maps.Keys(m)) { // a fixed order: the same bits every time
		sum += m[key]
	}
	return sum
}

func boolKeys(m map[string]float64) map[string]bool {
	out := map[string]bool{}
	for key := range m {
		out[key] = true
	}
	return out
}
