package gatetest

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

func TestDrawnSessionIsValid(t *testing.T) {
	for _, family := range Families() {
		t.Run(string(family), func(t *testing.T) {
			build := Build{Family: family, CV: 0.05, Shared: 0.5, Endpoints: 2, Slower: 0.2, SlowerEndpoints: 1, Pairs: 4, Seed: 3, Number: 9}
			baseline, candidate := build.Draw().Sides(4, gate.Looks(4))
			again, _ := build.Draw().Sides(4, gate.Looks(4))
			if diff := cmp.Diff(baseline, again); diff != "" {
				t.Errorf("one build, two sessions (-first +second):\n%s", diff)
			}
			for _, side := range []gate.Result{baseline, candidate} {
				data, err := gate.Encode(side)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := gate.DecodeResult(data); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// What is drawn must have the noise that it says: the standard deviation of
// run effects, of the family's disturbances, and of few requests.
func TestDrawnNoise(t *testing.T) {
	spread := func(family Family, cv, shared float64, level float64, endpoint int) float64 {
		var all []float64
		for n := range uint64(400) {
			d := Build{Family: family, CV: cv, Shared: shared, Endpoints: 2, Pairs: 6, Seed: 1, Number: n}.Draw()
			b, c := d.Values(endpoint, level, 6)
			for i := range b {
				all = append(all, math.Log(b[i]), math.Log(c[i]))
			}
		}
		mean, ss := 0.0, 0.0
		for _, v := range all {
			mean += v / float64(len(all))
		}
		for _, v := range all {
			ss += (v - mean) * (v - mean) / float64(len(all)-1)
		}
		return math.Sqrt(ss)
	}
	within := latencySigma * math.Sqrt(math.Pi/2/requestsOfRun) // of a median
	busy := neighbourShare * (0.112*0.112 + 0.041*0.041)        // log(1 + U(.05, .20)): mean .112, sd .041
	neighbour := busy - math.Pow(neighbourShare*0.112, 2)
	disturbed := disturbedShare*(0.257*0.257+0.089*0.089) - math.Pow(disturbedShare*0.257, 2)
	for _, tt := range []struct {
		name       string
		family     Family
		cv, shared float64
		level      float64
		want       float64
	}{
		{"neighbour, p50", Neighbour, 0.03, 1, 0.5, math.Sqrt(0.03*0.03 + neighbour + within*within)},
		{"independent, p50", Independent, 0.05, 0.5, 0.5, math.Sqrt(0.05*0.05 + disturbed + within*within)},
		{"drifting, p50", Drifting, 0.05, 1, 0.5, math.Sqrt(0.05*0.05 + disturbed + driftSD*driftSD*0.35 + within*within)},
		{"independent, p95", Independent, 0.03, 1, 0.95, math.Sqrt(0.03*0.03 + disturbed + 0.05*0.05)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := spread(tt.family, tt.cv, tt.shared, tt.level, 1); math.Abs(got/tt.want-1) > 0.05 {
				t.Errorf("standard deviation %.4f, want %.4f", got, tt.want)
			}
		})
	}
}

// A change moves the candidate only, and only the endpoints that it hits.
func TestDrawnChange(t *testing.T) {
	build := Build{Family: Neighbour, CV: 0.05, Shared: 1, Endpoints: 3, Pairs: 4, Seed: 1}
	before := build.Draw()
	build.Slower, build.SlowerEndpoints = 0.1, 2
	after := build.Draw()
	for e := range 3 {
		b0, c0 := before.Values(e, 0.95, 4)
		b1, c1 := after.Values(e, 0.95, 4)
		for i := range b0 {
			want := map[bool]float64{true: 1.1, false: 1}[e < 2]
			if diff := cmp.Diff([]float64{1, want}, []float64{b1[i] / b0[i], c1[i] / c0[i]}, oracle); diff != "" {
				t.Errorf("endpoint %d, pair %d: ratios (-want +got)\n%s", e, i+1, diff)
			}
		}
	}
}

// All requests and the percentiles are of the same runs.
func TestDrawnValuesAreOfItsRequests(t *testing.T) {
	d := Build{Family: Drifting, CV: 0.05, Shared: 1, Endpoints: 1, Pairs: 2, Seed: 1}.Draw()
	b, c := d.Values(0, 0.95, 2)
	allB, allC := d.All(0, 2)
	if diff := cmp.Diff([]float64{allB[189], allB[389], allC[189], allC[389]}, []float64{b[0], b[1], c[0], c[1]}); diff != "" {
		t.Errorf("190th of 200 (-want +got)\n%s", diff)
	}
	_, candidate := d.Sides(2, []int{2})
	if got := candidate.Runs[1].Endpoints[0].Latency[0].QuantilesMS["0.95"]; got != c[1] {
		t.Errorf("p95 in the file %v, drawn %v", got, c[1])
	}
}
