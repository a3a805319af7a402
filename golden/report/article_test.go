package report_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"scenario/golden/report"
	"scenario/runner"
)

// checked is an article with a block in each state.
func checked() report.Scenario {
	return report.Scenario{
		Name: "lab", Script: "docs/lab.star", Article: "docs/a b.md",
		Recording: &runner.Recording{Seconds: 3.5},
		Blocks: []report.Block{
			{Number: 1, Line: 3, At: 3, Title: "$ ls", State: "ok", Where: []string{"pc.w1"}, Seconds: 0.25},
			{Number: 2, Line: 9, At: 11, Title: "iex> f()", State: "drift", Diff: "@@ -1,1 +1,1 @@\n-1\n+2\n", Where: []string{"pc.w2"}},
			{Number: 3, Line: 20, At: 21, Title: "g()", State: "fails", Why: "** (UndefinedFunctionError) g/0\nmore"},
			{Number: 4, Line: 30, At: 30, Title: "h()", State: "fails", Why: "boom", Known: "the author knows"},
			{Number: 5, Line: 40, At: 40, Title: "cd", State: "shown only"},
			{Number: 6, Line: 50, At: 50, Title: "docker run", State: "not run", Why: "needs network"},
		},
		Short: "83 % of the blocks were run, and --min-coverage asks for 90 %",
	}
}

func TestArticleJUnit(t *testing.T) {
	same(t, written(t, report.JUnit, checked()), `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="7" failures="3" errors="0" time="3.500">
  <testsuite name="docs/a b.md" tests="7" failures="3" errors="0" skipped="1" time="3.500" file="docs/lab.star">
    <testcase name="1: $ ls" classname="docs/a b.md" file="docs/a b.md" line="3" time="0.250"></testcase>
    <testcase name="2: iex&gt; f()" classname="docs/a b.md" file="docs/a b.md" line="11" time="0.000">
      <failure type="drift" message="the article shows another text"><![CDATA[@@ -1,1 +1,1 @@
-1
+2]]></failure>
    </testcase>
    <testcase name="3: g()" classname="docs/a b.md" file="docs/a b.md" line="21" time="0.000">
      <failure type="fails" message="** (UndefinedFunctionError) g/0"><![CDATA[** (UndefinedFunctionError) g/0
more]]></failure>
    </testcase>
    <testcase name="4: h()" classname="docs/a b.md" file="docs/a b.md" line="30" time="0.000">
      <system-out><![CDATA[fails, known: the author knows]]></system-out>
    </testcase>
    <testcase name="5: cd" classname="docs/a b.md" file="docs/a b.md" line="40" time="0.000"></testcase>
    <testcase name="6: docker run" classname="docs/a b.md" file="docs/a b.md" line="50" time="0.000">
      <skipped message="needs network"></skipped>
    </testcase>
    <testcase name="coverage" classname="docs/a b.md" file="docs/a b.md" line="1" time="0.000">
      <failure type="coverage" message="83 % of the blocks were run, and --min-coverage asks for 90 %"></failure>
    </testcase>
  </testsuite>
</testsuites>
`)
}

// Annotations land on the article.
func TestArticleGitHub(t *testing.T) {
	same(t, written(t, report.GitHub, checked()), `
::error file=docs/a b.md,line=11,title=drift%3A iex> f()::@@ -1,1 +1,1 @@%0A-1%0A+2
::error file=docs/a b.md,line=21,title=fails%3A g()::** (UndefinedFunctionError) g/0%0Amore
::error file=docs/a b.md,line=1,title=coverage%3A docs/a b.md::83 %25 of the blocks were run, and --min-coverage asks for 90 %25
`)
}

func TestArticleMarkdown(t *testing.T) {
	same(t, written(t, report.Markdown, checked()), strings.ReplaceAll(strings.ReplaceAll(`
## ❌ drift: 0 of 1 scenarios ok

| outcome | scenario | steps | goldens | seconds | script |
| --- | --- | ---: | --- | ---: | --- |
| ❌ drift | '''docs/a b.md''' | 0 | 1 ok, 1 drift, 2 fails, 1 shown only, 1 not run | 3.5 | '''docs/lab.star''' |

### ❌ '''docs/a b.md''': drift

| line | block | verdict | why |
| ---: | --- | --- | --- |
| 3 | '''$ ls''' | ok |  |
| 11 | '''iex> f()''' | drift |  |
| 21 | '''g()''' | fails | &#42;&#42; (UndefinedFunctionError) g/0 |
| 30 | '''h()''' | fails | known: the author knows |
| 40 | '''cd''' | shown only |  |
| 50 | '''docker run''' | not run | needs network |

83 % of the blocks were run, and --min-coverage asks for 90 %

<details>
<summary>drift: <code>iex&gt; f()</code> at <code>docs/a b.md:11</code></summary>

''''''diff
@@ -1,1 +1,1 @@
-1
+2
''''''

</details>

<details>
<summary>fails: <code>g()</code> at <code>docs/a b.md:21</code></summary>

''''''diff
** (UndefinedFunctionError) g/0
more
''''''

</details>
`, "''''''", "```"), "'''", "`"))
}

// What is known is no failure, and neither is what was not run.
func TestArticleOutcome(t *testing.T) {
	s := checked()
	s.Short, s.Blocks = "", append(s.Blocks[:1:1], s.Blocks[3:]...)
	if got := s.Outcome(); got != report.OK {
		t.Errorf("known: %s", got)
	}
	if s.Short = "short"; s.Outcome() != report.Drift {
		t.Error("too little was run, and that is ok")
	}
	if s = checked(); s.Outcome() != report.Drift {
		t.Error("drift is ok")
	}
}

// Whatever an article has in it, the reports stay whole.
func TestArticleForged(t *testing.T) {
	s := report.Scenario{Script: "x.star", Article: evil, Short: evil, Blocks: []report.Block{
		{Number: 1, Line: 1, At: 1, Title: evil, State: "drift", Why: evil, Diff: evil, Where: []string{evil}},
		{Number: 2, Line: 2, At: 2, Title: evil, State: "fails", Why: evil, Known: evil},
		{Number: 3, Line: 3, At: 3, Title: evil, State: "not run", Why: evil},
	}}
	lines := strings.Split(strings.TrimSuffix(written(t, report.GitHub, s), "\n"), "\n")
	if len(lines) != 2 {
		t.Errorf("%d annotations: %q", len(lines), lines)
	}
	for _, l := range lines {
		if name, _, _ := command(t, l); name != "error" {
			t.Errorf("%q", l)
		}
	}
	if err := xml.Unmarshal([]byte(written(t, report.JUnit, s)), new(struct{})); err != nil {
		t.Error(err)
	}
	for _, f := range formats {
		if text := written(t, f.write, s); strings.ContainsAny(text, "\x1b\x07\u009b") {
			t.Errorf("%s: %q", f.name, text)
		}
	}
}
