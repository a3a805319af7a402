package report_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aymanbagabas/go-udiff"

	"scenario/golden"
	"scenario/golden/report"
	"scenario/runner"
)

// lesson has a golden in each state, and warnings with and without a place.
func lesson() report.Scenario {
	ok := 0
	return report.Scenario{
		Name:   "toukon",
		Script: "scenarios/toukon/toukon.star",
		Recording: &runner.Recording{
			Started: time.Date(2026, 9, 8, 21, 4, 5, 678_900_000, time.FixedZone("JST", 9*60*60)),
			Seconds: 4.6123,
			Steps: []*runner.Step{
				{Op: runner.OpType, Node: "hoge", Terminal: "hoge.sh", Chapter: "nodes", Label: "nodes", Pos: "toukon.star:14:1",
					Typed: []string{"hostname -i"}, Text: "$ hostname -i\n172.17.0.4", Output: "172.17.0.4", Status: &ok, Start: 0.1, End: 0.3504},
				{Op: runner.OpExec, Node: "hoge", Chapter: "cluster", Pos: "lib/mesh.star:3:5", Typed: []string{"true"}, Status: &ok, Start: 0.4, End: 0.5},
				{Op: runner.OpType, Node: "hoge", Terminal: "hoge.iex", Chapter: "cluster", Label: "cluster", Pos: "toukon.star:17:1",
					Typed: []string{"Node.self()"}, Text: "iex(1)> Node.self()\n:hoge", Output: ":hoge", Start: 1, End: 1.25},
				{Op: runner.OpType, Node: "hoge", Terminal: "hoge.iex", Chapter: "cluster", Label: "cluster", Pos: "toukon.star:18:1",
					Typed: []string{"aisatsu()"}, Text: "iex(2)> aisatsu()\n元氣ですかーーッ！", Output: "元氣ですかーーッ！", Start: 2, End: 2.5},
				{Op: runner.OpType, Node: "piyo", Terminal: "piyo.iex", Chapter: "remote", Label: "spawn", Pos: "toukon.star:31:1",
					Typed: []string{"[self(), self()]"}, Text: "iex(1)> [self(), self()]\n[#PID<0.7.0>, #PID<0.8.0>]", Output: "[#PID<0.7.0>, #PID<0.8.0>]", Start: 3, End: 3.001},
				{Op: runner.OpExec, Node: "piyo", Chapter: "remote", Label: "date", Pos: "toukon.star:32:1",
					Typed: []string{"date"}, Text: "今日", Output: "今日", Status: &ok, Start: 4, End: 4.0126},
			},
		},
		Verdicts: []golden.Verdict{
			{Name: "nodes@hoge.sh", State: golden.Same, Parts: []golden.PartVerdict{{}}, Pos: "toukon.star:14:1"},
			{Name: "cluster@hoge.iex", State: golden.Drifted, Pos: "toukon.star:18:1",
				Diff: "@@ -1,4 +1,4 @@\n iex(1)> Node.self()\n :hoge\n iex(2)> aisatsu()\n-元氣ですか\n+元氣ですかーーッ！\n",
				Parts: []golden.PartVerdict{
					{State: golden.Same},
					{State: golden.Drifted, Diff: "@@ -3,2 +3,2 @@\n iex(2)> aisatsu()\n-元氣ですか\n+元氣ですかーーッ！\n"},
				}},
			{Name: "spawn@piyo.iex", State: golden.Drifted, Pos: "toukon.star:31:1",
				Diff: "@@ -2,1 +2,1 @@\n-[#PID<0.5.0>, #PID<0.5.0>]\n+[#PID<0.5.0>, #PID<0.8.0>]\n",
				Broken: []golden.Identity{{Kind: "pid",
					First: golden.Sight{Name: "spawn@piyo.iex", Line: 2, Golden: "0.5.0", Run: "0.7.0"},
					Here:  golden.Sight{Name: "spawn@piyo.iex", Line: 2, Golden: "0.5.0", Run: "0.8.0"}}}},
			{Name: "date@piyo", State: golden.New, Pos: "toukon.star:32:1"},
			{Name: "old@hoge.sh", State: golden.Unused},
		},
		Warnings: []report.Note{
			{Pos: "toukon.star:5:1", Message: "this kind of token matched nothing: (?P<time>\\d+ ms|s)"},
			{Pos: "std/elixir.star:30:9", Message: "slow"},
		},
	}
}

// broke is a run that a step ended.
func broke() report.Scenario {
	s := lesson()
	s.Name, s.Script = "broke", "broke.star"
	s.Verdicts, s.Warnings = nil, nil
	s.Recording.Steps = s.Recording.Steps[:4]
	s.Recording.Steps[3].Error = "hoge.iex: no prompt within 30s"
	s.Failure = &report.Failure{Pos: "toukon.star:18:1", Message: "hoge.iex: no prompt within 30s\nit shows: 元氣"}
	return s
}

// bare is a run that never was.
func bare() report.Scenario {
	return report.Scenario{
		Name: "bare", Script: "bare.star",
		Failure: &report.Failure{Message: "Docker cannot be reached", Environment: true},
	}
}

// evil is text that means something to each of those who read reports.
const evil = "a\x1b[31mb\u009b2J\x7f\x00\r\n]]>\n::error file=x::forged\n```\n````\n</details>| `<script>` &amp; \\ %0A \xff\uffff\u0085\rend"

// harmless is evil, made harmless.
const harmless = "a·[31mb·2J··\n]]>\n::error file=x::forged\n```\n````\n</details>| `<script>` &amp; \\ %0A \ufffd\ufffd··end"

// hostile says evil things wherever it can.
func hostile() report.Scenario {
	return report.Scenario{
		Name: evil, Script: "x/" + evil + ".star",
		Recording: &runner.Recording{Steps: []*runner.Step{{
			Op: runner.OpType, Node: "n", Terminal: "n.sh", Label: "l", Pos: "x.star:1:1", Typed: []string{evil}, Text: evil, Output: evil,
		}}},
		Verdicts: []golden.Verdict{
			{Name: "l@n.sh", State: golden.Drifted, Diff: evil, Pos: "x.star:1:1",
				Parts:  []golden.PartVerdict{{State: golden.Drifted, Diff: evil}},
				Broken: []golden.Identity{{Kind: evil, First: golden.Sight{Golden: evil}, Here: golden.Sight{Golden: evil}}}},
			{Name: evil, State: golden.Unused},
		},
		Warnings: []report.Note{{Message: evil}},
		Failure:  &report.Failure{Message: evil},
		Frozen:   true,
	}
}

var formats = []struct {
	name  string
	write func(io.Writer, []report.Scenario) error
}{
	{"junit", report.JUnit}, {"json", report.JSON}, {"github", report.GitHub}, {"markdown", report.Markdown},
}

func written(t *testing.T, write func(io.Writer, []report.Scenario) error, scenarios ...report.Scenario) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b, scenarios); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// same compares a report with what it should be.
func same(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("not what it should be:\n%s", udiff.Unified("want", "got", want, got))
	}
}

func TestOutcome(t *testing.T) {
	one := func(s golden.State) []golden.Verdict { return []golden.Verdict{{Name: "a@b", State: s}} }
	stopped := &report.Failure{Message: "stopped"}
	for _, c := range []struct {
		summary string
		s       report.Scenario
		want    report.Outcome
	}{
		{"nothing", report.Scenario{}, report.OK},
		{"same", report.Scenario{Verdicts: one(golden.Same), Frozen: true}, report.OK},
		{"drifted", report.Scenario{Verdicts: one(golden.Drifted)}, report.Drift},
		{"drifted, accepted", report.Scenario{Verdicts: one(golden.Drifted), Accepted: map[string]string{"a@b": "done"}}, report.OK},
		{"new", report.Scenario{Verdicts: one(golden.New)}, report.OK},
		{"new, accepted", report.Scenario{Verdicts: one(golden.New), Accepted: map[string]string{"a@b": "done"}}, report.OK},
		{"missing", report.Scenario{Verdicts: one(golden.New), Frozen: true}, report.Drift},
		{"unused", report.Scenario{Verdicts: one(golden.Unused)}, report.OK},
		{"unused, frozen", report.Scenario{Verdicts: one(golden.Unused), Frozen: true}, report.Drift},
		{"unused, removed", report.Scenario{Verdicts: one(golden.Unused), Accepted: map[string]string{"a@b": "done"}}, report.OK},
		{"failed", report.Scenario{Failure: stopped}, report.Failed},
		{"failed in the end", report.Scenario{Verdicts: one(golden.Drifted), Failure: stopped}, report.Failed},
		{"environment", bare(), report.Environment},
	} {
		t.Run(c.summary, func(t *testing.T) {
			if got := c.s.Outcome(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// All reports say how many scenarios fail, and for what, alike.
func TestAlike(t *testing.T) {
	for _, c := range []struct {
		state           golden.State
		frozen, updated bool
		fails, warns    bool
		word            string // in the summary's table
	}{
		{golden.Same, true, false, false, false, "1 holds"},
		{golden.Drifted, false, false, true, false, "1 drifted"},
		{golden.Drifted, false, true, false, false, "1 updated"},
		{golden.New, false, false, false, false, "1 new"},
		{golden.New, true, false, true, false, "1 missing"},
		{golden.Unused, false, false, false, true, "1 unused"},
		{golden.Unused, true, false, true, false, "1 unused"},
		{golden.Unused, false, true, false, false, "1 removed"},
		{golden.Unstable, false, false, true, false, "1 unstable"},
	} {
		t.Run(fmt.Sprintf("%s frozen=%t updated=%t", c.state, c.frozen, c.updated), func(t *testing.T) {
			accepted := map[string]string{}
			if c.updated {
				accepted["a@b"] = map[golden.State]string{golden.Drifted: "updated", golden.Unused: "removed"}[c.state]
			}
			s := report.Scenario{
				Name: "x", Script: "x/x.star", Frozen: c.frozen, Accepted: accepted,
				Verdicts: []golden.Verdict{{Name: "a@b", State: c.state, Diff: "-a\n+b\n"}},
			}
			for _, p := range []struct {
				write  func(io.Writer, []report.Scenario) error
				fails  string
				warns  string
				always string
			}{
				{report.JUnit, "<failure", "warning: x/golden/a@b.golden", `<testsuite name="x"`},
				{report.JSON, `"fails": true`, `"message": "x/golden/a@b.golden`, `"state": "` + c.state.String()},
				{report.GitHub, "::error file=x/x.star", "::warning file=x/x.star", ""},
				{report.Markdown, "### ❌ `x`: drift", "- warning: x/golden/a@b.golden", "| " + c.word + " |"},
			} {
				got := written(t, p.write, s)
				if strings.Contains(got, p.fails) != c.fails || strings.Contains(got, p.warns) != c.warns || !strings.Contains(got, p.always) {
					t.Errorf("%+v:\n%s", p, got)
				}
			}
		})
	}
}

// Whatever a lab says, control characters do not come through, and what has
// been made harmless is still there.
func TestHarmless(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			got := written(t, f.write, hostile())
			for i, c := range got {
				if c < ' ' && c != '\n' || c >= 0x7f && c < 0xa0 {
					t.Errorf("%q comes through in %q", c, got[max(0, i-20):i+1])
				}
			}
			if !strings.HasSuffix(got, "\n") {
				t.Error("the last line does not end")
			}
		})
	}
}

func TestNothing(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			written(t, f.write)
			written(t, f.write, report.Scenario{})
			written(t, f.write, report.Scenario{Failure: &report.Failure{}, Warnings: []report.Note{{}}})
		})
	}
}

// A report that cannot be written is an error.
func TestFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	for _, f := range formats {
		if err := f.write(full, []report.Scenario{bare()}); err == nil {
			t.Errorf("%s: no error", f.name)
		}
	}
}

// The manual in docs is what the fields say.
func TestReference(t *testing.T) {
	const path = "../../docs/reference/report.md"
	have, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	if want := report.Reference(); string(have) != want {
		t.Errorf("%s is stale; this mends it:\n\tmake manual\n%s", path, udiff.Unified(path, "the fields", string(have), want))
	}
}
