package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scenario/golden"
	"scenario/runner"
	"scenario/starlib"
)

// runFlags are what `scenario run` can be told.
type runFlags struct {
	update                       updates
	frozen, keep, verbose, quiet bool
	repeat, jobs                 int
	params, matrix, reports      []string
	until, lab, backend          string
	passed
}

func runCommand(ui *ui) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run FILE|FOLDER...",
		Short: "Play scenarios, and compare what they show with their goldens",
		Long: `Play scenarios on Docker containers, or without Docker in namespaces of this
machine, and compare what a reader would see with the accepted texts, the files
in golden/ beside the script. New texts are written there. All that a run made
is removed when it ends.

Exit status: 0 all hold; 1 drift, or a text that is another in each run; 2 the
script or the command line is wrong; 3 a step failed or timed out; 4 something
is missing (Docker, an image, a network, a folder); 130 interrupted. What a run
says goes to standard error, so that a report can have standard output.`,
		Example: `  scenario run scenarios/toukon/toukon.star
  scenario run --update scenarios/toukon
  scenario run --update=spawn scenarios/toukon
  scenario run --until cluster scenarios/toukon
  scenario run --repeat 10 scenarios/toukon
  scenario run -j 4 scenarios
  scenario run --matrix elixir=1.14,1.18 scenarios/elixir-versions
  scenario run --frozen --report junit=report.xml --report github scenarios
  scenario run --param image=hexpm/elixir:1.14.2-erlang-25.1.2-alpine-3.16.2 scenarios/toukon`,
		Args:              someScenario,
		ValidArgsFunction: completeScripts,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runAll(cmd.Context(), ui, args, &f)
		},
	}
	flags := cmd.Flags()
	flags.Var(&f.update, "update", "accept what the run shows, of all labels or of one: write it to the goldens (`[=LABEL]` can be repeated)")
	flags.Lookup("update").NoOptDefVal = "true"
	flags.BoolVar(&f.frozen, "frozen", false, "fail on new and unused goldens too, and write none (implied by CI=true, unless there is an --update)")
	flags.IntVar(&f.repeat, "repeat", 1, "play each scenario `N` times, and find the texts that are not the same each time")
	flags.IntVarP(&f.jobs, "jobs", "j", 1, "play `N` scenarios side by side; what each says comes in one piece when it is over")
	flags.StringVar(&f.until, "until", "", "play no more than up to the end of a `LABEL`, and compare what is whole")
	flags.StringArrayVar(&f.reports, "report", nil, "write a report: `junit=FILE`, json=FILE, markdown=FILE, or github for annotations on standard output; can be repeated")
	flags.StringArrayVar(&f.params, "param", nil, "`NAME=VALUE` for a param(…) of the script; can be repeated")
	f.passed.flags(cmd)
	matrixFlag(cmd, &f.matrix, matrixUsage)
	backendFlag(cmd, &f.backend)
	flags.BoolVar(&f.keep, "keep", false, "leave the machines up, and say how to enter and remove them")
	flags.StringVar(&f.lab, "lab", "", "play in a lab that --keep has left, of this `ID`, and leave it up again")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "log what is done, on standard error")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing unless something is wrong")
	completes(cmd, "update", completeRecorded)
	completes(cmd, "until", completeUntil)
	completes(cmd, "param", completeParams)
	completes(cmd, "report", completeReports)
	return cmd
}

func someScenario(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("which scenario? give its .star file, or a folder\nsee: %s --help", cmd.CommandPath())
	}
	return nil
}

// A player plays scenarios as the flags say.
type player struct {
	ui      *ui
	flags   *runFlags
	backend runner.Backend
	options starlib.Options // what is the same for all
	log     io.Writer
	reports *reports
	fresh   []string // goldens that this invocation has written and there were none of
}

func runAll(ctx context.Context, ui *ui, args []string, f *runFlags) error {
	switch {
	case f.update.any() && f.frozen:
		return errors.New("--update writes goldens and --frozen writes none: give one of them")
	case f.verbose && f.quiet:
		return errors.New("--verbose and --quiet exclude each other: give one of them")
	case f.repeat < 1:
		return fmt.Errorf("--repeat %d: a scenario is played once or more often", f.repeat)
	case f.jobs < 1:
		return fmt.Errorf("--jobs %d: one scenario or more are played at a time", f.jobs)
	case f.repeat > 1 && f.keep:
		return errors.New("--repeat and --keep exclude each other: each of the labs would be left up")
	case len(f.matrix) > 0 && f.keep:
		return errors.New("--matrix and --keep exclude each other: each of the labs would be left up")
	case f.lab != "" && f.repeat > 1:
		return errors.New("--lab and --repeat exclude each other: each run would find what the one before has left")
	case f.lab != "" && len(f.matrix) > 0:
		return errors.New("--lab and --matrix exclude each other: each run would find what the one before has left")
	case f.repeat > 1 && f.until != "":
		return errors.New("--until and --repeat exclude each other: give one of them")
	}
	params, err := parseParams(f.params)
	if err != nil {
		return err
	}
	m, err := parseMatrix(f.matrix, params)
	if err != nil {
		return err
	}
	reports, err := newReports(f.reports, ui)
	if err != nil {
		return err
	}
	scenarios, err := targets(args)
	if err != nil && f.update.all {
		return fmt.Errorf("%w\nhint: --update=LABEL, without a blank, accepts one label", err)
	}
	if err != nil {
		return err
	}
	if f.until != "" && len(scenarios) > 1 {
		return fmt.Errorf("--until %s: it is for one scenario, and there are %d", f.until, len(scenarios))
	}
	if f.lab != "" && len(scenarios) > 1 {
		return fmt.Errorf("--lab %s: a lab is of one scenario, and there are %d", f.lab, len(scenarios))
	}
	ways, err := m.over(scenarios)
	if err != nil {
		return err
	}
	f.frozen = f.frozen || os.Getenv("CI") == "true" && !f.update.any()
	ui.quiet = f.quiet
	backend, err := chooseBackend(ctx, ui, f.backend, f.keeps())
	if err != nil {
		return err
	}
	p := &player{ui: ui, flags: f, backend: backend, reports: reports}
	if err := f.passed.to(&p.options); err != nil {
		return err
	}
	if f.verbose {
		p.log = ui.err
		ui.plain()
	}
	for i := range ways {
		ways[i].params = params
	}
	sum := p.playAll(ctx, ways)
	code := sum.code
	f.update.see(sum.known)
	if err := reports.write(); err != nil {
		ui.failure("", err)
		code = worse(code, exitCode(err))
	}
	if l := f.update.missing(); l != "" && (code == exitOK || code == exitDrift) {
		return fmt.Errorf("--update=%s: %w", l, noLabel(l, strings.Join(args, " "), sum.known))
	}
	if code != exitOK {
		return exitError(code)
	}
	return nil
}

// keeps is the flag that asks for a lab that outlives its run.
func (f *runFlags) keeps() string {
	switch {
	case f.keep:
		return "--keep"
	case f.lab != "":
		return "--lab"
	}
	return ""
}

func parseParams(given []string) (map[string]string, error) {
	params := map[string]string{}
	for _, p := range given {
		k, v, ok := strings.Cut(p, "=")
		if !ok || k == "" {
			return nil, fmt.Errorf("--param %s: it must be NAME=VALUE", p)
		}
		params[k] = v
	}
	return params, nil
}

// play plays a scenario, says how it went, and returns its exit code and the
// names of its goldens.
func (p *player) play(ctx context.Context, t target) (code int, known []string) {
	if err := p.usable(t); err != nil {
		p.ui.begin(t)
		return p.fail(t, nil, err), nil
	}
	if p.flags.repeat > 1 {
		return p.repeat(ctx, t)
	}
	p.ui.begin(t)
	rec, err := p.run(ctx, t)
	var stopped *starlib.StoppedError
	switch {
	case errors.As(err, &stopped):
		p.ui.stopped(stopped)
	case err != nil:
		return p.fail(t, rec, err), nil
	case p.flags.until != "" && !has(rec, p.flags.until):
		return p.fail(t, rec, fmt.Errorf("--until %s: %w", p.flags.until, noLabel(p.flags.until, t.args(), texts(rec)))), nil
	}
	return p.judge(t, rec, stopped)
}

// usable says whether the goldens can be read and written, before a run is
// made for nothing.
func (p *player) usable(t target) error {
	_, err := t.goldens().Read()
	if err == nil && !p.flags.frozen {
		err = t.goldens().Writable()
	}
	if err != nil {
		return unusable(err)
	}
	return nil
}

func (p *player) run(ctx context.Context, t target) (*runner.Recording, error) {
	defer p.ui.end()
	options := p.options
	options.Params, options.Until, options.Print, options.Abort = t.set(), p.flags.until, p.ui.print, p.ui.abort
	return starlib.Play(ctx, t.path,
		runner.Config{Backend: p.backend, Variant: t.variant.name, Keep: p.flags.keep, Lab: p.flags.lab, Log: p.log, Observe: p.ui.observe},
		options)
}

// fail says what ended a run.
func (p *player) fail(t target, rec *runner.Recording, err error) int {
	p.ui.failure(t.dir, err)
	p.reports.failed(t, rec, err, p.flags)
	return exitCode(err)
}

// idle warns of what is declared and never there.
func (p *player) idle(t target, rec *runner.Recording) []golden.Idle {
	idle := golden.IdleIn(rec)
	for _, i := range idle {
		p.ui.warn("%s: %s", p.ui.at(t.dir, i.Pos), i.Message)
	}
	return idle
}

// judge holds a run against its goldens, and accepts what the flags say. Of one
// that was stopped, it looks at what is whole.
func (p *player) judge(t target, rec *runner.Recording, stopped *starlib.StoppedError) (code int, known []string) {
	var idle []golden.Idle
	if stopped == nil { // else it may come later
		idle = p.idle(t, rec)
	}
	done := map[string]string{} // what was done about a golden
	var judged *trial
	err := holdLocked(t, rec, func(tr *trial) error {
		judged = tr
		tr.until = p.flags.until
		if p.flags.until != "" {
			tr.verdicts = slices.DeleteFunc(tr.verdicts, func(v golden.Verdict) bool {
				label, _, _ := strings.Cut(v.Name, "@")
				return v.State == golden.Unused || stopped != nil && slices.Contains(stopped.Open, label)
			})
		}
		for i, v := range tr.verdicts {
			tr.verdicts[i] = v.Masked(p.ui.mask)
		}
		for _, v := range tr.verdicts {
			accept := p.flags.update.want(v.Name) || p.unheard(tr, v) && !p.flags.frozen
			switch {
			case v.State == golden.Same && !tr.like[v.Name]:
			case accept:
				did, err := tr.accept(v)
				if err != nil {
					return err
				}
				done[v.Name] = did
				if did == "new" {
					p.fresh = append(p.fresh, t.file(v.Name))
				}
				p.ui.did(did, t.file(v.Name))
			case v.State == golden.Same:
				p.ui.warn("%s is no other text than the one without %s; --update removes it", t.file(v.Name), t.variant.name)
			case v.State == golden.Unused && !p.flags.frozen:
				p.ui.warn("%s is not used by this run; --update removes it", t.file(v.Name))
			default:
				p.ui.drift(tr, v)
				code = exitDrift
			}
		}
		return nil
	})
	if err != nil {
		return p.fail(t, rec, err), nil
	}
	p.ui.summary(judged, done, code)
	p.reports.judged(judged, done, idle, p.flags)
	return code, names(judged.verdicts)
}

// unheard says whether a text is new: there is no golden of it, or only one
// that another way to play the scenario has just left.
func (p *player) unheard(tr *trial, v golden.Verdict) bool {
	return v.State == golden.New ||
		v.State == golden.Drifted && tr.goldens().Apart() && !tr.own[v.Name] && slices.Contains(p.fresh, tr.file(v.Name))
}
