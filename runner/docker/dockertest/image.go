package dockertest

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
)

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
