//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/sys/unix"

	"scenario/runner"
)

// closeTimeout bounds Close for a caller who set no deadline, and the undoing
// of a boot. The kernel ends twenty machines in some milliseconds.
const closeTimeout = 30 * time.Second

var errClosed = errors.New("the lab is closed")

// lab is the runner's end of a lab's process.
type lab struct {
	backend *Backend
	setup   setup
	id      string
	subnet  netip.Prefix
	log     hclog.Logger
	process *os.Process // the first of all
	peer    *peer
	ended   chan struct{} // closed when the process and all below it have ended

	closing context.Context // ends when Close begins
	close   context.CancelFunc
	mu      sync.Mutex     // orders boots.Add before boots.Wait
	boots   sync.WaitGroup // boots that may still make something
}

var _ runner.Lab = (*lab)(nil)

// Open starts the process of a lab. Its network is its own, so the first of the
// subnets is always free.
func (b *Backend) Open(ctx context.Context, spec runner.LabSpec) (runner.Lab, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if spec.Internet {
		return nil, &runner.EnvironmentError{What: "network: internet = True: the labs of the local backend are closed; use --backend docker"}
	}
	root, err := b.root()
	if err != nil {
		return nil, err
	}
	l := &lab{backend: b, id: spec.ID, subnet: spec.Subnets[0].Masked(), log: spec.Log, ended: make(chan struct{})}
	if l.log == nil {
		l.log = hclog.NewNullLogger()
	}
	l.closing, l.close = context.WithCancel(context.Background())
	l.setup.Root = root
	l.setup.Home, _ = os.UserHomeDir() // a user without one has nothing to hide
	if err := l.launch(ctx); err != nil {
		return nil, errors.Join(err, l.Close(context.WithoutCancel(ctx)))
	}
	l.log.Debug("lab made", "id", l.id, "subnet", l.subnet)
	return l, nil
}

// root is the folder that machines see, as the lab's process finds it.
func (b *Backend) root() (string, error) {
	if b.Root == "" {
		return "", nil
	}
	root, err := filepath.Abs(b.Root)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return "", fmt.Errorf("find the root of machines: %w", err)
	}
	return root, nil
}

// launch starts the lab's process and has it prepare the lab.
func (l *lab) launch(ctx context.Context) error {
	near, far, err := pair()
	if err != nil {
		close(l.ended)
		return err
	}
	remote := os.NewFile(uintptr(far), "socket")
	defer remote.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{unmappedName}
	cmd.Env = []string{tagVariable + "=" + l.id}
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{remote}
	words := new(strings.Builder)
	cmd.Stderr = words
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC,
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
		close(l.ended)
	}()
	if err := <-started; err != nil {
		unix.Close(near)
		return unavailable(fmt.Errorf("%s: make a user namespace: %w", noLab, err), "")
	}
	l.process = cmd.Process
	if l.peer, err = newPeer(near); err != nil {
		return err
	}
	if l.setup.Foreign, err = giveIDs(cmd.Process.Pid); err != nil {
		return unavailable(fmt.Errorf("%s: give ids to a user namespace: %w", noLab, err), "")
	}
	if _, err := l.peer.wire.socket.Write([]byte{1}); err != nil {
		return err
	}
	_, err = l.peer.ask(ctx, request{Setup: &l.setup})
	if errors.Is(err, errGone) {
		<-l.ended // no more words will come
		return unavailable(fmt.Errorf("%s: its process has ended: %s", noLab, strings.TrimSpace(words.String())), "")
	}
	return err
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

func (l *lab) Subnet() netip.Prefix { return l.subnet }

// begin admits a boot. Its context ends with the caller's and when the lab is
// closed; the caller calls done when nothing more will be made.
func (l *lab) begin(ctx context.Context) (boot context.Context, done func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing.Err() != nil {
		return nil, nil, errClosed
	}
	l.boots.Add(1)
	boot, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(l.closing, func() { cancel(errClosed) })
	return boot, func() { stop(); cancel(nil); l.boots.Done() }, nil
}

// Close kills the lab's process and waits until the kernel has ended all that
// is below it, which is all that there is. It may be called again, and after an
// Open that failed.
func (l *lab) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	l.mu.Lock()
	l.close()
	l.mu.Unlock()
	if l.process != nil {
		_ = l.process.Kill() // or it has ended
	}
	if l.peer != nil {
		l.peer.wire.socket.Close()
	}
	select {
	case <-l.ended:
	case <-ctx.Done():
		return fmt.Errorf("end the processes of lab %s: %w", l.id, context.Cause(ctx))
	}
	l.boots.Wait()
	l.log.Debug("lab ended", "id", l.id)
	return nil
}
