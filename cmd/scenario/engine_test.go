package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/client"

	"scenario/runner/docker/dockertest"
)

// ownEngine is a Docker Engine of a test's own, beside the machine's. The
// environment names it until the test's end.
type ownEngine struct {
	t   *testing.T
	dir string
	cmd *exec.Cmd
}

func startEngine(t *testing.T) *ownEngine {
	t.Helper()
	dir, err := os.MkdirTemp("", "scenario-engine-") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	e := &ownEngine{t: t, dir: dir}
	t.Cleanup(func() {
		e.stop()
		// What a container had mounted may go a moment after its engine.
		waitFor(t, "the engine's folder can be removed", func() bool {
			_ = exec.Command("sh", "-c", "findmnt -rno TARGET | grep -F '"+dir+"' | sort -r | xargs -r umount").Run()
			return os.RemoveAll(dir) == nil
		})
	})
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(dir, "sock"))
	e.start()
	return e
}

// waitFor polls a condition.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute until %s", what)
		}
	}
}

func (e *ownEngine) start() {
	e.t.Helper()
	log, err := os.OpenFile(filepath.Join(e.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		e.t.Fatal(err)
	}
	defer log.Close()
	path := func(name string) string { return filepath.Join(e.dir, name) }
	config := path("daemon.json") // not the machine's
	if err := os.WriteFile(config, []byte("{}"), 0o644); err != nil {
		e.t.Fatal(err)
	}
	e.cmd = exec.Command("dockerd", "--config-file", config, "--host", "unix://"+path("sock"), "--data-root", path("data"), "--exec-root", path("exec"),
		"--pidfile", path("pid"), "--bridge=none", "--shutdown-timeout=1", "--iptables=false", "--ip-masq=false")
	e.cmd.Stdout, e.cmd.Stderr = log, log
	// In a network of its own: it would take the machine's docker0 for one that
	// it has left itself.
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Cloneflags: syscall.CLONE_NEWNET}
	if err := e.cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
	c, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		e.t.Fatal(err)
	}
	defer c.Close()
	defer func() {
		if e.t.Failed() {
			said, _ := os.ReadFile(log.Name())
			e.t.Logf("the engine says:\n%s", said)
		}
	}()
	waitFor(e.t, "the engine answers", func() bool { _, err := c.Ping(e.t.Context()); return err == nil })
}

func (e *ownEngine) stop() {
	if e.cmd == nil {
		return
	}
	_ = e.cmd.Process.Signal(syscall.SIGTERM) // which may have ended
	_ = e.cmd.Wait()
	e.cmd = nil
}

// An engine that is started again in the middle of a run ends the run, whose lab
// is removed as soon as there is an engine to ask.
func TestEngineRestarted(t *testing.T) {
	e := startEngine(t)
	times := dockertest.Often(1, 5)
	for range times {
		e.restartInRun()
	}
	dockertest.Report(t, "the engine is started again in mid-run", times, "nothing")
}

// restartInRun starts the engine again in the middle of a run.
func (e *ownEngine) restartInRun() {
	t, dir := e.t, e.t.TempDir()
	s := start(t, dir, "test-engine")
	e.stop()
	e.start()
	if code := s.wait(t); code != exitStep && code != exitEnvironment {
		t.Errorf("exit status %d", code)
	}
	if said := s.stderr.String(); !strings.Contains(said, "web.sh: ") || strings.Contains(said, "warning: ") {
		t.Errorf("it says:\n%s", said)
	}
	if left := remains(t, "test-engine", dir, t.TempDir()); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// When an engine's addresses are used up, it is said what to remove.
func TestAddressesUsedUp(t *testing.T) {
	startEngine(t)
	script := filepath.Join(t.TempDir(), "full.star")
	if err := os.WriteFile(script, []byte("node(\"a\", image(param(\"image\"))).sh(\"true\")\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(flags ...string) (string, int) {
		cmd := exec.Command("scenario", append(append([]string{"run", "--param", "image=" + dockertest.Busybox(t)}, flags...), script)...)
		cmd.Env = append(os.Environ(), "CI=", "NO_COLOR=1")
		said, _ := cmd.CombinedOutput()
		return string(said), cmd.ProcessState.ExitCode()
	}
	for name, subnet := range map[string]string{"mine-172": "172.16.0.0/12", "mine-10": "10.0.0.0/8"} {
		if out, err := exec.Command("docker", "network", "create", "--internal", "--opt", "com.docker.network.bridge.inhibit_ipv4=true", "--subnet", subnet, name).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	said, code := run()
	if code != exitEnvironment || !strings.Contains(said, "error: full.star:1:1: node a: no address range is free for the lab's network") &&
		!strings.Contains(said, "no address range is free for the lab's network") ||
		!strings.Contains(said, "overlaps the network mine-172 (172.16.0.0/12)") || !strings.Contains(said, "overlaps the network mine-10 (10.0.0.0/8)") ||
		!strings.Contains(said, "hint: docker network prune\n") {
		t.Errorf("exit status %d:\n%s", code, said)
	}

	// One range, which a lab takes that was kept.
	if out, err := exec.Command("docker", "network", "rm", "mine-172").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, subnet := range []string{"172.20.0.0/14", "172.24.0.0/13", "172.16.0.0/15", "172.19.0.0/16"} {
		if out, err := exec.Command("docker", "network", "create", "--internal", "--opt", "com.docker.network.bridge.inhibit_ipv4=true", "--subnet", subnet, strings.ReplaceAll(subnet, "/", "-")).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if said, code := run("--keep"); code != exitOK {
		t.Fatalf("exit status %d:\n%s", code, said)
	}
	if said, code := run(); code != exitEnvironment || !strings.Contains(said, "hint: scenario down --all\n") {
		t.Errorf("exit status %d:\n%s", code, said)
	}
	if out, err := exec.Command("scenario", "down", "--all").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if said, code := run(); code != exitOK {
		t.Errorf("exit status %d:\n%s", code, said)
	}
	dockertest.Report(t, "the engine's addresses are used up", 2, "nothing; it is said what to remove")
}
