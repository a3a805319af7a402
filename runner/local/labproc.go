//go:build linux

package local

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"scenario/runner/helper"
)

// What the lab's process has in its root, which is in memory.
const (
	hostDir     = "/.host"     // this host's own root
	hostsDir    = "/.hosts"    // each machine's /etc/hosts, and the names of all
	skeletonDir = "/.skeleton" // see skeleton
	machinesDir = "/.machines" // each machine's own file system, by its number
)

// labProcess is the first process of a lab. All others are below it and die
// with it.
type labProcess struct {
	wire     *wire
	children *children
	setup    setup
	null     int

	mu      sync.Mutex
	running map[int]plugged // by the requests that began them
}

// plugged is a machine that runs.
type plugged struct {
	cable
	process int // its first, as an open file
}

func serveLab(w *wire) error {
	if err := dieWithRunner(); err != nil {
		return err
	}
	unix.Umask(0o022)
	l := &labProcess{wire: w, children: newChildren(), running: map[int]plugged{}}
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
		case r.Help != nil && len(fds) == 1:
			err = l.help(*r.Help, fds[0])
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
			go func() {
				status := <-gone
				l.unplug(r.ID)
				_ = w.send(reply{ID: r.ID, Ended: true, Status: status}) // or the runner is gone
			}()
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
	for _, dir := range []string{hostsDir, machinesDir} {
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
	return makeBridge(s.Gateway)
}

// start starts a machine's first process and plugs it in. What it returns gives
// the status of the process at its end.
func (l *labProcess) start(id int, c cable, socketFD int) (<-chan int, error) {
	if err := os.WriteFile(hostsDir+"/"+c.Name, []byte(c.hosts()), 0o644); err != nil {
		return nil, err
	}
	if c.Foreign && !exists(skeletonDir) {
		// Most labs of images need none.
		if err := os.Mkdir(skeletonDir, 0o755); err != nil {
			return nil, err
		}
		if err := skeleton(hostDir+l.setup.Root, skeletonDir, hiddenFolders(l.setup)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(skeletonDir))
		}
	}
	if c.Files == 0 {
		// It is mounted here and not in the machine, so that it is there after
		// the machine's end.
		files := filesDir(id)
		if err := os.Mkdir(files, 0o755); err != nil {
			return nil, err
		}
		if err := unix.Mount("scenario", files, "tmpfs", 0, "mode=755"); err != nil {
			return nil, refused("mount a file system in memory", err)
		}
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
	process, err := unix.PidfdOpen(pid, 0)
	if err == nil {
		l.mu.Lock()
		l.running[id] = plugged{c, process}
		err = l.announce()
		l.mu.Unlock()
	}
	if err == nil {
		err = plugIn(c, pid, id)
	}
	if err != nil {
		l.children.kill(id)
		<-gone
		l.unplug(id)
		return nil, refused("make a network cable", err)
	}
	return gone, nil
}

func filesDir(id int) string { return machinesDir + "/" + strconv.Itoa(id) }

// unplug ends what is there for a machine whose processes have ended.
func (l *labProcess) unplug(id int) {
	l.children.kill(id) // its helper
	unplug(id)
	l.mu.Lock()
	defer l.mu.Unlock()
	if m, ok := l.running[id]; ok {
		unix.Close(m.process)
		delete(l.running, id)
		_ = l.announce() // or its name is known longer than it
	}
}

// help starts a helper in a machine's network. It has this lab's rights, which
// the machine's own programs do not have, and the machine's names.
func (l *labProcess) help(h help, socketFD int) error {
	started := make(chan error)
	go func() {
		// The thread ends with this goroutine, since it is in another network
		// from here on.
		runtime.LockOSThread()
		started <- l.helpHere(h, socketFD)
	}()
	return <-started
}

func (l *labProcess) helpHere(h help, socketFD int) error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return refused("make a helper's namespaces", err)
	}
	l.mu.Lock()
	err := errGone
	if m, ok := l.running[h.Machine]; ok {
		err = unix.Setns(m.process, unix.CLONE_NEWNET)
	}
	l.mu.Unlock()
	if err != nil {
		return err
	}
	// A host without the file has no names that differ.
	_ = unix.Mount(hostsDir+"/"+h.Name, hostDir+"/etc/hosts", "", unix.MS_BIND, "")
	_, _, err = l.children.start(h.Machine, hostDir+"/proc/self/exe", []string{helper.Name}, &syscall.ProcAttr{
		Dir:   "/",
		Env:   []string{tagVariable + "=" + h.Tag},
		Files: []uintptr{uintptr(socketFD), uintptr(socketFD), 2},
	})
	return err
}

// hosts is a machine's /etc/hosts, in Docker's form.
func (c cable) hosts() string {
	return "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\n" +
		"ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n" + c.IP + "\t" + c.Hostname + "\n"
}

// announce tells all machines which of them there are. The caller holds l.mu.
func (l *labProcess) announce() error {
	var text strings.Builder
	for _, m := range l.running {
		fmt.Fprintln(&text, m.cable.IP, m.cable.Name, m.cable.Hostname)
	}
	// Who reads has the old file or the new one.
	const fresh = hostsDir + "/" + namesFile + ".new"
	if err := os.WriteFile(fresh, []byte(text.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, hostsDir+"/"+namesFile)
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
