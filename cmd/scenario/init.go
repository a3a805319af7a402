package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"scenario/golden"
	"scenario/runner"
)

// template is what a new scenario's folder has. NAME stands for its name, in
// names of files and in their text.
//
//go:embed template
var template embed.FS

func initCommand(ui *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "init NAME",
		Short: "Make a scenario to begin with",
		Long: `Make a folder with a scenario of its name, which runs as it is and explains
itself, and a README.md that says what to type next. The name may be a path.
Nothing is overwritten.`,
		Example: `  scenario init first
  scenario init lessons/first`,
		ValidArgsFunction: completeNew,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("what is the scenario called? give one name\nsee: %s --help", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			dir := filepath.Clean(args[0])
			if err := checkScenarioName(filepath.Base(dir)); err != nil {
				return err
			}
			made, err := begin(dir)
			for _, path := range made {
				ui.did("new", path)
			}
			if err != nil {
				return err
			}
			ui.note("hint: play it: " + ui.self + " run " + dir)
			return nil
		},
	}
}

// checkScenarioName keeps to what nodes, labels and terminals may be called: a
// scenario's name is a file's, and a folder's, and is typed into shells.
func checkScenarioName(name string) error {
	if plain, ok := strings.CutSuffix(name, ".star"); ok {
		return fmt.Errorf("the scenario %q: a scenario is a folder; give its name without .star: %s", name, plain)
	}
	return runner.CheckName("the scenario", name)
}

// makeFolder makes the folder of a new scenario.
func makeFolder(dir string) error {
	err := os.MkdirAll(filepath.Dir(dir), 0o777)
	if err == nil {
		err = os.Mkdir(dir, 0o777)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("there is a %s already, and nothing is overwritten: give another name", dir)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%s cannot be a folder: a part of its path is a file", dir)
	case err != nil:
		return cannotBeMade(err)
	}
	return nil
}

func cannotBeMade(err error) error {
	return &runner.EnvironmentError{What: "the scenario cannot be made", Err: err}
}

// begin makes the folder of a new scenario, and says which files it made.
func begin(dir string) (made []string, err error) {
	name := filepath.Base(dir)
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	for _, file := range []string{"NAME.star", "README.md"} {
		if err != nil {
			break
		}
		var text []byte
		if text, err = template.ReadFile("template/" + file); err != nil {
			break
		}
		path := filepath.Join(dir, strings.ReplaceAll(file, "NAME", name))
		if err = golden.WriteFile(path, []byte(strings.ReplaceAll(string(text), "NAME", name))); err == nil {
			made = append(made, path)
		}
	}
	if err != nil {
		return made, cannotBeMade(err)
	}
	return made, nil
}
