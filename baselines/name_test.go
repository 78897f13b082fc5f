package baselines

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

func TestSegment(t *testing.T) {
	long := strings.Repeat("a", 81)
	for _, test := range []struct{ name, want string }{
		{"checkout", "checkout"},
		{"checkout-v1.2", "checkout-v1.2"},
		{"inference-api/medium", "inference-api__medium"},
		{"release/1.2", "release__1.2"},
		{"my_service", "my_5fservice"},
		{"A/B", "_41___42"},
		{"a/b", "a__b"},
		{"../x", "_2e.__x"},
		{"..", "_2e_2e"},
		{".git", "_2egit"},
		{"-rf", "_2drf"},
		{"dot.", "dot_2e"},
		{"é", "_c3_a9"},
		{"a b\\c\x00", "a_20b_5cc_00"},
		{"con", "_63on"},
		{"nul.json", "_6eul.json"},
		{"com1", "_63om1"},
		{"console", "console"},
		{strings.Repeat("a", 80), strings.Repeat("a", 80)},
		{long, strings.Repeat("a", 60) + "_-" + hashed(long)[:16]},
		{strings.Repeat("é", 40), strings.Repeat("_c3_a9", 10) + "_-" + hashed(strings.Repeat("é", 40))[:16]},
	} {
		got := segment(test.name)
		if got != test.want {
			t.Errorf("segment(%q) = %q, want %q", test.name, got, test.want)
		}
		back, want := unsegment(got), test.name
		if len(test.name) > 60 && got != test.name {
			want = got // cut names stay as they are
		}
		if back != want {
			t.Errorf("unsegment(%q) = %q, want %q", got, back, want)
		}
	}
}

// Names that are made to meet stay apart: the escape of one spelled out, and
// what a cut at the wrong place would make of another.
func TestSegmentsDoNotCollide(t *testing.T) {
	long := strings.Repeat("a", 59) + strings.Repeat("/", 30)
	spelled := strings.Repeat("a", 59) + "/-" + hashed(long)[:16]
	names := []string{"a/b", "a__b", "a_5f_5fb", "a-b", "A-b", "a_2fb", "_41-b", long, spelled, segment(long), strings.Repeat("/", 50), strings.Repeat("/", 51)}
	seen := map[string]string{}
	for _, name := range names {
		s := segment(name)
		if other, ok := seen[s]; ok {
			t.Errorf("%q and %q are both %q", name, other, s)
		}
		seen[s] = name
	}
}

func FuzzSegment(f *testing.F) {
	for _, name := range []string{"checkout", "../x", "A/B", "é", "con", "_-0123456789abcdef", strings.Repeat("/_", 60)} {
		f.Add(name, name+"x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if a == "" {
			return
		}
		s := segment(a)
		if err := checkKey(s); err != nil {
			t.Errorf("segment(%q): %v", a, err)
		}
		if len(s) > longestName {
			t.Errorf("segment(%q) has %d bytes", a, len(s))
		}
		if a != b && s == segment(b) {
			t.Errorf("%q and %q are both %q", a, b, s)
		}
		if back := unsegment(s); back != a && back != s {
			t.Errorf("unsegment(%q) = %q, want %q", s, back, a)
		}
	})
}

func TestShortCommit(t *testing.T) {
	for _, test := range []struct{ commit, want string }{
		{"", "unknown"},
		{"8f2c1d0e4b5a69788f2c1d0e4b5a69788f2c1d0e", "8f2c1d0e4b5a"},
		{"8F2C1D0E", "8f2c1d0e"},
		{"8f2c1d", "x" + hashed("8f2c1d")[:11]},
		{"r12345-trunk", "x" + hashed("r12345-trunk")[:11]},
		{"unknown", "x" + hashed("unknown")[:11]},
	} {
		if got := shortCommit(test.commit); got != test.want {
			t.Errorf("shortCommit(%q) = %q, want %q", test.commit, got, test.want)
		}
	}
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"8f2c1d0e4b5a69788f2c1d0e4b5a69788f2c1d0e", "8f2c1d0e", true},
		{"8f2c1d0e", "8f2c1d0e4b5a69788f2c1d0e4b5a69788f2c1d0e", true},
		{"8f2c1d0e", "8f2c1d0f", false},
		{"", "", false},
		{"", "8f2c1d0e", false},
	} {
		if got := sameCommit(test.a, test.b); got != test.want {
			t.Errorf("sameCommit(%q, %q) = %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

func TestMachineWords(t *testing.T) {
	for _, test := range []struct {
		class gate.EnvironmentClass
		want  string
	}{
		{gate.EnvironmentClass{CPUs: 4, CPUModel: "AMD EPYC 7763 64-Core Processor"}, "4x-amd-epyc-7763"},
		{gate.EnvironmentClass{CPUs: 2, CPUModel: "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz"}, "2x-intel-xeon-platinum-8370c"},
		{gate.EnvironmentClass{CPUs: 8, CPUModel: "Apple M2"}, "8x-apple-m2"},
		{gate.EnvironmentClass{CPUs: 4, CPUModel: "Neoverse-N1"}, "4x-neoverse-n1"},
		{gate.EnvironmentClass{CPUs: 4, Arch: "arm64"}, "4x-arm64"},
		{gate.EnvironmentClass{CPUs: 1, CPUModel: "../é" + strings.Repeat("z", 99)}, "1x-.." + strings.Repeat("z", 38)},
		{gate.EnvironmentClass{}, "0x"},
	} {
		if got := machineWords(test.class); got != test.want {
			t.Errorf("machineWords(%+v) = %q, want %q", test.class, got, test.want)
		}
	}
}

func TestKeyRoundTrip(t *testing.T) {
	full := entryName{scenario: "checkout", machine: "4x-amd-epyc-7763", class: "5d1e0a7b9c2d", load: "3f9a12bc44d0",
		started: time.Date(2026, 11, 23, 23, 12, 4, 0, time.UTC), commit: "8f2c1d0e4b5a", branch: "release__1-2", state: "pass", runs: 5, digest: "0c1fa2b3c4d5"}
	const fullKey = "results/checkout/4x-amd-epyc-7763-5d1e0a7b9c2d/3f9a12bc44d0/20261123t231204z-8f2c1d0e4b5a-release__1-2-pass-5runs-0c1fa2b3c4d5.json"
	bare := full
	bare.machine, bare.class, bare.load, bare.commit, bare.dirty, bare.branch, bare.state = "", "unknown", "unknown", "unknown", true, "main", "no_baseline"
	const bareKey = "results/checkout/unknown/unknown/20261123t231204z-unknown.dirty-main-no_baseline-5runs-0c1fa2b3c4d5.json"
	accepted := full
	accepted.accepted = true
	acceptedKey := strings.Replace(fullKey, "-pass-", "-pass.accepted-", 1)
	for _, test := range []struct {
		n   entryName
		key string
	}{{full, fullKey}, {bare, bareKey}, {accepted, acceptedKey}} {
		if got := test.n.key(); got != test.key {
			t.Errorf("key = %q\nwant  %q", got, test.key)
		}
		got, err := parseKey(test.key)
		if diff := cmp.Diff(test.n, got, cmp.AllowUnexported(entryName{})); diff != "" || err != nil {
			t.Errorf("parseKey: %v (-want +got):\n%s", err, diff)
		}
	}
	for _, key := range []string{
		"", "results", "pins/v1.txt", "results/a/b/c/d/e.json", strings.Replace(fullKey, ".json", "", 1), strings.Replace(fullKey, "pass", "fine", 1),
		strings.Replace(fullKey, "5runs", "05runs", 1), strings.Replace(fullKey, "5runs", "0runs", 1), strings.Replace(fullKey, "5runs", "-5runs", 1),
		strings.Replace(fullKey, "20261123", "20261332", 1), strings.Replace(fullKey, "checkout", "Checkout", 1), strings.Replace(fullKey, "checkout", "..", 1),
		strings.Replace(fullKey, "-5runs", "", 1), strings.Replace(acceptedKey, "pass", "", 1), strings.Replace(acceptedKey, ".accepted", ".accepted.accepted", 1), "old/" + fullKey, fullKey + ".json",
	} {
		if n, err := parseKey(key); err == nil {
			t.Errorf("parseKey(%q) = %+v, want an error", key, n)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add("results/checkout/4x-amd-5d1e0a7b9c2d/3f9a12bc44d0/20261123t231204z-8f2c1d0e4b5a-main-pass-5runs-0c1fa2b3c4d5.json")
	f.Add("results/checkout/unknown/unknown/20261123t231204z-unknown.dirty-a-b-interrupted-1runs-0c1fa2b3c4d5.json")
	f.Add("results/checkout/unknown/unknown/20261123t231204z-unknown-main-pass.accepted-1runs-0c1fa2b3c4d5.json")
	f.Add("results////.json")
	f.Fuzz(func(t *testing.T, key string) {
		n, err := parseKey(key)
		if err != nil {
			return
		}
		if n.key() != key || checkKey(key) != nil {
			t.Errorf("parseKey(%q) = %+v, whose key is %q", key, n, n.key())
		}
	})
}

func FuzzParseReportKey(f *testing.F) {
	f.Add("reports/checkout/4x-amd-5d1e0a7b9c2d/3f9a12bc44d0/20261123t231204z-8f2c1d0e4b5a-paired.aa-pass-0c1fa2b3c4d5.json")
	f.Add("reports/checkout/unknown/unknown/20261123t231204z-unknown.dirty-none-no_baseline-0c1fa2b3c4d5.json")
	f.Add("reports////.json")
	f.Fuzz(func(t *testing.T, key string) {
		n, err := parseReportKey(key)
		if err != nil {
			return
		}
		if n.key() != key || checkKey(key) != nil {
			t.Errorf("parseReportKey(%q) = %+v, whose key is %q", key, n, n.key())
		}
	})
}

// The table is what messages list, and the README repeats.
func TestSchemesAreSorted(t *testing.T) {
	var names []string
	for _, s := range schemes() {
		names = append(names, s.name)
		if !strings.HasPrefix(s.form, s.name+":") {
			t.Errorf("form %q is not of scheme %q", s.form, s.name)
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(names)) != len(schemes()) {
		t.Errorf("schemes are not sorted, or one stands twice: %q", names)
	}
}

// The key that the manual shows is one.
func TestManualShowsKeys(t *testing.T) {
	manual, err := os.ReadFile("../docs/baselines.md")
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`(?m)^ +((?:results|reports)/[^<>\n]+)$`).FindAllSubmatch(manual, -1)
	if len(keys) == 0 {
		t.Error("docs/baselines.md shows no key")
	}
	for _, key := range keys {
		_, err := parseKey(string(key[1]))
		if strings.HasPrefix(string(key[1]), reportsFolder) {
			_, err = parseReportKey(string(key[1]))
		}
		if err != nil {
			t.Error(err)
		}
	}
}
