package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"scenario/runner"
	"scenario/starlib"
)

func upCommand(ui *ui) *cobra.Command {
	var params []string
	var until, backend string
	var pass passed
	cmd := &cobra.Command{
		Use:   "up FILE",
		Short: "Play a scenario, and leave its machines to you",
		Long: `Play a scenario, as a whole or up to the end of a label, and leave its lab up
with all that was typed until then: the place of a reader who has come so far.
Nothing is compared with goldens, and none is written.

scenario shell enters the nodes, scenario ps says what is there, and
scenario down removes it. Machines use memory until then.

Exit status: as scenario run has it. The lab is left up also when a step fails.`,
		Example: `  scenario up scenarios/toukon
  scenario up --until cluster scenarios/toukon`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("which scenario? give one .star file, or a folder\nsee: %s --help", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: completeScript,
		RunE: func(cmd *cobra.Command, args []string) error {
			given, err := parseParams(params)
			if err != nil {
				return err
			}
			scenarios, err := targets(args)
			if err != nil {
				return err
			}
			if len(scenarios) > 1 {
				return fmt.Errorf("%s has %d scenarios; give one of them", args[0], len(scenarios))
			}
			t := scenarios[0]
			t.params = given
			options := starlib.Options{Params: t.set(), Until: until, Print: ui.print, Abort: ui.abort}
			if err := pass.to(&options); err != nil {
				return err
			}
			return up(cmd.Context(), ui, t, options, backend)
		},
	}
	cmd.Flags().StringVar(&until, "until", "", "play no more than up to the end of a `LABEL`")
	cmd.Flags().StringArrayVar(&params, "param", nil, "`NAME=VALUE` for a param(…) of the script; can be repeated")
	pass.flags(cmd)
	backendFlag(cmd, &backend)
	completes(cmd, "until", completeUntil)
	completes(cmd, "param", completeParams)
	return cmd
}

func up(ctx context.Context, ui *ui, t target, options starlib.Options, name string) error {
	backend, err := chooseBackend(ctx, ui, name, "up")
	if err != nil {
		return err
	}
	ui.begin(t)
	rec, err := starlib.Play(ctx, t.path,
		runner.Config{Backend: backend, Keep: true, Observe: ui.observe},
		options)
	ui.end()
	var stopped *starlib.StoppedError
	until := options.Until
	switch {
	case errors.As(err, &stopped):
		ui.stopped(stopped)
	case err != nil:
		ui.failure(t.dir, err)
		return exitError(exitCode(err))
	case until != "" && !has(rec, until):
		return fmt.Errorf("--until %s: %w; the whole scenario was played", until, noLabel(until, t.args(), texts(rec)))
	}
	return nil
}
