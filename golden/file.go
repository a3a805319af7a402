package golden

import (
	"iter"
	"slices"
	"strings"
)

// A file is one text beside its golden.
type file struct {
	text   Text
	golden *source // nil when there is none
	parts  []*pair
	broken []Identity
	// reported are those in broken, without their lines.
	reported map[Identity]bool
}

// A pair is one part of a text beside its share of the golden.
type pair struct {
	file  *file
	part  *Part
	lexer *lexer
	// likely tells the ids in its share of the golden.
	likely func(word string) bool
	names  *names
	at     int     // the line of the golden where its share begins
	share  int     // how many lines that is
	g, r   *stream // g is nil when there is no golden
	// gHeader and rHeader are how many lines show what was typed.
	gHeader, rHeader int
	segments         []*segment
	// kept are tokens of the run, by index, which have no identity and stand
	// where the golden has one of their class: they keep its text.
	kept map[int]string
}

func (p *pair) same() bool {
	return !slices.ContainsFunc(p.segments, func(s *segment) bool { return !s.same() })
}

// newFile cuts a text and its golden into parts and tokens.
func newFile(t Text, golden *source, ids *ids, n *names) *file {
	f := &file{text: t, golden: golden}
	lexers := newLexers(t.Parts, ids)
	f.parts = make([]*pair, 0, len(t.Parts))
	for i := range t.Parts {
		p := &pair{file: f, part: &t.Parts[i], lexer: lexers[i], names: n, kept: make(map[int]string)}
		p.r, p.rHeader = p.lexer.cut(p.part.content(), p.part, ids.isKnown)
		p.likely = ids.likely(p.r.text)
		f.parts = append(f.parts, p)
	}
	if golden == nil {
		for _, p := range f.parts {
			p.segments = []*segment{{pair: p, r: p.r.all(), units: []unit{{r: p.r.all()}}}}
		}
		return f
	}
	if len(f.parts) == 0 { // all that the golden has is too much
		p := &pair{file: f, part: &Part{}, names: n, g: newStream(golden.text), r: newStream(""), share: len(golden.at)}
		f.parts = append(f.parts, p)
		return f
	}
	f.align()
	return f
}

// drifted are the units that are not the same, in order, and their parts.
func (f *file) drifted() iter.Seq2[*pair, unit] {
	return func(yield func(*pair, unit) bool) {
		for _, p := range f.parts {
			for _, s := range p.segments {
				for _, u := range s.units {
					if !u.same && !yield(p, u) {
						return
					}
				}
			}
		}
	}
}

// breaks adds broken identities to those of the file, each once.
func (f *file) breaks(broken []Identity) {
	for _, b := range broken {
		once := Identity{Kind: b.Kind, Here: Sight{Golden: b.Here.Golden, Run: b.Here.Run}}
		if f.reported[once] {
			continue
		}
		if f.reported == nil {
			f.reported = make(map[Identity]bool)
		}
		f.reported[once] = true
		f.broken = append(f.broken, b)
	}
}

// A source is the content of a golden file.
type source struct {
	text string   // its lines, each with a newline
	at   []int    // where each begins
	raw  []string // the lines as they are, with their endings
}

func newSource(content string) *source {
	s := &source{text: unix(content), raw: slices.Collect(strings.Lines(content))}
	if s.text != "" && !strings.HasSuffix(s.text, "\n") {
		s.text += "\n"
	}
	s.at = lineStarts(s.text)
	return s
}

func (s *source) line(i int) string { return strings.TrimSuffix(s.slice(lines{i, i + 1}), "\n") }

func (s *source) slice(l lines) string {
	switch {
	case l.len() == 0:
		return ""
	case l.to == len(s.at):
		return s.text[s.at[l.from]:]
	}
	return s.text[s.at[l.from]:s.at[l.to]]
}

// unix makes all line endings \n.
func unix(text string) string {
	if !strings.Contains(text, "\r\n") {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if ended := strings.TrimSuffix(line, "\n"); ended != line {
			line = strings.TrimRight(ended, "\r") + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}
