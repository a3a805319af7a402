package check

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"scenario/golden/article"
	"scenario/runner"
	"scenario/starlib"
)

// Play plays an article in a run whose script has come to its end, and tells
// observe each verdict as soon as it is known. The article is called name in the
// positions of what is recorded: its path from the script's folder. An error is
// the script's, or what ended the run; that a block fails is none.
func Play(run *runner.Run, binding *starlib.Binding, a *article.Article, name string, observe func(*Verdict)) ([]*Verdict, error) {
	p := newPlayer(run, binding, a)
	p.name = name
	if r := unused(a.Blocks, binding.Rules); r != nil {
		return nil, &starlib.Error{Pos: r.Pos, Message: "bind: no block of the article is like that; scenario map shows what it has"}
	}
	if len(run.Nodes()) == 0 {
		return nil, &starlib.Error{Message: "the script makes no node to play the article on: node(\"pc\") does"}
	}
	var verdicts []*Verdict
	for _, b := range a.Blocks {
		played, err := p.block(b)
		if err != nil {
			return verdicts, err
		}
		p.played = append(p.played, played)
		for verdict := range p.settled() {
			verdicts = append(verdicts, verdict)
			observe(verdict)
		}
	}
	for _, w := range p.windows {
		if w.pending == nil || w.pending.turn.ForEver {
			continue
		}
		if err := p.catchUp(w); err != nil {
			return verdicts, err
		}
	}
	for verdict := range p.settled() {
		verdicts = append(verdicts, verdict)
		observe(verdict)
	}
	return verdicts, nil
}

// player plays one article.
type player struct {
	run      *runner.Run
	binding  *starlib.Binding
	article  *article.Article
	name     string                    // of the article, in positions
	programs map[string]runner.Program // by the command that starts them
	shell    runner.Program            // of the windows that it opens
	files    map[string]string         // that programs need on a machine

	windows []*window
	opened  int // windows, ever
	turns   int // that were played
	looked  int // steps of the run that were looked at for names
	label   string
	played  []*played // blocks whose verdict is not known yet
	before  *played   // the block before the one that is played
}

func newPlayer(run *runner.Run, binding *starlib.Binding, a *article.Article) *player {
	p := &player{run: run, binding: binding, article: a, programs: map[string]runner.Program{}, shell: starlib.Shell(), files: map[string]string{}}
	env := maps.Clone(p.shell.Env)
	for _, std := range starlib.Programs() {
		p.programs[std.Command] = std.Program
		maps.Copy(env, std.Env)
		maps.Copy(p.files, std.Files)
	}
	for _, known := range binding.Known {
		p.programs[path.Base(known.Argv[0])] = known
	}
	p.shell.Env = env
	return p
}

// played is a block that was played, or is being.
type played struct {
	block   *article.Block // as the article has it
	rule    starlib.Rule
	heard   []*heard
	why     string // of the whole block, when it was not run
	failed  error  // of what the script does before or after it
	note    string
	begun   time.Time
	seconds float64
}

// heard is what came of one turn in one window.
type heard struct {
	turn      *article.Turn
	window    *window
	by        string         // what that is known by
	steps     []*runner.Step // what it took
	tolerance runner.Tolerance
	output    []string       // what came, in lines
	expect    []article.Line // what the text shows; nil if it shows nothing
	part      bool           // the text shows a part of what came
	missing   string         // why it was not played
	err       error          // that it met
	pending   bool           // it has not come back yet
	windows   []runner.Window
}

// settled gives the verdicts that are known, in the order of the article.
func (p *player) settled() func(func(*Verdict) bool) {
	return func(yield func(*Verdict) bool) {
		for len(p.played) > 0 {
			next := p.played[0]
			if slices.ContainsFunc(next.heard, func(h *heard) bool { return h.pending }) {
				return
			}
			p.played = p.played[1:]
			if !yield(p.verdict(next)) {
				return
			}
		}
	}
}

// block plays one block.
func (p *player) block(b *article.Block) (*played, error) {
	r := rule(b, p.binding.Rules)
	d := &played{block: b, rule: r, begun: time.Now()}
	p.label = fmt.Sprintf("block-%d", b.Number)
	defer func() { d.seconds, p.before = time.Since(d.begun).Seconds(), d }()
	if r.Skip != "" {
		d.why = r.Skip
		return d, nil
	}
	if b.Never != "" {
		d.why = b.Never
		return d, nil
	}
	read := p.understood(b, &r)
	if err := p.do(d, read, r.Before); err != nil {
		return d, err
	}
	if d.failed != nil {
		return d, nil
	}
	var err error
	switch {
	case read.Kind == article.File:
		err = p.file(d, read)
	case r.Run != "":
		err = p.shown(d, read, r.Run)
	case read.Kind == article.Output:
		p.shows(d, read)
	case read.Kind == article.Other:
		d.why = read.Why
	default:
		err = p.session(d, read)
	}
	if err == nil && d.why == "" {
		err = p.do(d, read, r.After)
	}
	return d, err
}

// understood is a block as the script wants it read.
func (p *player) understood(b *article.Block, r *starlib.Rule) *article.Block {
	as := article.Reading{File: r.File, Output: r.Run != ""}
	if len(r.Substitute) > 0 {
		as.Replace = replacer(r.Substitute)
	}
	if len(r.To) > 0 && r.To[0].Window != nil && b.Kind != article.Session {
		if term, err := r.To[0].Window.Open(); err == nil && b.Kind != article.File {
			as.Program = p.of(term).program()
		}
	}
	if as.Replace == nil && as.File == "" && !as.Output && as.Program == "" {
		return b
	}
	return p.article.Understand(b, as)
}

// at is a place in the article, for those who read what was recorded.
func (p *player) at(line int) string { return fmt.Sprintf("%s:%d:1", p.name, line) }

// do does what the script wants before or after a block. What a step of it meets
// is the block's; that of the script itself ends the check.
func (p *player) do(d *played, b *article.Block, actions []starlib.Action) error {
	for _, a := range actions {
		var err error
		if a.Call != nil {
			err = a.Call()
		} else {
			err = p.typeLine(d, b, a.Line)
		}
		if err := p.blame(d, err); err != nil || d.failed != nil {
			return err
		}
	}
	return nil
}

// typeLine types a line of the script into the windows of a block, whatever is in
// front there.
func (p *player) typeLine(d *played, b *article.Block, line string) error {
	turn := article.Turn{Program: "sh", Line: b.Line}
	if len(b.Turns) > 0 {
		turn = b.Turns[len(b.Turns)-1]
	}
	ws := lastWindows(d)
	if ws == nil {
		var err error
		if ws, _, err = p.where(b, &d.rule, &turn); err != nil {
			return err
		}
	}
	for _, w := range ws {
		turn := article.Turn{Program: w.program(), Line: b.Line, Typed: []string{line}}
		if turn.Program == "sh" {
			turn.Starts, turn.Named = article.Starts(line)
		}
		h := &heard{turn: &turn, window: w}
		if err := p.typed(h, &d.rule); err != nil {
			return err
		}
		if said := h.wrong(); said != "" {
			return &starlib.CheckError{Message: line + ": " + said}
		}
	}
	return nil
}

// blame keeps what a step has met with its block; other errors end the check.
func (p *player) blame(d *played, err error) error {
	var step *runner.StepError
	var wrong *starlib.CheckError
	var nowhere *missing
	switch {
	case err == nil:
		return nil
	case errors.As(err, &step), errors.As(err, &wrong), errors.As(err, &nowhere):
		d.failed = err
		return nil
	}
	return err
}

func lastWindows(d *played) (ws []*window) {
	for _, h := range d.heard {
		if h.window != nil && !slices.Contains(ws, h.window) {
			ws = append(ws, h.window)
		}
	}
	return ws
}

func replacer(pairs map[string]string) func(string) string {
	var froms []string
	for from := range pairs {
		froms = append(froms, from)
	}
	slices.SortFunc(froms, func(a, b string) int { // the longest first, where two begin at one place
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	var list []string
	for _, from := range froms {
		list = append(list, from, pairs[from])
	}
	return strings.NewReplacer(list...).Replace
}
