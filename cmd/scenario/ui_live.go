package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"

	"scenario/runner"
)

// begin starts the display of one scenario.
func (u *ui) begin(t target) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reset()
	u.brief, u.judging, u.round, u.target = false, false, "", t.playArgs()
	if u.quiet {
		return
	}
	u.line(u.style(styleBold, t.title()) + u.style(styleDim, "  "+t.path))
	u.tick()
}

// tick begins to draw the live line, again and again until end.
func (u *ui) tick() {
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

// busy says on the live line what is done, until end.
func (u *ui) busy(what string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reset()
	u.task = what
	u.tick()
}

// beginRound starts the display of one of several runs of a scenario, of which
// only the outcome is said.
func (u *ui) beginRound(t target, round, of int) {
	if round == 1 {
		u.begin(t)
		u.end()
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reset()
	u.brief, u.round = true, fmt.Sprintf("run %d of %d", round, of)
	if !u.quiet {
		u.tick()
	}
}

// endRound says that one of several runs has come to its end.
func (u *ui) endRound(rec *runner.Recording) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.say(fmt.Sprintf("  %s %s%s", u.style(styleGreen, "✓"), u.round, u.style(styleDim, fmt.Sprintf("  %.1fs", rec.Seconds))))
}

func (u *ui) reset() {
	u.started, u.closing, u.step, u.task = time.Now(), false, nil, ""
	u.booting, u.ready, u.waits, u.said = nil, map[string]bool{}, map[string]string{}, map[string]time.Time{}
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

var spinner = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

// draw writes the live line, if it is another than what stands there.
func (u *ui) draw() {
	if s := u.now(); s != "" && s != u.live {
		fmt.Fprint(u.err, "\r"+s+"\x1b[K")
		u.live = s
	}
}

// now is the live line: what is waited for, and for how long; "" if nothing is.
func (u *ui) now() string {
	if w := columns(u.err); w > 0 && u.width > 0 {
		u.width = w // the window may have changed
	}
	since, what := u.started, ""
	switch {
	case u.task != "":
		what = u.task
	case u.closing:
		since, what = u.begun, "removing the lab"
	case len(u.booting) > 0:
		what = "booting " + strings.Join(u.booting, ", ")
		for _, n := range u.booting {
			if w, _, _ := strings.Cut(u.waits[n], " ("); w != "" { // our clock says how long
				what = n + ": " + w
				break
			}
		}
	case u.step != nil && u.step.Terminal != "" && !u.ready[u.step.Terminal]:
		since, what = u.begun, "starting "+u.step.Terminal
	case u.step != nil:
		since, what = u.begun, u.who+"  "+headline(u.step)
	default:
		return ""
	}
	elapsed := time.Since(since)
	frame := string(spinner[int(elapsed/(100*time.Millisecond))%len(spinner)])
	clock := fmt.Sprintf("  %.0fs", elapsed.Seconds())
	if u.round != "" {
		what = u.round + ": " + what
	}
	what = displaywidth.TruncateString(clean(u.mask(what)), max(u.width-6-len(clock), 10), "…")
	return "  " + u.style(styleBlue, frame) + " " + what + u.style(styleDim, clock)
}

// observe is told what happens in a run.
func (u *ui) observe(e runner.Event) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch e.Kind {
	case runner.RunBegun:
		u.mask = e.Mask
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
		if !u.brief {
			u.say(u.style(styleBold, "▸ "+e.Name) + "  " + clean(e.Text))
		}
	case runner.StepBegun:
		u.step, u.who, u.begun = e.Step, e.Name, time.Now()
	case runner.StepEnded:
		u.step = nil
		u.ended(e)
	case runner.LabClosing:
		u.closing, u.begun = true, time.Now()
	case runner.Warned:
		u.line("warning: " + cleanLines(e.Pos+": "+e.Name+": "+e.Text))
	case runner.LabLeft:
		u.line("warning: " + cleanLines(e.Text))
	case runner.LabKept:
		u.line("the lab is still up; its nodes can be entered:")
		for node := range strings.SplitSeq(e.Text, "\n") {
			u.line("  " + u.self + " shell --lab " + e.Name + " " + node)
		}
		u.line("run again in it, with the files that they have by now:\n  " + u.self + " run --lab " + e.Name + " " + u.target)
		u.line("remove it:\n  " + u.self + " down " + e.Name)
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
	what, _, _ = strings.Cut(what, ";")
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
	unnamed := e.Step.Label == "" && e.Step.Op != runner.OpFault
	if u.judging || e.Step.Error == "" && (u.brief || unnamed || e.Step.Op == runner.OpWait && e.Step.Text == "") {
		return // a library looks or waits: not what the lesson shows
	}
	width := stepWidth
	if u.width > 0 {
		width = min(width, max(u.width-10, 20))
	}
	mark := u.style(styleGreen, "✓")
	if e.Step.Error != "" {
		mark = u.style(styleRed, "✗")
	}
	text := displaywidth.TruncateString(fmt.Sprintf("%-9s %s", e.Name, u.mask(headline(e.Step))), width-4, "…")
	pad := strings.Repeat(" ", max(width-4-displaywidth.String(text), 0))
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
		argv := s.Typed
		if len(argv) > 3 && argv[0] == "sh" && argv[1] == "-c" {
			argv = argv[3:] // the name that the script runs under says more than its text
		}
		text = "exec " + strings.Join(argv, " ")
	case runner.OpRead, runner.OpWrite:
		text = string(s.Op) + " " + text
	case runner.OpKeys:
		text = "keys " + text
	case runner.OpFault:
		text = "⚡ " + text
	}
	return clean(text)
}
