package main

import "github.com/perfgate/perfgate/gate"

// A lesson is what a gate knows after some A/A sessions; several are made, so
// that not one lucky calibration decides a cell.
const (
	lessonCount    = 20
	lessonSessions = 5
	lessonPairs    = 8
)

// lessons lets the product learn the noise of a cell's machine from the reports
// of A/A sessions, of random streams of their own.
func (c cell) lessons(seed uint64) []gate.Noise {
	const apart = 1 << 32 // streams of former sessions
	former := c
	former.truth = unchanged
	looks := []int{lessonPairs}
	var out []gate.Noise
	for n := range uint64(lessonCount) {
		var reports []gate.Report
		var of gate.NoiseOf
		for i := range uint64(lessonSessions) {
			baseline, candidate := former.build(seed, apart+n*lessonSessions+i, lessonPairs).Draw().Sides(lessonPairs, looks)
			reports = append(reports, gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{baseline}, Candidate: []gate.Result{candidate}})))
			scenario := candidate.Scenarios[0]
			of = gate.NoiseOf{Scenario: scenario.ID, ClassDigest: candidate.Environment.ClassDigest, LoadDigest: scenario.LoadDigest, Restarted: true}
		}
		out = append(out, gate.LearnNoise(of, reports))
	}
	return out
}
