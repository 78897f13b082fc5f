//go:build !linux

package alarm

import "time"

// An Alarm sleeps with Go's timers, which on these systems are finer than a
// millisecond. One goroutine at a time may use it.
type Alarm struct{}

func newAlarm() *Alarm { return &Alarm{} }

func (*Alarm) sleep(d time.Duration) { sleepShort(d) }

func (*Alarm) close() {}
