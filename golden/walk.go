package golden

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lines are those from one to before another, by index.
type lines struct{ from, to int }

func (l lines) len() int { return l.to - l.from }

// line is the ith of them.
func (l lines) line(i int) lines { return lines{l.from + i, l.from + i + 1} }

// A unit is some lines of a golden and what stands for them in the run.
type unit struct {
	g, r lines
	same bool
}

// walk goes through lines of a golden and of a run side by side, as far as
// they are equal up to renaming, whatever the identity of their tokens. It
// appends a unit at each line end that both have in common.
func walk(units []unit, gs, rs *stream, g, r lines) []unit {
	if g.len() == 0 || r.len() == 0 {
		return units
	}
	w := walker{g: newCursor(gs, g), r: newCursor(rs, r), layout: layout{wraps: rs.wraps}, units: units, done: unit{g, r, true}}
	for w.step() {
	}
	return w.units
}

// equal reports whether walk goes through all lines.
func equal(gs, rs *stream, g, r lines) bool {
	units := walk(nil, gs, rs, g, r)
	if len(units) == 0 {
		return g.len() == 0 && r.len() == 0
	}
	last := units[len(units)-1]
	return last.g.to == g.to && last.r.to == r.to
}

type walker struct {
	g, r   cursor
	layout layout
	units  []unit
	done   unit // the lines that are yet in no unit
}

// step goes over one token, gap or word in both texts. It returns false where
// they differ or end.
func (w *walker) step() bool {
	g, r := &w.g, &w.r
	if g.at == g.end || r.at == r.end {
		return false
	}
	if g.atToken() && r.atToken() {
		return w.token()
	}
	if a, b := g.gap(), r.gap(); a != "" || b != "" {
		return w.gap(a, b)
	}
	if g.atToken() || r.atToken() {
		return false
	}
	a, b := g.literal(), r.literal()
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] && !isBlank(a[n]) {
		n++
	}
	g.at += n
	r.at += n
	return n > 0
}

// token goes over a token and those that are nested in it.
func (w *walker) token() bool {
	g, r := w.g.group(), w.r.group()
	if len(g) != len(r) {
		return false
	}
	for i := range g {
		if g[i].class != r[i].class {
			return false
		}
	}
	a, b := w.g.skip(g), w.r.skip(r)
	w.layout.token(len(a) != len(b))
	return true
}

// gap goes over blanks and line breaks. One text may have none.
func (w *walker) gap(a, b string) bool {
	g, r := &w.g, &w.r
	starts := g.at == g.start && r.at == r.start
	before, _ := utf8.DecodeLastRuneInString(g.s.text[g.start:g.at])
	g.at += len(a)
	r.at += len(b)
	after, _ := utf8.DecodeRuneInString(g.s.text[g.at:])
	if !w.layout.chunkEnds() {
		return false
	}
	m, n := strings.Count(a, "\n"), strings.Count(b, "\n")
	switch {
	case a == b:
		if n > 0 && !w.layout.stretchEnds() {
			return false
		}
		for range n {
			w.lineEnds()
		}
	case m > 0 && n > 0:
		return w.breaksDiffer(a, b)
	case starts: // as behind a line break
		if m != n {
			return false
		}
		w.layout.breaksDiffer()
	case m > 0 || n > 0:
		// A program that wraps breaks no word, and adds no empty line.
		if m+n > 1 || (a == "" || b == "") && isWord(before) && isWord(after) {
			return false
		}
		g.line += m
		r.line += n
		w.layout.breaksDiffer()
	case a == "" || b == "":
		return false
	default:
		w.layout.blanksDiffer()
	}
	return true
}

// breaksDiffer goes over line breaks with different blanks around. There must
// be as many in both texts: a program that wraps adds no empty line.
func (w *walker) breaksDiffer(a, b string) bool {
	as, bs := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	over := w.g.at == w.g.end || w.r.at == w.r.end || len(as) != len(bs)
	if as[0] != bs[0] {
		w.layout.breaksDiffer()
	}
	if over && !w.layout.stretchEnds() {
		return false
	}
	n := 0
	if !w.layout.excused {
		for n < len(as)-1 && n < len(bs)-1 && (n == 0 || as[n] == bs[n]) {
			w.lineEnds()
			n++
		}
	}
	w.g.line += len(as) - 1 - n
	w.r.line += len(bs) - 1 - n
	w.layout.breaksDiffer()
	return !over
}

// lineEnds ends a unit at a line break that is in both texts.
func (w *walker) lineEnds() {
	w.g.line++
	w.r.line++
	w.done.g.to, w.done.r.to = w.g.line, w.r.line
	w.units = append(w.units, w.done)
	w.done.g.from, w.done.r.from = w.g.line, w.r.line
}

// layout decides which differences of blanks and line breaks a token of
// another length excuses.
//
// Blanks are excused on either side of the chunk, a run of characters without
// blanks, in which such a token stands. If the program wraps, a line break that
// only one text has, and the indentation behind one that both have, are excused
// anywhere in the stretch in which such a token stands: a program that cannot
// fit a value on a line breaks it in other places as well. A stretch reaches
// from one line break to another that both texts have, with the same blanks
// around.
type layout struct {
	wraps                  bool
	chunk, stretch         bool // such a token was seen
	owedChunk, owedStretch bool // a difference was seen that must still be excused
	excused                bool // a difference was seen in this stretch
	lastChunk              bool
}

func (l *layout) token(otherLength bool) {
	l.chunk = l.chunk || otherLength
	l.stretch = l.stretch || otherLength && l.wraps
}

func (l *layout) blanksDiffer() {
	l.excused = true
	l.owedChunk = !l.lastChunk
}

func (l *layout) breaksDiffer() {
	l.excused = true
	l.owedStretch = true
}

// chunkEnds reports whether the chunk excuses what it had to.
func (l *layout) chunkEnds() bool {
	ok := l.chunk || !l.owedChunk
	l.lastChunk = l.chunk
	l.chunk, l.owedChunk = false, false
	return ok
}

// stretchEnds reports whether the stretch excuses what it had to.
func (l *layout) stretchEnds() bool {
	ok := l.stretch || !l.owedStretch
	*l = layout{wraps: l.wraps}
	return ok
}

// A cursor is a place in some lines of a stream.
type cursor struct {
	s              *stream
	start, at, end int
	line           int
	next           int // the first token that begins at or after at
}

func newCursor(s *stream, l lines) cursor {
	start := s.lines[l.from]
	return cursor{s: s, start: start, at: start, end: s.end(l.to - 1), line: l.from, next: s.from(start)}
}

// stop is where the literal text ends in which the cursor is.
func (c *cursor) stop() int {
	if c.next < len(c.s.tokens) {
		return min(c.s.tokens[c.next].start, c.end)
	}
	return c.end
}

func (c *cursor) atToken() bool {
	return c.next < len(c.s.tokens) && c.s.tokens[c.next].start == c.at
}

func (c *cursor) literal() string { return c.s.text[c.at:c.stop()] }

// gap returns the blanks and line breaks that the cursor stands before.
func (c *cursor) gap() string {
	end, stop := c.at, c.stop()
	for end < stop && isBlank(c.s.text[end]) {
		end++
	}
	return c.s.text[c.at:end]
}

// group returns the token that the cursor stands before and those nested in it.
func (c *cursor) group() []token {
	rest := c.s.tokens[c.next:]
	return rest[:groupSize(rest)]
}

// skip goes over a group and returns its text.
func (c *cursor) skip(group []token) string {
	text := c.s.of(group[0])
	c.line += strings.Count(text, "\n")
	c.at = group[0].end
	c.next += len(group)
	return text
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
