package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"scenario/runner"
)

// ui is the only voice that a person hears. It writes what happens to standard
// error: finished steps as lines, and, on a terminal, what is happening now as
// one more line below them that is drawn again.
type ui struct {
	out, err io.Writer
	self     string // how we were called, for commands that can be pasted
	quiet    bool
	mask     func(string) string // keeps the secrets of the run out of what we say
	brief    bool                // of a run only its outcome is said
	judging  bool                // of a run only verdicts on blocks are said
	task     string              // what is done beside a run
	round    string              // which of several runs this is
	target   string              // the arguments that name the scenario
	colour   bool
	width    int // of the live line in cells; 0 when there is none

	mu      sync.Mutex
	live    string // the live line as it is on the screen
	started time.Time
	booting []string          // nodes, in the order of their declaration
	ready   map[string]bool   // terminals whose program has shown its prompt
	waits   map[string]string // what a node says that it waits for
	said    map[string]time.Time
	step    *runner.Step
	who     string
	begun   time.Time
	closing bool
	stop    chan struct{}
	ticking sync.WaitGroup
}

func newUI(out, err *os.File) *ui {
	u := &ui{out: out, err: err, self: os.Args[0], mask: func(s string) string { return s }}
	if os.Getenv("TERM") != "dumb" {
		u.width = columns(err)
		u.colour = u.width > 0 && os.Getenv("NO_COLOR") == ""
	}
	return u
}

// columns is the width of a terminal in cells; 0 when w is none.
func columns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		return width
	}
	return 80
}

// plain gives up the live line, for other writers on the same terminal.
func (u *ui) plain() { u.width = 0 }

// Styles are SGR parameters.
const (
	styleBold    = "1"
	styleDim     = "2"
	styleRed     = "31"
	styleGreen   = "32"
	styleReverse = "7"
	styleBlue    = "36"
)

func (u *ui) style(sgr, s string) string {
	if !u.colour || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

// line writes a line above the live one. It is one write, so that nothing
// flickers.
func (u *ui) line(s string) {
	s = u.mask(s) + "\n"
	if u.live != "" {
		s = "\r\x1b[K" + s
	}
	u.live = ""
	if u.stop != nil {
		u.live = u.now()
	}
	fmt.Fprint(u.err, s+u.live)
}

func (u *ui) erase() {
	if u.live != "" {
		fmt.Fprint(u.err, "\r\x1b[K")
		u.live = ""
	}
}

// clean makes text from a machine or a script harmless to the user's terminal.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 {
			return '·'
		}
		return c
	}, s)
}

func cleanLines(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, l := range lines {
		lines[i] = clean(strings.ReplaceAll(strings.TrimSuffix(l, "\r"), "\t", "  "))
	}
	return strings.Join(lines, "\n")
}

// harmless is text for standard output: as it is, unless that is a terminal.
func (u *ui) harmless(s string) string {
	if columns(u.out) == 0 {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		fields := strings.Split(l, "\t")
		for k := range fields {
			fields[k] = clean(fields[k])
		}
		lines[i] = strings.Join(fields, "\t")
	}
	return strings.Join(lines, "\n")
}

// abort ends this process at once. Its watchdogs remove its labs.
func (u *ui) abort(err error) {
	u.mu.Lock()
	u.erase()
	fmt.Fprintln(u.err, "error:", err)
	os.Exit(exitUsage)
}

// print is where a script's print(…) goes.
func (u *ui) print(_, message string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.say("  " + strings.ReplaceAll(cleanLines(message), "\n", "\n  "))
}

// note says something that is asked for, also when we are quiet.
func (u *ui) note(s string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.line(s)
}

// remark says something that is good to know, unless we are quiet.
func (u *ui) remark(s string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.say(s)
}

// prompt asks for a line.
func (u *ui) prompt(s string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	fmt.Fprint(u.err, s)
}

func (u *ui) warn(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.line(wrapped("warning: ", cleanLines(fmt.Sprintf(format, args...)), u.width))
}

// at is a script's position as a path from here.
func (u *ui) at(dir, pos string) string {
	if pos == "" {
		return ""
	}
	if strings.HasPrefix(pos, "std/") {
		return pos
	}
	return filepath.Join(dir, pos)
}
