package alarm_test

import (
	"testing"
	"time"

	"github.com/perfgate/perfgate/gate/alarm"
)

// TestNeverEarly sleeps for real: an alarm must survive being set again after
// it has run out, and a time that is over already.
func TestNeverEarly(t *testing.T) {
	a := alarm.New()
	defer a.Close()
	sleepAll(t, a)
}

// A closed alarm is less exact, and never early either.
func TestClosed(t *testing.T) {
	a := alarm.New()
	a.Close()
	a.Close()
	sleepAll(t, a)
}

func sleepAll(t *testing.T, a *alarm.Alarm) {
	t.Helper()
	for _, d := range []time.Duration{-1, 0, 1, time.Microsecond, 200 * time.Microsecond, 3 * time.Millisecond} {
		for range 20 {
			begin := time.Now()
			a.Sleep(d)
			if slept := time.Since(begin); slept < d {
				t.Fatalf("slept %v of %v", slept, d)
			}
		}
	}
}
