package terminal

import (
	"context"
	"fmt"
	"strings"
)

// Wait waits for text that comes by itself, or, when nothing is expected, for
// the prompt.
//
// Of a statement that is still running it gives the output up to the end of
// what is expected, and the next Wait goes on from there. Otherwise it gives
// the lines, among those that came since the last step, from the first to the
// last that hold what is expected; those before them stay unasked for.
func (s *Session) Wait(ctx context.Context, expect []string) (shown Shown, err error) {
	missing := "the prompt"
	err = s.await(ctx, func() bool {
		got, ok, ended := "", false, s.open && !s.busy && len(expect) == 0
		if s.open {
			got, ok = s.continued(expect)
		}
		if !ok && len(expect) > 0 && !s.busy {
			got, ok = s.arrived(expect)
		}
		if !ok && len(expect) == 0 && !s.busy {
			ok = true
		}
		if !ok {
			if len(expect) > 0 {
				missing = fmt.Sprintf("%q", expect)
			}
			return false
		}
		shown = Shown{Text: got, Output: got}
		if ended {
			shown.Status = s.ready.status
		}
		return true
	})
	return shown, s.waiting(err, missing)
}

// continued gives what a running statement has shown since the last Wait.
func (s *Session) continued(expect []string) (string, bool) {
	text := s.ready.text
	if s.busy {
		text = s.now(s.sent)
	}
	out := s.sent.output(text)
	out = out[min(s.seen, len(out)):]
	if len(expect) == 0 {
		s.open = s.busy
		return strings.TrimPrefix(out, "\n"), !s.busy
	}
	_, end := span(out, expect)
	if end < 0 {
		return "", false
	}
	s.seen += end
	return strings.TrimPrefix(out[:end], "\n"), true
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
	s.taken += to + 1
	return strings.Join(lines[from:to+1], "\n"), true
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
	lines[0] = strings.TrimPrefix(lines[0], strings.TrimRight(s.ready.before, " "))
	lines[0] = strings.TrimPrefix(lines[0], s.ready.prompt.text)
	if lines[0] == "" {
		lines = lines[1:]
	}
	return lines[min(s.taken, len(lines)):]
}

// Stray is what came after the last step and no Wait has asked for.
func (s *Session) Stray() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stray()
}

func (s *Session) stray() string {
	var parts []string
	if s.open {
		if out, ok := s.continued(nil); ok && out != "" {
			parts = append(parts, out)
		}
	}
	return joinLines(append(parts, s.arrivals()...))
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
	var b strings.Builder
	for _, t := range texts {
		if t == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(t)
	}
	return b.String()
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
