package target

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"syscall"
)

// strays lists the processes, guards aside, that were started with all of the
// given "NAME=value", whoever is their parent now. Those of other users cannot
// be seen, nor those that were started with an environment of their own.
func strays(marks []string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var all []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		environ, err := os.ReadFile("/proc/" + e.Name() + "/environ") // a zombie has none
		if err == nil && isStray(environ, marks) {
			all = append(all, pid)
		}
	}
	return all
}

// isStray reads proc_pid_environ(5).
func isStray(environ []byte, marks []string) bool {
	variables := bytes.Split(environ, []byte{0})
	has := func(mark string) bool {
		return slices.ContainsFunc(variables, func(v []byte) bool { return string(v) == mark })
	}
	for _, mark := range marks {
		if !has(mark) {
			return false
		}
	}
	return !has(guardMark)
}

// signalStrays asks the strays to end, or ends them, and reports whether there
// was any.
func signalStrays(kill bool, marks []string) bool {
	signal := syscall.SIGTERM
	if kill {
		signal = syscall.SIGKILL
	}
	all := strays(marks)
	for _, pid := range all {
		_ = syscall.Kill(pid, signal) // the next look tells
	}
	return len(all) > 0
}
