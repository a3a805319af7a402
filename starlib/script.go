package starlib

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"scenario/runner"
)

// Options are what a script is run with.
type Options struct {
	Params map[string]string         // what --param gave
	Env    map[string]string         // what env(…) gives: all else of this process's environment is its own
	Mounts []string                  // absolute paths of folders outside of the scenario's that nodes may mount
	Until  string                    // a label: when it is over, the script is stopped by a *StoppedError
	Print  func(pos, message string) // where print(…) goes; may be nil
	// Binding is filled by article(…) and bind(…); nil for a script that has no
	// article, which may not call them.
	Binding *Binding
	// Abort is called when a script uses far too much memory and does not come
	// to an end by itself. It is to end the process; nil leaves that to the
	// kernel.
	Abort func(error)
	// Then is called when the script has come to its end and its lab is still
	// there; may be nil.
	Then func(run *runner.Run) error
}

// script is one run of one scenario's script.
type script struct {
	ctx     context.Context
	opts    Options
	run     *runner.Run
	dir     string
	modules map[string]*module
	polling int // how many eventually(…) are under way
	until   until
}

// maxSteps bounds a script's computation, not its waiting: far more than any
// lesson needs, and reached by an endless loop in about a second.
const maxSteps = 20_000_000

// dialect lets a script read like a lesson: loops and conditions at the top
// level, names that are set again. What would let it run for ever stays out.
var dialect = &syntax.FileOptions{Set: true, TopLevelControl: true, GlobalReassign: true}

const scriptKey = "scenario.script"

// Play runs the script at path as a whole: it opens the run, and closes it
// however the script ends. It returns what was recorded, also after an error.
// cfg needs no Scenario and no Dir, which are the path's.
//
// The error is an *Error, ctx's cause when the run was interrupted, or an
// *runner.EnvironmentError when the run could not be opened or closed.
func Play(ctx context.Context, path string, cfg runner.Config, opts Options) (rec *runner.Recording, err error) {
	cfg.Dir, cfg.Scenario = filepath.Dir(path), strings.TrimSuffix(filepath.Base(path), ".star")
	// Not cancelled at the end: what a binding has of the script can still be
	// called.
	ctx, cancel := context.WithCancelCause(ctx)
	defer watchHeap(ctx, cancel, opts.Abort)()
	run, err := runner.New(ctx, cfg)
	if err != nil {
		return nil, &runner.EnvironmentError{What: "the recording cannot be kept", Err: err}
	}
	defer func() {
		p := recover()
		if p != nil {
			err = fmt.Errorf("a fault in scenario itself: %v", p)
		}
		if cerr := run.Close(err); cerr != nil && err == nil {
			err = &runner.EnvironmentError{What: "the run could not be closed", Err: cerr}
		} else if cerr != nil && cfg.Observe != nil {
			cfg.Observe(runner.Event{Kind: runner.LabLeft, Text: cerr.Error()})
		}
		rec = run.Recording()
		if p != nil {
			panic(p)
		}
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx) // while the lab was being removed
		}
	}()
	return nil, exec(ctx, path, run, opts)
}

// exec runs the script at path, and waits for all that it began.
func exec(ctx context.Context, path string, run *runner.Run, opts Options) error {
	s := &script{ctx: ctx, opts: opts, run: run, dir: filepath.Dir(path), modules: map[string]*module{}}
	if s.opts.Print == nil {
		s.opts.Print = func(string, string) {}
	}
	name := filepath.Base(path)
	s.until = until{label: opts.Until, chapter: strings.TrimSuffix(name, ".star")}
	if err := s.checkParams(name); err != nil {
		return s.explain(err)
	}
	if _, err := s.execFile(name); err != nil {
		return s.explain(err)
	}
	if opts.Then != nil {
		if err := opts.Then(run); err != nil {
			return s.explain(err)
		}
	}
	return s.explain(run.Settle())
}

// execFile runs one file, from its source, on a thread of its own.
func (s *script) execFile(name string) (starlark.StringDict, error) {
	src, err := s.source(name)
	if err != nil {
		return nil, err
	}
	thread := &starlark.Thread{Name: name, Load: s.load}
	thread.SetMaxExecutionSteps(maxSteps)
	thread.SetLocal(scriptKey, s)
	thread.Print = func(t *starlark.Thread, msg string) { s.opts.Print(s.pos(t.CallStack()), s.run.Mask(msg)) }
	stop := context.AfterFunc(s.ctx, func() { thread.Cancel("interrupted") })
	defer stop()
	return starlark.ExecFileOptions(dialect, thread, name, src, predeclared())
}

func newCall(thread *starlark.Thread) *call {
	s := thread.Local(scriptKey).(*script)
	return &call{script: s, thread: thread, pos: s.pos(thread.CallStack())}
}

// pos is the innermost place in the author's own files: a step that a std
// function types belongs to the line that called it.
func (s *script) pos(stack starlark.CallStack) string {
	if i := own(stack); i >= 0 {
		return s.at(stack[i].Pos, "").Pos
	}
	return ""
}

// own is the index of the innermost frame that is in the author's files, or -1.
func own(stack starlark.CallStack) int {
	for i := len(stack) - 1; i >= 0; i-- {
		if f := stack[i].Pos.Filename(); f != "<builtin>" && !strings.HasPrefix(f, stdPrefix) {
			return i
		}
	}
	return -1
}

// errNoStep is met by a terminal's step inside of eventually(…).
var errNoStep = errors.New("a step in a terminal cannot be tried again and again: each try would move the prompt's counter and be recorded; use exec(…) inside of eventually(…)")

func (s *script) step(st *runner.Step, err error) (starlark.Value, error) {
	if err != nil {
		return nil, err
	}
	return &resultValue{st}, nil
}
