package golden

import (
	"fmt"

	"scenario/runner"
)

// Idle is something that a script declares to differ, and that nothing in the
// run was like: most likely a mistake.
type Idle struct {
	Pos     string // where it is declared
	Message string
}

// IdleIn finds what is idle in a run: kinds that no token in any of its texts
// was of, and parts of steps in any order that are not there. A library's own
// kinds, which have no position, may be idle, and so may optional lines.
func IdleIn(rec *runner.Recording) []Idle {
	texts := Texts(rec)
	ids := newIDs(texts)
	type declared struct{ pos, pattern string }
	key := func(k runner.Kind) declared { return declared{k.Pos, fmt.Sprint(k.Pattern)} }
	found := map[declared]bool{}
	var idle []Idle
	for _, t := range texts {
		for i, l := range newLexers(t.Parts, ids) {
			p := &t.Parts[i]
			s, header := l.cut(p.content(), p, ids.isKnown)
			for _, token := range s.tokens {
				if k := token.class.kind; k >= 0 {
					found[key(p.Kinds[k])] = true
				}
			}
			if p.Between != nil && len(p.loose(s, header)) == 0 {
				idle = append(idle, Idle{p.Pos, fmt.Sprintf(
					"unordered: no lines of the output stand between one that matches %s and one that matches %s: all are compared in order",
					p.Between.From, p.Between.To)})
			}
		}
	}
	for k := range kinds(rec) {
		if at := key(k); k.Pos != "" && !found[at] {
			found[at] = true // said once
			message := fmt.Sprintf("volatile: no token of kind %s was in the output", k.Name)
			if pattern := k.Pattern.String(); len(pattern) <= 80 { // a ready-made one says less than its name
				message = fmt.Sprintf("volatile: nothing in the output matched %s (kind %s)", pattern, k.Name)
			}
			idle = append(idle, Idle{k.Pos, message})
		}
	}
	return idle
}

// kinds yields all that are declared in a run.
func kinds(rec *runner.Recording) func(yield func(runner.Kind) bool) {
	return func(yield func(runner.Kind) bool) {
		lists := [][]runner.Kind{rec.Volatile}
		for _, n := range rec.Nodes {
			lists = append(lists, n.Kinds)
		}
		for _, t := range rec.Terminals {
			lists = append(lists, t.Kinds)
			for _, e := range t.Entered {
				lists = append(lists, e.Kinds)
			}
		}
		for _, s := range rec.Steps {
			lists = append(lists, s.Kinds)
		}
		for _, list := range lists {
			for _, k := range list {
				if !yield(k) {
					return
				}
			}
		}
	}
}
