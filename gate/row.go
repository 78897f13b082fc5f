package gate

import (
	"math"

	"github.com/perfgate/perfgate/gate/stats"
)

// A row is one row of the comparison on its way to an outcome: Compare fills
// in what was measured and tested, Judge decides.
type row struct {
	Row
	limit limit
	// preset is an outcome that follows from what could be measured at all
	// (new, missing, invalid, too few requests); empty: tested.
	preset Outcome
	tested bool
	est    stats.Estimate // log changes, positive = worse
	// strong is the estimate by which the row passes or improves, see
	// material.estimate; strongRate likewise.
	strong     stats.Estimate
	rate       *stats.RateTest
	strongRate *stats.RateTest
	worse      *stats.RateTest // rate with the sides exchanged, for improvements
	higher     bool            // higher values are better: shown changes have the other sign
	base       float64         // median over the baseline's runs, for absolute changes
	// of a relative row: the endpoint's own row and the others' estimate.
	own    *row
	others stats.Estimate
	// peers is the number of endpoints with a row like this one; 0: the row is
	// not one of several.
	peers int
	// open: it withholds a pass while looks are left, see decider.stillOpen.
	open bool
	note string // what Compare says of the row, whatever its outcome
	// answers says how the answers changed under a large improvement; empty:
	// there is none, or they did not.
	answers string
	// adjustedBetter is p_adjusted of "improved".
	adjustedBetter float64
	// noise is the measured run-to-run noise; NaN when it was not measured.
	noise float64
}

// group is the Holm group of a row.
type group int

const (
	groupNone group = iota // never tested in a family
	groupPrimary
	groupSecondary
	groupWarn
)

func (r *row) group() group {
	switch {
	case !r.tested || r.Role == RoleInfo:
		return groupNone
	case r.Severity == SeverityWarn:
		return groupWarn
	case r.Role == RolePrimary:
		return groupPrimary
	}
	return groupSecondary
}

// blocking reports whether the row can decide the verdict.
func (r *row) blocking() bool { return r.Severity == SeverityBlock && r.Role != RoleInfo }

// p is the unadjusted one-sided p-value of "worse", better of "improved".
func (r *row) p() float64 {
	if r.rate != nil {
		return r.rate.P
	}
	return r.est.P()
}

func (r *row) pBetter() float64 {
	if r.rate != nil {
		return r.worse.P
	}
	return r.strong.PLess()
}

// threshold is the change that matters on the scale of the test.
func (r *row) threshold() float64 {
	if r.rate != nil {
		return r.limit.worse
	}
	return math.Log1p(r.limit.worse)
}

// change is the estimate on that scale, positive = worse.
func (r *row) change() float64 {
	if r.rate != nil {
		return r.rate.Diff
	}
	return r.est.Theta
}

// absolute turns a log change of the row into the unit of the row.
func (r *row) absolute(theta float64) float64 { return math.Expm1(theta) * r.base }

// overFloor reports whether a log change is large enough in absolute terms;
// rows without a floor always are.
func (r *row) overFloor(theta float64) bool {
	return r.limit.floor == 0 || r.rate != nil || math.Abs(r.absolute(theta)) > r.limit.floor
}

// describe fills in the shown numbers of a tested row.
func (r *row) describe() {
	r.IntervalLevel = intervalLevel
	side := (1 - intervalLevel) / 2
	if r.rate != nil {
		lo, hi := r.rate.Lower(side), r.rate.Upper(side)
		diff := r.rate.Diff
		if r.higher {
			diff, lo, hi = -diff, -hi, -lo
		}
		r.ChangeAbs, r.IntervalAbs = ptr(diff), &[2]float64{lo, hi}
		r.DF = finiteOrNil(r.rate.Dispersion.DF)
		return
	}
	theta, lo, hi := r.est.Theta, r.est.Lower(side), r.est.Upper(side)
	if r.higher {
		theta, lo, hi = -theta, -hi, -lo
	}
	r.ChangeRatio = finiteOrNil(math.Expm1(theta))
	r.ChangeAbs = finiteOrNil(r.absolute(theta))
	if l, u := math.Expm1(lo), math.Expm1(hi); finite(l) && finite(u) {
		r.IntervalRatio = &[2]float64{l, u}
	}
	r.DF, r.SELog = finiteOrNil(r.est.DF), finiteOrNil(r.est.SE)
}

func finiteOrNil(f float64) *float64 {
	if !finite(f) {
		return nil
	}
	return &f
}
