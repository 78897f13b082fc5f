//go:build unix

package git

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks a file as long as this process lives, however it ends; busy
// says that another process does.
func tryLock(f *os.File) (busy bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}
