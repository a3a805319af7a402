package runner

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"scenario/runner/terminal"
)

// StepLimit is how much a step keeps of what it shows, in bytes of text.
const StepLimit = terminal.Scrollback

// Kept takes what a command prints, and keeps it up to StepLimit
// bytes. Of more it keeps the end, and counts what it has cut.
type Kept struct {
	text []byte
	cut  int
}

func (k *Kept) Write(p []byte) (int, error) {
	k.text = append(k.text, p...)
	if over := len(k.text) - terminal.Remainder; len(k.text) > StepLimit || k.cut > 0 && over > terminal.Remainder {
		k.cut += over
		k.text = append([]byte(nil), k.text[over:]...)
	}
	return len(p), nil
}

// Result is what was kept, and how many bytes were cut before it, which a line
// of their own says (see terminal.CutLine).
func (k *Kept) Result() (text []byte, cut int) {
	if k.cut == 0 {
		return k.text, 0
	}
	n := max(len(k.text)-terminal.Remainder, 0)
	if end := bytes.IndexByte(k.text[n:], '\n'); end >= 0 {
		n += end + 1
	}
	for n < len(k.text) && !utf8.RuneStart(k.text[n]) {
		n++
	}
	cut = k.cut + n
	return append([]byte(terminal.CutLine(cut)+"\n"), k.text[n:]...), cut
}

// TooLarge is the error of a file that a step does not read, of a size in bytes.
func TooLarge(name string, size int64) error {
	return fmt.Errorf("read %s: the file has %d bytes, and a step keeps %d MB; show what matters of it, with tail or grep", name, size, StepLimit>>20)
}

// A CutError says that a step has shown more than is kept of one.
//
// It is an error, and no warning, though the program did nothing wrong: a step's
// text becomes a golden, and what a script is given it computes on. A golden of
// which most is missing would hold for anything, and an answer without its
// beginning be wrong without a word. What nobody asked for is cut with a
// warning: what comes after a step, and what a program says before its first
// prompt.
type CutError struct{ Cut int }

func (e *CutError) Error() string {
	return fmt.Sprintf("the output is longer than the %d MB that a step keeps: %d bytes of it were cut", StepLimit>>20, e.Cut)
}

// hint says what to do.
func (e *CutError) hint() string {
	return "send it to a file with > FILE, and show what matters of that"
}

// cut is the error of a step of which so many bytes were cut, if any were.
func cut(n int) error {
	if n == 0 {
		return nil
	}
	return &CutError{n}
}
