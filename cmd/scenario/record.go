package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"scenario/golden"
	"scenario/runner"
	"scenario/runner/terminal"
	"scenario/starlib"
	"scenario/starlib/source"
)

// recordFlags are what `scenario record` can be told.
type recordFlags struct {
	image, suite, shell, backend string
	packages                     []string
}

func recordCommand(ui *ui) *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use:   "record NAME",
		Short: "Write a scenario by typing it into a shell",
		Long: `Open a shell on a fresh machine, and write what is typed there as a scenario: a
folder NAME with NAME.star. exit or Ctrl-D ends the recording. The script is
then played once, which writes its goldens. The name may be a path; nothing is
overwritten.

Programs that scenario knows (see: scenario doc) can be started in the shell,
and what is typed into them is recorded, too. What a script cannot say, such as
keys in an editor, is left out, and a comment in its place says so.

Exit status: that of the play, as scenario run has it; 2 also without a
terminal.`,
		Example: `  scenario record first
  scenario record --packages python3 lessons/python
  scenario record --debian trixie --packages elixir,erlang-dev lessons/iex
  scenario record --image alpine:3.20 first`,
		ValidArgsFunction: completeNew,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("what is the scenario called? give one name\nsee: %s --help", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := filepath.Clean(args[0])
			image, err := f.made(cmd)
			if err != nil {
				return err
			}
			r := &recording{
				ui: ui, dir: dir, shell: f.shell, backend: f.backend, in: os.Stdin, out: os.Stdout,
				Recorded: source.Recorded{Name: filepath.Base(dir), Image: image},
			}
			if err := r.possible(); err != nil {
				return err
			}
			return r.make(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.image, "image", "", "make the machine of an image of a registry, `REF`")
	flags.StringVar(&f.suite, "debian", "bookworm", "make the machine of a `SUITE` of Debian")
	flags.StringSliceVar(&f.packages, "packages", nil, "and of these packages of it: `NAME,NAME`; can be repeated")
	flags.StringVar(&f.shell, "shell", "", "the `SHELL` to open: bash if the machine has it, or else sh")
	backendFlag(cmd, &f.backend)
	for _, name := range []string{"image", "debian", "packages", "shell"} {
		completes(cmd, name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { return nil, onlyThese })
	}
	return cmd
}

// made is what the machine is made of; nil for what a node is made of by itself.
func (f *recordFlags) made(cmd *cobra.Command) (*runner.Image, error) {
	debian := cmd.Flags().Changed("debian") || cmd.Flags().Changed("packages")
	switch {
	case cmd.Flags().Changed("image") && debian:
		return nil, errors.New("--image and --debian or --packages exclude each other: a machine is made of one of them")
	case cmd.Flags().Changed("image"):
		return &runner.Image{Ref: f.image}, nil
	case debian:
		return &runner.Image{Suite: f.suite, Packages: f.packages}, nil
	}
	return nil, nil
}

// A recording is a scenario that is being typed.
type recording struct {
	source.Recorded
	ui      *ui
	dir     string
	shell   string // "" for the best that there is
	backend string
	in, out *os.File
}

// possible says what stands in the way, before anything is started.
func (r *recording) possible() error {
	if err := checkScenarioName(r.Name); err != nil {
		return err
	}
	if _, err := os.Lstat(r.dir); err == nil {
		return fmt.Errorf("there is a %s already, and nothing is overwritten: give another name", r.dir)
	}
	if !term.IsTerminal(int(r.in.Fd())) || !term.IsTerminal(int(r.out.Fd())) {
		return errors.New("there is no terminal to type at: a recording is made in a terminal window, without < > and |")
	}
	// What was typed for an hour must not be lost at its end.
	var missing []string
	for dir := r.dir; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		missing = append(missing, dir)
	}
	err := makeFolder(r.dir)
	for _, dir := range missing {
		os.Remove(dir)
	}
	return err
}

// make listens, writes the script, and plays it.
func (r *recording) make(ctx context.Context) error {
	backend, err := chooseBackend(ctx, r.ui, r.backend, "")
	if err != nil {
		return err
	}
	lost := r.listen(ctx, backend)
	if len(r.Turns) == 0 {
		if lost == nil {
			r.ui.note("nothing was typed, and nothing is written")
		}
		return lost
	}
	path, err := r.write()
	if err != nil {
		return err
	}
	r.ui.did("new", path)
	if lost != nil {
		r.ui.note("hint: what was typed until then is there; play it: " + r.ui.self + " run " + r.dir)
		return lost
	}
	reports, err := newReports(nil, r.ui)
	if err != nil {
		return err
	}
	p := &player{ui: r.ui, flags: &runFlags{repeat: 1}, backend: backend, reports: reports}
	code, _ := p.play(ctx, newTarget(path))
	switch code {
	case exitOK:
		r.ui.note("hint: the script is yours to change now; play it again: " + r.ui.self + " run " + r.dir)
		return nil
	case exitInterrupted:
	default:
		r.ui.note("hint: mend the script, and play it: " + r.ui.self + " run " + r.dir)
	}
	return exitError(code)
}

// write writes the script, formatted.
func (r *recording) write() (string, error) {
	if err := makeFolder(r.dir); err != nil {
		return r.rescue(err)
	}
	path := filepath.Join(r.dir, r.Name+".star")
	script, leftOut := r.Script()
	if err := golden.WriteFile(path, []byte(script)); err != nil {
		return r.rescue(err)
	}
	if leftOut > 0 {
		r.ui.warn("%s leaves out %s; comments in it say which, and why", path, plural(leftOut, "thing")+" that you typed")
	}
	before, after, err := source.Format(path)
	if err == nil && !bytes.Equal(before, after) {
		err = golden.WriteFile(path, after)
	}
	return path, err
}

// rescue keeps a script for which there is no room in its own folder any more.
func (r *recording) rescue(err error) (string, error) {
	if file, terr := os.CreateTemp("", r.Name+"-*.star"); terr == nil {
		defer file.Close()
		script, _ := r.Script()
		if _, terr = io.WriteString(file, script); terr == nil {
			r.ui.note("what was typed is in " + file.Name())
		}
	}
	var env *runner.EnvironmentError
	if !errors.As(err, &env) && exitCode(err) != exitInterrupted {
		err = &runner.EnvironmentError{What: "the scenario cannot be written", Err: err}
	}
	return "", err
}

// listen opens the shell on a machine in a lab of its own, and returns when it
// has ended and the lab is gone. The turns are there also after an error.
func (r *recording) listen(ctx context.Context, backend runner.Backend) error {
	dir, err := os.MkdirTemp("", "scenario-record-")
	if err != nil {
		return &runner.EnvironmentError{What: "nothing can be recorded", Err: err}
	}
	defer os.RemoveAll(dir)
	if g, ok := backend.(runner.Guardian); ok {
		release, err := g.Guard("", dir)
		if err != nil {
			return &runner.EnvironmentError{What: "nothing can be recorded", Err: err}
		}
		defer release()
	}
	machine := filepath.Join(dir, r.Name+".star")
	if err := os.WriteFile(machine, []byte(r.Machine()), 0o666); err != nil {
		return &runner.EnvironmentError{What: "nothing can be recorded", Err: err}
	}
	r.ui.busy("")
	defer r.ui.end()
	observe := func(e runner.Event) {
		if e.Kind != runner.StepBegun && e.Kind != runner.StepEnded { // no step is the person's
			r.ui.observe(e)
		}
	}
	_, err = starlib.Play(ctx, machine, runner.Config{Backend: backend, Observe: observe}, starlib.Options{
		Then: func(run *runner.Run) error {
			defer r.ui.busy("removing the machine")
			return r.sit(ctx, run.Nodes()[0])
		},
	})
	return plainly(err)
}

// plainly is an error without its place in the script of the machine, which
// nobody has written.
func plainly(err error) error {
	var (
		env   *runner.EnvironmentError
		boot  *runner.BootError
		where *starlib.Error
	)
	switch {
	case errors.As(err, &env):
		return env
	case errors.As(err, &boot):
		return &runner.BootError{What: boot.What, Err: boot.Err}
	case errors.As(err, &where):
		return errors.New(where.Message)
	}
	return err
}

// sit lets the person work on the node until the shell ends.
func (r *recording) sit(ctx context.Context, node *runner.Node) error {
	prog, err := r.choose(node)
	if err != nil {
		return err
	}
	cols, rows, err := term.GetSize(int(r.out.Fd()))
	if err != nil || cols == 0 || rows == 0 {
		cols, rows = 80, 24
	}
	tty, decode, err := node.Open(runner.Program{Program: prog, Cols: cols, Rows: rows})
	if err != nil {
		return err
	}
	defer tty.Close()
	programs := map[string]*terminal.Program{}
	for _, p := range starlib.Programs() {
		programs[p.Command] = &p.Program.Program
	}
	heard := terminal.NewTranscript(prog, cols, rows, func(name string) *terminal.Program { return programs[name] }, decode)
	r.ui.end()
	r.ui.note("this is a shell on a fresh machine, and is recorded: exit or Ctrl-D ends it")
	err = attach(ctx, r.in, r.out, tty, heard)
	r.Turns = heard.End()
	return err
}

// choose finds the shell that is opened.
func (r *recording) choose(node *runner.Node) (terminal.Program, error) {
	want := r.shell
	if want == "" {
		want = "bash"
	}
	has, err := node.Exec(runner.ExecSpec{Argv: []string{"sh", "-c", `command -v "$1"`, "sh", want}})
	switch {
	case err != nil:
		return terminal.Program{}, err
	case *has.Status != 0 && r.shell != "":
		return terminal.Program{}, fmt.Errorf("--shell %s: the machine has no such program", r.shell)
	case *has.Status != 0, r.shell == "sh":
		return terminal.Shell("sh", []string{"/bin/sh"}, "$ "), nil
	}
	r.Shell = []string{want}
	if filepath.Base(want) == "bash" {
		r.Shell = append(r.Shell, "--norc") // else it has the prompt that the image gives it
	}
	return terminal.Shell(filepath.Base(want), r.Shell, "$ "), nil
}
