package stats_test

import (
	"fmt"
	"math"

	"github.com/perfgate/perfgate/gate/stats"
)

// A paired session of four pairs: the candidate was slower in each. The level
// is that of the first look.
func ExampleWMT() {
	prior := stats.Prior{SD: 0.05, DF: 4}.Plus(0.03) // 3 % is what few requests add
	e := stats.WMT([]float64{0.182, 0.171, 0.205, 0.190}, prior, 0)
	fmt.Printf("%+.1f %% [%+.1f, %+.1f], p = %.2g\n", 100*math.Expm1(e.Theta),
		100*math.Expm1(e.Lower(0.002)), 100*math.Expm1(e.Upper(0.002)), e.P())
	// Output: +20.6 % [+5.6, +37.7], p = 0.00029
}

// One run a side says little, whatever it shows.
func ExampleSingle() {
	e := stats.Single(math.Log(41.2), math.Log(44.0), 0.0640312, 0)
	fmt.Printf("%+.1f %%, p = %.2f; nothing below %+.0f %% can be told from noise\n",
		100*math.Expm1(e.Theta), e.P(), 100*math.Expm1(e.Theta-e.Lower(0.01)))
	// Output: +6.8 %, p = 0.23; nothing below +23 % can be told from noise
}

// The scenario's error row: the endpoints measure the dispersion together, the
// pooled counts are tested.
func ExampleDispersed() {
	run := func(errors int64) stats.RunCount { return stats.RunCount{Errors: errors, Requests: 2000} }
	endpoints := []stats.Counts{{
		Baseline:  []stats.RunCount{run(0), run(1), run(0), run(0)},
		Candidate: []stats.RunCount{run(9), run(14), run(11), run(12)},
	}, {
		Baseline:  []stats.RunCount{run(1), run(0), run(2), run(1)},
		Candidate: []stats.RunCount{run(1), run(2), run(0), run(1)},
	}}
	d := stats.Dispersed(endpoints)
	r := d.ErrorTest(stats.Pool(endpoints), 0.001)
	fmt.Printf("%.3f %% to %.3f %%, p = %.2g\n", 100*r.BaselineRate, 100*r.CandidateRate, r.P)
	// Output: 0.031 % to 0.312 %, p = 0.00093
}

// With many rows one of them looks bad by luck: what counts is the adjusted p.
func ExampleHolm() {
	fmt.Printf("%.4g\n", stats.Holm([]float64{0.001, 0.04, 0.012, 0.2, 0.0049}))
	// Output: [0.005 0.08 0.036 0.2 0.0196]
}

// What is 0.07·100? A little more than 7, in floating point.
func ExampleRank() {
	n, p := 100, 0.07
	fmt.Println(stats.Rank(int64(n), p), math.Ceil(p*float64(n)))
	// Output: 7 8
}
