package golden

import (
	"slices"
	"strings"
)

// align gives each part its share of the golden, which is one plain text.
//
// Where there are shares under which every part is the same, those are taken.
// Otherwise parts are known by their first lines, the prompt and what was
// typed, which are mostly literal: the lines of the run that look like the
// first line of a part, be they one or not, are matched in order with those of
// the golden that do; so a first line that is shown as output misleads nobody,
// since the golden shows it too. Parts in which nothing was typed, and those
// whose first line has changed, are told by what lies between.
func (f *file) align() {
	a := aligner{f: f, runAt: make([]int, len(f.parts)+1), at: make([]int, len(f.parts)+1)}
	for i, p := range f.parts {
		a.runAt[i+1] = a.runAt[i] + len(p.r.lines)
	}
	if len(f.parts) == 1 || a.runAt[len(f.parts)] == len(f.golden.at) { // as most are
		copy(a.at, a.runAt)
		a.at[len(f.parts)] = len(f.golden.at)
		a.share()
		if len(f.parts) == 1 || !slices.ContainsFunc(f.parts, func(p *pair) bool { return !p.fits() }) {
			return
		}
	}
	for i := range f.parts {
		a.at[i] = -1
	}
	a.at[0], a.at[len(f.parts)] = 0, len(f.golden.at)
	if !a.exactly(0, len(f.parts)) {
		a.byFirstLines()
		for from := 0; from < len(f.parts); {
			to := from + 1
			for a.at[to] < 0 {
				to++
			}
			a.split(from, to)
			from = to
		}
	}
	a.share()
}

// An aligner knows the lines where the parts begin in the run and in the
// golden, and where the last one ends; at is -1 where it is not known yet.
type aligner struct {
	f         *file
	runAt, at []int
}

// share gives the parts their shares.
func (a *aligner) share() {
	for i, p := range a.f.parts {
		p.at, p.share = a.at[i], a.at[i+1]-a.at[i]
		text := a.f.golden.slice(lines{a.at[i], a.at[i+1]})
		p.g, p.gHeader = p.lexer.cut(text, p.part, p.likely)
	}
}

// fits reports whether a part and its share are the same but for identities.
func (p *pair) fits() bool {
	return !slices.ContainsFunc(p.divide(), func(s *segment) bool { return !s.fits() })
}

// typed reports whether the first line of a part shows what was typed.
func (p *pair) typed() bool { return len(p.part.Typed) > 0 && len(p.r.lines) > 0 }

// whole cuts a text of which it is not known what was typed in it.
func (l *lexer) whole(text string, isID func(string) bool) *stream {
	s := newStream(text)
	if text != "" {
		s.tokens = l.scan(nil, text, 0, len(text)-1, typed{}, isID)
	}
	return s
}

// byFirstLines finds parts by the lines where they were typed.
func (a *aligner) byFirstLines() {
	var run strings.Builder
	parts := make(map[*lexer][]int)
	var order []*lexer
	for i, p := range a.f.parts {
		run.WriteString(p.r.text)
		if !p.typed() {
			continue
		}
		if parts[p.lexer] == nil {
			order = append(order, p.lexer)
		}
		parts[p.lexer] = append(parts[p.lexer], i)
	}
	rs, gs := make([]string, a.runAt[len(a.f.parts)]), make([]string, len(a.f.golden.at))
	for _, l := range order {
		r, g := l.whole(run.String(), l.ids.isKnown), l.whole(a.f.golden.text, l.ids.likely(run.String()))
		firsts := make(map[string]bool)
		for _, i := range parts[l] {
			if key, ok := r.key(a.runAt[i]); ok {
				firsts[key] = true
			}
		}
		mark := func(keys []string, s *stream) {
			for i := range keys {
				if key, ok := s.key(i); ok && keys[i] == "" && firsts[key] {
					keys[i] = "\x00" + key
				}
			}
		}
		mark(rs, r)
		mark(gs, g)
	}
	rAt, rKeys := marked(rs)
	gAt, gKeys := marked(gs)
	goldenOf := make(map[int]int)
	for _, p := range match(gKeys, rKeys) {
		goldenOf[rAt[p[1]]] = gAt[p[0]]
	}
	for i := 1; i < len(a.f.parts); i++ {
		if g, ok := goldenOf[a.runAt[i]]; ok && a.f.parts[i].typed() {
			a.at[i] = g
		}
	}
}

// marked returns the keys that are not empty, and where they are.
func marked(keys []string) (at []int, found []string) {
	for i, k := range keys {
		if k != "" {
			at, found = append(at, i), append(found, k)
		}
	}
	return at, found
}

// split finds the parts between two that are found, as well as can be: behind
// what is the same as the part before, or else where a comparison puts them
// that knows of no parts.
func (a *aligner) split(from, to int) {
	if to == from+1 || a.exactly(from, to) {
		return
	}
	a.byTyped(from, to)
	a.byPrompt(from, to)
	var units []unit
	for i := from + 1; i < to; i++ {
		if a.at[i] >= 0 {
			continue
		}
		if at, ok := a.behind(i - 1); ok {
			a.at[i] = at
			continue
		}
		if units == nil {
			units = a.compare(from, to)
		}
		if len(units) == 0 { // there is nothing between
			a.at[i] = a.at[from]
			continue
		}
		for len(units) > 1 && units[0].r.to <= a.runAt[i] {
			units = units[1:]
		}
		u := units[0]
		at := min(u.g.from+a.runAt[i]-u.r.from, u.g.to)
		a.at[i] = min(max(at, a.at[i-1]), a.found(i+1))
	}
}

// compare compares parts with their share of the golden as one text, as the
// first part's kinds see it.
func (a *aligner) compare(from, to int) []unit {
	var run strings.Builder
	for _, p := range a.f.parts[from:to] {
		run.WriteString(p.r.text)
	}
	l := a.f.parts[from].lexer
	r := l.whole(run.String(), l.ids.isKnown)
	g := l.whole(a.f.golden.slice(lines{a.at[from], a.at[to]}), l.ids.likely(run.String()))
	r.wraps = a.f.parts[from].part.Wraps
	units := compareLines(g, r, g.all(), r.all())
	for i := range units {
		units[i].g = lines{units[i].g.from + a.at[from], units[i].g.to + a.at[from]}
		units[i].r = lines{units[i].r.from + a.runAt[from], units[i].r.to + a.runAt[from]}
	}
	return units
}

// byTyped finds parts by what was typed, behind another prompt: a prompt that
// counts is another when a step came before it.
func (a *aligner) byTyped(from, to int) {
	var parts []int
	var rKeys []string
	for i := from + 1; i < to; i++ {
		if p := a.f.parts[i]; p.typed() && p.part.Typed[0] != "" {
			parts, rKeys = append(parts, i), append(rKeys, p.part.Typed[0])
		}
	}
	if len(parts) == 0 {
		return
	}
	var at []int
	var gKeys []string
	for i := a.at[from] + 1; i < a.at[to]; i++ {
		line, best := a.f.golden.line(i), ""
		for _, t := range rKeys {
			if len(t) > len(best) && strings.HasSuffix(line, t) {
				best = t
			}
		}
		if best != "" {
			at, gKeys = append(at, i), append(gKeys, best)
		}
	}
	for _, p := range match(gKeys, rKeys) {
		a.at[parts[p[1]]] = at[p[0]]
	}
}

// byPrompt finds parts by their prompt, behind which something else was typed.
func (a *aligner) byPrompt(from, to int) {
	for i := from + 1; i < to; i++ {
		p := a.f.parts[i]
		if a.at[i] >= 0 || !p.typed() {
			continue
		}
		prompt, ok := strings.CutSuffix(p.r.line(0), p.part.Typed[0])
		if !ok || strings.TrimSpace(prompt) == "" {
			continue
		}
		before := i - 1
		for a.at[before] < 0 {
			before--
		}
		for g := a.at[before] + 1; g < a.found(i); g++ {
			if strings.HasPrefix(a.f.golden.line(g), prompt) {
				a.at[i] = g
				break
			}
		}
	}
}

// exactly finds shares under which all parts between two that are found are the
// same, if there are any. An optional line at the end of a part may be the next
// one's as well, so each is tried.
func (a *aligner) exactly(from, to int) bool {
	const tries = 10_000 // far more than there are where a part ends in few optional lines
	limit, failed := a.at[to], make(map[[2]int]bool)
	var fit func(i, at int) bool
	fit = func(i, at int) bool {
		if i == to {
			return at == limit
		}
		if failed[[2]int{i, at}] || len(failed) > tries {
			return false
		}
		end, ok := a.end(i, at, limit)
		for ; ok; end++ {
			if fit(i+1, end) {
				a.at[i] = at
				return true
			}
			ok = end < limit && a.f.parts[i].part.optional(a.f.golden.line(end))
		}
		failed[[2]int{i, at}] = true
		return false
	}
	return fit(from, a.at[from])
}

// end returns where the lines end that are the same as all of part i, if it
// begins at a line of the golden. It is behind the last that is not optional.
func (a *aligner) end(i, from, limit int) (end int, ok bool) {
	p := *a.f.parts[i]
	n := len(p.r.lines)
	if n == 0 {
		return from, true
	}
	window := 2*n + 20 // lines that are wrapped in another way are more
	if p.part.Unordered {
		window = n // it has as many lines, in whatever order
	}
	end = from
	for k := 0; end < limit && k < window; end++ {
		if end < from+p.rHeader || !p.part.optional(a.f.golden.line(end)) {
			k++
		}
	}
	p.g, p.gHeader = p.lexer.cut(a.f.golden.slice(lines{from, end}), p.part, p.likely)
	if p.part.Unordered {
		return end, len(p.g.lines) == n && p.fits()
	}
	units := walk(nil, p.g, p.r, p.g.all(), p.r.all())
	if len(units) == 0 || units[len(units)-1].r.to < n {
		return 0, false
	}
	return from + p.g.index(units[len(units)-1].g.to-1) + 1, true
}

// behind returns where part i+1 begins if all of part i is the same.
func (a *aligner) behind(i int) (at int, ok bool) {
	limit := a.found(i + 1)
	at, ok = a.end(i, a.at[i], limit)
	for ok && at < limit && a.f.parts[i].part.optional(a.f.golden.line(at)) {
		at++
	}
	return at, ok
}

// found returns where the first part from i on begins that is found.
func (a *aligner) found(i int) int {
	for a.at[i] < 0 {
		i++
	}
	return a.at[i]
}
