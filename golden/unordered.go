package golden

import "slices"

// compareUnordered compares segments whose lines may come in any order.
func compareUnordered(segments []*segment) {
	var shuffles []*shuffle
	for _, s := range segments {
		shuffles = append(shuffles, &shuffle{segment: s})
	}
	color(shuffles)
	for _, s := range shuffles {
		p, names := s.pair, s.pair.names
		mark := len(names.log)
		if s.match(); s.same() {
			continue
		}
		// A value that is wrapped in another way is more lines, or fewer. It
		// can only be told in order.
		matched, bound := s.units, slices.Clone(names.log[mark:])
		names.undo(mark)
		s.units = compareLines(p.g, p.r, s.g, s.r)
		if s.same() && !slices.ContainsFunc(s.units, func(u unit) bool { return !names.tryUnit(p, u) }) {
			continue
		}
		names.undo(mark)
		s.units = matched
		names.redo(bound)
	}
}

// A shuffle is a segment whose lines may come in any order.
type shuffle struct {
	*segment
	gLines, rLines []colored
}

// A colored line is one of which it is known in what it differs from others:
// a line of the run can stand for those of the same color in the golden.
type colored struct {
	colors []uint64 // the last is the finest
	mate   int      // the line that it stands for, from the first of g or r, or -1
}

// match pairs lines, and sets the units, in the golden's order.
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
	s.units = s.beside()
}

// beside returns the golden's lines and their mates. A line without one stands
// beside a line of the run without one: one that differs only by an identity
// if there is any, or the next.
func (s *shuffle) beside() []unit {
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
