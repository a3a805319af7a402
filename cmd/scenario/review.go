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
	list                   bool
	accept, reject, matrix []string
}

func reviewCommand(ui *ui) *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "review FILE|FOLDER...",
		Short: "Look at what drifted in the last run, and accept it or not",
		Long: `Walk through what drifted in the last run of each scenario, and accept it or
not. Nothing is run again: the texts are those of the last recording. What is
rejected is not asked again until the scenario is run anew; --accept still
accepts it.

Exit status of --list: 0 nothing is left to look at; 1 something is.`,
		Example: `  scenario review scenarios
  scenario review --list scenarios
  scenario review --accept spawn --reject cluster@hoge.sh scenarios/toukon`,
		Args:              someScenario,
		ValidArgsFunction: completeScripts,
		RunE: func(cmd *cobra.Command, args []string) error {
			scenarios, err := targets(args)
			if err != nil {
				return err
			}
			m, err := parseMatrix(f.matrix, nil)
			if err != nil {
				return err
			}
			if scenarios, err = m.over(scenarios); err != nil {
				return err
			}
			switch {
			case slices.Contains(slices.Concat(f.accept, f.reject), ""):
				return errors.New("--accept and --reject name a label: the one given is empty")
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
	matrixFlag(cmd, &f.matrix, "`NAME=VALUE,VALUE`: look at the last runs with these values of a --matrix")
	completes(cmd, "accept", completePending(ui))
	completes(cmd, "reject", completePending(ui))
	return cmd
}

// A review is what is not the same in a scenario's last recording.
type review struct {
	*trial
	left, rejected []golden.Verdict // not looked at yet; looked at, and not accepted
}

// reviews are those of all scenarios that have been run. That none has is an
// error.
func reviews(ui *ui, scenarios []target) ([]*review, error) {
	var found []*review
	for _, t := range scenarios {
		r, err := newReview(ui, t)
		var none *noRunError
		switch {
		case errors.As(err, &none) && len(scenarios) > 1:
			ui.warn("%s", none)
		case err != nil:
			return nil, err
		default:
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("none of them has a run to look at")
	}
	return found, nil
}

func newReview(ui *ui, t target) (*review, error) {
	rec, err := lastRecording(ui, t)
	if err != nil {
		return nil, err
	}
	if rec.Failed != "" {
		return nil, &noRunError{fmt.Sprintf("the last run of %s did not come to its end, and what it left is not whole: %s\nhint: %s run %s",
			t.path, cleanLines(rec.Failed), ui.self, t.args())}
	}
	out, err := rejected(t, rec)
	if err != nil {
		return nil, err
	}
	tr, err := hold(t, rec)
	if err != nil {
		return nil, err
	}
	r := &review{trial: tr}
	for _, v := range tr.verdicts {
		switch {
		case v.State == golden.Same:
		case slices.Contains(out, v.Name):
			r.rejected = append(r.rejected, v)
		default:
			r.left = append(r.left, v)
		}
	}
	return r, nil
}

// where is the file of a golden, and the way to play the scenario, if that has
// none of its own.
func (r *review) where(name string) string {
	if r.variant.name == "" || r.own[name] {
		return r.file(name)
	}
	return r.file(name) + "  (" + r.variant.name + ")"
}

func reviewList(ui *ui, scenarios []target) error {
	found, err := reviews(ui, scenarios)
	if err != nil {
		return err
	}
	left := 0
	for _, r := range found {
		left += len(r.left)
		for _, v := range r.left {
			fmt.Fprintf(ui.out, "%-8s %s\n", v.State, r.where(v.Name))
		}
		for _, v := range r.rejected {
			fmt.Fprintf(ui.out, "rejected %s\n", r.where(v.Name))
		}
	}
	if left > 0 {
		return exitError(exitDrift)
	}
	return nil
}

// reviewLabels does without a terminal what reviewAll does at one; what was
// rejected can be accepted after all. A label that nothing drifted of is an
// error, and then nothing is done.
func reviewLabels(ui *ui, scenarios []target, where string, f reviewFlags) error {
	found, err := reviews(ui, scenarios)
	if err != nil {
		return err
	}
	type task struct {
		tr     *trial
		name   string
		accept bool
	}
	var tasks []task
	var drifted, all []string
	for _, r := range found {
		all = append(all, names(r.verdicts)...)
		for _, v := range slices.Concat(r.left, r.rejected) {
			drifted = append(drifted, v.Name)
			meant := func(l string) bool { return labelled(v.Name, l) }
			accept, reject := slices.ContainsFunc(f.accept, meant), slices.ContainsFunc(f.reject, meant)
			if accept && reject {
				return fmt.Errorf("%s: --accept and --reject both name it", v.Name)
			}
			if accept || reject {
				tasks = append(tasks, task{r.trial, v.Name, accept})
			}
		}
	}
	for _, l := range slices.Concat(f.accept, f.reject) {
		is := func(name string) bool { return labelled(name, l) }
		switch {
		case slices.ContainsFunc(drifted, is):
		case slices.ContainsFunc(all, is):
			return fmt.Errorf("%s has not drifted: there is nothing to accept or reject", l)
		default:
			return noLabel(l, "what drifted in "+where, drifted)
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
		i := slices.IndexFunc(now.verdicts, func(v golden.Verdict) bool { return v.Name == name && v.State != golden.Same })
		if i < 0 {
			ui.did("holds by now", now.file(name))
			return nil
		}
		did, err := now.accept(now.verdicts[i])
		if err != nil {
			return err
		}
		ui.did(did, now.file(name))
		return nil
	})
}

// reviewAll asks about each golden that drifted.
func reviewAll(ctx context.Context, ui *ui, scenarios []target, in io.Reader) error {
	found, err := reviews(ui, scenarios)
	if err != nil {
		return err
	}
	left := 0
	for _, r := range found {
		left += len(r.left)
	}
	if left == 0 {
		ui.note("nothing to review: every golden holds, or was looked at")
		return nil
	}
	lines := lines(in)
	count := map[string]int{}
	for _, r := range found {
		for i, v := range r.left {
			ui.drift(r.trial, v)
			answer, err := ask(ctx, ui, fmt.Sprintf("%s, %d of %d", r.title(), i+1, len(r.left)), lines)
			if err != nil {
				return err
			}
			if answer == "quit" {
				ui.reviewed(count["accept"], count["reject"], left)
				return nil
			}
			if answer != "skip" {
				if err := settle(ui, r.trial, v.Name, answer == "accept"); err != nil {
					return err
				}
				count[answer]++
				left--
			}
		}
	}
	ui.reviewed(count["accept"], count["reject"], left)
	return nil
}

var answers = []string{"accept", "reject", "skip", "quit"}

// ask asks until it gets an answer. The end of the input is "quit".
func ask(ctx context.Context, ui *ui, what string, lines <-chan string) (string, error) {
	for {
		ui.prompt(what + ": [a]ccept, [r]eject, [s]kip or [q]uit? ")
		select {
		case <-ctx.Done():
			ui.note("")
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
			ui.answers()
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
