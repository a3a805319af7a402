package article

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"
	"github.com/rogpeppe/go-internal/txtar"
)

// texts are what the markers of these tests may name.
var texts = map[string]string{
	"hello":       "$ echo hello\nhello\n",
	"script.star": "web = node(\"web\")\n\nweb.sh(\"echo hello\")\n",
	"indented":    "  three\n\ttab\n",
	"fences":      "````\n ```\n~~~\n",
	"empty":       "",
	"trailing":    "\none\n\n \n",
	"marker":      "<!-- scenario: hello -->\n",
	"a#b@c":       "$ echo '元氣ですか'\n元氣ですか\n",
}

func find(m Marker) (string, error) {
	if text, ok := texts[m.Ref]; ok {
		return text, nil
	}
	return "", errors.New("there is none")
}

func TestMain(m *testing.M) {
	for _, name := range []string{"hello", "fences"} { // goldens, whose part can be asked for
		texts[name+"#x"] = texts[name]
	}
	m.Run()
}

// Every habit of testdata/habits.txtar, with either line break.
func TestHabits(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/habits.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range archive.Files {
		t.Run(file.Name, func(t *testing.T) {
			before, after, changes := strings.Cut(string(file.Data), "====\n")
			if !changes {
				after = before
			}
			for _, br := range []string{"\n", "\r\n"} {
				for _, ends := range []bool{true, false} {
					before, after := strings.ReplaceAll(before, "\n", br), strings.ReplaceAll(after, "\n", br)
					if !ends {
						before, after = strings.TrimSuffix(before, br), strings.TrimSuffix(after, br)
					}
					got, wrong := Weave([]byte(before), find)
					if wrong != nil {
						t.Fatal(wrong)
					}
					if string(got) != after {
						t.Errorf("with %q:\n%s", br, udiff.Unified("want", "got", after, string(got)))
					}
					again, wrong := Weave(got, find)
					if wrong != nil || !bytes.Equal(got, again) {
						t.Errorf("woven again: %v\n%s", wrong, udiff.Unified("once", "twice", string(got), string(again)))
					}
				}
			}
		})
	}
}

func TestWrong(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"<!-- scenario: -->", "1: which text? give SCENARIO#LABEL, SCENARIO#LABEL@TERMINAL, or a file"},
		{"\n<!-- scenario: none -->", "2: none: there is none"},
		{"<!-- scenario: hello#x outputs -->", "1: there is no option outputs; there are " + options},
		{"<!-- scenario: hello#x line=3 -->", "1: there is no option line; there are " + options},
		{"<!-- scenario: hello#x input output -->", "1: input and output are both of it: leave them out"},
		{"<!-- scenario: hello#x lines=1 lines=2 -->", "1: lines=2: there is a lines already"},
		{"<!-- scenario: hello#x lines=1 from=e -->", "1: lines and from exclude each other: give one of them"},
		{"<!-- scenario: hello#x lines=2-1 -->", "1: lines=2-1: give a number from 1, as 3; two, as 3-5; or the first, as 3-"},
		{"<!-- scenario: hello#x lines=0 -->", "1: lines=0: give a number from 1, as 3; two, as 3-5; or the first, as 3-"},
		{"<!-- scenario: hello#x lines= -->", "1: lines=: an option is one of " + options},
		{"<!-- scenario: hello#x output=1 -->", "1: output=1: an option is one of " + options},
		{"<!-- scenario: hello#x lang='a b' -->", "1: lang=a b: a language is one word"},
		{"<!-- scenario: hello#x from='a -->", `1: the ' in "hello#x from='a" is not closed`},
		{"<!-- scenario: script.star input -->", "1: script.star is a file: input, output, steps and matrix are for goldens, SCENARIO#LABEL"},
		{"<!-- scenario: script.star lines=3-4 -->", "1: script.star: there is no line 4: the text has 3 lines"},
		{"<!-- scenario: script.star from=nodes -->", `1: script.star: from="nodes": there is no line with that`},
		{"<!-- scenario: script.star from=sh to=node -->", `1: script.star: to="node": there is no line with that from line 3 on`},
		{"<!-- scenario: hello#x steps=2 -->", "1: hello#x: there is no step 2: the text has 1 step, each from a prompt on"},
		{"<!-- scenario: fences#x output -->", "1: fences#x: no line begins with a prompt that is known here: leave out input, output and steps, and give lines=3-5 if it is a part"},
		{"text <!-- scenario: hello -->", "1: a marker stands on a line of its own"},
		{"<!-- scenario: hello --> text", `1: nothing may stand behind a marker on its line, and "text" does`},
		{"<!-- scenario: hello --><!-- scenario: hello -->", `1: nothing may stand behind a marker on its line, and "<!-- scenario: hello -->" does`},
		{"<!-- scenario: hello\n\ntext", "1: the comment of this marker does not end: --> is missing"},
		{"<div>\n<!-- scenario: hello -->\n</div>", "2: this marker is a part of the HTML above it: leave a line empty before it, and after its fence"},
		{"<!-- scenario: hello -->\n\n```\nold\n\n# all the rest", "1: the fence below, in line 3, is not closed"},
		{"- <!-- scenario: hello -->\n  ```\n  old\n\ntext\n```\n", "1: the fence below, in line 2, is not closed"},
		{"<!-- scenario: none -->\n\n<!-- scenario: hello#x steps=x -->", "1: none: there is none\n3: steps=x: give a number from 1, as 3; two, as 3-5; or the first, as 3-"},
	} {
		got, wrong := Weave([]byte(tt.src), find)
		var lines []string
		for _, w := range wrong {
			lines = append(lines, w.Error())
		}
		if s := strings.Join(lines, "\n"); s != tt.want || got != nil {
			t.Errorf("%q:\n got %s\nwant %s\n%s", tt.src, s, tt.want, got)
		}
	}
}

// pieces are what lessons are made of, and what may confuse whoever reads them.
var pieces = []string{
	"<!-- scenario: hello -->", "<!-- scenario: fences lang=x -->", "<!-- scenario: script.star -->", "<!-- scenario: indented -->",
	"<!-- scenario: trailing -->", "<!-- scenario: marker -->", "<!-- scenario: a#b@c output -->", "<!-- scenario: empty -->",
	"\n<!-- scenario: hello#x output -->\n```\nold\n```\n", "\n> <!-- scenario: script.star -->\n> ~~~ x\n> ~~~\n",
	"\n- <!-- scenario: fences -->\n  ```\n  ```\n", "\n\n", "\n\n", "\n\n", "\n\n", "<!-- other -->", "<!--", "-->", "```", "````", "~~~", "~~~~", "```elixir title=\"x\"", "``` ", "- ", "1. ", "> ", ">", "  ", "    ", "\t", " ",
	"\n", "\n", "\n", "\n\n", "\r\n", "text", "元氣", "# h", "---", "===", "<div>", "</div>", "`", "\\", "[a]: b", "| a |", "\x00", "\r", "\xff", "&lt;",
}

// Of any Markdown: what is woven twice is woven once, and outside of fences and
// markers' new fences no byte is another.
func TestAnyMarkdown(t *testing.T) {
	woven := 0
	for seed := range uint64(10000) {
		r := rand.New(rand.NewPCG(seed, 1))
		var b strings.Builder
		for range r.IntN(16) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		if holds(t, b.String()) {
			woven++
		}
		if t.Failed() {
			return
		}
	}
	if woven < 1500 {
		t.Errorf("only %d were woven", woven)
	}
}

func FuzzWeave(f *testing.F) {
	archive, err := txtar.ParseFile("testdata/habits.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		f.Add(string(file.Data))
	}
	f.Fuzz(func(t *testing.T, src string) { holds(t, src) })
}

// holds says whether a lesson was woven.
func holds(t *testing.T, src string) bool {
	t.Helper()
	once, wrong := Weave([]byte(src), find)
	if wrong != nil {
		for _, w := range wrong {
			if w.Line < 1 || w.Line > strings.Count(src, "\n")+1 || w.Message == "" {
				t.Errorf("%q: %v", src, w)
			}
		}
		return false
	}
	twice, wrong := Weave(once, find)
	if wrong != nil || !bytes.Equal(once, twice) {
		t.Errorf("%q\nonce  %q\ntwice %q %v", src, once, twice, wrong)
	}
	before, _ := places([]byte(src))
	if a, b := outside([]byte(src), before), outside(once, before); a != b {
		t.Errorf("%q\nwoven   %q\nbefore %q\nafter  %q", src, once, a, b)
	}
	return len(before) > 0
}

// outside is a lesson without what is woven into it: the contents of fences, what
// they are longer by, a language where there was none, and whole fences where
// there was none before.
func outside(src []byte, before []place) string {
	found, _ := places(src)
	var b strings.Builder
	at := 0
	keep := func(to, next int) {
		b.Write(src[at:to])
		at = next
	}
	for i, p := range found {
		f := p.fence
		switch {
		case f == nil:
		case before[i].fence == nil:
			keep(p.end, lineEnd(src, f.close.to))
		default:
			keep(f.open.from+3, f.open.to)
			if old := before[i].fence; f.info.to-f.info.from != old.info.to-old.info.from {
				at = f.info.from + (f.info.to - f.info.from) - (old.info.to - old.info.from)
			}
			keep(f.content.from, f.content.to)
			keep(f.close.from+3, f.close.to)
		}
	}
	b.Write(src[at:])
	return strings.TrimRight(b.String(), "\r\n") // a fence that is made at the end brings a line break
}
