package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"time"
)

// NodeSpec is a node as the script declares it. Addresses and texts are the
// reader's.
type NodeSpec struct {
	Name     string
	Image    Image
	IP       netip.Addr // zero: the first that is free
	Hostname string     // "" is the name
	Env      map[string]string
	Files    map[string][]byte
	Mounts   []Mount
	User     string
	Workdir  string
	Command  []string
	Memory   int64   // bytes; 0 is the backend's limit
	CPUs     float64 // cores; the same
	Tasks    int64   // processes and threads; the same
	Kinds    []Kind  // hold in all that the node shows
	Pos      string
}

// Node is a machine of the lab. It boots in the background; what is asked of
// it waits until it is up.
type Node struct {
	run   *Run
	spec  NodeSpec
	index int // in the recording

	up      chan struct{} // closed when machine and lab are there
	machine Machine
	trans   translation

	down   string // where it was ended; "" while it runs
	paused string // where it was paused
	// What its network suffers.
	cut           []*Node
	loss          float64
	delay, jitter time.Duration
}

// pinned is the environment that every program has: what is shown must not
// hang on the host's.
var pinned = map[string]string{"TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC"}

// Node declares a node, checks what can be checked at once, and lets it boot.
func (r *Run) Node(spec NodeSpec) (*Node, error) {
	if err := r.checkName("node", spec.Name); err != nil {
		return nil, err
	}
	if strings.IndexFunc(spec.Name, func(c rune) bool { return c > 0x7f }) >= 0 {
		return nil, fmt.Errorf("node %q: the name is a host name as well, and those are ASCII", spec.Name)
	}
	for _, n := range r.nodes {
		if n.spec.Name == spec.Name {
			return nil, fmt.Errorf("node %q: there is one of that name, at %s", spec.Name, n.spec.Pos)
		}
	}
	if err := r.place(&spec); err != nil {
		return nil, err
	}
	if err := spec.checkMounts(); err != nil {
		return nil, err
	}
	for _, n := range r.nodes {
		if err := apart(&spec, &n.spec); err != nil {
			return nil, err
		}
	}
	if err := apart(&spec, &spec); err != nil {
		return nil, err
	}
	if l, ok := r.cfg.Backend.(Limits); ok && r.replay == nil {
		if err := l.CheckLimits(MachineSpec{Name: spec.Name, Memory: spec.Memory, CPUs: spec.CPUs, Tasks: spec.Tasks}); err != nil {
			return nil, err
		}
	}
	if spec.Hostname == "" {
		spec.Hostname = spec.Name
	}
	n := &Node{run: r, spec: spec, index: len(r.nodes), up: make(chan struct{})}
	r.nodes = append(r.nodes, n)
	r.record(func(rec *Recording, _ float64) {
		rec.Nodes = append(rec.Nodes, NodeRecord{Name: spec.Name, IP: spec.IP.String(), Image: spec.Image.String(), Kinds: spec.Kinds, Pos: spec.Pos})
	})
	r.cfg.Observe(Event{Kind: NodeBooting, Name: spec.Name, Pos: spec.Pos})
	if r.replay == nil {
		r.background("node "+spec.Name, spec.Pos, n.start)
	}
	return n, nil
}

// place gives the node its address, the first free one from .2 on, or checks
// the one it asks for.
func (r *Run) place(spec *NodeSpec) error {
	taken := map[netip.Addr]*Node{}
	for _, n := range r.nodes {
		taken[n.spec.IP] = n
	}
	gateway := r.network.Addr().Next()
	if !spec.IP.IsValid() {
		for ip := gateway.Next(); r.network.Contains(ip.Next()); ip = ip.Next() {
			if taken[ip] == nil {
				spec.IP = ip
				return nil
			}
		}
		return fmt.Errorf("node %q: the network %s has no free address left; a larger one has", spec.Name, r.network)
	}
	switch other := taken[spec.IP]; {
	case !r.network.Contains(spec.IP):
		return fmt.Errorf("node %q: the address %s is outside of the network %s; set it with network(…)", spec.Name, spec.IP, r.network)
	case spec.IP == r.network.Addr(), spec.IP == gateway, !r.network.Contains(spec.IP.Next()):
		return fmt.Errorf("node %q: the address %s is the network's own (its first, its gateway or its broadcast address)", spec.Name, spec.IP)
	case other != nil:
		return fmt.Errorf("node %q: the address %s is that of %s, at %s", spec.Name, spec.IP, other.spec.Name, other.spec.Pos)
	}
	return nil
}

func (n *Node) start() error {
	r := n.run
	lab, err := r.lab()
	if err != nil {
		return err
	}
	n.trans = translation{reader: r.network, lab: lab.Subnet()}
	if err := n.trans.checkMounted(n.spec.Mounts); err != nil {
		return err
	}
	env := maps.Clone(pinned)
	maps.Copy(env, n.spec.Env)
	files := map[string][]byte{}
	for path, content := range n.spec.Files {
		files[path] = []byte(n.trans.toLab(string(content)))
	}
	first := n.trans.command(Command{Argv: n.spec.Command, Env: env})
	n.machine, err = lab.Start(r.ctx, MachineSpec{
		Name:     n.spec.Name,
		Hostname: n.spec.Hostname,
		IP:       move(n.spec.IP, r.network, lab.Subnet()),
		MAC:      mac(n.spec.IP),
		Image:    n.spec.Image,
		Env:      first.Env,
		Files:    files,
		Mounts:   n.spec.Mounts,
		User:     n.spec.User,
		Workdir:  n.spec.Workdir,
		Command:  first.Argv,
		Memory:   n.spec.Memory,
		CPUs:     n.spec.CPUs,
		Tasks:    n.spec.Tasks,
		Progress: func(s string) { r.cfg.Observe(Event{Kind: NodeProgress, Name: n.spec.Name, Text: s}) },
	})
	if err != nil {
		return err
	}
	r.record(func(rec *Recording, now float64) { rec.Nodes[n.index].Ready = now })
	close(n.up)
	r.cfg.Observe(Event{Kind: NodeReady, Name: n.spec.Name})
	if st, err := n.machine.State(r.ctx); err == nil {
		r.record(func(rec *Recording, _ float64) { rec.Nodes[n.index].IDs = st.IDs })
	}
	return nil
}

// Name is the name that the script gave.
func (n *Node) Name() string { return n.spec.Name }

// IP is the node's address as the reader sees it.
func (n *Node) IP() netip.Addr { return n.spec.IP }

// Hostname is what the node calls itself.
func (n *Node) Hostname() string { return n.spec.Hostname }

// wait returns when the node is up, or the run has ended. A node that was ended
// is an error.
func (n *Node) wait(ctx context.Context) error {
	if err := n.booted(ctx); err != nil {
		return err
	}
	return n.fallen()
}

// booted returns when the node has come up, or the run has ended.
func (n *Node) booted(ctx context.Context) error {
	select {
	case <-n.up:
		if n.run.ctx.Err() != nil {
			return context.Cause(n.run.ctx)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// open starts a program on a terminal of the node, which is up.
func (n *Node) open(ctx context.Context, prog Program) (TTY, error) {
	return n.machine.Open(ctx, n.command(prog))
}

// command is how a program is started.
func (n *Node) command(prog Program) Command {
	env := maps.Clone(n.spec.Env)
	if env == nil {
		env = map[string]string{}
	}
	maps.Copy(env, prog.Env)
	return n.trans.command(Command{
		Argv: prog.Argv, Env: env, User: prog.User, Workdir: prog.Workdir,
		Rows: prog.Rows, Cols: prog.Cols,
	})
}

// Open gives a terminal of the node to a person, when the node is up: nothing
// is typed, waited for or recorded, and what passes is as it is on the node.
// decode makes the reader's text of what it shows.
func (n *Node) Open(prog Program) (tty TTY, decode func(string) string, err error) {
	if err := n.wait(n.run.ctx); err != nil {
		return nil, nil, n.run.hide(err)
	}
	tty, err = n.open(n.run.ctx, prog)
	return tty, n.trans.toReader, n.run.hide(err)
}

// ExecSpec is a command to run beside the terminals.
type ExecSpec struct {
	Argv    []string
	Stdin   string
	Env     map[string]string
	User    string
	Workdir string
	Name    string // a label: the output gets a golden
	Timeout time.Duration
	Status  *int // the wanted exit status; nil takes any

	Tolerance Tolerance
	Pos       string
}

// Exec runs a command on the node without a terminal.
func (n *Node) Exec(spec ExecSpec) (*Step, error) {
	step := &Step{Op: OpExec, Node: n.spec.Name, Label: spec.Name, Pos: spec.Pos, Typed: spec.Argv, Tolerance: spec.Tolerance}
	return n.run.play(step, n.spec.Name, spec.Timeout, func(ctx context.Context) error {
		if err := n.wait(ctx); err != nil {
			return err
		}
		res, err := n.machine.Exec(ctx, n.trans.command(Command{
			Argv: spec.Argv, Env: spec.Env, User: spec.User, Workdir: spec.Workdir, Stdin: []byte(spec.Stdin),
		}))
		if err != nil {
			return err
		}
		// A recording and a golden are UTF-8, as a terminal's text is.
		utf8 := func(b []byte) string { return n.trans.toReader(strings.ToValidUTF8(string(b), "\uFFFD")) }
		step.Output, step.Stderr = utf8(res.Stdout), utf8(res.Stderr)
		step.Text, step.Status = visible(strings.TrimSuffix(step.Output, "\n")), &res.Status
		if err := cut(res.Cut); err != nil {
			return err
		}
		if spec.Status != nil && res.Status != *spec.Status {
			return fmt.Errorf("%s: %w", strings.Join(spec.Argv, " "), statusError(res.Status, *spec.Status, step.Stderr))
		}
		return nil
	})
}

func statusError(got, want int, said string) error {
	if said = strings.TrimSpace(said); said != "" {
		return fmt.Errorf("exit status %d, not %d: %s", got, want, said)
	}
	return fmt.Errorf("exit status %d, not %d", got, want)
}

// Write puts a file on the node.
func (n *Node) Write(path, content string, mode int64, pos string) error {
	step := &Step{Op: OpWrite, Node: n.spec.Name, Pos: pos, Typed: []string{path}}
	_, err := n.run.play(step, n.spec.Name, 0, func(ctx context.Context) error {
		f, err := n.files()
		if err != nil {
			return err
		}
		return f.WriteFile(ctx, path, []byte(n.trans.toLab(content)), mode)
	})
	return err
}

// Read gives a file of the node.
func (n *Node) Read(path, pos string) (string, error) {
	step := &Step{Op: OpRead, Node: n.spec.Name, Pos: pos, Typed: []string{path}}
	_, err := n.run.play(step, n.spec.Name, 0, func(ctx context.Context) error {
		f, err := n.files()
		if err != nil {
			return err
		}
		content, err := f.ReadFile(ctx, path)
		step.Output = n.trans.toReader(string(content))
		return err
	})
	return step.Output, err
}

func (n *Node) files() (Files, error) {
	f, ok := n.machine.(Files)
	if !ok {
		return nil, errors.New("this backend cannot reach a node's files")
	}
	return f, nil
}

// dead adds to err why the machine is no more, if it is so.
func (n *Node) dead(err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(n.run.ctx), 5*time.Second)
	defer cancel()
	st, serr := n.machine.State(ctx)
	if serr != nil || st.Running {
		return err
	}
	return fmt.Errorf("%w: %w", err, st.ended())
}

// ended says how a machine that is not running came to its end.
func (st State) ended() error {
	why := st.Reason
	if why == "" {
		why = fmt.Sprintf("exit status %d", st.Status)
	}
	if st.Log != "" {
		why += "; its last words: " + strings.TrimSpace(st.Log)
	}
	return fmt.Errorf("the node itself has ended (%s)", why)
}

func (i Image) String() string {
	if i.Suite == "" {
		return i.Ref
	}
	return fmt.Sprintf("debian(%q, %q)", i.Suite, i.Packages)
}
