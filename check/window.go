package check

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"scenario/golden/article"
	"scenario/runner"
	"scenario/starlib"
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

// A missing window is why a turn cannot be played.
type missing struct{ why string }

func (m *missing) Error() string { return m.why }

// where says which windows a turn is for, and by what that is known.
func (p *player) where(b *article.Block, r *starlib.Rule, t *article.Turn) (ws []*window, why string, err error) {
	p.seen()
	if len(r.To) > 0 {
		for _, d := range r.To {
			w, err := p.destination(d, t)
			if err != nil {
				return nil, "", err
			}
			ws = append(ws, w)
		}
		if len(ws) > 1 && t.Place != "" {
			if w := p.named(t.Place); slices.Contains(ws, w) {
				return []*window{w}, "bind(…) and " + t.PlaceBy, nil
			}
		}
		return ws, "bind(…)", nil
	}
	if t.Starts != "" && t.Named != "" {
		if w := p.named(t.Named); w != nil {
			w, err := p.again(w, t)
			return []*window{w}, t.Named + " is started again", err
		}
	}
	if t.Place != "" {
		w, why, err := p.placed(b, t)
		if w != nil || err != nil {
			return w, why, err
		}
	}
	if t.Starts != "" && strings.Contains(t.Named, "@") {
		_, host, _ := strings.Cut(t.Named, "@")
		if n := p.node(host); n != nil {
			w, err := p.on(n, t)
			return []*window{w}, host + " is a node", err
		}
	}
	return p.unsaid(b, t)
}

// again leaves what runs in a window, and gives one in which it can be started
// again: that one, or, if work goes on in another folder by now, a new one there.
func (p *player) again(w *window, t *article.Turn) (*window, error) {
	if err := p.toShell(w, t); err != nil {
		return nil, err
	}
	last := p.lastShell(w.term.Node())
	if last == nil || last == w {
		return w, nil
	}
	here, err := w.term.Folder()
	if err != nil {
		return nil, err
	}
	there, err := last.term.Folder()
	if err != nil || here == there {
		return w, err
	}
	w.names = nil
	return p.open(w.term.Node())
}

// placed is where the text says that a turn is, if that can be understood.
func (p *player) placed(b *article.Block, t *article.Turn) (ws []*window, why string, err error) {
	if d, ok := p.window(t.Place); ok {
		w, err := p.destination(d, t)
		return []*window{w}, t.PlaceBy, err
	}
	if w := p.named(t.Place); w != nil {
		return []*window{w}, t.PlaceBy, nil
	}
	if n := p.node(t.Place); n != nil {
		w, err := p.on(n, t)
		return []*window{w}, t.PlaceBy, err
	}
	switch t.PlaceBy {
	case "prompt":
		if _, host, ok := strings.Cut(t.Place, "@"); ok && t.Program == "sh" {
			if n := p.node(host); n != nil {
				w, err := p.on(n, t)
				return []*window{w}, t.PlaceBy, err
			}
		}
		if t.Program != "sh" && t.Program != "" {
			return nil, "", &missing{"needs state: nothing in the text starts " + t.Place}
		}
	case "caption", "comment", "end of line":
		if ws, why, err := p.captioned(t); ws != nil || err != nil {
			return ws, why, err
		}
		if label.MatchString(t.Place) {
			w, err := p.labelled(t)
			return []*window{w}, t.PlaceBy, err
		}
	case "docker exec":
		return nil, "", &missing{fmt.Sprintf("unbound: there is no node %s", t.Place)}
	}
	return nil, "", nil
}

var (
	label = regexp.MustCompile(`(?i)^\W*(?:(?:shell|terminal|window|session|tab|client|console|node|process|pane|ターミナル|端末|ウィンドウ|シェル|セッション)\s*[#:]?\s*\w{1,2}|T\d|S\d|[A-D])\W*$`)
	every = regexp.MustCompile(`(?i)各|すべて|全て|全ノード|\beach\b|\bevery\b|\ball\b|\bboth\b|\beverywhere\b`)
)

// captioned finds in a caption the name of a window or node, or that it is all
// of those that run the program.
func (p *player) captioned(t *article.Turn) (ws []*window, why string, err error) {
	best := ""
	for _, w := range p.windows {
		for _, name := range w.names {
			if len(name) > len(best) && word(t.Place, name) {
				best, ws = name, []*window{w}
			}
		}
	}
	for _, n := range p.run.Nodes() {
		if name := n.Name(); len(name) > len(best) && word(t.Place, name) {
			w, err := p.on(n, t)
			if err != nil {
				return nil, "", err
			}
			best, ws = name, []*window{w}
		}
	}
	if best != "" {
		return ws, "caption", nil
	}
	if every.MatchString(t.Place) {
		for _, w := range p.windows {
			if w.program() == t.Program {
				ws = append(ws, w)
			}
		}
		if ws != nil {
			return ws, "caption", nil
		}
	}
	return nil, "", nil
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

// word says whether a name stands in a text as a word. Between scripts there is
// no blank: hoge is a word in hogeノード.
func word(text, name string) bool {
	for rest, at := text, 0; ; {
		i := strings.Index(rest, name)
		if i < 0 || name == "" {
			return false
		}
		before, after := []rune(text[:at+i]), []rune(rest[i+len(name):])
		if !(len(before) > 0 && joins(before[len(before)-1])) && !(len(after) > 0 && joins(after[0])) {
			return true
		}
		at, rest = at+i+len(name), rest[i+len(name):]
	}
}

func joins(c rune) bool {
	return c < 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c) || c == '_' || c == '-' || c == '.')
}

// unsaid is where a turn goes of which the text does not say it.
func (p *player) unsaid(b *article.Block, t *article.Turn) ([]*window, string, error) {
	if b.Kind == article.Code && t.Program != "sh" {
		if !t.Whole() {
			return nil, "", &missing{"a fragment: it is no whole statement"}
		}
		return nil, "", &missing{"unbound: the text does not say where this is typed"}
	}
	if t.Program == "sh" {
		return p.atShell()
	}
	var last *window
	for _, w := range p.windows {
		if w.program() == t.Program && (last == nil || w.used >= last.used) {
			last = w
		}
	}
	if last != nil {
		return []*window{last}, "the window in which " + t.Program + " was used last", nil
	}
	if _, ok := p.programs[t.Program]; !ok {
		return nil, "", &missing{fmt.Sprintf("unbound: no window runs %s", orUnknown(t.Program))}
	}
	w, err := p.open(p.home())
	if err != nil {
		return nil, "", err
	}
	return []*window{w}, fmt.Sprintf("a window in which %s was started, as the text does not say where", t.Program), p.enter(w, t)
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

func orUnknown(program string) string {
	if program == "" {
		return "the program of this prompt"
	}
	return program
}

// destination is the window of what a script says.
func (p *player) destination(d starlib.Destination, t *article.Turn) (*window, error) {
	switch {
	case d.Window != nil:
		term, err := d.Window.Open()
		if err != nil {
			return nil, err
		}
		return p.of(term), nil
	case d.Node != nil:
		return p.on(d.Node, t)
	}
	if b, ok := p.window(d.Name); ok {
		return p.destination(b, t)
	}
	if w := p.named(d.Name); w != nil {
		return w, nil
	}
	if n := p.node(d.Name); n != nil {
		return p.on(n, t)
	}
	if t.Starts != "" || t.Program == "sh" {
		w, err := p.open(p.home())
		if err == nil {
			w.call(d.Name)
		}
		return w, err
	}
	return nil, &missing{fmt.Sprintf("unbound: no window and no node is called %s yet", d.Name)}
}

// window is what article(windows = …) says of a name.
func (p *player) window(name string) (starlib.Destination, bool) {
	plain := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }
	for known, d := range p.binding.Windows {
		if plain(known) == plain(name) {
			return d, true
		}
	}
	return starlib.Destination{}, false
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
