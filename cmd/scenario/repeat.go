package main

import (
	"context"

	"scenario/golden"
	"scenario/runner"
	"scenario/starlib"
)

// repeat plays a scenario many times, and says which of its texts were not the
// same each time, up to renaming. The first run is held against the goldens;
// where something is unstable, or a run failed, none is written.
func (p *player) repeat(ctx context.Context, t target) (code int, known []string) {
	var (
		first  *runner.Recording
		runs   [][]golden.Text
		failed int
	)
	for i := range p.flags.repeat {
		p.ui.beginRound(t, i+1, p.flags.repeat)
		rec, err := p.run(ctx, t)
		if err != nil {
			p.ui.failure(t.dir, err)
			failed++
			c := exitCode(err)
			code = worse(code, c)
			if c != exitStep { // it would be no better the next time
				p.reports.failed(t, rec, err, p.flags)
				return code, nil
			}
			continue
		}
		p.ui.endRound(rec)
		if first == nil {
			first = rec
		}
		runs = append(runs, golden.Texts(rec))
	}
	if first == nil {
		p.ui.repeated(t, 0, failed, p.flags.repeat)
		return code, nil
	}
	unstable := golden.FindUnstable(runs, starlib.Tries())
	for _, u := range unstable {
		p.ui.unstable(t, u)
	}
	if len(unstable) == 0 && failed == 0 {
		p.ui.stable(len(runs))
		return p.judge(t, first)
	}
	p.ui.repeated(t, len(unstable), failed, p.flags.repeat)
	p.reports.unstable(t, first, unstable, p.flags)
	for _, u := range unstable {
		code = worse(code, exitDrift)
		known = append(known, u.Name)
	}
	return code, known
}
