package starlib_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"scenario/runner"
	"scenario/starlib"
)

// begun plays a script up to where its first step begins, or it ends.
func begun(t *testing.T, text string) (*runner.Recording, *runner.Step) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped by the test")
	var step *runner.Step
	observe := func(e runner.Event) {
		if e.Kind == runner.StepBegun {
			step = e.Step
			cancel(stopped)
		}
	}
	rec, err := starlib.Play(ctx, script(t, text+"\nfail('the end')\n"), runner.Config{Backend: asleep{}, Observe: observe}, starlib.Options{})
	if step != nil && !errors.Is(err, stopped) || step == nil && !strings.Contains(err.Error(), "the end") {
		t.Fatal(err)
	}
	return rec, step
}

var longPattern = regexp.MustCompile(`"pattern":"(?:[^"\\]|\\.){12,}"`)

// short is a value as JSON, and the patterns of ready-made kinds cut short.
func short(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return longPattern.ReplaceAllString(string(b), `"pattern":"…"`)
}

func TestKindsOfTheScenario(t *testing.T) {
	for _, test := range []struct{ script, want string }{
		{`volatile(kind = "port")`, `{"name":"port","pattern":"…","identity":true,"pos":"test.star:2:1"}`},
		{`volatile(kind = "port", identity = False)`, `{"name":"port","pattern":"…","pos":"test.star:2:1"}`},
		{`volatile(kind = "time", identity = True)`, `{"name":"time","pattern":"…","identity":true,"pos":"test.star:2:1"}`},
		{`volatile("x+")`, `{"name":"token","pattern":"x+","pos":"test.star:2:1"}`},
		{`volatile("x+", kind = "port")`, `{"name":"port","pattern":"x+","pos":"test.star:2:1"}`},
		{`volatile("duration", kind = "word", identity = True)`, `{"name":"word","pattern":"duration","identity":true,"pos":"test.star:2:1"}`},
	} {
		rec, _ := begun(t, "\n"+test.script)
		if got := short(t, rec.Volatile); got != "["+test.want+"]" {
			t.Errorf("%s gives\n%s, not\n%s", test.script, got, test.want)
		}
	}
}

// Kinds of nodes and programs, also of those in the binary, which are declared
// nowhere in the author's files.
func TestKindsOfANode(t *testing.T) {
	rec, _ := begun(t, `load("std/elixir.star", "elixir")
hoge = elixir.node("hoge", volatile = ["time", kind("x", "x+")])
fuga = node("fuga", volatile = ["port"])
fuga.terminal(program("x", ["x"], prompt = "> $", volatile = ["id"]))`)
	for i, want := range []string{
		`[{"name":"time","pattern":"…","pos":"test.star:2:8"},{"name":"x","pattern":"x+","pos":"test.star:2:48"}]`,
		`[{"name":"port","pattern":"…","identity":true,"pos":"test.star:3:8"}]`,
	} {
		if got := short(t, rec.Nodes[i].Kinds); got != want {
			t.Errorf("%s has\n%s, not\n%s", rec.Nodes[i].Name, got, want)
		}
	}
	if got, want := short(t, rec.Terminals[1].Kinds), `[{"name":"id","pattern":"…","identity":true,"pos":"test.star:4:15"}]`; got != want {
		t.Errorf("the terminal has\n%s, not\n%s", got, want)
	}
	if k := rec.Terminals[0].Kinds[0]; k.Name != "pid" || k.Pos != "" {
		t.Errorf("%s of IEx is declared at %q", k.Name, k.Pos)
	}
}

func TestTolerance(t *testing.T) {
	for _, test := range []struct{ script, want string }{
		{`web.sh("x")`, `{}`},
		{`web.sh("x", volatile = [kind("x", "x+"), "number"], unordered = True)`,
			`{"kinds":[{"name":"x","pattern":"x+","pos":"test.star:2:25"},{"name":"number","pattern":"…","pos":"test.star:2:1"}],"unordered":true}`},
		{`web.sh("x", unordered = ("^begin$", "^end$"), optional = "warning")`,
			`{"unordered":true,"between":{"from":"^begin$","to":"^end$"},"optional":["warning"]}`},
		{`web.sh.wait("x", unordered = ["a", "b"], optional = ["c", "d"])`,
			`{"unordered":true,"between":{"from":"a","to":"b"},"optional":["c","d"]}`},
		{`load("std/elixir.star", "elixir")
hoge = elixir.node("hoge")
elixir.spawn(hoge, hoge, "1")`, `{"unordered":true}`},
		{`load("std/elixir.star", "elixir")
hoge = elixir.node("hoge")
elixir.spawn(hoge, hoge, "1", unordered = ("a", "b"), optional = "c", volatile = ["number"])`,
			`{"kinds":[{"name":"number","pattern":"…","pos":"test.star:4:1"}],"unordered":true,"between":{"from":"a","to":"b"},"optional":["c"]}`},
		{`load("std/erlang.star", "erlang")
hoge = erlang.node("hoge")
erlang.spawn(hoge, hoge, "1", unordered = False, optional = "c")`, `{"optional":["c"]}`},
		{`web.exec(["x"], name = "x", volatile = ["number"], unordered = True, optional = ["a"])`,
			`{"kinds":[{"name":"number","pattern":"…","pos":"test.star:2:1"}],"unordered":true,"optional":["a"]}`},
		{`web.exec(["x"], volatile = [], unordered = False)`, `{}`},
		{`web.sh.wait("x", volatile = ["number"], unordered = False)`,
			`{"kinds":[{"name":"number","pattern":"…","pos":"test.star:2:1"}]}`},
		{`web.sh.screen(volatile = ["number"])`,
			`{"kinds":[{"name":"number","pattern":"…","pos":"test.star:2:1"}]}`},
	} {
		_, step := begun(t, "web = node('web')\n"+test.script)
		if got := short(t, step.Tolerance); got != test.want {
			t.Errorf("%s gives\n%s, not\n%s", test.script, got, test.want)
		}
	}
}
