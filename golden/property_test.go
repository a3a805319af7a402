package golden

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// each runs a property for many seeds and says which one broke it.
func each(t *testing.T, n uint64, property func(t *testing.T, r *rand.Rand)) {
	for seed := range n {
		property(t, rand.New(rand.NewPCG(seed, 1)))
		if t.Failed() {
			t.Fatal("seed", seed)
		}
	}
}

// TestRenamed: a world with other names, in which lists are broken elsewhere
// and unordered lines come in another order, is the same.
func TestRenamed(t *testing.T) {
	each(t, 1500, func(t *testing.T, r *rand.Rand) {
		w := newWorld(r)
		have := goldens(newNaming(r, true).text(w, nil))
		for _, v := range compareAll(t, newNaming(r, true).text(w, r), have) {
			if v.State != Same {
				t.Errorf("%s is %s:\n%s%v\ngolden:\n%s", v.Name, v.State, v.Diff, v.Broken, have[v.Name])
			}
		}
	})
}

// TestAccept: whatever changed, what is accepted is the same, and accepting it
// again changes nothing. compareAll holds it to that.
func TestAccept(t *testing.T) {
	each(t, 1500, func(t *testing.T, r *rand.Rand) {
		w := newWorld(r)
		have := goldens(newNaming(r, true).text(w, nil))
		for name := range have {
			if r.IntN(5) == 0 {
				delete(have, name)
			}
		}
		for range 1 + r.IntN(4) {
			w.change(r)
		}
		compareAll(t, newNaming(r, true).text(w, r), have)
	})
}

// TestAcceptKeeps: where nothing was renamed, a change touches the lines that
// changed and no other.
func TestAcceptKeeps(t *testing.T) {
	each(t, 500, func(t *testing.T, r *rand.Rand) {
		w := newWorld(r)
		for i := range w.texts {
			for k := range w.texts[i].parts {
				w.texts[i].parts[k].unordered = false
			}
		}
		n := newNaming(r, false)
		have := goldens(n.text(w, nil))
		text := &w.texts[r.IntN(len(w.texts))]
		part := &text.parts[r.IntN(len(text.parts))]
		part.lines = append(part.lines, worldLine{atoms: []atom{{word: "a new line"}}})
		for _, v := range compareAll(t, newNaming(r, false).text(w, nil), have) {
			if v.Name != text.name {
				if v.State != Same {
					t.Errorf("%s is %s:\n%s", v.Name, v.State, v.Diff)
				}
				continue
			}
			if strings.Count(v.Diff, "\n-") > 0 || strings.Count(v.Diff, "\n+") != 1 {
				t.Errorf("one line was added, the diff says\n%s", v.Diff)
			}
			if got := strings.Replace(v.Accept, "a new line\n", "", 1); got != have[v.Name] {
				t.Errorf("beside the new line, accepting makes\n%s\nof\n%s", got, have[v.Name])
			}
		}
	})
}

// TestBroken: one token that becomes another, where it was seen before, is
// drift.
func TestBroken(t *testing.T) {
	each(t, 1500, func(t *testing.T, r *rand.Rand) {
		w := newWorld(r)
		have := goldens(newNaming(r, true).text(w, nil))
		type occurrence struct{ text, part, line, atom int }
		seen := make(map[atom][]occurrence)
		scope := r.IntN(2)
		for i, text := range w.texts {
			if text.scope != scope {
				continue
			}
			for k, p := range text.parts {
				for l, line := range p.lines {
					for m, a := range line.atoms {
						if a.what != "" && a.what != "took" && !p.unordered && !line.optional {
							seen[a] = append(seen[a], occurrence{i, k, l, m})
						}
					}
				}
			}
		}
		for a, at := range seen {
			if len(at) < 2 {
				delete(seen, a)
			}
		}
		if len(seen) == 0 {
			return
		}
		var at []occurrence
		for id := range 5 { // a fixed order
			for _, what := range []string{"pid", "remote", "ref", "port"} {
				if o := seen[atom{what: what, id: id}]; o != nil {
					at = o
				}
			}
		}
		if at == nil {
			return
		}
		o := at[r.IntN(len(at))]
		w.texts[o.text].parts[o.part].lines[o.line].atoms[o.atom].id = 1000
		drifted, broken := 0, 0
		for _, v := range compareAll(t, newNaming(r, true).text(w, r), have) {
			if v.State == Drifted {
				drifted++
			}
			broken += len(v.Broken)
		}
		if drifted == 0 || broken == 0 {
			t.Errorf("%d drifted, %d broken; a token became another in %+v", drifted, broken, o)
		}
	})
}

// TestEveryCharacter: one character of literal text that is changed, removed
// or added anywhere is found.
func TestEveryCharacter(t *testing.T) {
	each(t, 12, func(t *testing.T, r *rand.Rand) {
		w := newWorld(r)
		texts := newNaming(r, false).text(w, r)
		have := goldens(newNaming(r, false).text(w, nil))
		for i, text := range texts {
			golden := have[text.Name]
			literal := make([]bool, len(golden)) // and so is the character before
			for k := range literal {
				literal[k] = true
			}
			volatile := []*regexp.Regexp{regexp.MustCompile(`(?m)^perhaps.*\n`)}
			for _, k := range worldKinds {
				volatile = append(volatile, k.Pattern)
			}
			for _, v := range volatile {
				for _, m := range v.FindAllStringIndex(golden, -1) {
					for at := m[0]; at < m[1]; at++ {
						literal[at] = false
					}
				}
			}
			for at := range len(golden) - 1 {
				if !literal[at] {
					continue
				}
				changes := []string{golden[:at] + "~" + golden[at+1:], golden[:at] + golden[at+1:]}
				if at > 0 && literal[at-1] {
					changes = append(changes, golden[:at]+"~"+golden[at:], golden[:at]+"\n"+golden[at:], golden[:at]+" "+golden[at:])
				}
				for _, changed := range changes {
					if changed == golden {
						continue
					}
					if Compare(texts[i:i+1], map[string]string{text.Name: changed})[0].State != Drifted {
						t.Errorf("not found at byte %d:\n%q, was\n%q", at, changed, golden)
					}
				}
			}
		}
	})
}
