package report

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

func TestValue(t *testing.T) {
	for _, tt := range []struct {
		unit string
		v    float64
		want string
	}{
		{"ms", 0, "0.0 µs"}, {"ms", 0.012, "12.0 µs"}, {"ms", 0.85, "850 µs"}, {"ms", 1.24, "1.24 ms"}, {"ms", 41.2, "41.2 ms"},
		{"ms", 101, "101.0 ms"}, {"ms", 1240, "1.24 s"}, {"ms", 60000, "60.00 s"}, {"s", 0.412, "412.0 ms"}, {"s", 3.5, "3.50 s"},
		{"ratio", 0, "0.00 %"}, {"ratio", 0.0002, "0.02 %"}, {"ratio", 0.000001, "<0.01 %"}, {"ratio", 0.0999, "9.99 %"}, {"ratio", 0.124, "12.4 %"}, {"ratio", 1, "100.0 %"},
		{"1/s", 412, "412/s"}, {"1/s", 41.2, "41.2/s"}, {"1/s", 4.12, "4.12/s"}, {"1/s", 12400, "12400/s"},
		{"By", 512, "512 B"}, {"By", 104857600, "100 MiB"}, {"By", 1331439862, "1.24 GiB"},
		{"", 1.2345, "1.23"}, {"kJ", 12, "12 kJ"}, {"<b>", 12, "12"}, {"ms", math.NaN(), none}, {"ratio", math.Inf(1), none},
	} {
		if got := value(tt.unit, tt.v); got != tt.want {
			t.Errorf("value(%q, %v) = %q, want %q", tt.unit, tt.v, got, tt.want)
		}
	}
}

func TestChange(t *testing.T) {
	ratio := func(v float64) gate.Row { return gate.Row{Unit: "ms", ChangeRatio: &v} }
	points := func(v float64) gate.Row { return gate.Row{Unit: "ratio", ChangeAbs: &v} }
	for _, tt := range []struct {
		row  gate.Row
		want string
	}{
		{ratio(0.234), "+23.4 %"}, {ratio(-0.012), "-1.2 %"}, {ratio(0), "0.0 %"}, {ratio(-0.0004), "+0.0 %"}, {ratio(0.0004), "+0.0 %"},
		{ratio(3.4), "+340 %"}, {ratio(1e12), "+1e+14 %"}, {ratio(-1e12), "-1e+14 %"},
		{points(0.00004), "+0.00 pp"}, {points(-0.00004), "+0.00 pp"}, {points(0), "0.0 pp"}, {points(0.0139), "+1.39 pp"}, {points(-0.25), "-25.0 pp"},
		{gate.Row{Unit: "ms"}, none}, {gate.Row{Unit: "ms", ChangeAbs: ptr(1.0)}, none}, {ratio(math.NaN()), none + " %"},
	} {
		if got := change(tt.row); got != tt.want {
			t.Errorf("change = %q, want %q", got, tt.want)
		}
	}
}

func TestValuesShareTheirUnit(t *testing.T) {
	for _, tt := range []struct {
		name                   string
		baseline, candidate    float64
		want                   [2]string
		wantArrow, wantChanged string
	}{
		{"same unit", 41.2, 50.8, [2]string{"41.2 ms", "50.8 ms"}, "41.2 → 50.8 ms", "+9.6 ms"},
		{"over a unit", 980, 1240, [2]string{"0.98 s", "1.24 s"}, "0.98 → 1.24 s", "+0.26 s"},
		{"under a unit", 0.85, 1.24, [2]string{"0.85 ms", "1.24 ms"}, "0.85 → 1.24 ms", "+0.39 ms"},
		{"far apart", 1.2, 1240, [2]string{"1.20 ms", "1.24 s"}, "1.20 ms → 1.24 s", "+1.24 s"},
		{"faster", 50.8, 41.2, [2]string{"50.8 ms", "41.2 ms"}, "50.8 → 41.2 ms", "-9.6 ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			row := gate.Row{Unit: "ms", Baseline: &gate.RowSide{Value: tt.baseline}, Candidate: &gate.RowSide{Value: tt.candidate}, ChangeAbs: ptr(tt.candidate - tt.baseline)}
			b, c := values(row)
			if diff := cmp.Diff(tt.want, [2]string{b, c}); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if got := arrow(row); got != tt.wantArrow {
				t.Errorf("arrow = %q, want %q", got, tt.wantArrow)
			}
			if got := magnitude(row); got != tt.wantChanged {
				t.Errorf("magnitude = %q, want %q", got, tt.wantChanged)
			}
		})
	}
}

func TestSmallNumbers(t *testing.T) {
	for _, tt := range []struct{ name, got, want string }{
		{"rule", limit(ptr(0.05), nil, ruleDigits), "5 %"},
		{"rule with decimals", limit(ptr(0.0725), nil, ruleDigits), "7.25 %"},
		{"points", limit(nil, ptr(0.001), ruleDigits), "0.1 pp"},
		{"estimate", limit(ptr(0.1234), nil, estimateDigits), "12 %"},
		{"large estimate", limit(ptr(1.44), nil, estimateDigits), "140 %"},
		{"no limit", limit(nil, nil, ruleDigits), ""},
		{"tiny p", pValue(8.95e-6), "< 0.0001"},
		{"small p", pValue(0.0031), "= 0.0031"},
		{"sure", pValue(1), "= 1"},
		{"seconds", duration(45), "45 s"},
		{"minutes", duration(722), "12 min"},
		{"hours", duration(5 * 3600), "5 h"},
		{"days", duration(72 * 3600), "3 days"},
		{"floor", floor(gate.Row{Unit: "ms", FloorAbs: ptr(0.1)}), "100 µs"},
		{"floor in ms", floor(gate.Row{Unit: "ms", FloorAbs: ptr(2.0)}), "2 ms"},
		{"no floor", floor(gate.Row{Unit: "ms"}), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestColumns(t *testing.T) {
	for _, tt := range []struct {
		s    string
		want int
	}{{"", 0}, {"abc", 3}, {"größe", 5}, {"検索", 4}, {"한국", 4}, {"🚀", 2}, {"e\u0301", 1}, {"…", 1}, {"–", 1}, {"µs", 2}} {
		if got := columns(tt.s); got != tt.want {
			t.Errorf("columns(%q) = %d, want %d", tt.s, got, tt.want)
		}
	}
}

func TestCutMiddle(t *testing.T) {
	for _, tt := range []struct {
		s     string
		width int
		want  string
	}{
		{"POST /api/checkout", 18, "POST /api/checkout"},
		{"POST /api/v1/orders/checkout", 18, "POST /api…checkout"},
		{"検索結果検索結果", 8, "検索…果"},
		{"abcdef", 1, "…"}, {"abcdef", 0, ""}, {"abcdef", 3, "a…f"},
		{"abcde\u0301f\u0301", 4, "ab…f\u0301"},
	} {
		if got := cutMiddle(tt.s, tt.width); got != tt.want {
			t.Errorf("cutMiddle(%q, %d) = %q, want %q", tt.s, tt.width, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		name, s string
		width   int
		want    []string
	}{
		{"words", "one two three", 8, []string{"one two", "three"}},
		{"number and unit", "limit of 5 % here", 10, []string{"limit of", "5 % here"}},
		{"long word", "abcdefghij k", 4, []string{"abcd", "efgh", "ij k"}},
		{"no room", "検索", 0, []string{"検", "索"}},
		{"nothing", "  ", 8, nil},
	} {
		if diff := cmp.Diff(tt.want, wrap(tt.s, tt.width)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestWrapCommandCanBePasted(t *testing.T) {
	for _, tt := range []struct {
		name, s string
		want    []string
	}{
		{"short", "perfgate check", []string{"perfgate check"}},
		{"between words", "perfgate accept 'POST /a b' latency_p95 --max +25%", []string{`perfgate accept 'POST /a b' \`, `  latency_p95 --max +25%`}},
		{"quote", `run "a \" b" 'it'\''s a' --expires 30d --reason x`, []string{`run "a \" b" 'it'\''s a' \`, `  --expires 30d --reason x`}},
		{"long word", "run 'GET /a/very/long/path/that/does/not/fit'", []string{`run \`, `  'GET /a/very/lo…/does/not/fit'`}},
	} {
		if diff := cmp.Diff(tt.want, wrapCommand(tt.s, 34)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// What should be high cannot fall by more than all of it.
func TestMargin(t *testing.T) {
	tests := []struct {
		name string
		row  gate.Row
		want string
	}{
		{"latency", gate.Row{Better: "lower", MarginRatio: ptr(0.1)}, "10 %"},
		{"throughput", gate.Row{Better: "higher", MarginRatio: ptr(0.1)}, "9.1 %"},
		{"a wide one", gate.Row{Better: "higher", MarginRatio: ptr(1.8)}, "64 %"},
		{"delivered", gate.Row{Better: "higher", MarginAbs: ptr(0.05)}, "5 pp"},
		{"none", gate.Row{Better: "higher"}, ""},
	}
	for _, tt := range tests {
		if got := margin(tt.row); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
