package golden_test

import (
	"regexp"
	"strings"
	"testing"

	"scenario/golden"
	"scenario/runner"
)

func recording() *runner.Recording {
	status := 0
	pid := runner.Kind{Name: "pid", Pattern: regexp.MustCompile(`<0\.(?P<pid>\d+\.\d+)>`), Identity: true}
	return &runner.Recording{
		Nodes:     []runner.NodeRecord{{Name: "a", IDs: []string{"0123456789ab"}}},
		Terminals: []runner.TerminalRecord{{Name: "a.erl", Kinds: []runner.Kind{pid}}},
		Volatile:  []runner.Kind{{Name: "time", Pattern: regexp.MustCompile(`\d+ ms`), Pos: "x.star:1:1"}},
		Steps: []*runner.Step{
			{Op: runner.OpType, Node: "a", Terminal: "a.erl", Label: "one", Typed: []string{"self()."}, Text: "1> self().\n<0.1.0>", Pos: "x.star:3:1"},
			{Op: runner.OpExec, Node: "a", Typed: []string{"true"}, Status: &status},
			{Op: runner.OpKeys, Node: "a", Terminal: "a.erl", Label: "one", Typed: []string{"up"}},
			{Op: runner.OpExec, Node: "a", Label: "two", Typed: []string{"date"}, Text: "5 o'clock"},
			{Op: runner.OpType, Node: "a", Terminal: "a.erl", Label: "one", Typed: []string{"ok."}, Text: "2> ok.\nok", Tolerance: runner.Tolerance{Unordered: true}},
			{Op: runner.OpWait, Node: "a", Terminal: "a.erl", Label: "three"},
		},
	}
}

func TestTexts(t *testing.T) {
	texts := golden.Texts(recording())
	if len(texts) != 3 || texts[0].Name != "one@a.erl" || texts[1].Name != "two@a" || texts[2].Name != "three@a.erl" {
		t.Fatalf("%+v", texts)
	}
	first, second := texts[0].Parts[0], texts[0].Parts[1]
	if first.Text != "1> self().\n<0.1.0>" || second.Text != "2> ok.\nok" {
		t.Errorf("%q, %q", first.Text, second.Text)
	}
	if first.Scope != second.Scope || first.Scope == texts[1].Parts[0].Scope {
		t.Errorf("scopes %q, %q, %q", first.Scope, second.Scope, texts[1].Parts[0].Scope)
	}
	if len(first.Kinds) != 2 || len(texts[1].Parts[0].Kinds) != 1 || !second.Unordered || first.Known[0] != "0123456789ab" {
		t.Errorf("%+v", texts)
	}
}

// A program that a step entered has a life and kinds of its own; what the step
// shows is of both.
func TestTextsOfEntered(t *testing.T) {
	kind := func(name string) []runner.Kind {
		return []runner.Kind{{Name: name, Pattern: regexp.MustCompile(name)}}
	}
	step := func(program int, enters string) *runner.Step {
		return &runner.Step{Op: runner.OpType, Node: "a", Terminal: "a.sh", Label: "x", Text: "x", Program: program, Enters: enters}
	}
	texts := golden.Texts(&runner.Recording{
		Terminals: []runner.TerminalRecord{{Name: "a.sh", Kinds: kind("sh"), Entered: []runner.EnteredRecord{
			{Name: "iex", Kinds: kind("iex")}, {Name: "bash", Under: 1, Kinds: kind("bash")},
		}}},
		Steps: []*runner.Step{step(0, ""), step(1, "iex"), step(1, ""), step(2, "bash"), step(2, ""), step(1, ""), step(0, "")},
	})
	if len(texts) != 1 {
		t.Fatalf("%+v", texts)
	}
	for i, want := range []struct{ scope, kinds string }{
		{"a.sh", "sh"}, {"a.sh#1", "iex sh"}, {"a.sh#1", "iex"}, {"a.sh#2", "bash iex"}, {"a.sh#2", "bash"}, {"a.sh#1", "iex"}, {"a.sh", "sh"},
	} {
		p := texts[0].Parts[i]
		var names []string
		for _, k := range p.Kinds {
			names = append(names, k.Name)
		}
		if got := strings.Join(names, " "); p.Scope != want.scope || got != want.kinds {
			t.Errorf("step %d: scope %s and kinds %s, want %s and %s", i, p.Scope, got, want.scope, want.kinds)
		}
	}
}
