package golden

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"scenario/runner"
)

func patterns(list ...string) []*regexp.Regexp {
	var ps []*regexp.Regexp
	for _, p := range list {
		ps = append(ps, regexp.MustCompile(p))
	}
	return ps
}

// TestBetween: lines between two marks come in any order, and others do not.
func TestBetween(t *testing.T) {
	const golden = "$ ls\nbefore\nFiles:\na\nb <0.1.0>\nb <0.2.0>\ntotal 3\nafter <0.1.0>\n"
	for _, c := range []struct {
		summary, run string
		want         State
	}{
		{"as it was", "$ ls\nbefore\nFiles:\na\nb <0.1.0>\nb <0.2.0>\ntotal 3\nafter <0.1.0>", Same},
		{"between, in another order", "$ ls\nbefore\nFiles:\nb <0.7.0>\nb <0.8.0>\na\ntotal 3\nafter <0.8.0>", Same},
		{"an identity is broken", "$ ls\nbefore\nFiles:\nb <0.7.0>\nb <0.8.0>\na\ntotal 3\nafter <0.9.0>", Drifted},
		{"a mark moved", "$ ls\nbefore\na\nFiles:\nb <0.1.0>\nb <0.2.0>\ntotal 3\nafter <0.1.0>", Drifted},
		{"a line moved out", "$ ls\nbefore\nFiles:\nb <0.1.0>\nb <0.2.0>\ntotal 3\na\nafter <0.1.0>", Drifted},
		{"outside, in another order", "$ ls\nFiles:\na\nb <0.1.0>\nb <0.2.0>\ntotal 3\nafter <0.1.0>\nbefore", Drifted},
		{"it does not end", "$ ls\nbefore\nFiles:\nb <0.1.0>\nb <0.2.0>\na\nafter <0.1.0>", Drifted},
		{"a line changed", "$ ls\nbefore\nFiles:\nb <0.1.0>\nb <0.2.0>\nc\ntotal 3\nafter <0.1.0>", Drifted},
	} {
		t.Run(c.summary, func(t *testing.T) {
			p := step(c.run, "ls")
			p.Unordered = true
			p.Between = &runner.Between{From: regexp.MustCompile("^Files:"), To: regexp.MustCompile("^total")}
			if v := alone(t, p, golden); v.State != c.want {
				t.Errorf("%s, want %s\n%s", v.State, c.want, v.Diff)
			}
		})
	}
}

// TestBetweenTwice: each such part has its own order.
func TestBetweenTwice(t *testing.T) {
	p := step("<\nb\na\n>\nmid\n<\nd\nc\n>")
	p.Unordered = true
	p.Between = &runner.Between{From: regexp.MustCompile("<"), To: regexp.MustCompile(">")}
	if v := alone(t, p, "<\na\nb\n>\nmid\n<\nc\nd\n>"); v.State != Same {
		t.Errorf("%s\n%s", v.State, v.Diff)
	}
	if v := alone(t, p, "<\na\nc\n>\nmid\n<\nb\nd\n>"); v.State != Drifted {
		t.Error("a line went from one part to the other, and it is", v.State)
	}
}

// TestOptional: lines that may be there are compared with nothing, and an
// accepted golden has those that it had.
func TestOptional(t *testing.T) {
	const with, without = "$ make warning\nok\nwarning: slow\ndone\n", "$ make warning\nok\ndone\n"
	for _, c := range []struct {
		summary, golden, run string
		want                 State
		accept               string
	}{
		{"the golden has it", with, without, Same, with},
		{"the run has it", without, with, Same, without},
		{"both have it", with, with, Same, with},
		{"both have one, and others", with, "$ make warning\nwarning: 1\nok\ndone\nwarning: 2", Same, with},
		{"another line is new", with, "$ make warning\nok\nnew\ndone", Drifted, "$ make warning\nok\nnew\nwarning: slow\ndone\n"},
		{"another line is gone", with, "$ make warning\nok\nwarning: x", Drifted, "$ make warning\nok\nwarning: slow\n"},
		{"what was typed is not", with, "$ make warning: all\nok\ndone", Drifted, "$ make warning: all\nok\nwarning: slow\ndone\n"},
	} {
		t.Run(c.summary, func(t *testing.T) {
			typed := strings.TrimPrefix(strings.SplitN(c.run, "\n", 2)[0], "$ ")
			p := step(c.run, typed)
			p.Optional = patterns("^warning")
			v := alone(t, p, c.golden)
			if v.State != c.want || v.Accept != c.accept {
				t.Errorf("%s, want %s\n%saccepted:\n%swant:\n%s", v.State, c.want, v.Diff, v.Accept, c.accept)
			}
		})
	}
	p := step(with, "make warning")
	p.Optional = patterns("^warning", "^ok")
	if v := Compare([]Text{{Name: "a", Parts: []Part{p}}}, nil)[0]; v.State != New || v.Accept != "$ make warning\ndone\n" {
		t.Errorf("%s %q", v.State, v.Accept)
	}
}

// TestOptionalUnordered: both hold in one step.
func TestOptionalUnordered(t *testing.T) {
	p := step("$ x\nb\nmaybe 1\na", "x")
	p.Unordered, p.Optional = true, patterns("^maybe")
	if v := alone(t, p, "$ x\na\nb\n"); v.State != Same {
		t.Errorf("%s\n%s", v.State, v.Diff)
	}
	// A wait that follows is found behind the optional lines.
	p.Typed = nil
	p.Text = "b\na"
	next := step("later")
	v := compareAll(t, []Text{{Name: "a", Parts: []Part{p, next}}}, map[string]string{"a": "a\nmaybe 2\nb\nmaybe 3\nlater\n"})[0]
	if v.State != Same {
		t.Errorf("%s\n%s", v.State, v.Diff)
	}
}

// TestParts: a verdict says which of its steps drifted, each with its lines.
func TestParts(t *testing.T) {
	parts := []Part{step("1> a\nx", "a"), step("2> b\nnew", "b"), step("3> c\nz", "c")}
	v := compareAll(t, []Text{{Name: "a", Parts: parts}}, map[string]string{"a": "1> a\nx\n2> b\ny\n3> c\nz\n"})[0]
	var states []State
	for _, p := range v.Parts {
		states = append(states, p.State)
	}
	if !slices.Equal(states, []State{Same, Drifted, Same}) {
		t.Errorf("states %v", states)
	}
	const want = "@@ -3,2 +3,2 @@\n 2> b\n-y\n+new\n"
	if v.Parts[1].Diff != want || v.Parts[0].Diff != "" {
		t.Errorf("diff %q, want %q", v.Parts[1].Diff, want)
	}
	v = Compare([]Text{{Name: "a", Parts: parts}}, nil)[0]
	if len(v.Parts) != 3 || v.Parts[2].State != New {
		t.Errorf("new: %+v", v.Parts)
	}
}
