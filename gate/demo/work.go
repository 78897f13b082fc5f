package demo

import (
	"context"
	"math"
	"slices"
	"time"
)

// spin does n iterations, each waiting for the one before (a linear congruential step, Knuth's MMIX
// constants), so that their time is the CPU's latency and not its width or its memory.
//
//go:noinline
func spin(n, x uint64) uint64 {
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

// Calibrate measures how many iterations of the service's computation this machine does in a
// microsecond: the median of 21 slices of some 0.3 ms, so that a few interrupted ones do not matter. It
// takes about 10 ms, and no other work should run meanwhile.
func Calibrate() float64 {
	const count, iterations = 21, 1 << 18
	speeds := make([]float64, count)
	x := spin(iterations, 1) // wakes a sleeping core
	for i := range speeds {
		start := time.Now()
		x = spin(iterations, x)
		elapsed := max(time.Since(start), time.Nanosecond)
		speeds[i] = iterations / (float64(elapsed) / float64(time.Microsecond))
	}
	slices.Sort(speeds)
	return speeds[count/2]
}

// The purposes of a draw: each has its own sequence.
const (
	drawSpread = iota + 1
	drawError
)

// draw returns a number in [0, 1) that follows from its arguments alone: SplitMix64's finalizer (Steele,
// Lea, Flood 2014) on a sum with distinct odd factors.
func draw(seed, endpoint, request, purpose uint64) float64 {
	z := seed + endpoint*0x9e3779b97f4a7c15 + request*0xd1342543de82ef95 + purpose*0xda942042e4dd58b5
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(z>>11) / (1 << 53)
}

// spread turns a uniform draw into the natural variation of a service time: 0.8 · 2^(u²) lies in
// [0.8, 1.6), rises slowly and then fast, as latencies do, and has the quantiles of Options.Latency in
// closed form. Worked value: the median, u = 0.5, is 0.8 · 2^0.25 = 0.9514.
func spread(u float64) float64 { return 0.8 * math.Exp2(u*u) }

// toil does the work of a request, unless ctx ends first.
func (s *Service) toil(ctx context.Context, e *endpoint, request uint64) error {
	factor := spread(draw(s.seed, e.index, request, drawSpread))
	if s.work == WorkTimer {
		timer := time.NewTimer(time.Duration(float64(e.wait) * factor))
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	left := uint64(e.iterations * factor)
	slice := max(1, uint64(s.speed*1000)) // 1 ms between two looks at ctx
	x := request
	for left > 0 && ctx.Err() == nil {
		n := min(left, slice)
		x = spin(n, x)
		left -= n
		s.iterations.Add(n)
	}
	s.sink.Store(x)
	return ctx.Err()
}
