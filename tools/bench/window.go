package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
)

// window is the raw stream of a program on a terminal.
type window struct {
	stream types.HijackedResponse
	chunks chan []byte // what the program wrote; closed at its end
	raw    []byte      // what came since the last line was typed
}

// prompts are those of IEx and of a shell, at the start of a line.
var prompts = regexp.MustCompile(`(?:^|\n)(?:(?:iex|\.\.\.)\([^)\n]*\)[0-9]+> |\$ )`)

// open starts a program and waits for its first prompt.
func (w *window) open(ctx context.Context, engine *client.Client, machine string, argv []string) error {
	made, err := engine.ContainerExecCreate(ctx, machine, container.ExecOptions{
		Cmd: argv, Env: environment, Tty: true, AttachStdin: true, AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		return err
	}
	if w.stream, err = engine.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{Tty: true}); err != nil {
		return err
	}
	w.chunks = make(chan []byte, 64)
	go w.read()
	return w.until(ctx, prompts.MatchString)
}

func (w *window) read() {
	defer close(w.chunks)
	for {
		buf := make([]byte, 4<<10)
		n, err := w.stream.Reader.Read(buf)
		if n > 0 {
			w.chunks <- buf[:n]
		}
		if err != nil {
			return
		}
	}
}

// until returns when what has come since the last line was typed is enough.
func (w *window) until(ctx context.Context, enough func(string) bool) error {
	for !enough(w.text()) {
		select {
		case chunk, ok := <-w.chunks:
			if !ok {
				return fmt.Errorf("the program has ended: %q", w.text())
			}
			w.raw = append(w.raw, chunk...)
		case <-ctx.Done():
			return fmt.Errorf("%w; this is all that came: %q", context.Cause(ctx), w.text())
		}
	}
	return nil
}

// escapes are the control sequences and operating system commands of a terminal.
var escapes = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[\]])`)

func (w *window) text() string { return escapes.ReplaceAllString(string(w.raw), "") }

// enter types a line.
func (w *window) enter(line string) error {
	w.raw = nil
	_, err := w.stream.Conn.Write([]byte(line + "\r"))
	return err
}

// play types a statement, each line when the prompt for it is there, until its
// answer has come.
func (w *window) play(ctx context.Context, k stroke) error {
	for {
		for _, line := range k.Lines {
			if err := w.enter(line); err != nil {
				return err
			}
			if err := w.until(ctx, prompts.MatchString); err != nil {
				return fmt.Errorf("%s: %s: %w", k.Window, line, err)
			}
		}
		if k.answered(w.text()) {
			return nil
		}
		if k.Races {
			return w.until(ctx, k.answered)
		}
	}
}

func (k stroke) answered(text string) bool {
	text = shape(text)
	for _, line := range k.Answer {
		if !strings.Contains(text, line) {
			return false
		}
	}
	return true
}
