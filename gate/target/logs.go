package target

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/perfgate/perfgate/gate/escape"
)

const (
	tailLines = 20
	tailBytes = 64 << 10
	tailRunes = 500 // of one line
)

// logs is the folder with what one side's commands printed.
type logs struct {
	dir       string // of a temporary one empty until something is written
	temporary bool
	most      int64 // bytes that a log may have
	watched   bool
	closing   chan struct{}
	watcher   sync.WaitGroup
}

// openLogs makes the folder and drops the logs of an earlier session.
func openLogs(dir string) (*logs, error) {
	if dir == "" {
		return newLogs("", true), nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("log folder: %w", err)
	}
	l := newLogs(dir, false)
	for _, phase := range []string{PhaseBuild, PhaseStart} {
		if err := os.Remove(l.path(phase)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("log folder: %w", err)
		}
	}
	return l, nil
}

func newLogs(dir string, temporary bool) *logs {
	return &logs{dir: dir, temporary: temporary, most: mostLog, closing: make(chan struct{})}
}

// path of the log of a phase: the build has its own, all others share one.
func (l *logs) path(phase string) string {
	if phase == PhaseBuild {
		return filepath.Join(l.dir, "build.log")
	}
	return filepath.Join(l.dir, "target.log")
}

// toRemove is the folder when it is a temporary one, else empty.
func (l *logs) toRemove() string {
	if l.temporary {
		return l.dir
	}
	return ""
}

func (l *logs) close() error {
	close(l.closing)
	l.watcher.Wait()
	if l.temporary {
		return os.RemoveAll(l.dir) // nothing when it was never made
	}
	return l.cut() // what was printed since the last look
}

// section is the part of a log that one command writes.
type section struct {
	file *os.File // for appending; nil once the command has it
	path string
	from int64
}

// section begins with a line that names the command as the scenario has it,
// with no variable expanded.
func (l *logs) section(phase, line string) (section, error) {
	f, err := l.append(phase)
	if err != nil {
		return section{}, err
	}
	if _, err := fmt.Fprintf(f, "--- perfgate: %s: %s\n", phase, printable(line)); err != nil {
		f.Close()
		return section{}, fmt.Errorf("log: %w", err)
	}
	from, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		f.Close()
		return section{}, fmt.Errorf("log: %w", err)
	}
	return section{file: f, path: l.path(phase), from: from}, nil
}

// append opens the log of a phase.
func (l *logs) append(phase string) (*os.File, error) {
	if l.dir == "" { // no earlier, since the first command's guard removes it when perfgate is killed
		dir, err := os.MkdirTemp("", "perfgate-log-")
		if err != nil {
			return nil, fmt.Errorf("log: %w", err)
		}
		l.dir = dir
	}
	l.watch()
	f, err := os.OpenFile(l.path(phase), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	return f, nil
}

// lastLines returns at most n lines from the end of the section, and of what
// later commands wrote. nil: none, or the log cannot be read any more.
func (s section) lastLines(n int) []string {
	f, err := os.Open(s.path)
	if err != nil {
		return nil
	}
	defer f.Close()
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil
	}
	from := max(s.from, end-tailBytes)
	if from > end { // much was left out since
		from = max(0, end-tailBytes)
	}
	data, err := io.ReadAll(io.NewSectionReader(f, from, end-from))
	if err != nil {
		return nil
	}
	return lines(data, from > s.from, n)
}

// lines splits what a program printed into at most n last lines, fit for a
// terminal. cut: the data does not begin at the start of a line.
func lines(data []byte, cut bool, n int) []string {
	text := string(data)
	if cut {
		_, text, _ = strings.Cut(text, "\n")
	}
	text = strings.TrimRight(text, "\r\n")
	if text == "" || n <= 0 {
		return nil
	}
	all := strings.Split(text, "\n")
	all = all[max(0, len(all)-n):]
	for i, line := range all {
		all[i] = printable(strings.TrimRight(line, "\r"))
	}
	return all
}

// printable makes a line harmless: no escape sequence, no reversed text, no
// invalid UTF-8, no more than tailRunes runes of it on the screen. A tab becomes
// a space.
func printable(line string) string {
	shown := escape.Terminal(strings.ReplaceAll(line, "\t", " "), "")
	count := 0
	for i := range shown {
		if count == tailRunes {
			return shown[:i] + "…"
		}
		count++
	}
	return shown
}
