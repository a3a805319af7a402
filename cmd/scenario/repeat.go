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
		report func() // of the first run that failed
	)
	for i := range p.flags.repeat {
		p.ui.beginRound(t, i+1, p.flags.repeat)
		rec, err := p.run(ctx, t)
		if err != nil {
			p.ui.failure(t.dir, err)
			if failed++; report == nil {
				report = func() { p.reports.failed(t, rec, err, p.flags) }
			}
			c := exitCode(err)
			code = worse(code, c)
			if c != exitStep { // it would be no better the next time
				report()
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
	unstable := golden.FindUnstable(runs, starlib.Tries())
	for _, u := range unstable {
		p.ui.unstable(t, u)
		code = worse(code, exitDrift)
		known = append(known, u.Name)
	}
	switch {
	case failed > 0:
		report()
	case len(unstable) > 0:
		p.idle(t, first)
		p.reports.unstable(t, first, unstable, p.flags)
	default:
		p.ui.stable(len(runs))
		return p.judge(t, first, nil)
	}
	p.ui.repeated(t, len(unstable), failed, p.flags.repeat)
	return code, known
}
