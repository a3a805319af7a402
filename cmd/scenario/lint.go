package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"scenario/starlib/source"
)

func lintCommand(ui *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "lint FILE|FOLDER...",
		Short: "Find what is wrong with scripts, without a run",
		Long: `Find what is wrong with scripts, and what they load, without a run: names that
nothing has or nobody uses, statements that do nothing, nodes that no step uses,
steps in a terminal whose program was quit, patterns that hide all of a text.
Docker is not asked. What is found is certain; what is not found may be wrong
all the same.

Exit status: 0 nothing is found; 1 something is; 2 a script cannot be read.`,
		Example:           `  scenario lint scenarios`,
		Args:              someScript,
		ValidArgsFunction: completeScripts,
		RunE: func(_ *cobra.Command, args []string) error {
			files, err := scripts(args)
			if err != nil {
				return err
			}
			code := exitOK
			for _, path := range files {
				found, err := source.Lint(path)
				if err != nil {
					ui.failure(filepath.Dir(path), err)
					code = worse(code, exitCode(err))
				}
				for _, f := range found {
					fmt.Fprintf(ui.out, "%s:%d:%d: %s\n", path, f.Line, f.Col, clean(f.Message))
					code = worse(code, exitDrift)
				}
			}
			if code != exitOK {
				return exitError(code)
			}
			return nil
		},
	}
}
