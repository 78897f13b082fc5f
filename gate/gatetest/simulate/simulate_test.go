package main

import (
	"bytes"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A short form of the simulation: the decision code must not be broken so far
// that few sessions show it. CI makes a longer one, docs/method.md 0.13 the
// whole.
func TestSimulatedTargets(t *testing.T) {
	if testing.Short() {
		t.Skip("a few seconds of arithmetic")
	}
	s := simulation{seed: 1, builds: 12, workers: 2, done: map[cell]tally{}}
	var out bytes.Buffer
	if broken := s.check(&out); broken > 0 {
		t.Errorf("%d targets are broken\n%s", broken, &out)
	}
}

func TestCountsDoNotDependOnWorkers(t *testing.T) {
	c := atCV(0.05).cells(one20)[5]
	var counts []tally
	for _, workers := range []int{1, 3} {
		s := simulation{seed: 7, builds: 8, workers: workers, done: map[cell]tally{}, others: map[cell]bool{c: true}}
		s.run([]cell{c})
		counts = append(counts, s.done[c])
	}
	if diff := cmp.Diff(counts[0], counts[1], cmp.AllowUnexported(tally{})); diff != "" {
		t.Errorf("one worker, three (-one +three)\n%s", diff)
	}
}

func TestPlans(t *testing.T) {
	got := map[string][]int{}
	for _, p := range plans {
		got[p.name] = p.looks().Looks
	}
	want := map[string][]int{"4 pairs": {4}, "6 pairs": {4, 6}, "8 pairs": {4, 6, 8}, "12 pairs": {4, 6, 8, 12}, "16 pairs": {4, 6, 8, 12, 16}, "5 min": {4, 6, 8, 10}, "8 min": {4, 6, 8, 12, 16}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("looks (-want +got)\n%s", diff)
	}
}

// The check must be able to fail, and must not fail by luck.
func TestBrokenTargets(t *testing.T) {
	atMost := target{count: regressions, atMost: true, share: 0.01}
	atLeast := target{count: regressions, share: 0.97}
	for _, tt := range []struct {
		name   string
		target target
		tally  tally
		want   bool
	}{
		{"none", atMost, tally{builds: 2000}, false},
		{"as promised", atMost, tally{builds: 2000, regression: 20}, false},
		{"a little more", atMost, tally{builds: 2000, regression: 28}, false},
		{"twice as many", atMost, tally{builds: 2000, regression: 40}, true},
		{"few sessions", atMost, tally{builds: 40, regression: 2}, false},
		{"few sessions, many alarms", atMost, tally{builds: 40, regression: 6}, true},
		{"all found", atLeast, tally{builds: 2000, regression: 2000}, false},
		{"a little less", atLeast, tally{builds: 2000, regression: 1925}, false},
		{"half", atLeast, tally{builds: 40, regression: 20}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.target.brokenBy(tt.tally); got != tt.want {
				t.Errorf("broken: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRankSumTail(t *testing.T) {
	var b, c []float64
	for i := range 30 {
		b, c = append(b, float64(2*i)), append(c, float64(2*i+21))
	}
	// U counts, for each candidate value, the baseline values below it.
	u := 0.0
	for _, x := range c {
		for _, y := range b {
			if y < x {
				u++
			}
		}
	}
	z := (u - 450) / math.Sqrt(30*30*61/12.0)
	if got, want := rankSumTail(b, c), 0.5*math.Erfc(z/math.Sqrt2); math.Abs(got-want) > 1e-15 {
		t.Errorf("p %v, want %v", got, want)
	}
}
