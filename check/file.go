package check

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"scenario/golden/article"
	"scenario/runner"
)

// file writes a block that is a file, or changes one, where its window's shell is.
func (p *player) file(d *played, b *article.Block) error {
	name := b.File
	if b.Fragment && d.rule.Edit == nil {
		d.why = "a fragment: the rest of " + name + " is not given"
		return nil
	}
	on := p.nodes(d)
	at := name
	if !path.IsAbs(name) {
		folder, err := p.folder(on[0], b)
		if err != nil {
			return p.blame(d, err)
		}
		at = path.Join(folder, name)
	}
	for _, n := range on {
		text := b.Text()
		if d.rule.Edit != nil {
			old, err := n.Read(at, p.at(b.Line))
			var step *runner.StepError
			if errors.As(err, &step) {
				d.failed = fmt.Errorf("there is no %s that could be changed on %s", at, n.Name())
				return nil
			}
			if err != nil {
				return err
			}
			if text, err = d.rule.Edit(old, text); err != nil {
				return err
			}
		}
		if err := n.Write(at, text, 0o644, p.at(b.Line)); err != nil {
			return p.blame(d, err)
		}
		d.note = "written to " + at
	}
	return nil
}

// nodes are those on which a script wants a block, or the one of whatever the
// script says nothing of.
func (p *player) nodes(d *played) (on []*runner.Node) {
	for _, to := range d.rule.To {
		switch {
		case to.Node != nil:
			on = append(on, to.Node)
		case to.Window != nil:
			on = append(on, to.Window.Node)
		default:
			if w := p.named(to.Name); w != nil {
				on = append(on, w.term.Node())
			} else if n := p.node(to.Name); n != nil {
				on = append(on, n)
			}
		}
	}
	if on == nil {
		on = []*runner.Node{p.home()}
	}
	return on
}

// folder is where a file with a relative name goes on a node: the folder in which
// the shell is that was used last, or the one in which programs start.
func (p *player) folder(n *runner.Node, b *article.Block) (string, error) {
	p.seen()
	if w := p.lastShell(n); w != nil && !w.term.Gone() {
		if folder, err := w.term.Folder(); folder != "" || err != nil {
			return folder, err
		}
	}
	step, err := n.Exec(runner.ExecSpec{Argv: []string{"pwd"}, Pos: p.at(b.Line)})
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(step.Output), nil
}

// shown types a line of the script, of whose output a block shows a part.
func (p *player) shown(d *played, b *article.Block, line string) error {
	turn := article.Turn{Line: b.Line, Program: "sh", Typed: []string{line}}
	for _, to := range d.rule.To {
		if to.Window != nil {
			if term, err := to.Window.Open(); err == nil {
				turn.Program = p.of(term).program()
			}
		}
	}
	ws, _, err := p.where(b, &d.rule, &turn)
	if err != nil {
		return p.blame(d, err)
	}
	for _, w := range ws {
		h := &heard{turn: &turn, window: w, expect: b.Lines, part: true, tolerance: p.tolerance(&d.rule)}
		d.heard = append(d.heard, h)
		if err := p.turn(h, &d.rule, true); err != nil {
			return err
		}
	}
	return nil
}

// shows holds a block of output against what the block before it has brought, if
// the text shows nothing of that there.
func (p *player) shows(d *played, b *article.Block) {
	d.why = "unbound: it is output, and the text does not say of what"
	if p.before == nil || len(p.before.heard) == 0 || p.before.block.Number != b.Number-1 {
		return
	}
	last := p.before.heard[len(p.before.heard)-1]
	if last.expect != nil || last.missing != "" {
		return
	}
	said := *last
	said.expect, said.part, said.tolerance = b.Lines, true, p.tolerance(&d.rule)
	d.heard, d.why, d.note = []*heard{&said}, "", "what the block before it brings"
}
