package target

// A guard has nothing to do: the system ends a job object with perfgate.
type guard struct{}

func startGuard(c command, _ guardOptions) (*guard, error) { return &guard{}, c.out.Close() }

func (*guard) port(int)         {}
func (*guard) stop(bool)        {}
func (*guard) running(*process) {}
func (*guard) dismiss()         {}
