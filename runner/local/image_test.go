//go:build linux

package local_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"scenario/runner"
	"scenario/runner/local"
)

// potato is an image that this host is not.
var potato = runner.Image{Suite: "potato", Packages: []string{"spud"}}

// fake is an mmdebstrap that makes images of the folder busybox. It notes each
// begin in the file log, waits while there is a file gate, and fails if there is
// a file fail.
const fake = `#!/bin/sh
here=$(dirname "$0")
for target; do :; done
mkdir -p "$target/etc/apt/apt.conf.d"
echo begun >>"$here/log"
echo "I: peeling..." >&2
while test -e "$here/gate"; do sleep 0.01; done
if test -e "$here/fail"; then echo "E: rotten" >&2; exit 25; fi
cp -a "$here/busybox/." "$target"
echo potato >"$target/etc/made"
echo option >"$target/etc/apt/apt.conf.d/99mmdebstrap"
`

// kitchen is a folder with the fake, which is in the PATH, and the cache.
func kitchen(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mmdebstrap"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(busybox(t), filepath.Join(dir, "busybox")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	return dir
}

// ownCache gives the test a cache of its own, in which files may belong to ids
// that only a namespace has.
func ownCache(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "local-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if os.RemoveAll(dir) == nil {
			return
		}
		if out, err := exec.Command("unshare", "--map-root-user", "--map-auto", "rm", "-rf", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	t.Setenv("XDG_CACHE_HOME", dir)
}

func touch(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

// begun is how often the fake has begun.
func begun(dir string) int {
	log, _ := os.ReadFile(filepath.Join(dir, "log")) // or it has not
	return strings.Count(string(log), "begun")
}

// cached is what the cache has of images: whole ones, and others.
func cached(t *testing.T, dir string) (found []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "cache/scenario/images/*/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		kind, _, _ := strings.Cut(filepath.Base(name), "-")
		found = append(found, kind)
	}
	return found
}

// Two runs make an image once, and machines of it do not change it.
func TestImage(t *testing.T) {
	dir := kitchen(t)
	var news heard
	var runs sync.WaitGroup
	for n := range 2 {
		l := open(t, new(local.Backend), wanted)
		runs.Go(func() {
			spec := machine(l, n)
			spec.Image, spec.Progress = potato, news.hear
			m, err := l.Start(t.Context(), spec)
			if err != nil {
				t.Error(err)
				return
			}
			const script = "cat /etc/made; echo mine >/etc/made; touch /bin/new; rm /bin/ls; ls /etc/apt/apt.conf.d | wc -l; stat -c '%u %g' /bin/sh /etc/made"
			for _, want := range []string{"potato\n0\n0 0\n0 0\n", "mine\n0\n0 0\n0 0\n"} {
				if r := run(t, m, strings.ReplaceAll(script, "ls /", "busybox ls /")); string(r.Stdout) != want {
					t.Errorf("the machine shows %q, %q; want %q", r.Stdout, r.Stderr, want)
				}
			}
		})
	}
	runs.Wait()
	if n := begun(dir); n != 1 {
		t.Errorf("the image was made %d times", n)
	}
	if got := news.String(); !strings.Contains(got, "building Debian potato with spud") {
		t.Errorf("heard %q", got)
	}
	if got := cached(t, dir); len(got) != 1 || got[0] != "image" {
		t.Errorf("the cache has %q", got)
	}
}

// An image that fails or is given up leaves nothing.
func TestImageFails(t *testing.T) {
	dir := kitchen(t)
	touch(t, filepath.Join(dir, "fail"))
	l := open(t, new(local.Backend), wanted)
	spec := machine(l, 0)
	spec.Image = potato
	_, err := l.Start(t.Context(), spec)
	var env *runner.EnvironmentError
	if !errors.As(err, &env) || !strings.Contains(err.Error(), "node a: image: cannot make Debian potato with spud\n  tried: this machine is ") ||
		!strings.Contains(err.Error(), "\n  tried: mmdebstrap: it ends with status 25\n    E: rotten") {
		t.Errorf("%v (%T)", err, err)
	}
	if got := cached(t, dir); len(got) > 0 {
		t.Errorf("the cache has %q", got)
	}
	touch(t, filepath.Join(dir, "gate"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, err := l.Start(ctx, spec); ended <- err }()
	until(t, "the image is under way", func() bool { return begun(dir) == 2 })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
	if got := cached(t, dir); len(got) > 0 {
		t.Errorf("the cache has %q", got)
	}
}

// What a killed runner leaves of an image is not taken for one, and goes with
// the next.
func TestImageKilled(t *testing.T) {
	dir := kitchen(t)
	touch(t, filepath.Join(dir, "gate"))
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), makeVariable+"=1")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the image is under way", func() bool { return begun(dir) == 1 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if got := cached(t, dir); len(got) != 1 || got[0] != "part" {
		t.Errorf("the cache has %q, want what is not whole", got)
	}
	if err := os.Remove(filepath.Join(dir, "gate")); err != nil {
		t.Fatal(err)
	}
	l := open(t, new(local.Backend), wanted)
	spec := machine(l, 0)
	spec.Image = potato
	m := start(t, l, spec)
	if got := sh(t, m, "cat /etc/made"); got != "potato\n" {
		t.Errorf("the machine has %q", got)
	}
	if got := cached(t, dir); len(got) != 1 || got[0] != "image" || begun(dir) != 2 {
		t.Errorf("the cache has %q, after %d begins", got, begun(dir))
	}
}

// makePotato starts a machine, and is killed before it can.
func makePotato() {
	l, err := new(local.Backend).Open(context.Background(), runner.LabSpec{ID: newID(), Scenario: "test", Subnets: wanted})
	if err == nil {
		_, err = l.Start(context.Background(), runner.MachineSpec{Name: "a", IP: netip.MustParseAddr("172.29.0.2"), Image: potato})
	}
	fmt.Fprintln(os.Stderr, "the image was made:", err)
	os.Exit(1)
}

// The real mmdebstrap makes a machine of packages from a real mirror.
func TestMmdebstrap(t *testing.T) {
	ownCache(t)
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		t.Fatal("the tests need mmdebstrap: apt-get install mmdebstrap")
	}
	l := open(t, new(local.Backend), wanted)
	spec := machine(l, 0)
	spec.Image = runner.Image{Suite: "trixie", Packages: []string{"tini"}}
	m := start(t, l, spec)
	const script = "locale charmap; tini --version | cut -c 1-4; ls /usr/share/man; stat -c '%U %a' /tmp; stat -c %G /var/mail; echo x >/usr/bin/x; rm /usr/bin/tini"
	want := "UTF-8\ntini\nroot 1777\nmail\n"
	if rootOnly(t) {
		want = strings.Replace(want, "mail", "root", 1)
	}
	r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"sh", "-c", script}, Env: map[string]string{"LANG": "C.UTF-8"}})
	if err != nil || string(r.Stdout) != want || len(r.Stderr) > 0 {
		t.Errorf("%q, %q, %v; want %q", r.Stdout, r.Stderr, err, want)
	}
}

// heard is the news that a machine's start gave.
type heard struct {
	mu    sync.Mutex
	lines []string
}

func (h *heard) hear(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, line)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.lines, "\n")
}
