package machine

import (
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Everything here reads a Linux system through its root folder as an fs.FS and is tested on any system;
// only machine_linux.go calls it.

// text returns a file without its surrounding space, "" when it cannot be read.
func text(root fs.FS, name string) string {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// linuxFacts takes the CPUs of the affinity mask, which no file tells.
func linuxFacts(root fs.FS, affinity int) Facts {
	info := parseCPUInfo([]byte(text(root, "proc/cpuinfo")))
	f := Facts{
		CPUModel: info.model,
		CPUs:     affinity,
		Virtual:  info.hypervisor,
		Image:    parseOSRelease([]byte(text(root, "etc/os-release"))),
		Kernel:   text(root, "proc/sys/kernel/osrelease"),
		Governor: governors(root),
	}
	if f.Image == "" {
		f.Image = parseOSRelease([]byte(text(root, "usr/lib/os-release")))
	}
	if f.Virtual == nil {
		f.Virtual = virtualByProduct(text(root, "sys/class/dmi/id/sys_vendor"), text(root, "sys/class/dmi/id/product_name"))
	}
	if quota, ok := cpuQuota(root); ok && quota < float64(affinity) {
		f.CPUs = max(1, int(math.Ceil(quota)))
	}
	memory, _ := parseNumber([]byte(text(root, "proc/meminfo")), "MemTotal:")
	memory *= 1024
	if limit, ok := memoryLimit(root); ok && limit < memory {
		memory = limit
	}
	f.MemoryGiB = memoryGiB(memory)
	return f
}

// governors lists the distinct ones: on hybrid CPUs, and after a half-done change, they differ.
func governors(root fs.FS) string {
	names, err := fs.Glob(root, "sys/devices/system/cpu/cpu*/cpufreq/scaling_governor")
	if err != nil {
		return ""
	}
	var all []string
	for _, name := range names {
		if governor := text(root, name); governor != "" {
			all = append(all, governor)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}

// linuxCounters leaves out the process's own CPU time, which no file tells finely enough.
func linuxCounters(root fs.FS) Counters {
	var c Counters
	if steal, total, ok := parseCPUTimes([]byte(text(root, "proc/stat"))); ok {
		c.steal, c.jiffies = steal, total
	}
	for _, folder := range cgroupFolders(root, "cpu") {
		stat := []byte(text(root, folder.path+"/cpu.stat"))
		if µs, ok := parseNumber(stat, "throttled_usec"); ok && folder.v2 {
			c.throttledS += float64(µs) / 1e6
			c.throttledLevels++
		}
		if ns, ok := parseNumber(stat, "throttled_time"); ok && !folder.v2 {
			c.throttledS += float64(ns) / 1e9
			c.throttledLevels++
		}
	}
	return c
}

// cpuQuota returns the smallest quota of the process's cgroups, in CPUs: each level limits all below it.
func cpuQuota(root fs.FS) (cpus float64, ok bool) {
	for _, folder := range cgroupFolders(root, "cpu") {
		line := text(root, folder.path+"/cpu.max")
		if !folder.v2 {
			line = text(root, folder.path+"/cpu.cfs_quota_us") + " " + text(root, folder.path+"/cpu.cfs_period_us")
		}
		if quota, found := parseQuota([]byte(line)); found && (!ok || quota < cpus) {
			cpus, ok = quota, true
		}
	}
	return cpus, ok
}

// memoryLimit returns the smallest memory limit of the process's cgroups in bytes. Version 1 writes a
// number near 2⁶³ for none, which exceeds any machine's memory.
func memoryLimit(root fs.FS) (bytes uint64, ok bool) {
	for _, folder := range cgroupFolders(root, "memory") {
		name := folder.path + "/memory.limit_in_bytes"
		if folder.v2 {
			name = folder.path + "/memory.max"
		}
		limit, err := strconv.ParseUint(text(root, name), 10, 64)
		if err == nil && limit > 0 && (!ok || limit < bytes) {
			bytes, ok = limit, true
		}
	}
	return bytes, ok
}

// cgroupFolder is a cgroup as a folder below the root.
type cgroupFolder struct {
	path string
	v2   bool
}

// cgroupFolders returns the cgroups of this process and their ancestors, innermost first, for a
// controller of version 1 or wherever it may be in version 2; a system may have both.
func cgroupFolders(root fs.FS, controller string) []cgroupFolder {
	mounts := parseMounts([]byte(text(root, "proc/self/mountinfo")))
	var folders []cgroupFolder
	for _, m := range parseMemberships([]byte(text(root, "proc/self/cgroup"))) {
		v2 := len(m.controllers) == 0
		if !v2 && !slices.Contains(m.controllers, controller) {
			continue
		}
		at := slices.IndexFunc(mounts, func(mnt mount) bool {
			return v2 && mnt.kind == "cgroup2" || !v2 && mnt.kind == "cgroup" && slices.Contains(mnt.options, controller)
		})
		if at < 0 {
			continue
		}
		for _, dir := range levels(mounts[at], m.path) {
			folders = append(folders, cgroupFolder{path: dir, v2: v2})
		}
	}
	return folders
}

// levels returns the folders of the cgroup at place and of its ancestors up to the mount's, without the
// leading slash. Inside a container the mount may show only a part of the hierarchy (root is not "/")
// and place may lie outside it; then the mount's own folder is the nearest thing to see.
func levels(m mount, place string) []string {
	rel := path.Clean("/" + place)
	if m.root != "/" {
		below, found := strings.CutPrefix(rel, path.Clean("/"+m.root))
		if !found || below != "" && below[0] != '/' {
			below = ""
		}
		rel = path.Clean("/" + below)
	}
	var all []string
	for ; ; rel = path.Dir(rel) {
		all = append(all, strings.TrimPrefix(path.Join("/", m.point, rel), "/"))
		if rel == "/" {
			return all
		}
	}
}

// ticksPerSecond is USER_HZ, the unit of the times in /proc/PID/stat: 100 on every architecture that Go
// runs on, whatever the kernel's own clock is.
const ticksPerSecond = 100

// linuxGroupUsage is GroupUsage on /proc. Processes that vanish in between are left out.
func linuxGroupUsage(root fs.FS, pgid int) (cpuSeconds float64, rssMax int64, ok bool) {
	entries, err := fs.ReadDir(root, "proc")
	if err != nil {
		return 0, 0, false
	}
	var all []process
	for _, e := range entries {
		if c := e.Name()[0]; c < '1' || c > '9' {
			continue
		}
		if p, ok := parseProcess([]byte(text(root, "proc/"+e.Name()+"/stat"))); ok {
			all = append(all, p)
		}
	}
	for _, p := range family(all, pgid) {
		cpuSeconds += float64(p.cpuTicks) / ticksPerSecond
		kB, _ := parseNumber([]byte(text(root, "proc/"+strconv.Itoa(p.pid)+"/status")), "VmHWM:")
		rssMax += int64(min(kB, math.MaxInt64/1024/1024)) * 1024 // a zombie has no memory left
		ok = true
	}
	return cpuSeconds, rssMax, ok
}

// family returns the members of the group and all their descendants: a shell with job control, a
// process manager or setsid puts its children into groups of their own.
func family(all []process, pgid int) []process {
	children := map[int][]process{}
	var members []process
	seen := map[int]bool{}
	for _, p := range all {
		children[p.parent] = append(children[p.parent], p)
		if p.group == pgid {
			members = append(members, p)
			seen[p.pid] = true
		}
	}
	for i := 0; i < len(members); i++ {
		for _, child := range children[members[i].pid] {
			if !seen[child.pid] {
				members = append(members, child)
				seen[child.pid] = true
			}
		}
	}
	return members
}
