package report

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"scenario/golden"
	"scenario/runner"
)

// Reference is the manual of the reports in Markdown: docs/reference/report.md.
func Reference() string {
	var b strings.Builder
	fmt.Fprintf(&b, quoted(`# Reports

<!-- Written by "make manual", from the code itself. -->

'scenario run --report KIND=FILE' writes what came of a run for other programs. It can be repeated, and the file '-' is
standard output. All reports say the same: the outcome of each scenario, its goldens, and where in the script a step
stands whose text has drifted. Paths are from the current folder. Secrets are masked.

| report | what it is |
| --- | --- |
| 'junit=FILE' | JUnit XML, for the test results of CI systems |
| 'json=FILE' | one document with one object for each step, described below |
| 'markdown=FILE' | a summary for a CI job's page |
| 'github' | annotations on the lines of the scripts, as GitHub's workflow commands on standard output |

## junit

Each scenario is a suite, and each golden a case in it, which is called as the golden and stands at its first step that
drifted, or else at its first. A golden that has drifted is a failure of type 'drift', with the diff; with '--frozen',
one that is not there is a failure of type 'missing', and one that no step leaves of type 'unused'. What ended a run is
an error of type 'failed' or 'environment' in a case of its own, which is called as the step that failed, or else 'run'.
Warnings are the suite's 'system-err'.

## markdown

In GitHub's dialect, for '$GITHUB_STEP_SUMMARY': a table of the scenarios, the commands that accept what drifted, and
then the diffs and errors. GitHub takes no summary above 1 MiB: a diff of more than %s bytes is cut, the whole is
kept below %s bytes, and both say so.

## github

An error for what ended a run, for each step that drifted, and for each golden that is missing or unused; a warning for
each warning. What has no place in a script is shown at its first line. GitHub finds the lines when the job's step runs
in the repository's folder, and shows no more than 10 errors and 10 warnings of it; the summary has all.

Write the other reports to files in such a job. GitHub reads commands from standard output, and in those reports the
text of a lab stands as it is.

## json

Within a version, fields keep their names, their meaning and their order. New ones may come, and new values of 'outcome'
and 'op'; a reader ignores what it does not know. Whatever else changes makes another version.

Text is as it was recorded: control characters are escaped, and bytes that are no UTF-8 are U+FFFD. Times are in
seconds, to the millisecond. A field that is marked "or absent" is left out when there is nothing to say.

The steps that drifted, with their places:

`)+fence("sh", `jq -r '.scenarios[].steps[] | select(.outcome == "drifted") | "\(.file):\(.line): \(.golden)"' report.json`)+`
The goldens for which a run fails:

`+fence("sh", `jq -r '.scenarios[].goldens[] | select(.fails) | .path' report.json`)+"\n", thousands(fenceLimit), thousands(summaryLimit))
	for _, o := range objects() {
		fmt.Fprintf(&b, "### %s\n\n", strings.Join(o.paths, ", "))
		for _, f := range fields(o.of) {
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			kind := kindOf(f.Type)
			if options == "omitempty" {
				kind += ", or absent"
			}
			fmt.Fprintf(&b, "- `%s` (%s): %s\n", name, kind, quoted(f.Tag.Get("doc")))
		}
		b.WriteByte('\n')
	}
	var doc strings.Builder
	if err := JSON(&doc, example()); err != nil {
		panic(err) // it is always the same
	}
	b.WriteString("### An example\n\n" + fence("json", doc.String()))
	return b.String()
}

var quotes = regexp.MustCompile(`(?m)(^|[ (|])'([^']+)'`)

// quoted makes code of what stands in single quotes: neither a raw string nor
// a tag can hold a backtick.
func quoted(s string) string { return quotes.ReplaceAllString(s, "$1`$2`") }

// object is a kind of object in the document, and where it stands in it.
type object struct {
	of    reflect.Type
	paths []string // as jq writes them
}

// objects are those of the document, each before those in it.
func objects() []object {
	var all []object
	var walk func(of reflect.Type, path string)
	walk = func(of reflect.Type, path string) {
		title := "`" + path + "`"
		if i := slices.IndexFunc(all, func(o object) bool { return o.of == of }); i >= 0 {
			all[i].paths = append(all[i].paths, title)
			return
		}
		all = append(all, object{of, []string{title}})
		for _, f := range fields(of) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			inner := strings.TrimSuffix(path, ".") + "." + name
			t := f.Type
			if t.Kind() == reflect.Slice {
				inner += "[]"
			}
			if t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
				t = t.Elem()
			}
			if t.Kind() == reflect.Struct {
				walk(t, inner)
			}
		}
	}
	walk(reflect.TypeFor[document](), ".")
	return all
}

// fields are those of an object, in order.
func fields(of reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(of), func(f reflect.StructField) bool { return f.Anonymous })
}

func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Slice:
		return "array of " + kindOf(t.Elem()) + "s"
	case reflect.Struct:
		return "object"
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "integer"
	case reflect.Float64:
		return "number"
	}
	return t.Kind().String()
}

// thousands writes a number as a reader likes it.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// example is a short run in which a text has drifted.
func example() []Scenario {
	ok := 0
	steps := []*runner.Step{{
		Op: runner.OpType, Node: "web", Terminal: "web.sh", Chapter: "hello", Label: "hello", Pos: "hello.star:5:1",
		Typed: []string{"hostname"}, Text: "$ hostname\nweb", Output: "web", Status: &ok, Start: 0.8121, End: 0.8143,
	}, {
		Op: runner.OpExec, Node: "web", Chapter: "hello", Pos: "hello.star:6:1",
		Typed: []string{"test", "-e", "/etc/hosts"}, Status: &ok, Start: 0.8145, End: 0.8632,
	}, {
		Op: runner.OpType, Node: "web", Terminal: "web.sh", Chapter: "hello", Label: "hello", Pos: "hello.star:7:1",
		Typed: []string{"uname"}, Text: "$ uname\nLinux", Output: "Linux", Status: &ok, Start: 0.8633, End: 0.8651,
	}}
	return []Scenario{{
		Name:   "hello",
		Script: "scenarios/hello/hello.star",
		Recording: &runner.Recording{
			Started: time.Date(2026, 4, 1, 9, 30, 0, 125_000_000, time.UTC),
			Seconds: 1.2042,
			Steps:   steps,
		},
		Verdicts: []golden.Verdict{{
			Name:  "hello@web.sh",
			State: golden.Drifted,
			Diff:  "@@ -1,4 +1,4 @@\n $ hostname\n web\n $ uname\n-GNU/Linux\n+Linux\n",
			Parts: []golden.PartVerdict{
				{State: golden.Same},
				{State: golden.Drifted, Diff: "@@ -3,2 +3,2 @@\n $ uname\n-GNU/Linux\n+Linux\n"},
			},
			Pos: "hello.star:7:1",
		}},
	}}
}
