package machine

import (
	"syscall"
	"testing"
)

func TestThisLinux(t *testing.T) {
	if f := Read(); f.Kernel == "" || f.MemoryGiB < 1 {
		t.Errorf("facts %+v lack what every Linux tells", f)
	}
	if id := ID(); id == "" {
		t.Error("no ID, though every Linux has a boot id")
	}
	if c := Snapshot(); c.cpuSeconds <= 0 {
		t.Errorf("counters %+v: this test has used no CPU", c)
	}
	if _, rss, ok := GroupUsage(syscall.Getpgrp()); !ok || rss <= 0 {
		t.Errorf("this process's own group: %d bytes, %v", rss, ok)
	}
	if _, _, ok := GroupUsage(-1); ok {
		t.Error("usage of a group that cannot be")
	}
}
