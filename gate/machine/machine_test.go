package machine

import (
	"regexp"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestSince(t *testing.T) {
	full := Counters{cpuSeconds: 1.5, steal: 100, jiffies: 1000, throttledS: 2, throttledLevels: 1}
	tests := []struct {
		name           string
		earlier, later Counters
		want           Usage
	}{
		{"all measured", full, Counters{cpuSeconds: 2, steal: 110, jiffies: 1500, throttledS: 2.25, throttledLevels: 1},
			Usage{CPUSeconds: 0.5, StealRatio: ptr(0.02), ThrottledS: ptr(0.25)}},
		{"measured zeros are not nil", full, Counters{cpuSeconds: 1.5, steal: 100, jiffies: 1001, throttledS: 2, throttledLevels: 1},
			Usage{StealRatio: ptr(0.0), ThrottledS: ptr(0.0)}},
		{"no time passed", full, full, Usage{ThrottledS: ptr(0.0)}},
		{"went backwards", full, Counters{cpuSeconds: 1, steal: 90, jiffies: 1100, throttledS: 1, throttledLevels: 1}, Usage{}},
		{"moved to another cgroup", full, Counters{cpuSeconds: 1.5, steal: 100, jiffies: 1000, throttledS: 5, throttledLevels: 2}, Usage{}},
		{"nothing measured", Counters{}, Counters{}, Usage{}},
		{"only the later one measured", Counters{}, full, Usage{CPUSeconds: 1.5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.later.Since(tt.earlier), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMemoryGiB(t *testing.T) {
	const mib = 1 << 20
	tests := []struct {
		name string
		mib  uint64
		want int
	}{
		{"not known", 0, 0}, {"half a GiB", 512, 1}, {"a 7 GB runner", 6943, 8},
		{"a 16 GB runner", 15990, 16}, {"just under the middle", 23170, 16}, {"just over it", 23171, 32},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := memoryGiB(tt.mib * mib); got != tt.want {
				t.Errorf("= %d, want %d", got, tt.want)
			}
		})
	}
}

func TestVirtualByProduct(t *testing.T) {
	tests := []struct {
		vendor, product string
		want            *bool
	}{
		{"Microsoft Corporation", "Virtual Machine", ptr(true)},
		{"Microsoft Corporation", "Surface Pro", nil},
		{"Amazon EC2", "m7g.large", ptr(true)},
		{"Amazon EC2", "m7g.metal", ptr(false)},
		{"Google", "Google Compute Engine", ptr(true)},
		{"QEMU", "Standard PC (Q35 + ICH9, 2009)", ptr(true)},
		{"LENOVO", "20XW", nil},
		{"", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.vendor+"/"+tt.product, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, virtualByProduct(tt.vendor, tt.product)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDigestID(t *testing.T) {
	form := regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	seen := map[string]bool{}
	for _, ids := range [][2]string{{"m", "b"}, {"m", "c"}, {"", "b"}, {"mb", ""}} {
		id := digestID(ids[0], ids[1])
		if ids[1] == "" {
			if id != "" {
				t.Errorf("without a boot: %q, want none", id)
			}
			continue
		}
		if !form.MatchString(id) || seen[id] {
			t.Errorf("%v: %q has the wrong form or is taken", ids, id)
		}
		seen[id] = true
	}
}

// TestThisMachine asks the system itself: only what must hold on every one is asserted.
func TestThisMachine(t *testing.T) {
	f := Read()
	if f.OS != runtime.GOOS || f.Arch != runtime.GOARCH || f.CPUs < 1 || f.CPUs > runtime.NumCPU() {
		t.Errorf("facts %+v", f)
	}
	if diff := cmp.Diff(f, Read()); diff != "" {
		t.Errorf("facts changed (-first +second):\n%s", diff)
	}
	if a, b := ID(), ID(); a != b {
		t.Errorf("ID changed from %q to %q", a, b)
	}
	earlier := Snapshot()
	if u := Snapshot().Since(earlier); u.CPUSeconds < 0 || u.StealRatio != nil && *u.StealRatio > 1 {
		t.Errorf("usage %+v", u)
	}
	if limit, ok := FileLimit(); ok && limit == 0 {
		t.Error("no file may be open, yet this test runs")
	}
}
