package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scenario/starlib"
)

// bashCompletion needs no other package, and knows that a label may have an @
// and a parameter an =, at which bash takes words apart.
//
//go:embed completion.bash
var bashCompletion string

// shells are those for which there is a completion, and how it comes.
var shells = []struct {
	name    string
	install string // the line that installs it
	write   func(ui *ui, root *cobra.Command) error
}{
	{"bash", `echo 'source <(scenario completion bash)' >> ~/.bashrc`,
		func(ui *ui, _ *cobra.Command) error { _, err := fmt.Fprint(ui.out, bashCompletion); return err }},
	{"zsh", `echo 'source <(scenario completion zsh)' >> ~/.zshrc`,
		func(ui *ui, root *cobra.Command) error { return root.GenZshCompletion(ui.out) }},
	{"fish", `scenario completion fish > ~/.config/fish/completions/scenario.fish`,
		func(ui *ui, root *cobra.Command) error { return root.GenFishCompletion(ui.out, true) }},
}

func completionCommand(ui *ui) *cobra.Command {
	var names []string
	long := `Print a script with which a shell completes what is typed after scenario: files
and folders, labels of the last run, parameters, and the rest. This line
installs it, for shells that are begun after it:

`
	for _, s := range shells {
		names = append(names, s.name)
		long += fmt.Sprintf("  %s\n", s.install)
	}
	long += "\nFor zsh, compinit has to be loaded before: autoload -U compinit; compinit"
	return &cobra.Command{
		Use:       "completion " + strings.Join(names, "|"),
		Short:     "Print what completes commands in bash, zsh or fish",
		Long:      long,
		ValidArgs: names,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("for which shell? give one of %s\nsee: %s --help", strings.Join(names, ", "), cmd.CommandPath())
			}
			if !slices.Contains(names, args[0]) {
				return fmt.Errorf("there is no completion for %s%s; there is one for %s", args[0], starlib.Nearest(args[0], names), strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return shells[slices.Index(names, args[0])].write(ui, cmd.Root())
		},
	}
}
