//go:build !linux

package load

import "time"

// alarm wakes the pacer with Go's timers, which on these systems are finer
// than a millisecond.
type alarm struct{}

func newAlarm() alarm { return alarm{} }

func (alarm) sleep(d time.Duration) { sleepShort(d) }

func (alarm) close() {}
