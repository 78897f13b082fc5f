package target

import "os"

// A guard has nothing to do: the system ends a job object with perfgate.
type guard struct{}

func startGuard(_ string, _ []string, out *os.File, _ string, _ bool) (*guard, error) {
	return &guard{}, out.Close()
}

func (*guard) port(int)  {}
func (*guard) stop(bool) {}
func (*guard) dismiss()  {}
