//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"scenario/runner"
)

// Exec runs a command without a terminal. When ctx ends, it is killed.
func (m *machine) Exec(ctx context.Context, cmd runner.Command) (runner.ExecResult, error) {
	if len(cmd.Argv) == 0 {
		return runner.ExecResult{}, errors.New("exec: no command")
	}
	l := m.life()
	result, err := l.exec(ctx, cmd)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return runner.ExecResult{}, fmt.Errorf("exec %s: %w", cmd.Argv[0], l.why(ctx, err))
	}
	return result, nil
}

func (l *life) exec(ctx context.Context, cmd runner.Command) (result runner.ExecResult, err error) {
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	if err := l.awake(); err != nil {
		return result, err
	}
	var near [3]*os.File // nil where there is none
	var far []int
	defer func() {
		for _, f := range near {
			if f != nil {
				f.Close()
			}
		}
	}()
	p := l.program(cmd)
	p.Input = cmd.Stdin != nil
	for n, way := range []direction{toProgram, fromProgram, fromProgram} {
		if n == 0 && !p.Input {
			continue
		}
		f, fd, err := nearEnd(way)
		if err != nil {
			closeAll(far)
			return result, err
		}
		near[n], far = f, append(far, fd)
	}
	c, err := l.peer.call(request{Run: &p}, far...)
	if err != nil {
		return result, err
	}
	defer c.drop()
	if _, err := c.await(ctx); err != nil {
		c.kill()
		return result, l.refusal(err)
	}
	var stdout, stderr runner.Kept
	var copying sync.WaitGroup
	if p.Input {
		copying.Go(func() {
			// A command that does not read its input breaks the pipe; its
			// status says how it fared.
			_, _ = near[0].Write(cmd.Stdin)
			near[0].Close()
		})
	}
	copying.Go(func() { _, _ = io.Copy(&stdout, stream{near[1]}) })
	copying.Go(func() { _, _ = io.Copy(&stderr, stream{near[2]}) })
	end, err := c.await(ctx)
	if err != nil {
		c.kill()
	}
	for _, f := range near {
		if f != nil {
			_ = f.SetDeadline(past) // or it was closed
		}
	}
	copying.Wait()
	result.Status = end.Status
	var cut, cutErrs int
	result.Stdout, cut = stdout.Result()
	result.Stderr, cutErrs = stderr.Result()
	result.Cut = cut + cutErrs
	return result, err
}

// refusal is an error of a program that was not started.
func (l *life) refusal(err error) error {
	if errors.Is(err, errGone) {
		return err
	}
	return fmt.Errorf("node %s: %w", l.spec.Name, err)
}

// Open starts a program on a terminal. One that is not there says so on the
// terminal and ends with status 127.
func (m *machine) Open(ctx context.Context, cmd runner.Command) (runner.TTY, error) {
	if len(cmd.Argv) == 0 {
		return nil, errors.New("open a terminal: no command")
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	l := m.life()
	if err := l.awake(); err != nil {
		return nil, err
	}
	p := l.program(cmd)
	p.Terminal = true
	c, err := l.peer.call(request{Run: &p})
	if err != nil {
		return nil, l.why(ctx, err)
	}
	answer, err := c.await(ctx)
	if err != nil {
		c.kill()
		c.drop()
		return nil, l.why(ctx, l.refusal(err))
	}
	f, err := nonblocking(answer.fd)
	if err != nil {
		c.kill()
		c.drop()
		return nil, err
	}
	t := &tty{life: l, call: c, terminal: f, ended: make(chan struct{})}
	go t.watch()
	return t, nil
}

// tty is the near end of a terminal whose far end is in a machine.
type tty struct {
	life     *life
	call     *call
	terminal *os.File
	close    sync.Once

	ended  chan struct{} // closed when the program has ended
	status int           // valid once ended
	err    error         // why there is no status
}

// watch waits for the program's end, which ends what is to be read, also where
// the terminal is held open by what the program left behind.
func (t *tty) watch() {
	end, err := t.call.await(context.Background())
	t.call.drop()
	if err != nil {
		err = t.life.why(context.Background(), err)
	}
	t.status, t.err = end.Status, err
	close(t.ended)
	_ = t.terminal.SetReadDeadline(past) // or it was closed
}

// Read returns io.EOF when the program has ended, also by its machine's end.
func (t *tty) Read(p []byte) (int, error) { return stream{t.terminal}.Read(p) }

func (t *tty) Write(p []byte) (int, error) { return t.terminal.Write(p) }

// Resize tells the program that its window has another size.
func (t *tty) Resize(_ context.Context, cols, rows int) error {
	conn, err := t.terminal.SyscallConn()
	if err != nil {
		return err
	}
	var sizeErr error
	err = conn.Control(func(fd uintptr) {
		sizeErr = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(rows), Col: uint16(cols)})
	})
	return errors.Join(err, sizeErr)
}

// Status waits for the program's end. The end of its machine is an error.
func (t *tty) Status(ctx context.Context) (int, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	select {
	case <-t.ended:
		return t.status, t.err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// Close closes the window: a program that still runs is killed.
func (t *tty) Close() error {
	t.close.Do(func() {
		t.call.kill()
		t.terminal.Close()
	})
	return nil
}

// past is a deadline that has gone by.
var past = time.Unix(1, 0)

// stream is the near end of a pipe or terminal that is told by a deadline in
// the past that its program has ended. What is there by then is still read. The
// file is not embedded: its own WriteTo would read past Read.
type stream struct{ file *os.File }

func (s stream) Read(p []byte) (int, error) {
	n, err := s.file.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		conn, connErr := s.file.SyscallConn()
		if connErr != nil {
			return 0, io.EOF
		}
		if connErr := conn.Control(func(fd uintptr) { n, err = unix.Read(int(fd), p) }); connErr != nil {
			return 0, io.EOF
		}
		if n <= 0 {
			return 0, io.EOF // nothing is left, or all is closed
		}
	}
	// A terminal whose far end is closed is an input error.
	if errors.Is(err, unix.EIO) || errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	return max(n, 0), err
}

// direction is that of a pipe.
type direction bool

const (
	toProgram   direction = true
	fromProgram direction = false
)

// nearEnd makes a pipe to or from a program, which gets the other end.
func nearEnd(way direction) (near *os.File, far int, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, -1, err
	}
	if way == toProgram {
		fds[0], fds[1] = fds[1], fds[0]
	}
	near, err = nonblocking(fds[0])
	if err != nil {
		unix.Close(fds[1])
		return nil, -1, err
	}
	return near, fds[1], nil
}

// nonblocking makes a file of which a Read can be given up.
func nonblocking(fd int) (*os.File, error) {
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "stream"), nil
}
