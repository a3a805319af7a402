package golden

import (
	"maps"
	"slices"
)

// Compare holds a whole run against its goldens, given by name, and returns
// the verdicts in the order of the texts; those of goldens that no text has
// follow, in order of their names.
//
// Identity holds across all texts of a scope, so the run should be whole: a
// token takes the name under which any golden of its scope knows it.
func Compare(texts []Text, have map[string]string) []Verdict {
	verdicts := make([]Verdict, 0, len(texts))
	unused := maps.Clone(have)
	for _, f := range compare(texts, have) {
		verdicts = append(verdicts, f.verdict())
		delete(unused, f.text.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		verdicts = append(verdicts, Verdict{Name: name, State: Unused})
	}
	return verdicts
}

func compare(texts []Text, have map[string]string) []*file {
	n, ids := newNames(), newIDs(texts)
	var files []*file
	var same, drifted, unordered []*segment
	for _, t := range texts {
		var golden *source
		if content, ok := have[t.Name]; ok {
			golden = newSource(content)
		}
		f := newFile(t, golden, ids, n)
		files = append(files, f)
		if golden == nil {
			continue
		}
		for _, p := range f.parts {
			p.segments = p.divide()
			for _, s := range p.segments {
				if s.unordered {
					unordered = append(unordered, s)
					continue
				}
				s.units = compareLines(p.g, p.r, s.g, s.r)
				if s.same() {
					same = append(same, s)
				} else {
					drifted = append(drifted, s)
				}
			}
		}
	}
	// What a token is called is told by the surest first: by segments that are
	// the same; by unordered lines, some of which can only be told apart by
	// the tokens in them; by lines that are the same in segments that drifted;
	// by places in lines that drifted. What no golden has is named last.
	for _, s := range same {
		for i, u := range s.units {
			if broken := n.bindUnit(s.pair, u); len(broken) > 0 {
				s.units[i].same = false
				s.pair.file.breaks(broken)
			}
		}
	}
	compareUnordered(unordered)
	for _, s := range drifted {
		for i, u := range s.units {
			s.units[i].same = u.same && n.tryUnit(s.pair, u)
		}
	}
	for _, f := range files {
		if f.golden == nil {
			continue
		}
		for p, u := range f.drifted() {
			n.bindDrifted(p, u)
		}
	}
	n.nameNew(files)
	return files
}

// compareLines compares lines in order, up to renaming.
func compareLines(gs, rs *stream, g, r lines) []unit {
	var units []unit
	var pairs [][2]int // lines that may be equal, once they are needed
	for {
		n := len(units)
		units = walk(units, gs, rs, g, r)
		if len(units) > n {
			last := units[len(units)-1]
			g.from, r.from = last.g.to, last.r.to
		}
		if g.len() == 0 && r.len() == 0 {
			return units
		}
		if pairs == nil {
			pairs = append([][2]int{}, matchLines(gs, rs, g, r)...)
		}
		// The walk did not get over the line where it is.
		for len(pairs) > 0 && (pairs[0][0] < g.from || pairs[0][1] < r.from || pairs[0] == [2]int{g.from, r.from}) {
			pairs = pairs[1:]
		}
		next := unit{g: g, r: r}
		if len(pairs) > 0 {
			next.g.to, next.r.to = pairs[0][0], pairs[0][1]
		}
		next = wrapped(next, gs, rs, g, r)
		units = append(units, next)
		g.from, r.from = next.g.to, next.r.to
	}
}

// wrapped shortens a unit that is not the same to before the first lines in it
// from which g and r are, though they are wrapped in another way. It looks only
// into small units.
func wrapped(u unit, gs, rs *stream, g, r lines) unit {
	if u.g.len()*u.r.len() > 1000 {
		return u
	}
	for d := 1; d < u.g.len()+u.r.len()-1; d++ {
		for i := max(0, d-u.r.len()+1); i <= d && i < u.g.len(); i++ {
			gi, ri := u.g.from+i, u.r.from+d-i
			if len(walk(nil, gs, rs, lines{gi, g.to}, lines{ri, r.to})) > 0 {
				u.g.to, u.r.to = gi, ri
				return u
			}
		}
	}
	return u
}
