package starlib_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"scenario/runner"
	"scenario/starlib"
)

var errBound = errors.New("the script has come to its end")

// bind runs a script that binds an article, and gives what it said.
func bind(t *testing.T, text string) (*starlib.Binding, error) {
	t.Helper()
	b := new(starlib.Binding)
	_, err := starlib.Play(t.Context(), script(t, text), runner.Config{Backend: asleep{}}, starlib.Options{
		Binding: b, Then: func(*runner.Run) error { return errBound },
	})
	if errors.Is(err, errBound) {
		err = nil
	}
	return b, err
}

func TestBinding(t *testing.T) {
	b, err := bind(t, `
load("std/elixir.star", "elixir")
pc = node("pc")
hoge = elixir.node("hoge")
cqlsh = program("cqlsh", ["cqlsh"], prompt = "cqlsh> $")
article("a.md", on = pc, windows = {"T1": pc.sh, "T2": hoge}, volatile = "date")
bind(caption = "CMD", to = [pc, "alex", hoge, pc.sh], sub = {"a": "b"}, before = "cd chat", after = ["a", "b"])
bind([3, "5-7"], skip = "no")
bind(9, edit = lambda old, new: old + new, file = "x", before = lambda: check(False, "no"))
`)
	if err != nil {
		t.Fatal(err)
	}
	if b.Path != "a.md" || b.On.Name() != "pc" || len(b.Kinds) != 1 || b.Kinds[0].Name != "date" || !slices.ContainsFunc(b.Known, func(p runner.Program) bool { return p.Name == "cqlsh" }) {
		t.Errorf("%+v", b)
	}
	if w := b.Windows["T1"].Window; w == nil || w.Node.Name() != "pc" {
		t.Errorf("T1 is %+v", b.Windows["T1"])
	}
	if w := b.Windows["T2"].Window; w == nil || w.Node.Name() != "hoge" {
		t.Errorf("T2, a library's node, is %+v", b.Windows["T2"])
	}
	r := b.Rules[0]
	if len(r.To) != 4 || r.To[0].Node.Name() != "pc" || r.To[1].Name != "alex" || r.To[2].Window == nil || r.To[3].Window == nil ||
		r.Substitute["a"] != "b" || r.Before[0].Line != "cd chat" || len(r.After) != 2 || r.After[1].Line != "b" || r.Pos != "test.star:7:1" {
		t.Errorf("%+v", r)
	}
	for n, want := range map[int]bool{2: false, 3: true, 4: false, 5: true, 7: true, 8: false} {
		if b.Rules[1].Number.Has(n) != want {
			t.Errorf("block %d is meant: %v", n, !want)
		}
	}
	if text, err := b.Rules[2].Edit("a", "b"); text != "ab" || err != nil {
		t.Errorf("edit gives %q, %v", text, err)
	}
	var wrong *starlib.CheckError
	if err := b.Rules[2].Before[0].Call(); !errors.As(err, &wrong) {
		t.Errorf("a check in a function: %v", err)
	}
}

func TestBindingErrors(t *testing.T) {
	for text, want := range map[string]string{
		`bind(to = "x")`:                         "bind: which blocks? give number, caption",
		`bind(0)`:                                `bind: number must be an int, string or list of those, not 0: blocks count from 1, as in 7 or "7-9"`,
		`bind("9-7")`:                            `blocks count from 1`,
		`bind(text = "a", sub = {"": "x"})`:      "the text that is replaced is empty",
		`bind(text = "a", to = 5)`:               "bind: to: int is no Terminal, Node or name of a window",
		`bind(text = "a", before = 5)`:           "bind: before must be a string, function or list of those, not int",
		`bind(text = "a", volatile = "nothing")`: `there is no ready-made kind "nothing"`,
		`article("a.md"); article("a.md")`:       "article: it has been called before",
		`article(windows = {"T1": "x"})`:         `article: windows: "T1" must be a Terminal or a Node, not a string`,
		`article(on = "pc")`:                     "article: on must be a Node, not string",
		`bind(text = "a", too = 1)`:              `bind has no argument "too" (did you mean to?)`,
		`bind(text = "a", expect = [1])`:         "bind: expect must be",
		`bind(text = "a", timeout = 0)`:          "it must be more than 0",
		"x = 1\nbind(text = 'a', edit = 'x')":    "bind: edit must be a function, not string",
	} {
		if _, err := bind(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"article()", `bind(text = "a")`} {
		if err := play(t, t.Context(), script(t, text), nil); err == nil || !strings.Contains(err.Error(), "scenario check plays it") {
			t.Errorf("run plays %s: %v", text, err)
		}
	}
}
