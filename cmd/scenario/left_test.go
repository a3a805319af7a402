package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// Whoever closes the window in which a run is under way ends the run.
func TestClosedTerminal(t *testing.T) {
	name := own("test-closed")
	for range dockertest.Often(1, 20) {
		dir := t.TempDir()
		script := filepath.Join(dir, name+".star")
		if err := os.WriteFile(script, []byte("web = node(\"web\", image(param(\"image\")))\nweb.sh(\"touch /tmp/started; sleep 1000\", timeout = 1000)\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("scenario", "run", "--param", "image="+dockertest.Busybox(t), script)
		cmd.Env = append(os.Environ(), "CI=", "TERM=xterm-256color")
		tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
		if err != nil {
			t.Fatal(err)
		}
		go io.Copy(io.Discard, tty)
		api := dockertest.Client(t)
		waitFor(t, "the step has begun", func() bool {
			list, err := api.ContainerList(t.Context(), container.ListOptions{Filters: filters.NewArgs(
				filters.Arg("label", docker.LabelScenario+"="+name), filters.Arg("label", docker.LabelNode))})
			if err != nil || len(list) != 1 {
				return false
			}
			_, err = api.ContainerStatPath(t.Context(), list[0].ID, "/tmp/started")
			return err == nil
		})
		if err := tty.Close(); err != nil {
			t.Fatal(err)
		}
		if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
			t.Errorf("exit status %d", cmd.ProcessState.ExitCode())
		}
		if left := remains(t, name, dir, t.TempDir()); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
	dockertest.Report(t, "the terminal's window is closed", dockertest.Often(1, 20), "nothing")
}

// small makes a file system of some kilobytes.
func small(t *testing.T, dir string, kilobytes string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+kilobytes+"k"); err != nil {
		t.Fatalf("the test needs root, for a file system of its own: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
}

// Where there is no room for goldens, or for the recording, that is said, the
// files are as they were, and nothing else is left.
func TestFullDisk(t *testing.T) {
	name := own("test-full")
	script := `
web = node("web", image(param("image")))
web.sh("echo one", name = "one")
web.sh("i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done", name = "two")
`
	run := func(t *testing.T, dir string, flags ...string) (string, int) {
		path := filepath.Join(dir, name+".star")
		if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("scenario", append(append([]string{"run", "--param", "image=" + dockertest.Busybox(t)}, flags...), path)...)
		cmd.Env = append(os.Environ(), "CI=", "NO_COLOR=1")
		said, _ := cmd.CombinedOutput()
		return string(said), cmd.ProcessState.ExitCode()
	}
	defer dockertest.Report(t, "a full disk: for new goldens, for a golden that was there, for the recording", 3, "nothing; the golden that was there is as it was")
	t.Run("goldens", func(t *testing.T) {
		dir := t.TempDir()
		small(t, filepath.Join(dir, "golden"), "16")
		said, code := run(t, dir)
		if code != exitEnvironment || !strings.Contains(said, "error: the golden cannot be written: ") || !strings.Contains(said, "no space left on device") {
			t.Errorf("exit status %d:\n%s", code, said)
		}
		if left := remains(t, name, dir, t.TempDir()); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		if _, err := os.Stat(filepath.Join(dir, "golden", "two@web.sh.golden")); err == nil {
			t.Error("a golden is there for which there was no room")
		}
	})
	t.Run("a golden that is there", func(t *testing.T) {
		dir := t.TempDir()
		small(t, filepath.Join(dir, "golden"), "16")
		file := filepath.Join(dir, "golden", "two@web.sh.golden")
		before := []byte("$ what was accepted\n")
		if err := os.WriteFile(file, before, 0o644); err != nil {
			t.Fatal(err)
		}
		said, code := run(t, dir, "--update")
		if code != exitEnvironment {
			t.Errorf("exit status %d:\n%s", code, said)
		}
		if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
			t.Errorf("the golden that was there is now %q, %v", after, err)
		}
	})
	t.Run("recording", func(t *testing.T) {
		dir := t.TempDir()
		small(t, dir, "32")
		said, code := run(t, dir)
		if code != exitEnvironment || !strings.Contains(said, "no space left on device") {
			t.Errorf("exit status %d:\n%s", code, said)
		}
		if left := remains(t, name, dir, t.TempDir()); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}
