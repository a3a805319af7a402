package dockertest

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/docker/docker/api/types/image"
)

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
