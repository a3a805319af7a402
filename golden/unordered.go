package golden

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// compareUnordered compares a part whose output may come in any order of its
// lines.
func (p *pair) compareUnordered() {
	mark := len(p.names.log)
	if p.compareShuffled() {
		return
	}
	// A value that is wrapped in another way is more lines, or fewer. It can
	// only be told in order.
	p.names.undo(mark)
	p.units = compareLines(nil, p.g, p.r, p.g.all(), p.r.all())
	if p.same() && !slices.ContainsFunc(p.units, func(u unit) bool { return !p.names.tryUnit(p, u) }) {
		return
	}
	p.names.undo(mark)
	p.compareShuffled()
}

// compareShuffled compares the header in order and the other lines as a
// multiset. It reports whether all are the same.
func (p *pair) compareShuffled() bool {
	header := p.gHeader
	if header == 0 { // what was typed is not there
		header = min(p.rHeader, len(p.g.lines))
	}
	p.units = compareLines(nil, p.g, p.r, lines{0, header}, lines{0, p.rHeader})
	for i, u := range p.units {
		if !u.same {
			continue
		}
		if broken := p.names.bindUnit(p, u); len(broken) > 0 {
			p.units[i].same = false
			p.file.breaks(broken)
		}
	}
	p.units = append(p.units, newShuffle(p, lines{header, len(p.g.lines)}, lines{p.rHeader, len(p.r.lines)}).match()...)
	return p.same()
}

// A shuffle is lines of a golden and of a run that may be in any order.
type shuffle struct {
	pair *pair
	g, r lines
	// pairOf is, for each golden line, the line of the run that stands for it,
	// or -1; used are the lines of the run that do.
	pairOf []int
	used   []bool
}

func newShuffle(p *pair, g, r lines) *shuffle {
	return &shuffle{pair: p, g: g, r: r, pairOf: slices.Repeat([]int{-1}, g.len()), used: make([]bool, r.len())}
}

// match pairs lines, and returns them as units in the golden's order.
func (s *shuffle) match() []unit {
	gColors, rColors := s.colors()
	for round := len(gColors) - 1; round >= 0; round-- {
		s.matchColors(gColors[round], rColors[round])
	}

	// Lines with the same literal text that are left break an identity.
	var left []int
	for r, used := range s.used {
		if !used {
			left = append(left, r)
		}
	}
	var units []unit
	var broken []Identity
	otherwise := true // the text is equal
	for g, r := range s.pairOf {
		u := unit{g: lines{s.g.from + g, s.g.from + g + 1}, r: lines{s.r.to, s.r.to}, same: r >= 0}
		if r < 0 && len(left) > 0 {
			k := max(0, slices.IndexFunc(left, func(r int) bool { return rColors[0][r] == gColors[0][g] }))
			r = left[k]
			left = slices.Delete(left, k, k+1)
		}
		if r >= 0 {
			u.r = lines{s.r.from + r, s.r.from + r + 1}
		}
		if !u.same {
			if r >= 0 && equal(s.pair.g, s.pair.r, u.g, u.r) {
				broken = append(broken, s.pair.names.bindUnit(s.pair, u)...)
			} else {
				otherwise = false
			}
		}
		units = append(units, u)
	}
	for _, r := range left {
		units = append(units, unit{g: lines{s.g.to, s.g.to}, r: lines{s.r.from + r, s.r.from + r + 1}})
	}
	if otherwise && len(left) == 0 {
		s.pair.file.breaks(broken)
	}
	return units
}

// matchColors pairs lines of the same color, as far as they are the same and
// break no identity: those of the rarest color first, then in order.
func (s *shuffle) matchColors(gColors, rColors []int) {
	byColor := make(map[int][]int)
	for g, color := range gColors {
		if s.pairOf[g] < 0 {
			byColor[color] = append(byColor[color], g)
		}
	}
	var order []int
	for r, color := range rColors {
		if !s.used[r] && len(byColor[color]) > 0 {
			order = append(order, r)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(len(byColor[rColors[a]]), len(byColor[rColors[b]]))
	})
	for _, r := range order {
		candidates := byColor[rColors[r]]
		// Of equal colors nearly any will do; the limit keeps what drifted
		// as a whole from taking quadratic time.
		for k, g := range candidates[:min(len(candidates), 100)] {
			u := unit{
				g: lines{s.g.from + g, s.g.from + g + 1},
				r: lines{s.r.from + r, s.r.from + r + 1},
			}
			if equal(s.pair.g, s.pair.r, u.g, u.r) && s.pair.names.tryUnit(s.pair, u) {
				s.pairOf[g], s.used[r] = r, true
				byColor[rColors[r]] = slices.Delete(candidates, k, k+1)
				break
			}
		}
	}
}

// colors tells lines apart, in rounds: in the first by their literal text but
// for blanks, in the second by all of it, in each further one also by their
// tokens, which are told apart by what they are bound to and by the colors of
// all lines they are in.
func (s *shuffle) colors() (g, r [][]int) {
	ids := make(map[string]int)
	intern := func(key string) int {
		if _, ok := ids[key]; !ok {
			ids[key] = len(ids)
		}
		return ids[key]
	}
	first := func(st *stream, l lines) [][]int {
		loose, exact := make([]int, l.len()), make([]int, l.len())
		for i := range l.len() {
			key, _ := st.key(l.from + i)
			loose[i] = intern("loose " + squeeze(key))
			exact[i] = intern("exact " + key)
		}
		return [][]int{loose, exact}
	}
	g, r = first(s.pair.g, s.g), first(s.pair.r, s.r)
	next := func(st *stream, l lines, colors []int, bound func(token) string) []int {
		type key struct {
			class *class
			text  string
		}
		seen := make(map[key][]string)
		each := func(f func(line, place int, k key, t token)) {
			for i := range colors {
				from, to := st.between(lines{l.from + i, l.from + i + 1})
				for n, t := range st.tokens[from:to] {
					if t.class.identity {
						f(i, n, key{t.class, st.of(t)}, t)
					}
				}
			}
		}
		each(func(line, place int, k key, _ token) {
			seen[k] = append(seen[k], fmt.Sprint(colors[line], ".", place))
		})
		tokens := make(map[key]int)
		finer := make([]string, len(colors))
		for i, c := range colors {
			finer[i] = fmt.Sprint(c)
		}
		each(func(line, place int, k key, t token) {
			if _, ok := tokens[k]; !ok {
				slices.Sort(seen[k])
				tokens[k] = intern("token " + bound(t) + " " + strings.Join(seen[k], " "))
			}
			finer[line] += fmt.Sprint(" ", place, ".", tokens[k])
		})
		out := make([]int, len(colors))
		for i := range finer {
			out[i] = intern("line " + finer[i])
		}
		return out
	}
	n := s.pair.names
	scope := s.pair.part.Scope
	for range 4 {
		last := len(g) - 1
		g = append(g, next(s.pair.g, s.g, g[last], func(t token) string {
			if s := n.table(scope, t.class).byGolden[s.pair.g.of(t)]; s != nil {
				return s.Golden
			}
			return ""
		}))
		r = append(r, next(s.pair.r, s.r, r[last], func(t token) string {
			if s := n.table(scope, t.class).byRun[s.pair.r.of(t)]; s != nil {
				return s.Golden
			}
			return ""
		}))
	}
	return g, r
}
