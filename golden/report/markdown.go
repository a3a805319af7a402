package report

import (
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"scenario/golden"
)

const (
	// summaryLimit bounds a whole summary in bytes. GitHub takes 1 MiB, and
	// drops a longer one.
	summaryLimit = 1_000_000
	// fenceLimit bounds a diff or a message in it.
	fenceLimit = 20_000
)

// Markdown writes a summary for a CI job's page, in GitHub's dialect: a table
// of the scenarios, the commands that accept what drifted, and then what is
// wrong with each. It has less than 1,000,000 bytes: a diff that is too long
// is cut, and so is the summary, and both say so.
func Markdown(w io.Writer, scenarios []Scenario) error {
	var p page
	p.add(heading(scenarios) + "\n")
	for i := range scenarios {
		if i == 0 {
			p.add("\n| outcome | scenario | steps | goldens | seconds | script |\n| --- | --- | ---: | --- | ---: | --- |\n")
		}
		p.add(scenarios[i].row())
	}
	p.add(accepting(scenarios))
	for i := range scenarios {
		s := &scenarios[i]
		for k, part := range s.parts() {
			if k == 0 {
				p.add(fmt.Sprintf("\n### %s %s: %s\n", mark(s.Outcome()), code(s.title()), s.Outcome()))
			}
			p.add("\n" + part)
		}
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// A page is Markdown up to its limit.
type page struct {
	strings.Builder
	left int // parts that were left out
}

const leftOut = "\n… cut: %d parts more; GitHub takes no longer summary. The reports junit and json are whole.\n"

// add adds a part as a whole, or leaves out this and all that follow.
func (p *page) add(part string) {
	if p.left > 0 || p.Len()+len(part)+2*len(leftOut) > summaryLimit {
		p.left++
		return
	}
	p.WriteString(part)
}

func (p *page) String() string {
	if p.left == 0 {
		return p.Builder.String()
	}
	return p.Builder.String() + fmt.Sprintf(leftOut, p.left)
}

func heading(scenarios []Scenario) string {
	o := worst(scenarios)
	ok := 0
	for i := range scenarios {
		if scenarios[i].Outcome() == OK {
			ok++
		}
	}
	s := fmt.Sprintf("## %s %s: ", mark(o), o)
	if o == OK {
		return s + plural(ok, "scenario")
	}
	return s + fmt.Sprintf("%d of %d scenarios ok", ok, len(scenarios))
}

func mark(o Outcome) string {
	if o == OK {
		return "✅"
	}
	return "❌"
}

// row is a scenario in the table.
func (s *Scenario) row() string {
	steps := 0
	for _, f := range s.steps() {
		if f.Golden() != "" {
			steps++
		}
	}
	n := map[string]int{}
	for i := range s.Verdicts {
		n[s.word(&s.Verdicts[i])]++
	}
	var goldens []string
	for _, word := range []string{"holds", "new", "missing", "updated", "shared", "removed", "drifted", "unused", "unstable"} {
		if n := n[word]; n > 0 {
			if word == "holds" && n > 1 {
				word = "hold"
			}
			goldens = append(goldens, fmt.Sprintf("%d %s", n, word))
		}
	}
	if s.Article != "" {
		goldens = []string{s.blocksAre()}
	}
	o := s.Outcome()
	return fmt.Sprintf("| %s %s | %s | %d | %s | %.1f | %s |\n",
		mark(o), o, code(s.title()), steps, strings.Join(goldens, ", "), s.seconds(), code(s.Script))
}

// accepting are the commands that accept what drifted.
func accepting(scenarios []Scenario) string {
	var commands []string
	for i := range scenarios {
		if s := &scenarios[i]; s.Outcome() == Drift && s.Article == "" {
			commands = append(commands, "scenario run --update "+quote(line(s.Script)))
		}
	}
	if len(commands) == 0 {
		return ""
	}
	return "\nWhere the new text is right, accept it:\n\n" + fence("sh", strings.Join(commands, "\n"))
}

var plain = regexp.MustCompile(`^[\pL\pN_./@%+=:,][\pL\pN_./@%+=:,-]*$`)

// quote makes a path one word for a shell.
func quote(path string) string {
	if plain.MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// parts is what there is to say of a scenario, below the table.
func (s *Scenario) parts() []string {
	var parts []string
	if f := s.Failure; f != nil {
		part := fence("text", f.Message)
		if p := s.place(f.Pos); p.file != "" {
			part = code(p.String()) + "\n\n" + part
		}
		parts = append(parts, part)
	}
	for i := range s.Verdicts {
		v := &s.Verdicts[i]
		switch {
		case !s.fails(v):
		case v.Diff != "":
			parts = append(parts, s.drift(v))
		default:
			part := "- " + s.word(v) + ": " + code(s.file(v.Name))
			if p := s.place(v.Pos); p.file != "" {
				part += ", the text of " + code(p.String())
			}
			parts = append(parts, part+"\n")
		}
	}
	parts = append(parts, s.blockParts()...)
	for _, n := range s.warnings() {
		parts = append(parts, fmt.Sprintf("- warning: %s\n", prose(s.say(n.Pos, n.Message))))
	}
	return parts
}

// drift is a golden's diff, which a reader opens.
func (s *Scenario) drift(v *golden.Verdict) string {
	at := ""
	if p := s.place(v.Pos); p.file != "" {
		at = " at <code>" + html.EscapeString(line(p.String())) + "</code>"
	}
	return fmt.Sprintf("<details>\n<summary>%s: <code>%s</code>%s</summary>\n\n%s\n</details>\n",
		s.word(v), html.EscapeString(line(v.Name)), at, fence("diff", details(v)))
}

// fence shows a text as it is. Its marks are longer than all backticks in it.
func fence(language, text string) string {
	text = strings.Trim(cut(clean(text), fenceLimit), "\n")
	longest, run := 2, 0
	for _, c := range text {
		if c != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	marks := strings.Repeat("`", longest+1)
	return fmt.Sprintf("%s%s\n%s\n%s\n", marks, language, text, marks)
}

// code shows a name or a path, in a table's cell too. What would end a code
// span or a cell makes it prose.
func code(s string) string {
	if s = strings.TrimSpace(line(s)); s == "" || strings.ContainsAny(s, "`|\\") {
		return prose(s)
	}
	return "`" + s + "`"
}

var entities = regexp.MustCompile("[\\\\`*_~\\[\\]<>&|$]")

// prose shows text on one line, of which nothing is markup.
func prose(s string) string {
	return entities.ReplaceAllStringFunc(line(s), func(c string) string { return fmt.Sprintf("&#%d;", c[0]) })
}
