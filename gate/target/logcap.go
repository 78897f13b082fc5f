package target

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

const (
	mostLog = 64 << 20 // bytes of a log, as far as can be seen in time
	logLook = 250 * time.Millisecond
)

// watch keeps the logs from filling the disk, from the first call until they
// are closed. What the commands print goes to the file without perfgate in between, so that it can
// only be cut afterwards.
func (l *logs) watch() {
	if l.watched {
		return
	}
	l.watched = true
	l.watcher.Go(func() {
		tick := time.NewTicker(logLook)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-l.closing:
				return
			}
			_ = l.cut() // the next look tries again
		}
	})
}

// cut cuts the logs that are too long.
func (l *logs) cut() error {
	var failed []error
	for _, phase := range []string{PhaseBuild, PhaseStart} {
		if err := cutLog(l.path(phase), l.most); !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// cutLog leaves an eighth of the most bytes at the beginning and at the end of
// a log that is longer, and says so in between. Every writer appends, so it goes
// on at the new end; what it writes at this moment may be lost.
func cutLog(path string, most int64) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() <= most {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	tail := make([]byte, most/8)
	if _, err := f.ReadAt(tail, info.Size()-most/8); err != nil {
		return err
	}
	if err := f.Truncate(most / 8); err != nil {
		return err
	}
	note := fmt.Sprintf("\n--- perfgate: %d bytes left out: the log became too long\n", info.Size()-most/4)
	_, err = f.Write(append([]byte(note), tail...))
	return err
}
