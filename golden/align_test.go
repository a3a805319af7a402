package golden

import (
	"slices"
	"strings"
	"testing"

	"scenario/runner"
)

// TestAlign says where in a golden the parts of a run are found. In both, a
// line of "--" stands between parts; what follows "> " was typed, and "~" as
// the first character makes a part unordered.
func TestAlign(t *testing.T) {
	for _, c := range []struct {
		summary     string
		golden, run string
	}{
		{"in place", "1> a\nx\n--\n2> b\n--\n3> c", "1> a\ny\n--\n2> b\n--\n3> c"},
		{"the first is wrapped in another way", "1> a\n[<0.1.0>,\n <0.2.0>]\n--\n2> b", "1> a\n[<0.10.0>,<0.20.0>]\n--\n2> b"},
		{"both are, and the number of lines is the same",
			"1> a\n[<0.1.0>,\n <0.2.0>]\n--\n2> b\n[<0.1.0>,<0.2.0>]",
			"1> a\n[<0.1.0>,<0.20.0>]\n--\n2> b\n[<0.1.0>,\n <0.20.0>]"},
		{"an output shows a prompt", "1> a\n2> b\nx\n--\n2> b\nx\ny", "1> a\n2> b\n--\n2> b\nx"},
		{"the same is typed again", "> a\n1\n2\n--\n> a\n3\n--\n> a", "> a\n1\n--\n> a\n3\n4\n--\n> a"},
		{"a step is new", "1> a\nx\n--\n--\n2> c", "1> a\nx\n--\n1> new\nz\n--\n2> c"},
		{"a step is new, and all that follow count on",
			"1> a\nx\n--\n--\n2> b\ny\nz\n--\n3> c\nw",
			"1> a\nx\n--\n2> new\n--\n3> b\ny\n--\n4> c\nw"},
		{"a step is gone", "1> a\nx\n2> gone\n--\n2> c", "1> a\nx\n--\n2> c"},
		{"another command", "1> a\nx\n--\n2> b\ny\nz\n--\n3> c", "1> a\nx\n--\n2> other\ny\n--\n3> c"},
		{"another command, and output beside", "1> a\nx\n--\n2> b\ny\nz", "1> a\nx\nw\nv\n--\n2> other\ny"},
		{"a pid in the prompt", "<0.1.0>> a\nx\ny\n--\n<0.2.0>> b", "<0.7.0>> a\nx\n--\n<0.8.0>> b"},
		{"a wait follows", "1> a\n[<0.1.0>,\n <0.2.0>]\n--\nlater\n--\n2> b", "1> a\n[<0.1.0>,<0.20.0>]\n--\nlater\n--\n2> b"},
		{"a wait follows what drifted", "1> a\nx\ny\n--\nlater\nmore", "1> a\nx\ny\nz\n--\nlater\nmore"},
		{"unordered waits", "1> a\n[<0.1.0>,\n <0.2.0>]\n--\n~p\nq\n--\n~r\ns", "1> a\n[<0.1.0>,<0.20.0>]\n--\n~q\n~p\n--\n~s\n~r"},
		{"nothing is left", "--\n", "1> a\n--\n2> b"},
	} {
		t.Run(c.summary, func(t *testing.T) {
			var want []int
			at := 0
			var golden string
			for part := range strings.SplitSeq(c.golden, "--\n") {
				want = append(want, at)
				at += strings.Count(part, "\n")
				golden += part
			}
			text := Text{Name: "a"}
			for part := range strings.SplitSeq(c.run, "\n--\n") {
				p := Part{Text: strings.ReplaceAll(part, "~", ""), Wraps: true, Tolerance: runner.Tolerance{Kinds: beam, Unordered: strings.HasPrefix(part, "~")}}
				if _, typed, ok := strings.Cut(strings.SplitN(part, "\n", 2)[0], "> "); ok {
					p.Typed = []string{typed}
				}
				text.Parts = append(text.Parts, p)
			}
			f := newFile(text, newSource(strings.ReplaceAll(golden, "~", "")), newIDs([]Text{text}), newNames())
			var got []int
			for _, p := range f.parts {
				got = append(got, p.at)
			}
			if !slices.Equal(got, want) {
				t.Errorf("parts begin in lines %v, want %v", got, want)
			}
		})
	}
}

// TestScript says what a change of the script does to the golden: the steps
// that did not change keep its text.
func TestScript(t *testing.T) {
	iex := func(n, typed, output string) Part {
		return Part{Text: trim("iex(" + n + ")> " + typed + "\n" + output), Typed: []string{typed}, Scope: "s", Wraps: true, Tolerance: runner.Tolerance{Kinds: beam}}
	}
	v := compareAll(t, []Text{{Name: "a", Parts: []Part{
		iex("1", "self()", "#PID<0.98.0>"),
		iex("2", "Node.self()", ":hoge@hoge.local"),
		iex("3", "spawn(f)", "#PID<0.99.0>"),
		iex("4", "self()", "#PID<0.98.0>"),
	}}}, map[string]string{"a": "iex(1)> self()\n#PID<0.110.0>\niex(2)> spawn(f)\n#PID<0.111.0>\niex(3)> self()\n#PID<0.110.0>\n"})[0]
	const want = `@@ -1,6 +1,8 @@
 iex(1)> self()
 #PID<0.110.0>
+iex(2)> Node.self()
+:hoge@hoge.local
-iex(2)> spawn(f)
+iex(3)> spawn(f)
 #PID<0.111.0>
-iex(3)> self()
+iex(4)> self()
 #PID<0.110.0>
`
	if v.Diff != want {
		t.Errorf("diff:\n%swant:\n%s", v.Diff, want)
	}
}

func TestLexersAreShared(t *testing.T) {
	parts := []Part{{Tolerance: runner.Tolerance{Kinds: beam}}, {Tolerance: runner.Tolerance{Kinds: beam[:1]}}, {Tolerance: runner.Tolerance{Kinds: slices.Clone(beam)}}, {Tolerance: runner.Tolerance{Kinds: []runner.Kind{}}}, {}}
	l := newLexers(parts, newIDs(nil))
	if l[0] != l[2] || l[3] != l[4] || l[0] == l[1] || l[1] == l[3] {
		t.Errorf("lexers %p", l)
	}
}
