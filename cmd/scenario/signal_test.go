package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// started is a scenario that runs in a process of its own and whose step has
// begun: the file /tmp/started is there, on the node.
type started struct {
	cmd       *exec.Cmd
	stderr    bytes.Buffer
	container string
}

func start(t *testing.T, dir, name string) *started {
	t.Helper()
	script := filepath.Join(dir, name+".star")
	text := `
web = node("web", image(param("image")))
web.sh("true", name = "before")
web.sh("touch /tmp/started; sleep 1000", timeout = 1000)
`
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s := &started{cmd: exec.Command("scenario", "run", "--param", "image="+dockertest.Busybox(t), script)}
	s.cmd.Env = append(os.Environ(), "CI=", "NO_COLOR=1")
	s.cmd.Stderr = &s.stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cmd.Process.Kill() })

	api := dockertest.Client(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		list, err := api.ContainerList(ctx, container.ListOptions{Filters: filters.NewArgs(
			filters.Arg("label", docker.LabelScenario+"="+name), filters.Arg("label", docker.LabelNode))})
		if err != nil {
			t.Fatalf("%v; the scenario says:\n%s", err, &s.stderr)
		}
		if len(list) == 1 {
			s.container = list[0].ID
			if _, err := api.ContainerStatPath(ctx, s.container, "/tmp/started"); err == nil {
				return s
			}
		}
		time.Sleep(20 * time.Millisecond) // between two looks
	}
}

// wait returns the exit status.
func (s *started) wait(t *testing.T) int {
	t.Helper()
	err := s.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return s.cmd.ProcessState.ExitCode()
}

// A signal ends a run in the middle of a step; the lab goes with it.
func TestSignals(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			name := own("test-" + strings.ReplaceAll(sig.String(), " ", "-"))
			times := dockertest.Often(1, 20)
			for range times {
				signalled(t, name, sig)
			}
			dockertest.Report(t, fmt.Sprintf("%s (signal %d)", sig, sig), times, "nothing")
		})
	}
}

func signalled(t *testing.T, name string, sig syscall.Signal) {
	t.Helper()
	dir := t.TempDir()
	s := start(t, dir, name)
	if err := s.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	if code := s.wait(t); code != exitInterrupted {
		t.Errorf("exit status %d, want %d; it says:\n%s", code, exitInterrupted, &s.stderr)
	}
	if !strings.Contains(s.stderr.String(), "interrupted") {
		t.Errorf("it does not say that it was interrupted:\n%s", &s.stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "golden")); err == nil {
		t.Error("a run that did not end has written goldens")
	}
	if left := remains(t, name, dir, t.TempDir()); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// A machine that is killed from outside ends the step that runs on it.
func TestNodeKilled(t *testing.T) {
	dockertest.Leftovers(t, docker.LabelScenario+"=test-killed")
	dir := t.TempDir()
	s := start(t, dir, "test-killed")
	if err := dockertest.Client(t).ContainerKill(t.Context(), s.container, "KILL"); err != nil {
		t.Fatal(err)
	}
	if code := s.wait(t); code != exitStep {
		t.Errorf("exit status %d, want %d", code, exitStep)
	}
	if !strings.Contains(s.stderr.String(), "web.sh: the program has ended: the node itself has ended (killed") {
		t.Errorf("it says:\n%s", &s.stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "golden")); err == nil {
		t.Error("a run that failed has written goldens")
	}
}

// Whoever reads what we say may stop reading; the run goes on to its end.
func TestClosedPipe(t *testing.T) {
	dockertest.Leftovers(t, docker.LabelScenario+"=test-pipe")
	dir := t.TempDir()
	script := filepath.Join(dir, "test-pipe.star")
	if err := os.WriteFile(script, []byte("node(\"web\", image(param(\"image\"))).sh(\"echo hello\")\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("scenario", "run", "--param", "image="+dockertest.Busybox(t), script)
	cmd.Env = append(os.Environ(), "CI=")
	cmd.Stderr = w
	if err := errors.Join(r.Close(), cmd.Run(), w.Close()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "golden", "test-pipe@web.sh.golden")); err != nil {
		t.Error(err)
	}
}
