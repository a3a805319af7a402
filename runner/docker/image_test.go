package docker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"

	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// heard gathers what those who wait for an image are told.
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

// pushBig puts an image with eight megabytes that do not compress into a
// registry, and leaves none of it in the engine.
func pushBig(t *testing.T, registry, name string) {
	t.Helper()
	junk := make([]byte, 8<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(junk)
	ref := "scenario/test-big:" + newID()
	dockertest.Import(t, ref, dockertest.Tar(map[string][]byte{"junk": junk}), `CMD ["/junk"]`)
	dockertest.Push(t, registry, ref, name)
	dockertest.Untag(t, ref)
}

// gate is a registry's address by which only the first part of each large blob
// is given, until it is opened.
func gate(t *testing.T, registry string) (addr string, open func()) {
	t.Helper()
	opened := make(chan struct{})
	server := httptest.NewServer(&httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: registry}) },
		ModifyResponse: func(r *http.Response) error {
			if r.ContentLength > 4<<20 {
				r.Body = &gated{r.Body, io.LimitReader(r.Body, 4<<20), opened, r.Request.Context()}
			}
			return nil
		},
	})
	t.Cleanup(func() {
		server.CloseClientConnections() // the engine keeps those of a pull that was given up
		server.Close()
	})
	return strings.TrimPrefix(server.URL, "http://"), sync.OnceFunc(func() { close(opened) })
}

type gated struct {
	io.ReadCloser
	first  io.Reader
	opened chan struct{}
	ctx    context.Context
}

func (g *gated) Read(p []byte) (int, error) {
	if n, err := g.first.Read(p); err == nil {
		return n, nil
	}
	select {
	case <-g.opened:
		return g.ReadCloser.Read(p)
	case <-g.ctx.Done():
		return 0, g.ctx.Err()
	}
}

// Machines of one image wait for one pull, and hear how it goes.
func TestPull(t *testing.T) {
	t.Parallel()
	c := dockertest.Client(t)
	registry := dockertest.Registry(t)
	slow, openGate := gate(t, registry)
	busybox := dockertest.Push(t, registry, dockertest.Busybox(t), "busybox:1")
	pushBig(t, registry, "big:1")
	t.Cleanup(func() { dockertest.Untag(t, busybox) })

	t.Run("used by several", func(t *testing.T) {
		l, _ := open(t, new(docker.Backend))
		var boots sync.WaitGroup
		news := make([]heard, 3)
		for n := range news {
			spec := machine(l, runner.Image{Ref: busybox})
			spec.Name, spec.MAC, spec.Progress = fmt.Sprint("n", n), "", news[n].hear
			for range n {
				spec.IP = spec.IP.Next()
			}
			boots.Go(func() {
				if _, err := l.Start(t.Context(), spec); err != nil {
					t.Error(err)
				}
			})
		}
		boots.Wait()
		for n := range news {
			if !strings.Contains(news[n].String(), "pulling "+busybox) {
				t.Errorf("n%d heard %q, want that %s is pulled", n, &news[n], busybox)
			}
		}
	})

	t.Run("with progress", func(t *testing.T) {
		ref := slow + "/big:1"
		t.Cleanup(func() { dockertest.Untag(t, ref) })
		l, _ := open(t, new(docker.Backend))
		var news heard
		spec := machine(l, runner.Image{Ref: ref})
		spec.Progress = news.hear

		// Given up in the middle, it leaves no image.
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		failed := make(chan error, 1)
		go func() {
			_, err := l.Start(ctx, spec)
			failed <- err
		}()
		part := regexp.MustCompile(regexp.QuoteMeta("pulling "+ref) + ` [0-4]\.\d/8\.4 MB`)
		until(t, "a part of the image is there", func() bool { return part.MatchString(news.String()) })
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("Start = %v, want context.Canceled", err)
		}
		if _, err := c.ImageInspect(t.Context(), ref); !cerrdefs.IsNotFound(err) {
			t.Errorf("the image is there after all: %v", err)
		}

		// There is nothing in it to run, and engines differ in when they say so.
		openGate()
		if _, err := l.Start(t.Context(), spec); errors.As(err, new(*runner.EnvironmentError)) {
			t.Error(err)
		}
		if _, err := c.ImageInspect(t.Context(), ref); err != nil {
			t.Error(err)
		}
	})
}

func TestPullFails(t *testing.T) {
	t.Parallel()
	registry := dockertest.Registry(t)
	l, _ := open(t, new(docker.Backend))
	for ref, says := range map[string]string{
		registry + "/none:1": "manifest unknown",
		"127.0.0.1:1/none:1": "connection refused",
		"Not A Reference":    "invalid reference format",
	} {
		_, err := l.Start(t.Context(), machine(l, runner.Image{Ref: ref}))
		env := environmentError(t, err)
		if env.What != "cannot get the image "+ref || len(env.Tried) == 0 || !strings.Contains(err.Error(), says) {
			t.Errorf("Start = %v; want what was tried, and %q", err, says)
		}
	}
}

// suite is a Debian suite of the test's own, whose base image is busybox with
// an apt-get that notes what it installs.
func suite(t *testing.T) string {
	t.Helper()
	name := "test" + newID()
	base := "debian:" + name + "-slim"
	c := dockertest.Client(t)
	made, err := c.ContainerCreate(t.Context(), &container.Config{Image: dockertest.Busybox(t)}, nil, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.ContainerRemove(t.Context(), made.ID, container.RemoveOptions{}); err != nil {
			t.Error(err)
		}
	}()
	const apt = `#!/bin/sh
case $1 in
update) mkdir -p /var/lib/apt/lists && touch /var/lib/apt/lists/all ;;
install)
	for p; do
		case $p in
		none*) echo "E: Unable to locate package $p" >&2; exit 100 ;;
		install | -*) ;;
		*) echo "Setting up $p (1.0) ..."; echo "$p" >>/installed ;;
		esac
	done ;;
esac
`
	root := dockertest.Tar(map[string][]byte{"bin/apt-get": []byte(apt)})
	if err := c.CopyToContainer(t.Context(), made.ID, "/", bytes.NewReader(root), container.CopyToContainerOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ContainerCommit(t.Context(), made.ID, container.CommitOptions{Reference: base}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dockertest.Untag(t, base) })
	return name
}

// recipes lists the images of a suite's recipes, and removes them at the
// test's end.
func recipes(t *testing.T, suite string) func() []string {
	t.Helper()
	c := dockertest.Client(t)
	list := func() []string {
		images, err := c.ImageList(context.Background(), image.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var tags []string
		for _, i := range images {
			for _, tag := range i.RepoTags {
				if strings.HasPrefix(tag, "scenario/debian:"+suite+"-") {
					tags = append(tags, tag)
				}
			}
		}
		return tags
	}
	t.Cleanup(func() {
		for _, tag := range list() {
			dockertest.Untag(t, tag)
		}
	})
	return list
}

// A recipe is built on its suite's base image once, whatever the order of its
// packages.
func TestRecipeBuild(t *testing.T) {
	t.Parallel()
	c := dockertest.Client(t)
	suite := suite(t)
	images := recipes(t, suite)
	b := new(docker.Backend)
	l, _ := open(t, b)
	var news heard
	spec := machine(l, runner.Image{Suite: suite, Packages: []string{"b-package", "a-package", "b-package"}})
	spec.Progress = news.hear
	m := start(t, l, spec)
	r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"sh", "-c", "cat /installed; ls /var/lib/apt/lists"}})
	if err != nil || string(r.Stdout) != "a-package\nb-package\n" {
		t.Errorf("installed %q, %q, %v; want each package once, and no lists", r.Stdout, r.Stderr, err)
	}
	if !strings.Contains(news.String(), "building Debian "+suite+" with a-package, b-package") {
		t.Errorf("heard %q, want what is built", &news)
	}
	made := images()
	if len(made) != 1 {
		t.Fatalf("images %q, want one", made)
	}
	o, err := c.ImageInspect(t.Context(), made[0])
	if err != nil || o.Config.Labels[docker.LabelRecipe] == "" || !strings.HasSuffix(made[0], o.Config.Labels[docker.LabelRecipe]) {
		t.Errorf("labels %v, %v; want the recipe's hash of %s", o.Config.Labels, err, made[0])
	}

	var silence heard
	other, _ := open(t, b)
	spec = machine(other, runner.Image{Suite: suite, Packages: []string{"a-package", "b-package"}})
	spec.Progress = silence.hear
	start(t, other, spec)
	if again := images(); !slices.Equal(made, again) || silence.String() != "" {
		t.Errorf("images %q, then %q, heard %q; want the image used again", made, again, &silence)
	}
}

func TestRecipeBuildFails(t *testing.T) {
	t.Parallel()
	suite := suite(t)
	images := recipes(t, suite)
	l, _ := open(t, new(docker.Backend))
	_, err := l.Start(t.Context(), machine(l, runner.Image{Suite: suite, Packages: []string{"good", "none-such"}}))
	environmentError(t, err)
	if !strings.Contains(err.Error(), "cannot make an image of Debian "+suite+" with good, none-such") || !strings.Contains(err.Error(), "E: Unable to locate package none-such") {
		t.Errorf("Start = %v; want what apt says", err)
	}
	if made := images(); len(made) > 0 {
		t.Errorf("images of a failed build: %q", made)
	}
	for _, img := range []runner.Image{
		{Suite: suite, Packages: []string{"x; reboot"}},
		{Suite: suite, Packages: []string{"--purge"}},
		{Suite: "suite\nRUN reboot"},
		{Suite: "-v"},
	} {
		var env *runner.EnvironmentError
		if _, err := l.Start(t.Context(), machine(l, img)); err == nil || errors.As(err, &env) || !strings.Contains(err.Error(), "is not the name of a Debian") {
			t.Errorf("Start of %q %q = %v, want the name refused", img.Suite, img.Packages, err)
		}
	}
}

// fakeMmdebstrap puts a script in the place of mmdebstrap. $busybox is an
// archive to give.
func fakeMmdebstrap(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	root := dockertest.BusyboxRoot(t)
	if err := os.WriteFile(filepath.Join(dir, "root.tar"), root, 0o600); err != nil {
		t.Fatal(err)
	}
	script = "#!/bin/sh\nbusybox=" + filepath.Join(dir, "root.tar") + "\n" + script
	if err := os.WriteFile(filepath.Join(dir, "mmdebstrap"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

// Where a suite has no base image, the recipe is made from its packages.
func TestRecipeBootstrap(t *testing.T) {
	suite := "test" + newID()
	images := recipes(t, suite)
	l, _ := open(t, new(docker.Backend))
	spec := machine(l, runner.Image{Suite: suite, Packages: []string{"elixir"}})
	fails := func(t *testing.T, says ...string) {
		t.Helper()
		_, err := l.Start(t.Context(), spec)
		environmentError(t, err)
		for _, s := range says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("Start = %v; want %q", err, s)
			}
		}
		if made := images(); len(made) > 0 {
			t.Errorf("images of a failed build: %q", made)
		}
	}
	t.Run("not installed", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := l.Start(t.Context(), spec)
		if env := environmentError(t, err); env.Hint != "apt-get install mmdebstrap" || len(env.Tried) != 2 || !strings.Contains(env.Tried[0], "pull debian:"+suite+"-slim") {
			t.Errorf("Start = %v, hint %q; want the pull that was tried, and what to install", err, env.Hint)
		}
	})
	t.Run("fails with nothing", func(t *testing.T) {
		fakeMmdebstrap(t, "echo 'I: running apt-get update...' >&2; echo 'E: Unable to locate package elixr' >&2; exit 25")
		fails(t, "exit status 25", "E: Unable to locate package elixr")
	})
	t.Run("fails in the middle", func(t *testing.T) {
		fakeMmdebstrap(t, "head -c 100000 $busybox; echo 'E: disk full' >&2; exit 25")
		fails(t, "E: disk full")
	})
	t.Run("fails at the end", func(t *testing.T) {
		fakeMmdebstrap(t, "cat $busybox; echo 'E: too late' >&2; exit 25")
		fails(t, "E: too late")
	})
	t.Run("gives no archive", func(t *testing.T) {
		fakeMmdebstrap(t, "echo nonsense")
		fails(t, "mmdebstrap: ")
	})
	t.Run("is told to stop", func(t *testing.T) {
		marks := t.TempDir()
		fakeMmdebstrap(t, "trap 'kill $!; touch "+marks+"/cleaned; exit 1' TERM; sleep 1000 & echo 'I: working' >&2; wait")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stopped := spec
		stopped.Progress = func(line string) {
			if strings.Contains(line, "working") {
				cancel()
			}
		}
		if _, err := l.Start(ctx, stopped); !errors.Is(err, context.Canceled) {
			t.Errorf("Start = %v, want context.Canceled", err)
		}
		if _, err := os.Stat(filepath.Join(marks, "cleaned")); err != nil {
			t.Errorf("mmdebstrap had no time to clean up: %v", err)
		}
		if made := images(); len(made) > 0 {
			t.Errorf("images of a build that was stopped: %q", made)
		}
	})
	t.Run("succeeds", func(t *testing.T) {
		fakeMmdebstrap(t, `cat $busybox`)
		start(t, l, spec)
		if made := images(); len(made) != 1 {
			t.Errorf("images %q, want one", made)
		}
	})
}
