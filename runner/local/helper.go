//go:build linux

package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// The names under which this program is its own helper.
const (
	unmappedName = "scenario-local-unmapped" // a lab's process, before it has its ids
	labName      = "scenario-local-lab"
	machineName  = "scenario-local-machine"
)

// tagVariable tells in a helper's environment whose it is: "LAB" or "LAB-NODE".
const tagVariable = "SCENARIO_LOCAL"

// socket is where a helper finds its requests.
const socket = 3

// A helper never leaves this function: nothing else of the program that links
// the package may run. It stays on the first thread, to which Go keeps it here.
func init() {
	var serve func(*wire) error
	switch os.Args[0] {
	case unmappedName:
		fail(becomeRoot())
	case labName:
		serve = serveLab
	case machineName:
		serve = serveMachine
	default:
		return
	}
	unix.CloseOnExec(socket)
	w, err := newWire(socket)
	if err == nil {
		err = serve(w)
	}
	fail(err)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// becomeRoot waits until the runner has given this process its ids. One that
// starts a program as root has all capabilities of its namespace from then on,
// so it starts itself.
func becomeRoot() error {
	if n, err := unix.Read(socket, make([]byte, 1)); n != 1 {
		return fmt.Errorf("wait for ids: %w", errors.Join(err, errGone))
	}
	return unix.Exec("/proc/self/exe", []string{labName}, os.Environ())
}

// children are the processes that a helper started, each with what to do at
// its end. Others that are left to it are reaped as well.
type children struct {
	mu    sync.Mutex
	ended map[int]func(status int)
}

func newChildren() *children {
	c := &children{ended: map[int]func(int){}}
	died := make(chan os.Signal, 1)
	signal.Notify(died, unix.SIGCHLD)
	go func() {
		for range died {
			c.reap()
		}
	}()
	return c
}

// start starts a program. It is known before it can be reaped.
func (c *children) start(path string, argv []string, attr *syscall.ProcAttr, ended func(status int)) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pid, err := syscall.ForkExec(path, argv, attr)
	if err == nil {
		c.ended[pid] = ended
	}
	return pid, err
}

func (c *children) reap() {
	for {
		var status unix.WaitStatus
		c.mu.Lock()
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		ended := c.ended[pid]
		delete(c.ended, pid)
		c.mu.Unlock()
		if err == unix.EINTR {
			continue
		}
		if pid <= 0 {
			return
		}
		if ended == nil {
			continue
		}
		if status.Signaled() {
			ended(128 + int(status.Signal()))
		} else {
			ended(status.ExitStatus())
		}
	}
}

// kill kills a child and its process group, if it has not been reaped.
func (c *children) kill(pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended[pid] != nil {
		_ = unix.Kill(-pid, unix.SIGKILL)
		_ = unix.Kill(pid, unix.SIGKILL)
	}
}

// lacking is an error for something that this host does not give.
type lacking struct {
	err  error
	hint string
}

func (l *lacking) Error() string { return l.err.Error() }
func (l *lacking) Unwrap() error { return l.err }

// failed is the reply to a request that failed.
func failed(id int, err error) reply {
	r := reply{ID: id, Err: err.Error()}
	if l := (*lacking)(nil); errors.As(err, &l) {
		r.Lacking, r.Hint = true, l.hint
	}
	return r
}

// plain leaves of a file error what it says beside the path.
func plain(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
