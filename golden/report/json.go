package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"scenario/golden"
	"scenario/runner"
)

// JSON writes one document with all that the other reports say, and one object
// for each step. Reference explains its fields.
func JSON(w io.Writer, scenarios []Scenario) error {
	doc := document{Version: 1, Outcome: worst(scenarios), Scenarios: []run{}}
	for i := range scenarios {
		doc.Scenarios = append(doc.Scenarios, scenarios[i].run())
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return err
	}
	_, err := w.Write(escapeControls(b.Bytes()))
	return err
}

// escapeControls escapes the control characters that JSON allows in strings
// and some terminals obey: DEL, and those from U+0080 to U+009F.
func escapeControls(doc []byte) []byte {
	var b bytes.Buffer
	for _, c := range string(doc) {
		if c >= 0x7f && c < 0xa0 {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.Bytes()
}

// The names and the order of these fields are the format, and their doc tags
// are its manual.

type document struct {
	Version   int     `json:"version" doc:"The version of the format: 1."`
	Outcome   Outcome `json:"outcome" doc:"The worst outcome of all scenarios. From the best to the worst they are 'ok': all goldens hold; 'drift': some do not; 'failed': the script or a step failed, or the run was interrupted; 'environment': something outside of the script is missing."`
	Scenarios []run   `json:"scenarios" doc:"The scenarios, in the order in which they were run."`
}

type run struct {
	Name     string    `json:"name" doc:"The scenario's name."`
	Variant  string    `json:"variant,omitempty" doc:"Which of several ways to play it, as in 'elixir=1.18', with '--matrix'."`
	Article  string    `json:"article,omitempty" doc:"The path of the article, of one that was checked."`
	Script   string    `json:"script" doc:"The path of its script."`
	Outcome  Outcome   `json:"outcome" doc:"As above, of this scenario."`
	Started  string    `json:"started,omitempty" doc:"When the run began: RFC 3339, in UTC."`
	Seconds  float64   `json:"seconds" doc:"How long it took."`
	Failure  *failure  `json:"failure,omitempty" doc:"What ended the run; absent when nothing did."`
	Warnings []warning `json:"warnings" doc:"What somebody should look at, though it fails nothing."`
	Goldens  []verdict `json:"goldens" doc:"The goldens, in the order of the steps; those that no step leaves come last. Empty when the run failed: a run that is not whole is not compared."`
	Blocks   []block   `json:"blocks,omitempty" doc:"The blocks of code of an article that was checked, in its order."`
	Short    string    `json:"short,omitempty" doc:"What is too little, if less of an article was run than '--min-coverage' asks for."`
	Steps    []step    `json:"steps" doc:"All that was done to nodes, in order."`
}

type location struct {
	File   string `json:"file,omitempty" doc:"The path of the script, or of a script that it loads; 'std/…' is a library in the binary."`
	Line   int    `json:"line,omitempty" doc:"The line, from 1."`
	Column int    `json:"column,omitempty" doc:"The column in characters, from 1."`
}

type failure struct {
	location
	Message string `json:"message" doc:"What went wrong. It may have several lines."`
}

type warning struct {
	location
	Message string `json:"message" doc:"What is to be looked at."`
}

type verdict struct {
	Name     string     `json:"name" doc:"LABEL@TERMINAL, or LABEL@NODE of what was done beside the terminals."`
	Label    string     `json:"label" doc:"What stands before the last @ of the name."`
	Terminal string     `json:"terminal" doc:"What stands after it."`
	Path     string     `json:"path" doc:"The path of the file."`
	State    string     `json:"state" doc:"'same': equal up to renaming; 'drifted'; 'new': there was no golden; 'unused': there is one, and no step leaves its text; 'unstable': of several runs ('--repeat'), not all left the same."`
	Fails    bool       `json:"fails" doc:"Whether it makes the outcome 'drift': drifted and unstable ones do, and with '--frozen' new and unused ones; what '--update' has accepted does not."`
	Diff     string     `json:"diff,omitempty" doc:"The lines that drifted, in hunks as of 'diff -u': '-' is the golden, '+' this run; of an unstable one, two of the runs."`
	Broken   []identity `json:"broken,omitempty" doc:"The identities that did not hold: one token at two places of the golden that is two tokens in this run, or the other way round."`
}

type identity struct {
	Kind    string `json:"kind" doc:"The kind of token, such as 'pid'."`
	Message string `json:"message" doc:"What is wrong, in a line."`
	First   sight  `json:"first" doc:"The first place."`
	Here    sight  `json:"here" doc:"The second place."`
}

type sight struct {
	Golden string `json:"golden" doc:"The name of the golden."`
	Line   int    `json:"line" doc:"The line in it, from 1."`
	Was    string `json:"was" doc:"The token that the golden has there."`
	Is     string `json:"is" doc:"The token that this run has there."`
}

type step struct {
	Index    int       `json:"index" doc:"Its place among the steps of the scenario, from 0."`
	Op       runner.Op `json:"op" doc:"What was done: 'type', 'keys', 'wait' or 'screen' in a terminal; 'exec', 'read', 'write' or 'wait' beside the terminals; 'fault' to a node, or to the network between nodes."`
	Node     string    `json:"node" doc:"The node; empty for the network between nodes."`
	Terminal string    `json:"terminal,omitempty" doc:"The terminal, 'NODE.PROGRAM'."`
	Chapter  string    `json:"chapter,omitempty" doc:"The chapter's id."`
	Label    string    `json:"label,omitempty" doc:"What it goes under: its name, or its chapter's."`
	Golden   string    `json:"golden,omitempty" doc:"The name of the golden that its text belongs to; absent when it leaves none."`
	location
	Typed   []string `json:"typed,omitempty" doc:"The lines that were typed; of an exec its arguments, of a read or write the path, of a wait what was waited for, of a fault what it was."`
	Text    string   `json:"text,omitempty" doc:"What a reader would copy from the window: the prompt, what was typed, what came back."`
	Output  string   `json:"output,omitempty" doc:"What came back, alone."`
	Status  *int     `json:"status,omitempty" doc:"The exit status, of what has one."`
	Outcome string   `json:"outcome,omitempty" doc:"'same', 'drifted' or 'new', of this step's share of the golden; 'failed' when the step failed. Absent when it was compared with nothing."`
	Diff    string   `json:"diff,omitempty" doc:"As that of the golden, of this step's share alone, its lines numbered as in the whole. Absent too where no share can be told; the golden has it all."`
	Error   string   `json:"error,omitempty" doc:"Why it failed."`
	Start   float64  `json:"start" doc:"When it began, in seconds since the run did."`
	Seconds float64  `json:"seconds" doc:"How long it took."`
}

func (s *Scenario) run() run {
	r := run{
		Name:     s.Name,
		Variant:  s.Variant,
		Article:  s.Article,
		Short:    s.Short,
		Script:   s.Script,
		Outcome:  s.Outcome(),
		Seconds:  milliseconds(s.seconds()),
		Warnings: []warning{},
		Goldens:  []verdict{},
		Steps:    []step{},
	}
	if s.Recording != nil && !s.Recording.Started.IsZero() {
		r.Started = s.Recording.Started.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
	}
	if f := s.Failure; f != nil {
		r.Failure = &failure{s.locate(f.Pos), f.Message}
	}
	for _, n := range s.warnings() {
		r.Warnings = append(r.Warnings, warning{s.locate(n.Pos), n.Message})
	}
	for i := range s.Verdicts {
		r.Goldens = append(r.Goldens, s.verdict(&s.Verdicts[i]))
	}
	for i := range s.Blocks {
		r.Blocks = append(r.Blocks, s.Blocks[i].object())
	}
	for i, f := range s.steps() {
		r.Steps = append(r.Steps, s.step(i, f))
	}
	return r
}

func (s *Scenario) verdict(v *golden.Verdict) verdict {
	at := max(strings.LastIndexByte(v.Name, '@'), 0)
	object := verdict{
		Name:     v.Name,
		Label:    v.Name[:at],
		Terminal: strings.TrimPrefix(v.Name[at:], "@"),
		Path:     s.file(v.Name),
		State:    v.State.String(),
		Fails:    s.fails(v),
		Diff:     v.Diff,
	}
	for _, b := range v.Broken {
		object.Broken = append(object.Broken, identity{b.Kind, b.String(), sightOf(b.First), sightOf(b.Here)})
	}
	return object
}

func sightOf(s golden.Sight) sight { return sight{s.Name, s.Line, s.Golden, s.Run} }

func (s *Scenario) step(i int, f found) step {
	object := step{
		Index:    i,
		Op:       f.Op,
		Node:     f.Node,
		Terminal: f.Terminal,
		Chapter:  f.Chapter,
		Label:    f.Label,
		Golden:   f.Golden(),
		location: s.locate(f.Pos),
		Typed:    f.Typed,
		Text:     f.Text,
		Output:   f.Output,
		Status:   f.Status,
		Diff:     f.diff,
		Error:    f.Error,
		Start:    milliseconds(f.Start),
		Seconds:  milliseconds(f.End - f.Start),
	}
	switch {
	case f.Error != "":
		object.Outcome = string(Failed)
	case f.verdict != nil:
		object.Outcome = f.state.String()
	}
	return object
}

func (s *Scenario) locate(pos string) location {
	p := s.place(pos)
	return location{p.file, p.line, p.column}
}

// milliseconds rounds seconds to them.
func milliseconds(seconds float64) float64 { return math.Round(seconds*1000) / 1000 }
