package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"scenario/golden"
	"scenario/runner"
	"scenario/starlib/source"
)

func fmtCommand(ui *ui) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt FILE|FOLDER...",
		Short: "Format scripts",
		Long: `Format scripts, and what they load, as buildifier does: there is one layout, and
nobody has to think of it. What a script says stays as it is.

Exit status: 0 all are formatted now; 1 with --check, some are not; 2 a script
cannot be read.`,
		Example: `  scenario fmt scenarios
  scenario fmt --check scenarios`,
		Args:              someScript,
		ValidArgsFunction: completeScripts,
		RunE: func(_ *cobra.Command, args []string) error {
			files, err := scripts(args)
			if err != nil {
				return err
			}
			code := exitOK
			for _, path := range files {
				before, after, err := source.Format(path)
				switch {
				case err != nil:
					ui.failure(filepath.Dir(path), err)
					code = worse(code, exitCode(err))
				case bytes.Equal(before, after):
				case check:
					fmt.Fprintln(ui.out, path)
					code = worse(code, exitDrift)
				default:
					if err := golden.WriteFile(path, after); err != nil {
						return &runner.EnvironmentError{What: path + " cannot be written", Err: err}
					}
					ui.did("formatted", path)
				}
			}
			if code == exitDrift {
				ui.note("hint: " + ui.self + " fmt " + strings.Join(args, " "))
			}
			if code != exitOK {
				return exitError(code)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "only list scripts that are not formatted")
	return cmd
}
