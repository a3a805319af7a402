package golden

import (
	"regexp"
	"strings"
	"testing"

	"scenario/runner"
)

func kind(name, pattern string, identity bool) runner.Kind {
	return runner.Kind{Name: name, Pattern: regexp.MustCompile(pattern), Identity: identity}
}

// beam are the kinds of IEx and erl.
var beam = []runner.Kind{
	kind("pid", `<0\.(?P<pid>\d+\.\d+)>`, true),
	kind("remote pid", `<(?P<remote>(?P<peer>[1-9]\d*)\.\d+\.\d+)>`, true),
	kind("reference", `#Ref(?:erence)?<0\.(?P<reference>\d+\.\d+\.\d+)>`, true),
	kind("remote reference", `#Ref(?:erence)?<(?P<remote>(?P<peer>[1-9]\d*)\.\d+\.\d+\.\d+)>`, true),
	kind("port", `#Port<0\.(?P<port>\d+)>`, true),
	kind("fun", `#Fun<\w+\.(?P<fun>\d+\.\d+)>`, true),
	kind("function", `#Function<(?P<function>\d+\.\d+)/`, true),
	kind("cores", `\[smp:(?P<smp>\d+:\d+)\] \[ds:(?P<ds>\d+:\d+:\d+)\]`, false),
}

var (
	clock    = kind("time", `\d\d:\d\d:\d\d\.\d{3}`, false)
	duration = kind("duration", `\d+(?:\.\d+)? ?ms`, false)
	number   = kind("number", `\d+`, true)
)

// step makes a part of a text whose first line ends in what was typed.
func step(text string, typed ...string) Part {
	return Part{Text: trim(text), Typed: typed, Scope: "hoge.iex#1", Wraps: true, Tolerance: runner.Tolerance{Kinds: beam}, Pos: "toukon.star:7:1"}
}

func trim(text string) string { return strings.Trim(text, "\n") }

// alone compares one part with a golden.
func alone(t *testing.T, p Part, golden string) Verdict {
	t.Helper()
	return compareAll(t, []Text{{Name: "a@hoge.iex", Parts: []Part{p}}}, map[string]string{"a@hoge.iex": trim(golden) + "\n"})[0]
}

// compareAll compares, and holds every verdict to what is promised of all.
func compareAll(t testing.TB, texts []Text, have map[string]string) []Verdict {
	t.Helper()
	verdicts := Compare(texts, have)
	accepted := make(map[string]string)
	for _, v := range verdicts {
		if v.State == Unused {
			continue
		}
		accepted[v.Name] = v.Accept
		if v.State == Same && (v.Accept != have[v.Name] || v.Diff != "" || v.Broken != nil) {
			t.Errorf("%s is the same, but accepting %q gives %q, with diff\n%s", v.Name, have[v.Name], v.Accept, v.Diff)
		}
		if v.State == Drifted && v.Diff == "" {
			t.Errorf("%s drifted without a diff", v.Name)
		}
	}
	for _, v := range Compare(texts, accepted) {
		if v.State != Same {
			t.Errorf("%s is %s after it was accepted:\n%s%+v\naccepted:\n%s", v.Name, v.State, v.Diff, v.Broken, accepted[v.Name])
		}
		if v.Accept != accepted[v.Name] {
			t.Errorf("%s changes when it is accepted twice", v.Name)
		}
	}
	return verdicts
}

// TestKindByLines: ^ and $ are the ends of a line.
func TestKindByLines(t *testing.T) {
	p := step("1> a\n12 ms\nlasted 5\nb 7", "a")
	p.Kinds = []runner.Kind{kind("first", `^\d+`, false), kind("last", ` \d$`, false)}
	if v := alone(t, p, "1> a\n9 ms\nlasted 6\nb 8"); v.State != Same {
		t.Errorf("%s\n%s", v.State, v.Diff)
	}
	if v := alone(t, p, "1> a\n9 ms\nlasted 56\nb 8"); v.State != Drifted {
		t.Errorf("%s\n%s", v.State, v.Diff)
	}
}

// TestLayout: only a program that wraps its values breaks lines in another way,
// or indents them, where a token has another length.
func TestLayout(t *testing.T) {
	for _, c := range []struct {
		golden, run string
		wraps, any  State // where the program wraps, and elsewhere
	}{
		{"took 9 ms\nok", "took 10 ms ok", Same, Drifted},
		{"took 9 ms:\n  nested\nend", "took 10 ms:\nnested\nend", Same, Drifted},
		{"a b\nc took 9 ms", "a\nb c took 10 ms", Same, Drifted},
		{"took  9 ms in all", "took 10 ms in all", Same, Same},
		{"took  9 ms  in  all", "took 10 ms in all", Drifted, Drifted},
	} {
		for _, wraps := range []bool{true, false} {
			want := c.any
			if wraps {
				want = c.wraps
			}
			p := Part{Text: c.run, Scope: "s", Wraps: wraps, Tolerance: runner.Tolerance{Kinds: []runner.Kind{duration}}}
			if v := alone(t, p, c.golden); v.State != want {
				t.Errorf("%q, then %q: %s, should be %s (wraps %v)", c.golden, c.run, v.State, want, wraps)
			}
		}
	}
}

// TestKindLikeAnID: a hash that a script declares is not taken for an id of
// the lab only because it has as many digits, wherever the run shows none.
func TestKindLikeAnID(t *testing.T) {
	hash := kind("id", `\b[0-9a-f]{12}\b`, true)
	part := func(text string) Part {
		return Part{Text: text, Scope: "s", Tolerance: runner.Tolerance{Kinds: []runner.Kind{hash}}, Known: []string{"0123456789ab"}}
	}
	texts := []Text{{Name: "host", Parts: []Part{part("host 0123456789ab")}}, {Name: "git", Parts: []Part{part("commit fedcba987654")}}}
	for _, v := range compareAll(t, texts, map[string]string{"host": "host ba9876543210\n", "git": "commit 00aa11bb22cc\n"}) {
		if v.State != Same {
			t.Errorf("%s is %s:\n%s", v.Name, v.State, v.Diff)
		}
	}
}
