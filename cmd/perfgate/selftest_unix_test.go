//go:build unix

package main

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

// A selftest that is interrupted leaves nothing either: neither the service nor
// a proxy in front of it. Its side is named "run".
func TestSelfTestInterruptedInEachPhase(t *testing.T) {
	tests := []struct{ phase, command, does, warmup string }{
		{"build", "build", "hang", "0s"},
		{"prepare", "prepare", "hang", "0s"},
		{"start", "start", "hang", "0s"},
		{"ready", "start", "unready", "0s"},
		{"warm-up", "start", "marks", "10s"},
		{"load of a later arm", "start", "pairs", "0s"},
		{"stop", "stop", "held", "0s"},
	}
	for i, tt := range tests {
		signal := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}[i%2]
		t.Run(tt.phase+", "+signal.String(), func(t *testing.T) {
			t.Parallel()
			p := newPhases(t, tt.warmup, "30s")
			p.write("control/run "+tt.command, tt.does)
			c := p.perfgate("selftest", "--out", p.path("out"))
			p.eventually(c, "the "+tt.phase, func() bool { _, err := os.Stat(p.path("control/reached")); return err == nil })
			p.must(c.Process.Signal(signal))
			p.write("control/release", "")
			if code := c.exitCode(); code != gate.ExitInterrupted {
				t.Errorf("exit code %d\n%s", code, c.said.String())
			}
			if _, err := os.Stat(p.path("out/selftest.json")); err == nil {
				t.Error("a self-test that did not end has a result")
			}
			p.nothingLeft()
		})
	}
}

// The one service of all arms is built and prepared once, and comes up anew for
// each run.
func TestSelfTestUsesOneService(t *testing.T) {
	t.Parallel()
	p := newPhases(t, "0s", "30s")
	p.write("control/run start", "pairs")
	c := p.perfgate("selftest", "--out", p.path("out"))
	p.eventually(c, "the second start", func() bool { return strings.Count(p.read("control/calls"), "run start\n") == 2 })
	p.must(c.Process.Signal(syscall.SIGINT))
	if code := c.exitCode(); code != gate.ExitInterrupted {
		t.Errorf("exit code %d\n%s", code, c.said.String())
	}
	p.nothingLeft()
	calls := strings.Split(strings.TrimSpace(p.read("control/calls")), "\n")
	want := slices.Concat([]string{"run build", "run prepare"}, []string{"run reset", "run start", "run stop"}, []string{"run reset", "run start", "run stop"})
	if diff := cmp.Diff(want, calls[:min(len(calls), len(want))]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
