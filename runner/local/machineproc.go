//go:build linux

package local

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	statusDenied  = 126 // what shells give a file that is no program
	statusMissing = 127 // what shells give a command that is not there
)

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// kept are the capabilities that a machine's root has: those that Docker gives.
var kept = []int{
	unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE, unix.CAP_FOWNER, unix.CAP_FSETID, unix.CAP_KILL, unix.CAP_SETGID,
	unix.CAP_SETUID, unix.CAP_SETPCAP, unix.CAP_NET_BIND_SERVICE, unix.CAP_NET_RAW, unix.CAP_SYS_CHROOT,
	unix.CAP_MKNOD, unix.CAP_AUDIT_WRITE, unix.CAP_SETFCAP,
}

// machineProcess is the first process of a machine, which starts all others
// that the runner asks for.
type machineProcess struct {
	wire     *wire
	children *children
	hostname string
	main     int   // the main program's process; 0 if there is none
	frozen   []int // processes, parents before children
}

func serveMachine(w *wire) error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0); err != nil {
		return err
	}
	// A first process is spared the signals of its own machine that it does
	// not handle; Go handles some by ending.
	signal.Notify(make(chan os.Signal, 1), unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM)
	m := &machineProcess{wire: w, children: newChildren()}
	for {
		var r request
		fds, err := w.receive(&r)
		if err != nil {
			return err // the runner is gone
		}
		answer := reply{ID: r.ID, fd: -1}
		var ended <-chan int
		switch {
		case r.Boot != nil:
			err = m.boot(*r.Boot)
		case r.Run != nil:
			answer.fd, ended, err = m.run(r.ID, *r.Run, fds)
		case r.Read != "":
			answer.fd, err = openFile(r.Read)
		case r.Write != nil:
			answer.fd, err = makeFile(*r.Write)
		case r.End && m.main == 0:
			os.Exit(0)
		case r.End:
			_ = unix.Kill(m.main, unix.SIGTERM) // or it has just ended
		case r.Freeze:
			m.frozen, err = freeze()
		case r.Thaw:
			thaw(m.frozen)
		case r.Kill:
			m.children.kill(r.ID)
			continue
		}
		closeAll(fds)
		var along []int
		if answer.fd >= 0 {
			along = append(along, answer.fd)
		}
		if err != nil {
			answer = failed(r.ID, err)
		}
		err = w.send(answer, along...)
		closeAll(along)
		if err != nil {
			return err
		}
		if ended != nil {
			go func() {
				status := <-ended
				if r.Run.Main {
					os.Exit(status)
				}
				_ = w.send(reply{ID: r.ID, Ended: true, Status: status}) // or the runner is gone
			}()
		}
	}
}

// boot makes the machine around this process.
func (m *machineProcess) boot(b boot) error {
	m.hostname = b.Hostname
	if err := unix.Sethostname([]byte(b.Hostname)); err != nil {
		return err
	}
	for _, step := range []func() error{b.makeRoot, b.furnish, b.connect, b.answer, seal} {
		if err := step(); err != nil {
			return err
		}
	}
	// What is started from this thread, to which init is bound, has no more
	// than these.
	for c := range unix.CAP_LAST_CAP + 1 {
		if slices.Contains(kept, c) {
			continue
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); err != nil && err != unix.EINVAL { // EINVAL: an older kernel
			return fmt.Errorf("drop capability %d: %w", c, err)
		}
	}
	return nil
}

// run starts a program. The file that it returns is the near end of the
// program's terminal, -1 if it has none. A program that is not there says so
// on its terminal or its standard error, and ends with the status that a shell
// has for it; for a machine's main program that is an error.
func (m *machineProcess) run(id int, p program, fds []int) (terminal int, ended <-chan int, err error) {
	terminal = -1
	u, err := lookUser(p.User)
	if err != nil {
		return -1, nil, err
	}
	dir := path.Join("/", p.Workdir)
	if p.Main {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return -1, nil, err
		}
	}
	if info, err := os.Stat(dir); err != nil {
		return -1, nil, fmt.Errorf("chdir to %s: %w", dir, plain(err))
	} else if !info.IsDir() {
		return -1, nil, fmt.Errorf("chdir to %s: not a directory", dir)
	}
	if len(p.Argv) == 0 {
		return -1, nil, nil
	}
	env := map[string]string{"PATH": defaultPath, "HOSTNAME": m.hostname, "HOME": u.home}
	if p.Terminal {
		env["TERM"] = "xterm"
	}
	maps.Copy(env, p.Env)
	attr := &syscall.ProcAttr{Dir: dir, Env: environ(env), Sys: &syscall.SysProcAttr{Setsid: true, Credential: u.credential()}}
	if p.Terminal {
		near, far, err := openTerminal(p, u)
		if err != nil {
			return -1, nil, err
		}
		defer unix.Close(far)
		terminal = near
		attr.Files = []uintptr{uintptr(far), uintptr(far), uintptr(far)}
		attr.Sys.Setctty = true
	} else {
		input := -1
		if p.Input {
			input, fds = fds[0], fds[1:]
		} else if input, err = unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
			defer unix.Close(input)
		}
		if err != nil {
			return -1, nil, err
		}
		// A single output is for both.
		attr.Files = []uintptr{uintptr(input), uintptr(fds[0]), uintptr(fds[len(fds)-1])}
	}
	program, err := lookProgram(p.Argv[0], env["PATH"], dir)
	if err == nil {
		var pid int
		if pid, ended, err = m.children.start(id, program, p.Argv, attr); err == nil {
			if p.Main {
				m.main = pid
			}
			return terminal, ended, nil
		}
		err = fmt.Errorf("exec: %q: %w", p.Argv[0], err)
	}
	if p.Main {
		return -1, nil, err
	}
	_, _ = unix.Write(int(attr.Files[2]), []byte(err.Error()+"\n"))
	end := make(chan int, 1)
	if errors.Is(err, fs.ErrNotExist) {
		end <- statusMissing
	} else {
		end <- statusDenied
	}
	return terminal, end, nil
}

func environ(env map[string]string) []string {
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// errNoProgram is what Docker says, and is an fs.ErrNotExist.
type errNoProgram struct{}

func (errNoProgram) Error() string        { return "executable file not found in $PATH" }
func (errNoProgram) Is(target error) bool { return target == fs.ErrNotExist }

// lookProgram finds the file of a program as a shell would.
func lookProgram(name, search, dir string) (string, error) {
	if strings.Contains(name, "/") {
		file := name
		if !path.IsAbs(file) {
			file = path.Join(dir, file)
		}
		info, err := os.Stat(file)
		switch {
		case err != nil:
			err = fmt.Errorf("stat %s: %w", name, plain(err))
		case info.IsDir():
			err = fmt.Errorf("is a directory: %w", unix.EACCES)
		case info.Mode()&0o111 == 0:
			err = unix.EACCES
		default:
			return file, nil
		}
		return "", fmt.Errorf("exec: %q: %w", name, err)
	}
	for _, folder := range strings.Split(search, ":") {
		file := path.Join(dir, folder, name)
		if path.IsAbs(folder) {
			file = path.Join(folder, name)
		}
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file, nil
		}
	}
	return "", fmt.Errorf("exec: %q: %w", name, errNoProgram{})
}

// openTerminal makes a terminal of the machine's own that has its size.
func openTerminal(p program, u account) (near, far int, err error) {
	near, err = unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, -1, fmt.Errorf("open a terminal: %w", err)
	}
	far = -1
	number, err := unix.IoctlGetInt(near, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(near, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		far, err = unix.Open("/dev/pts/"+strconv.Itoa(number), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(far, unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(p.Rows), Col: uint16(p.Cols)})
	}
	if err == nil && u.uid != 0 {
		err = unix.Fchown(far, int(u.uid), -1)
	}
	if err != nil {
		closeAll([]int{near})
		if far >= 0 {
			unix.Close(far)
		}
		return -1, -1, fmt.Errorf("open a terminal: %w", err)
	}
	return near, far, nil
}

// openFile opens a regular file of the machine.
func openFile(name string) (int, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return -1, errors.New("no such file")
	}
	if err != nil {
		return -1, plain(err)
	}
	if !info.Mode().IsRegular() {
		return -1, fmt.Errorf("not a regular file (%s)", info.Mode())
	}
	return unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
}

// makeFile makes a file of the machine, and the folders that it needs. A file
// that was there goes, since it may be one of the host's that cannot be changed;
// one that cannot go, because it is mounted, is written anew.
func makeFile(f file) (int, error) {
	if err := os.MkdirAll(path.Dir(f.Path), 0o755); err != nil {
		return -1, plain(err)
	}
	_ = unix.Unlink(f.Path)
	fd, err := unix.Open(f.Path, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return -1, err
	}
	if err := unix.Fchmod(fd, f.Mode); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
