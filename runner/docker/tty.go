package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"

	"scenario/runner"
)

var (
	_ runner.TTY        = (*tty)(nil)
	_ runner.Resizer    = (*tty)(nil)
	_ runner.Identified = (*tty)(nil)
)

// onTTY gives the terminal its size and becomes the program. An exec's
// terminal starts with no size, and a size that is set from outside comes
// after the program's first look at it.
const onTTY = `stty rows "$1" cols "$2" || { echo "scenario: a terminal needs stty, which this image lacks"; exit 127; }; shift 2; exec "$@"`

// Open starts a program on a terminal. One that is not there says so on the
// terminal and ends with status 127.
func (m *machine) Open(ctx context.Context, cmd runner.Command) (runner.TTY, error) {
	if len(cmd.Argv) == 0 {
		return nil, errors.New("open a terminal: no command")
	}
	argv := []string{"sh", "-c", onTTY, "sh", strconv.Itoa(cmd.Rows), strconv.Itoa(cmd.Cols)}
	id, stream, err := m.exec(ctx, container.ExecOptions{
		Cmd:          append(argv, cmd.Argv...),
		Env:          environ(cmd.Env),
		User:         cmd.User,
		WorkingDir:   cmd.Workdir,
		Tty:          true,
		AttachStdin:  true,
		AttachStdout: true,
		AttachStderr: true,
	})
	if err != nil {
		return nil, err
	}
	return &tty{machine: m, id: id, stream: stream}, nil
}

// tty is an exec on a terminal.
type tty struct {
	machine *machine
	id      string
	stream  types.HijackedResponse
	begun   bool // whether a first Read told that the program was started
	close   sync.Once
}

// Read returns io.EOF when the program has ended, also by its container's end.
func (t *tty) Read(p []byte) (int, error) {
	n, err := t.stream.Reader.Read(p)
	if !t.begun && n > 0 {
		t.begun = true
		if err := t.refused(p[:n]); err != nil {
			return 0, err
		}
	}
	if errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// refused recognises the engine's message in place of the program's output.
func (t *tty) refused(output []byte) error {
	if !bytes.HasPrefix(output, []byte(ociError)) && !bytes.HasPrefix(output, []byte(userError)) {
		return nil // a look that costs nothing
	}
	ctx, cancel := context.WithTimeout(context.Background(), undoTimeout)
	defer cancel()
	end, err := t.machine.await(ctx, t.id)
	if err != nil {
		return io.EOF // Status tells
	}
	message, ok := notStarted(output, end)
	switch {
	case !ok:
		return nil
	case strings.HasPrefix(message, `exec: "sh"`):
		return fmt.Errorf("a terminal needs sh, which the image of node %s lacks: %s", t.machine.node, message)
	case t.machine.died(ctx) != nil:
		return io.EOF // Status tells
	}
	return fmt.Errorf("node %s: %s", t.machine.node, message)
}

// ID is the exec's.
func (t *tty) ID() string { return t.id }

func (t *tty) Write(p []byte) (int, error) { return t.stream.Conn.Write(p) }

// Resize tells the program that its window has another size.
func (t *tty) Resize(ctx context.Context, cols, rows int) error {
	return t.machine.lab.engine.ContainerExecResize(ctx, t.id, container.ResizeOptions{Width: uint(cols), Height: uint(rows)})
}

// Status waits for the program's end. The end of its machine is an error.
func (t *tty) Status(ctx context.Context) (int, error) {
	end, err := t.machine.await(ctx, t.id)
	if err == nil && (end.ExitCode == statusKilled || end.Pid == 0) {
		err = t.machine.died(ctx)
	}
	return end.ExitCode, err
}

// Close closes the window: a program that still runs is killed.
func (t *tty) Close() error {
	t.close.Do(func() {
		t.stream.Close()
		t.machine.kill(t.id)
	})
	return nil
}
