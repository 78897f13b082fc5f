package load

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/perfgate/perfgate/gate"
)

// The reference values of SplitMix64 with seed 1234567.
func TestStreamIsSplitMix64(t *testing.T) {
	want := []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821}
	got := make([]uint64, len(want))
	for i := range got {
		got[i] = stream(1234567).at(uint64(i))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestStreamsOfDifferentCoordinatesDiffer(t *testing.T) {
	coordinates := map[string][]uint64{
		"none": {}, "zero": {0}, "two zeros": {0, 0}, "seed": {1, 0}, "stream": {0, 1}, "swapped": {1, 2}, "back": {2, 1},
	}
	seen := map[stream]string{}
	for name, c := range coordinates {
		s := newStream(c...)
		if other, ok := seen[s]; ok {
			t.Errorf("%s and %s are the same stream", name, other)
		}
		seen[s] = name
	}
}

func tasks(weights ...int) []gate.Task {
	out := make([]gate.Task, len(weights))
	for i, w := range weights {
		out[i] = gate.Task{Name: string(rune('a' + i)), Weight: w}
	}
	return out
}

func arrivals(s *schedule, n int) []arrival {
	out := make([]arrival, n)
	for i := range out {
		out[i] = s.next()
	}
	return out
}

func TestMixFollowsWeights(t *testing.T) {
	const n = 20000
	weights := []int{7, 2, 1, 10}
	s := newSchedule(gate.Load{Rate: 1, Seed: 3}, newMix(tasks(weights...)), 1, 0)
	count := make([]float64, len(weights))
	for _, a := range arrivals(s, n) {
		count[a.task]++
	}
	chi := 0.0
	for i, w := range weights {
		expected := n * float64(w) / 20
		chi += (count[i] - expected) * (count[i] - expected) / expected
	}
	if chi > 16.3 { // p = .001 at 3 degrees of freedom
		t.Errorf("counts %v of weights %v: chi-square %.1f", count, weights, chi)
	}
}

func TestMixAtTheEdges(t *testing.T) {
	m := newMix(tasks(1, 3))
	for uniform, want := range map[uint64]int{0: 0, 1<<62 - 1: 0, 1 << 62: 1, math.MaxUint64: 1} {
		if got := m.pick(uniform); got != want {
			t.Errorf("pick(%#x) = %d, want %d", uniform, got, want)
		}
	}
}

func TestConstantArrivals(t *testing.T) {
	s := newSchedule(gate.Load{Rate: 3}, newMix(tasks(1)), 0, 0)
	want := []arrival{{due: 0}, {due: 333333333}, {due: 666666666}, {due: time.Second}}
	if diff := cmp.Diff(want, arrivals(s, 4), cmp.AllowUnexported(arrival{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPoissonArrivals(t *testing.T) {
	const n, rate = 20000, 100.0
	s := newSchedule(gate.Load{Rate: rate, Arrivals: gate.ArrivalsPoisson}, newMix(tasks(1)), 0, 0)
	last, long := time.Duration(0), 0
	for i, a := range arrivals(s, n) {
		if a.due <= last {
			t.Fatalf("arrival %d is due at %v, after one at %v", i, a.due, last)
		}
		if a.due-last > time.Second/rate {
			long++
		}
		last = a.due
	}
	if mean := last.Seconds() / n * rate; math.Abs(mean-1) > 0.03 { // 4 standard errors
		t.Errorf("mean gap is %.3f of the wanted one", mean)
	}
	if share := float64(long) / n; math.Abs(share-1/math.E) > 0.014 { // 4 standard errors
		t.Errorf("%.3f of the gaps are longer than the mean, want 1/e", share)
	}
}

func TestScheduleRepeats(t *testing.T) {
	m := newMix(tasks(1, 1, 1))
	base := gate.Load{Rate: 10, Seed: 1, Arrivals: gate.ArrivalsPoisson}
	other := base
	other.Seed = 2
	want := arrivals(newSchedule(base, m, 1, 1), 50)
	for _, tt := range []struct {
		name          string
		load          gate.Load
		number, phase uint64
		same          bool
	}{
		{"same seed and stream", base, 1, 1, true},
		{"another stream", base, 2, 1, false},
		{"another seed", other, 1, 1, false},
		{"the warm-up", base, 1, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := arrivals(newSchedule(tt.load, m, tt.number, tt.phase), 50)
			if same := cmp.Equal(want, got, cmp.AllowUnexported(arrival{})); same != tt.same {
				t.Errorf("same is %v, want %v", same, tt.same)
			}
		})
	}
}
