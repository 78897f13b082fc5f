package load

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// A stream is a random stream in which value i is a function of the stream and
// i alone, so that what is drawn never depends on what happened before. It is
// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
// generators", OOPSLA 2014), whose state is a counter.
//
// The first values of stream 1234567 are 6457827717110365317 and
// 3203168211198807973.
type stream uint64

// golden is 2⁶⁴ divided by the golden ratio, SplitMix64's increment.
const golden = 0x9e3779b97f4a7c15

// Each part of a run that draws has a stream of its own.
const (
	drawTask uint64 = iota
	drawGap
	drawWait
)

// newStream derives a stream from its coordinates: seed, stream, phase, …
func newStream(coordinates ...uint64) stream {
	var s uint64
	for _, c := range coordinates {
		s = scramble(s ^ scramble(c+golden))
	}
	return stream(s)
}

// at returns value i, uniform over all 64-bit numbers.
func (s stream) at(i uint64) uint64 { return scramble(uint64(s) + (i+1)*golden) }

// unit returns value i as a number in (0, 1], which has a logarithm.
func (s stream) unit(i uint64) float64 { return float64(s.at(i)>>11+1) / (1 << 53) }

func scramble(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// A mix chooses tasks by weight: it holds the running sums of the weights.
type mix []uint64

func newMix(tasks []gate.Task) mix {
	m := make(mix, len(tasks))
	sum := uint64(0)
	for i, t := range tasks {
		sum += uint64(t.Weight)
		m[i] = sum
	}
	return m
}

// pick returns the index of the task that a uniform 64-bit number falls on.
func (m mix) pick(uniform uint64) int {
	point, _ := bits.Mul64(uniform, m[len(m)-1])
	i, _ := slices.BinarySearch(m, point+1)
	return i
}

// An arrival is one request of the open model: when it is due, counted from
// the schedule's begin, and the index of its task.
type arrival struct {
	due  time.Duration
	task int
}

// A schedule yields the arrivals of the open model in order, without end.
// Equal schedules yield equal arrivals.
type schedule struct {
	gap         float64 // mean, in ns
	poisson     bool
	tasks, gaps stream
	mix         mix
	i           uint64
	elapsed     float64 // ns, of Poisson arrivals
}

// newSchedule returns the schedule of one phase of a run.
func newSchedule(l gate.Load, m mix, number, phase uint64) *schedule {
	return &schedule{
		gap:     float64(time.Second) / l.Rate,
		poisson: l.Arrivals == gate.ArrivalsPoisson,
		tasks:   newStream(l.Seed, number, phase, drawTask),
		gaps:    newStream(l.Seed, number, phase, drawGap),
		mix:     m,
	}
}

// next returns the next arrival. Constant arrival i is due at i/rate, computed
// from i so that rounding does not add up; the gaps of Poisson arrivals are
// -ln(u)/rate.
func (s *schedule) next() arrival {
	i := s.i
	s.i++
	due := float64(i) * s.gap
	if s.poisson {
		s.elapsed -= math.Log(s.gaps.unit(i)) * s.gap
		due = s.elapsed
	}
	return arrival{due: time.Duration(due), task: s.mix.pick(s.tasks.at(i))}
}
