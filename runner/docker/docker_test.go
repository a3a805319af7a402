package docker_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"

	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
	"scenario/runner/runnertest"
)

func TestConformance(t *testing.T) {
	c := dockertest.Client(t)
	runnertest.Test(t, new(docker.Backend), runner.Image{Ref: dockertest.Busybox(t)}, runnertest.Hooks{
		Kill: func(t testing.TB, ids []string) {
			if err := c.ContainerKill(t.Context(), ids[0], "KILL"); err != nil {
				t.Fatal(err)
			}
		},
		Left: func(t testing.TB, lab string) []string { return dockertest.Left(t, docker.LabelLab+"="+lab) },
	})
}

// newID is a lab's id that no other test has.
func newID() string { return strings.ToLower(rand.Text()[:10]) }

// open opens a lab whose leftovers fail the test.
func open(t *testing.T, b *docker.Backend) (l runner.Lab, id string) {
	t.Helper()
	id = newID()
	dockertest.Leftovers(t, docker.LabelLab+"="+id)
	l, err := b.Open(t.Context(), runner.LabSpec{
		ID:       id,
		Scenario: "dockertest",
		Subnets:  runner.Substitutes(netip.MustParsePrefix("172.29.0.0/24")),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return l, id
}

// machine is what most tests start.
func machine(l runner.Lab, img runner.Image) runner.MachineSpec {
	ip := l.Subnet().Addr().Next().Next()
	b := ip.As4()
	return runner.MachineSpec{
		Name:     "hoge",
		Hostname: "hoge",
		IP:       ip,
		MAC:      fmt.Sprintf("02:42:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3]),
		Image:    img,
	}
}

func start(t *testing.T, l runner.Lab, spec runner.MachineSpec) runner.Machine {
	t.Helper()
	m, err := l.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// environmentError is the error if it is one that exits with 4, and no other.
func environmentError(t *testing.T, err error) *runner.EnvironmentError {
	t.Helper()
	var env *runner.EnvironmentError
	if !errors.As(err, &env) {
		t.Fatalf("%v (%T), want an EnvironmentError", err, err)
	}
	return env
}

// until polls a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 30 s until %s", what)
		}
	}
}

// What a lab makes is labelled, closed, and no more than it was asked for.
func TestObjects(t *testing.T) {
	t.Parallel()
	c := dockertest.Client(t)
	l, id := open(t, new(docker.Backend))
	spec := machine(l, runner.Image{Ref: dockertest.Busybox(t)})
	spec.Hostname, spec.Memory, spec.CPUs = "other", 64<<20, 0.5
	m := start(t, l, spec)

	n, err := c.NetworkInspect(t.Context(), "scenario-"+id, network.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n.Driver != "bridge" || !n.Internal || n.Labels[docker.LabelLab] != id || n.Labels[docker.LabelScenario] != "dockertest" {
		t.Errorf("network: driver %s, internal %t, labels %v", n.Driver, n.Internal, n.Labels)
	}
	if got, want := n.IPAM.Config[0].Gateway, l.Subnet().Addr().Next().String(); got != want {
		t.Errorf("gateway %s, want %s", got, want)
	}

	o, err := c.ContainerInspect(t.Context(), "scenario-"+id+"-hoge")
	if err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string]string{docker.LabelLab: id, docker.LabelScenario: "dockertest", docker.LabelNode: "hoge"} {
		if got := o.Config.Labels[label]; got != want {
			t.Errorf("label %s = %q, want %q", label, got, want)
		}
	}
	h := o.HostConfig
	if h.Privileged || len(h.PortBindings) > 0 || h.PublishAllPorts || len(o.Mounts) > 0 || h.AutoRemove {
		t.Errorf("privileged %t, ports %v, mounts %v, removed by itself %t", h.Privileged, h.PortBindings, o.Mounts, h.AutoRemove)
	}
	if h.Memory != spec.Memory || h.MemorySwap != spec.Memory || h.NanoCPUs != 5e8 || h.PidsLimit == nil || *h.PidsLimit != 1000 {
		t.Errorf("memory %d, with swap %d, cpus %d e-9", h.Memory, h.MemorySwap, h.NanoCPUs)
	}
	if !o.Config.OpenStdin || o.Config.Tty || o.Config.StdinOnce {
		t.Errorf("stdin open %t, tty %t, once %t", o.Config.OpenStdin, o.Config.Tty, o.Config.StdinOnce)
	}
	state, err := m.State(t.Context())
	if err != nil || len(state.IDs) < 2 || state.IDs[0] != o.ID || state.IDs[1] != o.ID[:12] {
		t.Errorf("State = %+v, %v; want the ids of %s", state, err, o.ID)
	}
}

// Nodes know each other by name, and nothing of this host's names.
func TestNames(t *testing.T) {
	t.Parallel()
	l, _ := open(t, new(docker.Backend))
	spec := machine(l, runner.Image{Ref: dockertest.Busybox(t)})
	m := start(t, l, spec)
	other := spec
	other.Name, other.Hostname, other.IP, other.MAC = "fuga", "fuga-host", spec.IP.Next(), ""
	start(t, l, other)
	for _, name := range []string{"fuga", "fuga-host"} {
		r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"ping", "-c", "1", "-w", "10", name}})
		if err != nil || !strings.Contains(string(r.Stdout), other.IP.String()) {
			t.Errorf("ping %s: %s%s, %v; want an answer of %s", name, r.Stdout, r.Stderr, err, other.IP)
		}
	}
	r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"cat", "/etc/resolv.conf"}})
	if err != nil || strings.Contains(string(r.Stdout), "search") {
		t.Errorf("resolv.conf: %s, %v; want no search domain", r.Stdout, err)
	}
}

// Who may not signal a container's processes kills an exec, and its children,
// from within.
func TestKillInside(t *testing.T) {
	t.Parallel()
	c := dockertest.Client(t)
	l, _ := open(t, new(docker.Backend))
	m := start(t, l, machine(l, runner.Image{Ref: dockertest.Busybox(t)}))
	state, err := m.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	killed := make(chan int, 1)
	go func() {
		r, _ := m.Exec(t.Context(), runner.Command{Argv: []string{"sh", "-c", "sleep 6543; echo"}})
		killed <- r.Status
	}()
	// pid is the exec's process on this host: the parent of the sleep.
	pid := func() (pid int) {
		top, err := c.ContainerTop(t.Context(), state.IDs[0], []string{"-eo", "pid,ppid,args"})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range top.Processes {
			if p[2] == "sleep 6543" {
				if pid, err = strconv.Atoi(p[1]); err != nil {
					t.Fatal(err)
				}
			}
		}
		return pid
	}
	until(t, "the exec runs", func() bool { return pid() != 0 })
	if err := docker.KillInside(t.Context(), m, pid()); err != nil {
		t.Fatal(err)
	}
	if status := <-killed; status != 137 {
		t.Errorf("Exec = status %d, want 137", status)
	}
	until(t, "its child has ended", func() bool { return pid() == 0 })
}

func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	l, _ := open(t, new(docker.Backend))
	spec := machine(l, runner.Image{Ref: dockertest.Busybox(t)})
	spec.Memory = 16 << 20
	spec.Command = []string{"tail", "-n", "1", "/dev/zero"} // a line without an end
	m := start(t, l, spec)
	var state runner.State
	until(t, "the machine has used up its memory", func() bool {
		var err error
		if state, err = m.State(t.Context()); err != nil {
			t.Fatal(err)
		}
		return !state.Running
	})
	if state.Reason != "killed: out of memory" {
		t.Errorf("State = %+v, want it out of memory", state)
	}
}

// A container that somebody attached to the lab's network does not keep it.
func TestCloseWithStranger(t *testing.T) {
	t.Parallel()
	c := dockertest.Client(t)
	l, id := open(t, new(docker.Backend))
	stranger, err := c.ContainerCreate(t.Context(), &container.Config{Image: dockertest.Busybox(t), OpenStdin: true}, nil, nil, nil, "stranger-"+id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.ContainerRemove(context.Background(), stranger.ID, container.RemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	})
	if err := c.ContainerStart(t.Context(), stranger.ID, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.NetworkConnect(t.Context(), "scenario-"+id, stranger.ID, nil); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if o, err := c.ContainerInspect(t.Context(), stranger.ID); err != nil || !o.State.Running {
		t.Errorf("the stranger was touched: %v", err)
	}
}

// A lab that was kept can be played in again: its machines have their files and
// none of their programs, and what is wanted otherwise by now is made anew.
func TestReopen(t *testing.T) {
	t.Parallel()
	b := new(docker.Backend)
	l, id := open(t, b)
	image := runner.Image{Ref: dockertest.Busybox(t)}
	hoge := machine(l, image)
	hoge.Files = map[string][]byte{"/declared": []byte("as declared")}
	fuga := hoge
	fuga.Name, fuga.Hostname, fuga.IP, fuga.MAC = "fuga", "fuga", hoge.IP.Next(), ""
	do := func(m runner.Machine, script, want string) {
		t.Helper()
		res, err := m.Exec(t.Context(), runner.Command{Argv: []string{"sh", "-c", script}})
		if err != nil || string(res.Stdout) != want {
			t.Errorf("%s: %q, %v; want %q", script, res.Stdout, err, want)
		}
	}
	for _, spec := range []runner.MachineSpec{hoge, fuga} {
		m := start(t, l, spec)
		do(m, "echo kept > /kept; echo other > /declared; sleep 1000 > /dev/null 2>&1 & until pidof sleep > /dev/null; do :; done; echo runs", "runs\n")
	}

	spec := runner.LabSpec{ID: id, Scenario: "dockertest", Subnets: runner.Substitutes(netip.MustParsePrefix("172.29.0.0/24"))}
	if err := l.(runner.Keeper).Keep(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	again, err := b.Reopen(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if again.Subnet() != l.Subnet() {
		t.Errorf("the subnet is %s, and was %s", again.Subnet(), l.Subnet())
	}
	m := start(t, again, hoge)
	do(m, "cat /kept /declared; pidof sleep || echo; echo ended", "kept\nas declared\nended\n")
	c := dockertest.Client(t)
	if o, err := c.ContainerInspect(t.Context(), "scenario-"+id+"-fuga"); err != nil || o.State.Running {
		t.Errorf("a machine that nobody asks for runs, or %v", err)
	}
	fuga.Env = map[string]string{"A": "b"}
	do(start(t, again, fuga), "cat /kept; echo $A", "b\n")

	for _, test := range []struct {
		change func(*runner.LabSpec)
		want   string
	}{
		{func(s *runner.LabSpec) { s.ID = "none" }, "there is no lab none of dockertest; there is "},
		{func(s *runner.LabSpec) { s.ID, s.Scenario = "none", "nobody" }, "there is no lab none of nobody; --keep leaves one"},
		{func(s *runner.LabSpec) { s.Internet = true }, "does not have the network that the script asks for by now"},
		{func(s *runner.LabSpec) { s.Subnets = s.Subnets[len(s.Subnets)-1:] }, "does not have the network"},
	} {
		spec := spec
		test.change(&spec)
		_, err := b.Reopen(t.Context(), spec)
		if environmentError(t, err); !strings.Contains(err.Error(), test.want) {
			t.Errorf("Reopen = %v, want %q", err, test.want)
		}
	}
}

// Where the reader's range and its neighbours are taken, a lab has another;
// where all are, the error names the networks in the way.
func TestSubnetsTaken(t *testing.T) {
	c := dockertest.Client(t)
	var taken []netip.Prefix
	for b := 17; b <= 31; b++ {
		subnet := netip.MustParsePrefix(fmt.Sprintf("172.%d.0.0/16", b))
		name := fmt.Sprintf("taken-%s-%d", newID(), b)
		n, err := c.NetworkCreate(t.Context(), name, network.CreateOptions{
			Driver: "bridge",
			Labels: map[string]string{"scenario-test": t.Name()},
			IPAM:   &network.IPAM{Config: []network.IPAMConfig{{Subnet: subnet.String()}}},
		})
		if err != nil && b > 17 {
			continue // another test has it, perhaps not for long
		}
		taken = append(taken, subnet)
		if err != nil {
			continue // the engine's own
		}
		t.Cleanup(func() {
			if err := c.NetworkRemove(context.Background(), n.ID); err != nil {
				t.Error(err)
			}
		})
	}
	b := new(docker.Backend)
	id := newID()
	dockertest.Leftovers(t, docker.LabelLab+"="+id)
	l, err := b.Open(t.Context(), runner.LabSpec{ID: id, Scenario: "dockertest", Subnets: runner.Substitutes(taken[1])})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close(context.Background())
	for _, p := range taken {
		if l.Subnet().Overlaps(p) {
			t.Errorf("the lab has %s, which is taken", l.Subnet())
		}
	}

	_, err = b.Open(t.Context(), runner.LabSpec{ID: newID(), Scenario: "dockertest", Subnets: taken})
	env := environmentError(t, err)
	if !strings.Contains(err.Error(), "the network bridge (172.17.0.0/16)") || len(env.Tried) != len(taken) || env.Hint == "" {
		t.Errorf("Open = %v, hint %q; want each network that is in the way", err, env.Hint)
	}
}

func TestNoEngine(t *testing.T) {
	abandoned := filepath.Join(t.TempDir(), "abandoned.sock")
	s, err := net.Listen("unix", abandoned)
	if err != nil {
		t.Fatal(err)
	}
	s.(*net.UnixListener).SetUnlinkOnClose(false)
	s.Close()
	for _, test := range []struct{ host, says string }{
		{"unix://" + filepath.Join(t.TempDir(), "none.sock"), "no Docker Engine answers"},
		{"unix://" + abandoned, "no Docker Engine answers"},
		{"tcp://127.0.0.1:1", "no Docker Engine answers"},
		{"ssh://user@host", "forward the engine's socket"},
		{"nonsense", "nonsense"},
	} {
		t.Run(test.host, func(t *testing.T) {
			t.Setenv(client.EnvOverrideHost, test.host)
			_, err := new(docker.Backend).Open(t.Context(), runner.LabSpec{ID: newID(), Subnets: []netip.Prefix{netip.MustParsePrefix("172.18.0.0/16")}})
			if env := environmentError(t, err); !strings.Contains(err.Error(), test.says) || env.Hint == "" {
				t.Errorf("Open = %v, hint %q; want %q and a hint", err, env.Hint, test.says)
			}
		})
	}
	t.Run("it hangs", func(t *testing.T) {
		socket := filepath.Join(t.TempDir(), "hangs.sock")
		s, err := net.Listen("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		t.Setenv(client.EnvOverrideHost, "unix://"+socket)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := new(docker.Backend).Open(ctx, runner.LabSpec{ID: newID()}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Open = %v, want context.DeadlineExceeded", err)
		}
	})
}

// An engine that has another machine's files mounts none of this one's.
func TestMountsFarAway(t *testing.T) {
	tunnel, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tunnel.Close()
	go func() {
		for {
			near, err := tunnel.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("unix", strings.TrimPrefix(client.DefaultDockerHost, "unix://"))
			if err != nil {
				near.Close()
				return
			}
			go func() { io.Copy(far, near); far.Close() }()
			go func() { io.Copy(near, far); near.Close() }()
		}
	}()
	for _, test := range []struct{ summary, host, source string }{
		{"over TCP", "tcp://" + tunnel.Addr().String(), t.TempDir()},
		{"at the other end of a socket", client.DefaultDockerHost, filepath.Join(t.TempDir(), "there is none")},
	} {
		t.Run(test.summary, func(t *testing.T) {
			t.Setenv(client.EnvOverrideHost, test.host)
			l, _ := open(t, new(docker.Backend))
			spec := machine(l, runner.Image{Ref: dockertest.Busybox(t)})
			spec.Mounts = []runner.Mount{{Path: "/data", Source: test.source, Name: "data"}}
			_, err := l.Start(t.Context(), spec)
			environmentError(t, err)
			if !strings.Contains(err.Error(), "cannot mount data; files = … copies") {
				t.Errorf("Start = %v, want what serves instead", err)
			}
		})
	}
}

// An image without a shell can run commands, and says why it has no terminal.
func TestTerminalNeedsShell(t *testing.T) {
	t.Parallel()
	l, _ := open(t, new(docker.Backend))
	spec := machine(l, runner.Image{Ref: dockertest.Busybox(t)})
	spec.Command = []string{"/bin/busybox", "sleep", "1000"}
	m := start(t, l, spec)
	if r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"rm", "/bin/sh"}}); err != nil || r.Status != 0 {
		t.Fatalf("rm: %+v, %v", r, err)
	}
	tty, err := m.Open(t.Context(), runner.Command{Argv: []string{"true"}, Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	_, err = tty.Read(make([]byte, 1024))
	if err == nil || !strings.Contains(err.Error(), "a terminal needs sh, which the image of node hoge lacks") {
		t.Errorf("Read = %v, want what the image lacks", err)
	}
}
