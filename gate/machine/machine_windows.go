package machine

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

func platformFacts() Facts {
	v := windows.RtlGetVersion()
	const bios = `HARDWARE\DESCRIPTION\System\BIOS`
	return Facts{
		CPUModel:  registryText(`HARDWARE\DESCRIPTION\System\CentralProcessor\0`, "ProcessorNameString"),
		CPUs:      runtime.NumCPU(),
		MemoryGiB: memoryGiB(physicalMemory()),
		Virtual:   virtualByProduct(registryText(bios, "SystemManufacturer"), registryText(bios, "SystemProductName")),
		Image:     registryText(`SOFTWARE\Microsoft\Windows NT\CurrentVersion`, "ProductName"),
		Kernel:    fmt.Sprintf("%d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber),
	}
}

// registryText returns a string below HKEY_LOCAL_MACHINE, "" when there is none.
func registryText(key, name string) string {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, key, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer k.Close()
	value, _, err := k.GetStringValue(name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(value)
}

// physicalMemory returns the bytes that GlobalMemoryStatusEx tells, 0 when it fails. x/sys has no
// binding of it.
func physicalMemory() uint64 {
	status := struct { // MEMORYSTATUSEX
		length, load uint32
		total        uint64
		rest         [6]uint64
	}{}
	status.length = uint32(unsafe.Sizeof(status))
	call := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")
	if call.Find() != nil {
		return 0
	}
	if done, _, _ := call.Call(uintptr(unsafe.Pointer(&status))); done == 0 {
		return 0
	}
	return status.total
}

// Windows has no identifier of a boot.
func platformIDs() (installation, boot string) { return "", "" }

// Windows has neither steal nor CPU quotas to read.
func platformCounters() Counters {
	var created, exited, kernel, user windows.Filetime
	err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user)
	if err != nil {
		return Counters{}
	}
	ticks := func(t windows.Filetime) float64 { return float64(uint64(t.HighDateTime)<<32 | uint64(t.LowDateTime)) }
	return Counters{cpuSeconds: (ticks(kernel) + ticks(user)) / 1e7} // a tick is 100 ns
}

func platformFileLimit() (uint64, bool) { return 0, false }

func platformGroupUsage(int) (float64, int64, bool) { return 0, 0, false }
