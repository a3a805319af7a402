//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"scenario/runner"
)

// logTail is how many lines of its own output a machine that ended shows, and
// logSize is how much of it is looked at.
const (
	logTail = 10
	logSize = 1 << 20
)

const statusKilled = 128 + int(syscall.SIGKILL)

// machine is a machine of a lab, which lives once or more often.
type machine struct {
	lab    *lab
	spec   runner.MachineSpec
	setup  setup // what its files are made of
	mounts []bind
	files  int // its file system in the lab; 0 before its first start

	mu  sync.Mutex
	now *life
}

// life is what runs between a start of a machine and its end: the runner's end
// of its first process.
type life struct {
	*machine
	peer *peer
	call *call // of the lab: begins and ends with the machine

	log   *tail
	input *os.File // of the main program, held open: it reads no end
	ended chan struct{}
	state runner.State // at the end, valid once ended

	frozen atomic.Bool
	aide   aide
}

var (
	_ runner.Machine   = (*machine)(nil)
	_ runner.Files     = (*machine)(nil)
	_ runner.Lifecycle = (*machine)(nil)
	_ runner.Logged    = (*machine)(nil)
)

// Start makes the namespaces of a machine and starts its main program, if it
// has one. A Start that fails leaves nothing.
func (l *lab) Start(ctx context.Context, spec runner.MachineSpec) (runner.Machine, error) {
	ctx, done, err := l.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	m := &machine{lab: l, spec: spec, setup: l.setup}
	if err := l.backend.CheckLimits(spec); err != nil {
		return nil, m.fail(err)
	}
	image, err := l.backend.base(ctx, spec, l.log)
	if err != nil {
		return nil, m.fail(err)
	}
	if image != "" {
		m.setup = setup{Root: image} // its owners are the lab's
	}
	if m.spec.Hostname == "" {
		m.spec.Hostname = m.spec.Name
	}
	for _, mount := range spec.Mounts {
		source, err := filepath.EvalSymlinks(mount.Source)
		if err != nil {
			return nil, fmt.Errorf("start node %s: mounts: %s: %w", spec.Name, mount.Name, plain(err))
		}
		m.mounts = append(m.mounts, bind{Path: mount.Path, Source: source, Writable: mount.Writable})
	}
	if err := m.start(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// start begins a life of the machine, or leaves nothing of it.
func (m *machine) start(ctx context.Context) error {
	l := &life{machine: m, log: &tail{done: make(chan struct{})}, ended: make(chan struct{})}
	if err := l.boot(ctx); err != nil {
		l.undo()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if errors.Is(err, errGone) && l.call != nil {
			err = ended(m.spec.Name, l.state)
		}
		return m.fail(err)
	}
	m.mu.Lock()
	m.now = l
	m.mu.Unlock()
	m.lab.log.Debug("machine started", "node", m.spec.Name, "ip", m.spec.IP)
	return nil
}

// fail is an error of the machine's start.
func (m *machine) fail(err error) error {
	if env := (*runner.EnvironmentError)(nil); errors.As(err, &env) {
		named := *env
		named.What = "node " + m.spec.Name + ": " + env.What
		return &named
	}
	return fmt.Errorf("start node %s: %w", m.spec.Name, err)
}

// life is the present one, or the last.
func (m *machine) life() *life {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (l *life) boot(ctx context.Context) error {
	spec := l.spec
	b := boot{
		setup: l.setup, Name: spec.Name, Hostname: spec.Hostname,
		Address: netip.PrefixFrom(spec.IP, l.lab.subnet.Bits()).String(),
		Mounts:  l.mounts, Files: l.files, Again: l.files != 0,
	}
	main, err := l.plug()
	defer func() { closeAll(main) }()
	if err != nil {
		return err
	}
	near, far, err := pair()
	if err != nil {
		return err
	}
	if l.peer, err = newPeer(near); err != nil {
		unix.Close(far)
		return err
	}
	l.call, err = l.lab.peer.call(request{Machine: &cable{
		Name: b.Name, Hostname: b.Hostname, IP: spec.IP.String(), MAC: spec.MAC, Tag: l.tag(), Foreign: b.Foreign, Files: l.files,
	}}, far)
	if err != nil {
		return err
	}
	// A process that is begun is waited for, so that it can be ended.
	if _, err := l.call.await(context.Background()); err != nil {
		l.call.drop()
		l.call = nil
		return err
	}
	go l.watch()
	if !b.Again {
		b.Files = l.call.id
	}
	if _, err := l.peer.ask(ctx, request{Boot: &b}); err != nil {
		return err
	}
	if !b.Again {
		for _, name := range slices.Sorted(maps.Keys(spec.Files)) {
			if err := l.writeFile(ctx, name, spec.Files[name], 0o644); err != nil {
				return err
			}
		}
	}
	// A machine without a command stays up, but its user and its folder must
	// be there.
	p := l.program(runner.Command{Argv: spec.Command})
	p.Main, p.Input = true, true
	fds := main
	main = nil
	_, err = l.peer.ask(ctx, request{Run: &p}, fds...)
	if err == nil {
		l.files = b.Files
	}
	return err
}

// plug makes the streams of the main program. It reads no end of input, as in a
// container that is started with -i, and what it prints is kept.
func (l *life) plug() (far []int, err error) {
	input, farInput, err := nearEnd(toProgram)
	if err != nil {
		return nil, err
	}
	l.input = input
	output, farOutput, err := nearEnd(fromProgram)
	if err != nil {
		return []int{farInput}, err
	}
	go l.log.read(output)
	return []int{farInput, farOutput}, nil
}

// program is a command with what the machine gives to all.
func (m *machine) program(cmd runner.Command) program {
	p := program{Argv: cmd.Argv, Env: map[string]string{}, User: m.spec.User, Workdir: m.spec.Workdir, Rows: cmd.Rows, Cols: cmd.Cols}
	maps.Copy(p.Env, m.spec.Env)
	maps.Copy(p.Env, cmd.Env)
	if cmd.User != "" {
		p.User = cmd.User
	}
	if cmd.Workdir != "" {
		p.Workdir = cmd.Workdir
	}
	return p
}

// tag names the machine among all of this host.
func (m *machine) tag() string { return m.lab.id + "-" + m.spec.Name }

// undo ends a life whose boot failed.
func (l *life) undo() {
	if l.peer != nil {
		l.peer.wire.socket.Close()
	}
	switch {
	case l.call != nil:
		l.call.kill()
		<-l.ended
	case l.input != nil:
		l.input.Close()
	}
}

// watch waits for the machine's end and keeps how it was.
func (l *life) watch() {
	r, err := l.call.await(context.Background())
	l.call.drop()
	l.state = runner.State{IDs: []string{l.tag()}, Status: r.Status, Reason: reason(r.Status)}
	if err != nil {
		<-l.lab.ended
		l.state.Status, l.state.Reason = statusKilled, "its lab has ended"
		if l.lab.closing.Err() != nil {
			l.state.Reason = "its lab was closed"
		}
	}
	l.input.Close()
	l.state.Log = l.log.last()
	close(l.ended)
	l.aide.dismiss()
}

func reason(status int) string {
	switch {
	case status == statusKilled:
		return "killed (SIGKILL)"
	case status == 128+int(unix.SIGTERM):
		return "terminated (SIGTERM)"
	case status > 128:
		return "ended by a signal: " + syscall.Signal(status-128).String()
	default:
		return "its command ended"
	}
}

// State tells how the machine is, also after its end.
func (m *machine) State(context.Context) (runner.State, error) {
	l := m.life()
	select {
	case <-l.ended:
		return l.state, nil
	default:
		return runner.State{Running: true, IDs: []string{m.tag()}}, nil
	}
}

// why explains by the machine's end that its first process is gone.
func (l *life) why(ctx context.Context, err error) error {
	if !errors.Is(err, errGone) {
		return err
	}
	select {
	case <-l.ended:
		return ended(l.spec.Name, l.state)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func ended(node string, s runner.State) error {
	msg := fmt.Sprintf("node %s has ended: %s", node, s.Reason)
	if s.Status != 0 {
		msg += fmt.Sprintf(", status %d", s.Status)
	}
	if s.Log != "" {
		msg += "; its last lines:\n  " + strings.ReplaceAll(s.Log, "\n", "\n  ")
	}
	return errors.New(msg)
}

// Log is what the main program has printed since its last start.
func (m *machine) Log(context.Context) (string, error) { return m.life().log.String(), nil }

// tail keeps the end of what a machine's main program writes.
type tail struct {
	mu   sync.Mutex
	text []byte
	done chan struct{} // closed when there is no more
}

// read reads until the last process that could write has ended.
func (t *tail) read(from *os.File) {
	defer close(t.done)
	defer from.Close()
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		t.mu.Lock()
		t.text = append(t.text, buf[:n]...)
		t.text = t.text[max(0, len(t.text)-logSize):]
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// last is the last lines, once all is read.
func (t *tail) last() string {
	<-t.done
	lines := strings.Split(strings.TrimRight(t.String(), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-logTail):], "\n")
}

// ReadFile reads a regular file of the machine, through symbolic links.
func (m *machine) ReadFile(ctx context.Context, name string) ([]byte, error) {
	l := m.life()
	f, err := l.open(ctx, name, request{Read: name})
	if err != nil {
		return nil, l.fileError(ctx, "read", name, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > runner.StepLimit {
		return nil, runner.TooLarge(name, info.Size())
	}
	content, err := io.ReadAll(f)
	if err != nil {
		return nil, l.fileError(ctx, "read", name, plain(err))
	}
	return content, nil
}

// WriteFile writes a file of the machine, and the folders that it needs.
func (m *machine) WriteFile(ctx context.Context, name string, content []byte, mode int64) error {
	return m.life().writeFile(ctx, name, content, mode)
}

func (l *life) writeFile(ctx context.Context, name string, content []byte, mode int64) error {
	f, err := l.open(ctx, name, request{Write: &file{Path: path.Clean(name), Mode: uint32(mode)}})
	if err != nil {
		return l.fileError(ctx, "write", name, err)
	}
	_, err = f.Write(content)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return l.fileError(ctx, "write", name, plain(err))
	}
	return nil
}

// open has the machine open a file, which then is open here.
func (l *life) open(ctx context.Context, name string, r request) (*os.File, error) {
	if !path.IsAbs(name) {
		return nil, errors.New("not an absolute path")
	}
	answer, err := l.peer.ask(ctx, r)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(answer.fd), name), nil
}

func (l *life) fileError(ctx context.Context, what, name string, err error) error {
	if errors.Is(err, errGone) || ctx.Err() != nil {
		return fmt.Errorf("%s %s: %w", what, name, l.why(ctx, err))
	}
	return fmt.Errorf("%s %s: %w on node %s", what, name, err, l.spec.Name)
}
