// Command sessions holds perfgate to its word on the machine it runs on: it makes
// real paired sessions of the demo service, whose truth is known, and prints what
// became of them.
//
//	go run ./gate/gatetest/sessions              50 sessions, about half an hour
//	go run ./gate/gatetest/sessions -share 0.1   a tenth of them
//	go run ./gate/gatetest/sessions -only +10    one kind of them
//
// Most sessions compare a build with itself, half of them with computing
// requests and half with waiting ones, and every third beside a process that
// burns the CPU in bursts. The others have a build that needs 10 % more work in
// every endpoint, or 20 % more in one. It ends with exit code 1 when a share is
// missed, which is a smoke test: what the words are worth is simulated
// (docs/method.md 0.13).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	share := flag.Float64("share", 1, "of the sessions to make")
	only := flag.String("only", "", "make those whose name holds this `TEXT`")
	burn := flag.Bool("burn", false, "be the process that burns the CPU (used by this command itself)")
	flag.Parse()
	os.Exit(run(*share, *only, *burn))
}

// run returns the exit code.
func run(share float64, only string, burn bool) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if burn {
		burnBursts(ctx)
		return 0
	}
	missed, err := measure(ctx, share, only)
	switch {
	case err != nil:
		fmt.Fprintf(os.Stderr, "sessions: %v\n", err)
		return 3
	case missed:
		return 1
	}
	return 0
}

// measure makes all sessions, prints the table, and reports whether a share was
// missed.
func measure(ctx context.Context, share float64, only string) (missed bool, err error) {
	folder, err := os.MkdirTemp("", "perfgate-sessions-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	program := filepath.Join(folder, "perfgate.exe")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/perfgate/perfgate/cmd/perfgate")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return false, fmt.Errorf("build perfgate: %w", err)
	}
	m := newMaker(program)
	began := time.Now()
	for _, k := range kinds() {
		if !strings.Contains(k.name, only) {
			continue
		}
		for i := range k.count(share) {
			s, err := m.session(ctx, k, i)
			if err != nil {
				return false, fmt.Errorf("%s, session %d: %w", k.name, i+1, err)
			}
			k.tally.add(s)
			m.progress(k, i, s)
		}
		m.done = append(m.done, k)
	}
	fmt.Printf("\nin %s, on %s\n\n", time.Since(began).Round(time.Second), m.machine)
	return printTable(os.Stdout, m.done), nil
}
