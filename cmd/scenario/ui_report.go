package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/mitchellh/go-wordwrap"

	"scenario/golden"
	"scenario/runner"
	"scenario/starlib"
)

// did says what became of a golden.
func (u *ui) did(what, file string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.say("  " + what + "  " + file)
}

// drift says how a golden differs from what its steps left.
func (u *ui) drift(t *trial, v golden.Verdict) {
	u.mu.Lock()
	defer u.mu.Unlock()
	file, pos := t.file(v.Name), u.at(t.dir, v.Pos)
	switch v.State {
	case golden.New:
		u.line(u.style(styleRed, "missing") + "  " + file + "  (the text of " + pos + ")")
	case golden.Unused:
		u.line(u.style(styleRed, "unused") + "  " + file + "  (no step leaves it)")
	default:
		u.line(u.style(styleRed, "drifted") + "  " + file + "  (" + pos + ")")
		u.diff(v.Diff, "the golden", "this run")
		for _, b := range v.Broken {
			u.line("  " + clean(b.String()))
		}
		if v.Exposed {
			u.line("  The golden shows a secret: *** stands for it here. Who accepts the new text takes it out.")
		}
	}
}

// answers says what the answers to a review's question mean.
func (u *ui) answers() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.line("  accept  write the new text to the golden")
	u.line("  reject  keep the golden, and do not ask again before the next run")
	u.line("  skip    keep the golden, and ask again in the next review")
	u.line("  quit    end the review; what was answered stays")
	u.line("  The first letter will do, and Enter.")
}

// reviewed is the last line of a review.
func (u *ui) reviewed(accepted, rejected, left int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.line(fmt.Sprintf("%d accepted, %d rejected, %d left to review", accepted, rejected, left))
}

// unstable says which texts several runs left under one name.
func (u *ui) unstable(t target, v golden.Instability) {
	u.mu.Lock()
	defer u.mu.Unlock()
	var times []string
	for _, variant := range v.Variants {
		what := fmt.Sprintf("%d", variant.Count)
		if variant.Absent {
			what += " without one"
		}
		times = append(times, what)
	}
	often := fmt.Sprintf("%d texts in %d runs: %s", len(v.Variants), v.Runs, strings.Join(times, ", "))
	if len(v.Variants) == v.Runs {
		often = fmt.Sprintf("another text in each of %d runs", v.Runs)
	}
	u.line(u.style(styleRed, "unstable") + "  " + t.file(v.Name) + "  " + often)
	if v.Diff != "" {
		u.diff(v.Diff, like(v.Variants[0]), like(v.Variants[1]))
	}
	for _, h := range v.Hold {
		u.line("hint: all are the same with this added at " + u.at(t.dir, h.Pos) + ": " + clean(h.Code))
	}
	if len(v.Hold) == 0 {
		u.line("hint: nothing ready-made makes them the same; a pattern of your own may: " + u.self + " doc kind")
		u.line("      if a step ended too early, it takes expect = …, or waits before: " + u.self + " doc eventually")
	}
}

// like names the run that left a text first, and how many others did.
func like(v golden.Variant) string {
	if v.Count == 1 {
		return fmt.Sprintf("run %d", v.Run+1)
	}
	return fmt.Sprintf("run %d, and %s like it", v.Run+1, plural(v.Count-1, "other"))
}

// repeated is the last line of a scenario that was played several times and did
// not hold in all.
func (u *ui) repeated(t target, unstable, failed, runs int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	outcome, parts := "drift", []string{plural(runs, "run")}
	if failed > 0 {
		outcome = "failed"
		parts = append(parts, fmt.Sprintf("%d failed", failed))
	}
	if unstable > 0 {
		parts = append(parts, fmt.Sprintf("%d unstable", unstable))
	}
	u.line(u.style(styleRed, outcome) + "  " + t.title() + ": " + strings.Join(parts, ", ") + "; no golden was written")
}

// stopped says that the rest of a scenario was not played.
func (u *ui) stopped(s *starlib.StoppedError) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.say("  stopped: " + s.Label + " is over; the rest was not played")
}

// stable says that several runs showed the same.
func (u *ui) stable(runs int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.say(fmt.Sprintf("  every text was the same in %s", plural(runs, "run")))
}

// summary is the last line of a scenario. done says what was done about the
// goldens that did not hold, by their names.
func (u *ui) summary(t *trial, done map[string]string, code int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	steps, n := 0, map[string]int{}
	for _, s := range t.rec.Steps {
		if s.Golden() != "" {
			steps++
		}
	}
	for _, v := range t.verdicts {
		what := done[v.Name]
		if what == "" {
			what = v.State.String()
		}
		if what == "new" && done[v.Name] == "" {
			what = "missing"
		}
		n[what]++
	}
	parts := []string{plural(steps, "step")}
	if n := n["same"]; n == 1 {
		parts = append(parts, "1 golden holds")
	} else if n > 1 {
		parts = append(parts, fmt.Sprintf("%d goldens hold", n))
	}
	for _, what := range []string{"new", "updated", "shared", "removed", "drifted", "missing", "unused"} {
		if n[what] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[what], what))
		}
	}
	s := fmt.Sprintf("%s: %s  %.1fs", t.title(), strings.Join(parts, ", "), t.rec.Seconds)
	if code == exitOK {
		u.say(u.style(styleGreen, "ok") + "  " + s)
		if n["new"] > 0 {
			u.say("hint: read what is new before you trust it: " + filepath.Join(t.dir, "golden"))
		}
		return
	}
	u.line(u.style(styleRed, "drift") + "  " + s)
	if t.until != "" {
		u.line("hint: if the new text is right: " + u.self + " run --until " + t.until + " --update " + t.playArgs())
	} else if n["drifted"] > 0 {
		u.line("hint: if the new text is right: " + u.self + " review " + t.args())
		if t.goldens().Apart() {
			u.line("      what is accepted of " + t.variant.name + " is kept apart from the other ways' texts")
		}
		u.line("      or all of it at once: " + u.self + " run --update " + t.playArgs())
		u.line("      if it is another in each run: " + u.self + " run --repeat 10 " + t.playArgs() + " says what holds")
	} else {
		u.line("hint: what is missing is written, and what is unused removed, by: " + u.self + " run --update " + t.playArgs())
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// failure says what went wrong, for whom it concerns: the step's author gets
// the windows, the script's author the place and the line. The error comes
// last, where it is not scrolled away.
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
		message = "interrupted"
	}
	if errors.As(err, &where) {
		message = where.Message
		if where.Pos != "" {
			message = u.at(dir, where.Pos) + ": " + message
		}
	}
	if errors.As(err, &step) {
		u.windows(step.Windows)
	}
	first, rest, more := strings.Cut(cleanLines(message), "\n")
	u.line(u.style(styleRed, "error: ") + strings.TrimPrefix(wrapped("error: ", first, u.width), "error: "))
	if more {
		u.line(rest) // what was tried, and commands
	}
	if where != nil {
		u.source(dir, where)
	}
	if step != nil && step.Hint != "" {
		u.line(wrapped("hint: ", step.Hint, u.width))
	}
	if errors.As(err, &env) && env.Hint != "" {
		u.line("hint: " + env.Hint)
	}
}

// elsewhere is how many rows of a window are shown that is not the step's own.
const elsewhere = 8

// windows shows terminals as they stand, the step's own last and whole.
func (u *ui) windows(windows []runner.Window) {
	for i := len(windows) - 1; i > 0; i-- {
		u.ending(windows[i])
	}
	if len(windows) > 0 {
		u.window(windows[0], len(windows[0].Display))
	}
}

// ending shows the last rows of a window.
func (u *ui) ending(w runner.Window) { u.window(w, elsewhere) }

func (u *ui) window(w runner.Window, limit int) {
	rows, what := strings.Split(strings.Trim(w.Display, "\n"), "\n"), " shows:"
	if len(rows) > limit {
		rows, what = rows[len(rows)-limit:], " shows, at its end:"
	}
	u.line("  " + w.Terminal + what)
	for _, r := range rows {
		u.line("  │ " + clean(r))
	}
}

// source shows the line of an error with a caret below, which stands right
// also after wide characters.
func (u *ui) source(dir string, e *starlib.Error) {
	if e.Source != "" {
		number := strings.Split(e.Pos, ":")[1]
		line := strings.ReplaceAll(e.Source, "\t", " ")
		before := displaywidth.String(string([]rune(line)[:min(e.Col, len([]rune(line)))]))
		if room := u.width - len(number) - 5; room > before+1 { // the caret stands right only below a line that is not broken
			line = displaywidth.TruncateString(line, room, "…")
		}
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
		case runner.RunBegun:
			u.mask = e.Mask
		case runner.NodeBooting:
			fmt.Fprintf(u.out, "  node %-9s  %s\n", e.Name, u.at(dir, e.Pos))
		case runner.ChapterBegun:
			fmt.Fprintf(u.out, "▸ %s  %s\n", e.Name, clean(u.mask(e.Text)))
		case runner.StepEnded:
			if e.Step.Label != "" || e.Step.Op == runner.OpFault {
				fmt.Fprintf(u.out, "  %-9s %s\n", e.Name, u.mask(headline(e.Step)))
			}
		}
	}
}

// state says how one of the things is that a run needs. This is what was asked
// for, so it goes to standard output.
func (u *ui) state(s state, what, hint string) {
	w := columns(u.out)
	mark := string(s)
	if w > 0 && u.colour {
		mark = u.style(map[state]string{well: styleGreen, ill: styleRed, note: styleBold}[s], mark)
	}
	lines := wrapped(string(s)+" ", what, w)
	fmt.Fprintln(u.out, mark+strings.TrimPrefix(lines, string(s)))
	if hint != "" {
		fmt.Fprintf(u.out, "  hint: %s\n", hint)
	}
}

// wrapped is prose behind a head, broken between words for a window of that
// width; 0 breaks nothing. Commands are not for it: who copies one would copy
// the break.
func wrapped(head, prose string, width int) string {
	indent := displaywidth.String(head)
	if width > 0 {
		prose = wordwrap.WrapString(prose, uint(max(width-indent, 20)))
	}
	return head + strings.ReplaceAll(prose, "\n", "\n"+strings.Repeat(" ", indent))
}
