package golden_test

import (
	"regexp"
	"testing"

	"scenario/golden"
	"scenario/runner"
)

func TestIdle(t *testing.T) {
	kind := func(name, pattern, pos string) runner.Kind {
		return runner.Kind{Name: name, Pattern: regexp.MustCompile(pattern), Pos: pos}
	}
	number := kind("number", `\d+`, "x.star:2:1")
	for _, c := range []struct {
		summary string
		change  func(*runner.Recording)
		want    []string // positions
	}{
		{"of the scenario", func(*runner.Recording) {}, []string{"x.star:1:1"}},
		{"found", func(r *runner.Recording) { r.Steps[3].Text = "5 ms" }, nil},
		{"of the node", func(r *runner.Recording) {
			r.Nodes[0].Kinds = []runner.Kind{kind("date", `\d{4}-\d\d`, "x.star:9:1")}
		}, []string{"x.star:1:1", "x.star:9:1"}},
		{"of the program", func(r *runner.Recording) {
			r.Terminals[0].Kinds = append(r.Terminals[0].Kinds, kind("date", `\d{4}-\d\d`, "x.star:8:1"))
		}, []string{"x.star:1:1", "x.star:8:1"}},
		{"of a library", func(r *runner.Recording) {
			r.Terminals[0].Kinds = append(r.Terminals[0].Kinds, kind("date", `\d{4}-\d\d`, ""))
		}, []string{"x.star:1:1"}},
		{"of two steps, and found in one", func(r *runner.Recording) {
			r.Steps[0].Kinds, r.Steps[3].Kinds = []runner.Kind{number}, []runner.Kind{number}
		}, []string{"x.star:1:1"}},
		{"found only in what was typed", func(r *runner.Recording) {
			r.Steps[0].Typed, r.Steps[0].Text = []string{"sleep 5 ms"}, "1> sleep 5 ms\nok"
		}, []string{"x.star:1:1"}},
		{"behind another that takes all", func(r *runner.Recording) {
			r.Steps[3].Kinds = []runner.Kind{kind("all", `.+`, "x.star:7:1")}
			r.Steps[3].Text = "5 ms"
		}, []string{"x.star:1:1"}},
		{"between", func(r *runner.Recording) {
			r.Volatile = nil
			r.Steps[4].Pos = "x.star:5:1"
			r.Steps[4].Between = &runner.Between{From: regexp.MustCompile("a"), To: regexp.MustCompile("b")}
		}, []string{"x.star:5:1"}},
		{"between, found", func(r *runner.Recording) {
			r.Volatile = nil
			r.Steps[4].Text = "2> ok.\na\nx\nb"
			r.Steps[4].Between = &runner.Between{From: regexp.MustCompile("a"), To: regexp.MustCompile("b")}
		}, nil},
	} {
		t.Run(c.summary, func(t *testing.T) {
			rec := recording()
			c.change(rec)
			idle := golden.IdleIn(rec)
			var got []string
			for _, i := range idle {
				got = append(got, i.Pos)
			}
			if len(got) != len(c.want) {
				t.Fatalf("%+v, want %v", idle, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("%+v, want %v", idle, c.want)
				}
			}
		})
	}
}
