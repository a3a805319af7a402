package golden

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"scenario/runner"
)

// A world is a made-up run: what its terminals show, with the tokens left
// open. Rendered with two different namings it gives a golden and a run that
// are the same.
type world struct {
	texts []worldText
}

type worldText struct {
	name  string
	scope int
	parts []worldPart
}

type worldPart struct {
	typed     []string
	unordered bool
	between   bool // only lines between two marks are unordered
	lines     []worldLine
}

// A worldLine is words and tokens with a blank between, or a list of them,
// which is broken when it is too long for the line.
type worldLine struct {
	list     bool
	optional bool // it is rendered or not, by chance
	atoms    []atom
}

type atom struct {
	word string // or
	what string // the kind of a token
	id   int    // which one it is
	node int    // on which node, for a remote pid
}

var worldKinds = append(slices.Clone(beam), kind("took", `\d+us`, false))

var (
	marks   = &runner.Between{From: regexp.MustCompile("^<<$"), To: regexp.MustCompile("^>>$")}
	perhaps = regexp.MustCompile("^perhaps")
)

var words = []string{"ok", "元氣", "nodes", "{:ok,", "exited", "=>", "x1", "0.5", "", "up  down", "ですか！", "42", "a,b", "[]", "%{}"}

func newWorld(r *rand.Rand) *world {
	w := &world{}
	for i := range 1 + r.IntN(4) {
		t := worldText{name: fmt.Sprint("t", i), scope: r.IntN(2)}
		for range 1 + r.IntN(5) {
			t.parts = append(t.parts, newPart(r))
		}
		w.texts = append(w.texts, t)
	}
	return w
}

func newPart(r *rand.Rand) worldPart {
	p := worldPart{unordered: r.IntN(4) == 0}
	p.between = p.unordered && r.IntN(2) == 0
	for range r.IntN(3) {
		p.typed = append(p.typed, fmt.Sprintf("%s(%d)", []string{"self", "spawn", "send", "flush"}[r.IntN(4)], r.IntN(3)))
	}
	for range r.IntN(6) {
		p.lines = append(p.lines, newLine(r, !p.unordered))
	}
	for range max(r.IntN(6)-3, 0) {
		l := newLine(r, false)
		l.optional = true
		l.atoms = slices.Insert(l.atoms, 0, atom{word: "perhaps"})
		p.lines = slices.Insert(p.lines, r.IntN(len(p.lines)+1), l)
	}
	if len(p.typed)+len(p.lines) == 0 || !slices.ContainsFunc(p.lines, func(l worldLine) bool { return !l.optional }) && len(p.typed) == 0 {
		p.lines = []worldLine{{atoms: []atom{{word: "only"}}}}
	}
	return p
}

func newLine(r *rand.Rand, lists bool) worldLine {
	l := worldLine{list: lists && r.IntN(4) == 0}
	for range 1 + r.IntN(5) {
		if r.IntN(2) == 0 {
			word := words[r.IntN(len(words))]
			if l.list && strings.TrimSpace(word) == "" {
				word = "nil"
			}
			l.atoms = append(l.atoms, atom{word: word})
		} else {
			what := []string{"pid", "remote", "ref", "port", "took"}[r.IntN(5)]
			l.atoms = append(l.atoms, atom{what: what, id: r.IntN(5), node: r.IntN(2)})
		}
	}
	return l
}

// change makes the script or the world another one.
func (w *world) change(r *rand.Rand) {
	t := &w.texts[r.IntN(len(w.texts))]
	if r.IntN(3) == 0 { // a step
		i := r.IntN(len(t.parts))
		if r.IntN(2) == 0 && len(t.parts) > 1 {
			t.parts = slices.Delete(slices.Clone(t.parts), i, i+1)
		} else {
			t.parts = slices.Insert(slices.Clone(t.parts), i, newPart(r))
		}
		return
	}
	p := &t.parts[r.IntN(len(t.parts))]
	i := r.IntN(len(p.lines) + 1)
	if r.IntN(2) == 0 && len(p.lines) > i && len(p.typed)+len(p.lines) > 1 {
		p.lines = slices.Delete(slices.Clone(p.lines), i, i+1)
	} else {
		p.lines = slices.Insert(slices.Clone(p.lines), i, newLine(r, !p.unordered))
	}
}

// A naming calls the tokens of a world, differently in each scope.
type naming struct {
	r     *rand.Rand
	wide  bool // texts of different lengths
	names map[string]string
	taken map[string]bool
}

func newNaming(r *rand.Rand, wide bool) *naming {
	return &naming{r, wide, map[string]string{}, map[string]bool{}}
}

func (n *naming) number() int {
	if n.wide {
		return n.r.IntN([]int{8, 100, 1000, 1000000}[n.r.IntN(4)]) + 1
	}
	return 100 + n.r.IntN(900)
}

// name is a number for an entity that no other has.
func (n *naming) name(scope int, what string, id int) string {
	key := fmt.Sprint(scope, what, id)
	for n.names[key] == "" {
		name := fmt.Sprint(n.number())
		if taken := fmt.Sprint(scope, what, " ", name); !n.taken[taken] {
			n.names[key], n.taken[taken] = name, true
		}
	}
	return n.names[key]
}

func (n *naming) atom(scope int, a atom) string {
	switch a.what {
	case "pid":
		return "#PID<0." + n.name(scope, "pid", a.id) + ".0>"
	case "remote":
		return "#PID<" + n.name(scope, "peer", a.node) + "." + n.name(scope, fmt.Sprint("remote", a.node), a.id) + ".0>"
	case "ref":
		return "#Reference<0." + n.name(scope, "ref", a.id) + ".1.2>"
	case "port":
		return "#Port<0." + n.name(scope, "port", a.id) + ">"
	case "took":
		return fmt.Sprint(n.number(), "us")
	}
	return a.word
}

// text renders a world. Unordered lines come in the order that shuffle gives.
func (n *naming) text(w *world, shuffle *rand.Rand) []Text {
	var texts []Text
	for _, t := range w.texts {
		text := Text{Name: t.name}
		counter := 0
		for k, p := range t.parts {
			var lines []string
			for i, typed := range p.typed {
				prompt := "..."
				if i == 0 {
					counter++
					prompt = "iex"
				}
				lines = append(lines, fmt.Sprintf("%s(%d)> %s", prompt, counter, typed))
			}
			var out []string
			for _, l := range p.lines {
				if l.optional && n.r.IntN(2) == 0 {
					continue
				}
				var atoms []string
				for _, a := range l.atoms {
					atoms = append(atoms, n.atom(t.scope, a))
				}
				line := strings.Join(atoms, " ")
				if l.list {
					line = "[" + strings.Join(atoms, ", ") + "]"
					if len(line) > 50 && slices.ContainsFunc(l.atoms, func(a atom) bool { return a.what != "" }) {
						line = "[\n  " + strings.Join(atoms, ",\n  ") + "\n]"
					}
				}
				out = append(out, line)
			}
			if p.unordered && shuffle != nil {
				shuffle.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
			}
			if p.between {
				out = append(append([]string{"<<"}, out...), ">>", "ordered 1", "ordered 2")
			}
			part := Part{
				Text: strings.Join(append(lines, out...), "\n"), Typed: p.typed,
				Scope: fmt.Sprint(t.scope), Wraps: true, Tolerance: runner.Tolerance{
					Kinds: worldKinds, Unordered: p.unordered, Optional: []*regexp.Regexp{perhaps},
				},
				Pos: fmt.Sprint(t.name, ":", k),
			}
			if p.between {
				part.Between = marks
			}
			text.Parts = append(text.Parts, part)
		}
		texts = append(texts, text)
	}
	return texts
}

func goldens(texts []Text) map[string]string {
	have := make(map[string]string)
	for _, t := range texts {
		have[t.Name] = format(t)
	}
	return have
}

// format returns the content of the golden file of a text: its parts' lines,
// each ended by a newline.
func format(t Text) string {
	var b strings.Builder
	for _, p := range t.Parts {
		b.WriteString(p.Text)
		b.WriteByte('\n')
	}
	return unix(b.String())
}
