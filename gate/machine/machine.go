// Package machine tells what a measurement ran on (Facts, ID), what disturbed it (Counters, Usage) and
// what a started service used (GroupUsage). What a system does not tell is nil, zero or "", meaning
// "not measured"; nothing here fails.
package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"runtime"
	"strings"
)

// Facts describes the machine as this process may use it. A zero field is not known.
type Facts struct {
	OS       string // runtime.GOOS
	Arch     string // runtime.GOARCH
	CPUModel string // as the system names it, "AMD EPYC 7763 64-Core Processor"

	// CPUs is how many CPUs the process may keep busy: its affinity, and the CPU quota of its cgroups
	// rounded up. At least 1.
	CPUs int

	// MemoryGiB is the memory, or the smallest memory limit of its cgroups, in GiB, rounded to the power
	// of two with the nearest logarithm and at least 1: a "16 GB" machine that reports 15.6 is 16.
	MemoryGiB int

	Virtual  *bool  // whether this is a virtual machine
	Image    string // the distribution, "ubuntu 24.04"; a CI's own image version is for the caller to put here
	Kernel   string // "6.11.0-1018-azure"
	Governor string // the CPU frequency governors in use, sorted, joined by a comma: "performance"
}

// Read returns the facts of this machine. They cost some file reads and do not change while a process
// runs, unless somebody moves it to another cgroup.
func Read() Facts {
	f := platformFacts()
	f.OS, f.Arch = runtime.GOOS, runtime.GOARCH
	return f
}

// ID names this machine since its last boot: "sha256:" and 64 hex digits, the same for every process on
// it. It is "" where the system has no identifier of the boot: identifiers of the installation alone are
// shared by machines cloned from one image, and two machines must never pass for one.
func ID() string {
	installation, boot := platformIDs()
	return digestID(installation, boot)
}

// digestID hashes, so that a published result does not carry the identifiers themselves, which
// machine-id(5) asks to keep confidential. installation may be "", as in many containers.
func digestID(installation, boot string) string {
	if boot == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("perfgate machine\n" + installation + "\n" + boot))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Counters is a snapshot of counters that only grow; two of them make a Usage. The zero value has
// measured nothing.
type Counters struct {
	cpuSeconds      float64 // user and system time of this process
	steal, jiffies  uint64  // of all CPUs of the machine; no jiffies: not measured
	throttledS      float64
	throttledLevels int // how many cgroups told their throttled time
}

// Snapshot reads the counters now.
func Snapshot() Counters { return platformCounters() }

// Usage is what happened between two snapshots; a nil field was not measured.
type Usage struct {
	// CPUSeconds is the user and system time of this process, at least 0. It is measured on Linux, macOS
	// and Windows, and 0 elsewhere.
	CPUSeconds float64
	// StealRatio is the share, 0 to 1, of the time of all CPUs of the machine in which the hypervisor
	// ran somebody else though there was work to do.
	StealRatio *float64
	// ThrottledS is for how many seconds the CPU quota stopped the process's cgroups, summed over their
	// CPUs: it can exceed the time that passed.
	ThrottledS *float64
}

// Since returns what happened between earlier and c, both of this process. A counter that one of them
// lacks, or that went backwards (a CPU was unplugged, the process moved to another cgroup), is nil.
func (c Counters) Since(earlier Counters) Usage {
	u := Usage{CPUSeconds: max(0, c.cpuSeconds-earlier.cpuSeconds)}
	if c.jiffies > earlier.jiffies && earlier.jiffies > 0 && c.steal >= earlier.steal {
		ratio := min(1, float64(c.steal-earlier.steal)/float64(c.jiffies-earlier.jiffies))
		u.StealRatio = &ratio
	}
	if c.throttledLevels > 0 && c.throttledLevels == earlier.throttledLevels && c.throttledS >= earlier.throttledS {
		seconds := c.throttledS - earlier.throttledS
		u.ThrottledS = &seconds
	}
	return u
}

// FileLimit returns how many files and connections this process may hold open; ok is false where there
// is no such limit to read. The Go runtime has raised the soft limit to the hard one by now, so only an
// administrator can raise it further.
func FileLimit() (limit uint64, ok bool) { return platformFileLimit() }

// GroupUsage returns what the living processes of the process group pgid and all their descendants have
// used so far: CPU seconds, with those of children they have waited for, and the sum of each one's peak
// resident memory in bytes (0: not measured), which is an upper bound of the group's peak. ok is false
// when there is no such process or the system does not tell (anywhere but Linux).
//
// A process that ends takes its figures along until its parent, if it belongs to the group, has waited
// for it: sample before the group is stopped.
func GroupUsage(pgid int) (cpuSeconds float64, rssMax int64, ok bool) {
	return platformGroupUsage(pgid)
}

// memoryGiB rounds as Facts.MemoryGiB says. Worked value: 6.78 GiB is 8, because log2 6.78 = 2.76.
func memoryGiB(bytes uint64) int {
	if bytes == 0 {
		return 0
	}
	exponent := math.Round(math.Log2(float64(bytes) / (1 << 30)))
	return 1 << int(max(0, exponent))
}

// virtualByProduct judges by the names that a machine's firmware (DMI, SMBIOS) gives itself. nil: not
// known, as no list of hypervisors is complete.
func virtualByProduct(vendor, product string) *bool {
	yes, no := true, false
	switch name := strings.ToLower(vendor + " " + product); {
	case strings.Contains(name, "amazon ec2") && strings.Contains(name, ".metal"):
		return &no
	case strings.Contains(name, "amazon ec2"),
		strings.Contains(name, "google compute engine"),
		strings.Contains(name, "virtual"), // Microsoft (Azure, Hyper-V), VirtualBox, VMware, Apple
		strings.Contains(name, "vmware"),
		strings.Contains(name, "qemu"),
		strings.Contains(name, "kvm"),
		strings.Contains(name, "bochs"),
		strings.Contains(name, "openstack"),
		strings.Contains(name, "xen"):
		return &yes
	}
	return nil
}
