package gate_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

func TestEncodeRounds(t *testing.T) {
	type doc struct {
		Value     any     `json:"value"`
		P         float64 `json:"p"`
		PAdjusted float64 `json:"p_adjusted"`
		Text      string  `json:"text"`
	}
	tests := []struct {
		name string
		in   doc
		want string
	}{
		{"six digits", doc{Value: 1.23456789}, `"value": 1.23457`},
		{"large", doc{Value: 123456789.25}, `"value": 123457000`},
		{"small", doc{Value: 0.000123456789}, `"value": 0.000123457`},
		{"tiny", doc{Value: 1.23456789e-9}, `"value": 1.23457e-9`},
		{"integers stay exact", doc{Value: int64(9007199254740993)}, `"value": 9007199254740993`},
		{"no negative zero", doc{Value: math.Copysign(0, -1)}, `"value": 0`},
		{"rounds to zero", doc{Value: -1e-400}, `"value": 0`},
		{"p-values to three", doc{P: 0.0123456}, `"p": 0.0123`},
		{"adjusted too", doc{PAdjusted: 2.23988e-7}, `"p_adjusted": 2.24e-7`},
		{"text is no number", doc{Text: `1.23456789 "p":0.123456`}, `"text": "1.23456789 \"p\":0.123456"`},
		{"no HTML escapes", doc{Text: "<&>"}, `"text": "<&>"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := gate.Encode(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(got), tt.want+",") && !strings.Contains(string(got), tt.want+"\n") {
				t.Errorf("want %s in\n%s", tt.want, got)
			}
			if !json.Valid(got) || !bytes.HasSuffix(got, []byte("}\n")) {
				t.Errorf("not one JSON document:\n%s", got)
			}
		})
	}
}

func TestEncodeRefusesWhatIsNoNumber(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got, err := gate.Encode(v); err == nil {
			t.Errorf("%v became %s", v, got)
		}
	}
}

// What was read and written again is the same bytes.
func TestResultRoundTrip(t *testing.T) {
	b, _ := gatetest.Pair(gatetest.Spec{Noise: 0.03}, gatetest.Spec{})
	first := encode(t, b)
	decoded, err := gate.DecodeResult(first)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(first), string(encode(t, decoded))); diff != "" {
		t.Error(diff)
	}
}

// The same files give the same report, byte by byte.
func TestReportIsDeterministic(t *testing.T) {
	in := paired(6, gatetest.Spec{}, gatetest.Spec{Scale: slower("GET /a", 1.2), Errors: failing("POST /b", 7)})
	in.Baseline[0], in.Candidate[0] = reread(t, in.Baseline[0]), reread(t, in.Candidate[0])
	want := string(encode(t, judge(in)))
	for range 20 {
		again := gate.Input{Baseline: []gate.Result{reread(t, in.Baseline[0])}, Candidate: []gate.Result{reread(t, in.Candidate[0])}}
		if diff := cmp.Diff(want, string(encode(t, judge(again)))); diff != "" {
			t.Fatal(diff)
		}
	}
}

func reread(t *testing.T, r gate.Result) gate.Result {
	t.Helper()
	r, err := gate.DecodeResult(encode(t, r))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := gate.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDecodeResultErrors(t *testing.T) {
	good := string(encode(t, gatetest.Spec{Runs: 1}.Result()))
	tests := []struct{ name, in, want string }{
		{"empty", "", "the file is empty"},
		{"blank", " \n", "the file is empty"},
		{"not JSON", "latency,200\n", "line 1: not valid JSON"},
		{"cut short", good[:len(good)/2], "it was cut short"},
		{"a report", strings.Replace(good, "perfgate-result", "perfgate-report", 1), `kind: is "perfgate-report", want "perfgate-result"`},
		{"a newer schema", strings.Replace(good, `"schema_version": 1`, `"schema_version": 2`, 1), "schema_version: is 2, this perfgate reads 1"},
		{"an unknown feature", strings.Replace(good, `"requires": []`, `"requires": ["teleport"]`, 1), `requires: needs the feature "teleport"`},
		{"wrong type", strings.Replace(good, `"measured_s": 10`, `"measured_s": "10"`, 1), "runs.measured_s: is a string, want float64"},
		{"negative time", strings.Replace(good, `"measured_s": 10`, `"measured_s": -10`, 1), "runs[0].measured_s"},
		{"unknown status", strings.Replace(good, `"status": "ok"`, `"status": "fine"`, 1), `runs[0].status: "fine" is unknown`},
		{"counts that do not add up", strings.Replace(good, `"ok": 400`, `"ok": 399`, 1), "runs[0].endpoints[0].failures: add up to 0, but 1 of 400"},
		{"more ok than requests", strings.Replace(good, `"ok": 400`, `"ok": 401`, 1), "runs[0].endpoints[0].ok: 401 of 400"},
		{"a histogram that does not decode", strings.Replace(good, `"HISTFAAAA`, `"HISTFBBBB`, 1), "runs[0].endpoints[0].latency[0].hdr_us"},
		{"a histogram of another count", strings.Replace(good, `"count": 400`, `"count": 399`, 1), "hdr_us: holds 400 values, count says 399"},
		{"not a number", strings.Replace(good, `"mean_ms": `, `"mean_ms": NaN, "was": `, 1), "not valid JSON"},
		{"a level that is none", strings.Replace(good, `"0.95": `, `"95": `, 1), `quantiles_ms["95"]`},
		{"a scenario that is not there", strings.Replace(good, `"scenario": "synthetic"`, `"scenario": "other"`, 1), `no scenario "other"`},
		{"a policy with a threshold of nothing", strings.Replace(good, `"warnings": []`, `"policy": {"thresholds": [{"metric": "latency_*", "worse_ratio": 0}]}, "warnings": []`, 1), "policy.thresholds[0].worse: is not above zero"},
		{"a policy with an unknown severity", strings.Replace(good, `"warnings": []`, `"policy": {"thresholds": [{"metric": "latency_p95", "severity": "blocc"}]}, "warnings": []`, 1), `policy.thresholds[0].severity: "blocc" is unknown`},
		{"a policy with an unknown mode", strings.Replace(good, `"warnings": []`, `"policy": {"mode": "off"}, "warnings": []`, 1), `policy.mode: "off" is unknown`},
		{"a class that is not the digest's", strings.Replace(good, `"cpus": 4`, `"cpus": 8`, 1), "environment.class_digest"},
		{"an endpoint that is not there", strings.Replace(good, `"name": "GET /a"`, `"name": "GET /z"`, 1), `"GET /a" is not in its scenario`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.in == good {
				t.Fatal("the case changes nothing")
			}
			_, err := gate.DecodeResult([]byte(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// Unknown fields are for newer readers and are ignored.
func TestDecodeResultIgnoresUnknownFields(t *testing.T) {
	good := string(encode(t, gatetest.Spec{Runs: 1}.Result()))
	if _, err := gate.DecodeResult([]byte(strings.Replace(good, `"kind"`, `"flavour": [1, {"x": 2}], "kind"`, 1))); err != nil {
		t.Error(err)
	}
}

func TestPairedFilesMustHoldWholeNumbers(t *testing.T) {
	twice := func(r *gate.Result) { r.Runs[1].Pair = 1 }
	_, c := gatetest.Pair(gatetest.Spec{}, gatetest.Spec{Mutate: twice})
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "runs[1].pair") {
		t.Errorf("two runs of one pair: %v", err)
	}
	none := func(r *gate.Result) { r.Session.Looks = nil }
	_, c = gatetest.Pair(gatetest.Spec{}, gatetest.Spec{Mutate: none})
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "looks") {
		t.Errorf("no looks: %v", err)
	}
}

// FuzzDecodeResult holds that hostile bytes are refused or make a result that
// can be compared and encoded, without a panic.
func FuzzDecodeResult(f *testing.F) {
	for _, s := range []gatetest.Spec{{Runs: 1, Requests: 30}, {Runs: 2, Requests: 20, Model: gate.ModelClosed}} {
		data, err := gate.Encode(s.Result())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	b, _ := gatetest.Pair(gatetest.Spec{Runs: 4, Requests: 20}, gatetest.Spec{Runs: 4, Requests: 20})
	data, err := gate.Encode(b)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := gate.DecodeResult(data)
		if err != nil {
			return
		}
		report := gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{r}, Candidate: []gate.Result{r}}))
		if report.Verdict == gate.VerdictRegression {
			t.Errorf("a result regressed against itself: %s", report.Reason.Text)
		}
		if _, err := gate.Encode(report); err != nil {
			t.Errorf("the report does not encode: %v", err)
		}
	})
}
