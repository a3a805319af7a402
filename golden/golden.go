package golden

import (
	"slices"

	"scenario/runner"
)

// Text is what one terminal showed under one label in a run: its parts are the
// steps, in order.
type Text struct {
	Name  string // "cluster@hoge.iex": the file is cluster@hoge.iex.golden
	Parts []Part
}

// Part is one step's share of a text.
type Part struct {
	// Text is as recorded, without a trailing newline: the prompt, what was
	// typed, what came back; lines joined by \n. Where there is none, no line.
	Text string
	// Typed holds the lines that the script typed. They are literal wherever
	// they stand in Text.
	Typed []string
	// Scope names one program's life in one terminal ("hoge.iex#1").
	// Identity is demanded within a scope and never between two.
	Scope string
	// Wraps says that the program breaks the lines of a value that does not fit
	// on one, as IEx and the Erlang shell do: where a token has another length,
	// other lines may be broken, and indented in another way.
	Wraps bool
	// Tolerance is in what the text may differ. Its kinds are in order of
	// precedence. What it says of lines is of those after the last typed one.
	runner.Tolerance
	// Known are ids of this run's lab, such as its containers'. They are
	// volatile tokens of kind "id" in all texts of the run, with identity
	// across all scopes. An id must be like nothing else: not a bare number.
	Known []string
	// Pos is the script position of the step, for reports.
	Pos string
}

// content is the part's share of a golden: its lines, each with a newline.
func (p *Part) content() string {
	if p.Text == "" {
		return ""
	}
	return unix(p.Text + "\n")
}

// State is how a text stands to its golden.
type State int

const (
	Same    State = iota // equal up to renaming
	Drifted              // not equal
	New                  // there is no golden yet
	Unused               // there is a golden, but the run has no such text
	// Unstable is another in each of several runs; Compare, which sees one, never
	// says it.
	Unstable
)

func (s State) String() string {
	return [...]string{"same", "drifted", "new", "unused", "unstable"}[s]
}

// Verdict is the outcome of the comparison of one text.
type Verdict struct {
	Name  string
	State State
	// Diff shows, for a drifted text, the lines that drifted between some that
	// did not: hunks headed by "@@ -line,count +line,count @@", each line
	// prefixed by '-' (golden), '+' (run) or ' ' (both). A token that both
	// have is shown as the golden has it.
	Diff string
	// Parts are the outcome of each of the text's parts, in order.
	Parts []PartVerdict
	// Broken are the identities that did not hold where the text is otherwise
	// equal.
	Broken []Identity
	// Accept is the golden that this run would make: the golden's own bytes
	// wherever the two are equal up to renaming.
	Accept string
	// Pos is the script position of the first part that drifted, or of the
	// text's first part.
	Pos string
	// Exposed says that the golden shows a secret, which Masked has found.
	Exposed bool
}

// Masked is a verdict to show to people: an old golden may have what is a
// secret by now.
func (v Verdict) Masked(mask func(string) string) Verdict {
	masked := mask(v.Diff)
	v.Exposed, v.Diff = masked != v.Diff, masked
	v.Parts, v.Broken = slices.Clone(v.Parts), slices.Clone(v.Broken)
	for i := range v.Parts {
		v.Parts[i].Diff = mask(v.Parts[i].Diff)
	}
	for i := range v.Broken {
		for _, s := range []*Sight{&v.Broken[i].First, &v.Broken[i].Here} {
			s.Golden, s.Run = mask(s.Golden), mask(s.Run)
		}
	}
	return v
}

// PartVerdict is the outcome of the comparison of one step's text.
type PartVerdict struct {
	State State  // Same, Drifted or New
	Diff  string // as that of the Verdict, of this part alone
}
