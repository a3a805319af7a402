package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"scenario/golden/report"
)

// played is what came of one scenario in all the ways it is played.
type played struct {
	code      int
	known     []string // names of goldens
	scenarios []report.Scenario
}

// groups are the scenarios, each with all the ways to play it: those come one
// after the other, for a text that they share is the first one's.
func groups(ways []target) [][]target {
	var all [][]target
	at := map[string]int{}
	for _, t := range ways {
		i, ok := at[t.path]
		if !ok {
			i = len(all)
			at[t.path] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], t)
	}
	return all
}

// playAll plays all scenarios, as many side by side as the flags say.
func (p *player) playAll(ctx context.Context, ways []target) played {
	jobs := groups(ways)
	if p.flags.jobs == 1 || len(jobs) == 1 {
		return p.playOne(ctx, ways)
	}
	results := make([]played, len(jobs))
	board := newBoard(p.ui, len(jobs), p.flags.jobs)
	places := make(chan struct{}, p.flags.jobs)
	var playing sync.WaitGroup
	for i, job := range jobs {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		board.begins(job[0].name)
		playing.Go(func() {
			defer func() { <-places }()
			said := new(buffer)
			q := *p
			q.ui = p.ui.apart(said)
			q.reports = &reports{ui: q.ui, wanted: p.reports.wanted}
			if p.log != nil {
				q.log = said
			}
			results[i] = q.playOne(ctx, job)
			results[i].scenarios = q.reports.scenarios
			board.ends(job[0].name, said.String())
		})
	}
	playing.Wait()
	board.close()
	var sum played
	for _, r := range results {
		sum.code = worse(sum.code, r.code)
		sum.known = append(sum.known, r.known...)
		p.reports.scenarios = append(p.reports.scenarios, r.scenarios...)
	}
	if ctx.Err() != nil {
		sum.code = exitInterrupted
	}
	return sum
}

// playOne plays one after the other.
func (p *player) playOne(ctx context.Context, ways []target) played {
	var sum played
	for _, t := range ways {
		code, names := p.play(ctx, t)
		sum.code = worse(sum.code, code)
		sum.known = append(sum.known, names...)
		if ctx.Err() != nil {
			sum.code = exitInterrupted
			break
		}
	}
	return sum
}

// A board says what is played side by side: what each scenario has to say when
// that is over, in one piece, and who is under way on the live line.
type board struct {
	ui      *ui
	of      int
	mu      sync.Mutex
	over    int
	playing []string
}

func newBoard(u *ui, of, atOnce int) *board {
	if u.width == 0 && !u.quiet {
		u.note(fmt.Sprintf("playing %d scenarios, %d at a time", of, min(of, atOnce)))
	}
	u.busy("")
	return &board{ui: u, of: of}
}

func (b *board) begins(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.playing = append(b.playing, name)
	b.draw()
}

func (b *board) ends(name, said string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over++
	b.playing = remove(b.playing, name)
	if said != "" {
		b.ui.note(strings.TrimSuffix(said, "\n"))
	}
	b.draw()
}

func (b *board) draw() {
	b.ui.mu.Lock()
	defer b.ui.mu.Unlock()
	b.ui.task = fmt.Sprintf("%d of %d done; playing %s", b.over, b.of, strings.Join(b.playing, ", "))
}

func (b *board) close() { b.ui.end() }

// apart is a ui that says what it has to say to a writer, without a live line.
func (u *ui) apart(to io.Writer) *ui {
	return &ui{
		out: u.out, err: to, self: u.self, quiet: u.quiet, colour: u.colour,
		mask: func(s string) string { return s }, said: map[string]time.Time{},
	}
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}
