package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"
	"golang.org/x/term"

	"scenario/golden"
	"scenario/runner"
	"scenario/starlib"
)

// ui is the only voice that a person hears. It writes what happens to standard
// error: finished steps as lines, and, on a terminal, what is happening now as
// one more line below them that is drawn again.
type ui struct {
	out, err io.Writer
	quiet    bool
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
	u := &ui{out: out, err: err}
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
	styleBold  = "1"
	styleDim   = "2"
	styleRed   = "31"
	styleGreen = "32"
	styleBlue  = "36"
)

func (u *ui) style(sgr, s string) string {
	if !u.colour || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

// begin starts the display of one scenario.
func (u *ui) begin(t target) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.started, u.closing, u.step = time.Now(), false, nil
	u.booting, u.ready, u.waits, u.said = nil, map[string]bool{}, map[string]string{}, map[string]time.Time{}
	if u.quiet {
		return
	}
	u.line(u.style(styleBold, t.name) + u.style(styleDim, "  "+t.path))
	if u.width > 0 {
		u.stop = make(chan struct{})
		u.ticking.Go(func() {
			tick := time.NewTicker(100 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					u.mu.Lock()
					u.draw()
					u.mu.Unlock()
				case <-u.stop:
					return
				}
			}
		})
	}
}

// end takes the live line away.
func (u *ui) end() {
	if u.stop != nil {
		close(u.stop)
		u.ticking.Wait()
		u.stop = nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.erase()
}

// line writes a line above the live one.
func (u *ui) line(s string) {
	u.erase()
	fmt.Fprintln(u.err, s)
	if u.stop != nil {
		u.draw()
	}
}

func (u *ui) erase() {
	if u.live != "" {
		fmt.Fprint(u.err, "\r\x1b[K")
		u.live = ""
	}
}

var spinner = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

// draw writes the live line: what is waited for, and for how long.
func (u *ui) draw() {
	since, what := u.started, ""
	switch {
	case u.closing:
		since, what = u.begun, "removing the lab"
	case len(u.booting) > 0:
		what = "booting " + strings.Join(u.booting, ", ")
		for _, n := range u.booting {
			if w := u.waits[n]; w != "" {
				what = n + ": " + w
				break
			}
		}
	case u.step != nil && u.step.Terminal != "" && !u.ready[u.step.Terminal]:
		since, what = u.begun, "starting "+u.step.Terminal
	case u.step != nil:
		since, what = u.begun, u.who+"  "+headline(u.step)
	default:
		return
	}
	elapsed := time.Since(since)
	frame := string(spinner[int(elapsed/(100*time.Millisecond))%len(spinner)])
	clock := fmt.Sprintf("  %.0fs", elapsed.Seconds())
	what = displaywidth.TruncateString(clean(what), max(u.width-6-len(clock), 10), "…")
	s := "  " + u.style(styleBlue, frame) + " " + what + u.style(styleDim, clock)
	if s != u.live {
		fmt.Fprint(u.err, "\r"+s+"\x1b[K")
		u.live = s
	}
}

// observe is told what happens in a run.
func (u *ui) observe(e runner.Event) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch e.Kind {
	case runner.NodeBooting:
		u.booting = append(u.booting, e.Name)
	case runner.NodeProgress:
		u.waits[e.Name] = e.Text
		u.progress(e)
	case runner.NodeReady:
		u.booting = remove(u.booting, e.Name)
		delete(u.waits, e.Name)
	case runner.TerminalReady:
		u.ready[e.Name] = true
	case runner.ChapterBegun:
		u.say(u.style(styleBold, "▸ "+e.Name) + "  " + clean(e.Text))
	case runner.StepBegun:
		u.step, u.who, u.begun = e.Step, e.Name, time.Now()
	case runner.StepEnded:
		u.step = nil
		u.ended(e)
	case runner.LabClosing:
		u.closing, u.begun = true, time.Now()
	case runner.LabKept:
		u.line("the lab is still up; its machines can be entered, and the last command removes it:\n  " +
			strings.ReplaceAll(e.Text, "\n", "\n  "))
	}
	if u.stop != nil {
		u.draw()
	}
}

func remove(names []string, name string) []string {
	var left []string
	for _, n := range names {
		if n != name {
			left = append(left, n)
		}
	}
	return left
}

// progress writes a long wait's news as lines where there is no live line: the
// first at once, others every ten seconds.
func (u *ui) progress(e runner.Event) {
	if u.width > 0 || u.quiet {
		return
	}
	what, _, _ := strings.Cut(e.Text, " (")
	what, _, _ = strings.Cut(what, "  ")
	if last, ok := u.said[what]; !ok || time.Since(last) > 10*time.Second {
		u.said[what] = time.Now()
		u.line("  … " + e.Name + ": " + clean(e.Text))
	}
}

func (u *ui) say(s string) {
	if !u.quiet {
		u.line(s)
	}
}

// stepWidth is how much of a step's line is the step: it leaves room for the
// time in 80 columns.
const stepWidth = 70

func (u *ui) ended(e runner.Event) {
	if e.Step.Error == "" && (e.Step.Label == "" || e.Step.Op == runner.OpWait && e.Step.Text == "") {
		return // a library looks or waits: not what the lesson shows
	}
	mark := u.style(styleGreen, "✓")
	if e.Step.Error != "" {
		mark = u.style(styleRed, "✗")
	}
	text := displaywidth.TruncateString(fmt.Sprintf("%-9s %s", e.Name, headline(e.Step)), stepWidth-4, "…")
	pad := strings.Repeat(" ", max(stepWidth-4-displaywidth.String(text), 0))
	took := time.Duration((e.Step.End - e.Step.Start) * float64(time.Second))
	u.say(fmt.Sprintf("  %s %s%s %s", mark, text, pad, u.style(styleDim, shortly(took))))
}

func shortly(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%4d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%5.1f s", d.Seconds())
}

// headline is a step in one line.
func headline(s *runner.Step) string {
	text := strings.Join(s.Typed, " ⏎ ")
	switch s.Op {
	case runner.OpWait:
		if text == "" {
			text = "the prompt"
		}
		text = "wait for " + text
	case runner.OpScreen:
		text = "screen " + text
	case runner.OpExec:
		text = "exec " + strings.Join(s.Typed, " ")
	case runner.OpRead, runner.OpWrite:
		text = string(s.Op) + " " + text
	case runner.OpKeys:
		text = "keys " + text
	}
	return clean(text)
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

// print is where a script's print(…) goes.
func (u *ui) print(_, message string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.say("  " + strings.ReplaceAll(cleanLines(message), "\n", "\n  "))
}

func (u *ui) warn(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.line("warning: " + cleanLines(fmt.Sprintf(format, args...)))
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

// did says what became of a golden.
func (u *ui) did(what, file string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.say("  " + what + "  " + file)
}

// drift says how a golden differs from what the step at pos left.
func (u *ui) drift(file, pos string, v *golden.Verdict) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch v.State {
	case golden.New:
		u.line(u.style(styleRed, "missing") + "  " + file + "  (the text of " + pos + ")")
	case golden.Unused:
		u.line(u.style(styleRed, "unused") + "  " + file + "  (no step leaves it)")
	default:
		u.line(u.style(styleRed, "drifted") + "  " + file + "  (" + pos + ")")
		u.diff(v)
	}
}

func (u *ui) diff(v *golden.Verdict) {
	for _, l := range strings.Split(strings.TrimRight(v.Diff, "\n"), "\n") {
		l = clean(l)
		switch {
		case strings.HasPrefix(l, "-"):
			l = u.style(styleRed, l)
		case strings.HasPrefix(l, "+"):
			l = u.style(styleGreen, l)
		case strings.HasPrefix(l, "@@"):
			l = u.style(styleDim, l)
		}
		u.line("  " + l)
	}
	for _, b := range v.Broken {
		u.line(fmt.Sprintf("  %s: %s was %s at %s:%d, and is %s at %s:%d; the golden has %s and %s",
			b.Kind, "one thing", b.First.Run, b.First.Name, b.First.Line, b.Here.Run, b.Here.Name, b.Here.Line, b.First.Golden, b.Here.Golden))
	}
}

// summary is the last line of a scenario.
func (u *ui) summary(t target, rec *runner.Recording, verdicts []golden.Verdict, updated bool, code int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := map[golden.State]int{}
	for _, v := range verdicts {
		n[v.State]++
	}
	steps := 0
	for _, s := range rec.Steps {
		if s.Golden() != "" && s.Text != "" {
			steps++
		}
	}
	parts := []string{plural(steps, "step")}
	drifted, unused := "drifted", "unused"
	if updated {
		drifted, unused = "updated", "removed"
	}
	if n := n[golden.Same]; n == 1 {
		parts = append(parts, "1 golden holds")
	} else if n > 1 {
		parts = append(parts, fmt.Sprintf("%d goldens hold", n))
	}
	for _, p := range []struct {
		state golden.State
		what  string
	}{{golden.New, "new"}, {golden.Drifted, drifted}, {golden.Unused, unused}} {
		if n[p.state] > 0 && (p.state != golden.Unused || t.alone()) {
			parts = append(parts, fmt.Sprintf("%d %s", n[p.state], p.what))
		}
	}
	s := fmt.Sprintf("%s: %s  %.1fs", t.name, strings.Join(parts, ", "), rec.Seconds)
	if code == exitOK {
		u.say(u.style(styleGreen, "ok") + "  " + s)
		return
	}
	u.line(u.style(styleRed, "drift") + "  " + s)
	u.line("hint: if the new text is right: scenario run --update " + t.path)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// failure says what went wrong, for whom it concerns: the script's author gets
// the place and the line, the step's author the windows.
func (u *ui) failure(dir string, err error) {
	u.end()
	u.mu.Lock()
	defer u.mu.Unlock()
	var (
		where *starlib.Error
		step  *runner.StepError
		env   *runner.EnvironmentError
	)
	message := err.Error()
	if errors.Is(err, context.Canceled) {
		message = "interrupted (" + message + ")"
	}
	if errors.As(err, &where) {
		message = where.Message
		if where.Pos != "" {
			message = u.at(dir, where.Pos) + ": " + message
		}
	}
	u.line(u.style(styleRed, "error: ") + cleanLines(message))
	if where != nil {
		u.source(dir, where)
	}
	if errors.As(err, &step) {
		for _, w := range step.Windows {
			u.line("  " + w.Terminal + " shows:")
			for _, l := range strings.Split(w.Display, "\n") {
				u.line("  │ " + clean(l))
			}
		}
		if step.Hint != "" {
			u.line("hint: " + step.Hint)
		}
	}
	if errors.As(err, &env) && env.Hint != "" {
		u.line("hint: " + env.Hint)
	}
}

// source shows the line of an error with a caret below, which stands right
// also after wide characters.
func (u *ui) source(dir string, e *starlib.Error) {
	if e.Source != "" {
		number := strings.Split(e.Pos, ":")[1]
		line := strings.ReplaceAll(e.Source, "\t", " ")
		before := displaywidth.String(string([]rune(line)[:min(e.Col, len([]rune(line)))]))
		u.line(u.style(styleDim, fmt.Sprintf("  %s │ ", number)) + clean(line))
		u.line(u.style(styleDim, fmt.Sprintf("  %*s │ ", len(number), "")) + strings.Repeat(" ", before) + u.style(styleRed, "^"))
	}
	for _, also := range e.Also {
		u.line("  " + clean(u.at(dir, also)))
	}
}

// plan returns an observer that prints what a scenario would do.
func (u *ui) plan(dir string) func(runner.Event) {
	return func(e runner.Event) {
		switch e.Kind {
		case runner.NodeBooting:
			fmt.Fprintf(u.out, "  node %-9s  %s\n", e.Name, u.at(dir, e.Pos))
		case runner.ChapterBegun:
			fmt.Fprintf(u.out, "▸ %s  %s\n", e.Name, clean(e.Text))
		case runner.StepEnded:
			if e.Step.Label != "" {
				fmt.Fprintf(u.out, "  %-9s %s\n", e.Name, headline(e.Step))
			}
		}
	}
}
