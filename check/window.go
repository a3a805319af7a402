package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"scenario/golden/article"
	"scenario/runner"
)

// A window is a terminal, and what the article calls it.
type window struct {
	term    *runner.Terminal
	names   []string // "alex@localhost", "alex"
	used    int      // when it was used last, counted in turns; 0 for never
	shell   int      // when its shell was
	last    *heard   // the turn that was played in it last
	pending *heard   // what was typed into it and has not come back
	stuck   int      // the line of what was typed into it and never came back; 0 for none
}

// program is the name of the program in front of it; "sh" for any shell.
func (w *window) program() string {
	if p := w.term.Front(); !p.Shell {
		return p.Name
	}
	return "sh"
}

// seen takes note of the script's own terminals, and of the names that its steps
// have given them.
func (p *player) seen() {
	for _, t := range p.run.Terminals() {
		p.of(t)
	}
	steps := p.run.Recording().Steps
	for _, s := range steps[p.looked:] {
		for _, t := range p.run.Terminals() {
			if t.Name() != s.Terminal || s.Enters == "" || len(s.Typed) == 0 {
				continue
			}
			_, named := article.Starts(s.Typed[len(s.Typed)-1])
			p.of(t).call(named)
		}
	}
	p.looked = len(steps)
}

// of is the window of a terminal.
func (p *player) of(t *runner.Terminal) *window {
	for _, w := range p.windows {
		if w.term == t {
			return w
		}
	}
	w := &window{term: t}
	p.windows = append(p.windows, w)
	return w
}

// call gives a window a name: that of the BEAM node in it, with its host and
// without.
func (w *window) call(name string) {
	if name == "" {
		return
	}
	short, _, full := strings.Cut(name, "@")
	if !full {
		name += "@" + w.term.Node().Hostname()
	}
	for _, n := range []string{name, short} {
		if !slices.Contains(w.names, n) {
			w.names = append(w.names, n)
		}
	}
}

// labelled is a window that the text calls by a number or a letter, opened when
// it does so first: with the program that is typed into it there.
func (p *player) labelled(t *article.Turn) (*window, error) {
	w, err := p.open(p.home())
	if err != nil {
		return nil, err
	}
	w.names = append(w.names, t.Place)
	if t.Program == "sh" || t.Program == "" {
		return w, nil
	}
	return w, p.enter(w, t)
}

// enter starts in a window the program that a turn is typed into, of which the
// text does not say how it was started.
func (p *player) enter(w *window, t *article.Turn) error {
	prog, ok := p.programs[t.Program]
	if !ok {
		return &missing{fmt.Sprintf("unbound: no window runs %s, and how to start it is not known: program(…) says it", orUnknown(t.Program))}
	}
	_, err := w.term.Step(runner.StepSpec{Lines: []string{strings.Join(prog.Argv, " ")}, Enters: &prog, Pos: p.at(t.Line), Name: p.label})
	return err
}

// atShell is the window in whose shell something was typed last; a new one in
// its folder, if something runs in it by now.
func (p *player) atShell() ([]*window, string, error) {
	last := p.lastShell(p.home())
	if last == nil {
		for _, w := range p.windows {
			if w.term.Node() == p.home() && w.program() == "sh" {
				last = w
			}
		}
	}
	if last != nil && last.program() == "sh" && last.pending == nil && last.stuck == 0 && !last.term.Gone() {
		return []*window{last}, "the window in which the shell was used last", nil
	}
	w, err := p.open(p.home())
	return []*window{w}, "a new window", err
}

// named is the window that is called by a name: the one that was called so last.
func (p *player) named(name string) *window {
	short, _, full := strings.Cut(name, "@")
	for _, name := range []string{name, short} { // the author's host has another name
		for _, w := range slices.Backward(p.windows) {
			if slices.Contains(w.names, name) {
				return w
			}
		}
		if !full {
			break
		}
	}
	return nil
}

// node is the node of a name, a host name or an address.
func (p *player) node(name string) *runner.Node {
	for _, n := range p.run.Nodes() {
		if n.Name() == name || n.Hostname() == name || n.IP().String() == name {
			return n
		}
	}
	return nil
}

// home is where windows open that are nobody's.
func (p *player) home() *runner.Node {
	if p.binding.On != nil {
		return p.binding.On
	}
	return p.run.Nodes()[0]
}

// on is the window on a node in which a turn's program was used last. If there is
// none, the program is started in one with a shell in which nothing else runs, or
// in a new one.
func (p *player) on(n *runner.Node, t *article.Turn) (*window, error) {
	idle := func(program string) (last *window) {
		for _, w := range p.windows {
			if w.term.Node() == n && w.program() == program && w.pending == nil && w.stuck == 0 && !w.term.Gone() && (last == nil || w.used >= last.used) {
				last = w
			}
		}
		return last
	}
	if w := idle(t.Program); w != nil {
		return w, nil
	}
	w := idle("sh")
	if w == nil {
		var err error
		if w, err = p.open(n); err != nil {
			return nil, err
		}
	}
	if t.Program == "sh" || t.Program == "" || t.Starts != "" {
		return w, nil
	}
	return w, p.enter(w, t)
}

// open opens a window on a node, with a shell in the folder in which the node's
// last one is, as a reader does.
func (p *player) open(n *runner.Node) (*window, error) {
	prog := p.shell
	if w := p.lastShell(n); w != nil {
		folder, err := w.term.Folder()
		if err != nil {
			return nil, err
		}
		prog.Workdir = folder
	}
	for path, content := range p.files {
		if err := n.Write(path, content, 0o644, ""); err != nil {
			return nil, err
		}
	}
	p.opened++
	term, err := n.Terminal("w"+strconv.Itoa(p.opened), prog, 0, p.name)
	if err != nil {
		return nil, err
	}
	return p.of(term), term.Ready()
}

// lastShell is the window on a node in whose shell something was typed last
// that did not start a program to stay in.
func (p *player) lastShell(n *runner.Node) *window {
	var last *window
	for _, w := range p.windows {
		if w.term.Node() == n && w.shell > 0 && (last == nil || w.shell > last.shell) {
			last = w
		}
	}
	return last
}
