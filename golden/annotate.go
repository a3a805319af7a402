package golden

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"scenario/runner"
)

// Annotation is what to write at a step so that its text may differ.
type Annotation struct {
	Pos  string // of the step
	Code string // arguments, as a script has them: `volatile = ["duration"]`
}

// hold looks for the annotations under which all variants of a text are the
// same. Each is tried: what it returns holds for the runs that were seen.
func (r *repeated) hold(name string, variants []Variant, tries [][]runner.Kind) []Annotation {
	var parts [][]Part // of each variant
	for _, v := range variants {
		i := slices.IndexFunc(r.runs[v.Run], func(t Text) bool { return t.Name == name })
		if i < 0 || len(parts) > 0 && len(r.runs[v.Run][i].Parts) != len(parts[0]) {
			return nil // the script itself did something else
		}
		parts = append(parts, r.runs[v.Run][i].Parts)
	}
	var found []Annotation
	tolerances := make(map[int]runner.Tolerance)
	for i := range parts[0] {
		var same []Part // the same step in each variant
		for _, p := range parts {
			same = append(same, p[i])
		}
		if holds(same, same[0].Tolerance) {
			continue
		}
		c, ok := annotate(same, tries)
		if !ok {
			return nil
		}
		found = append(found, Annotation{same[0].Pos, c.code()})
		tolerances[i] = c.tolerance
	}
	// Steps that hold alone may still break an identity that they share.
	for _, v := range variants[1:] {
		golden := annotated(r.runs[variants[0].Run], name, tolerances)
		run := annotated(r.runs[v.Run], name, tolerances)
		for _, f := range compare(run, asGoldens(golden)) {
			if f.text.Name == name && f.verdict().State != Same {
				return nil
			}
		}
	}
	return found
}

// annotated is a run whose steps under one name tolerate more.
func annotated(texts []Text, name string, tolerances map[int]runner.Tolerance) []Text {
	texts = slices.Clone(texts)
	for i, t := range texts {
		if t.Name == name {
			texts[i].Parts = slices.Clone(t.Parts)
			for k, tolerance := range tolerances {
				texts[i].Parts[k].Tolerance = tolerance
			}
		}
	}
	return texts
}

// holds reports whether a step's texts are all the same under a tolerance.
func holds(step []Part, tolerance runner.Tolerance) bool {
	text := func(p Part) []Text {
		p.Tolerance = tolerance
		return []Text{{Parts: []Part{p}}}
	}
	golden := asGoldens(text(step[0]))
	return !slices.ContainsFunc(step[1:], func(p Part) bool {
		return Compare(text(p), golden)[0].State != Same
	})
}

// A candidate is a tolerance to try, and what it adds to the step's own.
type candidate struct {
	tolerance runner.Tolerance
	unordered bool
	kinds     []string
	optional  []*regexp.Regexp
}

// annotate returns the first candidate under which a step's texts are the
// same. Those that hide less come first.
func annotate(step []Part, tries [][]runner.Kind) (candidate, bool) {
	own := candidate{tolerance: step[0].Tolerance}
	var singles []candidate
	if !own.tolerance.Unordered {
		singles = append(singles, own.inAnyOrder())
	}
	for _, kinds := range tries {
		singles = append(singles, own.volatile(kinds))
	}
	candidates := slices.Clone(singles)
	if patterns := strays(step); len(patterns) > 0 {
		candidates = append(candidates, own.without(patterns))
	}
	for _, first := range singles {
		for _, kinds := range tries {
			candidates = append(candidates, first.volatile(kinds))
		}
	}
	for _, c := range candidates {
		if !c.idle(step) && holds(step, c.tolerance) {
			return c, true
		}
	}
	return candidate{}, false
}

// idle reports whether no text of the step has a token of one of the kinds
// that the candidate adds.
func (c candidate) idle(step []Part) bool {
	missing := make(map[int]bool)
	for i := range c.kinds {
		missing[i] = true
	}
	ids := newIDs(nil)
	lexer := newLexer(c.tolerance.Kinds, ids)
	for _, p := range step {
		p.Tolerance = c.tolerance
		text, _ := lexer.cut(p.content(), &p, ids.isKnown)
		for _, t := range text.tokens {
			delete(missing, t.class.kind)
		}
	}
	return len(missing) > 0
}

func (c candidate) inAnyOrder() candidate {
	c.unordered, c.tolerance.Unordered = true, true
	return c
}

func (c candidate) volatile(kinds []runner.Kind) candidate {
	for _, k := range kinds {
		if slices.Contains(c.kinds, k.Name) {
			continue
		}
		// They come before those that the step has from elsewhere.
		c.tolerance.Kinds = slices.Insert(slices.Clone(c.tolerance.Kinds), len(c.kinds), k)
		c.kinds = append(slices.Clone(c.kinds), k.Name)
	}
	return c
}

func (c candidate) without(lines []*regexp.Regexp) candidate {
	c.optional = lines
	c.tolerance.Optional = slices.Concat(c.tolerance.Optional, lines)
	return c
}

// code is what the candidate adds, as arguments of the step.
func (c candidate) code() string {
	var args []string
	if c.unordered {
		args = append(args, "unordered = True")
	}
	if len(c.kinds) > 0 {
		args = append(args, fmt.Sprintf(`volatile = ["%s"]`, strings.Join(c.kinds, `", "`)))
	}
	if len(c.optional) > 0 {
		var quoted []string
		for _, p := range c.optional {
			quoted = append(quoted, raw(p.String()))
		}
		args = append(args, "optional = ["+strings.Join(quoted, ", ")+"]")
	}
	return strings.Join(args, ", ")
}

// raw is a raw string of Starlark.
func raw(s string) string {
	if strings.Contains(s, `"`) {
		return "r'''" + s + "'''"
	}
	return `r"` + s + `"`
}

var decimals = regexp.MustCompile(`\d+`)

// strays are patterns for lines that some of a step's texts have beside what all
// have. Where one text has a line in place of another's, there are none.
func strays(step []Part) []*regexp.Regexp {
	var patterns []*regexp.Regexp
	least := slices.MinFunc(step, func(a, b Part) int {
		return cmp.Compare(strings.Count(a.Text, "\n"), strings.Count(b.Text, "\n"))
	})
	golden := asGoldens([]Text{{Parts: []Part{least}}})
	for _, p := range step {
		for _, f := range compare([]Text{{Parts: []Part{p}}}, golden) {
			for _, e := range f.parts[0].edits() {
				switch e.mark {
				case '-':
					return nil
				case '+':
					pattern := "^" + decimals.ReplaceAllString(regexp.QuoteMeta(e.line), `\d+`) + "$"
					if e.line != "" && !slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.String() == pattern }) {
						patterns = append(patterns, regexp.MustCompile(pattern))
					}
				}
			}
		}
	}
	return patterns
}
