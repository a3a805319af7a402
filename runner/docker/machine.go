package docker

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/pkg/stdcopy"

	"scenario/runner"
)

// logTail is how many lines of its own output a machine that ended shows.
const logTail = "10"

// deathDelay is how long after the death of its processes a container may
// still be said to run: some milliseconds, on an idle machine.
const deathDelay = 250 * time.Millisecond

// machine is one started container.
type machine struct {
	lab  *lab
	node string
	name string // the container's
	id   string
	aide aide
}

var (
	_ runner.Machine   = (*machine)(nil)
	_ runner.Files     = (*machine)(nil)
	_ runner.Lifecycle = (*machine)(nil)
	_ runner.Networked = (*machine)(nil)
	_ runner.Logged    = (*machine)(nil)
)

// Start makes a container, or takes that of a reopened lab, and starts it. A
// Start that fails leaves none that it made.
func (l *lab) Start(ctx context.Context, spec runner.MachineSpec) (runner.Machine, error) {
	ctx, done, err := l.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	image, err := l.engine.image(ctx, spec.Image, spec.Progress, l.log)
	if err != nil {
		return nil, err
	}
	m := &machine{lab: l, node: spec.Name, name: l.container(spec.Name)}
	select {
	case l.turns <- struct{}{}:
		defer func() { <-l.turns }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if err := m.boot(ctx, spec, image); err != nil {
		return nil, err
	}
	if err := l.holds(ctx); err != nil {
		return nil, also(err, m.undo(context.WithoutCancel(ctx)))
	}
	return m, nil
}

// boot goes on when ctx ends in the middle of a request, since the engine does
// so too, and then undoes what was done.
func (m *machine) boot(ctx context.Context, spec runner.MachineSpec, image string) (err error) {
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if len(spec.Mounts) > 0 && !m.lab.engine.local() {
		return m.unseen(spec.Mounts, nil)
	}
	if m.lab.reopened {
		if err := m.adopt(detached, fingerprint(spec), image); err != nil {
			return err
		}
	}
	if m.id == "" {
		if err := m.create(detached, spec, image); err != nil {
			return err
		}
		defer func() {
			if err != nil {
				err = also(err, m.undo(detached))
			}
		}()
	}
	if len(spec.Files) > 0 && ctx.Err() == nil {
		if err := m.copyIn(detached, spec.Files, 0o644); err != nil {
			return fmt.Errorf("copy files to %s: %w", m.name, err)
		}
	}
	if ctx.Err() == nil {
		if err := m.lab.engine.ContainerStart(detached, m.id, container.StartOptions{}); err != nil {
			return fmt.Errorf("start the container %s: %w", m.name, spoken{err})
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	m.lab.log.Debug("container started", "name", m.name, "id", m.id[:12], "image", image, "ip", spec.IP)
	return nil
}

func (m *machine) create(ctx context.Context, spec runner.MachineSpec, image string) error {
	config, host, endpoint := m.config(spec, image)
	made, err := m.lab.engine.ContainerCreate(ctx, config, host, endpoint, nil, m.name)
	if err != nil && strings.Contains(err.Error(), "bind source path does not exist") {
		return m.unseen(spec.Mounts, err) // the socket leads to another machine
	}
	if err != nil {
		return fmt.Errorf("create the container %s: %w", m.name, spoken{err})
	}
	m.id = made.ID
	for _, warning := range made.Warnings {
		m.lab.log.Warn("the engine warns", "container", m.name, "warning", warning)
	}
	return nil
}

// unseen is the error of mounts on an engine that has another machine's files.
func (m *machine) unseen(mounts []runner.Mount, err error) error {
	var names []string
	for _, b := range mounts {
		names = append(names, b.Name)
	}
	return &runner.EnvironmentError{
		What: fmt.Sprintf("mounts: the Docker Engine at %s does not see this machine's files, so it cannot mount %s; files = … copies text files into a node, wherever it is",
			m.lab.engine.DaemonHost(), strings.Join(names, ", ")),
		Err: err,
	}
}

// undo removes the container of a boot that failed. Close tries again.
func (m *machine) undo(ctx context.Context) error {
	err := m.lab.engine.ContainerRemove(ctx, m.id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	if cerrdefs.IsNotFound(err) || cerrdefs.IsConflict(err) {
		return nil
	}
	return err
}

func (m *machine) config(spec runner.MachineSpec, image string) (*container.Config, *container.HostConfig, *network.NetworkingConfig) {
	labels := m.lab.labels()
	labels[LabelNode] = spec.Name
	labels[LabelSpec] = fingerprint(spec)
	config := &container.Config{
		Image:      image,
		Hostname:   spec.Hostname,
		User:       spec.User,
		WorkingDir: spec.Workdir,
		Env:        environ(spec.Env),
		Cmd:        spec.Command,
		Labels:     labels,
		// An image whose command is a shell or a REPL stays up, as with
		// docker run -i -d, and still reads no end of input.
		OpenStdin: true,
	}
	endpoint := &network.EndpointSettings{
		IPAMConfig: &network.EndpointIPAMConfig{IPv4Address: spec.IP.String()},
		Aliases:    []string{spec.Name},
	}
	if spec.Hostname != "" && spec.Hostname != spec.Name {
		endpoint.Aliases = append(endpoint.Aliases, spec.Hostname)
	}
	if m.lab.engine.hasEndpointMAC() {
		endpoint.MacAddress = spec.MAC
	} else {
		config.MacAddress = spec.MAC //nolint:staticcheck // the only place before API 1.44
	}
	host := &container.HostConfig{
		NetworkMode: container.NetworkMode(m.lab.network()),
		Resources:   resources(spec),
		DNSSearch:   []string{"."}, // not this host's
	}
	for _, b := range spec.Mounts {
		host.Mounts = append(host.Mounts, mount.Mount{Type: mount.TypeBind, Source: b.Source, Target: b.Path, ReadOnly: !b.Writable})
	}
	if !m.lab.internet {
		// The engine answers for the lab's own names, and asks elsewhere for
		// others. From a closed lab there is nobody to ask: some engines let
		// the question out all the same, others never answer, so that
		// programs wait ten seconds for what no reader sees.
		host.DNS = []string{"127.0.0.1"}
		host.DNSOptions = []string{"timeout:1", "attempts:1"}
	}
	return config, host, &network.NetworkingConfig{
		EndpointsConfig: map[string]*network.EndpointSettings{m.lab.network(): endpoint},
	}
}

// What a machine may use that says nothing else: enough for a database or a
// BEAM, and little enough that a loop gone wild leaves its host alive.
const (
	defaultMemory = 1 << 30 // bytes
	defaultCPUs   = 2
	defaultTasks  = 1000
)

func resources(spec runner.MachineSpec) container.Resources {
	r := container.Resources{Memory: defaultMemory, PidsLimit: new(int64)}
	*r.PidsLimit = cmp.Or(spec.Tasks, defaultTasks)
	r.Memory = cmp.Or(spec.Memory, r.Memory)
	r.MemorySwap = r.Memory // none: a limit that swaps is no limit
	if r.NanoCPUs = int64(spec.CPUs * 1e9); r.NanoCPUs == 0 {
		// The same by its parts, which a host with fewer cores takes as well.
		r.CPUPeriod, r.CPUQuota = 100_000, defaultCPUs*100_000
	}
	return r
}

func environ(env map[string]string) []string {
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// State tells how the container is, also after its end or removal.
func (m *machine) State(ctx context.Context) (runner.State, error) {
	state := runner.State{IDs: []string{m.id, m.id[:12], m.name}}
	c, err := m.lab.engine.ContainerInspect(ctx, m.id)
	if cerrdefs.IsNotFound(err) {
		state.Reason = "its container was removed"
		return state, nil
	}
	if err != nil {
		return runner.State{}, fmt.Errorf("inspect %s: %w", m.name, err)
	}
	if state.Running = c.State.Running; state.Running {
		return state, nil
	}
	state.Status = c.State.ExitCode
	state.Reason = reason(c.State)
	state.Log = m.tail(ctx)
	return state, nil
}

func reason(s *container.State) string {
	switch {
	case s.OOMKilled:
		return "killed: out of memory"
	case s.Error != "":
		return s.Error
	case s.ExitCode == 128+int(syscall.SIGKILL):
		return "killed (SIGKILL)"
	case s.ExitCode == 128+int(syscall.SIGTERM):
		return "terminated (SIGTERM)"
	case s.ExitCode > 128:
		return "ended by a signal: " + syscall.Signal(s.ExitCode-128).String()
	default:
		return "its command ended"
	}
}

// tail is the end of the container's own output; "" where the engine keeps no
// log that can be read.
func (m *machine) tail(ctx context.Context) string {
	r, err := m.lab.engine.ContainerLogs(ctx, m.id, container.LogsOptions{ShowStdout: true, ShowStderr: true, Tail: logTail})
	if err != nil {
		return ""
	}
	defer r.Close()
	var out bytes.Buffer
	if _, err := stdcopy.StdCopy(&out, &out, r); err != nil {
		m.lab.log.Debug("log cut short", "container", m.name, "error", err)
	}
	return strings.TrimRight(out.String(), "\n")
}

// why explains an error of the engine by the machine's end, if it has ended.
func (m *machine) why(ctx context.Context, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	state, stateErr := m.State(ctx)
	if stateErr != nil || state.Running {
		return err
	}
	return ended(m.node, state)
}

// died returns why the machine has ended, and nil if it has not. A container's
// processes die before the container does, so a machine that still runs is
// looked at for a moment.
func (m *machine) died(ctx context.Context) error {
	for deadline := time.Now().Add(deathDelay); ; {
		if err := m.why(ctx, nil); err != nil || time.Now().After(deadline) || ctx.Err() != nil {
			return err
		}
		time.Sleep(statusPause)
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
