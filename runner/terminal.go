package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"scenario/runner/terminal"
)

// Program says how to drive what runs in a terminal, and which tokens of its
// output are volatile.
type Program struct {
	terminal.Program
	Kinds      []Kind
	User       string
	Workdir    string
	Cols, Rows int // cells; 0 is 100 by 30
}

// Window size that a reader's terminal is taken to have.
const (
	DefaultCols = 100
	DefaultRows = 30
)

// Terminal is one window on a node. Its program starts in the background as
// soon as the node is up.
type Terminal struct {
	run   *Run
	node  *Node
	name  string // "hoge.iex"
	pos   string
	prog  Program
	index int // in the recording

	up   chan struct{} // closed when the first prompt stands
	tap  func(byte, []byte)
	boot time.Duration // what the program has to its first prompt
	sess *terminal.Session
	tty  TTY
	gone string // where the program was quit
	// fallen is that it went with its node, and will be opened again with it.
	fallen bool
	last   *Step // the one before

	inside  []entered // programs that steps have entered and not left, the outermost first
	entries int       // how many were entered, ever
}

// entered is a program that was started by a step, in another.
type entered struct {
	prog   Program
	number int // in the recording
}

// front is the program that the terminal's next step drives, and its number in
// the recording.
func (t *Terminal) front() (Program, int) {
	if n := len(t.inside); n > 0 {
		return t.inside[n-1].prog, t.inside[n-1].number
	}
	return t.prog, 0
}

// Terminal opens a window on the node. Its name is unique on the node. The
// program's first prompt must come within timeout; 0 is DefaultBoot.
func (n *Node) Terminal(name string, prog Program, timeout time.Duration, pos string) (*Terminal, error) {
	r := n.run
	if err := r.checkName("terminal", name); err != nil {
		return nil, err
	}
	t := &Terminal{run: r, node: n, name: n.spec.Name + "." + name, pos: pos, prog: prog, index: len(r.terminals), up: make(chan struct{})}
	for _, o := range r.terminals {
		if o.name == t.name {
			return nil, fmt.Errorf("terminal %q: there is one of that name, at %s", t.name, o.pos)
		}
	}
	if t.prog.Cols == 0 {
		t.prog.Cols = DefaultCols
	}
	if t.prog.Rows == 0 {
		t.prog.Rows = DefaultRows
	}
	r.terminals = append(r.terminals, t)
	if r.replay != nil {
		return t, nil
	}
	r.record(func(rec *Recording, _ float64) {
		rec.Terminals = append(rec.Terminals, TerminalRecord{
			Name: t.name, Argv: strings.Join(prog.Argv, " "), Stream: t.name + ".jsonl", Kinds: prog.Kinds,
		})
	})
	tap, err := r.rec.tap(t.name+".jsonl", func() {
		r.warn(t.name, pos, "the recording of its bytes ends here: it has %d MB", streamLimit>>20)
	})
	if err != nil {
		return nil, err
	}
	if timeout == 0 {
		timeout = DefaultBoot
	}
	t.tap, t.boot = tap, timeout
	r.background("terminal "+t.name, pos, t.start)
	return t, nil
}

// again opens a window that went with its node.
func (t *Terminal) again() {
	t.fallen, t.up, t.last = false, make(chan struct{}), nil
	t.inside = nil
	t.run.background("terminal "+t.name, t.pos, t.start)
}

// Front is the program that the next step drives: the terminal's own, or one
// that a step has entered.
func (t *Terminal) Front() Program {
	prog, _ := t.front()
	return prog
}

// Entered says whether a step has entered the program in front from another.
func (t *Terminal) Entered() bool { return len(t.inside) > 0 }

// Accept takes it as right that a program of the window has ended by itself, or
// did not come: a step that met that was to find out. What is typed next is for
// the program below, if there is one.
func (t *Terminal) Accept(pos string) {
	if t.sess.Ended() {
		t.gone = pos
		return
	}
	n := t.sess.Accept()
	t.inside = t.inside[:min(n, len(t.inside))]
}

// Gone says whether the terminal's own program was quit, or has ended.
func (t *Terminal) Gone() bool { return t.gone != "" || t.sess != nil && t.sess.Ended() }

// Display is what the window shows now: its rows, trailing blanks cut. It is for
// one that is ready.
func (t *Terminal) Display() string { return t.run.Mask(t.sess.Display()) }

// Node is the machine that it is a window on.
func (t *Terminal) Node() *Node { return t.node }

// Folder is the folder in which its shell is, on the node; "" if it has none
// whose prompt has come.
func (t *Terminal) Folder() (string, error) {
	if err := t.Ready(); err != nil {
		return "", err
	}
	pid := t.sess.Shell()
	if pid == 0 {
		return "", nil
	}
	step, err := t.node.Exec(ExecSpec{Argv: []string{"readlink", fmt.Sprintf("/proc/%d/cwd", pid)}, Pos: t.pos})
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(step.Output), nil
}

// Name is the terminal's full name: the node's, a dot and its own.
func (t *Terminal) Name() string { return t.name }

func (t *Terminal) start() error {
	r := t.run
	if err := t.node.booted(r.ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.ctx, t.boot)
	defer cancel()
	tty, err := t.node.open(ctx, t.prog)
	if err != nil {
		return err
	}
	t.tty = tty
	trans := t.node.trans
	t.sess = terminal.NewSession(t.prog.Program, tty, terminal.Options{
		Cols: t.prog.Cols, Rows: t.prog.Rows,
		Encode: trans.toLab, Decode: trans.toReader, Tap: t.tap,
	})
	shown, err := t.sess.Ready(ctx)
	if err != nil {
		if errors.Is(err, terminal.ErrEnded) {
			err = t.ended(err)
		} else if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("%w within %s", err, t.boot)
		}
		return &StepError{What: t.prog.Name, Err: err, Windows: []Window{{t.name, t.sess.Display()}}}
	}
	r.record(func(rec *Recording, now float64) {
		if rec := &rec.Terminals[t.index]; rec.Ready == 0 {
			rec.Banner, rec.Ready = shown.Output, now
		}
	})
	if shown.Cut > 0 {
		r.warn(t.name, t.pos, "of what its program said before its first prompt, %d bytes were cut", shown.Cut)
	}
	close(t.up)
	r.cfg.Observe(Event{Kind: TerminalReady, Name: t.name})
	return nil
}

// ended says how the program, or the node below it, ended. A terminal ends a
// moment before its machine is known to have: where the program's status can
// be that of a killed one, the machine has that moment.
func (t *Terminal) ended(err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.run.ctx), 5*time.Second)
	defer cancel()
	status, serr := t.tty.Status(ctx)
	for range 50 {
		if dead := t.node.dead(err); dead != err {
			return dead
		}
		if serr == nil && status < 128 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if serr != nil {
		return err
	}
	return fmt.Errorf("%w, with exit status %d", err, status)
}

// alive says whether the program is there still, and those that were entered,
// or was quit.
func (t *Terminal) alive() error {
	if t.gone != "" || t.fallen {
		return nil
	}
	prog, _ := t.front()
	err := t.sess.Left()
	if t.sess.Ended() {
		err = t.ended(terminal.ErrEnded)
	}
	if err == nil {
		return nil
	}
	return &StepError{What: prog.Name, Err: err, Windows: []Window{{t.name, t.sess.Display()}}}
}

// settle takes what came after the last step, while there still is a window.
func (t *Terminal) settle() {
	if t.sess != nil {
		t.leave(t.sess.Stray())
	}
}

// kept is what is left of the window in a lab that is kept.
func (t *Terminal) kept() KeptWindow {
	w := KeptWindow{Node: t.node.spec.Name, Name: strings.TrimPrefix(t.name, t.node.spec.Name+"."), Command: t.node.command(t.prog)}
	if id, ok := t.tty.(Identified); ok && !t.Gone() {
		w.ID = id.ID()
	}
	return w
}

// close ends the session. Its machine, and so its program, are gone already.
func (t *Terminal) close() {
	if t.sess != nil {
		t.sess.Close()
	}
}

// leave keeps with the last step what came after it, of which so many bytes
// were cut.
func (t *Terminal) leave(stray string, cut int) {
	if cut > 0 && t.last != nil {
		t.run.warn(t.name, t.last.Pos, "of what came after this step, and was not waited for, %d bytes were cut", cut)
	}
	if t.last != nil && stray != "" {
		t.run.record(func(*Recording, float64) { t.last.After = stray })
	}
}

// Ready waits until the program has shown its first prompt.
func (t *Terminal) Ready() error {
	if t.run.replay != nil {
		return nil
	}
	return t.run.hide(t.wait(t.run.ctx))
}

// wait returns when the program's first prompt has come.
func (t *Terminal) wait(ctx context.Context) error {
	if t.gone != "" {
		return fmt.Errorf("its program was quit at %s", t.gone)
	}
	if err := t.node.fallen(); err != nil {
		return err
	}
	select {
	case <-t.up:
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
