package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/docker/go-units"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"scenario/runner"
	"scenario/runner/docker"
)

// Labs that are there without a run of ours: to look at, to enter, to remove.

func psCommand(ui *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "ps",
		Short: "Say which labs are there, and what is in them",
		Long: `Say which labs are there, the oldest first: those whose run is under way, here
or on another machine that shares the engine; those that up or --keep has left;
and those whose run was killed with its watchdog, which the next run removes.`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: completeNothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			labs, err := asking(ui, "asking the Docker Engine", func() ([]docker.LabFacts, error) { return new(docker.Backend).Labs(cmd.Context()) })
			if err != nil {
				return err
			}
			if len(labs) == 0 {
				ui.note("no lab is there")
				return nil
			}
			w := tabwriter.NewWriter(ui.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "LAB\tSCENARIO\tSTATE\tMADE\tNODES")
			for _, l := range labs {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", clean(l.ID), clean(l.Scenario), l.State, ago(l.Since), nodeStates(l))
			}
			return w.Flush()
		},
	}
}

// nodeStates names the nodes of a lab, and says how those are that do not run.
func nodeStates(l docker.LabFacts) string {
	var all []string
	for _, n := range l.Nodes {
		if n.State != "running" {
			n.Name += " (" + n.State + ")"
		}
		all = append(all, clean(n.Name))
	}
	return strings.Join(all, ", ")
}

func ago(t time.Time) string {
	return strings.ToLower(units.HumanDuration(time.Since(t))) + " ago"
}

func downCommand(ui *ui) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "down [LAB|SCENARIO...]",
		Short: "Remove labs that up or --keep has left",
		Long: `Remove labs that up or --keep has left, and those whose run was killed with its
watchdog: of the ids or the scenarios that are given, or the one that there is.
A lab whose run is under way is left to its run.

Exit status: 0 they are gone; 2 there is no such lab; 4 one cannot be removed.`,
		Example: `  scenario down
  scenario down 1a2b3c4d
  scenario down toukon
  scenario down --all`,
		ValidArgsFunction: completeLabs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all && len(args) > 0 {
				return errors.New("--all removes every lab that was left: give it, or which labs")
			}
			b := new(docker.Backend)
			labs, err := asking(ui, "asking the Docker Engine", func() ([]docker.LabFacts, error) { return b.Labs(cmd.Context()) })
			if err != nil {
				return err
			}
			meant, err := meantLabs(labs, args, all)
			if err != nil {
				return err
			}
			for _, l := range meant {
				if _, err := asking(ui, "removing the lab of "+l.Scenario, func() (any, error) { return nil, b.Remove(cmd.Context(), l.ID) }); err != nil {
					return err
				}
				ui.note("removed  " + clean(l.ID+" of "+l.Scenario))
			}
			if len(meant) == 0 {
				ui.note("no lab was left; there is nothing to remove")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "remove every lab that was left")
	return cmd
}

// meantLabs are those of the labs that down is to remove.
func meantLabs(labs []docker.LabFacts, args []string, all bool) (meant []docker.LabFacts, err error) {
	var left []docker.LabFacts
	for _, l := range labs {
		if l.State != docker.LabRuns {
			left = append(left, l)
		}
	}
	for _, arg := range args {
		var found []docker.LabFacts
		for _, l := range labs {
			if l.ID == arg || l.Scenario == arg {
				found = append(found, l)
			}
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("there is no lab %s%s", arg, thoseAre(left))
		}
		for _, l := range found {
			switch {
			case l.State == docker.LabRuns && l.ID == arg:
				return nil, fmt.Errorf("the run of lab %s (%s) is under way, and removes it at its end; a Ctrl-C where it runs ends it", l.ID, l.Scenario)
			case l.State != docker.LabRuns && !slices.ContainsFunc(meant, func(m docker.LabFacts) bool { return m.ID == l.ID }):
				meant = append(meant, l)
			}
		}
	}
	if len(args) > 0 {
		return meant, nil
	}
	if !all && len(left) > 1 {
		return nil, fmt.Errorf("which lab?%s; --all removes all of them", thoseAre(left))
	}
	return left, nil
}

func thoseAre(labs []docker.LabFacts) string {
	var list []string
	for _, l := range labs {
		list = append(list, l.ID+" of "+l.Scenario)
	}
	if len(list) == 0 {
		return ""
	}
	return "; there is " + strings.Join(list, ", ")
}

func shellCommand(ui *ui) *cobra.Command {
	var id string
	cmd := &cobra.Command{
		Use:   "shell NODE [TERMINAL]",
		Short: "Open a shell, or one of a scenario's windows, on a node of a lab",
		Long: `Open a shell on a node of a lab that up or --keep has left: bash if the node has
it, or else sh. exit or Ctrl-D ends it, and leaves the lab as it is.

With the name of a window of the scenario, such as iex, the window's program is
started again as the scenario started it. What was left running in the window is
ended first, for it has the names and ports that the new one wants.

Exit status: that of the program; 2 also without a terminal; 4 the node cannot
be entered.`,
		Example: `  scenario shell hoge
  scenario shell hoge iex
  scenario shell --lab 1a2b3c4d hoge`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return fmt.Errorf("which node? give its name, and that of a window if it is to be one of the scenario's\nsee: %s --help", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: completeNodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
				return errors.New("there is no terminal to type at: shell is for a terminal window, without < > and |")
			}
			b := new(docker.Backend)
			labs, err := asking(ui, "asking the Docker Engine", func() ([]docker.LabFacts, error) { return b.Labs(cmd.Context()) })
			if err != nil {
				return err
			}
			l, n, err := findNode(labs, id, args[0])
			if err != nil {
				return err
			}
			m, err := b.Enter(cmd.Context(), l.ID, n)
			if err != nil {
				return err
			}
			command := runner.Command{Argv: []string{"sh", "-c", "command -v bash >/dev/null && exec bash; exec sh"}}
			if len(args) == 2 {
				w, err := findWindow(l, n.Name, args[1])
				if err != nil {
					return err
				}
				m.End(w)
				command = w.Command
			}
			return enter(cmd.Context(), m, command)
		},
	}
	cmd.Flags().StringVar(&id, "lab", "", "the `ID` of the lab, where several have a node of that name")
	completes(cmd, "lab", completeLabs)
	return cmd
}

// findNode finds a node by its name, in the lab of the id or in the only one
// that has such a node.
func findNode(labs []docker.LabFacts, id, name string) (l docker.LabFacts, n docker.NodeFacts, err error) {
	if id != "" {
		labs = slices.DeleteFunc(labs, func(l docker.LabFacts) bool { return l.ID != id })
		if len(labs) == 0 {
			return l, n, fmt.Errorf("--lab %s: there is no such lab; scenario ps lists those that are there", id)
		}
	}
	var has []docker.LabFacts
	var others []string
	for _, lab := range labs {
		for _, node := range lab.Nodes {
			if node.Name == name {
				has, l, n = append(has, lab), lab, node
			} else if !slices.Contains(others, node.Name) {
				others = append(others, node.Name)
			}
		}
	}
	switch {
	case len(has) > 1:
		return l, n, fmt.Errorf("several labs have a node %s%s; --lab says which", name, thoseAre(has))
	case len(has) == 1 && n.State != "running":
		return l, n, &runner.EnvironmentError{What: fmt.Sprintf("node %s of lab %s does not run: it is %s", name, l.ID, n.State)}
	case len(has) == 1:
		return l, n, nil
	case len(labs) == 0:
		return l, n, errors.New("no lab is there; scenario up leaves one up")
	}
	return l, n, fmt.Errorf("there is no node %s; there is %s", name, strings.Join(others, ", "))
}

func findWindow(l docker.LabFacts, node, name string) (runner.KeptWindow, error) {
	var others []string
	for _, w := range l.Windows {
		if w.Node != node {
			continue
		}
		if w.Name == name {
			return w, nil
		}
		others = append(others, w.Name)
	}
	switch {
	case l.State == docker.LabRuns:
		return runner.KeptWindow{}, fmt.Errorf("the run of lab %s is under way, and its windows are its own; scenario shell %s opens another shell", l.ID, node)
	case len(others) == 0:
		return runner.KeptWindow{}, fmt.Errorf("there is no window %s on %s: the scenario has opened none there", name, node)
	}
	return runner.KeptWindow{}, fmt.Errorf("there is no window %s on %s; there is %s", name, node, strings.Join(others, ", "))
}

// enter gives a command on a machine to the person, until it ends.
func enter(ctx context.Context, m *docker.Entered, command runner.Command) error {
	var err error
	if command.Cols, command.Rows, err = term.GetSize(int(os.Stdout.Fd())); err != nil || command.Cols == 0 {
		command.Cols, command.Rows = 80, 24
	}
	env := map[string]string{"TERM": os.Getenv("TERM")}
	for k, v := range command.Env {
		env[k] = v
	}
	command.Env = env
	tty, err := m.Open(ctx, command)
	if err != nil {
		return &runner.EnvironmentError{What: "the node cannot be entered", Err: err}
	}
	defer tty.Close()
	if err := attach(ctx, os.Stdin, os.Stdout, tty, deaf{}); err != nil {
		return err
	}
	if status, err := tty.Status(ctx); err != nil {
		return err
	} else if status != 0 {
		return exitError(status)
	}
	return nil
}

// deaf listens to nothing.
type deaf struct{}

func (deaf) Typed([]byte)    {}
func (deaf) Shown([]byte)    {}
func (deaf) Resize(int, int) {}
func (deaf) Drawing() bool   { return false }

func completeNothing(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, onlyThese
}

// completeLabs are the ids of labs.
func completeLabs(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	labs, _ := new(docker.Backend).Labs(cmd.Context())
	var found []string
	for _, l := range labs {
		found = append(found, cobra.CompletionWithDesc(l.ID, l.Scenario))
	}
	return found, onlyThese
}

// completeNodes are the nodes of labs, and then a node's windows.
func completeNodes(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	labs, _ := new(docker.Backend).Labs(cmd.Context())
	var found []string
	for _, l := range labs {
		for _, n := range l.Nodes {
			if len(args) == 0 && !slices.Contains(found, n.Name) {
				found = append(found, n.Name)
			}
		}
		for _, w := range l.Windows {
			if len(args) == 1 && w.Node == args[0] {
				found = append(found, w.Name)
			}
		}
	}
	return found, onlyThese
}
