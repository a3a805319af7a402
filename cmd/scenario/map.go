package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"scenario/check"
	"scenario/golden/article"
)

func mapCommand(ui *ui) *cobra.Command {
	var emit bool
	cmd := &cobra.Command{
		Use:   "map ARTICLE.md",
		Short: "Show how the blocks of an article are understood",
		Long: `Show how an article is understood that "scenario check" would play: each block of
code with its number, the line it begins in, and why it is taken for what it is;
and in it, line by line, which window it is for, what is typed (>), what the text
shows of it (|), and what is neither.

Nothing is run. What is not understood as it should be, a binding script says:
"scenario doc bind". With --emit, one to begin with is written to standard output.

Exit status: 0; 2 there is no such article.`,
		Example: `  scenario map article.md
  scenario map --emit article.md > article.star`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("which article? give one Markdown file\nsee: %s --help", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return completePaths(typed, ".md")
		},
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := os.ReadFile(args[0])
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("there is no %s", args[0])
			}
			if err != nil {
				return err
			}
			a := article.Read(text)
			if emit {
				fmt.Fprint(ui.out, check.Script(args[0], a))
				return nil
			}
			ui.chart(args[0], a)
			return nil
		},
	}
	cmd.Flags().BoolVar(&emit, "emit", false, "write a binding script to begin with, to standard output")
	return cmd
}

// chart shows how an article is understood. This is what was asked for, so it
// goes to standard output.
func (u *ui) chart(path string, a *article.Article) {
	say := func(format string, args ...any) { fmt.Fprintln(u.out, u.harmless(fmt.Sprintf(format, args...))) }
	for _, b := range a.Blocks {
		say("%d  %s:%d  %s%s", b.Number, path, b.Line, b.Kind, because(b.Why))
		if b.Never != "" {
			say("   never run: %s", b.Never)
		}
		if b.File != "" {
			say("   file %s", b.File)
		}

		for i := range b.Turns {
			chartTurn(b.Kind, &b.Turns[i], say)
		}
	}
}

func chartTurn(kind article.Kind, t *article.Turn, say func(string, ...any)) {
	where := []string{}
	if t.Program != "" {
		where = append(where, t.Program)
	}
	if t.Place != "" {
		where = append(where, fmt.Sprintf("in %s (%s)", t.Place, t.PlaceBy))
	}
	if t.Place == "" && t.Starts == "" && t.Program != "" && kind == article.Session {
		where = append(where, "where "+t.Program+" was used last")
	}
	if t.Starts != "" {
		where = append(where, "starts "+strings.TrimSpace(t.Starts+" "+t.Named))
	}
	if t.Elided {
		where = append(where, "a fragment, not typed")
	}
	if why := check.Barred(t); why != "" {
		where = append(where, "not run: "+why)
	}
	say("   %4d  %s%s", t.Line, strings.Join(where, ", "), because(t.Why))
	mark := ">"
	if t.Arrives {
		mark = "|"
	}
	for _, l := range t.Typed {
		say("         %s %s", mark, l)
	}
	for _, l := range t.Output {
		say("         | %s", l.Text)
	}
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return "  (" + why + ")"
}
