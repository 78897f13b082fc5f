package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const goldenFolder = "../../testdata/report"

// reports are the cases by the name of their folder.
func reports() map[string]gate.Report {
	return map[string]gate.Report{
		"regression": regression(), "single": single(), "pass": pass(), "inconclusive": inconclusive(), "violation": violation(),
		"no_baseline": noBaseline(), "not_comparable": notComparable(), "invalid": invalid(), "skipped": skipped(), "observe": observing(),
	}
}

func typed(o TextOptions) TextOptions {
	o.Baseline, o.Candidate = "old.json", "new.json"
	return o
}

// golden compares got with a file of a case, or rewrites it.
func golden(t *testing.T, name, file string, got []byte) {
	t.Helper()
	path := filepath.Join(goldenFolder, name, file)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v\nhint: go test ./gate/report -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestGoldenReports(t *testing.T) {
	files := map[string]struct {
		format string
		o      Options
	}{
		"report.json": {"json", Options{}},
		"text80.txt":  {"text", Options{Text: typed(TextOptions{})}},
		"text.txt":    {"text", Options{Text: typed(TextOptions{Width: 120})}},
		"all80.txt":   {"text", Options{Text: typed(TextOptions{All: true})}},
		"report.md":   {"markdown", Options{}},
	}
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			data, err := gate.Encode(r)
			if err != nil {
				t.Fatal(err)
			}
			gatetest.CheckSchema(t, "report", data)
			// What `render` reads from a file must look like what `check` shows.
			read, err := gate.DecodeReport(data)
			if err != nil {
				t.Fatal(err)
			}
			for file, x := range files {
				f, err := FormatNamed(x.format)
				if err != nil {
					t.Fatal(err)
				}
				var now, later bytes.Buffer
				if err := f.Render(&now, r, x.o); err != nil {
					t.Fatal(err)
				}
				if err := f.Render(&later, read, x.o); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(now.String(), later.String()); diff != "" {
					t.Errorf("%s differs after a round trip through report.json (-now +later):\n%s", file, diff)
				}
				golden(t, name, file, now.Bytes())
			}
		})
	}
}

func TestGoldenResults(t *testing.T) {
	for name, r := range map[string]gate.Result{"result_measured": measuredResult(), "result_unmeasured": unmeasuredResult()} {
		t.Run(name, func(t *testing.T) {
			data, err := gate.Encode(r)
			if err != nil {
				t.Fatal(err)
			}
			gatetest.CheckSchema(t, "result", data)
			golden(t, name, "result.json", data)
			for file, o := range map[string]TextOptions{"text80.txt": {}, "text.txt": {Width: 120}, "all80.txt": {All: true}} {
				var b bytes.Buffer
				if err := ResultText(&b, r, nil, o); err != nil {
					t.Fatal(err)
				}
				golden(t, name, file, b.Bytes())
			}
		})
	}
}
