package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"scenario/golden"
)

// JUnit writes the XML that CI systems read test results from: a suite for
// each scenario, a case for each golden or block of an article, and one more for
// what ended a run.
// Elements and attributes are those of the schema of Jenkins' xunit plugin.
func JUnit(w io.Writer, scenarios []Scenario) error {
	var all suites
	var seconds float64
	for i := range scenarios {
		s := scenarios[i].suite()
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Suites = append(all.Suites, s)
		seconds += scenarios[i].seconds()
	}
	all.Time = junitTime(seconds)
	data, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, data)
	return err
}

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     string   `xml:"time,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name      string     `xml:"name,attr"`
	Tests     int        `xml:"tests,attr"`
	Failures  int        `xml:"failures,attr"`
	Errors    int        `xml:"errors,attr"`
	Skipped   int        `xml:"skipped,attr"`
	Time      string     `xml:"time,attr"`
	Timestamp string     `xml:"timestamp,attr,omitempty"`
	File      string     `xml:"file,attr,omitempty"`
	Cases     []testcase `xml:"testcase"`
	Warnings  *text      `xml:"system-err"`
}

type testcase struct {
	Name      string   `xml:"name,attr"`
	Classname string   `xml:"classname,attr"`
	File      string   `xml:"file,attr,omitempty"`
	Line      int      `xml:"line,attr,omitempty"`
	Time      string   `xml:"time,attr"`
	Error     *defect  `xml:"error"`
	Failure   *defect  `xml:"failure"`
	Skipped   *skipped `xml:"skipped"`
	Output    *text    `xml:"system-out"`
}

type skipped struct {
	Message string `xml:"message,attr"`
}

type defect struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

type text struct {
	Text string `xml:",cdata"`
}

func (s *Scenario) suite() suite {
	all := suite{
		Name: line(s.title()),
		Time: junitTime(s.seconds()),
		File: line(s.Script),
	}
	if s.Recording != nil && !s.Recording.Started.IsZero() {
		all.Timestamp = s.Recording.Started.UTC().Format("2006-01-02T15:04:05")
	}
	steps := s.steps()
	for i := range s.Verdicts {
		v := &s.Verdicts[i]
		if v.State == golden.Unused && !s.fails(v) {
			continue // a warning, or gone
		}
		all.Cases = append(all.Cases, s.testcase(v, of(v, steps)))
	}
	all.Cases = append(all.Cases, s.blockCases()...)
	if s.Failure != nil {
		all.Cases = append(all.Cases, s.failed(steps))
	}
	for _, c := range all.Cases {
		all.Tests++
		if c.Failure != nil {
			all.Failures++
		}
		if c.Error != nil {
			all.Errors++
		}
		if c.Skipped != nil {
			all.Skipped++
		}
	}
	var warnings []string
	for _, n := range s.warnings() {
		warnings = append(warnings, "warning: "+s.say(n.Pos, n.Message))
	}
	if len(warnings) > 0 {
		all.Warnings = &text{clean(strings.Join(warnings, "\n"))}
	}
	return all
}

// testcase is a golden, at its first step that drifted or else at its first.
func (s *Scenario) testcase(v *golden.Verdict, steps []found) testcase {
	var seconds float64
	for _, f := range steps {
		seconds += f.End - f.Start
	}
	c := s.caseAt(v.Name, v.Pos, seconds)
	if s.fails(v) {
		kind := s.word(v)
		if v.State == golden.Drifted {
			kind = string(Drift)
		}
		c.Failure = &defect{Type: kind, Message: line(s.message(v)), Text: clean(details(v))}
	}
	return c
}

// failed is what ended the run, called after the step that did.
func (s *Scenario) failed(steps []found) testcase {
	name, seconds := "run", 0.0
	if n := len(steps); n > 0 && steps[n-1].Error != "" {
		last := steps[n-1]
		seconds = last.End - last.Start
		if who := last.Terminal; last.Label != "" {
			if who == "" {
				who = last.Node
			}
			name = last.Label + "@" + who
		}
	}
	c := s.caseAt(name, s.Failure.Pos, seconds)
	first, _, _ := strings.Cut(s.Failure.Message, "\n")
	c.Error = &defect{
		Type:    string(s.Outcome()),
		Message: line(first),
		Text:    clean(s.say(s.Failure.Pos, s.Failure.Message)),
	}
	return c
}

func (s *Scenario) caseAt(name, pos string, seconds float64) testcase {
	p := s.place(pos)
	return testcase{
		Name:      line(name),
		Classname: line(s.title()),
		File:      line(p.file),
		Line:      p.line,
		Time:      junitTime(seconds),
	}
}

func junitTime(seconds float64) string { return fmt.Sprintf("%.3f", seconds) }
