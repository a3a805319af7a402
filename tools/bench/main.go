// Bench measures what scenario costs above what it drives.
//
// It plays the lesson of tools/bench/toukon in three ways, one after the other,
// in many rounds: (a) by scenario itself, (b) by the floor, which does with the
// Docker API only what the lesson cannot do without, as fast as the engine and
// the programs answer, and (c) by a shell script of docker commands. The floor
// types what the recording of (a) says was typed, so they cannot drift apart.
// Beside that it measures a lab of a hundred nodes above the same over the API, a
// step in a shell above the shell itself, how steps change over thousands of them,
// the start of the program, and its memory.
//
// Other work on the machine makes all three slower alike. So what counts is
// the ratio within a round, and the median of the rounds.
//
// It measures and does not judge: a target that is missed is told in the
// table, not by the exit status. It is run from the root of the repository.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"scenario/tools/page"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "bench: interrupted")
		os.Exit(130)
	default:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 1 && (args[0] == floorCommand || args[0] == crowdCommand) {
		l, err := readLesson(os.Stdin)
		if err != nil {
			return err
		}
		if args[0] == crowdCommand {
			return crowd(ctx, l)
		}
		return floor(ctx, l)
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	rounds := flags.Int("n", 10, "how many rounds, after one to warm up")
	out := flags.String("o", "", "a Markdown `file` to put the table into, between its marks")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 || flags.NArg() > 0 {
		return errors.New("usage: go run ./tools/bench [-n ROUNDS] [-o FILE]")
	}
	figures, err := measure(ctx, *rounds)
	if err != nil {
		return err
	}
	fmt.Print(figures.markdown())
	if *out != "" {
		return page.Weave(*out, "bench", figures.markdown())
	}
	return nil
}
