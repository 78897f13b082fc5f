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
	"runtime/debug"
)

func main() {
	// Sessions are drawn and dropped: memory is cheaper than collecting it.
	debug.SetGCPercent(400)
	builds := flag.Int("builds", 0, "sessions a cell; 0: 2000, with -short 100")
	seed := flag.Uint64("seed", 1, "of the random streams")
	short := flag.Bool("short", false, "check the targets only")
	only := flag.String("only", "", "one table: targets, families, learned, others or settings")
	flag.Parse()
	s := simulation{seed: *seed, builds: *builds, workers: runtime.GOMAXPROCS(0), done: map[cell]tally{}}
	if s.builds == 0 {
		s.builds = 2000
		if *short {
			s.builds = 100
		}
	}
	if *short {
		*only = "targets"
	}
	broken, known := s.report(os.Stdout, *only)
	if !known {
		fmt.Fprintf(os.Stderr, "simulate: there is no table %q\n", *only)
		os.Exit(2)
	}
	if broken > 0 {
		fmt.Fprintf(os.Stderr, "simulate: %d of %d targets are broken\n", broken, len(targets()))
		os.Exit(1)
	}
}

// report prints one table or, without a name, all, and returns how many targets
// are broken and whether the table is known.
func (s *simulation) report(w io.Writer, only string) (broken int, known bool) {
	fmt.Fprintf(w, "%d sessions a cell, seed %d; shares in %%\n", s.builds, s.seed)
	for _, part := range []struct {
		name, title string
		print       func(io.Writer)
	}{
		{"targets", "Targets", func(w io.Writer) { broken = s.check(w) }},
		{"families", "5 endpoints, at most 16 pairs in 8 minutes", s.familyTable},
		{"learned", "The worst of families and sharings, with learned noise", s.learnedTable},
		{"others", "The same sessions, judged by others: worst of families and sharings, any endpoint's p95", s.othersTable},
		{"settings", "The worst of families and sharings, by endpoints, pairs and budget", s.settingTable},
	} {
		if only != "" && only != part.name {
			continue
		}
		known = true
		if part.name == "others" || only == "" {
			s.others = withOthers()
		}
		fmt.Fprintf(w, "\n%s\n\n", part.title)
		part.print(w)
	}
	return broken, known
}
