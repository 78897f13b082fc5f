package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// mkverdicts is the command of the scripts that writes a report a day for each
// of its arguments, VERDICT, VERDICT@COMMIT or VERDICT@COMMIT^BASE, the first of
// 2026-01-01: into a store, or as files into a folder.
func mkverdicts() {
	f := flag.NewFlagSet("mkverdicts", flag.ExitOnError)
	location := f.String("store", "", "folder of the store")
	folder := f.String("o", "", "write files into this folder")
	times := f.Int("times", 1, "repeat the arguments")
	from := f.Int("from", 1, "day of the first one")
	f.Parse(os.Args[1:])
	for i := range *times * f.NArg() {
		if err := writeVerdict(f.Arg(i%f.NArg()), *from+i, *location, *folder); err != nil {
			fmt.Fprintln(os.Stderr, "mkverdicts:", err)
			os.Exit(1)
		}
	}
}

func writeVerdict(text string, day int, location, folder string) error {
	verdict, commits, _ := strings.Cut(text, "@")
	commit, base, _ := strings.Cut(commits, "^")
	spec := gatetest.Spec{Scenario: "shop", Session: fmt.Sprint("day-", day), Start: time.Date(2026, 1, day, 6, 0, 0, 0, time.UTC), Runs: 6, Noise: 0.01, Seed: 1}
	slow := spec
	if gate.Verdict(verdict) == gate.VerdictRegression {
		slow.Scale = func(int, string) float64 { return 1.5 }
	}
	b, c := gatetest.Pair(spec, slow)
	b.Subject.Commit, c.Subject.Commit = base, commit
	r := gate.Judge(gate.Compare(gate.Input{Baseline: []gate.Result{b}, Candidate: []gate.Result{c}}))
	if r.Verdict != gate.Verdict(verdict) { // what no synthetic session ends with
		r.Verdict, r.Reason = gate.Verdict(verdict), gate.ReportReason{Rows: []string{}, Text: verdict}
	}
	if location != "" {
		store, err := baselines.Open(location, baselines.OpenOptions{})
		if err != nil {
			return err
		}
		_, err = store.SaveReport(context.Background(), r)
		return err
	}
	data, err := gate.Encode(r)
	if err != nil {
		return err
	}
	file := filepath.Join(folder, fmt.Sprint("day-", day), "report.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}
