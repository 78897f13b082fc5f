package stats

import (
	"gonum.org/v1/gonum/stat/distuv"
)

// Exact returns the one-sided exact bounds of a share of x in n, each at the
// level, 0.05 (Clopper and Pearson 1934; docs/method.md 6.10): the rates at
// which x or more, and x or fewer, would be seen with that probability. Unlike
// [Wilson] it keeps its promise at the ends, where the share of a rare event
// lies. Assumed are independent cases. It is [0, 1] for counts that cannot be
// or a level that is not in (0, 1).
//
// 0 of 20 at level 0.05 give [0, 0.139108].
func Exact(x, n int, level float64) (lo, hi float64) {
	if n <= 0 || x < 0 || x > n || !(level > 0 && level < 1) {
		return 0, 1
	}
	lo, hi = 0, 1
	k, m := float64(x), float64(n)
	if x > 0 {
		lo = distuv.Beta{Alpha: k, Beta: m - k + 1}.Quantile(level)
	}
	if x < n {
		hi = distuv.Beta{Alpha: k + 1, Beta: m - k}.Quantile(1 - level)
	}
	return lo, hi
}
