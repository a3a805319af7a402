package terminal

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Transcript listens to a person who works in a terminal, and tells what they
// did there turn by turn: what was typed, and what became of it. It is told the
// keys and the output, in the order in which they pass, and changes neither.
//
// The prompts say where a line begins, and the next one that it is over. The
// keys say how it ended: by Enter, by Ctrl-C, or not at all, if the shell has
// drawn its prompt anew below a list of completions. What the line was is taken
// from the keys as long as they are letters and Backspace, and otherwise from
// the window, where history and completion show what they have made of it.
//
// Keys that were pressed while something ran were either read by it or typed
// ahead for the next prompt; the next line tells.
type Transcript struct {
	known  func(name string) *Program
	decode func(string) string

	mu     sync.Mutex
	screen *Screen
	turns  []Turn
	open   []seat // the programs that were entered from one another, the outermost first

	keys  []byte // pressed, and not accounted for yet
	ahead int    // how many of them came before the prompt that stands
	lines []string
	doubt bool // about one of them

	standing bool   // a prompt has come; where it ends is the screen's mark
	prompt   prompt // that has come last
	mark     Pos    // as it was set: the screen's is another when the screen was cleared
	cleared  bool
	noisy    bool // something else was printed on its line
	left     bool // the line was entered: the cursor has left it by a line feed …
	line     string
	until    int  // … from this row
	gone     bool // for good
	begun    time.Time
	starts   *Program // what the line seems to start, if that is known

	said struct { // by the marks of the prompt that is being drawn
		told         bool
		status, pid  int
		start        int
		continuation bool
	}
}

// seat is a program that was entered, and the process that it is, if it is a shell.
type seat struct {
	prog   Program
	shell  int
	prompt prompt // behind which the next one was entered
}

// A Turn is what a person typed up to the prompt that answered it.
type Turn struct {
	In     Program  // what it was typed into
	Lines  []string // with decoded addresses; none if keys alone brought the prompt
	Status *int     // the exit status, from a shell
	Enters *Program // it started this one, which is in front now
	Leaves bool     // In has ended by it
	Took   time.Duration
	Keys   []byte // pressed while it ran, and read by it; or those that ended In
	Doubt  bool   // the window does not show for certain what was typed
	Last   bool   // no prompt came any more: the terminal has ended
}

// NewTranscript listens to a shell from its start on. known finds a program by
// the name of its command; decode is applied to all text, as in a Session. Both
// may be nil.
func NewTranscript(shell Program, cols, rows int, known func(name string) *Program, decode func(string) string) *Transcript {
	if known == nil {
		known = func(string) *Program { return nil }
	}
	if decode == nil {
		decode = func(s string) string { return s }
	}
	t := &Transcript{known: known, decode: decode, screen: NewScreen(cols, rows), open: []seat{{prog: shell}}}
	t.screen.OSC = t.osc
	return t
}

// Typed is told the keys before the program gets them.
func (t *Transcript) Typed(keys []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keys = answers.ReplaceAll(append(t.keys, keys...), nil)
	t.ahead = min(t.ahead, len(t.keys))
}

// Shown is told what the terminal has printed.
func (t *Transcript) Shown(output []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(output) > 0 {
		counts := newLevel(t.front()).counts || t.starts != nil && newLevel(*t.starts).counts
		n := piece(output, counts)
		if output[0] == '\n' {
			t.feed()
		}
		t.screen.Write(output[:n])
		output = output[n:]
		t.cleared = t.cleared || t.screen.Marked() != t.mark
		t.gone = t.gone || t.left && t.screen.Cursor().Row > t.until
		t.look(len(output) > 0 && output[0] >= ' ')
	}
}

// Resize is told that the window has another size.
func (t *Transcript) Resize(cols, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.screen.Marked().Row
	t.screen.Resize(cols, rows)
	t.mark = t.screen.Marked()
	t.until += t.mark.Row - before
}

// Drawing says whether a program has taken the whole window.
func (t *Transcript) Drawing() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.alternate
}

// End returns all turns. The line that ended the shell itself is none.
func (t *Transcript) End() []Turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i, key := lineEnd(t.keys); key == enter {
		t.enter(i)
		word, _, _ := strings.Cut(strings.TrimSpace(t.lines[len(t.lines)-1]), " ")
		if len(t.open) > 1 || word != t.front().Quit && word != "logout" && word != "" {
			t.add(Turn{Last: true, Keys: t.keys})
		}
	} else if t.ahead > 0 {
		t.reads(t.keys[:t.ahead])
	}
	t.keys, t.lines, t.ahead = nil, nil, 0
	return t.turns
}

func (t *Transcript) front() Program { return t.open[len(t.open)-1].prog }

// feed looks at the prompt's line before a line feed takes the cursor off it.
func (t *Transcript) feed() {
	if !t.standing || t.cleared || t.screen.alternate || t.left && t.gone {
		return
	}
	line, last := t.screen.lineFrom(t.screen.Marked())
	if row := t.screen.Cursor().Row; row < t.screen.Marked().Row || row > last {
		return
	}
	if _, key := lineEnd(t.keys); key != enter {
		t.noisy = t.noisy || key == 0
		return
	}
	if !t.left {
		t.begun = time.Now()
	}
	t.line, t.until, t.left = t.decode(line), last, true
	typed := line
	if i, _ := lineEnd(t.keys); i >= t.ahead {
		if own, ok := plain(t.keys[t.ahead:i]); ok {
			typed = own
		}
	} else if ahead, ok := plain(t.keys[:i]); ok && t.ahead == len(t.keys) {
		typed = ahead
	}
	t.starts = t.known(command(strings.Join(append(slices.Clone(t.lines), typed), " ")))
}

// arrive is called when a prompt has come: that of a program which was entered,
// or, by leaving some, that of one below them.
func (t *Transcript) arrive(pr prompt, entered *Program, leaving int) {
	if !t.standing {
		t.stand(pr)
		return
	}
	i, key := lineEnd(t.keys)
	_, ahead := plain(t.keys[:i])
	ahead = ahead && t.ahead > 0 && t.ahead == len(t.keys) // dash does not echo that again
	turn := Turn{Enters: entered, Leaves: leaving > 0, Doubt: leaving > 1}
	if t.said.told && entered == nil && pr.counter < 0 {
		status := t.said.status
		turn.Status = &status
	}
	switch {
	case leaving > 0 && bytes.HasPrefix(t.keys, []byte{endOfFile}):
		turn.Keys, t.keys, t.lines = t.keys[:1:1], t.keys[1:], nil
		t.ahead = 0
		t.add(turn)
	case leaving > 0 && key != enter:
		turn.Keys, t.keys, t.lines = t.keys, nil, nil
		t.ahead = 0
		t.add(turn)
	case key == 0, leaving == 0 && entered == nil && !t.left && !ahead && !t.cleared && t.screen.Cursor().Row == t.mark.Row: // it was drawn anew
		had := t.ahead
		t.stand(pr)
		t.ahead = had
		return
	case key == interrupt:
		t.keys, t.lines, t.doubt = t.keys[i+1:], nil, false
		t.ahead = 0
	default:
		t.enter(i)
		if pr.continuation && entered == nil && leaving == 0 {
			break
		}
		if t.left {
			turn.Took = time.Since(t.begun)
		}
		if turn.Enters != nil || turn.Leaves || strings.TrimSpace(strings.Join(t.lines, "")) != "" {
			// A terminal throws away what is not read yet when one of these is pressed.
			if n := bytes.LastIndexAny(t.keys, "\x03\x1a\x1c"); n >= 0 {
				turn.Keys, t.keys = bytes.Clone(t.keys[:n+1]), t.keys[n+1:]
			}
			t.add(turn)
		}
		t.lines = nil
	}
	t.open = t.open[:len(t.open)-leaving]
	if entered != nil {
		t.open[len(t.open)-1].prompt = t.prompt
		t.open = append(t.open, seat{prog: *entered})
	}
	t.stand(pr)
}

// stand takes note of a prompt behind which a line is about to be typed.
func (t *Transcript) stand(pr prompt) {
	t.standing, t.prompt, t.ahead = true, pr, len(t.keys)
	t.noisy, t.left, t.gone, t.cleared, t.line, t.starts = false, false, false, false, "", nil
	t.mark = t.screen.Cursor()
	t.screen.Mark(t.mark)
	t.screen.Forget(t.mark.Row)
}

func (t *Transcript) add(turn Turn) {
	turn.In, turn.Lines = t.front(), t.lines
	turn.Doubt = turn.Doubt || t.doubt
	t.turns = append(t.turns, turn)
	t.lines, t.doubt = nil, false
}

// reads says that the last turn has read keys.
func (t *Transcript) reads(keys []byte) {
	if n := len(t.turns); n > 0 && len(t.lines) == 0 {
		t.turns[n-1].Keys = append(t.turns[n-1].Keys, keys...)
	}
}

// enter takes the line that ended by the Enter at i of the keys.
func (t *Transcript) enter(i int) {
	shown := t.line
	if !t.left {
		text, _ := t.screen.lineFrom(t.screen.Marked())
		shown = t.decode(text)
	}
	own := t.keys[t.ahead:]
	j, key := lineEnd(own)
	begin := 0 // of this line
	if t.ahead > 0 {
		typed, ok := plain(t.keys[:i])
		switch {
		case ok && t.decode(typed) == shown:
		case i < t.ahead && key == 0: // nothing was typed since
		case i < t.ahead:
			now, ok := plain(own[:j])
			if ok && t.decode(now) != shown {
				break
			}
			fallthrough
		default:
			t.reads(t.keys[:t.ahead])
			begin, i = t.ahead, t.ahead+j
		}
	}
	keys := t.keys[begin:i]
	t.keys = bytes.Clone(t.keys[i+1:])
	typed, ok := plain(keys)
	switch {
	case ok:
		shown = t.decode(typed)
	case t.noisy, t.cleared && !t.left, bytes.Contains(keys, pasteBegin) && bytes.ContainsAny(keys, "\r\n"), echoesKeys(shown, keys):
		t.doubt = true
	}
	t.lines = append(t.lines, strings.Split(strings.TrimRight(shown, " "), "\n")...)
}
