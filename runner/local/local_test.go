//go:build linux

package local_test

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"scenario/runner"
	"scenario/runner/docker/dockertest"
	"scenario/runner/local"
	"scenario/runner/runnertest"
)

func TestConformance(t *testing.T) {
	runnertest.Test(t, &local.Backend{Root: busybox(t)}, runner.Image{Ref: "busybox"}, runnertest.Hooks{
		Kill: func(t testing.TB, ids []string) {
			for _, pid := range tagged(t, ids[0]) {
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
		},
		Left: func(t testing.TB, lab string) (left []string) {
			for _, pid := range append(tagged(t, lab), tagged(t, lab+"-")...) {
				left = append(left, "process "+strconv.Itoa(pid))
			}
			return left
		},
	})
}

// busybox unpacks a root file system with little in it.
func busybox(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	archive := tar.NewReader(bytes.NewReader(dockertest.BusyboxRoot(t)))
	for {
		h, err := archive.Next()
		if err == io.EOF {
			return root
		}
		name := filepath.Join(root, h.Name)
		switch {
		case err != nil:
		case h.Typeflag == tar.TypeDir:
			err = os.MkdirAll(name, 0o755)
		case h.Typeflag == tar.TypeSymlink:
			err = os.Symlink(h.Linkname, name)
		case h.Typeflag == tar.TypeLink:
			err = os.Link(filepath.Join(root, h.Linkname), name)
		default:
			var content []byte
			if content, err = io.ReadAll(archive); err == nil {
				err = os.WriteFile(name, content, os.FileMode(h.Mode))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// tagged are the helpers of a machine, of a lab, or, by "LAB-", of a lab's
// machines.
func tagged(t testing.TB, tag string) (pids []int) {
	t.Helper()
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range environs {
		env, _ := os.ReadFile(name) // it has ended, or is another user's
		for _, variable := range strings.Split(string(env), "\x00") {
			value, ok := strings.CutPrefix(variable, "SCENARIO_LOCAL=")
			if ok && (value == tag || strings.HasSuffix(tag, "-") && strings.HasPrefix(value, tag)) {
				pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
