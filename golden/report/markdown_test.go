package report_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	renderer "github.com/yuin/goldmark/renderer/html"

	"scenario/golden"
	"scenario/golden/report"
)

func TestMarkdown(t *testing.T) {
	frozen, fine := lesson(), lesson()
	frozen.Frozen = true
	fine.Name, fine.Script = "fine", "fine/fine.star"
	fine.Verdicts, fine.Warnings = fine.Verdicts[:1], nil
	same(t, written(t, report.Markdown, frozen, fine, broke()), "\n"+strings.ReplaceAll(`## ❌ failed: 1 of 3 scenarios ok

| outcome | scenario | steps | goldens | seconds | script |
| --- | --- | ---: | --- | ---: | --- |
| ❌ drift | 'toukon' | 5 | 1 holds, 1 missing, 2 drifted, 1 unused | 4.6 | 'scenarios/toukon/toukon.star' |
| ✅ ok | 'fine' | 5 | 1 holds | 4.6 | 'fine/fine.star' |
| ❌ failed | 'broke' | 3 |  | 4.6 | 'broke.star' |

Where the new text is right, accept it:

'''sh
scenario run --update scenarios/toukon/toukon.star
'''

### ❌ 'toukon': drift

<details>
<summary>drifted: <code>cluster@hoge.iex</code> at <code>scenarios/toukon/toukon.star:18:1</code></summary>

'''diff
@@ -1,4 +1,4 @@
 iex(1)> Node.self()
 :hoge
 iex(2)> aisatsu()
-元氣ですか
+元氣ですかーーッ！
'''

</details>

<details>
<summary>drifted: <code>spawn@piyo.iex</code> at <code>scenarios/toukon/toukon.star:31:1</code></summary>

'''diff
@@ -2,1 +2,1 @@
-[#PID<0.5.0>, #PID<0.5.0>]
+[#PID<0.5.0>, #PID<0.8.0>]
the pid 0.5.0, first seen in spawn@piyo.iex:2, is two now: 0.7.0 there, and 0.8.0 in spawn@piyo.iex:2
'''

</details>

- missing: 'scenarios/toukon/golden/date@piyo.golden', the text of 'scenarios/toukon/toukon.star:32:1'

- unused: 'scenarios/toukon/golden/old@hoge.sh.golden'

- warning: scenarios/toukon/toukon.star:5:1: this kind of token matched nothing: (?P&#60;time&#62;&#92;d+ ms&#124;s)

- warning: std/elixir.star:30:9: slow

### ❌ 'broke': failed

'toukon.star:18:1'

'''text
hoge.iex: no prompt within 30s
it shows: 元氣
'''
`, "'", "`"))
}

// rendered is Markdown as GitHub shows it, but for what GitHub removes.
func rendered(t *testing.T, markdown string) string {
	t.Helper()
	var b strings.Builder
	gfm := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(renderer.WithUnsafe()))
	if err := gfm.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var tag = regexp.MustCompile(`<(/?\w+)`)

// No text is markup, ends the fence that it stands in, or makes another cell.
func TestMarkdownRendered(t *testing.T) {
	s := hostile()
	page := rendered(t, written(t, report.Markdown, s))
	open := map[string]int{}
	for _, m := range tag.FindAllStringSubmatch(page, -1) {
		if name, end := strings.CutPrefix(m[1], "/"); end {
			open[name]--
		} else {
			open[name]++
		}
	}
	for name, n := range open {
		switch {
		case name == "script":
			t.Error("a script")
		case n != 0:
			t.Errorf("%d more <%s> than </%s>", n, name, name)
		}
	}
	for what, want := range map[string]int{"<td": 6, "<h2": 1, "<h3": 1, "<pre": 2, "<details": 1, "<li": 2} {
		if n := strings.Count(page, what); n != want {
			t.Errorf("%d times %s, want %d, in\n%s", n, what, want, page)
		}
	}
	if n := strings.Count(page, html.EscapeString(harmless)); n < 2 {
		t.Errorf("the text stands %d times as it is, in\n%s", n, page)
	}
}

func TestMarkdownPaths(t *testing.T) {
	for _, c := range []struct{ summary, script, shown, command string }{
		{"plain", "scenarios/闘魂/a-b.star", "<code>scenarios/闘魂/a-b.star</code>", "scenarios/闘魂/a-b.star"},
		{"a space and quotes", `a b/it's "x".star`, `<code>a b/it's &quot;x&quot;.star</code>`, `'a b/it'\''s "x".star'`},
		{"what a shell obeys", "$(x).star", "<code>$(x).star</code>", "'$(x).star'"},
		{"a flag", "-x.star", "<code>-x.star</code>", "'-x.star'"},
		{"what ends a cell", "a|b`c\\|d_e_*f*.star", "a|b`c\\|d_e_*f*.star", "'a|b`c\\|d_e_*f*.star'"},
	} {
		t.Run(c.summary, func(t *testing.T) {
			s := report.Scenario{Script: c.script, Verdicts: []golden.Verdict{{Name: "a@b", State: golden.Drifted}}}
			got := written(t, report.Markdown, s)
			if page := rendered(t, got); !strings.Contains(page, c.shown+"</td>") {
				t.Errorf("not shown as %s:\n%s", c.shown, page)
			}
			if want := "scenario run --update " + c.command + "\n"; !strings.Contains(got, want) {
				t.Errorf("no %s in\n%s", want, got)
			}
		})
	}
}

func TestMarkdownLong(t *testing.T) {
	s := report.Scenario{Name: "long", Script: "long.star"}
	for i := range 10 {
		s.Verdicts = append(s.Verdicts, golden.Verdict{
			Name: fmt.Sprintf("a%d@b", i), State: golden.Drifted, Diff: strings.Repeat("+`````\n", 5000),
		})
	}
	few := written(t, report.Markdown, s)
	if n := strings.Count(few, "+`````\n… cut: 15001 bytes more\n``````\n"); n != 10 {
		t.Errorf("%d diffs are cut, want 10", n)
	}
	var many []report.Scenario
	for range 20 {
		many = append(many, s)
	}
	got := written(t, report.Markdown, many...)
	if len(got) >= 1_000_000 || len(got) < 900_000 {
		t.Errorf("%d bytes", len(got))
	}
	want := "\n</details>\n\n… cut: 166 parts more; GitHub takes no longer summary. The reports junit and json are whole.\n"
	if !strings.HasSuffix(got, want) {
		t.Errorf("it ends in %q, want %q", got[len(got)-200:], want)
	}
	s.Verdicts = []golden.Verdict{{Name: "one@b", State: golden.Drifted, Diff: "@@ -1,0 +1,1 @@\n+" + strings.Repeat("長", 100_000)}}
	if got := written(t, report.Markdown, s); len(got) > 21_000 || !strings.Contains(got, "長\n… cut: ") {
		t.Errorf("a long line makes %d bytes", len(got))
	}
}
