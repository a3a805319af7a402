package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// long makes short tests long: what is tried a few times is tried often.
func long(short, often int) int {
	if os.Getenv("SCENARIO_SOAK") != "" {
		return often
	}
	return short
}

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
	const name = "test-kill9"
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
	for i := range long(6, 60) {
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
	t.Logf("all was gone within %s", slowest.Round(time.Millisecond))
	cmd := command()
	cmd.Args = append(cmd.Args, "--frozen")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the next run: %v\n%s", err, out)
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
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range processes {
		line, _ := os.ReadFile(file) // one that has ended meanwhile
		if bytes.Contains(line, []byte(dir)) {
			left = append(left, fmt.Sprintf("process %q", bytes.ReplaceAll(line, []byte{0}, []byte(" "))))
		}
	}
	return left
}
