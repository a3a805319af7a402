// Scenario plays tutorials about distributed systems on real machines and
// compares what their readers would see with what was accepted before.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"scenario/runner"
	"scenario/starlib"
)

// Exit codes. They are part of the interface.
const (
	exitOK          = 0
	exitDrift       = 1 // or a text that is another in each run
	exitUsage       = 2 // the script or the command line is wrong
	exitStep        = 3 // a step failed or timed out
	exitEnvironment = 4 // Docker, an image, a network or a folder is missing
	exitInterrupted = 130
)

func main() {
	// Whoever reads us may go before we do; the lab is removed all the same.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ui := newUI(os.Stdout, os.Stderr)
	os.Exit(execute(ctx, ui, os.Args[1:]))
}

func execute(ctx context.Context, ui *ui, args []string) int {
	root := &cobra.Command{
		Use:           "scenario",
		Short:         "Play tutorials about distributed systems, and find where they have drifted",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(ui.out)
	root.SetErr(ui.err)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 80"))
	root.CompletionOptions.SetDefaultShellCompDirective(onlyThese)
	root.AddCommand(initCommand(ui), recordCommand(ui), runCommand(ui), upCommand(ui), shellCommand(ui), psCommand(ui), downCommand(ui), reviewCommand(ui), showCommand(ui), weaveCommand(ui), checkCommand(ui), mapCommand(ui), planCommand(ui), fmtCommand(ui), lintCommand(ui), doctorCommand(ui), docCommand(ui), completionCommand(ui), versionCommand(ui))
	root.SetArgs(args)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w\nsee: %s --help", err, cmd.CommandPath())
	})
	err := root.ExecuteContext(ctx)
	var done exitError
	if err != nil && !errors.As(err, &done) {
		ui.failure("", err)
	}
	return exitCode(err)
}

// exitError ends a command that has said all it had to say.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// exitCode is what an error means to whoever called us.
func exitCode(err error) int {
	var (
		done  exitError
		env   *runner.EnvironmentError
		step  *runner.StepError
		boot  *runner.BootError
		check *starlib.CheckError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &done):
		return int(done)
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &env):
		return exitEnvironment
	case errors.As(err, &step), errors.As(err, &boot), errors.As(err, &check):
		return exitStep
	default:
		return exitUsage
	}
}

// worse orders exit codes of several scenarios by how much stands in the way.
func worse(a, b int) int {
	for _, code := range []int{exitInterrupted, exitEnvironment, exitUsage, exitStep, exitDrift} {
		if a == code || b == code {
			return code
		}
	}
	return exitOK
}
