package docker

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/image"

	"scenario/runner"
)

func TestRecipe(t *testing.T) {
	a, errA := newRecipe(runner.Image{Suite: "trixie", Packages: []string{"elixir", "g++", "elixir"}})
	b, errB := newRecipe(runner.Image{Suite: "trixie", Packages: []string{"g++", "elixir"}})
	if errA != nil || errB != nil || a.tag() != b.tag() {
		t.Errorf("%s, %v and %s, %v; want one tag for one set of packages", a.tag(), errA, b.tag(), errB)
	}
	tags := map[string]bool{}
	for _, img := range []runner.Image{
		{Suite: "trixie"},
		{Suite: "bookworm"},
		{Suite: "trixie", Packages: []string{"elixir"}},
		{Suite: "trixie", Packages: []string{"elixir", "g++"}},
		{Suite: "trixie", Packages: []string{"elixir=1.18.3.dfsg-1", "libc6:i386"}},
	} {
		r, err := newRecipe(img)
		if err != nil || tags[r.tag()] {
			t.Errorf("%+v: tag %s, %v; want one of its own", img, r.tag(), err)
		}
		tags[r.tag()] = true
	}
}

// The real mmdebstrap, with packages from a real mirror.
func TestMmdebstrap(t *testing.T) {
	mmdebstrap, err := exec.LookPath("mmdebstrap")
	if err != nil {
		t.Fatal("the tests need mmdebstrap: apt-get install mmdebstrap")
	}
	b := new(Backend)
	e, err := b.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRecipe(runner.Image{Suite: "bookworm", Packages: []string{"tini"}})
	if err != nil {
		t.Fatal(err)
	}

	t.Run("is told to stop", func(t *testing.T) {
		tmp := t.TempDir()
		t.Setenv("TMPDIR", tmp)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var news news
		defer news.subscribe(func(line string) {
			if strings.Contains(line, "downloading packages") {
				cancel()
			}
		})()
		stopped := make(chan struct{})
		defer close(stopped)
		go news.spread(stopped)
		if id, err := e.bootstrap(ctx, mmdebstrap, r, &news); err == nil || ctx.Err() == nil {
			t.Errorf("bootstrap = %q, %v; want an end in the middle", id, err)
		}
		if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
			t.Errorf("left in TMPDIR: %v, %v", left, err)
		}
	})

	t.Run("makes an image", func(t *testing.T) {
		id, err := e.bootstrap(t.Context(), mmdebstrap, r, new(news))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := e.ImageRemove(context.Background(), id, image.RemoveOptions{}); err != nil {
				t.Error(err)
			}
		})
		l, err := b.Open(t.Context(), runner.LabSpec{
			ID:       "mmdebstrap" + strings.ToLower(strings.ReplaceAll(time.Now().Format("150405.000"), ".", "")),
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
		utf8 := map[string]string{"LANG": "C.UTF-8"}
		result, err := m.Exec(t.Context(), runner.Command{Argv: []string{"sh", "-c", "locale charmap; tini --version | cut -c 1-4; ls /usr/share/man"}, Env: utf8})
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
		// What State says of a machine whose image has nothing to run.
		if state, err := m.State(t.Context()); err != nil || !state.Running {
			t.Errorf("State = %+v, %v; want it up", state, errors.Join(err))
		}
	})
}
