//go:build linux

package local

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// The names under which this program is its own helper.
const (
	unmappedName = "scenario-local-unmapped" // before it has its ids
	labName      = "scenario-local-lab"
	machineName  = "scenario-local-machine"
	makerName    = "scenario-local-maker" // of an image
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
	case makerName:
		serve = serveMaker
	default:
		return
	}
	// Programs get nothing that is open here, nor what this process was given
	// by whoever started the runner.
	err := unix.CloseRange(socket, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	if err != nil {
		fail(refused("hold files back from programs", err))
	}
	w, err := newWire(socket)
	if err == nil {
		err = serve(w)
	}
	fail(err)
}

// dieWithRunner undoes what becoming root does.
func dieWithRunner() error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// becomeRoot waits until the runner has given this process its ids. One that
// starts a program as root has all capabilities of its namespace from then on,
// so it starts itself, by the name that it was given.
func becomeRoot() error {
	if n, err := unix.Read(socket, make([]byte, 1)); n != 1 {
		return fmt.Errorf("wait for ids: %w", errors.Join(err, errGone))
	}
	return unix.Exec("/proc/self/exe", os.Args[1:], os.Environ())
}

// children are the processes that a helper started, by pid. Others that are
// left to it are reaped as well.
type children struct {
	mu      sync.Mutex
	running map[int]child
}

// child is a process that a request began.
type child struct {
	request int
	ended   chan int // gets its status, once
}

func newChildren() *children {
	c := &children{running: map[int]child{}}
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
func (c *children) start(request int, path string, argv []string, attr *syscall.ProcAttr) (pid int, ended <-chan int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if pid, err = syscall.ForkExec(path, argv, attr); err != nil {
		return 0, nil, err
	}
	end := make(chan int, 1)
	c.running[pid] = child{request, end}
	return pid, end, nil
}

func (c *children) reap() {
	for {
		var status unix.WaitStatus
		c.mu.Lock()
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		started, ok := c.running[pid]
		delete(c.running, pid)
		c.mu.Unlock()
		switch {
		case err == unix.EINTR:
		case pid <= 0:
			return
		case !ok:
		case status.Signaled():
			started.ended <- 128 + int(status.Signal())
		default:
			started.ended <- status.ExitStatus()
		}
	}
}

// kill kills what a request began, and its process group, unless it has been
// reaped: its number may be another's by now.
func (c *children) kill(request int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for pid, started := range c.running {
		if started.request == request {
			_ = unix.Kill(-pid, unix.SIGKILL) // it may lead no group
			_ = unix.Kill(pid, unix.SIGKILL)
		}
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
