package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// TQuantile returns the p quantile of Student's t with df degrees of freedom;
// df = +Inf is the normal distribution. It is -Inf for p ≤ 0 and +Inf for
// p ≥ 1. Where df is not positive the distribution is unknown and the quantile
// infinite on the side of p (0 in the middle); p = NaN counts as 1.
//
// TQuantile(0.99, 8) is 2.896459.
func TQuantile(p, df float64) float64 {
	if p < 0.5 {
		return -upperQuantile(p, df)
	}
	return upperQuantile(1-p, df)
}

// NormalQuantile returns the p quantile of the standard normal distribution,
// -Inf for p ≤ 0 and +Inf for p ≥ 1 or NaN.
//
// NormalQuantile(0.99) is 2.326348.
func NormalQuantile(p float64) float64 { return TQuantile(p, math.Inf(1)) }

// upperQuantile returns the x with P(T > x) = level < 1. It works from the level,
// not from 1-level, so that small levels keep their precision.
func upperQuantile(level, df float64) float64 {
	switch {
	case math.IsNaN(level) || level <= 0:
		return math.Inf(1)
	case level == 0.5:
		return 0
	case level > 0.5:
		return -upperQuantile(1-level, df)
	case !(df > 0):
		return math.Inf(1)
	case df >= normalDF:
		return -distuv.UnitNormal.Quantile(level)
	}
	t := distuv.StudentsT{Sigma: 1, Nu: df}
	switch {
	case df < fewDF:
		return polish(t, -t.Quantile(level), level)
	case df < manyDF:
		return polish(t, hill(level, df), level)
	}
	// Fisher's expansion around the normal quantile: gonum's inverse loses its
	// way far out in the tail of a t that is almost normal.
	z := -distuv.UnitNormal.Quantile(level)
	return polish(t, z+(z*z*z+z)/(4*df), level)
}

// hill guesses the x with P(T > x) = level < 0.5 to about six digits (G. W.
// Hill, Algorithm 396, Communications of the ACM 13, 1970): five times faster
// than inverting the incomplete beta function, and a report asks hundreds of
// times.
func hill(level, df float64) float64 {
	a := 1 / (df - 0.5)
	b := 48 / (a * a)
	c := ((20700*a/b-98)*a-16)*a + 96.36
	d := ((94.5/(b+c)-3)/b + 1) * math.Sqrt(a*math.Pi/2) * df
	y := math.Pow(2*d*level, 2/df)
	if y > 0.05+a {
		x := distuv.UnitNormal.Quantile(level)
		y = x * x
		if df < 5 {
			c += 0.3 * (df - 4.5) * (x + 0.6)
		}
		c += (((0.05*d*x-5)*x-7)*x-2)*x + b
		y = (((((0.4*y+6.3)*y+36)*y+94.5)/c-y-3)/b + 1) * x
		return math.Sqrt(df * math.Expm1(a*y*y))
	}
	y = ((1/(((df+6)/(df*y)-0.089*d-0.822)*(df+2)*3)+0.5/(df+4))*y-1)*(df+1)/(df+2) + 1/y
	return math.Sqrt(df * y)
}

const (
	// Below fewDF degrees of freedom the tail is too heavy for Hill's series.
	fewDF = 2
	// manyDF degrees of freedom make the t quantile easy to guess from the
	// normal one, from normalDF on the difference is
	// below the seventh digit.
	manyDF   = 500
	normalDF = 1e8
)

// polish takes Newton steps on the survival function: gonum's inverse of the
// incomplete beta function stops at about 1e-8, the tail itself is good to
// 1e-13. Steps are taken on the logarithm of the tail, where it is nearly a
// straight line even far out, so two or three suffice.
func polish(t distuv.StudentsT, x, level float64) float64 {
	const enough = 1e-14
	for range 10 {
		tail, density := t.Survival(x), t.Prob(x)
		step := math.Log(tail/level) * tail / density
		if !finite(step) {
			return x
		}
		x += step
		if math.Abs(step) <= enough*math.Abs(x) {
			return x
		}
	}
	return x
}

// upperTail returns P(T > x) for df > 0 degrees of freedom, +Inf: normal.
func upperTail(x, df float64) float64 {
	if df >= normalDF {
		return 0.5 * math.Erfc(x/math.Sqrt2)
	}
	return distuv.StudentsT{Sigma: 1, Nu: df}.Survival(x)
}

// finite reports whether x is a usable number.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// allFinite reports whether each value of x is a usable number.
func allFinite(x []float64) bool {
	for _, v := range x {
		if !finite(v) {
			return false
		}
	}
	return true
}
