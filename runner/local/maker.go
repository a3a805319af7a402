//go:build linux

package local

import (
	"errors"
	"fmt"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A maker makes an image: a folder with a root file system, by mmdebstrap. It
// is the root of a user namespace with the ids that a lab has, so that in a lab
// each file has its owner. Its mounts and processes go with it.

// making says what a maker makes.
type making struct {
	Argv   []string // of mmdebstrap, which makes Root in Part
	Part   string   // a folder for what is not whole
	Target string   // what Root becomes when it is whole
	Env    []string
}

// partRoot is the image in the folder of what is not whole.
const partRoot = "/root"

// ownMark is what mmdebstrap writes into an image of what it was told.
const ownMark = "/etc/apt/apt.conf.d/99mmdebstrap"

// aloneOptions are for a namespace with only one id: apt would become a user
// who is not there, and the terminals that are mounted belong to a group.
var aloneOptions = []string{
	`--aptopt=APT::Sandbox::User "root"`,
	"--skip=chroot/mount/dev",
	`--setup-hook=mkdir -p "$1/dev"; for d in null zero full random urandom tty; do : >"$1/dev/$d"; mount --bind "/dev/$d" "$1/dev/$d"; done`,
	`--customize-hook=for d in null zero full random urandom tty; do umount "$1/dev/$d"; rm "$1/dev/$d"; done`,
}

func serveMaker(w *wire) error {
	if err := dieWithRunner(); err != nil {
		return err
	}
	unix.Umask(0o022)
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	children := newChildren()
	for {
		var r request
		fds, err := w.receive(&r)
		if err != nil {
			return err // the runner is gone
		}
		var made <-chan int
		switch {
		case r.Make != nil && len(fds) == 1:
			made, err = r.Make.begin(children, fds[0])
		default:
			err = removeAll(r.Remove)
		}
		closeAll(fds)
		answer := reply{ID: r.ID}
		if err != nil {
			answer = failed(r.ID, err)
		}
		if err := w.send(answer); err != nil {
			return err
		}
		if made != nil {
			go func() {
				end := reply{ID: r.ID, Ended: true, Status: <-made}
				if end.Status == 0 {
					if err := r.Make.keep(); err != nil {
						end = failed(r.ID, err)
					}
				}
				_ = w.send(end) // or the runner is gone
			}()
		}
	}
}

// begin starts mmdebstrap.
func (m *making) begin(children *children, words int) (<-chan int, error) {
	tmp := m.Part + "/tmp"
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return nil, err
	}
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(null)
	alone := !given("/proc/self/uid_map", 1)
	if alone {
		m.Argv = slices.Insert(m.Argv, 1, aloneOptions...)
	}
	type start struct {
		ended <-chan int
		err   error
	}
	started := make(chan start)
	go func() {
		// The thread ends with this goroutine, since a filter stays.
		runtime.LockOSThread()
		var s start
		if alone {
			s.err = pretendOwners()
		}
		if s.err == nil {
			_, s.ended, s.err = children.start(1, m.Argv[0], m.Argv, &syscall.ProcAttr{
				Dir:   "/",
				Env:   append(m.Env, "TMPDIR="+tmp),
				Files: []uintptr{uintptr(null), uintptr(null), uintptr(words)},
				Sys:   &syscall.SysProcAttr{Setsid: true},
			})
		}
		started <- s
	}()
	s := <-started
	return s.ended, s.err
}

// keep gives an image that is whole its place.
func (m *making) keep() error {
	root := m.Part + partRoot
	if err := os.Remove(root + ownMark); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(root, m.Target); err != nil {
		return err
	}
	return removeAll([]string{m.Part})
}

// removeAll removes folders, but not what is mounted in them.
func removeAll(folders []string) error {
	mounted, err := mountPoints("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		for _, m := range mounted {
			if strings.HasPrefix(m, path.Clean(folder)+"/") {
				return fmt.Errorf("remove %s: something is mounted at %s", folder, m)
			}
		}
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
	}
	return nil
}

// pretendOwners makes this thread, and all that it starts, believe that files
// get the owners and processes the users that they ask for. A namespace with
// only one id refuses, where an image asks for few others and does not need
// them.
func pretendOwners() error {
	calls := []uint32{
		unix.SYS_FCHOWN, unix.SYS_FCHOWNAT,
		unix.SYS_SETUID, unix.SYS_SETGID, unix.SYS_SETREUID, unix.SYS_SETREGID, unix.SYS_SETRESUID, unix.SYS_SETRESGID,
		unix.SYS_SETFSUID, unix.SYS_SETFSGID, unix.SYS_SETGROUPS,
	}
	arch := uint32(unix.AUDIT_ARCH_AARCH64)
	switch runtime.GOARCH {
	case "arm64":
	case "amd64":
		arch = unix.AUDIT_ARCH_X86_64
		calls = append(calls, 92, 94) // chown and lchown, which only old architectures have
	default:
		return &lacking{
			err:  fmt.Errorf("this machine gives its user no ids beside its own, of which on %s no image can be made", runtime.GOARCH),
			hint: "sudo apt-get install uidmap; sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER",
		}
	}
	// Offsets in the kernel's struct seccomp_data.
	const number, architecture = 0, 4
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	answer := func(with uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: with}
	}
	equal := func(to uint32, then, otherwise int) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: to, Jt: uint8(then), Jf: uint8(otherwise)}
	}
	filter := []unix.SockFilter{load(architecture), equal(arch, 0, len(calls)+1), load(number)}
	for n, call := range calls {
		filter = append(filter, equal(call, len(calls)-n, 0))
	}
	filter = append(filter, answer(unix.SECCOMP_RET_ALLOW), answer(unix.SECCOMP_RET_ERRNO)) // without an error
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0); err != nil {
		return refused("filter system calls", err)
	}
	return nil
}
