package report

import (
	"io"
	"strconv"
	"strings"

	"scenario/golden"
)

// annotationLimit bounds the message of an annotation in bytes. GitHub takes
// 64 KiB.
const annotationLimit = 32_000

// GitHub writes workflow commands, one a line, that show what is wrong beside
// the lines of the scripts: an error for what failed, each step that drifted
// and each golden that is missing or unused, and a warning for each warning.
// They are for standard output in a job that runs in the repository's folder.
func GitHub(w io.Writer, scenarios []Scenario) error {
	var b strings.Builder
	for i := range scenarios {
		s := &scenarios[i]
		if f := s.Failure; f != nil {
			s.annotate(&b, "error", f.Pos, string(s.Outcome())+": "+s.title(), f.Message)
		}
		steps := s.steps()
		for k := range s.Verdicts {
			if v := &s.Verdicts[k]; s.fails(v) {
				s.annotateGolden(&b, v, of(v, steps))
			}
		}
		s.annotateBlocks(&b)
		for _, n := range s.warnings() {
			s.annotate(&b, "warning", n.Pos, "warning: "+s.title(), n.Message)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// annotateGolden shows each step's own share of what drifted.
func (s *Scenario) annotateGolden(b *strings.Builder, v *golden.Verdict, steps []found) {
	title := s.word(v) + ": " + v.Name
	shown := false
	for _, f := range steps {
		if f.state != golden.Drifted || f.diff == "" {
			continue
		}
		message := join(v.Name, f.diff)
		if !shown {
			message = join(message, broken(v))
		}
		s.annotate(b, "error", f.Pos, title, message)
		shown = true
	}
	if !shown {
		message := s.message(v)
		if v.Diff != "" {
			message = join(v.Name, details(v))
		}
		s.annotate(b, "error", v.Pos, title, message)
	}
}

// annotate writes a command. What has no place in the repository is shown at
// the script's first line.
func (s *Scenario) annotate(b *strings.Builder, kind, pos, title, message string) {
	p := s.place(pos)
	if p.library || p.file == "" {
		message = s.say(pos, message)
		p = place{file: s.source(), line: 1}
	}
	command(b, kind, p, title, message)
}

// command writes a command at a place.
func command(b *strings.Builder, kind string, p place, title, message string) {
	b.WriteString("::" + kind + " ")
	if p.file != "" {
		b.WriteString("file=" + property(p.file) + ",")
		if p.line > 0 {
			b.WriteString("line=" + strconv.Itoa(p.line) + ",")
		}
		if p.column > 0 {
			b.WriteString("col=" + strconv.Itoa(p.column) + ",")
		}
	}
	b.WriteString("title=" + property(title) + "::" + data(cut(clean(message), annotationLimit)) + "\n")
}

// data escapes clean text for a command, which is then on one line: no text can
// begin a command of its own.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes the value of a command's property.
func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(line(s)))
}
