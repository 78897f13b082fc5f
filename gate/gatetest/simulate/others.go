package main

import (
	"math"
	"slices"

	"github.com/perfgate/perfgate/gate/gatetest"
)

// othersRuns is how many runs a side the rules of others are given, in turns,
// the best that they can get: about what perfgate needs for unchanged code.
const othersRuns = 8

// A rule is what other gates go by. It calls a build red when the p95 of any
// endpoint is.
type rule struct {
	name string
	red  func(d *gatetest.Drawn, endpoint int) bool
}

const othersLevel = 0.05 // two-sided, of which only "slower" is red

func others() []rule {
	return []rule{
		{"one run against one run, ratio over 1.1", ratioOver(1.1)},
		{"one run against one run, ratio over 2", ratioOver(2)},
		{"Mann-Whitney on the runs, p < 0.05", func(d *gatetest.Drawn, e int) bool {
			b, c := d.Values(e, 0.95, othersRuns)
			m := gatetest.MannWhitneyExact(b, c)
			return m.P < othersLevel && m.PGreater < othersLevel
		}},
		{"Welch on the runs, p < 0.05", func(d *gatetest.Drawn, e int) bool {
			b, c := d.Values(e, 0.95, othersRuns)
			w := gatetest.WelchLog(b, c)
			return w.P < othersLevel && w.Theta > 0
		}},
		{"Mann-Whitney on all requests, p < 0.05", func(d *gatetest.Drawn, e int) bool {
			b, c := d.All(e, othersRuns)
			return 2*rankSumTail(b, c) < othersLevel
		}},
	}
}

func ratioOver(limit float64) func(*gatetest.Drawn, int) bool {
	return func(d *gatetest.Drawn, e int) bool {
		b, c := d.Values(e, 0.95, 1)
		return c[0]/b[0] > limit
	}
}

// redOf returns which rules call a session red.
func redOf(d *gatetest.Drawn, endpoints int) map[string]int {
	red := map[string]int{}
	for _, r := range others() {
		for e := range endpoints {
			if r.red(d, e) {
				red[r.name] = 1
				break
			}
		}
	}
	return red
}

// rankSumTail is the one-sided p-value of "the candidate is slower" by the
// normal approximation of the rank sum, for many values without ties.
func rankSumTail(baseline, candidate []float64) float64 {
	nb, nc := float64(len(baseline)), float64(len(candidate))
	slices.Sort(baseline)
	slices.Sort(candidate)
	u, below := 0.0, 0
	for _, c := range candidate {
		for below < len(baseline) && baseline[below] < c {
			below++
		}
		u += float64(below)
	}
	z := (u - nb*nc/2) / math.Sqrt(nb*nc*(nb+nc+1)/12)
	return 0.5 * math.Erfc(z/math.Sqrt2)
}
