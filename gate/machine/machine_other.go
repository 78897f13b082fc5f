//go:build !linux && !darwin && !windows

package machine

import "runtime"

func platformFacts() Facts { return Facts{CPUs: runtime.NumCPU()} }

func platformIDs() (installation, boot string) { return "", "" }

func platformCounters() Counters { return Counters{} }

func platformFileLimit() (uint64, bool) { return 0, false }

func platformGroupUsage(int) (float64, int64, bool) { return 0, 0, false }
