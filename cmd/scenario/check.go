package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"scenario/check"
	"scenario/golden"
	"scenario/golden/article"
	"scenario/runner"
	"scenario/starlib"
)

// checkFlags are what `scenario check` can be told.
type checkFlags struct {
	with, backend        string
	frozen, fix, diff    bool
	keep, verbose, quiet bool
	minCoverage          int
	params, reports      []string
	passed
}

func checkCommand(ui *ui) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check ARTICLE.md|SCRIPT.star|FOLDER...",
		Short: "Play published articles, and say of each block of code whether it is true",
		Long: `Play published articles as they are, and say of each block of code whether it is
true. A script beside the article, ARTICLE.star, makes the nodes, and says what
the text itself does not: "scenario doc bind". "scenario map ARTICLE.md" shows
how the text is understood, and with --emit writes a script to begin with.

  ok          the text shows what was seen, up to names of processes and the
              like, and to what it leaves out with ...
  drift       it shows something else
  fails       a statement fails, and the text does not say that it does
  shown only  it ran, and the text shows nothing to compare
  not run     and why

Exit status: 0 nothing drifts or fails; 1 something does, or less was run than
--min-coverage asks for; 2 the script or the command line is wrong; 3 a step of
the script failed; 4 something is missing; 130 interrupted.`,
		Example: `  scenario check article.md
  scenario check --with lab.star --diff article.md
  scenario check --fix article.md
  scenario check --frozen --min-coverage 80 --report github docs
  scenario check scenarios/articles/qiita.star --param article=qiita.md`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("which article? give its Markdown file, its script, or a folder\nsee: %s --help", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return completePaths(typed, ".md")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return checkAll(cmd.Context(), ui, args, &f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.with, "with", "", "the binding script, a `FILE`, of an article that has none beside it")
	flags.BoolVar(&f.frozen, "frozen", false, "change nothing, and hold --min-coverage (implied by CI=true)")
	flags.IntVar(&f.minCoverage, "min-coverage", 0, "fail where less than `PERCENT` of an article's blocks was run")
	flags.BoolVar(&f.fix, "fix", false, "write what was seen in the place of what drifted, into the article")
	flags.BoolVar(&f.diff, "diff", false, "show on standard output what --fix would change")
	flags.StringArrayVar(&f.params, "param", nil, "`NAME=VALUE` for a param(…) of the script; can be repeated")
	flags.StringArrayVar(&f.reports, "report", nil, "write a report: `junit=FILE`, json=FILE, markdown=FILE, or github for annotations on standard output; can be repeated")
	flags.BoolVar(&f.keep, "keep", false, "leave the machines up, and say how to enter and remove them")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "say in which window each block was played, and why there; and log what is done")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing unless something is wrong")
	f.passed.flags(cmd)
	backendFlag(cmd, &f.backend)
	completes(cmd, "param", completeParams)
	completes(cmd, "report", completeReports)
	return cmd
}

// An essay is an article with the script that plays it.
type essay struct {
	target
	article string // its path; "" if the script says it
}

func checkAll(ctx context.Context, ui *ui, args []string, f *checkFlags) error {
	switch {
	case f.fix && f.frozen:
		return errors.New("--fix writes the article and --frozen changes nothing: give one of them")
	case f.fix && f.diff:
		return errors.New("--fix writes what --diff only shows: give one of them")
	case f.verbose && f.quiet:
		return errors.New("--verbose and --quiet exclude each other: give one of them")
	case f.minCoverage < 0 || f.minCoverage > 100:
		return fmt.Errorf("--min-coverage %d: it is a percentage, from 0 to 100", f.minCoverage)
	}
	params, err := parseParams(f.params)
	if err != nil {
		return err
	}
	essays, err := essays(ui, args, f.with)
	if err != nil {
		return err
	}
	reports, err := newReports(f.reports, ui)
	if err != nil {
		return err
	}
	f.frozen = f.frozen || os.Getenv("CI") == "true" && !f.fix
	ui.quiet = f.quiet
	keep := ""
	if f.keep {
		keep = "--keep"
	}
	backend, err := chooseBackend(ctx, ui, f.backend, keep)
	if err != nil {
		return err
	}
	c := &checker{ui: ui, flags: f, reports: reports, backend: backend}
	if err := f.passed.to(&c.options); err != nil {
		return err
	}
	if f.verbose {
		ui.plain()
	}
	code := exitOK
	for _, e := range essays {
		e.params = params
		code = worse(code, c.check(ctx, e))
		if ctx.Err() != nil {
			code = exitInterrupted
			break
		}
	}
	if err := reports.write(); err != nil {
		ui.failure("", err)
		code = worse(code, exitCode(err))
	}
	if code != exitOK {
		return exitError(code)
	}
	return nil
}

// essays finds the articles that the arguments name, each with its script.
func essays(ui *ui, args []string, with string) (found []essay, err error) {
	if with != "" {
		if _, err := os.Stat(with); err != nil {
			return nil, fmt.Errorf("--with %s: there is no such file", with)
		}
		if len(args) > 1 {
			return nil, fmt.Errorf("--with %s: it is the script of one article, and there are %d", with, len(args))
		}
	}
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("there is no %s", arg)
		case err != nil:
			return nil, err
		case info.IsDir():
			in, err := files(arg, func(path string) bool {
				return isMarkdown(path) && exists(beside(path))
			})
			if err != nil {
				return nil, err
			}
			if len(in) == 0 {
				return nil, fmt.Errorf("there is no article in %s that has a script: ARTICLE.star beside ARTICLE.md", arg)
			}
			for _, path := range in {
				found = append(found, essay{newTarget(beside(path)), path})
			}
		case filepath.Ext(arg) == ".star":
			if with != "" {
				return nil, fmt.Errorf("--with %s: %s is a script itself", with, arg)
			}
			found = append(found, essay{target: newTarget(arg)})
		case with != "":
			found = append(found, essay{newTarget(with), arg})
		case exists(beside(arg)):
			found = append(found, essay{newTarget(beside(arg)), arg})
		default:
			return nil, fmt.Errorf("%s has no script: there is no %s\nhint: this writes one to begin with: %s map --emit %s > %s\n      one that lies elsewhere is given by --with FILE",
				arg, beside(arg), ui.self, arg, beside(arg))
		}
	}
	return found, nil
}

func isMarkdown(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".md", ".markdown", ".mdx", ".livemd", ".qmd":
		return true
	}
	return false
}

// beside is where an article's script lies.
func beside(path string) string { return strings.TrimSuffix(path, filepath.Ext(path)) + ".star" }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// A checker checks articles as the flags say.
type checker struct {
	ui      *ui
	flags   *checkFlags
	reports *reports
	options starlib.Options // what is passed to every script
	backend runner.Backend
}

// check plays one article, and says how it went.
func (c *checker) check(ctx context.Context, e essay) int {
	binding := &starlib.Binding{Path: e.article}
	var text []byte
	if e.article != "" {
		var err error
		if text, err = os.ReadFile(e.article); err != nil {
			c.ui.begin(e.target)
			return c.fail(e, nil, nil, err)
		}
	}
	cfg := runner.Config{Backend: c.backend, Keep: c.flags.keep, Observe: c.ui.observe}
	if c.flags.verbose {
		cfg.Log = c.ui.err
	}
	var verdicts []*check.Verdict
	c.ui.beginArticle(e)
	rec, err := starlib.Play(ctx, e.path, cfg, starlib.Options{Params: e.set(), Env: c.options.Env, Mounts: c.options.Mounts, Print: c.ui.print, Abort: c.ui.abort, Binding: binding, Then: func(run *runner.Run) (err error) {
		if text == nil {
			if binding.Path == "" {
				return errors.New("which article? the script names none: article(\"article.md\") does, or the command line")
			}
			if text, err = os.ReadFile(binding.Path); err != nil {
				return fmt.Errorf("article(%q): %w", binding.Path, err)
			}
		}
		e.article = binding.Path
		verdicts, err = check.Play(run, binding, article.Read(text), from(e.dir, binding.Path), func(v *check.Verdict) {
			c.ui.verdict(e, v)
			if c.flags.verbose {
				c.ui.chosen(v)
			}
		})
		return err
	}})
	c.ui.end()
	if err != nil {
		return c.fail(e, rec, verdicts, err)
	}
	return c.judge(e, rec, text, verdicts)
}

func (c *checker) fail(e essay, rec *runner.Recording, verdicts []*check.Verdict, err error) int {
	c.ui.failure(e.dir, err)
	c.reports.unchecked(e, rec, verdicts, err, c.flags)
	return exitCode(err)
}

// judge says what was found out, and changes the article as the flags say.
func (c *checker) judge(e essay, rec *runner.Recording, text []byte, verdicts []*check.Verdict) int {
	code := exitOK
	fixed := check.Fix(text, verdicts)
	mended := 0
	if c.flags.fix && !bytes.Equal(fixed, text) {
		if err := golden.WriteFile(e.article, fixed); err != nil {
			return c.fail(e, rec, verdicts, &runner.EnvironmentError{What: e.article + " cannot be written", Err: err})
		}
		mended = c.ui.mended(e.article, verdicts)
	}
	if c.flags.diff && !bytes.Equal(fixed, text) {
		fmt.Fprint(c.ui.out, c.ui.harmless(udiff.Unified(e.article, e.article, string(text), string(fixed))))
	}
	for _, v := range verdicts {
		if v.Bad() && !(c.flags.fix && v.Mended()) {
			code = exitDrift
		}
	}
	short := ""
	if got := check.Count(verdicts).Coverage(); got < c.flags.minCoverage {
		short = fmt.Sprintf("%d %% of the blocks were run, and --min-coverage asks for %d %%", got, c.flags.minCoverage)
		code = exitDrift
	}
	c.ui.checked(e, rec, verdicts, short, code, mended < countFixable(verdicts))
	c.reports.checked(e, rec, verdicts, short, c.flags)
	return code
}

// countFixable is how many blocks --fix would mend.
func countFixable(verdicts []*check.Verdict) (n int) {
	for _, v := range verdicts {
		if v.Mended() {
			n++
		}
	}
	return n
}

// from is a path as it is seen from a folder.
func from(dir, path string) string {
	abs, err := filepath.Abs(path)
	folder, ferr := filepath.Abs(dir)
	if err == nil && ferr == nil {
		if rel, err := filepath.Rel(folder, abs); err == nil {
			return filepath.ToSlash(rel)
		}
	}
	return path
}
