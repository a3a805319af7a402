package golden

import "hash/maphash"

// color tells the lines of shuffles apart, in rounds: in the first by their
// literal text but for blanks, in the second by all of it, in each further one
// also by their tokens, which are told apart by what they are bound to and by
// the colors and columns of all the lines, in all the parts, that they are in.
func color(shuffles []*shuffle) {
	var g, r side
	for i, s := range shuffles {
		s.gLines, s.rLines = g.add(i, s.pair, s.pair.g, s.g), r.add(i, s.pair, s.pair.r, s.r)
	}
	g.bound(func(t *table, text string) *Sight { return t.byGolden[text] })
	r.bound(func(t *table, text string) *Sight { return t.byRun[text] })
	// Each round that tells more lines apart may help the next, as along a
	// chain; the limit is for chains that are longer than any text's.
	for range 32 {
		if g.refine()+r.refine() == 0 {
			break
		}
	}
}

// A side is all the lines to color of the goldens, or of the run.
type side struct {
	lines  []*colored
	colors int // how many different ones they have
	tokens []coloredToken
	index  map[tableToken]int // in tokens
	// in are the occurrences of the tokens.
	in []struct{ line, column, token int }
}

type tableToken struct {
	table *table
	text  string
}

type coloredToken struct {
	tableToken
	color, next uint64
}

// add adds lines of part i and returns them in their first colors.
func (s *side) add(i int, p *pair, st *stream, l lines) []colored {
	if s.index == nil {
		s.index = make(map[tableToken]int)
	}
	added := make([]colored, l.len())
	for k := range added {
		key, _ := st.key(l.from + k)
		added[k].colors = []uint64{
			mix(uint64(i), maphash.String(seed, squeeze(key))),
			mix(uint64(i), maphash.String(seed, key)),
		}
		s.lines = append(s.lines, &added[k])
		first, last := st.between(l.line(k))
		for column, t := range st.tokens[first:last] {
			if !t.class.identity {
				continue
			}
			at := tableToken{p.names.table(p.part.Scope, t.class), st.of(t)}
			n, ok := s.index[at]
			if !ok {
				n = len(s.tokens)
				s.index[at] = n
				s.tokens = append(s.tokens, coloredToken{tableToken: at})
			}
			s.in = append(s.in, struct{ line, column, token int }{len(s.lines) - 1, column, n})
		}
	}
	return added
}

// bound gives those tokens their color that are bound already.
func (s *side) bound(sight func(*table, string) *Sight) {
	for i, t := range s.tokens {
		if b := sight(t.table, t.text); b != nil {
			s.tokens[i].color = maphash.String(seed, b.Golden)
		}
	}
}

// refine adds a round of colors, and returns how many more there are. Sums make
// sets of colors, which have no order.
func (s *side) refine() (more int) {
	for _, in := range s.in {
		line := s.lines[in.line].colors
		s.tokens[in.token].next += mix(uint64(in.column), line[len(line)-1])
	}
	for i := range s.tokens {
		t := &s.tokens[i]
		t.color, t.next = mix(t.color, t.next), 0
	}
	for _, line := range s.lines {
		line.colors = append(line.colors, line.colors[len(line.colors)-1])
	}
	for _, in := range s.in {
		line := s.lines[in.line].colors
		line[len(line)-1] += mix(uint64(in.column)+1, s.tokens[in.token].color)
	}
	different := make(map[uint64]bool)
	for _, line := range s.lines {
		different[line.colors[len(line.colors)-1]] = true
	}
	more, s.colors = len(different)-s.colors, len(different)
	return more
}

var seed = maphash.MakeSeed()

// mix makes one color of two; the order matters.
func mix(a, b uint64) uint64 {
	x := (a+0x9e3779b97f4a7c15)*0xbf58476d1ce4e5b9 ^ b
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
