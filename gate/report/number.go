package report

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/perfgate/perfgate/gate"
)

// none stands where there is no number; legends explain it.
const none = "–"

func fixed(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// signed writes v with its sign. Exactly zero has none ("0.0"), what only
// rounds to zero is "+0.0" from either side: "-0.0" would tell a direction
// that nobody can see.
func signed(v float64, decimals int) string {
	s := fixed(math.Abs(v), decimals)
	switch {
	case v == 0:
		return s
	case v < 0 && strings.ContainsAny(s, "123456789"):
		return "-" + s
	}
	return "+" + s
}

// significant writes v with at most n significant digits and no exponent
// below a million.
func significant(v float64, n int) string {
	if v == 0 {
		return "0"
	}
	if math.Abs(v) >= 1e6 || math.Abs(v) < 1e-5 {
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', n, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// signedNumber is the number of a change in per cent or percentage points, one
// decimal more below ten points; without unit.
func signedNumber(v float64, points bool) string {
	v *= 100
	switch {
	case !finite(v):
		return none
	case math.Abs(v) >= 99999.5: // no change of a service; keeps the columns narrow
		return strings.Replace("+"+strconv.FormatFloat(v, 'g', 1, 64), "+-", "-", 1)
	case v == 0:
		return signed(v, 1)
	case points && math.Abs(v) < 10:
		return signed(v, 2)
	case math.Abs(v) < 100:
		return signed(v, 1)
	}
	return signed(v, 0)
}

// change writes the change of a row: "+23.4 %", of rates "+0.02 pp".
func change(row gate.Row) string {
	switch {
	case row.ChangeRatio != nil:
		return signedNumber(*row.ChangeRatio, false) + " %"
	case row.ChangeAbs != nil && row.Unit == "ratio":
		return signedNumber(*row.ChangeAbs, true) + " pp"
	}
	return none
}

// interval writes the interval of a row without unit, "+18.1 .. +29.0", with
// the given word between its ends.
func interval(row gate.Row, between string) string {
	switch {
	case row.IntervalRatio != nil:
		return signedNumber(row.IntervalRatio[0], false) + between + signedNumber(row.IntervalRatio[1], false)
	case row.IntervalAbs != nil && row.Unit == "ratio":
		return signedNumber(row.IntervalAbs[0], true) + between + signedNumber(row.IntervalAbs[1], true)
	}
	return none
}

// changeUnit is the unit of a row's change and interval.
func changeUnit(row gate.Row) string {
	if row.ChangeRatio == nil && row.Unit == "ratio" {
		return " pp"
	}
	return " %"
}

// limit writes the bigger, smaller or smallest thing that a rule or a test
// names, "5 %" or "0.1 pp", from a pair of which one is set.
func limit(ratio, abs *float64, digits int) string {
	switch {
	case ratio != nil && finite(*ratio):
		return significant(*ratio*100, digits) + " %"
	case abs != nil && finite(*abs):
		return significant(*abs*100, digits) + " pp"
	}
	return ""
}

// Digits of rules, which are shown as they were written, and of estimates.
const (
	ruleDigits     = 6
	estimateDigits = 2
)

func threshold(row gate.Row) string {
	return limit(row.ThresholdRatio, row.ThresholdAbs, ruleDigits)
}

// margin writes what a pass rules out. Of what should be high it is how far it
// may fall: 1.8 times as slow is 64 % fewer, not 180 %.
func margin(row gate.Row) string {
	if row.Better == "higher" && row.MarginRatio != nil {
		fall := *row.MarginRatio / (1 + *row.MarginRatio)
		return limit(&fall, nil, estimateDigits)
	}
	return limit(row.MarginRatio, row.MarginAbs, ruleDigits)
}

// mde writes the smallest change that would be seen, "12 %".
func mde(row gate.Row) string { return limit(row.MDERatio, row.MDEAbs, estimateDigits) }

// pValue writes a p-value behind a relation: "< 0.0001", "= 0.0031".
func pValue(p float64) string {
	if p < 0.0001 {
		return "< 0.0001"
	}
	return "= " + significant(p, 2)
}

// value writes one number with its unit: "41.2 ms", "0.02 %", "412/s".
func value(unit string, v float64) string {
	if !finite(v) {
		return none
	}
	switch unit {
	case "ms":
		return timeIn(timeScale(v), v)
	case "s":
		return timeIn(timeScale(v*1000), v*1000)
	case "ratio":
		return percent(v)
	case "1/s":
		return rate(v)
	case "By":
		return bytesSize(v)
	case "":
		return significant(v, 3)
	}
	return significant(v, 3) + plainUnit(unit)
}

// plainUnit writes the unit of a metric that this version does not know: a
// short code, or nothing when it is no such code and could be markup.
func plainUnit(unit string) string {
	code := func(r rune) bool { return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '/' }
	if len(unit) > 5 || strings.ContainsFunc(unit, func(r rune) bool { return !code(r) }) {
		return ""
	}
	return " " + unit
}

// values writes both sides of a row, a time on both in the same unit and with
// the same decimals, unless they lie a factor of ten apart.
func values(row gate.Row) (baseline, candidate string) {
	baseline, candidate = none, none
	if row.Baseline != nil {
		baseline = value(row.Unit, row.Baseline.Value)
	}
	if row.Candidate != nil {
		candidate = value(row.Unit, row.Candidate.Value)
	}
	if s, factor, ok := sharedScale(row); ok {
		return timeIn(s, row.Baseline.Value*factor), timeIn(s, row.Candidate.Value*factor)
	}
	return baseline, candidate
}

// sharedScale returns the unit in which both times of a row are written, and
// how many milliseconds the row's unit has.
func sharedScale(row gate.Row) (s scale, factor float64, ok bool) {
	factor = 1
	switch {
	case row.Baseline == nil || row.Candidate == nil || row.Unit != "ms" && row.Unit != "s":
		return s, factor, false
	case row.Unit == "s":
		factor = 1000
	}
	b, c := row.Baseline.Value, row.Candidate.Value
	if !finite(b) || !finite(c) || min(b, c) < max(b, c)/10 {
		return s, factor, false
	}
	return timeScale(max(b, c) * factor), factor, true
}

// arrow writes both sides with the unit once: "41.2 → 50.8 ms".
func arrow(row gate.Row) string {
	b, c := values(row)
	number, unit, _ := strings.Cut(b, " ")
	if _, other, _ := strings.Cut(c, " "); unit != "" && unit == other {
		b = number
	}
	return b + " → " + c
}

// scale is a unit of time and its decimals.
type scale struct {
	unit     string
	perMS    float64
	decimals int
}

// timeScale chooses three or four significant digits for v milliseconds.
func timeScale(v float64) scale {
	switch v = math.Abs(v); {
	case v < 0.1:
		return scale{"µs", 1000, 1}
	case v < 1:
		return scale{"µs", 1000, 0}
	case v < 10:
		return scale{"ms", 1, 2}
	case v < 1000:
		return scale{"ms", 1, 1}
	}
	return scale{"s", 0.001, 2}
}

func timeIn(s scale, ms float64) string {
	if math.Abs(ms) >= 1e7 { // no time of a request; keep columns narrow
		return strconv.FormatFloat(ms/1000, 'g', 2, 64) + " s"
	}
	return fixed(ms*s.perMS, s.decimals) + " " + s.unit
}

// percent writes a share; a share that is not zero never looks like zero.
func percent(v float64) string {
	switch p := v * 100; {
	case p > 0 && p < 0.005:
		return "<0.01 %"
	case math.Abs(p) >= 1e4:
		return strconv.FormatFloat(p, 'g', 2, 64) + " %"
	case p < 9.995:
		return fixed(p, 2) + " %"
	default:
		return fixed(p, 1) + " %"
	}
}

func rate(v float64) string {
	switch {
	case math.Abs(v) >= 1e6:
		return strconv.FormatFloat(v, 'g', 2, 64) + "/s"
	case v >= 99.95:
		return fixed(v, 0) + "/s"
	case v >= 9.995:
		return fixed(v, 1) + "/s"
	}
	return fixed(v, 2) + "/s"
}

func bytesSize(v float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for ; math.Abs(v) >= 1024 && i < len(units)-1; i++ {
		v /= 1024
	}
	return significant(v, 3) + " " + units[i]
}

// magnitude writes a change in the unit of a row, "+9.6 ms", or nothing where
// the change is the number itself.
func magnitude(row gate.Row) string {
	if row.ChangeAbs == nil || !finite(*row.ChangeAbs) || row.Unit == "ratio" {
		return ""
	}
	s := value(row.Unit, math.Abs(*row.ChangeAbs))
	if shared, factor, ok := sharedScale(row); ok {
		s = timeIn(shared, math.Abs(*row.ChangeAbs)*factor)
	}
	switch {
	case *row.ChangeAbs < 0:
		return "-" + s
	case *row.ChangeAbs > 0:
		return "+" + s
	}
	return s
}

// floor writes an absolute floor, "100 µs".
func floor(row gate.Row) string {
	if row.FloorAbs == nil || *row.FloorAbs <= 0 {
		return ""
	}
	if row.Unit == "ms" && *row.FloorAbs < 1 {
		return significant(*row.FloorAbs*1000, 3) + " µs"
	}
	if row.Unit == "ms" {
		return significant(*row.FloorAbs, 3) + " ms"
	}
	return value(row.Unit, *row.FloorAbs)
}

// duration writes seconds for people: "45 s", "12 min", "5 h", "3 days".
func duration(s float64) string {
	switch {
	case !finite(s):
		return none
	case s < 90:
		return fixed(s, 0) + " s"
	case s < 90*60:
		return fixed(s/60, 0) + " min"
	case s < 48*3600:
		return fixed(s/3600, 0) + " h"
	}
	return fixed(s/86400, 0) + " days"
}
