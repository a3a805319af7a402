package golden

import (
	"fmt"
	"slices"

	"scenario/runner"
)

// Texts are what a recording's terminals showed, by label, in the order in
// which each label and terminal first appear.
func Texts(rec *runner.Recording) []Text {
	var texts []Text
	kinds := map[string][]runner.Kind{}
	for _, t := range rec.Terminals {
		kinds[t.Name] = t.Kinds
	}
	known, nodeKinds := map[string][]string{}, map[string][]runner.Kind{}
	for _, n := range rec.Nodes {
		known[n.Name], nodeKinds[n.Name] = n.IDs, n.Kinds
	}
	for step, s := range rec.Steps {
		name := s.Golden()
		if name == "" {
			continue
		}
		i := slices.IndexFunc(texts, func(t Text) bool { return t.Name == name })
		if i < 0 {
			i = len(texts)
			texts = append(texts, Text{Name: name})
		}
		scope := s.Terminal
		if scope == "" {
			scope = fmt.Sprint("step ", step) // an exec's command lives for itself
		}
		var typed []string
		if s.Op == runner.OpType {
			typed = s.Typed
		}
		tolerance := s.Tolerance
		tolerance.Kinds = slices.Concat(s.Kinds, kinds[s.Terminal], nodeKinds[s.Node], rec.Volatile)
		texts[i].Parts = append(texts[i].Parts, Part{
			Text:      s.Text,
			Typed:     typed,
			Scope:     scope,
			Wraps:     len(kinds[s.Terminal]) > 0, // it has values of its own kinds, and a printer for them
			Tolerance: tolerance,
			Known:     known[s.Node],
			Pos:       s.Pos,
		})
	}
	return texts
}
