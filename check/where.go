package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"scenario/golden/article"
	"scenario/starlib"
)

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
