package experiment

import "slices"

// order returns the arms, as indices, in the order in which pair (from 1)
// measures them: AB BA BA AB for two, so that a linear drift cancels; the seed
// chooses the first letter, odd seeds begin with the baseline. For n arms every
// second pair is the reverse of the one before and the others rotate: after
// 2n pairs each arm has stood in each place equally often.
func order(arms, pair int, seed uint64) []int {
	first := int(seed%uint64(arms)) + arms - 1 + (pair-1)/2
	out := make([]int, arms)
	for i := range out {
		out[i] = (first + i) % arms
	}
	if pair%2 == 0 {
		slices.Reverse(out)
	}
	return out
}
