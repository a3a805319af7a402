package check

import (
	"math/rand/v2"
	"strings"
	"testing"

	"scenario/golden/article"
)

// fence is an article's lines with a prefix each, and where they stand.
func fence(prefix string, lines []string) (src string, found []article.Line) {
	var b strings.Builder
	b.WriteString(prefix + "```\n")
	for i, l := range lines {
		b.WriteString(prefix)
		found = append(found, article.Line{Text: l, Number: i + 2, From: b.Len(), To: b.Len() + len(l)})
		b.WriteString(l + "\n")
	}
	return b.String() + prefix + "```\n", found
}

func fixed(src string, expect []article.Line, want []string) string {
	v := &Verdict{State: Drift, fixes: fix(&heard{expect: expect}, want)}
	return string(Fix([]byte(src), []*Verdict{v}))
}

// What was drifted is what was seen, whatever it was, and where it stands.
func TestFix(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func() (lines []string) {
		for range 1 + random.IntN(6) {
			lines = append(lines, string(rune('a'+random.IntN(4))))
		}
		return lines
	}
	for range 2000 {
		prefix := []string{"", "> ", "  "}[random.IntN(3)]
		old, want := text(), text()
		src, expect := fence(prefix, old)
		wanted, _ := fence(prefix, want)
		if got := fixed(src, expect, want); got != wanted {
			t.Fatalf("%q with %q in its place:\n%s\nwant\n%s", old, want, got, wanted)
		}
	}
}

func TestFixKeeps(t *testing.T) {
	src, expect := fence("> ", []string{"", "same  ", "old", "...", "same\t", ""})
	want := "> ```\n> \n> same  \n> new\n> newer\n> ...\n> same\t\n> \n> ```\n"
	if got := fixed(src, expect, []string{"same", "new", "newer", "...", "same"}); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	crlf := strings.ReplaceAll("```\nold\n```\n", "\n", "\r\n")
	expect = []article.Line{{Text: "old", Number: 2, From: 5, To: 8}}
	if got, want := fixed(crlf, expect, []string{"a", "b"}), "```\r\na\r\nb\r\n```\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What the script has put there is not the article's.
func TestFixReplaced(t *testing.T) {
	src, expect := fence("", []string{"old"})
	expect[0].Replaced = true
	if got := fixed(src, expect, []string{"new"}); got != src {
		t.Errorf("%q", got)
	}
}
