package target

import (
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

const errRefused = windows.WSAECONNREFUSED

// shellCommand runs the line by cmd.exe, with ${NAME} expanded. The line goes
// there as it is: cmd.exe has its own rules of quoting, which exec.Command does
// not know.
func shellCommand(c command) *exec.Cmd {
	cmd := shellBase(c, "cmd.exe")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		CmdLine:       `cmd.exe /D /S /C "` + expand(c.line, c.env) + `"`,
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP,
	}
	return cmd
}

// group is a job object, which holds the shell and all its descendants. The
// system ends them when the last handle of the job closes, and so when perfgate
// is gone, however that came; only command.stop is not run then. A process that
// the shell starts before newGroup has put it into the job would escape; the
// shell needs far longer than that to load.
type group struct {
	leader int
	job    windows.Handle
}

func newGroup(leader int, _ command) (*group, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, fmt.Errorf("job object: %w", err)
	}
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err == nil {
		err = assign(job, leader)
	}
	if err != nil {
		_ = windows.CloseHandle(job)
		return nil, fmt.Errorf("job object: %w", err)
	}
	return &group{leader: leader, job: job}, nil
}

func assign(job windows.Handle, pid int) error {
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(pid))
	if err != nil {
		return err
	}
	defer windows.CloseHandle(process)
	return windows.AssignProcessToJobObject(job, process)
}

// String names the group in messages.
func (g *group) String() string { return "the job of process " + strconv.Itoa(g.leader) }

// terminate sends Ctrl-Break, the nearest thing to SIGTERM. It reaches only
// processes that share perfgate's console; kill reaches the rest.
func (g *group) terminate() {
	_ = windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(g.leader))
}

func (g *group) kill() { _ = windows.TerminateJobObject(g.job, 1) }

// alive reports whether the job holds a process. What cannot be told is taken
// for alive, so that it is killed.
func (g *group) alive() bool {
	// JOBOBJECT_BASIC_ACCOUNTING_INFORMATION
	var usage struct {
		userTime, kernelTime, periodUserTime, periodKernelTime int64
		pageFaults, processes, active, terminated              uint32
	}
	err := windows.QueryInformationJobObject(g.job, windows.JobObjectBasicAccountingInformation,
		uintptr(unsafe.Pointer(&usage)), uint32(unsafe.Sizeof(usage)), nil)
	return err != nil || usage.active > 0
}

func (g *group) release() { _ = windows.CloseHandle(g.job) }
