package experiment

import (
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/load"
)

// An Event is one thing that happened in a session: SetUp, Planned,
// PairStarted, RunStarted, LoadProgress, RunDone, Retry, PairDone or Stopped.
type Event interface{ event() }

// SetUp tells that an arm begins to be built or prepared.
type SetUp struct{ Arm, Phase string }

// Planned tells how a paired session will be made, after its burn-in.
type Planned struct{ Plan gate.Plan }

// PairStarted tells that a pair begins. Attempt counts from 1.
type PairStarted struct{ Pair, Of, Attempt int }

// RunStarted tells that the target of a run is being brought up. Number is that
// of its pair, or of the run where there are no pairs, from 1; 0: the burn-in,
// which stands in no result.
type RunStarted struct {
	Arm, Run string
	Number   int
}

// LoadProgress tells how the load of a run gets on.
type LoadProgress struct {
	Arm, Run string
	Progress load.Progress
}

// RunDone tells what became of a run; its target is down again.
type RunDone struct {
	Arm string
	Run gate.Run
	// Why the target died or did not come up, with the last lines of its log;
	// nil: it did not, or that is not known.
	Why error
}

// Retry tells that the run or pair in which Run did not count is repeated
// whole.
type Retry struct {
	Arm string
	Run gate.Run
}

// PairDone tells what is known after a whole pair. Only at a look of the plan
// is it acted on.
type PairDone struct {
	Pair    int
	Look    bool
	Reports []gate.Report // one a candidate
}

// Stopped tells that a session ends early: gate.StoppedBudget …
type Stopped struct {
	Because string
	// Why says what was under way when the budget ended before the first run that
	// counts, with the last lines of its log; nil: the runs say it, or the error.
	Why error
}

func (SetUp) event()        {}
func (Planned) event()      {}
func (PairStarted) event()  {}
func (RunStarted) event()   {}
func (LoadProgress) event() {}
func (RunDone) event()      {}
func (Retry) event()        {}
func (PairDone) event()     {}
func (Stopped) event()      {}
