package golden

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"scenario/runner"
)

var (
	perhapses = []*regexp.Regexp{regexp.MustCompile("^o"), regexp.MustCompile("maybe")}
	brackets  = &runner.Between{From: regexp.MustCompile(`^\[`), To: regexp.MustCompile(`^\]`)}
)

// FuzzCompare holds any run against any golden: nothing panics, and what is
// accepted is the same, now and after it was accepted again.
//
// The run's parts are divided by lines of "--"; what stands behind the first
// "> " of a line was typed.
func FuzzCompare(f *testing.F) {
	f.Add("iex(1)> self()\n#PID<0.110.0>\n", "iex(1)> self()\n#PID<0.98.0>", "0123456789ab", byte(0))
	f.Add("a\n[<0.85.0>,<8.86.0>,\n <0.87.0>]\n", "[<0.85.0>,\n <8.860.0>,<0.87.0>]\n--\nb", "", byte(1))
	f.Add("iex> f\n#PID<0.1.0>\niex> g\n\n\n", "iex> g\n--\niex> f\n#PID<0.1.0> #PID<0.2.0>", "", byte(2))
	f.Add("0123456789ab\r\n12 34 5 5\r\n", "> 5\n6 7 5 6\nba9876543210", "ba9876543210", byte(7))
	f.Add("x 1 2\nx 2 3\nx 3\n", "x 9 8\nx 7\nx 8 7", "", byte(6))
	f.Add("> x\no 1\n[\na\nb 1\n]\nc\n", "> x\n[\nb 2\na\n]\no 2\nc", "", byte(2|1|8|16))
	f.Add("maybe\n> x\n[\na\nmaybe\n", "> x\n[\nb 2\n]\no 2\nc\n--\no\n--\n> y", "", byte(1|8|16))
	f.Fuzz(func(t *testing.T, golden, run, known string, how byte) {
		if !utf8.ValidString(golden + run) {
			return
		}
		var ids []string
		for word := range strings.FieldsSeq(known) {
			if len(word) == 12 && isHexID(word) && strings.ContainsAny(word, "abcdef") {
				ids = append(ids, word)
			}
		}
		kinds := [][]runner.Kind{beam, {number}, {clock, duration, number}}[how>>1&3%3]
		text := func(name, run string, unordered bool) Text {
			text := Text{Name: name}
			for _, part := range strings.Split(run, "\n--\n") {
				p := Part{Text: part, Scope: "s", Wraps: true, Tolerance: runner.Tolerance{Kinds: kinds, Unordered: unordered}, Known: ids}
				if how&8 > 0 {
					p.Optional = perhapses
				}
				if how&16 > 0 {
					p.Between = brackets
				}
				for line := range strings.SplitSeq(part, "\n") {
					if _, typed, ok := strings.Cut(line, "> "); ok {
						p.Typed = append(p.Typed, typed)
					}
				}
				text.Parts = append(text.Parts, p)
			}
			return text
		}
		// The other text shares the scope and is new.
		compareAll(t, []Text{
			text("a", run, how&1 > 0), text("b", golden, false),
		}, map[string]string{"a": golden})
	})
}
