// Package alarm sleeps for exact times: within a tenth of a millisecond, where
// the timers of Go may wake a millisecond late.
package alarm

import "time"

// New makes an alarm. The caller must Close it.
func New() *Alarm { return newAlarm() }

// Sleep returns as soon as it can after d, never before; at once for a d of
// zero or less.
func (a *Alarm) Sleep(d time.Duration) { a.sleep(d) }

// Close frees the timer. A sleep of a closed alarm falls back to Go's timers.
func (a *Alarm) Close() { a.close() }

// sleepShort sleeps for d where there is no better timer than Go's: it wakes
// early by at most a tenth of a millisecond and watches the clock for the rest.
func sleepShort(d time.Duration) {
	const watch = 100 * time.Microsecond
	begin := time.Now()
	if d > watch {
		time.Sleep(d - watch)
	}
	for time.Since(begin) < d {
	}
}
