//go:build !linux

package target

// strays finds none: the environment of other processes cannot be read without
// cgo, and on Windows the job object holds them.
func strays([]string) []int { return nil }

func signalStrays(bool, []string) bool { return false }
