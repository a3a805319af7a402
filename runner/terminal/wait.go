package terminal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrNothing says that nothing runs whose prompt could be waited for.
var ErrNothing = errors.New("there is nothing to wait for: what was typed last has been waited for")

// Wait waits for text that comes by itself, or, when nothing is expected, for
// the prompt. It gives whole lines: of a statement that is still running, its
// output up to the line that completes what is expected, and the next Wait
// goes on from there; otherwise, among those that came since the last step,
// the lines from the first to the last that hold what is expected. Those
// before them stay unasked for.
func (s *Session) Wait(ctx context.Context, expect []string) (shown Shown, err error) {
	s.mu.Lock()
	idle := len(expect) == 0 && !s.open && !s.busy && s.astray() == nil
	missing := s.awaited()
	s.mu.Unlock()
	if idle {
		return shown, ErrNothing
	}
	var gone error
	err = s.await(ctx, func() bool {
		ended := !s.busy && len(expect) == 0
		if gone = s.gone(&shown); gone != nil {
			return true
		}
		var got output
		ok := false
		if s.open {
			got, ok = s.continued(expect)
		}
		if !ok && !s.busy && len(expect) > 0 {
			got.text, ok = s.arrived(expect)
		}
		if !ok {
			if len(expect) > 0 {
				missing = s.missing(expect)
			}
			return false
		}
		shown = Shown{Text: got.text, Output: got.text, Cut: got.cut}
		if ended {
			shown.Status = s.ready.status
		}
		return true
	})
	if err == nil {
		return shown, gone
	}
	return shown, s.waiting(err, missing)
}

// gone is the error of a program that has ended by itself, of which shown is
// what it said last.
func (s *Session) gone(shown *Shown) error {
	if s.busy || s.astray() == nil {
		return nil
	}
	*shown = Shown{Text: s.ready.text, Output: s.ready.text}
	return s.astray()
}

// Leave waits for the end of the program in front, which ends by itself or by
// keys, or has ended already: for the prompt of the one that it was entered
// from. It gives what has been shown until then and no Wait has given out.
func (s *Session) Leave(ctx context.Context) (shown Shown, err error) {
	s.mu.Lock()
	s.nest.want--
	awaited := s.awaited()
	s.mu.Unlock()
	err = s.await(ctx, func() bool {
		if s.busy || s.leaving() {
			return false
		}
		said := output{text: s.nest.farewell}
		if s.open {
			got, _ := s.continued(nil)
			said = output{joinLines([]string{said.text, got.text}), got.cut}
		}
		shown = Shown{Text: said.text, Output: said.text, Status: s.ready.status, Cut: said.cut}
		return true
	})
	if err == nil {
		return shown, s.Left()
	}
	return shown, s.waiting(err, awaited)
}

// Arrive waits until enough says that the lines which came by themselves since
// the last step, and which no Wait has given out, are enough, and gives those up
// to the one that completes them; or all that there are when ctx is done, with
// its cause.
func (s *Session) Arrive(ctx context.Context, enough func(lines []string) bool) (shown Shown, err error) {
	tried := -1
	take := func(lines []string) {
		text := strings.Join(lines, "\n")
		shown = Shown{Text: text, Output: text, Cut: s.screen.Cut(s.after)}
		s.take(len(lines))
	}
	err = s.await(ctx, func() bool {
		if s.busy {
			return false
		}
		lines := s.arrivals()
		if s.screen.Cut(s.after) > 0 {
			tried = len(lines) - 1 // they are others than those of before
		}
		for n := max(tried+1, 0); n <= len(lines); n++ {
			if enough(lines[:n]) {
				take(lines[:n])
				return true
			}
			tried = n
		}
		return false
	})
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.busy {
			take(s.arrivals())
		}
	}
	return shown, err
}

// missing says what is waited for, and whether it stands on a line that has
// not ended, where only See can find it.
func (s *Session) missing(expect []string) string {
	var quoted []string
	for _, e := range expect {
		quoted = append(quoted, strconv.Quote(e))
	}
	what := strings.Join(quoted, ", ")
	if firstMissing(s.left(), expect) == "" {
		what += ", which stands on a line that has not ended,"
	}
	return what
}

// continued gives what a running statement has shown since the last Wait.
func (s *Session) continued(expect []string) (output, bool) {
	out := s.ready.rest
	line := s.screen.LeftStart()
	if s.busy {
		text := ""
		if from := s.from(s.sent); s.given.Row <= from.Row {
			text = s.upTo(from, line, "") // whole lines
		}
		out = s.unasked(line, "", text)
	} else {
		out.text = out.text[min(s.seen, len(out.text)):]
	}
	if s.given == (Pos{}) || s.seen > 0 {
		out.text = strings.TrimPrefix(out.text, "\n")
	}
	if len(expect) == 0 {
		s.open = s.busy
		return out, !s.busy
	}
	_, end := span(out.text, expect)
	if end < 0 {
		return output{}, false
	}
	if i := strings.IndexByte(out.text[end:], '\n'); i >= 0 {
		end += i
	} else {
		end = len(out.text)
	}
	if s.busy {
		s.given = s.screen.Back(line.Row, strings.Count(out.text[end:], "\n"))
		s.screen.Forget(s.given.Row)
	} else {
		s.seen = len(s.ready.rest.text) - len(out.text) + end
		s.ready.rest.cut = 0
	}
	out.text = out.text[:end]
	return out, true
}

// arrived gives the lines that hold what is expected, among those which came
// after the prompt.
func (s *Session) arrived(expect []string) (string, bool) {
	lines := s.arrivals()
	text := strings.Join(lines, "\n")
	start, end := span(text, expect)
	if end < 0 {
		return "", false
	}
	from, to := strings.Count(text[:start], "\n"), strings.Count(text[:end], "\n")
	shown := strings.Join(lines[from:to+1], "\n")
	s.take(to + 1)
	return shown, true
}

// arrivals are the lines, complete ones only, that came after the prompt and
// that no Wait has given out. A program draws its prompt anew below them, or
// does not.
func (s *Session) arrivals() []string {
	left, redrawn := strings.CutSuffix(s.left(), s.ready.prompt.text)
	if !redrawn {
		left = ""
	}
	text := s.upTo(s.after, s.screen.LeftStart(), left)
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	if s.after == s.ready.line && s.screen.Cut(s.after) == 0 {
		lines[0] = strings.TrimPrefix(lines[0], strings.TrimRight(s.ready.before, " "))
		lines[0] = strings.TrimPrefix(lines[0], s.ready.prompt.text)
		if lines[0] == strings.TrimRight(s.ready.prompt.text, " ") {
			lines[0] = "" // it began with a line break
		}
	}
	return lines[min(s.taken, len(lines)):]
}

// take says that the first n of the arrivals are given out. They are not looked
// at again, and those above the prompt are let go.
func (s *Session) take(n int) {
	line := s.screen.LeftStart()
	above := strings.Count(s.screen.Text(s.after, line), "\n")
	if s.screen.Cut(s.after) > 0 {
		above++ // the line that says so
	}
	switch n += s.taken; {
	case n > above:
		s.after, s.taken = line, n-above
	default:
		s.after, s.taken = s.screen.Back(line.Row, above-n), 0
	}
	s.screen.Forget(s.after.Row)
}

// Stray is what came after the last step and no Wait has asked for, and how many
// bytes of it were cut.
func (s *Session) Stray() (text string, cut int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stray()
}

func (s *Session) stray() (text string, cut int) {
	var parts []string
	if s.open {
		if out, ok := s.continued(nil); ok && out.text != "" {
			parts, cut = append(parts, out.text), out.cut
		}
	}
	return joinLines(append(parts, s.arrivals()...)), max(cut, s.screen.Cut(s.after))
}

// span is where in text all of expect stands: from the start of the first
// found to the end of the last, or -1, -1.
func span(text string, expect []string) (start, end int) {
	start, end = len(text), -1
	for _, e := range expect {
		i := strings.Index(text, e)
		if i < 0 {
			return -1, -1
		}
		start, end = min(start, i), max(end, i+len(e))
	}
	return start, end
}

func firstMissing(text string, expect []string) string {
	for _, e := range expect {
		if !strings.Contains(text, e) {
			return e
		}
	}
	return ""
}

// joinLines joins texts by line breaks, leaving out the empty ones.
func joinLines(texts []string) string {
	texts = slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return t == "" })
	return strings.Join(texts, "\n")
}

// See waits until the window shows all of expect, and gives it as it stands.
func (s *Session) See(ctx context.Context, expect []string) (shown Shown, err error) {
	missing := ""
	err = s.await(ctx, func() bool {
		text := s.opts.Decode(s.screen.Display())
		shown = Shown{Text: text, Output: text}
		missing = firstMissing(text, expect)
		return missing == ""
	})
	return shown, s.waiting(err, fmt.Sprintf("%q", missing))
}
