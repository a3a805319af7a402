package docker_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// runnerMode makes a child of the tests a runner: a process that has a lab and
// waits to be killed. Its value is the lab's id.
const runnerMode = "SCENARIO_TEST_RUNNER"

func TestMain(m *testing.M) {
	if id := os.Getenv(runnerMode); id != "" {
		runForever(id)
	}
	os.Exit(m.Run())
}

// runForever is a runner with a lab of three nodes, one of which is paused and
// one was started again. It prints the process of its watchdog.
func runForever(id string) {
	ctx := context.Background()
	b := new(docker.Backend)
	must := func(err error) {
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
	if folder := os.Getenv("SCENARIO_TEST_FOLDER"); folder != "" {
		release, err := b.Guard(id, folder)
		must(err)
		defer release() // never comes, and holds the watchdog's pipe
	}
	l, err := b.Open(ctx, runner.LabSpec{ID: id, Scenario: "dockertest", Subnets: runner.Substitutes(netip.MustParsePrefix("172.29.0.0/24"))})
	must(err)
	spec := runner.MachineSpec{IP: l.Subnet().Addr().Next().Next(), Image: runner.Image{Ref: os.Getenv("SCENARIO_TEST_IMAGE")}}
	for _, name := range []string{"hoge", "fuga", "piyo"} {
		spec.Name, spec.Hostname = name, name
		_, err := l.Start(ctx, spec)
		must(err)
		spec.IP = spec.IP.Next()
	}
	for _, c := range [][]string{{"pause", "hoge"}, {"restart", "-t", "0", "fuga"}} {
		c[len(c)-1] = "scenario-" + id + "-" + c[len(c)-1]
		if out, err := exec.Command("docker", c...).CombinedOutput(); err != nil {
			must(fmt.Errorf("docker %q: %w: %s", c, err, out))
		}
	}
	fmt.Println("ready")
	select {}
}

// A child is a runner that was started in a process of its own.
type child struct {
	cmd    *exec.Cmd
	id     string
	folder string // goes with it, if it has a watchdog
}

func startRunner(t *testing.T, watched bool, env ...string) *child {
	t.Helper()
	c := &child{id: newID(), folder: filepath.Join(t.TempDir(), "run")}
	dockertest.Leftovers(t, docker.LabelLab+"="+c.id)
	c.cmd = exec.Command(os.Args[0])
	c.cmd.Env = append(os.Environ(), runnerMode+"="+c.id, "SCENARIO_TEST_IMAGE="+dockertest.Busybox(t))
	c.cmd.Env = append(c.cmd.Env, env...)
	if watched {
		if err := os.Mkdir(c.folder, 0o755); err != nil {
			t.Fatal(err)
		}
		c.cmd.Env = append(c.cmd.Env, "SCENARIO_TEST_FOLDER="+c.folder)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.kill(t) })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the runner says %q, %v", line, err)
	}
	return c
}

func (c *child) kill(t *testing.T) {
	if c.cmd.ProcessState == nil {
		if err := c.cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = c.cmd.Wait() // killed
	}
}

// farEngine is the address of the engine as another host would have it: TCP.
func farEngine(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	near := strings.TrimPrefix(dockertest.Client(t).DaemonHost(), "unix://")
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("unix", near)
			if err != nil {
				from.Close()
				continue
			}
			// Each end closes its half when it has no more to say.
			pass := func(to, from net.Conn) {
				_, _ = io.Copy(to, from)
				if half, ok := to.(interface{ CloseWrite() error }); ok {
					_ = half.CloseWrite()
				}
			}
			go pass(to, from)
			go pass(from, to)
		}
	}()
	return "tcp://" + l.Addr().String()
}

// watchdogs are the processes that watch a lab's runner.
func watchdogs(t *testing.T, id string) (pids []int) {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		line, _ := os.ReadFile(file) // one that has ended meanwhile
		if words := strings.Split(string(line), "\x00"); len(words) > 1 && strings.HasSuffix(words[0], "-watchdog") && words[1] == id {
			var pid int
			if _, err := fmt.Sscanf(file, "/proc/%d/", &pid); err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// A runner that is killed leaves nothing: its watchdog removes the lab, with
// paused and restarted nodes, and the folder, and ends.
func TestWatchdog(t *testing.T) {
	t.Parallel()
	c := startRunner(t, true)
	if n := len(watchdogs(t, c.id)); n != 1 {
		t.Fatalf("%d watchdogs", n)
	}
	c.kill(t)
	killed := time.Now()
	until(t, "nothing is left", func() bool {
		_, err := os.Stat(c.folder)
		return os.IsNotExist(err) && len(dockertest.Left(t, docker.LabelLab+"="+c.id)) == 0
	})
	took := time.Since(killed)
	until(t, "the watchdog is gone", func() bool { return len(watchdogs(t, c.id)) == 0 })
	dockertest.Report(t, "`kill -9` of a runner with three nodes, one paused and one restarted", 1, fmt.Sprintf("nothing, %.1f s later", took.Seconds()))
}

// With the watchdog killed too, the next run sweeps the lab, and no other: not
// that of a runner that lives, and none that is kept.
func TestSweep(t *testing.T) {
	t.Parallel()
	dead := startRunner(t, false)
	alive := startRunner(t, false, "DOCKER_HOST="+farEngine(t)) // as from another host
	b := new(docker.Backend)
	kept, keptID := open(t, b)
	start(t, kept, machine(kept, runner.Image{Ref: dockertest.Busybox(t)}))
	if err := kept.(runner.Keeper).Keep(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	states := func() map[string]docker.LabState {
		labs, err := b.Labs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]docker.LabState{}
		for _, l := range labs {
			all[l.ID] = l.State
		}
		return all
	}
	if s := states(); s[dead.id] != docker.LabRuns || s[alive.id] != docker.LabRuns {
		t.Errorf("before: %v", s)
	}
	dead.kill(t)
	// Another test may have opened a lab meanwhile, and swept this one.
	until(t, "the anchor has ended", func() bool { s := states()[dead.id]; return s == docker.LabDead || s == "" })
	open(t, b)
	s := states()
	if _, ok := s[dead.id]; ok {
		t.Errorf("the lab of the runner that was killed is still there: %v", s)
	}
	if s[alive.id] != docker.LabRuns || s[keptID] != docker.LabKept {
		t.Errorf("after the sweep: %v", s)
	}
	if left := dockertest.Left(t, docker.LabelLab+"="+alive.id); len(left) != 5 {
		t.Errorf("of the lab of the runner that lives there is %v", left)
	}
	dockertest.Report(t, "a sweep beside the lab of a runner that lives, on another host of the same engine, and beside a lab that was kept", 1, "both of them, whole, and nothing else")
	alive.kill(t)
	until(t, "its anchor has ended", func() bool { s := states()[alive.id]; return s == docker.LabDead || s == "" })
	open(t, b)
}

// A lab that is in use is not given again.
func TestReopenInUse(t *testing.T) {
	t.Parallel()
	b := new(docker.Backend)
	l, id := open(t, b)
	start(t, l, machine(l, runner.Image{Ref: dockertest.Busybox(t)}))
	_, err := b.Reopen(t.Context(), runner.LabSpec{ID: id, Scenario: "dockertest", Subnets: []netip.Prefix{l.Subnet()}})
	if env := environmentError(t, err); !strings.Contains(env.What, "in use") {
		t.Error(env)
	}
}

// Helpers may do no more than they need.
func TestHelperContainers(t *testing.T) {
	t.Parallel()
	l, id := open(t, new(docker.Backend))
	start(t, l, machine(l, runner.Image{Ref: dockertest.Busybox(t)}))
	c, err := dockertest.Client(t).ContainerInspect(t.Context(), "scenario-"+id)
	if err != nil {
		t.Fatal(err)
	}
	h := c.HostConfig
	if h.Privileged || len(h.CapAdd) > 0 || len(h.CapDrop) != 1 || !h.ReadonlyRootfs || h.NetworkMode != "none" || h.Memory == 0 || h.PidsLimit == nil || len(c.Mounts) > 0 {
		t.Errorf("the anchor: %+v", h)
	}
	if c.State.Status != container.StateRunning || !c.Config.StdinOnce {
		t.Errorf("the anchor is %s, stdin once %t", c.State.Status, c.Config.StdinOnce)
	}
}
