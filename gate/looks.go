package gate

// Levels of the tests (docs/method.md 0.4 to 0.8). A family's level is the
// chance of a false regression that all looks together may spend; simulation
// shows far less, since a regression must also be larger than its threshold.
const (
	familyLevel     = 0.02 // paired, over all looks
	fixedLevel      = 0.01 // history, blocks, single: one look
	passFamilyLevel = 0.05 // chance to pass a change as large as the margin
	suspectLevel    = 0.05 // unadjusted: enough to withhold a pass
	intervalLevel   = 0.95 // of shown intervals, two-sided
)

// fewestPairs is the number of whole pairs from which a session that ended
// before its first look may call a regression. What ended it was not planned,
// and with one or two pairs the noise of this machine is not measured: only the
// declared one stands against a bad minute.
const fewestPairs = 3

// Looks returns the numbers of pairs after which a session of at most
// maxPairs is judged: 4, 6, 8, 12, 16 for 16; the even numbers of these that fit
// and the last for others (10: 4, 6, 8, 10); one look at what there is below 4.
// More looks cost more level than they save time. Nil for less than one pair.
func Looks(maxPairs int) []int {
	if maxPairs < 1 {
		return nil
	}
	if maxPairs < 4 {
		return []int{maxPairs}
	}
	last := maxPairs - maxPairs%2 // an odd last pair is not planned
	looks := []int{}
	for _, n := range []int{4, 6, 8, 12} {
		if n < last {
			looks = append(looks, n)
		}
	}
	return append(looks, last)
}

// lookLevel is the level for a regression at look k of K, from 1: proportional
// to k², the sum is the family's level. K = 4: .00067 .0027 .006 .0107. Late
// looks know more; a change that needs no more than an early one is far beyond
// its level anyway.
func lookLevel(k, of int) float64 {
	squares := float64(of*(of+1)*(2*of+1)) / 6
	return familyLevel * float64(k*k) / squares
}

// lookAt returns the look, from 1, at which n pairs are judged. A session that
// ended between two looks is judged at the next unused look's level.
func lookAt(looks []int, n int) int {
	for i, look := range looks {
		if n <= look {
			return i + 1
		}
	}
	return len(looks)
}
