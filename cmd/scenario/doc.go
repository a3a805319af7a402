package main

import (
	"fmt"

	"github.com/mitchellh/go-wordwrap"
	"github.com/spf13/cobra"

	"scenario/golden/report"
	"scenario/starlib"
)

func docCommand(ui *ui) *cobra.Command {
	var markdown, stubs bool
	cmd := &cobra.Command{
		Use:   "doc [NAME]",
		Short: "Explain the language, all of it in short or one name, and the reports",
		Example: `  scenario doc
  scenario doc node
  scenario doc Terminal.wait
  scenario doc elixir.connect
  scenario doc report
  scenario doc --stubs > __builtins__.pyi`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeNames,
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := explain(args, markdown, stubs)
			if err != nil {
				return fmt.Errorf("%w\nsee: %s doc", err, ui.self)
			}
			if w := columns(ui.out); w > 0 && !markdown && !stubs {
				text = wordwrap.WrapString(text, uint(w))
			}
			_, err = fmt.Fprint(ui.out, text)
			return err
		},
	}
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print a whole page of docs/reference: the language, or with NAME report the reports")
	cmd.Flags().BoolVar(&stubs, "stubs", false, "print the language as a Python stub file, for editors")
	return cmd
}

func explain(args []string, markdown, stubs bool) (string, error) {
	switch {
	case stubs && markdown:
		return "", fmt.Errorf("--stubs and --markdown are two texts: give one of them")
	case stubs && len(args) > 0:
		return "", fmt.Errorf("--stubs prints all of the language, and takes no name")
	case stubs:
		return starlib.Stubs(), nil
	case len(args) == 1 && args[0] == "report":
		return report.Reference(), nil
	case markdown && len(args) == 0:
		return starlib.Manual(), nil
	case markdown:
		return "", fmt.Errorf("--markdown prints a whole page of the manual: the language's, or that of report")
	case len(args) == 0:
		return starlib.Overview(), nil
	}
	return starlib.Explain(args[0])
}
