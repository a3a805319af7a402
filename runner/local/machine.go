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
	"syscall"

	"golang.org/x/sys/unix"

	"scenario/runner"
)

// logTail is how many lines of its own output a machine that ended shows, and
// logSize is how much of it is looked at.
const (
	logTail = 10
	logSize = 64 << 10
)

const statusKilled = 128 + int(syscall.SIGKILL)

// machine is the runner's end of a machine's first process.
type machine struct {
	lab  *lab
	node string
	env  map[string]string
	user string
	dir  string
	peer *peer
	life *call // of the lab: begins and ends with the machine

	log   *tail
	input *os.File // of the main program, held open: it reads no end
	ended chan struct{}
	state runner.State // at the end, valid once ended
}

var (
	_ runner.Machine = (*machine)(nil)
	_ runner.Files   = (*machine)(nil)
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
	if err := l.backend.check(ctx, spec); err != nil {
		return nil, err
	}
	m := &machine{lab: l, node: spec.Name, env: spec.Env, user: spec.User, dir: spec.Workdir, log: &tail{done: make(chan struct{})}, ended: make(chan struct{})}
	if err := m.boot(ctx, spec); err != nil {
		m.undo()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if errors.Is(err, errGone) && m.life != nil {
			err = ended(m.node, m.state)
		}
		if env := (*runner.EnvironmentError)(nil); errors.As(err, &env) {
			env.What = "node " + spec.Name + ": " + env.What
			return nil, env
		}
		return nil, fmt.Errorf("start node %s: %w", spec.Name, err)
	}
	l.log.Debug("machine started", "node", spec.Name, "ip", spec.IP)
	return m, nil
}

func (m *machine) boot(ctx context.Context, spec runner.MachineSpec) error {
	b := boot{setup: m.lab.setup, Name: spec.Name, Hostname: spec.Hostname, Address: netip.PrefixFrom(spec.IP, m.lab.subnet.Bits()).String()}
	if b.Hostname == "" {
		b.Hostname = b.Name
	}
	for _, mount := range spec.Mounts {
		source, err := filepath.EvalSymlinks(mount.Source)
		if err != nil {
			return fmt.Errorf("mounts: %s: %w", mount.Name, plain(err))
		}
		b.Mounts = append(b.Mounts, bind{Path: mount.Path, Source: source, Writable: mount.Writable})
	}
	main, err := m.plug()
	defer func() { closeAll(main) }()
	if err != nil {
		return err
	}
	near, far, err := pair()
	if err != nil {
		return err
	}
	if m.peer, err = newPeer(near); err != nil {
		unix.Close(far)
		return err
	}
	m.life, err = m.lab.peer.call(request{Machine: &cable{
		Name: b.Name, Hostname: b.Hostname, IP: spec.IP.String(), MAC: spec.MAC, Tag: m.tag(),
	}}, far)
	if err != nil {
		return err
	}
	// A process that is begun is waited for, so that it can be ended.
	if _, err := m.life.await(context.Background()); err != nil {
		m.life.drop()
		m.life = nil
		return err
	}
	go m.watch()
	if _, err := m.peer.ask(ctx, request{Boot: &b}); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Files)) {
		if err := m.WriteFile(ctx, name, spec.Files[name], 0o644); err != nil {
			return err
		}
	}
	// A machine without a command stays up, but its user and its folder must
	// be there.
	p := m.program(runner.Command{Argv: spec.Command})
	p.Main, p.Input = true, true
	fds := main
	main = nil
	_, err = m.peer.ask(ctx, request{Run: &p}, fds...)
	return err
}

// plug makes the streams of the main program. It reads no end of input, as in a
// container that is started with -i, and what it prints is kept.
func (m *machine) plug() (far []int, err error) {
	input, farInput, err := nearEnd(toProgram)
	if err != nil {
		return nil, err
	}
	m.input = input
	output, farOutput, err := nearEnd(fromProgram)
	if err != nil {
		return []int{farInput}, err
	}
	go m.log.read(output)
	return []int{farInput, farOutput}, nil
}

// program is a command with what the machine gives to all.
func (m *machine) program(cmd runner.Command) program {
	p := program{Argv: cmd.Argv, Env: map[string]string{}, User: m.user, Workdir: m.dir, Rows: cmd.Rows, Cols: cmd.Cols}
	maps.Copy(p.Env, m.env)
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
func (m *machine) tag() string { return m.lab.id + "-" + m.node }

// undo ends a machine whose boot failed.
func (m *machine) undo() {
	if m.peer != nil {
		m.peer.wire.socket.Close()
	}
	switch {
	case m.life != nil:
		m.life.kill()
		<-m.ended
	case m.input != nil:
		m.input.Close()
	}
}

// watch waits for the machine's end and keeps how it was.
func (m *machine) watch() {
	r, err := m.life.await(context.Background())
	m.life.drop()
	m.state = runner.State{IDs: []string{m.tag()}, Status: r.Status, Reason: reason(r.Status)}
	if err != nil {
		<-m.lab.ended
		m.state.Status, m.state.Reason = statusKilled, "its lab has ended"
		if m.lab.closing.Err() != nil {
			m.state.Reason = "its lab was closed"
		}
	}
	m.input.Close()
	m.state.Log = m.log.String()
	close(m.ended)
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
	select {
	case <-m.ended:
		return m.state, nil
	default:
		return runner.State{Running: true, IDs: []string{m.tag()}}, nil
	}
}

// why explains by the machine's end that its first process is gone.
func (m *machine) why(ctx context.Context, err error) error {
	if !errors.Is(err, errGone) {
		return err
	}
	select {
	case <-m.ended:
		return ended(m.node, m.state)
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

// tail keeps the end of what a machine's main program writes.
type tail struct {
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
		t.text = append(t.text, buf[:n]...)
		t.text = t.text[max(0, len(t.text)-logSize):]
		if err != nil {
			return
		}
	}
}

// String is the last lines, once all is read.
func (t *tail) String() string {
	<-t.done
	lines := strings.Split(strings.TrimRight(string(t.text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-logTail):], "\n")
}

// ReadFile reads a regular file of the machine, through symbolic links.
func (m *machine) ReadFile(ctx context.Context, name string) ([]byte, error) {
	f, err := m.open(ctx, name, request{Read: name})
	if err != nil {
		return nil, m.fileError(ctx, "read", name, err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		return nil, m.fileError(ctx, "read", name, plain(err))
	}
	return content, nil
}

// WriteFile writes a file of the machine, and the folders that it needs.
func (m *machine) WriteFile(ctx context.Context, name string, content []byte, mode int64) error {
	f, err := m.open(ctx, name, request{Write: &file{Path: path.Clean(name), Mode: uint32(mode)}})
	if err != nil {
		return m.fileError(ctx, "write", name, err)
	}
	_, err = f.Write(content)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return m.fileError(ctx, "write", name, plain(err))
	}
	return nil
}

// open has the machine open a file, which then is open here.
func (m *machine) open(ctx context.Context, name string, r request) (*os.File, error) {
	if !path.IsAbs(name) {
		return nil, errors.New("not an absolute path")
	}
	answer, err := m.peer.ask(ctx, r)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(answer.fd), name), nil
}

func (m *machine) fileError(ctx context.Context, what, name string, err error) error {
	if errors.Is(err, errGone) || ctx.Err() != nil {
		return fmt.Errorf("%s %s: %w", what, name, m.why(ctx, err))
	}
	return fmt.Errorf("%s %s: %w on node %s", what, name, err, m.node)
}
