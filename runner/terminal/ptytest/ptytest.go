// Package ptytest starts programs on terminals of this host, for tests.
package ptytest

import (
	"os"
	"os/exec"
	"syscall"

	"github.com/creack/pty"
)

// Start starts cmd on a terminal, and returns its near end. Close ends a Read
// that waits, and hangs up: whatever is left on the terminal reads its end. To
// kill cmd is not enough. The kernel tells the programs in the foreground, and
// one that a shell was about to put there waits for ever.
func Start(cmd *exec.Cmd, cols, rows int) (*os.File, error) {
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: uint16(rows), Cols: uint16(cols)})
	if err != nil {
		return nil, err
	}
	defer f.Close() // its Read blocks, and a Close waits for that
	fd, err := syscall.Dup(int(f.Fd()))
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		cmd.Process.Kill()
		return nil, err
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), f.Name()), nil
}
