package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"scenario/golden"
)

type reviewFlags struct {
	list           bool
	accept, reject []string
}

func reviewCommand(ui *ui) *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "review FILE|FOLDER...",
		Short: "Look at what drifted in the last run, and accept it or not",
		Long: `Walk through what drifted in the last run of each scenario, and accept it or
not. Nothing is run again: the texts are those of the last recording. What is
rejected is not asked again until the scenario is run anew.

Exit status of --list: 0 nothing is left to look at; 1 something is.`,
		Example: `  scenario review scenarios
  scenario review --list scenarios
  scenario review --accept spawn --reject cluster@hoge.iex scenarios/toukon`,
		Args: someScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			scenarios, err := targets(args)
			if err != nil {
				return err
			}
			switch {
			case f.list && len(f.accept)+len(f.reject) > 0:
				return errors.New("--list only lists: give it without --accept and --reject")
			case f.list:
				return reviewList(ui, scenarios)
			case len(f.accept)+len(f.reject) > 0:
				return reviewLabels(ui, scenarios, strings.Join(args, " "), f)
			case !term.IsTerminal(int(os.Stdin.Fd())):
				return fmt.Errorf("there is no terminal to ask at: give --list, --accept LABEL or --reject LABEL\nsee: %s --help", cmd.CommandPath())
			}
			return reviewAll(cmd.Context(), ui, scenarios, os.Stdin)
		},
	}
	cmd.Flags().BoolVar(&f.list, "list", false, "only list what drifted")
	cmd.Flags().StringArrayVar(&f.accept, "accept", nil, "accept what a label showed: `LABEL`, or LABEL@TERMINAL; can be repeated")
	cmd.Flags().StringArrayVar(&f.reject, "reject", nil, "do not accept what a label showed: `LABEL`, or LABEL@TERMINAL; can be repeated")
	return cmd
}

// pending is what is left to look at in a scenario's last recording: what is
// neither the same nor rejected.
func pending(ui *ui, t target) (*trial, []golden.Verdict, error) {
	rec, err := lastRecording(ui, t)
	if err != nil {
		return nil, nil, err
	}
	if rec.Failed != "" {
		return nil, nil, fmt.Errorf("the last run of %s failed, and what it left is not whole: %s\nhint: %s run %s",
			t.path, cleanLines(rec.Failed), ui.self, t.path)
	}
	out, err := rejected(t, rec)
	if err != nil {
		return nil, nil, err
	}
	tr, err := hold(t, rec)
	if err != nil {
		return nil, nil, err
	}
	left := slices.DeleteFunc(slices.Clone(tr.verdicts), func(v golden.Verdict) bool {
		return v.State == golden.Same || slices.Contains(out, v.Name)
	})
	return tr, left, nil
}

func reviewList(ui *ui, scenarios []target) error {
	found := false
	for _, t := range scenarios {
		_, left, err := pending(ui, t)
		if err != nil {
			return err
		}
		for _, v := range left {
			found = true
			fmt.Fprintf(ui.out, "%-8s %s\n", v.State, t.file(v.Name))
		}
	}
	if found {
		return exitError(exitDrift)
	}
	return nil
}

// reviewLabels does without a terminal what reviewAll does at one. A label that
// nothing is left of is an error, and then nothing is done.
func reviewLabels(ui *ui, scenarios []target, where string, f reviewFlags) error {
	type task struct {
		tr     *trial
		name   string
		accept bool
	}
	var tasks []task
	var all []string
	for _, t := range scenarios {
		tr, left, err := pending(ui, t)
		if err != nil {
			return err
		}
		for _, v := range left {
			all = append(all, v.Name)
			meant := func(l string) bool { return labelled(v.Name, l) }
			accept, reject := slices.ContainsFunc(f.accept, meant), slices.ContainsFunc(f.reject, meant)
			if accept && reject {
				return fmt.Errorf("%s: --accept and --reject both name it", v.Name)
			}
			if accept || reject {
				tasks = append(tasks, task{tr, v.Name, accept})
			}
		}
	}
	for _, l := range slices.Concat(f.accept, f.reject) {
		if !slices.ContainsFunc(all, func(name string) bool { return labelled(name, l) }) {
			return noLabel(l, "what drifted in "+where, all)
		}
	}
	for _, k := range tasks {
		if err := settle(ui, k.tr, k.name, k.accept); err != nil {
			return err
		}
	}
	return nil
}

// settle accepts a golden as the recording has it, or rejects it, while no other
// review does: what was accepted meanwhile may have named what this one shows.
func settle(ui *ui, tr *trial, name string, accept bool) error {
	return holdLocked(tr.target, tr.rec, func(now *trial) error {
		if !accept {
			if err := reject(now.target, now.rec, name); err != nil {
				return err
			}
			ui.did("rejected", now.file(name))
			return nil
		}
		for _, v := range now.verdicts {
			if v.Name != name || v.State == golden.Same {
				continue
			}
			did, err := now.accept(v)
			if err != nil {
				return err
			}
			ui.did(did, now.file(name))
		}
		return nil
	})
}

// reviewAll asks about each golden that drifted.
func reviewAll(ctx context.Context, ui *ui, scenarios []target, in io.Reader) error {
	answers := lines(in)
	seen := 0
	for _, t := range scenarios {
		tr, left, err := pending(ui, t)
		if err != nil {
			return err
		}
		for i, v := range left {
			seen++
			ui.drift(tr, v)
			switch answer, err := ask(ctx, ui, fmt.Sprintf("%s, %d of %d", t.name, i+1, len(left)), answers); {
			case err != nil:
				return err
			case answer == "quit":
				return nil
			case answer != "skip":
				if err := settle(ui, tr, v.Name, answer == "accept"); err != nil {
					return err
				}
			}
		}
	}
	if seen == 0 {
		ui.note("nothing to review: every golden holds, or was looked at")
	}
	return nil
}

var answers = []string{"accept", "reject", "skip", "quit"}

// ask asks until it gets an answer. The end of the input is "quit".
func ask(ctx context.Context, ui *ui, what string, lines <-chan string) (string, error) {
	for {
		ui.prompt(what + ": [a]ccept, [r]eject, [s]kip or [q]uit? ")
		select {
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case line, ok := <-lines:
			if !ok {
				ui.note("")
				return "quit", nil
			}
			line = strings.ToLower(strings.TrimSpace(line))
			for _, a := range answers {
				if line != "" && strings.HasPrefix(a, line) {
					return a, nil
				}
			}
		}
	}
}

// lines gives what is typed, line by line, so that a wait for it can end.
func lines(in io.Reader) <-chan string {
	c := make(chan string)
	go func() {
		defer close(c)
		for s := bufio.NewScanner(in); s.Scan(); {
			c <- s.Text()
		}
	}()
	return c
}
