//go:build unix

package git

import (
	"os/exec"
	"syscall"
)

// inGroup gives git a process group of its own, and ends all of it: what git
// starts to check files out would write on into a folder that is being removed.
// The terminal's Ctrl-C does not reach it, so that perfgate ends it in order.
func inGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
