// Package dockertest gives tests what they need of a Docker Engine without
// the internet: a small image, a registry of their own, and a look at what a
// test left behind.
//
// What is missing on the machine fails the test with the command that installs
// it; nothing is skipped. Images stay in the engine for the next run.
package dockertest

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"

	"scenario/runner/docker"
)

const (
	// pause is between two looks at something that is waited for.
	pause = 20 * time.Millisecond
	// patience is how long a registry may take to answer, or a lab that is
	// being closed to be gone.
	patience = 30 * time.Second
)

// Client connects to the engine that the tests use.
func Client(t testing.TB) *client.Client {
	t.Helper()
	c, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	// Not the test's context, which has ended when this is for a cleanup.
	if _, err := c.Ping(context.Background()); err != nil {
		t.Fatalf("the tests need a Docker Engine (tools/setup test installs and starts one): %v", err)
	}
	return c
}

// program finds a program that the tests need, or says how to install it.
func program(t testing.TB, name, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("the tests need %s: apt-get install %s", name, debianPackage)
	}
	return path
}

// importing lets the tests of one process make the image once.
var importing sync.Mutex

// Busybox returns the reference of an image of some two megabytes with
// Debian's busybox and nothing else: sh, stty, and the usual small commands.
// Its command is sh; its user "user" has the number 1000.
func Busybox(t testing.TB) string {
	t.Helper()
	importing.Lock()
	defer importing.Unlock()
	root := BusyboxRoot(t)
	ref := fmt.Sprintf("scenario/test-busybox:%.6x", sha256.Sum256(root))
	Import(t, ref, root, `CMD ["sh"]`)
	return ref
}

// BusyboxRoot is the root file system of Busybox, as a tar archive.
func BusyboxRoot(t testing.TB) []byte {
	t.Helper()
	path := program(t, "busybox", "busybox-static")
	binary, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !static(binary) {
		t.Fatalf("the tests need a busybox that is linked statically, which %s is not: apt-get install busybox-static", path)
	}
	applets, err := exec.Command(path, "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	return busyboxRoot(binary, strings.Fields(string(applets)))
}

// Tar is an archive of programs and other files, which all may be run.
func Tar(files map[string][]byte) []byte {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		// A buffer takes all.
		_ = w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(files[name]))})
		_, _ = w.Write(files[name])
	}
	_ = w.Close()
	return archive.Bytes()
}

// Import makes an image of a tar archive unless the engine has it. Changes are
// instructions of a Dockerfile.
func Import(t testing.TB, ref string, root []byte, changes ...string) {
	t.Helper()
	c := Client(t)
	if _, err := c.ImageInspect(t.Context(), ref); err == nil {
		return
	} else if !cerrdefs.IsNotFound(err) {
		t.Fatal(err)
	}
	body, err := c.ImageImport(t.Context(), image.ImportSource{Source: bytes.NewReader(root), SourceName: "-"}, ref, image.ImportOptions{Changes: changes})
	drain(t, "import "+ref, body, err)
}

// drain reads what the engine streams while it works, and fails on an error in
// it.
func drain(t testing.TB, what string, body io.ReadCloser, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer body.Close()
	for decoder := json.NewDecoder(body); ; {
		var m struct{ Error string }
		switch err := decoder.Decode(&m); {
		case err == io.EOF:
			return
		case err != nil:
			t.Fatalf("%s: %v", what, err)
		case m.Error != "":
			t.Fatalf("%s: %s", what, m.Error)
		}
	}
}

// static reports whether a program runs without a dynamic linker.
func static(binary []byte) bool {
	f, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		return false
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return false
		}
	}
	return true
}

// busyboxRoot is a root file system in which each applet is a link to busybox.
func busyboxRoot(busybox []byte, applets []string) []byte {
	var root bytes.Buffer
	w := tar.NewWriter(&root)
	add := func(h tar.Header, content []byte) {
		h.Size = int64(len(content))
		// A buffer takes all, and the headers are constant.
		_ = w.WriteHeader(&h)
		_, _ = w.Write(content)
	}
	for _, dir := range []string{"bin/", "etc/", "root/", "home/", "var/", "proc/", "sys/", "dev/"} {
		add(tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: 0o755}, nil)
	}
	add(tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}, nil)
	add(tar.Header{Name: "etc/passwd", Mode: 0o644}, []byte("root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home:/bin/sh\n"))
	add(tar.Header{Name: "etc/group", Mode: 0o644}, []byte("root:x:0:\nuser:x:1000:\n"))
	add(tar.Header{Name: "bin/busybox", Mode: 0o755}, busybox)
	for _, applet := range applets {
		if applet != "busybox" {
			add(tar.Header{Typeflag: tar.TypeSymlink, Name: "bin/" + applet, Linkname: "busybox", Mode: 0o777}, nil)
		}
	}
	_ = w.Close()
	return root.Bytes()
}

// Registry runs Debian's docker-registry until the test's end and returns its
// address, 127.0.0.1:PORT, which Docker trusts without TLS.
func Registry(t testing.TB) (addr string) {
	t.Helper()
	path := program(t, "docker-registry", "docker-registry")
	dir := t.TempDir()
	// Another process may take the port before the registry does.
	for try := range 5 {
		port, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr = port.Addr().String()
		port.Close()
		config := filepath.Join(dir, fmt.Sprintf("config%d.yml", try))
		text := fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %q}\n", dir, addr)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if serve(t, path, config, addr) {
			return addr
		}
	}
	t.Fatal("no port for the registry")
	return ""
}

// serve starts a registry and waits until it answers; false when it ended
// instead.
func serve(t testing.TB, path, config, addr string) bool {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(path, "serve", config)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	for deadline := time.Now().Add(patience); ; {
		if r, err := http.Get("http://" + addr + "/v2/"); err == nil {
			r.Body.Close()
			return true
		}
		select {
		case <-ended:
			t.Logf("docker-registry ended: %s", output.String())
			return false
		case <-time.After(pause):
		}
		if time.Now().After(deadline) {
			t.Fatalf("docker-registry does not answer at %s", addr)
		}
	}
}

// Push puts an image of the engine into a registry as name, takes the name out
// of the engine again, and returns the reference to pull.
func Push(t testing.TB, addr, ref, name string) string {
	t.Helper()
	c := Client(t)
	remote := addr + "/" + name
	if err := c.ImageTag(t.Context(), ref, remote); err != nil {
		t.Fatal(err)
	}
	// The client insists on credentials; a registry without users reads none.
	body, err := c.ImagePush(t.Context(), remote, image.PushOptions{RegistryAuth: "e30="})
	drain(t, "push "+remote, body, err)
	Untag(t, remote)
	return remote
}

// Untag takes an image's name out of the engine, and the image if it has no
// other. That it is not there is no error.
func Untag(t testing.TB, ref string) {
	t.Helper()
	c, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// Not the test's context, which has ended when this is a cleanup.
	if _, err := c.ImageRemove(context.Background(), ref, image.RemoveOptions{PruneChildren: true}); err != nil && !cerrdefs.IsNotFound(err) {
		t.Errorf("remove the image %s: %v", ref, err)
	}
}

// Leftovers fails the test if a container or network of a lab is there at its
// end that was not there when Leftovers was called. Labels such as
// "scenario.name=hello" narrow it to the labs of this test; without any, those
// that other tests have open at that moment are waited for.
func Leftovers(t testing.TB, labels ...string) {
	t.Helper()
	c := Client(t)
	before := objects(t, c, labels)
	t.Cleanup(func() {
		left := objects(t, c, labels)
		maps.DeleteFunc(left, func(id, _ string) bool { return before[id] != "" })
		for deadline := time.Now().Add(patience); len(left) > 0; {
			if time.Now().After(deadline) {
				t.Errorf("left in Docker: %v", slices.Sorted(maps.Values(left)))
				return
			}
			time.Sleep(pause)
			now := objects(t, c, labels)
			maps.DeleteFunc(left, func(id, _ string) bool { return now[id] == "" })
		}
	})
}

// Left names the containers and networks with all of the labels; of any lab
// when there are none.
func Left(t testing.TB, labels ...string) []string {
	t.Helper()
	return slices.Sorted(maps.Values(objects(t, Client(t), labels)))
}

// objects are the containers and networks with all of the labels, by id.
func objects(t testing.TB, c *client.Client, labels []string) map[string]string {
	t.Helper()
	if len(labels) == 0 {
		labels = []string{docker.LabelLab}
	}
	filter := filters.NewArgs()
	for _, l := range labels {
		filter.Add("label", l)
	}
	ctx := context.Background() // a cleanup outlives the test's
	containers, err1 := c.ContainerList(ctx, container.ListOptions{All: true, Filters: filter})
	networks, err2 := c.NetworkList(ctx, network.ListOptions{Filters: filter})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, o := range containers {
		found[o.ID] = "container " + strings.Join(o.Names, " ")
	}
	for _, o := range networks {
		found[o.ID] = "network " + o.Name
	}
	return found
}
