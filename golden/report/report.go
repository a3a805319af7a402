// Package report tells CI systems and scripts how scenarios went: as JUnit
// XML, as JSON, as annotations on the lines of the scripts, and as a Markdown
// summary for a job's page.
//
// All four say the same of the same runs, in the words of the command line: a
// scenario's outcome, which of its goldens hold, and where in the script the
// step stands whose text has drifted. What is a failure in one is a failure in
// all.
//
// Text out of a lab is not trusted. Whatever a container prints, a report
// stays well formed, and what it says stands where it was meant to stand: no
// text ends a fence, moves a terminal's cursor, or begins a workflow command
// among those of GitHub. JSON keeps text as it is, escaped; in the others each
// control character is a dot.
//
// # Non-goals
//
// The package compares nothing and decides on no exit status. It opens no
// files and reads no environment: which report goes where is the caller's.
package report

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"scenario/golden"
	"scenario/runner"
)

// Scenario is what there is to say of one scenario that was run.
type Scenario struct {
	Name    string
	Variant string   // which of several ways to play it, "elixir=1.18", or ""
	Own     []string // names of the goldens in the folder of that way
	Script  string   // its path as the user would write it, from the current folder, with slashes
	// Recording is nil when nothing was recorded.
	Recording *runner.Recording
	// Verdicts are nil when the run failed. Goldens that are not used and may
	// be another script's are not among them.
	Verdicts []golden.Verdict
	// Warnings are in the order in which they came up. Unused goldens need
	// none: they are found in Verdicts.
	Warnings []Note
	Failure  *Failure // what ended the run, or nil
	Frozen   bool     // new and unused goldens are failures
	// Accepted are goldens that are no failures, as they were accepted: their
	// names, and what was done: "new", "updated", "removed" or "shared".
	Accepted map[string]string
	// Article is the path of the article that was checked, as Script; "" for a
	// scenario that was run. Blocks are then what was found out.
	Article string
	Blocks  []Block
	Short   string // a sentence, if too little of the article was run
}

// Note is something to say of a place. A position is "toukon.star:12:5",
// relative to the script's folder, or "" where there is none; what begins with
// "std/" is a library in the binary.
type Note struct{ Pos, Message string }

// Failure is the error that ended a run.
type Failure struct {
	Pos, Message string // as in Note
	Environment  bool   // something outside of the script is missing
}

// Outcome is how a scenario ended.
type Outcome string

// The outcomes, from the best to the worst.
const (
	OK          Outcome = "ok"
	Drift       Outcome = "drift"
	Failed      Outcome = "failed"
	Environment Outcome = "environment"
)

// Outcome is what a run with these verdicts and this failure came to.
func (s *Scenario) Outcome() Outcome {
	if s.Failure != nil {
		if s.Failure.Environment {
			return Environment
		}
		return Failed
	}
	for i := range s.Verdicts {
		if s.fails(&s.Verdicts[i]) {
			return Drift
		}
	}
	if s.drifts() {
		return Drift
	}
	return OK
}

// worst is the outcome of several scenarios together.
func worst(scenarios []Scenario) Outcome {
	order := []Outcome{OK, Drift, Failed, Environment}
	all := 0
	for i := range scenarios {
		all = max(all, slices.Index(order, scenarios[i].Outcome()))
	}
	return order[all]
}

// fails says whether a golden is a failure.
func (s *Scenario) fails(v *golden.Verdict) bool {
	switch {
	case v.State == golden.Same || s.Accepted[v.Name] != "":
		return false
	case v.State == golden.New || v.State == golden.Unused:
		return s.Frozen
	}
	return true
}

// word is what the command line calls a golden after this run.
func (s *Scenario) word(v *golden.Verdict) string {
	switch done := s.Accepted[v.Name]; {
	case done != "":
		return done
	case v.State == golden.Same:
		return "holds"
	case v.State == golden.New && s.Frozen:
		return "missing"
	}
	return v.State.String()
}

// title names the scenario, and the way to play it.
func (s *Scenario) title() string {
	if s.Article != "" {
		return s.Article
	}
	return strings.TrimSpace(s.Name + " " + s.Variant)
}

// file is where a golden lies, from the current folder.
func (s *Scenario) file(name string) string {
	dir := path.Join(path.Dir(s.Script), "golden")
	if slices.Contains(s.Own, name) {
		dir = path.Join(dir, s.Variant)
	}
	return path.Join(dir, name+".golden")
}

// message says in a line what is wrong with a golden.
func (s *Scenario) message(v *golden.Verdict) string {
	file := s.file(v.Name)
	switch v.State {
	case golden.New:
		return file + " is missing"
	case golden.Unused:
		return file + " is unused: no step leaves it"
	case golden.Unstable:
		return "the text of " + file + " is not the same in each run"
	}
	if v.Exposed {
		return "the text has drifted from " + file + ", which shows a secret"
	}
	return "the text has drifted from " + file
}

// details are a verdict's diff and the identities that did not hold.
func details(v *golden.Verdict) string {
	return join(v.Diff, broken(v))
}

// broken are the identities that did not hold, one a line.
func broken(v *golden.Verdict) string {
	var lines []string
	for _, b := range v.Broken {
		lines = append(lines, b.String())
	}
	return strings.Join(lines, "\n")
}

// warnings are all that a person should look at though it fails nothing.
func (s *Scenario) warnings() []Note {
	notes := s.Warnings[:len(s.Warnings):len(s.Warnings)]
	for i := range s.Verdicts {
		if v := &s.Verdicts[i]; v.State == golden.Unused && !s.Frozen && s.Accepted[v.Name] == "" {
			notes = append(notes, Note{Message: s.message(v)})
		}
	}
	return notes
}

// found is a step, and what was found of its text.
type found struct {
	*runner.Step
	verdict *golden.Verdict // nil when it was compared with nothing
	state   golden.State
	diff    string
}

// steps are those of the recording, in order.
func (s *Scenario) steps() []found {
	if s.Recording == nil {
		return nil
	}
	verdicts := map[string]*golden.Verdict{}
	for i := range s.Verdicts {
		verdicts[s.Verdicts[i].Name] = &s.Verdicts[i]
	}
	parts := map[string]int{} // how many of a golden's came by
	var steps []found
	for _, step := range s.Recording.Steps {
		f := found{Step: step}
		name := step.Golden()
		if v := verdicts[name]; v != nil && name != "" {
			f.verdict, f.state = v, v.State
			if i := parts[name]; i < len(v.Parts) {
				f.state, f.diff = v.Parts[i].State, v.Parts[i].Diff
			}
			parts[name]++
		}
		steps = append(steps, f)
	}
	return steps
}

// of are the steps that left the text of a verdict.
func of(v *golden.Verdict, steps []found) []found {
	var its []found
	for _, f := range steps {
		if f.verdict == v {
			its = append(its, f)
		}
	}
	return its
}

// seconds is how long the run took.
func (s *Scenario) seconds() float64 {
	if s.Recording == nil {
		return 0
	}
	return s.Recording.Seconds
}

// place is a position as a path from the current folder.
type place struct {
	file         string // "" when there is none
	line, column int    // from 1; 0 when there is none
	library      bool   // the file is in the binary
}

var position = regexp.MustCompile(`^(.+?)(?::(\d+))?(?::(\d+))?$`)

func (s *Scenario) place(pos string) place {
	m := position.FindStringSubmatch(pos)
	if m == nil {
		return place{}
	}
	p := place{file: m[1], library: strings.HasPrefix(pos, "std/")}
	p.line, _ = strconv.Atoi(m[2])
	p.column, _ = strconv.Atoi(m[3])
	if !p.library {
		p.file = path.Join(path.Dir(s.Script), p.file)
	}
	return p
}

func (p place) String() string {
	s := p.file
	for _, n := range []int{p.line, p.column} {
		if n > 0 {
			s += ":" + strconv.Itoa(n)
		}
	}
	return s
}

// say is a message with its place.
func (s *Scenario) say(pos, message string) string {
	if p := s.place(pos); p.file != "" {
		return p.String() + ": " + message
	}
	return message
}
