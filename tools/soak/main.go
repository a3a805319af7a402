// Soak looks for false alarms.
//
// A maintainer plays scenarios in CI and wants to be woken only when the world
// has drifted. So each scenario of this repository, which is right, is played
// many times in each of some conditions that a machine may be in, and every
// run that does not hold is counted: an error, and a golden that is new,
// unused or drifted, as `scenario run --frozen` would have it.
//
// It plays a copy of the scenarios, in this process: no recording and no golden
// is left in the repository. The recordings of the first runs that do not hold
// are kept in soak-failures. It is run from the root of the repository.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

const (
	scenarioDir = "scenarios"
	failureDir  = "soak-failures"
)

func main() {
	// Whoever reads us may go before we do; the labs are removed all the same.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "soak: interrupted")
		os.Exit(130)
	default:
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 2 && args[0] == loadCommand {
		return load(os.Stdin, args[1])
	}
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	rounds := flags.Int("n", 100, "how many times each scenario is played in each condition")
	conds := flags.String("conditions", "", "`names` of conditions, with commas between them; all of "+strings.Join(conditionNames(), ", "))
	names := flags.String("scenarios", "", "`names` of scenarios, with commas between them; all in "+scenarioDir)
	out := flags.String("o", "", "a Markdown `file` with a table between marks, into which each row is put as soon as it is complete")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 || flags.NArg() > 0 {
		return errors.New("usage: go run ./tools/soak [-n ROUNDS] [-conditions NAMES] [-scenarios NAMES] [-o FILE]")
	}
	in, err := chooseConditions(list(*conds))
	if err != nil {
		return err
	}
	s, err := newSoak(ctx, scenarioDir, failureDir)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.choose(list(*names)); err != nil {
		return err
	}
	rows, err := s.play(ctx, in, *rounds, func(r row) error {
		if *out == "" {
			return nil
		}
		return s.put(*out, r)
	})
	if len(rows) > 0 {
		fmt.Print(markdown(rows, s.on))
	}
	if left := s.left(); left != nil {
		return left
	}
	if runs, alarms := total(rows); alarms > 0 {
		return fmt.Errorf("%d of %d runs do not hold; the first are in %s", alarms, runs, failureDir)
	}
	return err
}

// list is what stands between commas.
func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// tell says what goes on to the person who waits for the table.
func tell(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
