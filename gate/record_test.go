package gate_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// past is one session a day, the first on 2026-01-01.
func past(verdicts ...gate.Verdict) []gate.Past {
	var out []gate.Past
	for i, v := range verdicts {
		out = append(out, gate.Past{Started: time.Date(2026, 1, 1+i, 6, 0, 0, 0, time.UTC), Verdict: v})
	}
	return out
}

func times(n int, v gate.Verdict) []gate.Verdict {
	var out []gate.Verdict
	for range n {
		out = append(out, v)
	}
	return out
}

func TestNewRecord(t *testing.T) {
	tests := []struct {
		name string
		past []gate.Past
		want gate.Record
	}{
		{"never asked", nil, gate.Record{}},
		{"decided and not", past("pass", "regression", "violation", "inconclusive"), gate.Record{Sessions: 4, Compared: 4, Decided: 3, Undecided: 1,
			First: "2026-01-01T06:00:00Z", LastCompared: "2026-01-04T06:00:00Z", LastDecided: "2026-01-03T06:00:00Z"}},
		{"nothing compared", past("pass", "no_baseline", "invalid", "not_comparable"), gate.Record{Sessions: 4, Compared: 1, Decided: 1, Undecided: 3, Uncompared: 3,
			First: "2026-01-01T06:00:00Z", LastCompared: "2026-01-01T06:00:00Z", LastDecided: "2026-01-01T06:00:00Z"}},
		{"skipped sessions end no row", past("inconclusive", "skipped", "no_baseline", "skipped"), gate.Record{Sessions: 4, Skipped: 2, Compared: 1, Undecided: 2, Uncompared: 1,
			First: "2026-01-01T06:00:00Z", LastCompared: "2026-01-01T06:00:00Z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reversed := []gate.Past{}
			for _, p := range tt.past {
				reversed = append([]gate.Past{p}, reversed...)
			}
			for _, in := range [][]gate.Past{tt.past, reversed} {
				if diff := cmp.Diff(tt.want, gate.NewRecord(in)); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			}
		})
	}
}

// A gate that gives no answers says so beside its verdict (design: ways to go
// green without evidence, 19).
func TestSilentGate(t *testing.T) {
	passing, undecided, nothing := paired(4, gatetest.Spec{}, gatetest.Spec{}), paired(2, gatetest.Spec{}, gatetest.Spec{Scale: slower("*", 1.2)}), gate.Input{Candidate: []gate.Result{gatetest.Spec{}.Result()}}
	skipped := gate.Input{Candidate: []gate.Result{gatetest.Spec{Runs: 1}.Result()}, Skip: &gate.Skip{Because: gate.SkipPaths, Text: "no file under paths changed"}}
	skipped.Candidate[0].Runs = nil
	const worth = ": a green check of it means nothing"
	silent := func(head, more string) []gate.RowWarning {
		return []gate.RowWarning{{Code: "gate_is_silent", Headline: head, Text: head + more + worth}}
	}
	later := func(in gate.Input, day time.Time) gate.Input {
		in.Candidate = append([]gate.Result{}, in.Candidate...)
		in.Candidate[0].Session.Started = day.Format(time.RFC3339)
		return in
	}
	march := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
	skips := append([]gate.Verdict{"pass"}, times(6, "skipped")...)
	tests := []struct {
		name string
		in   gate.Input
		past []gate.Past
		want []gate.RowWarning
	}{
		{"undecided for the fifth time", undecided, past(append([]gate.Verdict{"pass"}, times(4, "inconclusive")...)...),
			silent("this gate has decided nothing in its last 5 sessions", ", the last decision was made on 2026-01-01")},
		{"undecided for the fourth time", undecided, past(append([]gate.Verdict{"pass"}, times(3, "inconclusive")...)...), nil},
		{"undecided, then decided", passing, past(times(9, "inconclusive")...), nil},
		{"never decided", undecided, past(times(6, "inconclusive")...), silent("this gate has decided nothing in its last 7 sessions", "")},
		{"nothing to compare with", nothing, past(append([]gate.Verdict{"pass"}, times(4, "no_baseline")...)...), silent("this gate has not compared anything since 2026-01-01", "")},
		{"never anything to compare with", nothing, past(times(9, "no_baseline")...), silent("this gate has never compared anything in 10 sessions", "")},
		{"a new gate", nothing, nil, nil},
		{"never anything but skips", nothing, past(times(5, "skipped")...), silent("this gate has never compared anything, 5 builds were skipped", "")},
		{"skipped for the fifth time", skipped, past(times(4, "skipped")...), silent("this gate has never compared anything, 5 builds were skipped", "")},
		{"skipped for the fourth time", skipped, past(times(3, "skipped")...), nil},
		{"skipped again and again, once compared", skipped, past(append([]gate.Verdict{"pass"}, times(6, "skipped")...)...), nil},
		{"first measured, then undecided", undecided, past(append(times(2, "invalid"), times(2, "inconclusive")...)...), silent("this gate has decided nothing in its last 5 sessions", "")},
		{"always skipped, and now again nothing", later(nothing, march), past(skips...), silent("this gate has not compared anything since 2026-01-01", "")},
		{"always skipped until now", later(undecided, march), past(skips...), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			record := gate.NewRecord(tt.past)
			tt.in.Record = &record
			r := judge(tt.in)
			if diff := cmp.Diff(tt.want, warned(r, "gate_is_silent")); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, dump(r))
			}
			if diff := cmp.Diff(&record, r.Record); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// A record in a file is somebody else's: one that cannot be is refused.
func TestRecordInAFile(t *testing.T) {
	good := gate.NewRecord(past("pass", "skipped", "inconclusive"))
	tests := []struct {
		name   string
		change func(*gate.Record)
		want   string // empty: it is read
	}{
		{"as it was written", func(*gate.Record) {}, ""},
		{"negative", func(r *gate.Record) { r.Decided = -1 }, "record: its counts contradict each other"},
		{"more decided than compared", func(r *gate.Record) { r.Decided = 3 }, "record: its counts contradict each other"},
		{"a longer row than sessions", func(r *gate.Record) { r.Undecided = 9 }, "record: its counts contradict each other"},
		{"no time", func(r *gate.Record) { r.LastDecided = "x" }, `record: "x" is no time`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			record := good
			tt.change(&record)
			r := gatetest.Spec{}.Result()
			r.Record = &record
			_, err := gate.DecodeResult(encode(t, r))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestPersistentRegression(t *testing.T) {
	in := history(6, gatetest.Spec{})
	in.Choice.Persistent = "the last 3 jobs of main all regressed and nobody accepted it"
	want := []gate.RowWarning{{Code: "persistent_regression", Text: in.Choice.Persistent, Headline: in.Choice.Persistent}}
	if diff := cmp.Diff(want, warned(judge(in), "persistent_regression")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
