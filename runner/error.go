package runner

import (
	"fmt"
)

// BootError says that a node or a terminal's program, declared earlier, could
// not be had. It ends the run at the script's next step.
type BootError struct {
	What string // "node hoge", "terminal hoge.iex"
	Pos  string // where it was declared
	Err  error
}

func (e *BootError) Error() string { return fmt.Sprintf("%s: %v", e.What, e.Err) }
func (e *BootError) Unwrap() error { return e.Err }

// StepError says that a step failed: what it waited for did not come, its
// program ended, its status was not the expected one.
type StepError struct {
	What    string // "hoge.iex"
	Err     error
	Hint    string
	Windows []Window // what each terminal showed then, that of the step first
}

func (e *StepError) Error() string { return fmt.Sprintf("%s: %v", e.What, e.Err) }
func (e *StepError) Unwrap() error { return e.Err }

// Window is a terminal as it stood.
type Window struct{ Terminal, Display string }

// NotRecordedError says that a plan has come to something that the last
// recording does not hold.
type NotRecordedError struct{ What string }

func (e *NotRecordedError) Error() string {
	return "not in the last recording: " + e.What
}
