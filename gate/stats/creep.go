package stats

import "math"

// creepNewest is how many jobs tell the present level: one is as noisy as the
// anchor, more lag behind.
const creepNewest = 3

// Creep compares the newest jobs of a series, three at most, with an anchor, one
// job of long ago (docs/method.md 6.7). jobs holds one log value a job in the order of
// time, the last is the job under test; prior is the noise between jobs.
//
// The noise is that of successive jobs, half the mean squared difference (von
// Neumann 1941), moderated like all others: what creeps by half a per cent a
// job would pass for noise around a mean, but hardly moves one difference.
// Overlapping differences depend on each other, so k of them count as 2k/3
// degrees of freedom.
//
// Theta is the mean of the newest jobs minus the anchor, N the number of jobs. It is the zero
// Estimate without a job, for values that are not finite or a prior that is
// not valid.
//
// For an anchor at 0, jobs {0.005, 0.01, 0.015, 0.02} and Prior{0.05, 4}: Theta
// 0.015, SE 0.0471993, DF 6.
func Creep(anchor float64, jobs []float64, prior Prior) Estimate {
	n := len(jobs)
	if n == 0 || !finite(anchor) || !allFinite(jobs) || !prior.valid() {
		return Estimate{}
	}
	var ss float64
	for i := 1; i < n; i++ {
		d := jobs[i] - jobs[i-1]
		ss += d * d / 2
	}
	const overlap = 2.0 / 3
	df := overlap * float64(n-1)
	newest := jobs[max(0, n-creepNewest):]
	e := Estimate{Theta: mean(newest) - anchor, N: n, DF: df + prior.DF}
	if e.DF <= 0 {
		return Estimate{}
	}
	e.S2Raw, e.S2 = moderate(overlap*ss, df, prior.SD*prior.SD, prior.DF)
	e.SE = math.Sqrt(e.S2 * (1 + 1/float64(len(newest))))
	return e
}
