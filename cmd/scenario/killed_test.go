package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// own is a scenario's name that no test has which runs beside this one, on the
// same engine.
func own(name string) string { return fmt.Sprintf("%s-%d", name, os.Getpid()) }

// removal is how long what a killed run leaves may be there.
const removal = 5 * time.Second

const killedScript = `
a = node("a", image(param("image")))
b = node("b", image(param("image")))
c = node("c", image(param("image")))
for n in [a, b, c]:
    n.sh("echo one; sleep 0.1", name = "one")
a.pause()
b.restart(grace = 0.1)
partition(b, c)
for n in [b, c]:
    n.sh("echo two", name = "two")
a.resume()
`

// A run that is killed at any moment leaves nothing: no container, no network,
// no process and no file but what a run that has ended leaves.
func TestKilled(t *testing.T) {
	name := own("test-kill9")
	dir, tmp := t.TempDir(), t.TempDir()
	script := filepath.Join(dir, name+".star")
	if err := os.WriteFile(script, []byte(killedScript), 0o644); err != nil {
		t.Fatal(err)
	}
	command := func() *exec.Cmd {
		cmd := exec.Command("scenario", "run", "--param", "image="+dockertest.Busybox(t), script)
		cmd.Env = append(os.Environ(), "CI=", "NO_COLOR=1", "TMPDIR="+tmp)
		return cmd
	}
	began := time.Now()
	if out, err := command().CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := time.Since(began)
	seed := uint64(began.UnixNano())
	t.Logf("seed %d; a run takes %s", seed, whole.Round(time.Millisecond))
	random := rand.New(rand.NewPCG(seed, 0))
	var slowest time.Duration
	for i := range dockertest.Often(6, 60) {
		cmd := command()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		moment := time.NewTimer(time.Duration(random.Int64N(int64(whole)))).C
		<-moment // which is the one of the kill
		how := syscall.SIGKILL
		if i%6 == 5 {
			how = syscall.SIGQUIT // by which Go ends a program as by a panic
		}
		if err := cmd.Process.Signal(how); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		killed := time.Now()
		left := remains(t, name, dir, tmp)
		for len(left) > 0 && time.Since(killed) < removal {
			time.Sleep(20 * time.Millisecond) // between two looks
			left = remains(t, name, dir, tmp)
		}
		if len(left) > 0 {
			t.Fatalf("%s after the kill there is %v", time.Since(killed), left)
		}
		slowest = max(slowest, time.Since(killed))
	}
	times := dockertest.Often(6, 60)
	dockertest.Report(t, "`kill -9` of the runner (and, of six times one, an end as by a panic) at a random moment, with paused, restarted and cut off nodes", times,
		fmt.Sprintf("nothing, %.1f s later at most", slowest.Seconds()))
	cmd := command()
	cmd.Args = append(cmd.Args, "--frozen")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the next run: %v\n%s", err, out)
	}
}

// With its watchdog killed as well, a run's lab is there until the next run, of
// whatever scenario, or until somebody removes it.
func TestKilledWatchdog(t *testing.T) {
	name := own("test-watchdog9")
	times := dockertest.Often(2, 20)
	for i := range times {
		dir := t.TempDir()
		s := start(t, dir, name)
		watchdogs := processes(t, "scenario-docker-watchdog", dir)
		if len(watchdogs) != 1 {
			t.Fatalf("there are %d watchdogs: %v", len(watchdogs), watchdogs)
		}
		for pid := range watchdogs {
			if err := errors.Join(syscall.Kill(pid, syscall.SIGKILL), s.cmd.Process.Kill()); err != nil {
				t.Fatal(err)
			}
		}
		_ = s.cmd.Wait() // killed
		if len(dockertest.Left(t, docker.LabelScenario+"="+name)) == 0 && i == 0 {
			t.Log("another test's run has swept already")
		}
		command := []string{"down", name}
		if i%2 == 0 {
			other := filepath.Join(t.TempDir(), "other.star")
			if err := os.WriteFile(other, []byte("node(\"a\", image(param(\"image\")))\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			command = []string{"run", "--param", "image=" + dockertest.Busybox(t), other}
		}
		waitFor(t, "the anchor has ended", func() bool {
			out, err := exec.Command("scenario", "ps").CombinedOutput()
			return err == nil && !regexp.MustCompile(name+" +running").Match(out)
		})
		out, err := exec.Command("scenario", command...).CombinedOutput()
		if err != nil && !strings.Contains(string(out), "there is no lab") { // swept by another test's run
			t.Errorf("%q: %v\n%s", command, err, out)
		}
		if left := dockertest.Left(t, docker.LabelScenario+"="+name); len(left) > 0 {
			t.Errorf("left after %q: %v", command, left)
		}
	}
	dockertest.Report(t, "`kill -9` of the runner and of its watchdog", times, "the lab, until the next run or `scenario down`; then nothing")
}

// A run that is killed while an image is made leaves none, and not the half of
// one: what makes it is told to stop.
func TestKilledBuild(t *testing.T) {
	name := own("test-build9")
	times := dockertest.Often(1, 5)
	for range times {
		dir, tmp := t.TempDir(), t.TempDir()
		script := filepath.Join(dir, name+".star")
		if err := os.WriteFile(script, []byte("node('a', debian('bookworm', ['tini', 'tree'])).sh('true')\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("scenario", "run", script)
		cmd.Env = append(os.Environ(), "CI=", "TMPDIR="+tmp)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "an image is being made", func() bool {
			made, err := filepath.Glob(filepath.Join(tmp, "mmdebstrap.*", "usr"))
			return err != nil || len(made) > 0 || cmd.ProcessState != nil
		})
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		waitFor(t, "nothing is left", func() bool { return len(remains(t, name, dir, tmp)) == 0 })
	}
	dockertest.Report(t, "`kill -9` of the runner while mmdebstrap makes an image", times, "nothing")
}

// A run that ends by itself, in whatever way, leaves nothing.
func TestEnds(t *testing.T) {
	for _, end := range []struct {
		what, script string
		code         int
	}{
		{"success", "", exitOK},
		{"a failed step", "a.sh('false')\n", exitStep},
		{"a step that takes too long", "a.sh('sleep 1000', timeout = 0.2)\n", exitStep},
		{"an error in the script", "a.nothing\n", exitUsage},
		{"a fault of a node, not mended", "partition(a, b)\nb.pause()\na.kill()\n", exitOK},
	} {
		name := own("test-ends")
		times := dockertest.Often(1, 20)
		for range times {
			dir, tmp := t.TempDir(), t.TempDir()
			script := filepath.Join(dir, name+".star")
			text := "a = node('a', image(param('image')))\nb = node('b', image(param('image')))\na.sh('true')\n" + end.script
			if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("scenario", "run", "--param", "image="+dockertest.Busybox(t), script)
			cmd.Env = append(os.Environ(), "CI=", "TMPDIR="+tmp)
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != end.code {
				t.Errorf("%s: exit status %d, want %d\n%s", end.what, code, end.code, out)
			}
			if left := remains(t, name, dir, tmp); len(left) > 0 {
				t.Errorf("%s: left: %v", end.what, left)
			}
		}
		dockertest.Report(t, end.what, times, "nothing")
	}
}

// remains is what there is of runs that are over, beside the last recording and
// the goldens.
func remains(t *testing.T, name, dir, tmp string) []string {
	t.Helper()
	left := dockertest.Left(t, docker.LabelScenario+"="+name)
	files := func(root string) {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // it went while we looked
			}
			last, _ := os.Readlink(filepath.Join(dir, ".scenario", name, "last"))
			switch base := d.Name(); {
			case path == root, base == ".scenario", base == name, base == "golden", base == "last", strings.HasSuffix(base, ".star"), base == ".gitignore":
			case strings.HasPrefix(base, "run-"):
				if base != last {
					left = append(left, path)
				}
				return fs.SkipDir
			case filepath.Ext(base) == ".golden" && filepath.Base(filepath.Dir(path)) == "golden":
			default:
				left = append(left, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	files(dir)
	files(tmp)
	for _, folder := range []string{dir, tmp} {
		for _, line := range processes(t, folder) {
			left = append(left, "process "+line)
		}
	}
	return left
}

// processes are those whose command line has all of the words.
func processes(t *testing.T, words ...string) map[int]string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	found := map[int]string{}
	for _, file := range files {
		text, _ := os.ReadFile(file) // one that has ended meanwhile
		line := strings.ReplaceAll(string(text), "\x00", " ")
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}
		found[pid] = line
	}
	return found
}
