package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

func waiver() gate.Waiver {
	return gate.Waiver{
		Scenario: "shop", Endpoint: `GET /a [b] "c" \d`, Metric: "latency_p95", MaxWorseRatio: 0.25,
		Reason: "see #123: it's fine", Owner: "@team", Expires: "2026-12-31",
	}
}

func TestAppendWaiver(t *testing.T) {
	const entry = `- endpoint: "GET /a [b] \"c\" \\d"
  metric: latency_p95
  max: +25%
  reason: "see #123: it's fine"
  owner: "@team"
  expires: 2026-12-31
  scenario: "shop"
`
	const other = "# why\n- {metric: latency_p95, max: 5%, reason: r, owner: o, expires: 2026-01-01}   # kept\n"
	tests := map[string]struct{ existing, want string }{
		"no file":       {"", entry},
		"only comments": {"# accepted\n", "# accepted\n" + entry},
		"after another": {other + "# end\n", other + "# end\n" + entry},
		"no last break": {strings.TrimSuffix(other, "\n"), other + entry},
		"indented":      {"  - metric: rss_max\n    max: 5%\n    reason: r\n    owner: o\n    expires: 2026-01-01\n", "  - metric: rss_max\n    max: 5%\n    reason: r\n    owner: o\n    expires: 2026-01-01\n  " + strings.TrimSuffix(strings.ReplaceAll(entry, "\n", "\n  "), "  ")},
		"windows":       {"# accepted\r\n", "# accepted\r\n" + strings.ReplaceAll(entry, "\n", "\r\n")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := AppendWaiver([]byte(test.existing), waiver())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Fatalf("text differs (-want +got):\n%s", diff)
			}
			back, err := ParseWaivers(got, "")
			if err != nil {
				t.Fatal(err)
			}
			last := back.Items[len(back.Items)-1]
			last.Line = 0
			if diff := cmp.Diff(waiver(), last); diff != "" {
				t.Errorf("waiver differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAppendWaiverErrors(t *testing.T) {
	with := func(change func(*gate.Waiver)) gate.Waiver {
		w := waiver()
		change(&w)
		return w
	}
	tests := map[string]struct {
		existing string
		waiver   gate.Waiver
		want     string
	}{
		"broken file":  {"a: [", waiver(), "this is not YAML"},
		"same row":     {WaiverYAML(waiver()), waiver(), "the waiver on line 1 lets the same row through"},
		"in brackets":  {"[]\n", waiver(), "the list is written in brackets"},
		"no owner":     {"", with(func(w *gate.Waiver) { w.Owner = "" }), "owner: is empty"},
		"no bound":     {"", with(func(w *gate.Waiver) { w.MaxWorseRatio = 0 }), "out of range"},
		"no day":       {"", with(func(w *gate.Waiver) { w.Expires = "soon" }), "is not a day"},
		"no metric":    {"", with(func(w *gate.Waiver) { w.Metric = "mean" }), "is not a metric"},
		"line break":   {"", with(func(w *gate.Waiver) { w.Reason = "a\nb: c" }), "must stand on one line"},
		"bell":         {"", with(func(w *gate.Waiver) { w.Reason = "a\ab" }), "control character"},
		"not a letter": {"", with(func(w *gate.Waiver) { w.Reason = "\xff" }), "not UTF-8"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := AppendWaiver([]byte(test.existing), test.waiver)
			if err == nil || !strings.Contains(err.Error(), test.want) || got != nil {
				t.Errorf("%q, error %v, want %q in it", got, err, test.want)
			}
		})
	}
}
