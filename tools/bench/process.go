package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// grace is what a process that was told to stop has to remove what it made.
const grace = 90 * time.Second

// cost is what one process took.
type cost struct {
	wall time.Duration
	// peak is its resident memory at most, in bytes. Linux counts what its
	// parent had when it was started as well, so it is never less than that.
	peak int64
}

// spawn runs a program to its end, which must be a success. When ctx ends, the
// program is told to stop, and waited for.
func spawn(ctx context.Context, stdin io.Reader, name string, args ...string) (cost, error) {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &said, &said
	cmd.Env = append(os.Environ(), "CI=") // the copy of the scenario may write goldens
	// Its own process group, so that a Ctrl-C in the terminal reaches it once,
	// from here, and not the commands that a script is in the middle of.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, bytes.TrimSpace(said.Bytes()))
	}
	c := cost{wall: wall}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.peak = usage.Maxrss * 1024
	}
	return c, nil
}
