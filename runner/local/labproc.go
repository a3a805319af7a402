//go:build linux

package local

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// What the lab's process has in its root, which is in memory.
const (
	hostDir     = "/.host"     // this host's own root
	hostsDir    = "/.hosts"    // each machine's /etc/hosts
	skeletonDir = "/.skeleton" // see skeleton
	machineDir  = "/.machine"  // where each machine mounts what it is made of
)

// labProcess is the first process of a lab. All others are below it and die
// with it.
type labProcess struct {
	wire     *wire
	children *children
	setup    setup
	null     int
	cables   []cable // all that were ever plugged in, each name once
}

func serveLab(w *wire) error {
	// Becoming root undoes both where they were set before.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0); err != nil {
		return err
	}
	unix.Umask(0o022)
	l := &labProcess{wire: w, children: newChildren()}
	for {
		var r request
		fds, err := w.receive(&r)
		if err != nil {
			return err // the runner is gone
		}
		var gone <-chan int
		switch {
		case r.Setup != nil:
			err = l.prepare(*r.Setup)
		case r.Machine != nil && len(fds) == 1:
			gone, err = l.start(r.ID, *r.Machine, fds[0])
		case r.Kill:
			l.children.kill(r.ID)
			continue
		}
		closeAll(fds)
		answer := reply{ID: r.ID}
		if err != nil {
			answer = failed(r.ID, err)
		}
		if err := w.send(answer); err != nil {
			return err
		}
		if gone != nil {
			// A runner that is gone needs no news.
			go func() { _ = w.send(reply{ID: r.ID, Ended: true, Status: <-gone}) }()
		}
	}
}

// prepare leaves the host's file system for one of the lab's own, in which the
// host's is a folder, and makes the bridge.
func (l *labProcess) prepare(s setup) error {
	l.setup = s
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return refused("make the mounts private", err)
	}
	// Any folder would do until the pivot; this one is always there.
	const newRoot = "/proc"
	if err := unix.Mount("scenario", newRoot, "tmpfs", 0, "mode=755"); err != nil {
		return refused("mount a file system in memory", err)
	}
	if err := os.Mkdir(newRoot+hostDir, 0o755); err != nil {
		return err
	}
	if err := unix.PivotRoot(newRoot, newRoot+hostDir); err != nil {
		return refused("change the root", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return err
	}
	for _, dir := range []string{hostsDir, skeletonDir, machineDir} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	// A helper may need a dynamic linker and libraries where it was linked for.
	entries, err := os.ReadDir(hostDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Symlink(hostDir+"/"+e.Name(), "/"+e.Name()); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if l.null, err = unix.Open(hostDir+"/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0); err != nil {
		return refused("open /dev/null", err)
	}
	if s.Foreign {
		if err := skeleton(hostDir+s.Root, skeletonDir, hiddenFolders(s)); err != nil {
			return err
		}
	}
	return makeBridge()
}

// start starts a machine's first process and plugs it in. What it returns gives
// the status of the process at its end.
func (l *labProcess) start(id int, c cable, socketFD int) (<-chan int, error) {
	if err := l.introduce(c); err != nil {
		return nil, err
	}
	pid, gone, err := l.children.start(id, hostDir+"/proc/self/exe", []string{machineName}, &syscall.ProcAttr{
		Dir:   "/",
		Env:   []string{tagVariable + "=" + c.Tag},
		Files: []uintptr{uintptr(l.null), uintptr(l.null), 2, uintptr(socketFD)},
		Sys: &syscall.SysProcAttr{
			Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
		},
	})
	if err != nil {
		return nil, refused("make a machine's namespaces", err)
	}
	if err := plugIn(c, pid, id); err != nil {
		l.children.kill(id)
		<-gone
		return nil, refused("make a network cable", err)
	}
	return gone, nil
}

// introduce writes a machine's /etc/hosts, which has its own names first, and
// tells the others. Lines that are there already are those of a machine that
// was started before.
func (l *labProcess) introduce(c cable) error {
	l.cables = slices.DeleteFunc(l.cables, func(o cable) bool { return o.Name == c.Name })
	text := "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n" + c.line()
	for _, o := range l.cables {
		text += o.line()
		f, err := os.OpenFile(hostsDir+"/"+o.Name, os.O_RDWR|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		known, err := os.ReadFile(hostsDir + "/" + o.Name)
		if err == nil && !strings.Contains(string(known), c.line()) {
			_, err = f.WriteString(c.line())
		}
		f.Close()
		if err != nil {
			return err
		}
	}
	l.cables = append(l.cables, c)
	return os.WriteFile(hostsDir+"/"+c.Name, []byte(text), 0o644)
}

func (c cable) line() string {
	names := c.Hostname
	if c.Name != c.Hostname {
		names += " " + c.Name
	}
	return c.IP + "\t" + names + "\n"
}

// noLab is how errors begin that no script can mend.
const noLab = "this machine gives no lab in namespaces"

// refused is the error of what only some hosts give to a user.
func refused(what string, err error) error {
	l := &lacking{err: fmt.Errorf("%s: %s: %w", noLab, what, err)}
	if err == unix.EOPNOTSUPP || err == unix.ENODEV {
		l.hint = "modprobe -a bridge veth overlay"
	}
	return l
}

// hardware is nil for an address that the kernel may choose.
func (c cable) hardware() (net.HardwareAddr, error) {
	if c.MAC == "" {
		return nil, nil
	}
	return net.ParseMAC(c.MAC)
}
