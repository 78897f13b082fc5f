package machine

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// sysctl returns a text value, "" when the system does not have it.
func sysctl(name string) string {
	value, err := unix.Sysctl(name)
	if err != nil {
		return ""
	}
	return value
}

func platformFacts() Facts {
	f := Facts{
		CPUModel: sysctl("machdep.cpu.brand_string"),
		CPUs:     runtime.NumCPU(),
		Kernel:   sysctl("kern.osrelease"),
	}
	if version := sysctl("kern.osproductversion"); version != "" {
		f.Image = "macos " + version
	}
	if memory, err := unix.SysctlUint64("hw.memsize"); err == nil {
		f.MemoryGiB = memoryGiB(memory)
	}
	if guest, err := unix.SysctlUint32("kern.hv_vmm_present"); err == nil {
		virtual := guest != 0
		f.Virtual = &virtual
	}
	return f
}

func platformIDs() (installation, boot string) {
	return sysctl("kern.uuid"), sysctl("kern.bootsessionuuid")
}

// macOS has neither steal nor CPU quotas to read.
func platformCounters() Counters { return Counters{cpuSeconds: ownCPUSeconds()} }

// The figures of other processes need cgo there.
func platformGroupUsage(int) (float64, int64, bool) { return 0, 0, false }
