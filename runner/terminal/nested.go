package terminal

import (
	"fmt"
	"slices"
)

// level is a program as a session drives it.
type level struct {
	prog   Program
	counts bool   // its prompt has a counter
	shells []int  // process ids of the shells whose prompts have come while it was in front
	prompt prompt // that stood when another program was entered from it
}

func newLevel(p Program) level {
	return level{prog: p, counts: p.Prompt != nil && p.Prompt.SubexpIndex("n") >= 0}
}

// nested is what a session knows of programs that were entered from one
// another: the shell in which an IEx was typed is below that IEx.
//
// A program comes to its end in one way only, whoever ends it: the prompt of
// one below it is back. A shell's prompt says whose it is, so that is certain.
// A pattern is not, so it counts only where the end is waited for, or where a
// counter is right.
type nested struct {
	below []level // the outermost first
	want  int     // how many of them there are to be when the prompt is back

	entering bool // the program in front has not come yet
	speaker  int  // process id of the shell that drew a prompt last, 0 if unknown
	told     bool // the prompt that is about to come has said so much: it is a shell's

	fell     bool   // the program in front is back, and its prompt about to be
	ended    string // the one that ended
	gone     bool   // one has, since the last line was sent
	never    bool   // it had not come
	dangling string // its prompt, left of the one that is to come
	farewell string // what it has shown if it ended while nothing ran
}

// settled is called when a prompt has come: it is lv's.
func (n *nested) settled(lv *level) {
	if lv.prog.Shell && n.speaker != 0 && !slices.Contains(lv.shells, n.speaker) {
		lv.shells = append(lv.shells, n.speaker)
	}
	n.entering, n.fell, n.dangling = false, false, ""
}

// LeftError says that a program that was entered is not there: the prompt of
// one below it is back.
type LeftError struct {
	Program string
	Back    string // whose prompt it is
	Status  *int   // the program's exit status, where a shell tells it
	Never   bool   // it was to be entered, and did not come
}

func (e *LeftError) Error() string {
	said := e.Program + " has ended"
	if e.Never {
		said = e.Program + " did not come"
	}
	said += ": the prompt of " + e.Back + " is back"
	if e.Status != nil {
		said += fmt.Sprintf(", with exit status %d", *e.Status)
	}
	return said
}

// Shell is the process id of the shell that drew a prompt last, on the machine
// that it is on; 0 if none has told.
func (s *Session) Shell() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nest.speaker
}

// enter makes p the program in front. It comes by what was sent last.
func (s *Session) enter(p Program) {
	s.level.prompt = s.sent.prompt
	s.nest.below = append(s.nest.below, s.level)
	s.level = newLevel(p)
	s.nest.want++
	s.nest.entering = true
}

// awaited is the prompt that what was sent last is to bring.
func (s *Session) awaited() string {
	switch {
	case s.nest.entering:
		return "the prompt of " + s.prog.Name
	case s.leaving():
		return "the prompt of " + s.nest.below[s.nest.want].prog.Name
	}
	return "the prompt"
}

func (s *Session) leaving() bool { return len(s.nest.below) > s.nest.want }

// back looks whether a shell that draws its prompt is below the program in
// front, which then has ended.
func (s *Session) back(shell int) {
	for i, lv := range s.nest.below {
		if shell != 0 && slices.Contains(lv.shells, shell) {
			s.fall(i)
			return
		}
	}
}

// backMarked looks whether a marked prompt that says nothing of whose it is, as
// a shell's does, can be that of the program in front. If not, it is that of the
// next one below which has such prompts.
func (s *Session) backMarked() {
	if s.prog.Marked && !s.prog.Shell && !s.leaving() {
		return
	}
	for i, lv := range slices.Backward(s.nest.below) {
		if lv.prog.Marked && !lv.prog.Shell {
			s.fall(i)
			return
		}
	}
}

// lookBelow does the same for a program whose prompt is matched by its pattern.
func (s *Session) lookBelow() bool {
	i := len(s.nest.below) - 1
	if i < 0 || s.nest.below[i].prog.Marked {
		return false
	}
	lv := s.nest.below[i]
	pr, ok := lv.prog.find(s.left())
	awaited := s.busy && (s.nest.entering || s.leaving()) && s.onward()
	switch n := lv.prompt.counter; {
	case !ok || pr.before != "":
		return false
	case n >= 0 && pr.counter != n && pr.counter != n+1, n < 0 && !awaited:
		return false
	}
	s.fall(i)
	s.latch(pr)
	return true
}

// fall makes a program that is below the one in front.
func (s *Session) fall(i int) {
	if pr, ok := s.prog.find(s.left()); ok && !s.prog.Marked && !s.nest.entering {
		s.nest.dangling = pr.text
	}
	if !s.busy {
		s.nest.farewell, _ = s.stray()
		s.begin(segment{raw: true})
		s.first = s.sent
	}
	s.nest.fell, s.nest.gone, s.nest.ended, s.nest.never = true, true, s.prog.Name, s.nest.entering
	s.level, s.nest.below = s.nest.below[i], s.nest.below[:i]
}

// astray says that the program is not in front that is to be.
func (s *Session) astray() error {
	if len(s.nest.below) >= s.nest.want {
		return nil
	}
	return &LeftError{Program: s.nest.ended, Back: s.prog.Name, Status: s.ready.status, Never: s.nest.never}
}

// Left says that a program that was entered has ended by itself.
func (s *Session) Left() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.astray()
}

// Accept takes it as right that programs which were entered have ended, or did
// not come: the one in front is to be in front. It gives how many there are
// below it.
func (s *Session) Accept() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nest.want = len(s.nest.below)
	return s.nest.want
}
