package docker

import (
	"context"
	"crypto/rand"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/image"

	"scenario/runner"
	"scenario/runner/debian"
	"scenario/runner/fetch"
)

// tini is a recipe of a small package.
var tini = debian.Recipe{Suite: "bookworm", Packages: []string{"tini"}}

// realMmdebstrap is what the tests of real packages need.
func realMmdebstrap(t *testing.T) (b *Backend, e *engine, path string) {
	t.Helper()
	path, err := exec.LookPath("mmdebstrap")
	if err != nil {
		t.Fatal("the tests need mmdebstrap: apt-get install mmdebstrap")
	}
	b = new(Backend)
	if e, err = b.connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b, e, path
}

// mmdebstrap that is told to stop in the middle leaves nothing.
func TestMmdebstrapStops(t *testing.T) {
	_, e, mmdebstrap := realMmdebstrap(t)
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var news fetch.News
	defer news.Subscribe(func(line string) {
		if strings.Contains(line, "downloading packages") {
			cancel()
		}
	})()
	stopped := make(chan struct{})
	defer close(stopped)
	go news.Spread(stopped)
	if id, err := e.bootstrap(ctx, mmdebstrap, tini, &news); err == nil || ctx.Err() == nil {
		t.Errorf("bootstrap = %q, %v; want an end in the middle", id, err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left in TMPDIR: %v, %v", left, err)
	}
}

// The real mmdebstrap makes a machine of packages from a real mirror.
func TestMmdebstrap(t *testing.T) {
	t.Parallel()
	b, e, mmdebstrap := realMmdebstrap(t)
	id, err := e.bootstrap(t.Context(), mmdebstrap, tini, new(fetch.News))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := e.ImageRemove(context.Background(), id, image.RemoveOptions{}); err != nil {
			t.Error(err)
		}
	})
	l, err := b.Open(t.Context(), runner.LabSpec{
		ID:       strings.ToLower(rand.Text()[:10]),
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
	m, err := l.Start(t.Context(), runner.MachineSpec{Name: "hoge", Hostname: "hoge", IP: l.Subnet().Addr().Next().Next(), Image: runner.Image{Ref: id}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := m.Exec(t.Context(), runner.Command{
		Argv: []string{"sh", "-c", "locale charmap; tini --version | cut -c 1-4; ls /usr/share/man"},
		Env:  map[string]string{"LANG": "C.UTF-8"},
	})
	if err != nil || string(result.Stdout) != "UTF-8\ntini\n" {
		t.Errorf("%q, %q, %v; want UTF-8, the package, and no manuals", result.Stdout, result.Stderr, err)
	}
	tty, err := m.Open(t.Context(), runner.Command{Argv: []string{"stty", "size"}, Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	if shown, err := io.ReadAll(tty); err != nil || string(shown) != "30 100\r\n" {
		t.Errorf("stty size = %q, %v; want 30 100", shown, err)
	}
	if state, err := m.State(t.Context()); err != nil || !state.Running {
		t.Errorf("State = %+v, %v; want a machine with nothing of its own to run to stay up", state, err)
	}
}
