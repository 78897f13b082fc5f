// Command simulate measures what perfgate's verdicts are worth: it draws
// sessions whose truth is known, lets the code of check decide on them, look by
// look, and prints how often it is wrong; beside it what the rules of others
// say of the same sessions (docs/method.md 0.13).
//
//	go run ./gate/gatetest/simulate             the tables of docs/method.md
//	go run ./gate/gatetest/simulate -short      the targets only, few sessions
//
// It ends with exit code 1 when a target is broken. The same seed prints the
// same numbers, however many processors work on them.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
)

func main() {
	builds := flag.Int("builds", 0, "sessions a cell; 0: 2000, with -short 100")
	seed := flag.Uint64("seed", 1, "of the random streams")
	short := flag.Bool("short", false, "check the targets only")
	flag.Parse()
	s := simulation{seed: *seed, builds: *builds, workers: runtime.GOMAXPROCS(0), done: map[cell]tally{}}
	if s.builds == 0 {
		s.builds = 2000
		if *short {
			s.builds = 100
		}
	}
	if broken := s.report(os.Stdout, *short); broken > 0 {
		fmt.Fprintf(os.Stderr, "simulate: %d of %d targets are broken\n", broken, len(targets()))
		os.Exit(1)
	}
}

// report prints everything and returns how many targets are broken.
func (s *simulation) report(w io.Writer, short bool) (broken int) {
	fmt.Fprintf(w, "%d sessions a cell, seed %d\n\n", s.builds, s.seed)
	if short {
		return s.check(w)
	}
	s.others = withOthers()
	for _, part := range []struct {
		title string
		print func(io.Writer)
	}{
		{"5 endpoints, at most 12 pairs, all numbers but pairs and minutes in %", s.familyTable},
		{"The worst of families and sharings, by endpoints, pairs and budget", s.settingTable},
		{"The same sessions, judged by others: worst of families and sharings, any endpoint's p95", s.othersTable},
	} {
		fmt.Fprintf(w, "%s\n\n", part.title)
		part.print(w)
		fmt.Fprintln(w)
	}
	return s.check(w)
}
