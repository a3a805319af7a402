package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"scenario/golden/report"
	"scenario/runner"
)

func TestJUnit(t *testing.T) {
	frozen := lesson()
	frozen.Frozen = true
	same(t, written(t, report.JUnit, frozen, broke(), bare()), `
<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="7" failures="4" errors="2" time="9.225">
  <testsuite name="toukon" tests="5" failures="4" errors="0" skipped="0" time="4.612" timestamp="2026-09-08T12:04:05" file="scenarios/toukon/toukon.star">
    <testcase name="nodes@hoge.sh" classname="toukon" file="scenarios/toukon/toukon.star" line="14" time="0.250"></testcase>
    <testcase name="cluster@hoge.iex" classname="toukon" file="scenarios/toukon/toukon.star" line="18" time="0.750">
      <failure type="drift" message="the text has drifted from scenarios/toukon/golden/cluster@hoge.iex.golden"><![CDATA[@@ -1,4 +1,4 @@
 iex(1)> Node.self()
 :hoge
 iex(2)> aisatsu()
-元氣ですか
+元氣ですかーーッ！]]></failure>
    </testcase>
    <testcase name="spawn@piyo.iex" classname="toukon" file="scenarios/toukon/toukon.star" line="31" time="0.001">
      <failure type="drift" message="the text has drifted from scenarios/toukon/golden/spawn@piyo.iex.golden"><![CDATA[@@ -2,1 +2,1 @@
-[#PID<0.5.0>, #PID<0.5.0>]
+[#PID<0.5.0>, #PID<0.8.0>]
the pid 0.5.0, first seen in spawn@piyo.iex:2, is two now: 0.7.0 there, and 0.8.0 in spawn@piyo.iex:2]]></failure>
    </testcase>
    <testcase name="date@piyo" classname="toukon" file="scenarios/toukon/toukon.star" line="32" time="0.013">
      <failure type="missing" message="scenarios/toukon/golden/date@piyo.golden is missing"></failure>
    </testcase>
    <testcase name="old@hoge.sh" classname="toukon" time="0.000">
      <failure type="unused" message="scenarios/toukon/golden/old@hoge.sh.golden is unused: no step leaves it"></failure>
    </testcase>
    <system-err><![CDATA[warning: scenarios/toukon/toukon.star:5:1: this kind of token matched nothing: (?P<time>\d+ ms|s)
warning: std/elixir.star:30:9: slow]]></system-err>
  </testsuite>
  <testsuite name="broke" tests="1" failures="0" errors="1" skipped="0" time="4.612" timestamp="2026-09-08T12:04:05" file="broke.star">
    <testcase name="cluster@hoge.iex" classname="broke" file="toukon.star" line="18" time="0.500">
      <error type="failed" message="hoge.iex: no prompt within 30s"><![CDATA[toukon.star:18:1: hoge.iex: no prompt within 30s
it shows: 元氣]]></error>
    </testcase>
  </testsuite>
  <testsuite name="bare" tests="1" failures="0" errors="1" skipped="0" time="0.000" file="bare.star">
    <testcase name="run" classname="bare" time="0.000">
      <error type="environment" message="Docker cannot be reached"><![CDATA[Docker cannot be reached]]></error>
    </testcase>
  </testsuite>
</testsuites>
`)
}

// What ended a run is called after the step that did, if one did.
func TestJUnitFailure(t *testing.T) {
	for _, c := range []struct {
		summary string
		last    runner.Step
		want    string
	}{
		{"in a terminal", runner.Step{Node: "a", Terminal: "a.sh", Label: "x", Error: "no"}, "x@a.sh"},
		{"beside the terminals", runner.Step{Node: "a", Label: "x", Error: "no"}, "x@a"},
		{"without a label", runner.Step{Node: "a", Error: "no"}, "run"},
		{"after the last step", runner.Step{Node: "a", Terminal: "a.sh", Label: "x"}, "run"},
	} {
		t.Run(c.summary, func(t *testing.T) {
			s := report.Scenario{
				Recording: &runner.Recording{Steps: []*runner.Step{&c.last}},
				Failure:   &report.Failure{Message: "no"},
			}
			if got := written(t, report.JUnit, s); !strings.Contains(got, `<testcase name="`+c.want+`"`) {
				t.Errorf("not called %s:\n%s", c.want, got)
			}
		})
	}
}

// element is what the schema of Jenkins' xunit plugin says of an element, as
// far as it is used here.
type element struct {
	required, optional, children []string
}

var schema = map[string]element{
	"":           {children: []string{"testsuites"}},
	"testsuites": {optional: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
	"testsuite": {
		required: []string{"name", "tests", "failures", "errors"},
		optional: []string{"time", "skipped", "timestamp", "file"},
		children: []string{"properties", "testcase", "system-out", "system-err"}, // in Ant's order
	},
	"testcase": {
		required: []string{"name"},
		optional: []string{"classname", "file", "line", "time"},
		children: []string{"error", "failure"},
	},
	"failure":    {optional: []string{"type", "message"}},
	"error":      {optional: []string{"type", "message"}},
	"system-err": {},
}

func TestJUnitSchema(t *testing.T) {
	all := written(t, report.JUnit, lesson(), broke(), bare(), hostile(), report.Scenario{})
	d := xml.NewDecoder(strings.NewReader(all))
	open := []string{""}
	last := []string{""} // child of each open element
	var texts []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, all)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name, parent := token.Name.Local, len(open)-1
			order := schema[open[parent]].children
			if !slices.Contains(order, name) || slices.Index(order, name) < slices.Index(order, last[parent]) {
				t.Errorf("<%s> in <%s> after <%s>", name, open[parent], last[parent])
			}
			last[parent] = name
			has := map[string]bool{}
			for _, a := range token.Attr {
				has[a.Name.Local] = true
				if !slices.Contains(slices.Concat(schema[name].required, schema[name].optional), a.Name.Local) {
					t.Errorf("<%s> has %s", name, a.Name.Local)
				}
			}
			for _, a := range schema[name].required {
				if !has[a] {
					t.Errorf("<%s> has no %s", name, a)
				}
			}
			open, last = append(open, name), append(last, "")
		case xml.EndElement:
			open, last = open[:len(open)-1], last[:len(last)-1]
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" {
				texts = append(texts, text)
			}
		}
	}
	if len(open) != 1 {
		t.Errorf("still open: %v", open)
	}
	// The decoder gives a CDATA section that was split for its "]]>" in pieces.
	if whole := strings.Join(texts, ""); !strings.Contains(whole, harmless) {
		t.Errorf("%q is not in %q", harmless, whole)
	}
}
