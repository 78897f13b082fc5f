package gatetest

import (
	"math"
	"math/rand/v2"
)

// A Family is a kind of noise between the runs of one session, as the log of
// the factor by which a run is slower than a quiet one (docs/method.md 0.13).
// None of them is fitted to a machine; together they span what shared machines
// do, and a claim has to hold in the worst of them.
type Family string

// The families. In each the run effect has standard deviation Build.CV.
const (
	// Independent runs, 3 % of them disturbed: +10 to +50 %.
	Independent Family = "independent"
	// Drifting: runs resemble their predecessor (AR(1), 0.5), the machine
	// slows down or speeds up over the session (standard deviation 4 % from
	// its first run to its last), and 3 % of the runs are disturbed.
	Drifting Family = "drifting"
	// Neighbour: in 20 % of the runs a neighbour takes +5 to +20 %. It leaves
	// with probability 0.35 after a run, so that runs of one pair often share
	// it, and comes back as strong as it likes.
	Neighbour Family = "neighbour"
)

// Families are all families, in the order of tables.
func Families() []Family { return []Family{Independent, Drifting, Neighbour} }

const (
	disturbedShare  = 0.03
	disturbedLeast  = 0.10
	disturbedMost   = 0.50
	correlation     = 0.5
	driftSD         = 0.04
	neighbourShare  = 0.20
	neighbourLeaves = 0.35
	neighbourLeast  = 0.05
	neighbourMost   = 0.20
)

// effects draws the run effects of a session: effects[t][e] is that of the
// t-th run in time on endpoint e. shared is the part of the run effect that all
// endpoints have in common: of its variance where it is normal, of its size
// where it is a disturbance, which then hits each endpoint by its own measure.
func (f Family) effects(r *rand.Rand, runs, endpoints int, cv, shared float64) [][]float64 {
	out := make([][]float64, runs)
	common, own := f.normals(r, runs), make([][]float64, endpoints)
	for e := range own {
		own[e] = f.normals(r, runs)
	}
	extra := f.disturbances(r, runs)
	for t := range out {
		out[t] = make([]float64, endpoints)
		for e := range out[t] {
			hit := 1.0
			if shared < 1 {
				hit = shared + 2*(1-shared)*r.Float64() // mean 1
			}
			out[t][e] = cv*(math.Sqrt(shared)*common[t]+math.Sqrt(1-shared)*own[e][t]) + hit*extra[t]
		}
	}
	return out
}

// normals draws standard normal values in the order of time, correlated in the
// drifting family.
func (f Family) normals(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for t := range out {
		out[t] = r.NormFloat64()
		if f == Drifting && t > 0 {
			out[t] = correlation*out[t-1] + math.Sqrt(1-correlation*correlation)*out[t]
		}
	}
	return out
}

// disturbances draws what comes on top of the normal run effect.
func (f Family) disturbances(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	if f == Neighbour {
		neighbours(r, out)
		return out
	}
	for t := range out {
		if r.Float64() < disturbedShare {
			out[t] = math.Log1p(between(r, disturbedLeast, disturbedMost))
		}
	}
	if f == Drifting {
		drift := driftSD * r.NormFloat64()
		for t := range out {
			out[t] += drift * float64(t) / float64(max(n-1, 1))
		}
	}
	return out
}

// neighbours fills in the visits of a neighbour: a Markov chain whose
// stationary share of busy runs is neighbourShare.
func neighbours(r *rand.Rand, out []float64) {
	arrives := neighbourLeaves * neighbourShare / (1 - neighbourShare)
	busy, size := r.Float64() < neighbourShare, between(r, neighbourLeast, neighbourMost)
	for t := range out {
		if busy {
			out[t] = math.Log1p(size)
			busy = r.Float64() >= neighbourLeaves
		} else if busy = r.Float64() < arrives; busy {
			size = between(r, neighbourLeast, neighbourMost)
		}
	}
}

func between(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }
