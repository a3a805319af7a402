package terminal

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrEnded says that the program, or the machine below it, has ended.
var ErrEnded = errors.New("the program has ended")

// UnfinishedError says that the program asks for the rest of a statement of
// which there is none.
type UnfinishedError struct{ Prompt string }

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("the statement is not finished: the program asks for more with %q", strings.TrimRight(e.Prompt, " "))
}

// WaitingError says what had not come when the time was over.
type WaitingError struct {
	For   string // "the prompt", `"元氣ですか"`
	Ready bool   // the program itself is done: its prompt is there
	Cause error
}

func (e *WaitingError) Error() string { return e.For + " did not come" }
func (e *WaitingError) Unwrap() error { return e.Cause }

// Input is one thing to type.
type Input struct {
	Lines  []string // each is sent with Enter when the prompt for it has come
	Expect []string // all of these must be in the output before the step is done
	// NoWait sends the last line and returns; what it brings is for Wait.
	NoWait bool
	// Enters is the program that the last line starts, which is driven from
	// then on; nil for none.
	Enters *Program
	// Leaves says that the last line ends the program in front. The one that
	// it was entered from is driven again.
	Leaves bool
}

// Shown is what came of it.
type Shown struct {
	Text   string // as a reader would copy it: prompt, what was typed, what came back
	Output string // what came back
	Stray  string // what had come before, after the last step, and no Wait has asked for
	Status *int   // exit status, from a shell
	Early  *int   // the first exit status other than 0 of a statement before the last one
	// Cut is how many bytes of Text were cut, because they were more than
	// Scrollback, and StrayCut how many of Stray. CutLine stands for them.
	Cut, StrayCut int
}

// CutLine stands in a text for the bytes that were cut before it.
func CutLine(n int) string { return fmt.Sprintf("[%d bytes before this line were cut]", n) }

// Ready waits for the program's first prompt. Shown holds what it said before.
func (s *Session) Ready(ctx context.Context) (Shown, error) {
	var shown Shown
	err := s.await(ctx, func() bool {
		if !s.busy {
			shown = Shown{Text: s.ready.text, Output: s.ready.text, Cut: s.ready.cut}
		}
		return !s.busy
	})
	return shown, s.waiting(err, "the first prompt")
}

// Send types the lines of in, one at a time, each when the prompt for it is
// there, and returns when the last prompt is back and all that is expected has
// come. A paste of all lines at once would be faster, and garbles the screen
// of OTP 26 and later.
//
// After an error Shown holds what there was.
func (s *Session) Send(ctx context.Context, in Input) (shown Shown, err error) {
	if err := s.await(ctx, func() bool { return !s.busy }); err != nil {
		return shown, s.waiting(err, "the prompt of what is still running")
	}
	s.mu.Lock()
	shown.Stray, shown.StrayCut = s.stray()
	err = s.astray()
	s.mu.Unlock()
	if err != nil {
		return shown, err
	}

	var outputs []string // of the lines, in order
	for i, line := range in.Lines {
		last := i == len(in.Lines)-1
		change := Input{}
		if last {
			change = in
		}
		if in.NoWait && last {
			return s.launch(line, i == 0, change, outputs, shown), nil
		}
		if err := s.line(ctx, line, i == 0, change, &outputs, &shown); err != nil {
			return shown, err
		}
		if !last && shown.Early == nil {
			shown.Early = s.failed()
		}
	}
	if n := len(in.Lines); s.asksForMore() && in.Lines[n-1] != "" {
		// A reader ends a block with an empty line where the program wants one.
		if err := s.line(ctx, "", false, Input{}, &outputs, &shown); err != nil {
			return shown, err
		}
	}
	return s.expect(ctx, shown, outputs, in.Expect)
}

// within is part, as a part of the text's own memory if it is its end.
func within(text, part string) string {
	if strings.HasSuffix(text, part) {
		return text[len(text)-len(part):]
	}
	return part
}

func (s *Session) asksForMore() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready.continuation
}

// failed is the exit status of the last statement, if it is known and not 0.
func (s *Session) failed() *int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.ready.status; !s.ready.continuation && st != nil && *st != 0 {
		return st
	}
	return nil
}

// line sends one line and waits for the prompt after it: of the program that
// change enters, or that it leaves for.
func (s *Session) line(ctx context.Context, line string, first bool, change Input, outputs *[]string, shown *Shown) error {
	s.mu.Lock()
	s.send(line, first, change)
	awaited := s.awaited()
	s.mu.Unlock()
	err := s.waiting(s.await(ctx, func() bool { return !s.busy }), awaited)
	s.mu.Lock()
	defer s.mu.Unlock()
	text, all := s.ready.text, s.ready.whole
	shown.Cut = s.ready.cut
	if err != nil {
		text, all = s.now(s.sent), s.now(s.first)
		shown.Cut = s.screen.Cut(s.from(s.first))
	}
	if before, ok := strings.CutSuffix(all, text); ok && (s.nest.gone || errors.Is(err, ErrEnded)) {
		text = s.sent.whole(text)
		all = before + text
	}
	*outputs = append(*outputs, s.sent.output(text))
	shown.Text, shown.Output = s.first.tidy(all), joinLines(*outputs)
	if err != nil {
		s.open = s.busy // what it still brings is for Wait
		return err
	}
	if s.ready.continuation && s.nest.never {
		return &UnfinishedError{Prompt: s.ready.prompt.text}
	}
	return s.astray()
}

// launch sends a line that is not waited for.
func (s *Session) launch(line string, first bool, change Input, outputs []string, shown Shown) Shown {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send(line, first, change)
	s.open = true
	shown.Output = joinLines(outputs)
	if first {
		shown.Text = s.sent.head()
	} else {
		shown.Text += "\n" + s.sent.head()
	}
	return shown
}

// expect completes a step whose last prompt is back: what it expects may come
// later, since programs do not wait for what they have started. Then it takes
// the lines up to the one that completes it.
func (s *Session) expect(ctx context.Context, shown Shown, outputs, expect []string) (Shown, error) {
	missing := ""
	var gone error
	done := joinLines(outputs)
	shown.Output = within(shown.Text, done)
	err := s.await(ctx, func() bool {
		shown.Status = s.ready.status
		if gone = s.astray(); gone != nil || s.ready.continuation {
			return true
		}
		if missing = firstMissing(done, expect); missing == "" {
			return true
		}
		lines := s.arrivals()
		late := strings.Join(lines, "\n")
		all := joinLines([]string{done, late})
		if missing = firstMissing(all, expect); missing != "" {
			shown.Output = all
			return false
		}
		_, end := span(all, expect)
		n := strings.Count(late[:max(end-len(all)+len(late), 0)], "\n") + 1
		late = strings.Join(lines[:n], "\n")
		shown.Cut = max(shown.Cut, s.screen.Cut(s.after))
		shown.Output, shown.Text = joinLines([]string{done, late}), joinLines([]string{shown.Text, late})
		s.take(n)
		return true
	})
	if err == nil && gone == nil && s.ready.continuation {
		return shown, &UnfinishedError{Prompt: s.ready.prompt.text}
	}
	if err == nil {
		return shown, gone
	}
	return shown, s.waiting(err, fmt.Sprintf("%q", missing))
}

func (s *Session) waiting(err error, what string) error {
	if err == nil || errors.Is(err, ErrEnded) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return &WaitingError{For: what, Ready: !s.busy, Cause: err}
}

// send types one line, with Enter, and goes BUSY. Enter is CR: a line feed
// does nothing in some programs' line editors.
func (s *Session) send(line string, first bool, change Input) {
	wiped := s.cleared()
	encoded := s.opts.Encode(line)
	s.begin(segment{line: line, encoded: encoded, echo: s.opts.Decode(encoded)})
	s.open = false
	if first || wiped {
		s.first = s.sent
		s.screen.Forget(s.sent.origin.Row)
	}
	switch {
	case change.Enters != nil:
		s.enter(*change.Enters)
	case change.Leaves:
		s.nest.want--
	}
	s.put(s.sent.encoded + "\r")
}

func (s *Session) begin(seg segment) {
	left := s.left()
	if pr, ok := s.prog.find(left); ok && !s.prog.Marked {
		s.ready.prompt = pr // a statement after the one waited for may have come to its end
	}
	seg.prompt = s.ready.prompt
	seg.origin, seg.pos = s.screen.LeftStart(), s.screen.Cursor()
	seg.before, _ = strings.CutSuffix(left, s.ready.prompt.text)
	s.sent, s.busy, s.status, s.given = seg, true, nil, Pos{}
	s.nest.gone, s.nest.never = false, false
	s.screen.Mark(seg.pos)
}

func (s *Session) put(keys string) {
	s.opts.Tap('i', []byte(keys))
	s.out.put([]byte(keys))
}

// Type sends text as it is, without Enter, and returns at once. What it brings
// is for Wait.
func (s *Session) Type(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.busy {
		s.begin(segment{raw: true})
		s.first, s.open = s.sent, true
	}
	s.put(s.opts.Encode(text))
}
