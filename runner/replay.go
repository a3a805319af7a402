package runner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// replay answers steps from a recording: each node's and terminal's own, in
// their order.
type replay struct {
	steps map[string][]*Step // by terminal, or by node for execs and reads
}

func newReplay(rec *Recording) *replay {
	p := &replay{steps: map[string][]*Step{}}
	for _, s := range rec.Steps {
		p.steps[s.who()] = append(p.steps[s.who()], s)
	}
	return p
}

func (s *Step) who() string {
	if s.Terminal != "" {
		return s.Terminal
	}
	return s.Node
}

func (p *replay) play(r *Run, step *Step) (*Step, error) {
	who := cmp.Or(step.who(), theNetwork)
	r.cfg.Observe(Event{Kind: StepBegun, Name: who, Pos: step.Pos, Step: step})
	left := p.steps[step.who()]
	typed := slices.Clone(step.Typed)
	for i := range typed {
		typed[i] = r.Mask(typed[i]) // as in the recording
	}
	if len(left) == 0 || left[0].Op != step.Op || !slices.Equal(left[0].Typed, typed) || left[0].Error != "" ||
		left[0].Enters != step.Enters || left[0].Leaves != step.Leaves {
		return step, &NotRecordedError{What: fmt.Sprintf("%s: %s %q", who, step.Op, strings.Join(typed, "\n"))}
	}
	p.steps[step.who()] = left[1:]
	was := left[0]
	step.Text, step.Output, step.Stderr, step.Status = was.Text, was.Output, was.Stderr, was.Status
	step.Start, step.End = was.Start, was.End
	r.cfg.Observe(Event{Kind: StepEnded, Name: who, Pos: step.Pos, Step: step})
	return step, nil
}
