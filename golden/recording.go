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
	terminals := map[string]runner.TerminalRecord{}
	for _, t := range rec.Terminals {
		terminals[t.Name] = t
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
		scope, kinds := program(terminals[s.Terminal], s)
		if s.Terminal == "" {
			scope = fmt.Sprint("step ", step) // an exec's command lives for itself
		}
		var typed []string
		if s.Op == runner.OpType {
			typed = s.Typed
		}
		tolerance := s.Tolerance
		tolerance.Kinds = slices.Concat(s.Kinds, kinds, nodeKinds[s.Node], rec.Volatile)
		texts[i].Parts = append(texts[i].Parts, Part{
			Text:      s.Text,
			Typed:     typed,
			Scope:     scope,
			Wraps:     len(kinds) > 0, // it has values of its own kinds, and a printer for them
			Tolerance: tolerance,
			Known:     known[s.Node],
			Pos:       s.Pos,
		})
	}
	return texts
}

// program is whose life the tokens of a terminal's step belong to, and which
// kinds it has.
func program(t runner.TerminalRecord, s *runner.Step) (scope string, kinds []runner.Kind) {
	if s.Program == 0 {
		return s.Terminal, t.Kinds
	}
	entered := t.Entered[s.Program-1]
	kinds = entered.Kinds
	if s.Enters != "" { // of its text, part was shown by the program below
		below := t.Kinds
		if entered.Under > 0 {
			below = t.Entered[entered.Under-1].Kinds
		}
		kinds = slices.Concat(kinds, below)
	}
	return fmt.Sprintf("%s#%d", s.Terminal, s.Program), kinds
}
