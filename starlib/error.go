package starlib

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"scenario/runner"
)

// Error is an error for the script's author: where, what, and the line itself.
type Error struct {
	Pos     string // "toukon.star:12:5"; "" when it has no place
	Message string
	Source  string   // the line
	Col     int      // of the caret, in characters from 0
	Also    []string // further places that led here or have to do with it: "std/elixir.star:30:9: in connect"
	Err     error    // what a builtin returned; nil for an error of the script alone
}

func (e *Error) Error() string {
	if e.Pos == "" {
		return e.Message
	}
	return e.Pos + ": " + e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// CheckError is a check(…) or eventually(…) of the script that does not hold.
type CheckError struct{ Message string }

func (e *CheckError) Error() string { return e.Message }

// explain makes an *Error of whatever ended a script. It holds no secret.
func (s *script) explain(err error) error {
	explained := s.explained(err)
	if e, ok := explained.(*Error); ok {
		e.Message, e.Source = s.run.Mask(e.Message), secretCall.ReplaceAllString(s.run.Mask(e.Source), "secret(***)")
		e.Col = min(e.Col, len([]rune(e.Source)))
	}
	return explained
}

// secretCall may have a value in it that is no secret of the run yet, or that
// was refused.
var secretCall = regexp.MustCompile(`\bsecret\(.*`)

func (s *script) explained(err error) error {
	var (
		eval   *starlark.EvalError
		syn    syntax.Error
		names  resolve.ErrorList
		boot   *runner.BootError
		made   *Error
		heap   *HeapError
		result = new(Error)
	)
	switch {
	case err == nil:
		return nil
	case errors.As(context.Cause(s.ctx), &heap):
		if errors.As(err, &eval) {
			result = s.explainEval(eval)
		}
		result.Message, result.Err, result.Also = heap.Error(), heap, nil
		return result
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	case errors.As(err, &made):
		return made
	case errors.As(err, &eval):
		result = s.explainEval(eval)
	case errors.As(err, &names):
		result = s.at(names[0].Pos, names[0].Msg+meant(names[0].Msg))
	case errors.As(err, &syn):
		result = s.at(syn.Pos, syn.Msg)
		result.Message += python(syn.Msg, result.Source)
	default:
		result.Message, result.Err = err.Error(), err
	}
	if errors.As(err, &boot) {
		ran := result.Pos
		result = s.place(boot.Pos, boot.Error())
		result.Err = err
		if ran != "" {
			result.Also = append(result.Also, ran+": the script had come to here")
		}
	}
	return result
}

// meant says what an undefined name may have been meant for: a library that
// was not loaded, or a builtin. Starlark itself knows the script's own names.
func meant(msg string) string {
	name, ok := strings.CutPrefix(msg, "undefined: ")
	if !ok || strings.Contains(msg, "(did you") {
		return ""
	}
	if file := stdPrefix + name + ".star"; slices.Contains(stdModules(), file) {
		return fmt.Sprintf(" (load(%q, %q) gives it)", file, name)
	}
	return Nearest(name, predeclared().Keys())
}

var fString = regexp.MustCompile(`\bf["']`)

// python says what to write for things of Python that Starlark does not have.
func python(msg, line string) string {
	switch {
	case strings.Contains(msg, "got string literal") && fString.MatchString(line):
		return " (Starlark has no f-strings: \"…%s…\" % value does the same)"
	case strings.Contains(msg, "got import"):
		return " (Starlark has no import: load(\"lib/x.star\", \"x\") does the same)"
	case strings.Contains(msg, "got try"), strings.Contains(msg, "got except"), strings.Contains(msg, "got raise"):
		return " (Starlark has no exceptions)"
	}
	return ""
}

func (s *script) explainEval(eval *starlark.EvalError) *Error {
	msg := eval.Msg
	switch {
	case strings.Contains(msg, "too many steps"):
		msg = fmt.Sprintf("the script took more than %d steps of computation: does it loop for ever?", maxSteps)
	case strings.HasPrefix(msg, "cannot load "):
		// "cannot load x.star: why": an error inside of x.star has its own place.
		var inner *starlark.EvalError
		var syn syntax.Error
		var names resolve.ErrorList
		cause := errors.Unwrap(eval)
		if errors.As(cause, &inner) || errors.As(cause, &syn) || errors.As(cause, &names) {
			if e, ok := s.explain(cause).(*Error); ok {
				e.Also = append(e.Also, s.pos(eval.CallStack)+": loaded here")
				return e
			}
		}
	}
	i := own(eval.CallStack)
	if i < 0 {
		return &Error{Message: msg, Err: eval.Unwrap()}
	}
	e := s.at(eval.CallStack[i].Pos, msg)
	e.Err = eval.Unwrap()
	for _, f := range eval.CallStack[i+1:] {
		if f.Pos.Filename() != "<builtin>" {
			e.Also = append(e.Also, fmt.Sprintf("%s: in %s", f.Pos, f.Name))
		}
	}
	for j := i - 1; j >= 0; j-- {
		if f := eval.CallStack[j]; own(eval.CallStack[j:j+1]) == 0 {
			e.Also = append(e.Also, fmt.Sprintf("%s: called from here", f.Pos))
		}
	}
	return e
}

func (s *script) at(pos syntax.Position, msg string) *Error {
	if !pos.IsValid() {
		return &Error{Message: msg}
	}
	return s.place(fmt.Sprintf("%s:%d:%d", pos.Filename(), pos.Line, max(pos.Col, 1)), msg)
}

// place reads the line of a position. A call's position is its parenthesis;
// the caret goes to where the callee begins.
func (s *script) place(pos, msg string) *Error {
	e := &Error{Pos: pos, Message: msg}
	parts := strings.Split(pos, ":")
	if len(parts) != 3 {
		return e
	}
	var line, col int
	fmt.Sscan(parts[1], &line)
	fmt.Sscan(parts[2], &col)
	src, err := s.source(parts[0])
	if err != nil {
		return e
	}
	lines := strings.Split(string(src), "\n")
	if line < 1 || line > len(lines) {
		return e
	}
	e.Source = strings.TrimRight(lines[line-1], "\r")
	runes := []rune(e.Source)
	e.Col = min(max(col-1, 0), len(runes))
	if e.Col < len(runes) && runes[e.Col] == '(' {
		for e.Col > 0 && (runes[e.Col-1] == '_' || runes[e.Col-1] == '.' || isAlnum(runes[e.Col-1])) {
			e.Col--
		}
		e.Pos = fmt.Sprintf("%s:%d:%d", parts[0], line, e.Col+1)
	}
	return e
}

func isAlnum(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
