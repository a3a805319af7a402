package golden

import "slices"

// A segment is some lines of a part, which are compared in order or in any
// order.
type segment struct {
	pair      *pair
	g, r      lines
	unordered bool
	units     []unit
}

// optional reports whether a line may be there or not.
func (p *Part) optional(line string) bool {
	for _, o := range p.Optional {
		if o.MatchString(line) {
			return true
		}
	}
	return false
}

// loose returns which lines behind the header may come in any order.
func (p *Part) loose(s *stream, header int) []lines {
	switch {
	case !p.Unordered:
		return nil
	case p.Between == nil:
		return []lines{{header, len(s.lines)}}
	}
	var found []lines
	from := -1
	for i := header; i < len(s.lines); i++ {
		switch line := s.line(i); {
		case from < 0 && p.Between.From.MatchString(line):
			from = i + 1
		case from >= 0 && p.Between.To.MatchString(line):
			found = append(found, lines{from, i})
			from = -1
		}
	}
	return found
}

// divide returns the segments of a part and its share of the golden. Where the
// two have not as many lines that may come in any order between others, all
// are compared in order.
func (p *pair) divide() []*segment {
	header := p.gHeader
	if header == 0 { // what was typed is not in the golden
		header = min(p.rHeader, len(p.g.lines))
	}
	gs, rs := p.part.loose(p.g, header), p.part.loose(p.r, p.rHeader)
	if len(gs) != len(rs) {
		gs, rs = nil, nil
	}
	var segments []*segment
	add := func(g, r lines, unordered bool) {
		if g.len()+r.len() > 0 {
			segments = append(segments, &segment{pair: p, g: g, r: r, unordered: unordered})
		}
	}
	g, r := p.g.all(), p.r.all()
	for i := range gs {
		add(lines{g.from, gs[i].from}, lines{r.from, rs[i].from}, false)
		add(gs[i], rs[i], true)
		g.from, r.from = gs[i].to, rs[i].to
	}
	add(g, r, false)
	return segments
}

// fits reports whether a segment is the same but for identities. Of lines in
// any order it looks at each on its own.
func (s *segment) fits() bool {
	if s.unordered {
		return slices.Equal(sortedKeys(s.pair.g, s.g), sortedKeys(s.pair.r, s.r))
	}
	return equal(s.pair.g, s.pair.r, s.g, s.r)
}

func (s *segment) same() bool {
	return !slices.ContainsFunc(s.units, func(u unit) bool { return !u.same })
}

// sortedKeys returns the keys of lines, whatever their order and their blanks.
func sortedKeys(s *stream, l lines) []string {
	keys := make([]string, l.len())
	for i := range keys {
		key, _ := s.key(l.from + i)
		keys[i] = squeeze(key)
	}
	slices.Sort(keys)
	return keys
}
