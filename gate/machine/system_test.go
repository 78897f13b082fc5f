package machine

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func system(files map[string]string) fstest.MapFS {
	root := fstest.MapFS{}
	for name, content := range files {
		root[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return root
}

const (
	mountsV1 = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n" +
		"35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	mountsV2 = "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
)

// hostedRunner is a virtual x86 machine with 4 CPUs and 15.6 GiB under cgroup version 2.
func hostedRunner() map[string]string {
	return map[string]string{
		"proc/cpuinfo":              "model name\t: AMD EPYC 7763 64-Core Processor\nflags\t\t: fpu hypervisor\n",
		"proc/meminfo":              "MemTotal:       16374456 kB\n",
		"proc/sys/kernel/osrelease": "6.11.0-1018-azure\n",
		"etc/os-release":            "ID=ubuntu\nVERSION_ID=\"24.04\"\n",
		"proc/self/mountinfo":       mountsV2,
		"proc/self/cgroup":          "0::/system.slice/hosted.service\n",
		"proc/stat":                 "cpu 10 0 10 970 0 0 0 10 0 0\n",
		"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor":        "schedutil\n",
		"sys/devices/system/cpu/cpu1/cpufreq/scaling_governor":        "performance\n",
		"sys/devices/system/cpu/cpu2/cpufreq/scaling_governor":        "schedutil\n",
		"sys/fs/cgroup/system.slice/cpu.max":                          "250000 100000\n",
		"sys/fs/cgroup/system.slice/cpu.stat":                         "usage_usec 5\nthrottled_usec 1500000\n",
		"sys/fs/cgroup/system.slice/memory.max":                       "max\n",
		"sys/fs/cgroup/system.slice/hosted.service/cpu.max":           "max 100000\n",
		"sys/fs/cgroup/system.slice/hosted.service/cpu.stat":          "usage_usec 5\nthrottled_usec 500000\n",
		"sys/fs/cgroup/system.slice/hosted.service/memory.max":        "max\n",
		"sys/fs/cgroup/system.slice/hosted.service/memory.swap.max":   "0\n",
		"sys/fs/cgroup/system.slice/neighbour.service/memory.max":     "1\n",
		"sys/fs/cgroup/system.slice/neighbour.service/cpu.max":        "1 100000\n",
		"sys/fs/cgroup/system.slice/neighbour.service/cgroup.threads": "1\n",
	}
}

// with returns the runner's files with some replaced; "" takes one away.
func with(changes map[string]string) map[string]string {
	files := hostedRunner()
	for name, content := range changes {
		files[name] = content
		if content == "" {
			delete(files, name)
		}
	}
	return files
}

func TestLinuxFacts(t *testing.T) {
	runner := Facts{
		CPUModel: "AMD EPYC 7763 64-Core Processor", CPUs: 3, MemoryGiB: 16, Virtual: ptr(true),
		Image: "ubuntu 24.04", Kernel: "6.11.0-1018-azure", Governor: "performance,schedutil",
	}
	changed := func(change func(*Facts)) Facts {
		f := runner
		change(&f)
		return f
	}
	tests := []struct {
		name  string
		files map[string]string
		want  Facts
	}{
		{"an ancestor's quota, rounded up", hostedRunner(), runner},
		{"no quota", with(map[string]string{"sys/fs/cgroup/system.slice/cpu.max": ""}),
			changed(func(f *Facts) { f.CPUs = 4 })},
		{"quota over the affinity", with(map[string]string{"sys/fs/cgroup/system.slice/cpu.max": "800000 100000"}),
			changed(func(f *Facts) { f.CPUs = 4 })},
		{"memory limit", with(map[string]string{"sys/fs/cgroup/system.slice/memory.max": "2147483648\n"}),
			changed(func(f *Facts) { f.MemoryGiB = 2 })},
		{"version 1", with(map[string]string{
			"proc/self/mountinfo":                               mountsV1,
			"proc/self/cgroup":                                  "4:memory:/job\n1:cpuacct,cpu:/job\n0::/\n",
			"sys/fs/cgroup/cpu/job/cpu.cfs_quota_us":            "50000\n",
			"sys/fs/cgroup/cpu/job/cpu.cfs_period_us":           "100000\n",
			"sys/fs/cgroup/memory/job/memory.limit_in_bytes":    "4294967296\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":        "9223372036854771712\n",
			"sys/fs/cgroup/memory/another/memory.limit_in_byte": "1\n",
		}), changed(func(f *Facts) { f.CPUs, f.MemoryGiB = 1, 4 })},
		{"container that sees a part of the hierarchy", with(map[string]string{
			"proc/self/mountinfo":   "30 23 0:26 /docker/4f1e /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
			"proc/self/cgroup":      "0::/docker/4f1e\n",
			"sys/fs/cgroup/cpu.max": "200000 100000\n",
		}), changed(func(f *Facts) { f.CPUs = 2 })},
		{"arm64 in a cloud", with(map[string]string{
			"proc/cpuinfo":                   "CPU implementer\t: 0x41\nCPU part\t: 0xd49\n",
			"sys/class/dmi/id/sys_vendor":    "Microsoft Corporation\n",
			"sys/class/dmi/id/product_name":  "Virtual Machine\n",
			"etc/os-release":                 "",
			"usr/lib/os-release":             "ID=ubuntu\n",
			"sys/class/dmi/id/board_name":    "Virtual Machine\n",
			"sys/class/dmi/id/chassis_asset": "",
		}), changed(func(f *Facts) {
			f.CPUModel, f.Image = "implementer 0x41 part 0xd49", "ubuntu"
		})},
		{"nothing to read", nil, Facts{CPUs: 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, linuxFacts(system(tt.files), 4)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinuxCounters(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  Counters
	}{
		{"both levels", hostedRunner(), Counters{steal: 10, jiffies: 1000, throttledS: 2, throttledLevels: 2}},
		{"version 1 counts nanoseconds", with(map[string]string{
			"proc/self/mountinfo":            mountsV1,
			"proc/self/cgroup":               "1:cpu:/job\n0::/\n",
			"sys/fs/cgroup/cpu/job/cpu.stat": "nr_periods 9\nthrottled_time 1500000000\n",
		}), Counters{steal: 10, jiffies: 1000, throttledS: 1.5, throttledLevels: 1}},
		{"the root cgroup of version 2 tells none", with(map[string]string{
			"proc/self/cgroup":       "0::/\n",
			"sys/fs/cgroup/cpu.stat": "usage_usec 5\n",
		}), Counters{steal: 10, jiffies: 1000}},
		{"nothing to read", nil, Counters{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, linuxCounters(system(tt.files)), unexported); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLevels(t *testing.T) {
	tests := []struct {
		name, root, place string
		want              []string
	}{
		{"whole hierarchy", "/", "/a/b", []string{"sys/fs/cgroup/a/b", "sys/fs/cgroup/a", "sys/fs/cgroup"}},
		{"at the root", "/", "/", []string{"sys/fs/cgroup"}},
		{"part of it", "/a", "/a/b", []string{"sys/fs/cgroup/b", "sys/fs/cgroup"}},
		{"a name that only begins alike", "/a", "/ab", []string{"sys/fs/cgroup"}},
		{"outside", "/x", "/a", []string{"sys/fs/cgroup"}},
		{"another namespace", "/../x", "/../x/b", []string{"sys/fs/cgroup/b", "sys/fs/cgroup"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := levels(mount{root: tt.root, point: "/sys/fs/cgroup"}, tt.place)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinuxGroupUsage(t *testing.T) {
	stat := func(pid, parent, group, times string) string {
		return pid + " (p q) S " + parent + " " + group + " 1 0 -1 0 0 0 0 0 " + times + " 20 0\n"
	}
	root := system(map[string]string{
		"proc/1/stat":        stat("1", "0", "1", "900 0 0 0"),
		"proc/42/stat":       stat("42", "1", "42", "10 20 30 40"), // the leader, with a child it has waited for
		"proc/42/status":     "VmHWM:\t 1000 kB\n",
		"proc/43/stat":       stat("43", "42", "42", "50 0 0 0"),
		"proc/43/status":     "VmHWM:\t 500 kB\n",
		"proc/44/stat":       stat("44", "43", "44", "25 0 0 0"), // left the group with setsid
		"proc/44/status":     "VmHWM:\t 250 kB\n",
		"proc/45/stat":       stat("45", "44", "44", "25 0 0 0"), // a zombie: no memory
		"proc/45/status":     "Name:\tp q\n",
		"proc/46/stat":       stat("46", "1", "46", "700 0 0 0"), // somebody else
		"proc/46/status":     "VmHWM:\t 9000 kB\n",
		"proc/self/stat":     stat("42", "1", "42", "1 1 1 1"),
		"proc/47/cmdline":    "just ended",
		"proc/sys/something": "1",
	})
	tests := []struct {
		name    string
		pgid    int
		seconds float64
		rss     int64
		ok      bool
	}{
		{"group and descendants", 42, 2, 1750 * 1024, true},
		{"no such group", 99, 0, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			seconds, rss, ok := linuxGroupUsage(root, tt.pgid)
			if seconds != tt.seconds || rss != tt.rss || ok != tt.ok {
				t.Errorf("= %v s, %d bytes, %v, want %v, %d, %v", seconds, rss, ok, tt.seconds, tt.rss, tt.ok)
			}
		})
	}
	if _, _, ok := linuxGroupUsage(system(nil), 42); ok {
		t.Error("ok without /proc")
	}
}
