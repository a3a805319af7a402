package golden

import (
	"strings"
	"testing"

	"scenario/runner"
)

// TestFindUnstable: runs of one text, parted by lines of "--"; what follows
// "> " was typed.
func TestFindUnstable(t *testing.T) {
	date := kind("date", `\d+-\d+-\d+`, false)
	tries := [][]runner.Kind{{date}, {date, clock}, {duration}, {clock}, {kind("number", `\d+ apples`, false)}}
	for _, c := range []struct {
		summary string
		runs    []string
		counts  []int // of the variants; nil when it is stable
		hold    string
	}{
		{"stable", []string{"1> a\nx <0.1.0>", "1> a\nx <0.2.0>", "1> a\nx <0.3.0>"}, nil, ""},
		{"another order", []string{"1> a\nx\ny", "1> a\ny\nx", "1> a\nx\ny"}, []int{2, 1}, "unordered = True"},
		{"the most frequent first", []string{"1> a\nx\ny", "1> a\ny\nx", "1> a\ny\nx"}, []int{2, 1}, "unordered = True"},
		{"a duration", []string{"1> a\ntook 5 ms", "1> a\ntook 17 ms", "1> a\ntook 6 ms"}, []int{1, 1, 1}, `volatile = ["duration"]`},
		{"a number", []string{"1> a\n5 apples", "1> a\n17 apples"}, []int{1, 1}, `volatile = ["number"]`},
		{"two kinds", []string{"1> a\n5 apples at 10:00:00.123", "1> a\n6 apples at 11:00:00.321"}, []int{1, 1}, `volatile = ["time", "number"]`},
		{"a time, beside a date", []string{"1> a\n2026-11-24 10:00:00.123", "1> a\n2026-11-24 11:00:00.321"}, []int{1, 1}, `volatile = ["date", "time"]`},
		{"order and duration", []string{"1> a\nx\n5 ms", "1> a\n17 ms\nx"}, []int{1, 1}, `unordered = True, volatile = ["duration"]`},
		{"a line that may be there", []string{"1> a\nx", "1> a\nwarning: \"slow\" (3)\nx"}, []int{1, 1},
			"optional = [r'''^warning: \"slow\" \\(\\d+\\)$''']"},
		{"nothing holds", []string{"1> a\nx", "1> a\ny"}, []int{1, 1}, ""},
		{"what was typed", []string{"1> a\nx", "1> b\nx"}, []int{1, 1}, ""},
		{"two steps, one of them", []string{"1> a\nx\n--\n2> b\n5 ms", "1> a\nx\n--\n2> b\n7 ms"}, []int{1, 1}, `volatile = ["duration"]`},
		{"not the same steps", []string{"1> a\nx\n--\n2> b\nz", "1> a\nx"}, []int{1, 1}, ""},
		{"not there", []string{"", "1> a\nx", "1> a\nx"}, []int{2, 1}, ""},
	} {
		t.Run(c.summary, func(t *testing.T) {
			var runs [][]Text
			for _, run := range c.runs {
				text := Text{Name: "a@hoge.iex"}
				for part := range strings.SplitSeq(run, "\n--\n") {
					_, typed, _ := strings.Cut(strings.SplitN(part, "\n", 2)[0], "> ")
					text.Parts = append(text.Parts, step(part, typed))
				}
				if run == "" {
					runs = append(runs, []Text{{Name: "other", Parts: []Part{step("x")}}})
				} else {
					runs = append(runs, []Text{text, {Name: "other", Parts: []Part{step("x")}}})
				}
			}
			got := FindUnstable(runs, tries)
			if c.counts == nil {
				if len(got) > 0 {
					t.Fatalf("unstable: %+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Name != "a@hoge.iex" || got[0].Runs != len(c.runs) {
				t.Fatalf("%+v", got)
			}
			u := got[0]
			var counts []int
			absent := false
			for _, v := range u.Variants {
				counts = append(counts, v.Count)
				absent = absent || v.Absent
			}
			if len(counts) != len(c.counts) || counts[0] != c.counts[0] || counts[1] != c.counts[1] {
				t.Errorf("counts %v, want %v", counts, c.counts)
			}
			if absent != (u.Diff == "") {
				t.Errorf("diff %q", u.Diff)
			}
			var code []string
			for _, h := range u.Hold {
				code = append(code, h.Code)
			}
			if got := strings.Join(code, "; "); got != c.hold {
				t.Errorf("it would hold with %s, want %s", got, c.hold)
			}
		})
	}
}

// TestUnstableIdentity: a token that is one in some runs and two in others
// is not mended by an annotation of one step.
func TestUnstableIdentity(t *testing.T) {
	one := []Text{{Name: "a", Parts: []Part{step("1> a\n<0.1.0>", "a"), step("2> b\n<0.1.0>", "b")}}}
	two := []Text{{Name: "a", Parts: []Part{step("1> a\n<0.1.0>", "a"), step("2> b\n<0.2.0>", "b")}}}
	got := FindUnstable([][]Text{one, two}, nil)
	if len(got) != 1 || len(got[0].Hold) != 0 || !strings.Contains(got[0].Diff, "\n+<0.2.0>\n") {
		t.Errorf("%+v", got)
	}
}
