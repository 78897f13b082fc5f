package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/config"
	"github.com/perfgate/perfgate/gate/demo"
	"github.com/perfgate/perfgate/gate/experiment"
	"github.com/perfgate/perfgate/gate/machine"
	"github.com/perfgate/perfgate/gate/target"
)

// scenario is three endpoints whose requests take about 2 ms. A run of 2.3 s
// holds 230 requests of each, enough for a p95, and the service needs about two
// thirds of a core.
const scenario = `version: 1
name: sessions
target: {start: replaced, ready: /health}
load: {rate: 300/s, warmup: 0s}
tasks:
  - GET /health
  - GET /models
  - name: POST /inference
    request: {method: POST, path: /inference, json: {model: resnet50, input: [1, 2, 3]}}
`

const (
	runLength = 2300 * time.Millisecond
	budget    = 10 * time.Minute // never the reason for an end
)

// A maker makes sessions on this machine.
type maker struct {
	program string
	speed   float64 // iterations per µs, one for all services
	class   gate.EnvironmentClass
	machine string
	done    []*kind
}

func newMaker(program string) *maker {
	f := machine.Read()
	m := &maker{program: program, speed: demo.Calibrate(), class: gate.EnvironmentClass{OS: f.OS, Arch: f.Arch, CPUModel: f.CPUModel,
		CPUs: f.CPUs, MemoryGiB: f.MemoryGiB, Virtual: f.Virtual, User: map[string]string{}}}
	m.machine = m.class.String()
	return m
}

// session makes the i-th session of a kind, as check makes one.
func (m *maker) session(ctx context.Context, k *kind, i int) (_ gate.Report, err error) {
	if k.bursts {
		end, err := burning(ctx)
		if err != nil {
			return gate.Report{}, err
		}
		defer end()
	}
	s, err := config.Parse([]byte(scenario), config.Options{Name: "scenario"})
	if err != nil {
		return gate.Report{}, err
	}
	s.Load.Seed = uint64(i + 1)
	o := experiment.CompareOptions{Budget: budget, Duration: runLength, Options: experiment.Options{
		Scenario: s, Environment: gate.Environment{ClassDigest: m.class.Digest(), Class: m.class, Recorded: map[string]string{}},
		MachineID: machine.ID(), Version: "sessions", Session: fmt.Sprintf("%s %d", k.name, i+1)}}
	baseline, err := m.arm(o, gate.SideBaseline, k, nil)
	if err != nil {
		return gate.Report{}, err
	}
	candidate, err := m.arm(o, gate.SideCandidate, k, k.slow)
	if err != nil {
		return gate.Report{}, errors.Join(err, baseline.Target.Close())
	}
	session, err := experiment.Compare(ctx, o, baseline, candidate)
	if err != nil {
		return gate.Report{}, err
	}
	return session.Reports[0], nil
}

// arm is a build of the service that does so many times the work.
func (m *maker) arm(o experiment.CompareOptions, side gate.Side, k *kind, slow map[string]float64) (experiment.Arm, error) {
	start := demo.StartCommand(system(), m.program, m.work(slow)) + fmt.Sprintf(" --work %s --iterations %g", k.work, m.speed)
	spec := o.Scenario.Target
	spec.Start = start
	return experiment.NewArm(target.Options{Spec: spec, Side: side, Session: o.Session}, gate.Subject{Label: string(side)})
}

func (m *maker) work(slow map[string]float64) map[string]float64 {
	work := endpoints()
	for path, factor := range slow {
		work[path] *= factor
	}
	return work
}

// progress tells of a session.
func (m *maker) progress(k *kind, i int, r gate.Report) {
	line := fmt.Sprintf("%s %d: %s, %d pairs", k.name, i+1, r.Verdict, r.Design.Pairs)
	if r.Verdict != gate.VerdictPass {
		line += ": " + r.Reason.Text
	}
	fmt.Fprintln(os.Stderr, line)
}

// burning starts a process that burns the CPU in bursts, and returns what ends
// it.
func burning(ctx context.Context) (end func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	c := exec.CommandContext(ctx, program, "-burn")
	if err := c.Start(); err != nil {
		cancel()
		return nil, err
	}
	return func() {
		cancel()
		_ = c.Wait() // it was killed
	}, nil
}

// burnBursts computes for 0.1 to 2 s and rests as long, until it is ended.
func burnBursts(ctx context.Context) {
	random := rand.New(rand.NewPCG(1, uint64(os.Getpid())))
	length := func() time.Duration { return time.Duration(100+random.IntN(1900)) * time.Millisecond }
	x := uint64(1)
	for ctx.Err() == nil {
		for end := time.Now().Add(length()); time.Now().Before(end) && ctx.Err() == nil; {
			for range 1 << 16 {
				x = x*6364136223846793005 + 1442695040888963407
			}
		}
		select {
		case <-time.After(length()):
		case <-ctx.Done():
		}
	}
}
