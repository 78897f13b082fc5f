package machine

import (
	"os"
	"runtime"
)

func platformFacts() Facts { return linuxFacts(os.DirFS("/"), runtime.NumCPU()) }

func platformIDs() (installation, boot string) {
	root := os.DirFS("/")
	return text(root, "etc/machine-id"), text(root, "proc/sys/kernel/random/boot_id")
}

func platformCounters() Counters {
	c := linuxCounters(os.DirFS("/"))
	c.cpuSeconds = ownCPUSeconds()
	return c
}

func platformGroupUsage(pgid int) (float64, int64, bool) {
	return linuxGroupUsage(os.DirFS("/"), pgid)
}
