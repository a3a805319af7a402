package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"scenario/golden"
	"scenario/runner"
	"scenario/runner/docker"
	"scenario/starlib"
)

// runFlags are what `scenario run` can be told.
type runFlags struct {
	update, frozen, keep, verbose, quiet bool
	params                               []string
}

func runCommand(ui *ui) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run FILE|FOLDER...",
		Short: "Play scenarios, and compare what they show with their goldens",
		Long: `Play scenarios on Docker containers, and compare what a reader would see with
the accepted texts, the files in golden/ beside the script. New texts are
written there. All that a run made is removed when it ends.

Exit status: 0 all hold; 1 drift; 2 the script or the command line is wrong;
3 a step failed or timed out; 4 something is missing (Docker, an image, a
network, a folder); 130 interrupted.`,
		Example: `  scenario run scenarios/toukon/toukon.star
  scenario run --update scenarios/toukon
  scenario run --param image=hexpm/elixir:1.14.2-erlang-25.1.2-alpine-3.16.2 scenarios/toukon`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("which scenario? give its .star file, or a folder\nsee: scenario run --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runAll(cmd.Context(), ui, args, f)
		},
	}
	cmd.Flags().BoolVar(&f.update, "update", false, "accept what the run shows: write it to the goldens")
	cmd.Flags().BoolVar(&f.frozen, "frozen", false, "fail on new and unused goldens too, and write none (implied by CI=true)")
	cmd.Flags().StringArrayVar(&f.params, "param", nil, "`NAME=VALUE` for a param(…) of the script; can be repeated")
	cmd.Flags().BoolVar(&f.keep, "keep", false, "leave the machines up, and say how to enter and remove them")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "log what is done, on standard error")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "say nothing unless something is wrong")
	return cmd
}

func runAll(ctx context.Context, ui *ui, args []string, f runFlags) error {
	switch {
	case f.update && f.frozen:
		return errors.New("--update writes goldens and --frozen writes none: give one of them")
	case f.verbose && f.quiet:
		return errors.New("--verbose and --quiet exclude each other: give one of them")
	}
	params, err := parseParams(f.params)
	if err != nil {
		return err
	}
	scenarios, err := targets(args)
	if err != nil {
		return err
	}
	f.frozen = f.frozen || os.Getenv("CI") == "true" && !f.update
	ui.quiet = f.quiet
	log := hclog.New(&hclog.LoggerOptions{Name: "scenario", Level: hclog.Off, Output: ui.err})
	if f.verbose {
		log.SetLevel(hclog.Debug)
		ui.plain()
	}
	backend := new(docker.Backend)
	code := exitOK
	for _, t := range scenarios {
		c := runOne(ctx, ui, t, params, f, backend, log)
		code = worse(code, c)
		if ctx.Err() != nil {
			code = exitInterrupted
			break
		}
	}
	if code != exitOK {
		return exitError(code)
	}
	return nil
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

// runOne plays a scenario, says how it went, and returns its exit code.
func runOne(ctx context.Context, ui *ui, t target, params map[string]string, f runFlags, backend runner.Backend, log hclog.Logger) int {
	ui.begin(t)
	goldens := golden.Dir(filepath.Join(t.dir, "golden"))
	have, err := goldens.Read()
	if err == nil && !f.frozen {
		err = goldens.Writable()
	}
	if err != nil {
		err = &runner.EnvironmentError{What: "the goldens cannot be used", Err: err}
		ui.failure(t.dir, err)
		return exitCode(err)
	}
	rec, err := starlib.Play(ctx, t.path,
		runner.Config{Backend: backend, Keep: f.keep, Log: log, Observe: ui.observe},
		starlib.Options{Params: params, Print: ui.print})
	ui.end()
	if err != nil {
		ui.failure(t.dir, err)
		return exitCode(err)
	}
	return judge(ui, t, f, goldens, have, rec)
}

// judge holds a whole run against its goldens.
func judge(ui *ui, t target, f runFlags, goldens golden.Dir, have map[string]string, rec *runner.Recording) int {
	texts := golden.Texts(rec)
	for _, idle := range golden.IdleIn(rec) {
		ui.warn("%s: %s", ui.at(t.dir, idle.Pos), idle.Message)
	}
	verdicts := golden.Compare(texts, have)
	code := exitOK
	for _, v := range verdicts {
		file := filepath.Join(string(goldens), v.Name+".golden")
		var did string
		var err error
		switch {
		case v.State == golden.Same, v.State == golden.Unused && !t.alone():
			continue
		case v.State == golden.Unused && f.update:
			did, err = "removed", os.Remove(file)
		case v.State == golden.Drifted && f.update:
			did, err = "updated", goldens.Write(v.Name, v.Accept)
		case v.State == golden.New && !f.frozen:
			did, err = "new", goldens.Write(v.Name, v.Accept)
		case v.State == golden.Unused && !f.frozen:
			ui.warn("%s is not used by this run; --update removes it", file)
			continue
		default:
			ui.drift(file, ui.at(t.dir, v.Pos), &v)
			code = exitDrift
			continue
		}
		if err != nil {
			err = &runner.EnvironmentError{What: "the golden cannot be written", Err: err}
			ui.failure(t.dir, err)
			return exitCode(err)
		}
		ui.did(did, file)
	}
	ui.summary(t, rec, verdicts, f.update, code)
	return code
}
