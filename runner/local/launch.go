//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"scenario/runner"
)

// first is the first process of namespaces that the runner has made. It ends
// with the runner, and the kernel then ends all that is below it.
type first struct {
	process *os.Process
	peer    *peer
	words   strings.Builder // its last ones, once it has ended
	ended   chan struct{}   // closed when it and all below it have ended
}

// launch starts a helper by its name as the root of a user namespace, with
// processes and mounts of its own and what else flags ask for. It reports
// whether most files of the host are foreign there.
func launch(name string, flags uintptr, env ...string) (f *first, foreign bool, err error) {
	near, far, err := pair()
	if err != nil {
		return nil, false, err
	}
	remote := os.NewFile(uintptr(far), "socket")
	defer remote.Close()
	f = &first{ended: make(chan struct{})}
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{unmappedName, name}
	cmd.Env = env
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{remote}
	cmd.Stderr = &f.words
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | flags,
		Setsid:     true, // a Ctrl-C is for the runner alone
	}
	started := make(chan error)
	go func() {
		// The process wants to be killed at its parent's end, for which the
		// kernel takes the end of the thread that started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended says nothing: it is killed
		}
		close(f.ended)
	}()
	if err := <-started; err != nil {
		unix.Close(near)
		return nil, false, unavailable(fmt.Errorf("%s: make a user namespace: %w", noLab, err), "")
	}
	f.process = cmd.Process
	if f.peer, err = newPeer(near); err == nil {
		foreign, err = giveIDs(cmd.Process.Pid)
		if err != nil {
			err = unavailable(fmt.Errorf("%s: give ids to a user namespace: %w", noLab, err), "")
		} else {
			_, err = f.peer.wire.socket.Write([]byte{1})
		}
	}
	if err != nil {
		f.end()
		return nil, false, err
	}
	return f, foreign, nil
}

// kill ends the process, and all below it.
func (f *first) kill() {
	_ = f.process.Kill() // or it has ended
	if f.peer != nil {
		f.peer.wire.socket.Close()
	}
}

// end kills the process, and waits for the end of all below it.
func (f *first) end() {
	f.kill()
	<-f.ended
}

// explain has the words of a process in the error of its end.
func (f *first) explain(err error) error {
	if !errors.Is(err, errGone) {
		return err
	}
	<-f.ended // no more words will come
	return unavailable(fmt.Errorf("%s: its process has ended: %s", noLab, strings.TrimSpace(f.words.String())), "")
}

// switches are what turns namespaces off on some hosts, each with the command
// that turns them on.
var switches = []struct{ file, off, hint string }{
	{"/proc/sys/user/max_user_namespaces", "0", "sudo sysctl -w user.max_user_namespaces=10000"},
	{"/proc/sys/kernel/unprivileged_userns_clone", "0", "sudo sysctl -w kernel.unprivileged_userns_clone=1"},
	{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
}

// unavailable is the error of a host that lacks what a lab needs.
func unavailable(err error, hint string) error {
	for _, s := range switches {
		if text, readErr := os.ReadFile(s.file); hint == "" && readErr == nil && strings.TrimSpace(string(text)) == s.off {
			hint = s.hint
		}
	}
	return &runner.EnvironmentError{What: err.Error(), Hint: hint}
}

// ask sends a request and waits for its reply.
func (p *peer) ask(ctx context.Context, r request, fds ...int) (reply, error) {
	c, err := p.call(r, fds...)
	if err != nil {
		return reply{fd: -1}, err
	}
	defer c.drop()
	return c.await(ctx)
}

// await waits for the next reply, and returns what went wrong.
func (c *call) await(ctx context.Context) (reply, error) {
	select {
	case r := <-c.replies:
		return r, r.err()
	default:
	}
	select {
	case r := <-c.replies:
		return r, r.err()
	case <-ctx.Done():
		return reply{fd: -1}, context.Cause(ctx)
	case <-c.peer.gone:
	}
	select {
	case r := <-c.replies: // the last words
		return r, r.err()
	default:
		return reply{fd: -1}, errGone
	}
}

func (r reply) err() error {
	switch {
	case r.Err == "":
		return nil
	case r.Lacking:
		return unavailable(errors.New(r.Err), r.Hint)
	}
	return errors.New(r.Err)
}
