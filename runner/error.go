package runner

import (
	"fmt"
	"slices"
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

// hide is an error whose message, and all of it that people are shown, is
// without secrets.
func (r *Run) hide(err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *BootError:
		return &BootError{What: r.Mask(e.What), Pos: e.Pos, Err: r.hide(e.Err)}
	case *StepError:
		windows := slices.Clone(e.Windows)
		for i := range windows {
			windows[i].Display = maskCut(r.secrets.now(), windows[i].Display)
		}
		return &StepError{What: r.Mask(e.What), Err: r.hide(e.Err), Hint: r.Mask(e.Hint), Windows: windows}
	case *EnvironmentError:
		tried := slices.Clone(e.Tried)
		for i := range tried {
			tried[i] = r.Mask(tried[i])
		}
		return &EnvironmentError{What: r.Mask(e.What), Tried: tried, Hint: r.Mask(e.Hint), Err: r.hide(e.Err)}
	}
	said := err.Error()
	if hidden := r.Mask(said); hidden != said {
		return &hiddenError{hidden, err}
	}
	return err
}

// hiddenError is an error of which only what it is may be asked, not its text.
type hiddenError struct {
	said string
	err  error
}

func (e *hiddenError) Error() string { return e.said }
func (e *hiddenError) Unwrap() error { return e.err }
