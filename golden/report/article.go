package report

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// A Block is what was found out about one block of code of an article that was
// checked.
type Block struct {
	Number  int      // from 1
	Line    int      // where it begins in the article, from 1
	At      int      // the line that drifts or fails; Line if none does
	Title   string   // what a person knows it by: its first line
	State   string   // "ok", "drift", "fails", "shown only" or "not run"
	Why     string   // a sentence; "" where there is nothing to say
	Known   string   // the script's reason why it drifts or fails: that is no failure then
	Where   []string // the windows that it was played in
	Diff    string   // hunks, as of a golden: '-' is the article
	Seconds float64
}

// blockStates are in the order of a summary.
var blockStates = []string{"ok", "drift", "fails", "shown only", "not run"}

// fails says whether a block is a failure.
func (b *Block) fails() bool {
	return (b.State == "drift" || b.State == "fails") && b.Known == ""
}

func (b *Block) name() string { return fmt.Sprintf("%d: %s", b.Number, b.Title) }

// message says in a line what is wrong with a block, or why it is no failure.
func (b *Block) message() string {
	first, _, _ := strings.Cut(b.Why, "\n")
	switch {
	case b.Known != "":
		return "known: " + b.Known
	case first != "":
		return first
	case b.State == "drift":
		return "the article shows another text"
	}
	return b.State
}

// blocksAre says how many blocks have which state.
func (s *Scenario) blocksAre() string {
	var parts []string
	for _, state := range blockStates {
		n := 0
		for _, b := range s.Blocks {
			if b.State == state {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.Join(parts, ", ")
}

// drifts says whether an article that was played drifts, or too little of it was
// run.
func (s *Scenario) drifts() bool {
	return s.Short != "" || slices.ContainsFunc(s.Blocks, func(b Block) bool { return b.fails() })
}

// source is the file that a person would mend: the article, or the script.
func (s *Scenario) source() string {
	if s.Article != "" {
		return s.Article
	}
	return s.Script
}

// blockCases are an article's blocks, as cases of a suite.
func (s *Scenario) blockCases() (cases []testcase) {
	for i := range s.Blocks {
		b := &s.Blocks[i]
		c := testcase{Name: line(b.name()), Classname: line(s.title()), File: line(s.Article), Line: b.At, Time: junitTime(b.Seconds)}
		switch {
		case b.fails():
			c.Failure = &defect{Type: b.State, Message: line(b.message()), Text: clean(join(b.Diff, b.Why))}
		case b.State == "not run":
			c.Skipped = &skipped{line(b.message())}
		case b.Known != "":
			c.Output = &text{clean(b.State + ", " + b.message())}
		}
		cases = append(cases, c)
	}
	if s.Short != "" {
		cases = append(cases, testcase{
			Name: "coverage", Classname: line(s.title()), File: line(s.Article), Line: 1, Time: junitTime(0),
			Failure: &defect{Type: "coverage", Message: line(s.Short)},
		})
	}
	return cases
}

// annotateBlocks shows what is wrong with an article, at its lines.
func (s *Scenario) annotateBlocks(b *strings.Builder) {
	for i := range s.Blocks {
		if block := &s.Blocks[i]; block.fails() {
			command(b, "error", place{file: s.Article, line: block.At}, block.State+": "+block.Title, join(block.Why, block.Diff))
		}
	}
	if s.Short != "" {
		command(b, "error", place{file: s.Article, line: 1}, "coverage: "+s.title(), s.Short)
	}
}

// blockParts are an article's blocks as a table, and then what is wrong with them.
func (s *Scenario) blockParts() []string {
	if len(s.Blocks) == 0 {
		return nil
	}
	table := "| line | block | verdict | why |\n| ---: | --- | --- | --- |\n"
	var parts []string
	for i := range s.Blocks {
		b := &s.Blocks[i]
		why := ""
		if b.Why != "" || b.Known != "" {
			why = prose(b.message())
		}
		table += fmt.Sprintf("| %d | %s | %s | %s |\n", b.At, code(b.Title), b.State, why)
		if b.fails() {
			parts = append(parts, fmt.Sprintf("<details>\n<summary>%s: <code>%s</code> at <code>%s:%d</code></summary>\n\n%s\n</details>\n",
				b.State, html.EscapeString(line(b.Title)), html.EscapeString(line(s.Article)), b.At, fence("diff", join(b.Diff, b.Why))))
		}
	}
	if s.Short != "" {
		table += "\n" + prose(s.Short) + "\n"
	}
	return append([]string{table}, parts...)
}

type block struct {
	Number  int      `json:"number" doc:"Its number in the article, from 1."`
	Line    int      `json:"line" doc:"The line of the article in which it begins, from 1."`
	At      int      `json:"at" doc:"The line that drifts or fails; that in which it begins, if none does."`
	Title   string   `json:"title" doc:"Its first line."`
	State   string   `json:"state" doc:"'ok': the article shows what was seen; 'drift': it shows something else; 'fails': a statement fails; 'shown only': it ran, and there is nothing to compare; 'not run'."`
	Fails   bool     `json:"fails" doc:"Whether it makes the outcome 'drift'."`
	Why     string   `json:"why,omitempty" doc:"What failed, why it was not run, or what the comparison took no notice of."`
	Known   string   `json:"known,omitempty" doc:"The script's reason why it is known to drift or fail: that is no failure then."`
	Windows []string `json:"windows" doc:"The windows that it was played in."`
	Diff    string   `json:"diff,omitempty" doc:"What drifted, in hunks as of 'diff -u': '-' is the article, '+' this run."`
	Seconds float64  `json:"seconds" doc:"How long it took."`
}

func (b *Block) object() block {
	windows := b.Where
	if windows == nil {
		windows = []string{}
	}
	return block{b.Number, b.Line, b.At, b.Title, b.State, b.fails(), b.Why, b.Known, windows, b.Diff, milliseconds(b.Seconds)}
}
