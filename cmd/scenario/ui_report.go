package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/clipperhouse/displaywidth"

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
		u.line("  --- the golden")
		u.line("  +++ this run")
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
		places := fmt.Sprintf("%s:%d and %s:%d", b.First.Name, b.First.Line, b.Here.Name, b.Here.Line)
		if b.First.Golden == b.Here.Golden {
			u.line(clean(fmt.Sprintf("  %s: one %s in the golden, %s, and two now: %s and %s", places, b.Kind, b.First.Golden, b.First.Run, b.Here.Run)))
		} else {
			u.line(clean(fmt.Sprintf("  %s: two %ss in the golden, %s and %s, and one now: %s", places, b.Kind, b.First.Golden, b.Here.Golden, b.Here.Run)))
		}
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
		if s.Golden() != "" {
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
		if n[golden.New] > 0 {
			u.say("hint: read what is new before you trust it: " + filepath.Join(t.dir, "golden"))
		}
		return
	}
	u.line(u.style(styleRed, "drift") + "  " + s)
	if n[golden.Drifted] > 0 {
		u.line("hint: if the new text is right: " + u.self + " run --update " + t.path)
		u.line("      if it is another in each run: volatile(…); see: " + u.self + " doc volatile")
	} else {
		u.line("hint: what is missing is written, and what is unused removed, by: " + u.self + " run --update " + t.path)
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
		message = "interrupted (" + message + ")"
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
	u.line(u.style(styleRed, "error: ") + cleanLines(message))
	if where != nil {
		u.source(dir, where)
	}
	if step != nil && step.Hint != "" {
		u.line("hint: " + step.Hint)
	}
	if errors.As(err, &env) && env.Hint != "" {
		u.line("hint: " + env.Hint)
	}
}

// elsewhere is how many rows of a window are shown that is not the step's own.
const elsewhere = 8

// windows shows terminals as they stand, the step's own last and whole.
func (u *ui) windows(windows []runner.Window) {
	for i := len(windows) - 1; i >= 0; i-- {
		rows := strings.Split(strings.Trim(windows[i].Display, "\n"), "\n")
		what := " shows:"
		if i > 0 && len(rows) > elsewhere {
			rows, what = rows[len(rows)-elsewhere:], " shows, at its end:"
		}
		u.line("  " + windows[i].Terminal + what)
		for _, r := range rows {
			u.line("  │ " + clean(r))
		}
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
