package main

import (
	"fmt"

	"github.com/mitchellh/go-wordwrap"
	"github.com/spf13/cobra"

	"scenario/starlib"
)

func docCommand(ui *ui) *cobra.Command {
	var markdown bool
	cmd := &cobra.Command{
		Use:   "doc [NAME]",
		Short: "Explain the language: all of it in short, or one name",
		Example: `  scenario doc
  scenario doc node
  scenario doc Terminal.wait
  scenario doc elixir.connect`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := explain(args, markdown)
			if err != nil {
				return fmt.Errorf("%w\nsee: %s doc", err, ui.self)
			}
			if w := columns(ui.out); w > 0 && !markdown {
				text = wordwrap.WrapString(text, uint(w))
			}
			_, err = fmt.Fprint(ui.out, text)
			return err
		},
	}
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print the whole reference manual, as it is in docs/reference")
	return cmd
}

func explain(args []string, markdown bool) (string, error) {
	switch {
	case markdown:
		return starlib.Manual(), nil
	case len(args) == 0:
		return starlib.Overview(), nil
	}
	return starlib.Explain(args[0])
}
