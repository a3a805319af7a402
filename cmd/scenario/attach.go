package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"scenario/runner"
)

// A listener hears what passes between a person's terminal and a node's.
type listener interface {
	Typed([]byte)
	Shown([]byte)
	Resize(cols, rows int)
	Drawing() bool // whether a program has the whole screen
}

// calm takes back what a program may have asked of the person's terminal.
const calm = "\x1b[?1l\x1b>\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[0m"

// attach passes keys and output on between the person's terminal and the
// node's, until that has ended. The person's is as before then, whatever happens.
func attach(ctx context.Context, in, out *os.File, tty runner.TTY, heard listener) error {
	fd := int(in.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return &runner.EnvironmentError{What: "the terminal cannot be used", Err: err}
	}
	defer func() {
		if heard.Drawing() {
			io.WriteString(out, "\x1b[?1049l")
		}
		io.WriteString(out, calm)
		term.Restore(fd, before)
	}()
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)

	gone, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		if err := pass(in, tty, heard.Typed); !errors.Is(err, errNotTaken) {
			gone <- err // else the other side says it, too
		}
	}()
	go func() { ended <- pass(tty, out, heard.Shown) }()
	for {
		select {
		case <-resized:
			cols, rows, err := term.GetSize(int(out.Fd()))
			if t, ok := tty.(runner.Resizer); ok && err == nil && t.Resize(ctx, cols, rows) == nil {
				heard.Resize(cols, rows)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-gone:
			return &runner.EnvironmentError{What: "there is no terminal to type at any more", Err: err}
		case err := <-ended:
			if !errors.Is(err, io.EOF) {
				return &runner.EnvironmentError{What: "the connection to the node has come to a sudden end", Err: err}
			}
			if _, err := tty.Status(ctx); err != nil {
				return &runner.EnvironmentError{What: "the machine is gone", Err: err}
			}
			return nil
		}
	}
}

// errNotTaken is that of the side that is written to.
var errNotTaken = errors.New("what was to be passed on is not taken")

// pass passes on what it reads until that ends, and lets somebody hear it before.
func pass(from io.Reader, to io.Writer, hears func([]byte)) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a fault in scenario itself: %v", p)
		}
	}()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			hears(buf[:n])
			if _, werr := to.Write(buf[:n]); werr != nil {
				return fmt.Errorf("%w: %w", errNotTaken, werr)
			}
		}
		if err != nil {
			return err
		}
	}
}
