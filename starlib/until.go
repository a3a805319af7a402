package starlib

import (
	"fmt"

	"go.starlark.net/syntax"
)

// StoppedError is what ends a script that was to be played only until a label
// was over.
type StoppedError struct {
	Label string
	Open  []string // labels that are not over, or may come again
}

func (e *StoppedError) Error() string { return fmt.Sprintf("stopped: %s is over", e.Label) }

// until knows when a label is over: a chapter when the next one begins, and a
// step's name at the next step that has another.
type until struct {
	label   string // "" is never over
	chapter string // before the first, the scenario's name, which is their label
	came    bool
}

// begins is called before a chapter begins.
func (c *call) begins(chapter string) error {
	u := &c.until
	if u.came && u.chapter == u.label && chapter != u.label {
		return &StoppedError{u.label, c.later()}
	}
	u.chapter = chapter
	return nil
}

// next is called before a step that is compared. Its name may be "".
func (c *call) next(name string) error {
	switch u := &c.until; {
	case u.label == "":
	case name == u.label, u.chapter == u.label:
		u.came = true
	case u.came:
		return &StoppedError{u.label, append(c.later(), u.chapter)}
	}
	return nil
}

// later are the labels that the script has from here on, as far as its text
// says so.
func (c *call) later() []string {
	here := c.thread.CallStack()[0].Pos
	src, err := c.source(here.Filename())
	if err != nil {
		return nil
	}
	f, err := dialect.Parse(here.Filename(), src, 0)
	if err != nil {
		return nil
	}
	// What stands in a loop that goes on may come again.
	syntax.Walk(f, func(n syntax.Node) bool {
		if loop, ok := n.(*syntax.ForStmt); ok {
			if from, to := loop.Span(); !before(here, from) && before(here, to) {
				here = from
			}
		}
		return true
	})
	var labels []string
	syntax.Walk(f, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok {
			return true
		}
		if _, to := call.Span(); before(to, here) {
			return true
		}
		if id, ok := call.Fn.(*syntax.Ident); ok && id.Name == "chapter" {
			if label, ok := literal(call, "id", 0); ok {
				labels = append(labels, label)
			}
		} else if label, ok := literal(call, "name", -1); ok {
			labels = append(labels, label)
		}
		return true
	})
	return labels
}

func before(a, b syntax.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
}
