package golden

import (
	"cmp"
	"slices"
	"strings"
)

// names is the renaming of a whole run: for each scope and class, which token
// of the run is which of the goldens'.
type names struct {
	tables map[tableKey]*table
	log    []binding // in order, so that they can be undone
}

type tableKey struct{ scope, class string }

// A table is one-to-one: a token of either side is bound to one of the other.
type table struct {
	byRun, byGolden map[string]*Sight
	tried           map[string]string // by shape, what fresh tried last
}

type binding struct {
	table *table
	sight *Sight
}

func newNames() *names { return &names{tables: make(map[tableKey]*table)} }

func (n *names) table(scope string, c *class) *table {
	if c.global {
		scope = "\x00"
	}
	key := tableKey{scope, c.name}
	t := n.tables[key]
	if t == nil {
		t = &table{
			byRun: make(map[string]*Sight), byGolden: make(map[string]*Sight),
			tried: make(map[string]string),
		}
		n.tables[key] = t
	}
	return t
}

// bind makes the two tokens of a sight one. When either is bound to another
// already, it returns where that was seen.
func (n *names) bind(t *table, s Sight) *Sight {
	if first := t.byGolden[s.Golden]; first != nil {
		if first.Run == s.Run {
			return nil
		}
		return first
	}
	if first := t.byRun[s.Run]; first != nil {
		return first
	}
	t.byRun[s.Run], t.byGolden[s.Golden] = &s, &s
	n.log = append(n.log, binding{t, &s})
	return nil
}

// undo takes back all bindings but the first so many.
func (n *names) undo(to int) {
	for _, b := range n.log[to:] {
		delete(b.table.byRun, b.sight.Run)
		delete(b.table.byGolden, b.sight.Golden)
	}
	n.log = n.log[:to]
}

// redo binds again what was taken back by undo.
func (n *names) redo(log []binding) {
	for _, b := range log {
		b.table.byRun[b.sight.Run], b.table.byGolden[b.sight.Golden] = b.sight, b.sight
	}
	n.log = append(n.log, log...)
}

// bindUnit binds the tokens of a unit that is the same, in order, and returns
// the identities that it breaks.
func (n *names) bindUnit(p *pair, u unit) (broken []Identity) {
	first, last := p.g.between(u.g)
	rFirst, _ := p.r.between(u.r)
	return n.bindTokens(p, p.g.tokens[first:last], p.r.tokens[rFirst:], u.g.from)
}

// bindTokens binds tokens that begin in line or behind it to as many of the
// run, which are of the same classes.
func (n *names) bindTokens(p *pair, gs, rs []token, line int) (broken []Identity) {
	for len(gs) > 0 {
		size := groupSize(gs)
		for p.g.end(line) <= gs[0].start {
			line++
		}
		// What is nested comes first: a pid of another node cannot be one that
		// the golden has on this.
		for k := size - 1; k >= 0 && gs[0].class.identity; k-- {
			here := Sight{Name: p.file.text.Name, Line: p.at + p.g.index(line) + 1, Golden: p.g.of(gs[k]), Run: p.r.of(rs[k])}
			if first := n.bind(n.table(p.part.Scope, gs[k].class), here); first != nil {
				broken = append(broken, Identity{Kind: gs[k].class.label, First: *first, Here: here})
				break
			}
		}
		gs, rs = gs[size:], rs[size:]
	}
	return broken
}

// tryUnit binds all tokens of a unit that is the same, or none.
func (n *names) tryUnit(p *pair, u unit) bool {
	mark := len(n.log)
	if len(n.bindUnit(p, u)) > 0 {
		n.undo(mark)
		return false
	}
	return true
}

// bindDrifted binds tokens that stand in the same places of lines that
// drifted, if they are not bound yet: the literal text changed, not they.
func (n *names) bindDrifted(p *pair, u unit) {
	if n.bindPlaces(p, u) || u.g.len() != u.r.len() {
		return
	}
	for k := range u.g.len() {
		n.bindPlaces(p, unit{g: u.g.line(k), r: u.r.line(k)})
	}
}

func (n *names) bindPlaces(p *pair, u unit) bool {
	first, last := p.g.between(u.g)
	rFirst, rLast := p.r.between(u.r)
	gs, rs := p.g.tokens[first:last], p.r.tokens[rFirst:rLast]
	if !slices.EqualFunc(gs, rs, func(g, r token) bool { return g.class == r.class }) {
		return false
	}
	n.bindTokens(p, gs, rs, u.g.from)
	for k, g := range gs {
		if !g.class.identity {
			p.kept[rFirst+k] = p.g.of(g)
		}
	}
	return true
}

// An occurrence is a token in a part of the run.
type occurrence struct {
	pair  *pair
	index int
	token token
	table *table
}

// nameNew binds the tokens that no golden has, in order. They keep their own
// text unless another token of their scope is called so.
func (n *names) nameNew(files []*file) {
	var all []occurrence
	for _, f := range files {
		for p, u := range f.drifted() {
			first, last := p.r.between(u.r)
			for i := first; i < last; i++ {
				if t := p.r.tokens[i]; t.class.identity {
					all = append(all, occurrence{p, i, t, n.table(p.part.Scope, t.class)})
				}
			}
		}
	}
	// A token is called by the names of those that are nested in it.
	slices.SortStableFunc(all, func(a, b occurrence) int {
		return cmp.Compare(b.token.class.depth, a.token.class.depth)
	})
	for len(all) > 0 {
		depth := all[0].token.class.depth
		var taken []occurrence
		k := 0
		for ; k < len(all) && all[k].token.class.depth == depth; k++ {
			if own, _ := all[k].own(); !all[k].call(n, own) {
				taken = append(taken, all[k])
			}
		}
		for _, o := range taken {
			if o.table.byRun[o.text()] == nil {
				o.call(n, o.fresh())
			}
		}
		all = all[k:]
	}
}

func (o occurrence) text() string { return o.pair.r.of(o.token) }

// call binds a token to what the golden shall call it. It returns false when
// that is taken.
func (o occurrence) call(n *names, name string) bool {
	run := o.text()
	if o.table.byRun[run] != nil {
		return true
	}
	return n.bind(o.table, Sight{Name: o.pair.file.text.Name, Golden: name, Run: run}) == nil
}

// own returns the token's text with the tokens nested in it renamed, and where
// those stand in it.
func (o occurrence) own() (text string, nested []span) {
	var b strings.Builder
	s, at := o.pair.r, o.token.start
	for i := o.index + 1; i < len(s.tokens) && s.tokens[i].class.depth > o.token.class.depth; i++ {
		if t := s.tokens[i]; t.class.depth == o.token.class.depth+1 {
			b.WriteString(s.text[at:t.start])
			from := b.Len()
			b.WriteString(o.pair.name(i))
			nested = append(nested, span{from, b.Len()})
			at = t.end
		}
	}
	b.WriteString(s.text[at:o.token.end])
	return b.String(), nested
}
