package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scenario/golden"
	"scenario/runner"
)

func showCommand(ui *ui) *cobra.Command {
	var given []string
	cmd := &cobra.Command{
		Use:   "show FILE [LABEL]",
		Short: "Print what a label showed in the last run",
		Long: `Print what a label showed in the last run, as it was recorded, whether or not it
was accepted. A label that several terminals have shows each under its name;
LABEL@TERMINAL is one of them alone. Without a label, the labels are listed.`,
		Example: `  scenario show scenarios/toukon spawn
  scenario show scenarios/toukon cluster@hoge.sh`,
		ValidArgsFunction: completeShow,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return fmt.Errorf("one label at a time: there are %s too many\nsee: %s --help", plural(len(args)-2, "argument"), cmd.CommandPath())
			}
			return someScenario(cmd, args)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			t, err := oneTarget(args[0], given)
			if err != nil {
				return err
			}
			rec, err := lastRecording(ui, t)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				for _, name := range texts(rec) {
					fmt.Fprintln(ui.out, name)
				}
				return nil
			}
			return show(ui, t, rec, args[1])
		},
	}
	matrixFlag(cmd, &given, "`NAME=VALUE`: the last run with this value of a --matrix")
	return cmd
}

func show(ui *ui, t target, rec *runner.Recording, label string) error {
	meant := slices.DeleteFunc(golden.Texts(rec), func(text golden.Text) bool { return !labelled(text.Name, label) })
	if len(meant) == 0 {
		return noLabel(label, "the last run of "+t.args(), texts(rec))
	}
	for i, text := range meant {
		if len(meant) > 1 {
			if i > 0 {
				fmt.Fprintln(ui.out)
			}
			fmt.Fprintf(ui.out, "%s:\n", text.Name)
		}
		for _, p := range text.Parts {
			if p.Text != "" {
				fmt.Fprintln(ui.out, ui.harmless(p.Text))
			}
		}
	}
	return nil
}

// oneTarget is the scenario that an argument names, which must be one, played
// in one way of a matrix.
func oneTarget(arg string, matrix []string) (target, error) {
	found, err := targets([]string{arg})
	if err == nil && len(found) > 1 {
		var paths []string
		for _, t := range found {
			paths = append(paths, t.path)
		}
		err = fmt.Errorf("there are %d scenarios in %s; give one of %s", len(found), arg, strings.Join(paths, ", "))
	}
	if err != nil {
		return target{}, err
	}
	return oneWay(found[0], matrix)
}

// oneWay is a scenario as it is played in one way of a matrix.
func oneWay(t target, matrix []string) (target, error) {
	m, err := parseMatrix(matrix, nil)
	if err != nil {
		return target{}, err
	}
	for _, a := range m {
		if len(a.values) > 1 {
			return target{}, fmt.Errorf("--matrix %s=%s: one value at a time", a.param, strings.Join(a.values, ","))
		}
	}
	ways, err := m.over([]target{t})
	if err != nil {
		return target{}, err
	}
	return ways[0], nil
}

// noRunError says that a scenario has no run that could be looked at.
type noRunError struct{ message string }

func (e *noRunError) Error() string { return e.message }

// lastRecording is what the last run of a scenario left.
func lastRecording(ui *ui, t target) (*runner.Recording, error) {
	rec, err := runner.ReadRecording(t.dir, t.name, t.variant.name)
	if errors.Is(err, fs.ErrNotExist) {
		if ways := recordedWays(t); len(ways) > 0 && t.variant.name == "" {
			return nil, &noRunError{fmt.Sprintf("there is no recording of %s without --matrix yet; there is one with %s",
				t.path, strings.Join(ways, ", "))}
		}
		return nil, &noRunError{fmt.Sprintf("there is no recording of %s yet\nhint: %s run %s", strings.TrimSpace(t.path+" "+t.variant.name), ui.self, t.playArgs())}
	}
	if err != nil {
		return nil, &runner.EnvironmentError{What: "the last recording cannot be read", Err: err}
	}
	return rec, nil
}

// recordedWays are the ways to play a scenario of which there is a recording.
func recordedWays(t target) []string {
	var ways []string
	for _, name := range runner.LastVariants(t.dir, t.name) {
		ways = append(ways, variantArgs(name))
	}
	return ways
}
