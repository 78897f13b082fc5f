package machine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unexported lets cmp see into this package's own types.
var unexported = cmp.AllowUnexported(cpuInfo{}, membership{}, mount{}, process{}, cgroupFolder{}, Counters{})

func ptr[T any](v T) *T { return &v }

func TestParseCPUInfo(t *testing.T) {
	tests := []struct {
		name, data string
		want       cpuInfo
	}{
		{"empty", "", cpuInfo{}},
		{"virtual x86", "processor\t: 0\nmodel name\t: AMD EPYC 7763  64-Core Processor\nflags\t\t: fpu hypervisor sse\n\n" +
			"processor\t: 1\nmodel name\t: other\nflags\t\t: fpu\n",
			cpuInfo{model: "AMD EPYC 7763 64-Core Processor", hypervisor: ptr(true)}},
		{"bare x86", "model name\t: Intel(R) Core(TM) i7\nflags\t\t: fpu hypervisor_like\n",
			cpuInfo{model: "Intel(R) Core(TM) i7", hypervisor: ptr(false)}},
		{"arm64 tells no hypervisor", "processor\t: 0\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU part\t: 0xd49\n",
			cpuInfo{model: "implementer 0x41 part 0xd49"}},
		{"ppc64", "processor\t: 0\ncpu\t\t: POWER9, altivec supported\n", cpuInfo{model: "POWER9, altivec supported"}},
		{"riscv64", "processor\t: 0\nuarch\t\t: sifive,u74-mc\n", cpuInfo{model: "sifive,u74-mc"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, parseCPUInfo([]byte(tt.data)), unexported); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseCPUTimes(t *testing.T) {
	tests := []struct {
		name, data   string
		steal, total uint64
		ok           bool
	}{
		{"guest columns are not added", "cpu  1745 0 846 47510 85 0 23 7 100 200\ncpu0 1 2 3\n", 7, 50216, true},
		{"no guest columns", "cpu 1 2 3 4 5 6 7 8\n", 8, 36, true},
		{"a kernel without steal", "cpu 1 2 3 4 5 6 7\n", 0, 0, false},
		{"a sandbox that counts nothing", "cpu 0 0 0 0 0 0 0 0 0 0\n", 0, 0, false},
		{"not a number", "cpu 1 2 x 4 5 6 7 8\n", 0, 0, false},
		{"overflow", "cpu 18446744073709551615 1 1 1 1 1 1 1\n", 0, 0, false},
		{"another file", "MemTotal: 1 kB\n", 0, 0, false},
		{"empty", "", 0, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			steal, total, ok := parseCPUTimes([]byte(tt.data))
			if steal != tt.steal || total != tt.total || ok != tt.ok {
				t.Errorf("= %d, %d, %v, want %d, %d, %v", steal, total, ok, tt.steal, tt.total, tt.ok)
			}
		})
	}
}

func TestParseNumber(t *testing.T) {
	tests := []struct {
		name, data, key string
		want            uint64
		ok              bool
	}{
		{"meminfo", "MemTotal:       24684084 kB\nMemFree: 1 kB\n", "MemTotal:", 24684084, true},
		{"status", "Name:\tcat\nVmHWM:\t    1968 kB\n", "VmHWM:", 1968, true},
		{"cpu.stat", "usage_usec 9\nthrottled_usec 12\n", "throttled_usec", 12, true},
		{"the whole word", "throttled_usec_more 12\n", "throttled_usec", 0, false},
		{"negative", "x -1\n", "x", 0, false},
		{"no number", "x\n", "x", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := parseNumber([]byte(tt.data), tt.key); got != tt.want || ok != tt.ok {
				t.Errorf("= %d, %v, want %d, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestParseQuota(t *testing.T) {
	tests := []struct {
		name, data string
		want       float64
		ok         bool
	}{
		{"one and a half", "150000 100000\n", 1.5, true},
		{"none in version 2", "max 100000\n", 0, false},
		{"none in version 1", "-1 100000", 0, false},
		{"no period", "150000 0", 0, false},
		{"no quota", "0 100000", 0, false},
		{"missing files", " ", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := parseQuota([]byte(tt.data)); got != tt.want || ok != tt.ok {
				t.Errorf("= %v, %v, want %v, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestParseMemberships(t *testing.T) {
	data := "4:memory:/docker/a:b\n2:cpu,cpuacct:/docker\n0::/user.slice/session-1.scope\nrubbish\n5:pids:relative\n"
	want := []membership{
		{controllers: []string{"memory"}, path: "/docker/a:b"},
		{controllers: []string{"cpu", "cpuacct"}, path: "/docker"},
		{path: "/user.slice/session-1.scope"},
	}
	if diff := cmp.Diff(want, parseMemberships([]byte(data)), unexported); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseMounts(t *testing.T) {
	data := "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n" +
		"38 31 0:31 /../a\\040b /mnt\\134c rw,relatime shared:1 master:2 - cgroup2 cgroup2 rw,nsdelegate\n" +
		"40 31 0:32 / /broken rw\n"
	want := []mount{
		{root: "/", point: "/sys/fs/cgroup/cpu", kind: "cgroup", options: []string{"rw", "cpu", "cpuacct"}},
		{root: "/../a b", point: `/mnt\c`, kind: "cgroup2", options: []string{"rw", "nsdelegate"}},
	}
	if diff := cmp.Diff(want, parseMounts([]byte(data)), unexported); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const statTail = " S 7 42 42 0 -1 4194304 100 0 0 0 10 20 30 40 20 0 1 0 57133 3133440 390\n"

func TestParseProcess(t *testing.T) {
	want := process{pid: 9068, parent: 7, group: 42, cpuTicks: 100}
	tests := []struct {
		name, data string
		ok         bool
	}{
		{"plain", "9068 (cat)" + statTail, true},
		{"brackets and spaces in the name", "9068 (a) R 1 (b c)" + statTail, true},
		{"cut short", "9068 (cat) S 7 42 42 0 -1", false},
		{"no name", "9068 cat S 7 42", false},
		{"brackets the wrong way round", "9068 )cat(" + statTail, false},
		{"negative time", strings.Replace("9068 (cat)"+statTail, "10 20", "-1 20", 1), false},
		{"empty", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wanted := process{}
			if tt.ok {
				wanted = want
			}
			got, ok := parseProcess([]byte(tt.data))
			if diff := cmp.Diff(wanted, got, unexported); diff != "" || ok != tt.ok {
				t.Errorf("ok = %v, want %v (-want +got):\n%s", ok, tt.ok, diff)
			}
		})
	}
}

func TestParseOSRelease(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"quoted", "NAME=\"Ubuntu\"\nID=ubuntu\nVERSION_ID=\"24.04\"\n", "ubuntu 24.04"},
		{"single quotes", "ID='fedora'\nVERSION_ID='43'\n", "fedora 43"},
		{"rolling", "ID=arch\n", "arch"},
		{"no id", "VERSION_ID=1\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parseOSRelease([]byte(tt.data)); got != tt.want {
				t.Errorf("= %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzParseCPUInfo(f *testing.F) {
	f.Add([]byte("model name\t: x\nflags\t: hypervisor\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if info := parseCPUInfo(data); strings.ContainsAny(info.model, "\n\t") {
			t.Errorf("model %q is not one line", info.model)
		}
	})
}

func FuzzParseCPUTimes(f *testing.F) {
	f.Add([]byte("cpu  1745 0 846 47510 85 0 23 7 100 200\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if steal, total, ok := parseCPUTimes(data); steal > total || ok != (total > 0) {
			t.Errorf("steal %d of %d, %v", steal, total, ok)
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	f.Add([]byte("VmHWM:\t    1968 kB\n"), "VmHWM:")
	f.Fuzz(func(t *testing.T, data []byte, key string) {
		if n, ok := parseNumber(data, key); ok && !strings.Contains(string(data), key) {
			t.Errorf("%d found under a key that is not there", n)
		}
	})
}

func FuzzParseQuota(f *testing.F) {
	f.Add([]byte("150000 100000"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if cpus, ok := parseQuota(data); ok != (cpus > 0) {
			t.Errorf("%v CPUs, %v", cpus, ok)
		}
	})
}

func FuzzParseProcess(f *testing.F) {
	f.Add([]byte("9068 (a) R 1 (b c)" + statTail))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, ok := parseProcess(data); !ok && p != (process{}) {
			t.Errorf("not ok, but %+v", p)
		}
	})
}

func FuzzParseOSRelease(f *testing.F) {
	f.Add([]byte("ID=ubuntu\nVERSION_ID=\"24.04\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got := parseOSRelease(data); strings.Contains(got, "\n") {
			t.Errorf("%q is not one line", got)
		}
	})
}

// FuzzCgroups feeds both files that say where the cgroups are.
func FuzzCgroups(f *testing.F) {
	f.Add([]byte("0::/../a\n1:cpu:/a/b\n"), []byte("32 31 0:29 /a /sys/fs/cgroup rw - cgroup cgroup rw,cpu\n38 31 0:31 / /u\\040 rw - cgroup2 c rw\n"))
	f.Fuzz(func(t *testing.T, cgroup, mountinfo []byte) {
		if len(cgroup)+len(mountinfo) > 1<<12 {
			t.Skip("more levels than the kernel's longest path")
		}
		mounts := parseMounts(mountinfo)
		for _, m := range parseMemberships(cgroup) {
			for _, mnt := range mounts {
				for _, dir := range levels(mnt, m.path) {
					if strings.HasPrefix(dir, "/") || dir == ".." || strings.HasPrefix(dir, "../") {
						t.Fatalf("%q is not below the root (%+v, %+v)", dir, m, mnt)
					}
				}
			}
		}
	})
}
