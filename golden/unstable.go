package golden

import (
	"cmp"
	"slices"

	"scenario/runner"
)

// Instability is a text that was not the same in all of several runs.
type Instability struct {
	Name     string
	Runs     int       // how many there were
	Variants []Variant // the most frequent first; those of equal frequency as they came
	// Diff shows the two most frequent whole, the first as '-', the second as
	// '+'. It is "" when one of them is that there is no text.
	Diff string
	// Hold are the arguments that would make all variants the same, each for
	// one step; none is known when it is empty.
	Hold []Annotation
}

// Variant is one of the texts that several runs left under one name.
type Variant struct {
	Run    int  // the first that left it, from 0
	Count  int  // how many did
	Absent bool // there was no such text
}

// FindUnstable compares several runs of one scenario with each other, up to
// renaming. Each of tries is some kinds that are tried together as an
// annotation, in order; those count of which the text has tokens.
func FindUnstable(runs [][]Text, tries [][]runner.Kind) []Instability {
	r := repeated{runs: runs, goldens: make([]map[string]string, len(runs)), compared: make(map[[2]int]map[string]*file)}
	var names []string
	for _, texts := range runs {
		for _, t := range texts {
			if !slices.Contains(names, t.Name) {
				names = append(names, t.Name)
			}
		}
	}
	var unstable []Instability
	for _, name := range names {
		variants := r.variants(name)
		if len(variants) == 1 {
			continue
		}
		u := Instability{Name: name, Runs: len(runs), Variants: variants}
		if !variants[0].Absent && !variants[1].Absent {
			u.Diff = r.compare(variants[0].Run, variants[1].Run)[name].whole()
		}
		u.Hold = r.hold(name, variants, tries)
		unstable = append(unstable, u)
	}
	return unstable
}

// repeated is several runs, and how they compare as far as it was asked.
type repeated struct {
	runs     [][]Text
	goldens  []map[string]string
	compared map[[2]int]map[string]*file
}

// variants tells apart the texts under one name.
func (r *repeated) variants(name string) []Variant {
	var found []Variant
	for run, texts := range r.runs {
		absent := !slices.ContainsFunc(texts, func(t Text) bool { return t.Name == name })
		i := slices.IndexFunc(found, func(v Variant) bool {
			if absent || v.Absent {
				return absent == v.Absent
			}
			return r.compare(v.Run, run)[name].verdict().State == Same
		})
		if i < 0 {
			i = len(found)
			found = append(found, Variant{Run: run, Absent: absent})
		}
		found[i].Count++
	}
	slices.SortStableFunc(found, func(a, b Variant) int { return cmp.Compare(b.Count, a.Count) })
	return found
}

// compare holds one run against another as if that were its golden.
func (r *repeated) compare(golden, run int) map[string]*file {
	key := [2]int{golden, run}
	if r.compared[key] == nil {
		if r.goldens[golden] == nil {
			r.goldens[golden] = asGoldens(r.runs[golden])
		}
		r.compared[key] = make(map[string]*file)
		for _, f := range compare(r.runs[run], r.goldens[golden]) {
			r.compared[key][f.text.Name] = f
		}
	}
	return r.compared[key]
}

// asGoldens are the goldens that a run would make where there are none.
func asGoldens(texts []Text) map[string]string {
	goldens := make(map[string]string)
	for _, v := range Compare(texts, nil) {
		goldens[v.Name] = v.Accept
	}
	return goldens
}

// whole shows all lines of a golden and of what it should become.
func (f *file) whole() string {
	var edits []edit
	for _, p := range f.parts {
		edits = append(edits, p.edits()...)
	}
	return diff(edits, 1, 1, len(edits))
}
