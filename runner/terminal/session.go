package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// A Session drives one program in one terminal.
//
// It is BUSY or READY. It goes BUSY when a line is sent, and READY when the
// program's prompt stands left of the cursor on a row after that of the send;
// there it stays until the next send, since what arrives later (a log line, a
// message from another node) often does not draw the prompt again. Silence
// decides nothing.
//
// A Session is for one caller at a time; Screen and Close may be called at any
// time.
type Session struct {
	tty  io.ReadWriteCloser
	opts Options
	out  outbox
	done chan struct{} // closed when the program's last byte was read

	mu      sync.Mutex
	level                 // the program in front
	nest    nested        // those that it was entered from
	changed chan struct{} // closed and replaced whenever anything below has changed
	screen  *Screen
	err     error // why reading ended, io.EOF when the program has

	busy   bool
	first  segment // the first line of what is running, or ran last
	sent   segment // the line that was sent last
	ready  latch   // the prompt that ended it; valid when !busy
	status *int    // exit status that the shell's last mark told
	mark   struct {
		start        int // bytes left of the marked prompt
		continuation bool
	}

	open  bool // what was sent last has not been waited for to its end
	given Pos  // up to where waits have given out its output while it ran; zero for nothing …
	seen  int  // … and how many bytes of the rest after that
	after Pos  // where the text begins that came after the prompt was latched, and that no wait has given out …
	taken int  // … but for so many lines: 1 if its first had not ended
}

// Options are what a Session may be told beside its program.
type Options struct {
	Cols, Rows int
	// Encode is applied to what is typed, Decode to all text that is read, so
	// that callers see the reader's addresses only; nil changes nothing.
	Encode, Decode func(string) string
	// Tap sees the raw bytes: kind is 'o' for output, 'i' for input.
	Tap func(kind byte, data []byte)
}

// segment is one line that was sent.
type segment struct {
	line    string // what was typed
	encoded string // what the program was sent for it
	echo    string // what the program echoes of that, decoded
	prompt  prompt // that stood when it was sent
	origin  Pos    // where the line with that prompt begins
	before  string // what stood left of the prompt on that line
	pos     Pos    // the cursor when it was sent
	raw     bool   // keys, not a line: there is no echo to look for
}

// latch is a prompt that has come back.
type latch struct {
	prompt
	line   Pos    // where its line begins
	text   string // all that was shown since the last line was sent …
	whole  string // … and since the first was …
	cut    int    // … of which so many bytes were cut
	rest   output // what waits have not given out
	status *int
}

// output is a part of what came back.
type output struct {
	text string
	cut  int // bytes that were cut before it
}

// NewSession drives prog, which runs at the far end of tty. The program's
// first prompt is awaited by Ready.
func NewSession(prog Program, tty io.ReadWriteCloser, opts Options) *Session {
	if opts.Encode == nil {
		opts.Encode = func(s string) string { return s }
	}
	if opts.Decode == nil {
		opts.Decode = func(s string) string { return s }
	}
	if opts.Tap == nil {
		opts.Tap = func(byte, []byte) {}
	}
	s := &Session{
		level: newLevel(prog), tty: tty, opts: opts,
		done:    make(chan struct{}),
		changed: make(chan struct{}),
		screen:  NewScreen(opts.Cols, opts.Rows),
		busy:    true,
		sent:    segment{raw: true, pos: Pos{Row: -1}, prompt: prompt{counter: -1}},
	}
	s.first = s.sent
	s.screen.Mark(s.sent.pos)
	s.screen.OSC = s.osc
	s.screen.Reply = func(b []byte) { s.out.answer(bytes.Clone(b)) }
	s.out.cond.L = &s.out.mu
	go s.out.drain(tty)
	go s.read()
	return s
}

// Close ends the session. It closes the TTY, which need not end the program.
func (s *Session) Close() error {
	s.out.close()
	err := s.tty.Close()
	<-s.done
	return err
}

// Ended says whether the program has ended or the terminal is gone.
func (s *Session) Ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil
}

func (s *Session) read() {
	defer close(s.done)
	defer func() {
		// Whatever a program prints, the run that it is part of goes on to
		// its end, and removes what it made.
		if p := recover(); p != nil {
			s.err = fmt.Errorf("a fault in scenario's emulator: %v", p)
			close(s.changed)
			s.changed = make(chan struct{})
			s.mu.Unlock()
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		if n > 0 {
			s.opts.Tap('o', buf[:n])
			s.feed(buf[:n])
		}
		if err != nil {
			s.err = err
		}
		close(s.changed)
		s.changed = make(chan struct{})
		s.mu.Unlock()
		if err != nil {
			s.out.close()
			return
		}
	}
}

// feed writes to the screen in pieces, and looks for the prompt after each.
// They end where the cursor is about to leave a prompt, so that one which is
// followed at once by other output, in the same chunk, is seen all the same.
func (s *Session) feed(chunk []byte) {
	for len(chunk) > 0 {
		n := piece(chunk, s.counts)
		s.screen.Write(chunk[:n])
		chunk = chunk[n:]
		s.look(len(chunk) > 0 && chunk[0] >= ' ')
	}
}

// piece is the length of the first piece of a chunk. A prompt with a counter is
// told from other text well enough to be looked for in front of text, too: a
// line of a log that was written just behind it.
func piece(chunk []byte, counts bool) int {
	for i := 1; i < len(chunk); i++ {
		switch c := chunk[i]; {
		case c == '\r', c == '\n', c == '\b', c == 0x1b:
			return i
		case chunk[i-1] == ' ' && counts && i > 1 && chunk[i-2] == '>':
			return i
		}
	}
	return len(chunk)
}

// look latches a prompt that is matched by its pattern. In front of text it
// must be all that stands on its line.
func (s *Session) look(inFront bool) {
	if !inFront && s.lookBelow() || !s.busy || s.prog.Marked || s.leaving() || !s.onward() {
		return
	}
	pr, ok := s.prog.find(s.left())
	if !ok || inFront && (pr.counter < 0 || pr.before != "") || !s.follows(pr) {
		return
	}
	repeats := s.prog.Repeats && !s.nest.entering
	s.latch(pr)
	if repeats && pr.counter >= 0 && pr.counter == s.sent.prompt.counter && s.sent.output(s.ready.text) == "" {
		s.ready.continuation = true
	}
}

// left is what stands left of the cursor on its line, as callers see it.
// Decoding changes no length.
func (s *Session) left() string { return s.opts.Decode(s.screen.Left()) }

// onward says whether the cursor is on a row after that of the send. A row is
// what counts, not a line feed: OTP 26 and later draw the whole statement
// again when it is entered, from its first row on. After a clear of the screen
// the rows before it are gone, and any row is after them.
func (s *Session) onward() bool {
	return s.screen.Cursor().Row > s.sent.pos.Row || s.cleared()
}

func (s *Session) cleared() bool { return s.screen.Marked() != s.sent.pos }

// follows says whether a prompt can be the answer to what was sent. By its
// counter: one more, or the same after an exception, or 1 in a shell that began
// again. And the echo of what was sent must stand before it: without that it
// belongs to a statement before, or is the old one drawn anew with the typed
// line about to follow.
func (s *Session) follows(pr prompt) bool {
	n := s.sent.prompt.counter
	if s.sent.raw || s.nest.entering || pr.counter < 0 || n < 0 {
		return true
	}
	if pr.counter > n+1 && !pr.continuation {
		s.catchUp(pr.counter - 1)
		n = s.sent.prompt.counter
	}
	if pr.counter != n && pr.counter != 1 && (pr.counter != n+1 || pr.continuation) {
		return false
	}
	if s.cleared() || s.echoed() {
		return true
	}
	s.answerTo(pr)
	return false
}

// maxPrompt is how far from the start of a line a prompt is looked for that
// nobody waited for, in bytes.
const maxPrompt = 1000

// catchUp looks for prompts that have come since the send and that the send
// did not wait for, up to the one with the counter last. A line may hold
// several statements, each of which is answered by a prompt of its own.
func (s *Session) catchUp(last int) {
	text := s.opts.Decode(s.screen.Text(s.from(s.sent), s.screen.LeftStart()))
	for line := range strings.SplitSeq(text, "\n") {
		for i, c := range line[:min(len(line), maxPrompt)] {
			if c != ' ' {
				continue
			}
			if pr, ok := match(s.prog.Prompt, line[:i+1]); ok && pr.counter == s.sent.prompt.counter+1 && pr.counter <= last {
				s.answerTo(pr)
				break
			}
		}
	}
}

// answerTo makes a prompt the one that what was sent stands behind.
func (s *Session) answerTo(pr prompt) {
	s.sent.prompt = pr
	if s.first.pos == s.sent.pos {
		s.first = s.sent
	}
}

func (s *Session) echoed() bool {
	squeeze := func(t string) string { return strings.Join(strings.Fields(t), "") }
	text := s.screen.Text(s.from(s.sent), s.screen.Cursor())
	if strings.Contains(squeeze(text), squeeze(s.sent.encoded)) {
		return true
	}
	_, ok := s.sent.broken(strings.TrimPrefix(s.opts.Decode(text), s.sent.before))
	return ok
}

// osc latches a marked prompt, which says itself where it begins and ends. A
// shell's says whose it is, too: it may be that of one below the program in front.
func (s *Session) osc(data string) {
	rest, ok := strings.CutPrefix(data, "133;")
	if !ok {
		return
	}
	if said, ok := strings.CutPrefix(rest, "D;"); ok {
		var status, shell int
		if n, _ := fmt.Sscanf(said, "%d;%d", &status, &shell); n > 0 {
			s.nest.speaker, s.nest.told = shell, true
			s.back(shell)
			if s.prog.Shell && !s.nest.entering || s.nest.fell {
				s.status = &status
			}
		}
		return
	}
	if strings.HasPrefix(rest, "A;k=s") && s.nest.entering {
		s.back(s.nest.speaker) // the line that was to enter a program is not finished
	} else if rest == "A" {
		if !s.nest.told {
			s.backMarked()
		}
		s.nest.told = false
	}
	switch {
	case !s.prog.Marked:
	case strings.HasPrefix(rest, "A"):
		s.mark.start = len(s.left())
		s.mark.continuation = strings.Contains(rest, "k=s")
	case rest == "B" && s.busy && !s.leaving() && (s.nest.fell || s.onward()):
		left := s.left()
		start := min(s.mark.start, len(left))
		s.latch(prompt{text: left[start:], before: left[:start], counter: -1, continuation: s.mark.continuation})
	}
}

func (s *Session) latch(pr prompt) {
	line := s.screen.LeftStart()
	pr.before = strings.TrimSuffix(pr.before, s.nest.dangling)
	s.nest.settled(&s.level)
	ready := latch{prompt: pr, line: line, status: s.status, text: s.upTo(s.from(s.sent), line, pr.before)}
	ready.rest = s.unasked(line, pr.before, ready.text)
	ready.whole, ready.cut = ready.text, s.screen.Cut(s.from(s.first))
	if s.from(s.first) != s.from(s.sent) {
		ready.whole = s.upTo(s.from(s.first), line, pr.before)
	}
	s.ready = ready
	s.busy = false
	s.after, s.taken, s.seen = line, 0, 0
}

// unasked is the output up to a line, of which only before counts, that no wait
// has given out. text is all since the last line was sent.
func (s *Session) unasked(line Pos, before, text string) output {
	if from := s.from(s.sent); s.given.Row <= from.Row {
		return output{s.sent.output(text), s.screen.Cut(from)}
	}
	return output{s.upTo(s.given, line, before), s.screen.Cut(s.given)}
}

// from is where the text since seg was sent begins.
func (s *Session) from(seg segment) Pos {
	if s.cleared() {
		return s.screen.Marked()
	}
	return seg.origin
}

// upTo is the text from a position up to a line, of which only before counts.
func (s *Session) upTo(from, line Pos, before string) string {
	text, ended := strings.CutSuffix(s.screen.Text(from, line), "\n")
	if n := s.screen.Cut(from); n > 0 {
		text = CutLine(n) + "\n" + text
	}
	if before = strings.TrimRight(before, " "); before != "" {
		if ended {
			text += "\n"
		}
		text += before
	}
	return s.opts.Decode(text)
}

// now is what upTo gives for the text since seg was sent, as it stands now and
// without a prompt at its end.
func (s *Session) now(seg segment) string {
	left := s.left()
	if !s.busy {
		left, _ = strings.CutSuffix(left, s.ready.prompt.text)
	}
	return s.upTo(s.from(seg), s.screen.LeftStart(), left)
}

// shortLook is a look at the text of a common step, at most.
const shortLook = time.Millisecond

// await calls met under the lock until it returns true, the program has ended
// or ctx is done. A look at much text takes a while in which nothing is read, so
// as much time is left to the reader before the next one.
func (s *Session) await(ctx context.Context, met func() bool) error {
	for {
		s.mu.Lock()
		began := time.Now()
		if met() {
			s.mu.Unlock()
			return nil
		}
		took := time.Since(began)
		changed, err := s.changed, s.err
		s.mu.Unlock()
		if errors.Is(err, io.EOF) {
			return ErrEnded
		} else if err != nil {
			return fmt.Errorf("%w: %v", ErrEnded, err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if took > shortLook {
			time.Sleep(took)
		}
	}
}

// Display is what the window shows now: its rows, trailing blanks cut.
func (s *Session) Display() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts.Decode(s.screen.Display())
}
