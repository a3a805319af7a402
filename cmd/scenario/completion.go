package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scenario/starlib"
)

// The scripts ask scenario itself (__complete), and need no other package.
// That of bash knows that a label may have an @ and a parameter an =, at which
// bash takes words apart; the others, that a path may begin with ~ and a word
// with --.
var (
	//go:embed completion.bash
	bashCompletion string
	//go:embed completion.zsh
	zshCompletion string
	//go:embed completion.fish
	fishCompletion string
)

// shells are those for which there is a completion.
var shells = []struct {
	name, script string
	install      string // the line that installs it
}{
	{"bash", bashCompletion, `echo 'source <(scenario completion bash)' >> ~/.bashrc`},
	{"zsh", zshCompletion, `echo 'source <(scenario completion zsh)' >> ~/.zshrc`},
	{"fish", fishCompletion, `mkdir -p ~/.config/fish/completions; scenario completion fish > ~/.config/fish/completions/scenario.fish`},
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
		RunE: func(_ *cobra.Command, args []string) error {
			_, err := fmt.Fprint(ui.out, shells[slices.Index(names, args[0])].script)
			return err
		},
	}
}
