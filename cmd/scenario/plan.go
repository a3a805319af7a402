package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"scenario/runner"
	"scenario/starlib"
)

func planCommand(ui *ui) *cobra.Command {
	var given, matrix []string
	var pass passed
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Say what a scenario would do, from its last recording",
		Long: `Say what a scenario would do. Nothing is started: answers come from the last
recording, and where the script asks for one that is not there the plan stops.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeScript,
		RunE: func(cmd *cobra.Command, args []string) error {
			params, err := parseParams(given)
			if err != nil {
				return err
			}
			m, err := parseMatrix(matrix, params)
			if err != nil {
				return err
			}
			scenarios, err := targets(args)
			if err != nil {
				return err
			}
			if scenarios, err = m.over(scenarios); err != nil {
				return err
			}
			for _, t := range scenarios {
				t.params = params
				rec, err := runner.ReadRecording(t.dir, t.name, t.variant.name)
				if errors.Is(err, fs.ErrNotExist) {
					rec = new(runner.Recording)
				} else if err != nil {
					return err
				}
				options := starlib.Options{Params: t.set(), Abort: ui.abort}
				if err := pass.to(&options); err != nil {
					return err
				}
				_, err = starlib.Play(cmd.Context(), t.path,
					runner.Config{Replay: rec, Observe: ui.plan(t.dir)}, options)
				var missing *runner.NotRecordedError
				if errors.As(err, &missing) {
					fmt.Fprintf(ui.out, "… and on: %v\nhint: %s run %s\n", missing, ui.self, t.playArgs())
					return exitError(exitStep)
				}
				if err != nil {
					ui.failure(t.dir, err)
					return exitError(exitCode(err))
				}
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&given, "param", nil, "`NAME=VALUE` for a param(…) of the script; can be repeated")
	pass.flags(cmd)
	completes(cmd, "param", completeParams)
	matrixFlag(cmd, &matrix, "`NAME=VALUE,VALUE`: plan from the last runs with these values of a --matrix")
	return cmd
}
