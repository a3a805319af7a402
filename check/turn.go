package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"scenario/golden/article"
	"scenario/runner"
	"scenario/runner/terminal"
	"scenario/starlib"
)

// Times that are waited for something without an author saying more.
const (
	patience = 10 * time.Second // for a REPL's prompt, before another window goes on
	hurry    = 60 * time.Second // for a shell's: it may be compiling
	grace    = 10 * time.Second // for text that the article shows and that has not come
	remnant  = 2 * time.Second  // for what a shell's command may have left to say
)

// session plays the turns of a block, each in its windows.
func (p *player) session(d *played, b *article.Block) error {
	for i := range b.Turns {
		t := &b.Turns[i]
		if t.Elided {
			d.heard = append(d.heard, &heard{turn: t, missing: "a fragment: what is typed is not given in full"})
			continue
		}
		if why := Barred(t); why != "" {
			d.heard = append(d.heard, &heard{turn: t, missing: why})
			continue
		}
		ws, why, err := p.where(b, &d.rule, t)
		var nowhere *missing
		if errors.As(err, &nowhere) {
			d.heard = append(d.heard, &heard{turn: t, missing: nowhere.why})
			continue
		}
		if err != nil {
			if err = p.blame(d, err); err != nil || d.failed != nil {
				return err
			}
		}
		last := i == len(b.Turns)-1
		for _, w := range ws {
			h := &heard{turn: t, window: w, by: why, part: d.rule.Part, tolerance: p.tolerance(&d.rule)}
			if t.Told {
				h.expect = t.Output
			}
			d.heard = append(d.heard, h)
			if err := p.turn(h, &d.rule, last); err != nil {
				return err
			}
		}
	}
	return nil
}

// turn plays one turn in one window. The error ends the run; what the turn met
// itself is kept in it.
func (p *player) turn(h *heard, r *starlib.Rule, last bool) error {
	if err := p.catchUp(h.window); err != nil {
		return err
	}
	if h.window.term.Gone() {
		h.missing = fmt.Sprintf("needs state: the shell of %s has ended", h.window.term.Name())
		return nil
	}
	if n := h.window.stuck; n > 0 {
		h.missing = fmt.Sprintf("needs state: %s still waits for line %d", h.window.term.Name(), n)
		return nil
	}
	p.turns++
	h.window.used = p.turns
	err := p.ready(h.window, h.turn)
	switch {
	case err != nil:
	case h.turn.Arrives:
		h.expect = append(typedLines(h.turn), h.expect...)
		err = p.arrive(h, r)
	default:
		err = p.say(h, r, last)
	}
	h.window.last = h
	return p.met(h, err)
}

// met keeps with a turn what it met. What ends the run is returned.
func (p *player) met(h *heard, err error) error {
	var step *runner.StepError
	var nowhere *missing
	switch {
	case errors.As(err, &nowhere):
		h.missing = nowhere.why
		return nil
	case errors.As(err, &step):
		h.err, h.windows = step.Err, step.Windows
		if h.turn.Starts != "" && waits(err) {
			h.window.stuck = h.turn.Line
		}
		h.window.term.Accept(p.at(h.turn.Line))
		return nil
	}
	return err
}

// ready brings the shell of a window to the front, for a line that is typed into
// a shell.
func (p *player) ready(w *window, t *article.Turn) error {
	if t.Program == w.program() || t.Program == "" || len(t.Typed) == 0 {
		return nil
	}
	if t.Program != "sh" {
		return &missing{fmt.Sprintf("needs state: %s runs %s, and this is for %s", w.term.Name(), w.program(), t.Program)}
	}
	return p.toShell(w, t)
}

// toShell leaves what runs in a window, down to its shell.
func (p *player) toShell(w *window, t *article.Turn) error {
	for w.program() != "sh" {
		if _, err := w.term.Quit(runner.StepSpec{Name: p.label, Pos: p.at(t.Line)}); err != nil {
			return err
		}
		if w.term.Gone() {
			return &missing{fmt.Sprintf("needs state: %s has no shell, and this is for one", w.term.Name())}
		}
	}
	return nil
}

// say types what a turn types, and takes what comes.
func (p *player) say(h *heard, r *starlib.Rule, last bool) error {
	if len(h.turn.Stdin) > 0 {
		return p.feed(h, r)
	}
	if h.turn.ForEver {
		step, err := h.window.term.Step(p.spec(h, r, patience, true))
		h.steps, h.expect, h.window.pending = append(h.steps, step), nil, h // it is not waited for
		return err
	}
	if r.Blocks && last {
		step, err := h.window.term.Step(p.spec(h, r, patience, true))
		h.steps = append(h.steps, step)
		h.pending, h.window.pending = err == nil, h
		return err
	}
	if err := p.typed(h, r); err != nil {
		if !waits(err) {
			return err
		}
		h.pending, h.window.pending, h.steps = true, h, nil
		h.err, h.windows = err, nil
		return nil
	}
	return p.finish(h, r)
}

// feed types into the program that a line runs, and ends that with Ctrl-D.
func (p *player) feed(h *heard, r *starlib.Rule) error {
	term := h.window.term
	spec := p.spec(h, r, hurry, true)
	step, err := term.Step(spec)
	h.steps = append(h.steps, step)
	for _, keys := range []string{strings.Join(h.turn.Stdin, "\r") + "\r", "\x04"} {
		if err == nil {
			_, err = term.Keys(keys, spec, strings.TrimSpace(keys))
		}
	}
	if err == nil {
		spec.NoWait, spec.Lines = false, nil
		_, err = term.Wait(spec)
	}
	return err
}

// finish takes what a turn still lacks of what the text shows.
func (p *player) finish(h *heard, r *starlib.Rule) error {
	if h.expect != nil && !p.same(h) {
		wait := grace
		if h.turn.Program == "sh" && h.turn.Starts == "" {
			wait = remnant
		}
		if err := p.more(h, r, wait, trim(texts(h.expect)), func(lines []string) bool {
			try := *h
			try.output = append(slices.Clone(h.output), lines...)
			return len(lines) > 0 && p.same(&try)
		}); err != nil {
			return err
		}
	}
	for _, want := range r.Expect {
		has := func(lines []string) bool {
			return strings.Contains(strings.Join(append(slices.Clone(h.output), lines...), "\n"), want)
		}
		if has(nil) {
			continue
		}
		wait := grace
		if r.Timeout != 0 {
			wait = r.Timeout
		}
		if err := p.more(h, r, wait, []string{want}, has); err != nil {
			return err
		}
		if !has(nil) {
			h.err = fmt.Errorf("%q did not come within %s", want, wait)
			h.windows = []runner.Window{{Terminal: h.window.term.Name(), Display: h.window.term.Display()}}
			return nil
		}
	}
	return nil
}

// more takes lines that come by themselves until they are enough.
func (p *player) more(h *heard, r *starlib.Rule, wait time.Duration, what []string, enough func([]string) bool) error {
	if h.window.term.Gone() {
		return nil
	}
	spec := p.spec(h, r, wait, false)
	spec.Expect = what
	step, err := h.window.term.Arrive(spec, enough)
	if err != nil {
		return err
	}
	h.steps = append(h.steps, step)
	h.output = append(h.output, lines(step.Output)...)
	return nil
}

// arrive takes text that comes in a window by itself. It may have come behind
// what was typed there last, of which the text has shown nothing until now.
func (p *player) arrive(h *heard, r *starlib.Rule) error {
	if last := h.window.last; last != nil && last.expect == nil && last.missing == "" && last.err == nil {
		try := *h
		try.output, try.steps, try.part = last.output, last.steps, true
		if p.same(&try) {
			h.output, h.steps, h.part = try.output, try.steps, true
			return nil
		}
	}
	err := p.more(h, r, grace, trim(texts(h.expect)), func(lines []string) bool {
		try := *h
		try.output = lines
		return len(lines) > 0 && p.same(&try)
	})
	if last := h.window.last; len(h.output) == 0 && last != nil && last.expect == nil { // it is another text
		h.output, h.steps, h.part = last.output, last.steps, true
	}
	return err
}

// typed types the lines of a turn, and waits until they are done.
func (p *player) typed(h *heard, r *starlib.Rule) error {
	wait := patience
	if h.turn.Program == "sh" || h.turn.Starts != "" {
		wait = hurry
	}
	step, err := h.window.term.Step(p.spec(h, r, wait, false))
	if step != nil {
		h.steps, h.output = append(h.steps, step), lines(step.Output)
	}
	if err == nil {
		h.window.call(h.turn.Named)
		if h.turn.Program == "sh" && h.turn.Starts == "" {
			h.window.shell = p.turns
		}
	}
	return err
}

// tolerance is how what a block shows may differ.
func (p *player) tolerance(r *starlib.Rule) runner.Tolerance {
	t := r.Tolerance
	t.Kinds = append(slices.Clone(t.Kinds), p.binding.Kinds...)
	return t
}

func (p *player) spec(h *heard, r *starlib.Rule, wait time.Duration, noWait bool) runner.StepSpec {
	if r.Timeout != 0 {
		wait = r.Timeout
	}
	spec := runner.StepSpec{Lines: h.turn.Typed, Timeout: wait, NoWait: noWait, Name: p.label, Tolerance: p.tolerance(r), Pos: p.at(h.turn.Line)}
	switch prog, known := p.programs[h.turn.Starts]; {
	case noWait:
	case r.Enters != nil && h.turn.Program == "sh" && h.turn.Starts != "":
		spec.Enters = r.Enters
	case h.turn.Starts == "sh" || h.turn.Starts == "bash":
		sh := p.shell
		spec.Enters = &sh
	case known:
		spec.Enters = &prog
	case leaves(h.turn, h.window):
		spec.Leaves = true
	}
	return spec
}

// leaves says whether a line ends the program in front, which was entered from
// another.
func leaves(t *article.Turn, w *window) bool {
	if !w.term.Entered() || len(t.Typed) == 0 {
		return false
	}
	line := strings.TrimSpace(t.Typed[len(t.Typed)-1])
	return line == w.term.Front().Quit || slices.Contains(farewells[w.program()], line)
}

// farewells are lines that end programs, beside those that std knows.
var farewells = map[string][]string{
	"sh":      {"exit", "logout"},
	"iex":     {"System.halt", "System.halt(0)", "System.stop", "System.stop()", ":init.stop", ":init.stop()", ":erlang.halt()"},
	"erl":     {"q().", "halt().", "init:stop()."},
	"python3": {"exit()", "quit()"},
	"psql":    {`\q`, "exit", "quit"},
}

// catchUp takes what a window's pending turn has shown, once it has come back.
func (p *player) catchUp(w *window) error {
	h := w.pending
	if h == nil {
		return nil
	}
	w.pending, h.pending = nil, false
	if h.turn.ForEver {
		return p.stop(w, h)
	}
	r := starlib.Rule{}
	step, err := w.term.Wait(p.spec(&heard{turn: &article.Turn{Line: h.turn.Line}, window: w}, &r, 30*time.Second, false))
	if err != nil {
		w.stuck = h.turn.Line
		return p.met(h, err)
	}
	h.err, h.windows = nil, nil
	h.steps, h.output = []*runner.Step{step}, lines(step.Output)
	return p.met(h, p.finish(h, &r))
}

// stop ends what runs in a window for ever, as a reader does. A key that comes
// before the program has begun is lost on it.
func (p *player) stop(w *window, h *heard) (err error) {
	spec := runner.StepSpec{Name: p.label, Pos: p.at(h.turn.Line), Timeout: 2 * time.Second}
	for range 10 {
		if _, err = w.term.Keys("\x03", spec, "ctrl-c"); err != nil {
			return err
		}
		if _, err = w.term.Wait(spec); err == nil || !waits(err) {
			break
		}
	}
	if err != nil {
		w.stuck = h.turn.Line
	}
	return p.met(h, err)
}

// waits says whether an error is that a statement has not come back.
func waits(err error) bool {
	var waiting *terminal.WaitingError
	return errors.As(err, &waiting)
}

func typedLines(t *article.Turn) []article.Line {
	var ls []article.Line
	for i, text := range t.Typed {
		ls = append(ls, article.Line{Text: text, Number: t.Line + i})
	}
	return ls
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func texts(ls []article.Line) []string {
	list := make([]string, len(ls))
	for i, l := range ls {
		list[i] = l.Text
	}
	return list
}
