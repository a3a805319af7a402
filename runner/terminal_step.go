package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"scenario/runner/terminal"
)

// StepSpec is one thing to do in a terminal.
type StepSpec struct {
	Lines     []string
	Expect    []string      // must come before the step is done
	Timeout   time.Duration // 0 is DefaultTimeout
	NoWait    bool          // send it and go on
	Status    *int          // the wanted exit status, where the program tells one; nil takes any
	Enters    *Program      // what the last line starts, and what is driven from then on
	Leaves    bool          // the program that was entered last is left by it
	Name      string        // its label; "" is the chapter's
	Tolerance Tolerance
	Pos       string
}

func (t *Terminal) step(op Op, spec StepSpec, typed []string) *Step {
	label := spec.Name
	if label == "" {
		label = t.run.chapter
	}
	if label == "" {
		label = t.run.cfg.Scenario
	}
	step := &Step{
		Op: op, Node: t.node.spec.Name, Terminal: t.name, Label: label, Pos: spec.Pos,
		Typed: typed, Tolerance: spec.Tolerance, Leaves: spec.Leaves,
	}
	_, step.Program = t.front()
	if spec.Enters != nil {
		step.Enters, step.Program = spec.Enters.Name, t.entries+1
	}
	return step
}

// change does a step, and takes note of the program that it enters or leaves.
func (t *Terminal) change(step *Step, spec StepSpec, do func(context.Context) error) (*Step, error) {
	if spec.Leaves && len(t.inside) == 0 {
		return nil, fmt.Errorf("%s: there is nothing to leave: %s is the window's own program; quit() ends it", t.name, t.prog.Name)
	}
	if spec.Enters != nil {
		_, under := t.front()
		t.run.record(func(rec *Recording, _ float64) {
			r := &rec.Terminals[t.index]
			r.Entered = append(r.Entered, EnteredRecord{Name: spec.Enters.Name, Under: under, Kinds: spec.Enters.Kinds})
		})
	}
	step, err := t.run.play(step, t.name, spec.Timeout, do)
	switch {
	case err != nil:
	case spec.Enters != nil:
		t.entries++
		t.inside = append(t.inside, entered{*spec.Enters, t.entries})
	case spec.Leaves:
		t.inside = t.inside[:len(t.inside)-1]
	}
	return step, err
}

// lineLimit is what Linux keeps of a line in a terminal that edits lines for
// its program (N_TTY_BUF_SIZE, less the line's end), in bytes.
const lineLimit = 4095

// Step types lines, and returns what came back when the prompt is there again
// and all that is expected has come.
func (t *Terminal) Step(spec StepSpec) (*Step, error) {
	if spec.NoWait && len(spec.Expect) > 0 {
		return nil, fmt.Errorf("%s: a step that is not waited for cannot expect anything; wait(…) can", t.name)
	}
	if spec.Enters != nil && spec.Leaves {
		return nil, fmt.Errorf("%s: a step enters a program or leaves one, not both", t.name)
	}
	prog, _ := t.front()
	for _, l := range spec.Lines {
		if prog.Shell && len(l) > lineLimit {
			return nil, fmt.Errorf("%s: the line has %d bytes, and a terminal takes %d; put it in a file with write(…)", t.name, len(l), lineLimit)
		}
		if i := strings.IndexFunc(l, func(c rune) bool { return c < ' ' || c == 0x7f }); i >= 0 {
			return nil, fmt.Errorf("%s: the text has the control character %q, which a program takes for a key; use key(…) for keys, and write(…) for files", t.name, l[i])
		}
	}
	step := t.step(OpType, spec, spec.Lines)
	in := terminal.Input{Lines: spec.Lines, Expect: spec.Expect, NoWait: spec.NoWait, Leaves: spec.Leaves}
	if spec.Enters != nil {
		in.Enters = &spec.Enters.Program
	}
	return t.change(step, spec, func(ctx context.Context) error {
		shown, err := t.sess.Send(ctx, in)
		if err := t.fill(step, shown, err); err != nil {
			return err
		}
		if spec.Status != nil && shown.Early != nil {
			return fmt.Errorf("a line before the last one: %w", statusError(*shown.Early, 0, ""))
		}
		return spec.check(shown.Status)
	})
}

// check holds an exit status, where there is one, against the wanted one.
func (spec StepSpec) check(status *int) error {
	if spec.Status != nil && status != nil && *status != *spec.Status {
		return statusError(*status, *spec.Status, "")
	}
	return nil
}

// Wait waits for text that comes by itself, or, when spec.Expect is empty, for
// the prompt of what was sent without waiting; with spec.Leaves for the end of
// the program that was entered last.
func (t *Terminal) Wait(spec StepSpec) (*Step, error) {
	if spec.Leaves && len(spec.Expect) > 0 {
		return nil, fmt.Errorf("%s: a wait for a program's end is for no text; wait for the text first", t.name)
	}
	step := t.step(OpWait, spec, spec.Expect)
	return t.change(step, spec, func(ctx context.Context) error {
		var shown terminal.Shown
		var err error
		if spec.Leaves {
			shown, err = t.sess.Leave(ctx)
		} else {
			shown, err = t.sess.Wait(ctx, spec.Expect)
		}
		if err := t.fill(step, shown, err); err != nil {
			return err
		}
		return spec.check(shown.Status)
	})
}

// Arrive waits until enough says that the lines which came by themselves since
// the last step are enough, and takes those up to the one that completes them.
// That they do not come within spec.Timeout is no error: it takes what there is.
// spec.Expect is what is said to be waited for.
func (t *Terminal) Arrive(spec StepSpec, enough func(lines []string) bool) (*Step, error) {
	step := t.step(OpWait, spec, spec.Expect)
	return t.change(step, spec, func(ctx context.Context) error {
		shown, err := t.sess.Arrive(ctx, enough)
		var late errTimeout
		if errors.As(err, &late) {
			err = nil
		}
		return t.fill(step, shown, err)
	})
}

// Keys sends raw text; what it brings is for Wait or Screen.
func (t *Terminal) Keys(keys string, spec StepSpec, shown string) (*Step, error) {
	step := t.step(OpKeys, spec, []string{shown})
	return t.run.play(step, t.name, spec.Timeout, func(context.Context) error {
		t.sess.Type(keys)
		return nil
	})
}

// Screen gives the window as it stands, once it shows all that is expected.
func (t *Terminal) Screen(spec StepSpec) (*Step, error) {
	step := t.step(OpScreen, spec, spec.Expect)
	return t.run.play(step, t.name, spec.Timeout, func(ctx context.Context) error {
		shown, err := t.sess.See(ctx, spec.Expect)
		return t.fill(step, shown, err)
	})
}

// Quit leaves the program in front, and waits for its end: of one that was
// entered, for the prompt of the one below it.
func (t *Terminal) Quit(spec StepSpec) (*Step, error) {
	prog, _ := t.front()
	if prog.Quit == "" {
		return nil, fmt.Errorf("%s: program %s does not say how it is left; give it quit = …", t.name, prog.Name)
	}
	spec.Leaves = len(t.inside) > 0
	step := t.step(OpType, spec, []string{prog.Quit})
	return t.change(step, spec, func(ctx context.Context) error {
		shown, err := t.sess.Send(ctx, terminal.Input{Lines: step.Typed, Leaves: spec.Leaves})
		err = t.fill(step, shown, err)
		switch {
		case errors.Is(err, terminal.ErrEnded):
			t.gone = spec.Pos
			return nil
		case err == nil && !spec.Leaves:
			return fmt.Errorf("%s is still there after %q", prog.Name, prog.Quit)
		}
		return err
	})
}

// fill gives a step what it has shown, also if err was met. It returns that, or
// else the error of a step that has shown too much.
func (t *Terminal) fill(step *Step, shown terminal.Shown, err error) error {
	t.leave(shown.Stray, shown.StrayCut)
	t.last = step
	step.Text, step.Output, step.Status = shown.Text, shown.Output, shown.Status
	if err != nil {
		return err
	}
	return cut(shown.Cut)
}
