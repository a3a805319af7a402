package terminal

import (
	"fmt"
	"slices"
	"strings"
)

// look finds a prompt by its pattern: that of the program in front, or of the
// one that the line may start.
func (t *Transcript) look(inFront bool) {
	if t.screen.alternate {
		return
	}
	if t.lookBelow() {
		return
	}
	front := t.front()
	for _, p := range []*Program{&front, t.starts} {
		if p == nil || p.Marked {
			continue
		}
		pr, ok := p.find(t.decode(t.screen.Left()))
		if !ok || inFront && (pr.counter < 0 || pr.before != "") {
			continue
		}
		row := t.screen.Cursor().Row
		onward := t.cleared || !t.standing || row > t.screen.Marked().Row
		if t.left {
			onward = t.cleared || row > t.until
		}
		switch {
		case !onward:
		case p == t.starts && t.left:
			t.arrive(pr, p, 0)
			return
		case p == t.starts, !t.left && pr.before != "":
		case t.prompt.counter >= 0 && pr.counter >= 0 && pr.counter != t.prompt.counter && pr.counter != t.prompt.counter+1 && pr.counter != 1:
		default:
			if p.Repeats && t.left && pr.counter >= 0 && pr.counter == t.prompt.counter && pr.before == "" && t.screen.LeftStart().Row == t.until+1 {
				pr.continuation = true
			}
			t.arrive(pr, nil, 0)
			return
		}
	}
}

// lookBelow finds the prompt of the program from which the one in front was
// entered: by its counter, which says that it is no output like it.
func (t *Transcript) lookBelow() bool {
	i := len(t.open) - 2
	if i < 0 || t.open[i].prog.Marked {
		return false
	}
	pr, ok := t.open[i].prog.find(t.decode(t.screen.Left()))
	n := t.open[i].prompt.counter
	if !ok || pr.before != "" || n < 0 || pr.counter != n && pr.counter != n+1 {
		return false
	}
	t.arrive(pr, nil, 1)
	return true
}

// osc follows the marks of prompts.
func (t *Transcript) osc(data string) {
	rest, ok := strings.CutPrefix(data, "133;")
	if !ok {
		return
	}
	switch left := t.decode(t.screen.Left()); {
	case strings.HasPrefix(rest, "D;"):
		n, _ := fmt.Sscanf(rest, "D;%d;%d", &t.said.status, &t.said.pid)
		t.said.told = n == 2
	case strings.HasPrefix(rest, "A"):
		t.said.start, t.said.continuation = len(left), strings.Contains(rest, "k=s")
	case rest == "B":
		start := min(t.said.start, len(left))
		t.marked(prompt{text: left[start:], before: left[:start], counter: -1, continuation: t.said.continuation})
		t.said.told = false
	}
}

// marked finds whose prompt it is that has come.
func (t *Transcript) marked(pr prompt) {
	last := len(t.open) - 1
	front := &t.open[last]
	switch {
	case pr.continuation && front.prog.Marked:
		t.arrive(pr, nil, 0)
	case !t.said.told:
		if t.starts != nil && t.starts.Marked && t.left {
			t.arrive(pr, t.starts, 0)
			return
		}
		for i, s := range slices.Backward(t.open) {
			if s.prog.Marked && !s.prog.Shell {
				t.arrive(pr, nil, last-i)
				return
			}
		}
	default:
		for i, s := range slices.Backward(t.open) {
			if s.shell == t.said.pid {
				t.arrive(pr, nil, last-i)
				return
			}
		}
		if front.prog.Shell && front.shell == 0 {
			front.shell = t.said.pid
			t.arrive(pr, nil, 0)
			return
		}
		word := command(strings.Join(append(slices.Clone(t.lines), t.line), " "))
		shell := Shell(word, []string{word}, "$ ")
		if word != "" && t.left {
			t.arrive(pr, &shell, 0)
			t.open[len(t.open)-1].shell = t.said.pid
		}
	}
}
