//go:build unix

package git

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// tryLock locks a file as long as this process lives, and those to which holdLock
// gave the lock, however they end; busy says that another process does.
func tryLock(f *os.File) (busy bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

// holdLock gives a lock to a command that is about to start, and to all that it
// starts.
func holdLock(cmd *exec.Cmd, lock *os.File) { cmd.ExtraFiles = append(cmd.ExtraFiles, lock) }
