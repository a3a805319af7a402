package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"scenario/runner/terminal"
)

// play does one step: it waits for whom the step is for, bounds the time,
// tells the observer, records, and makes of an error what a person can use.
// With a recording to replay, do is not called.
func (r *Run) play(step *Step, who string, timeout time.Duration, do func(context.Context) error) (*Step, error) {
	if step.Label != "" {
		if err := r.checkName("name", step.Label); err != nil {
			return step, r.hide(err)
		}
	}
	step.Chapter = r.chapter
	if r.replay != nil {
		return r.replay.play(r, step)
	}
	if r.ctx.Err() != nil {
		return step, r.hide(context.Cause(r.ctx))
	}
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	step.Start = r.rec.since()
	r.cfg.Observe(Event{Kind: StepBegun, Name: who, Pos: step.Pos, Step: step})

	err := r.whole(step)
	if err == nil {
		ctx, cancel := context.WithTimeoutCause(r.ctx, timeout, errTimeout{timeout})
		err = do(ctx)
		cancel()
	}
	step.End = r.rec.since()
	if err != nil {
		err = r.hide(r.explain(step, who, err))
		step.Error = err.Error()
	}
	r.record(func(rec *Recording, _ float64) { rec.Steps = append(rec.Steps, step) })
	r.cfg.Observe(Event{Kind: StepEnded, Name: who, Pos: step.Pos, Step: step})
	return step, err
}

// whole waits, without a bound of its own, until the step's node or program is
// there: an image may take minutes to come, and says so.
func (r *Run) whole(step *Step) error {
	if t := r.terminal(step.Terminal); t != nil {
		return t.wait(r.ctx)
	}
	n := r.node(step.Node)
	switch {
	case n == nil: // the network's
		for _, n := range r.nodes {
			if err := n.booted(r.ctx); err != nil {
				return err
			}
		}
		return nil
	case step.Op == OpFault:
		return n.booted(r.ctx)
	}
	return n.wait(r.ctx)
}

func (r *Run) terminal(name string) *Terminal {
	for _, t := range r.terminals {
		if t.name == name {
			return t
		}
	}
	return nil
}

func (r *Run) node(name string) *Node {
	for _, n := range r.nodes {
		if n.spec.Name == name {
			return n
		}
	}
	return nil
}

type errTimeout struct{ d time.Duration }

func (e errTimeout) Error() string { return "timed out after " + e.d.String() }

// explain turns what a step met into the error for its reader: the boot that
// failed, the interruption, or a StepError with the windows as they stand.
func (r *Run) explain(step *Step, who string, err error) error {
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	e := &StepError{What: who, Err: err, Windows: r.windows(step.Terminal)}
	var waiting *terminal.WaitingError
	var late errTimeout
	var left *terminal.LeftError
	var unmet *UnmetError
	var cut *CutError
	n := r.node(step.Node)
	switch {
	case errors.As(err, &late) && n != nil && n.paused != "":
		e.Err, e.Hint = late, "the node is paused since "+n.paused+"; resume() lets it go on"
	case errors.As(err, &cut):
		e.Hint = cut.hint()
	case errors.As(err, &unmet):
	case errors.As(err, &left):
		if left.Never {
			break
		}
		e.Hint = "a step that is to leave it takes leaves = True; one that ends by itself is waited for with wait(leaves = True)"
	case errors.As(err, &waiting) && errors.As(err, &late):
		e.Err = fmt.Errorf("%w within %s", waiting, late.d)
		e.Hint = "a longer step takes timeout = SECONDS, one that blocks wait = False"
		if waiting.Ready {
			e.Hint = "the program is done, and has not shown it; or it comes later than that, and the step takes timeout = SECONDS"
		}
		if strings.Contains(waiting.For, "has not ended") {
			e.Hint = "screen(expect = …) looks at the window as it stands"
		}
	case errors.Is(err, terminal.ErrEnded):
		e.Err = r.terminal(step.Terminal).ended(err)
		e.Hint = "a program that is to end is left with quit()"
	case errors.As(err, &late):
		e.Err = late
	}
	return e
}

// windows are all terminals as they stand, first before the others.
func (r *Run) windows(first string) []Window {
	var ws []Window
	for _, t := range r.terminals {
		select {
		case <-t.up:
		default:
			continue
		}
		w := Window{Terminal: t.name, Display: t.sess.Display()}
		if t.name == first {
			ws = append([]Window{w}, ws...)
		} else {
			ws = append(ws, w)
		}
	}
	return ws
}

// Pause waits between two polls of a script; not at all when it is replayed.
func (r *Run) Pause(d time.Duration) error {
	if r.replay != nil {
		return nil
	}
	select {
	case <-time.After(d):
		return nil
	case <-r.ctx.Done():
		return r.hide(context.Cause(r.ctx))
	}
}
