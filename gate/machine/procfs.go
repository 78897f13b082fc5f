package machine

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// The parsers of proc(5) and cgroups(7) files. They take whole files, ignore what they do not know and
// never fail: ok false, or an empty result, means that the file does not say it.

// cpuInfo is what /proc/cpuinfo says of the first CPU.
type cpuInfo struct {
	model      string
	hypervisor *bool // nil: this architecture does not tell
}

func parseCPUInfo(data []byte) cpuInfo {
	first := map[string]string{}
	for line := range strings.Lines(string(data)) {
		key, value, found := strings.Cut(line, ":")
		key = strings.TrimSpace(key)
		if _, seen := first[key]; found && !seen {
			first[key] = strings.Join(strings.Fields(value), " ")
		}
	}
	var info cpuInfo
	switch {
	case first["model name"] != "":
		info.model = first["model name"]
	case first["CPU part"] != "": // arm64 has numbers only
		info.model = "implementer " + first["CPU implementer"] + " part " + first["CPU part"]
	case first["cpu"] != "": // ppc64
		info.model = first["cpu"]
	default:
		info.model = first["uarch"] // riscv64
	}
	if flags, ok := first["flags"]; ok { // x86 only; arm64 calls its own "Features"
		hypervisor := slices.Contains(strings.Fields(flags), "hypervisor")
		info.hypervisor = &hypervisor
	}
	return info
}

// parseCPUTimes reads the first line of /proc/stat: jiffies of all CPUs since boot. The guest columns
// after steal are parts of user and nice, so the total leaves them out.
func parseCPUTimes(data []byte) (steal, total uint64, ok bool) {
	line, _, _ := strings.Cut(string(data), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, 0, false
	}
	for _, field := range fields[1:9] {
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil || total+n < total {
			return 0, 0, false
		}
		steal, total = n, total+n
	}
	return steal, total, total > 0
}

// parseNumber returns the first number of the line that begins with the word key: the form of cpu.stat
// ("throttled_usec 12"), and of meminfo and status ("VmHWM:  12 kB").
func parseNumber(data []byte, key string) (uint64, bool) {
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != key {
			continue
		}
		n, err := strconv.ParseUint(fields[1], 10, 64)
		return n, err == nil
	}
	return 0, false
}

// parseQuota reads cpu.max, "150000 100000": quota and period in µs. "max" is no quota, and so is the
// -1 that stands for it in version 1, whose two files make the same line.
func parseQuota(data []byte) (cpus float64, ok bool) {
	fields := strings.Fields(string(data))
	if len(fields) != 2 {
		return 0, false
	}
	quota, err1 := strconv.ParseUint(fields[0], 10, 63)
	period, err2 := strconv.ParseUint(fields[1], 10, 63)
	if err1 != nil || err2 != nil || quota == 0 || period == 0 {
		return 0, false
	}
	return float64(quota) / float64(period), true
}

// membership is one line of /proc/self/cgroup: where this process is in one hierarchy.
type membership struct {
	controllers []string // empty in version 2
	path        string
}

func parseMemberships(data []byte) []membership {
	var all []membership
	for line := range strings.Lines(string(data)) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) != 3 || !strings.HasPrefix(parts[2], "/") {
			continue
		}
		m := membership{path: parts[2]}
		if parts[1] != "" {
			m.controllers = strings.Split(parts[1], ",")
		}
		all = append(all, m)
	}
	return all
}

// mount is one line of /proc/self/mountinfo.
type mount struct {
	root, point string   // the folder of the file system that is seen at point
	kind        string   // "cgroup", "cgroup2", "ext4"
	options     []string // of the file system: for "cgroup" its controllers are among them
}

// parseMounts reads "31 23 0:28 ROOT POINT rw,relatime shared:1 - KIND source OPTIONS"; any number of
// optional fields precede the dash.
func parseMounts(data []byte) []mount {
	var all []mount
	for line := range strings.Lines(string(data)) {
		before, after, found := strings.Cut(line, " - ")
		head, tail := strings.Fields(before), strings.Fields(after)
		if !found || len(head) < 6 || len(tail) < 3 {
			continue
		}
		all = append(all, mount{
			root: unescapeOctal(head[3]), point: unescapeOctal(head[4]),
			kind: tail[0], options: strings.Split(tail[2], ","),
		})
	}
	return all
}

// unescapeOctal turns the kernel's \040 (space, tab, newline and backslash are written so) back.
func unescapeOctal(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// process is what /proc/PID/stat says.
type process struct {
	pid, parent, group int
	cpuTicks           uint64 // user and system, its own and of the children it has waited for
}

// parseProcess finds the fields after the last ")": the name before it may hold spaces and brackets.
func parseProcess(data []byte) (process, bool) {
	text := string(data)
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return process{}, false
	}
	fields := strings.Fields(text[end+1:]) // fields[0] is the third of proc_pid_stat(5), the state
	if len(fields) < 15 {
		return process{}, false
	}
	pid, err1 := strconv.Atoi(strings.TrimSpace(text[:open]))
	parent, err2 := strconv.Atoi(fields[1])
	group, err3 := strconv.Atoi(fields[2])
	if err1 != nil || err2 != nil || err3 != nil {
		return process{}, false
	}
	p := process{pid: pid, parent: parent, group: group}
	for _, field := range fields[11:15] {
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil || n > math.MaxUint64/4 {
			return process{}, false
		}
		p.cpuTicks += n
	}
	return p, true
}

// parseOSRelease makes "ubuntu 24.04" of os-release(5), "" when it names no system.
func parseOSRelease(data []byte) string {
	values := map[string]string{}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[key] = strings.Trim(value, `"'`)
	}
	if values["ID"] == "" {
		return ""
	}
	return strings.TrimSpace(values["ID"] + " " + values["VERSION_ID"])
}
