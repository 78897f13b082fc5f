//go:build unix

package git

import (
	"os"
	"syscall"
)

// sameDisk reports whether two folders are on one file system. What cannot be
// told is not.
func sameDisk(a, b string) bool {
	device := func(folder string) (any, bool) {
		info, err := os.Stat(folder)
		if err != nil {
			return nil, false
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return nil, false
		}
		return stat.Dev, true
	}
	first, ok1 := device(a)
	second, ok2 := device(b)
	return ok1 && ok2 && first == second
}
