package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/gatetest"
)

// A recipe is what the command mkresult of the scripts makes results of.
type recipe struct {
	out, pair                   string
	session, machine, cpu, mode string
	scale, noise                float64
	runs, requests, endpoints   int
	seed                        uint64
	start, waive, requires      string
	slo                         float64
}

// mkresult writes a synthetic result, or the two sides of a paired session.
func mkresult() {
	var r recipe
	f := flag.NewFlagSet("mkresult", flag.ExitOnError)
	f.StringVar(&r.out, "o", "", "write this file")
	f.StringVar(&r.pair, "pair", "", "write baseline.json and candidate.json into this folder, the candidate scaled")
	f.StringVar(&r.session, "session", "s1", "id of the session")
	f.StringVar(&r.machine, "machine", "", "name of the machine; the session's when empty")
	f.StringVar(&r.cpu, "cpu", "", "model of the CPU")
	f.StringVar(&r.mode, "mode", "", "mode of an embedded policy; none when empty")
	f.StringVar(&r.waive, "waive", "", "embedded waiver: endpoint,metric,bound,day")
	f.StringVar(&r.requires, "requires", "", "a feature that a reader must know")
	f.StringVar(&r.start, "start", "", "start of the session, RFC 3339")
	f.Float64Var(&r.scale, "scale", 1, "multiplies the latencies")
	f.Float64Var(&r.noise, "noise", 0.01, "of the runs")
	f.Float64Var(&r.slo, "slo", 0, "embedded limit of overall p95 in ms; none when 0")
	f.IntVar(&r.runs, "runs", 5, "number of runs or pairs")
	f.IntVar(&r.requests, "requests", 400, "of an endpoint and run")
	f.IntVar(&r.endpoints, "endpoints", 0, "number of endpoints; two when 0")
	f.Uint64Var(&r.seed, "seed", 1, "of the noise")
	f.Parse(os.Args[1:])
	if err := r.write(); err != nil {
		fmt.Fprintln(os.Stderr, "mkresult:", err)
		os.Exit(1)
	}
}

func (r recipe) write() error {
	if r.pair == "" {
		return writeResult(r.out, r.spec(r.scale).Result())
	}
	b, c := gatetest.Pair(r.spec(1), r.spec(r.scale))
	if err := os.MkdirAll(r.pair, 0o755); err != nil {
		return err
	}
	if err := writeResult(filepath.Join(r.pair, "baseline.json"), b); err != nil {
		return err
	}
	return writeResult(filepath.Join(r.pair, "candidate.json"), c)
}

func writeResult(file string, r gate.Result) error {
	data, err := gate.Encode(r)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

func (r recipe) spec(scale float64) gatetest.Spec {
	s := gatetest.Spec{Scenario: "shop", Session: r.session, Machine: r.machine, Runs: r.runs, Requests: r.requests, Noise: r.noise, Seed: r.seed,
		Scale: func(int, string) float64 { return scale }, Mutate: r.mutate}
	for i := range r.endpoints {
		s.Endpoints = append(s.Endpoints, gatetest.Endpoint{Name: fmt.Sprint("GET /", i+1)})
	}
	if t, err := time.Parse(time.RFC3339, r.start); err == nil {
		s.Start = t
	}
	if r.cpu != "" {
		s.Class = gate.EnvironmentClass{OS: "linux", Arch: "amd64", CPUModel: r.cpu, CPUs: 4, MemoryGiB: 16, User: map[string]string{}}
	}
	return s
}

func (r recipe) mutate(result *gate.Result) {
	if r.requires != "" {
		result.Requires = append(result.Requires, r.requires)
	}
	if r.mode != "" || r.slo > 0 {
		result.Policy = &gate.Policy{Source: "perfgate.yml", Mode: gate.Mode(cmp.Or(r.mode, string(gate.ModeEnforce)))}
	}
	if r.slo > 0 {
		result.Policy.SLOs = []gate.SLO{{Metric: gate.MetricP95, Op: "<", Limit: r.slo, Line: 7}}
	}
	if part := strings.Split(r.waive, ","); len(part) == 4 {
		bound, _ := strconv.ParseFloat(part[2], 64)
		result.Waivers = &gate.Waivers{Source: "perfgate.accept.yml", Items: []gate.Waiver{{Endpoint: part[0], Metric: part[1],
			MaxWorseRatio: bound, Reason: "embedded", Owner: "@ana", Expires: part[3], Line: 1}}}
	}
}
