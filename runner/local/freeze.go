//go:build linux

package local

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// freezeTimeout bounds freeze, freezePause is between two looks.
const (
	freezeTimeout = 10 * time.Second
	freezePause   = time.Millisecond
)

// freeze stops all processes of the machine but this one, and returns which it
// has stopped. A shell must not see its programs stopped, for it would take
// that for a Ctrl-Z: so parents stop before their children, and go on after
// them.
func freeze() (stopped []int, err error) {
	for deadline := time.Now().Add(freezeTimeout); ; time.Sleep(freezePause) {
		all, err := processes()
		if err != nil {
			return stopped, err
		}
		still := true
		for _, p := range all {
			switch {
			case p.stopped():
				continue
			case !slices.Contains(stopped, p.pid):
				if err := unix.Kill(p.pid, unix.SIGSTOP); err != nil && err != unix.ESRCH {
					return stopped, err
				}
				stopped = append(stopped, p.pid)
			case p.state == "D":
				continue // it stops before its next instruction
			}
			still = false
			for !p.stopped() && p.state != "D" && time.Now().Before(deadline) {
				time.Sleep(freezePause)
				p = look(p.pid)
			}
		}
		if still {
			return stopped, nil
		}
		if time.Now().After(deadline) {
			thaw(stopped)
			return nil, errors.New("its processes do not stop")
		}
	}
}

// thaw lets processes go on that were stopped.
func thaw(stopped []int) {
	for _, pid := range slices.Backward(stopped) {
		_ = unix.Kill(pid, unix.SIGCONT) // or it was killed
	}
}

// process is one of a machine.
type process struct {
	pid, parent int
	state       string // as ps shows it
}

// stopped reports whether it runs no instruction until somebody lets it.
func (p process) stopped() bool { return strings.Contains("TtZX", p.state) }

// look is how a process is now.
func look(pid int) process {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	// PID (NAME) STATE PARENT …, where the name may be anything.
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if err != nil || len(f) < 2 {
		return process{pid: pid, state: "X"}
	}
	parent, _ := strconv.Atoi(f[1])
	return process{pid, parent, f[0]}
}

// processes are all of the machine but its first, parents before children.
func processes() ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var all []process
	parents := map[int]int{}
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && pid != 1 {
			p := look(pid)
			all, parents[pid] = append(all, p), p.parent
		}
	}
	depth := func(pid int) (n int) {
		for n < len(all) && parents[pid] != 0 {
			pid, n = parents[pid], n+1
		}
		return n
	}
	slices.SortStableFunc(all, func(a, b process) int { return depth(a.pid) - depth(b.pid) })
	return all, nil
}
