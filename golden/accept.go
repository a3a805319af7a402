package golden

import (
	"slices"
	"strings"
)

// name is what the golden calls a token of the run.
func (p *pair) name(i int) string {
	t := p.r.tokens[i]
	own := p.r.of(t)
	if t.class.identity {
		if s := p.names.table(p.part.Scope, t.class).byRun[own]; s != nil {
			return s.Golden
		}
	} else if kept, ok := p.kept[i]; ok {
		return kept
	}
	return own
}

// renamed returns lines of the run with the tokens called as the golden does.
func (p *pair) renamed(l lines) []string {
	if l.len() == 0 {
		return nil
	}
	var b strings.Builder
	at, end := p.r.lines[l.from], p.r.end(l.to-1)
	first, last := p.r.between(l)
	for i := first; i < last; i++ {
		t := p.r.tokens[i]
		if t.class.depth > 0 || t.start < at {
			continue
		}
		b.WriteString(p.r.text[at:t.start])
		b.WriteString(p.name(i))
		at = t.end
	}
	if at < end {
		b.WriteString(p.r.text[at:end])
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// An edit is one line on the way from the golden to what it should become.
type edit struct {
	mark byte   // '-' in the golden only, '+' in the run only, ' ' in both
	line string // without its ending
	raw  string // the golden's, with its ending
}

// edits returns the lines of a part of the golden, and those of the run that
// differ. Optional lines stay as the golden has them, but for those that would
// come to stand before what was typed.
func (p *pair) edits() []edit {
	golden := p.file.golden
	edits := make([]edit, 0, p.share)
	add := func(mark byte, line int) {
		edits = append(edits, edit{mark, golden.line(p.at + line), golden.raw[p.at+line]})
	}
	next, shown := 0, 0 // lines of the golden's share, and of the run
	upTo := func(line int) {
		for ; next < line; next++ {
			if shown < p.rHeader {
				add('-', next)
			} else {
				add(' ', next)
			}
		}
	}
	for _, s := range p.segments {
		for _, u := range s.units {
			mark := byte('-')
			if u.same {
				mark = ' '
			}
			for i := u.g.from; i < u.g.to; i++ {
				upTo(p.g.index(i))
				add(mark, next)
				next++
			}
			if !u.same {
				for _, line := range p.renamed(u.r) {
					edits = append(edits, edit{mark: '+', line: line})
				}
			}
			shown = max(shown, u.r.to)
		}
	}
	upTo(p.share)
	return edits
}

// accept returns the content that makes the golden the run's: the golden's own
// bytes where it has not drifted.
func accept(edits []edit, golden *source) string {
	ending := "\n"
	if len(golden.raw) > 0 && strings.HasSuffix(golden.raw[0], "\r\n") {
		ending = "\r\n"
	}
	var b strings.Builder
	size := 0
	for _, e := range edits {
		size += max(len(e.line)+len(ending), len(e.raw))
	}
	b.Grow(size)
	open := false // the line written last has no ending
	for _, e := range edits {
		if e.mark == '-' {
			continue
		}
		if open {
			b.WriteString(ending)
		}
		if e.mark == '+' {
			b.WriteString(e.line)
			b.WriteString(ending)
			open = false
		} else {
			b.WriteString(e.raw)
			open = !strings.HasSuffix(e.raw, "\n")
		}
	}
	return b.String()
}

// context is how many lines that did not drift are shown around one that did.
const context = 3

func (f *file) verdict() Verdict {
	v := Verdict{Name: f.text.Name, Broken: f.broken, Parts: make([]PartVerdict, len(f.text.Parts))}
	if len(f.text.Parts) > 0 {
		v.Pos = f.text.Parts[0].Pos
	}
	if f.golden == nil {
		v.State = New
		for i := range v.Parts {
			v.Parts[i].State = New
		}
		var b strings.Builder
		for _, p := range f.parts {
			for _, line := range p.renamed(p.r.all()) {
				b.WriteString(line + "\n")
			}
		}
		v.Accept = b.String()
		return v
	}
	if !slices.ContainsFunc(f.parts, func(p *pair) bool { return !p.same() }) {
		v.Accept = strings.Join(f.golden.raw, "")
		return v
	}
	var all []edit
	line := 1
	for i, p := range f.parts {
		edits := p.edits()
		if !p.same() {
			if v.State == Same {
				v.State, v.Pos = Drifted, p.part.Pos
			}
			if i < len(v.Parts) {
				v.Parts[i] = PartVerdict{Drifted, diff(edits, p.at+1, line, context)}
			}
		}
		for _, e := range edits {
			if e.mark != '-' {
				line++
			}
		}
		all = append(all, edits...)
	}
	if len(v.Parts) == 1 {
		v.Diff = v.Parts[0].Diff
	} else {
		v.Diff = diff(all, 1, 1, context)
	}
	v.Accept = accept(all, f.golden)
	return v
}
