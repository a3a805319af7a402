package golden

import "slices"

// compareUnordered compares parts whose output may come in any order of its
// lines.
func compareUnordered(pairs []*pair) {
	var shuffles []*shuffle
	for _, p := range pairs {
		shuffles = append(shuffles, newShuffle(p))
	}
	color(shuffles)
	for _, s := range shuffles {
		p, mark := s.pair, len(s.pair.names.log)
		if s.match(); p.same() {
			continue
		}
		// A value that is wrapped in another way is more lines, or fewer. It
		// can only be told in order.
		p.names.undo(mark)
		p.units = compareLines(p.g, p.r, p.g.all(), p.r.all())
		if p.same() && !slices.ContainsFunc(p.units, func(u unit) bool { return !p.names.tryUnit(p, u) }) {
			continue
		}
		p.names.undo(mark)
		s.match()
	}
}

// A shuffle is the lines of a part of the golden and of the run that may come
// in any order, and those before, its header.
type shuffle struct {
	pair           *pair
	header         []unit
	g, r           lines
	gLines, rLines []colored
}

// A colored line is one of which it is known in what it differs from others:
// a line of the run can stand for those of the same color in the golden.
type colored struct {
	colors []uint64 // the last is the finest
	mate   int      // the line that it stands for, from the first of g or r, or -1
}

func newShuffle(p *pair) *shuffle {
	header := p.gHeader
	if header == 0 { // what was typed is not in the golden
		header = min(p.rHeader, len(p.g.lines))
	}
	s := &shuffle{pair: p, g: lines{header, len(p.g.lines)}, r: lines{p.rHeader, len(p.r.lines)}}
	s.header = compareLines(p.g, p.r, lines{0, header}, lines{0, p.rHeader})
	for i, u := range s.header {
		if !u.same {
			continue
		}
		if broken := p.names.bindUnit(p, u); len(broken) > 0 {
			s.header[i].same = false
			p.file.breaks(broken)
		}
	}
	return s
}

// match pairs lines, and sets the units of the pair, in the golden's order.
func (s *shuffle) match() {
	for i := range s.gLines {
		s.gLines[i].mate = -1
	}
	for i := range s.rLines {
		s.rLines[i].mate = -1
	}
	rounds := 0
	if len(s.gLines) > 0 {
		rounds = len(s.gLines[0].colors)
	}
	for round := rounds - 1; round >= 0; round-- {
		s.matchColors(round)
	}

	s.pair.units = append(slices.Clone(s.header), s.units()...)
}

// units returns the golden's lines and their mates. A line without one stands
// beside a line of the run without one: one that differs only by an identity
// if there is any, or the next.
func (s *shuffle) units() []unit {
	alike := make(map[uint64][]int)
	for r, line := range s.rLines {
		if line.mate < 0 {
			alike[line.colors[0]] = append(alike[line.colors[0]], r)
		}
	}
	beside := make([]int, len(s.gLines)) // the golden's lines
	taken := make([]bool, len(s.rLines))
	for g, line := range s.gLines {
		beside[g] = line.mate
		if like := alike[line.colors[0]]; line.mate < 0 && len(like) > 0 {
			beside[g], alike[line.colors[0]] = like[0], like[1:]
		}
		if beside[g] >= 0 {
			taken[beside[g]] = true
		}
	}
	var left []int // lines of the run
	for r := range s.rLines {
		if !taken[r] {
			left = append(left, r)
		}
	}

	var units []unit
	var broken []Identity
	otherwise := len(left) == 0 // the text is the same
	for g, r := range beside {
		u := unit{g: s.g.line(g), r: lines{s.r.to, s.r.to}, same: s.gLines[g].mate >= 0}
		if r < 0 && len(left) > 0 {
			r, left = left[0], left[1:]
		}
		if r >= 0 {
			u.r = s.r.line(r)
		}
		switch {
		case u.same:
		case r >= 0 && equal(s.pair.g, s.pair.r, u.g, u.r):
			broken = append(broken, s.pair.names.bindUnit(s.pair, u)...)
		default:
			otherwise = false
		}
		units = append(units, u)
	}
	for _, r := range left {
		units = append(units, unit{g: lines{s.g.to, s.g.to}, r: s.r.line(r)})
	}
	if otherwise {
		s.pair.file.breaks(broken)
	}
	return units
}

// matchColors pairs lines that have the same color in a round, in order, as far
// as they are the same and break no identity.
func (s *shuffle) matchColors(round int) {
	byColor := make(map[uint64][]int)
	for g, line := range s.gLines {
		if line.mate < 0 {
			byColor[line.colors[round]] = append(byColor[line.colors[round]], g)
		}
	}
	for r := range s.rLines {
		line := &s.rLines[r]
		if line.mate >= 0 {
			continue
		}
		golden := byColor[line.colors[round]]
		// Of equal colors nearly any will do; the limit keeps what drifted as
		// a whole from taking quadratic time.
		for k, g := range golden[:min(len(golden), 100)] {
			u := unit{g: s.g.line(g), r: s.r.line(r)}
			if !equal(s.pair.g, s.pair.r, u.g, u.r) || !s.pair.names.tryUnit(s.pair, u) {
				continue
			}
			s.gLines[g].mate, line.mate = r, g
			copy(golden[1:], golden[:k]) // without the kth, in order
			byColor[line.colors[round]] = golden[1:]
			break
		}
	}
}
