package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/pkg/stdcopy"

	"scenario/runner/helper"
)

// What a helper may use. It needs 10 MB, and a thread for each thing that it
// does at once.
const (
	helperMemory = 128 << 20 // bytes
	helperTasks  = 64
)

// staleHelper is the age at which another version's image of the helper is
// removed. A run that has just made it will start a container of it.
const staleHelper = 10 * time.Minute

// errNoHelper says that this program cannot run in the engine's containers.
var errNoHelper = errors.New("this program is not one for the engine's Linux")

// helperImage is the image in which this program is its own helper. It is made
// once for each version of the program.
func (e *engine) helperImage(ctx context.Context) (string, error) {
	e.helper.Lock()
	defer e.helper.Unlock()
	if e.helper.ref != "" {
		return e.helper.ref, nil
	}
	if runtime.GOOS != "linux" {
		return "", errNoHelper
	}
	version, err := programVersion()
	if err != nil {
		return "", err
	}
	ref := "scenario/helper:" + version
	have, err := e.has(ctx, ref)
	if err == nil && !have {
		err = e.makeHelper(ctx, ref)
	}
	if err != nil {
		return "", err
	}
	e.helper.ref = ref
	return ref, nil
}

// thisProgram is where Linux has the file of this process.
const thisProgram = "/proc/self/exe"

// programVersion tells this program from others, by the id that Go builds into
// each: of 25 MB, to read all would take longer than to ask the engine.
func programVersion() (string, error) {
	f, err := elf.Open(thisProgram)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var id []byte
	if note := f.Section(".note.go.buildid"); note != nil {
		if id, err = note.Data(); err != nil {
			return "", err
		}
	}
	if len(id) < 32 { // built without one
		if id, err = os.ReadFile(thisProgram); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%.6x", sha256.Sum256(id)), nil
}

func (e *engine) makeHelper(ctx context.Context, ref string) error {
	program, err := os.ReadFile(thisProgram)
	if err != nil {
		return err
	}
	version, err := e.ServerVersion(ctx)
	if err != nil {
		return err
	}
	if version.Os != runtime.GOOS || version.Arch != runtime.GOARCH {
		return fmt.Errorf("%w: it is for %s/%s, and the engine's machine is %s/%s", errNoHelper, runtime.GOOS, runtime.GOARCH, version.Os, version.Arch)
	}
	root, err := helperRoot(program)
	if err != nil {
		return err
	}
	body, err := e.ImageImport(ctx, image.ImportSource{Source: root, SourceName: "-"}, ref, image.ImportOptions{
		Changes: []string{"LABEL " + LabelHelper + "=1", `ENTRYPOINT ["` + helper.Name + `"]`},
	})
	if err != nil {
		return err
	}
	defer body.Close()
	if err := follow(body, func(message) {}); err != nil {
		return err
	}
	e.dropHelpers(ctx, ref)
	return nil
}

// dropHelpers removes what other versions have left and no container uses.
func (e *engine) dropHelpers(ctx context.Context, but string) {
	list, err := e.ImageList(ctx, image.ListOptions{Filters: filters.NewArgs(filters.Arg("label", LabelHelper))})
	if err != nil {
		return
	}
	for _, i := range list {
		name := i.ID // of one that was made twice at once, and has lost its name
		if len(i.RepoTags) > 0 && i.RepoTags[0] != "<none>:<none>" {
			name = i.RepoTags[0]
		}
		if name != but && (name == i.ID || time.Since(time.Unix(i.Created, 0)) > staleHelper) {
			// One that is in use is for another time.
			_, _ = e.ImageRemove(ctx, name, image.RemoveOptions{})
		}
	}
}

// helperRoot is a root file system with the program, and the libraries that it
// is linked to if it was built with cgo.
func helperRoot(program []byte) (io.Reader, error) {
	files := map[string][]byte{helper.Name: program}
	if err := addLibraries(files, program); err != nil {
		return nil, fmt.Errorf("find the libraries of this program: %w", err)
	}
	var root bytes.Buffer
	w := tar.NewWriter(&root)
	for name, content := range files {
		// A buffer takes all.
		_ = w.WriteHeader(&tar.Header{Name: strings.TrimPrefix(name, "/"), Mode: 0o755, Size: int64(len(content))})
		_, _ = w.Write(content)
	}
	_ = w.Close()
	return &root, nil
}

// addLibraries adds what a program or library needs, at the places where the
// dynamic linker finds it.
func addLibraries(files map[string][]byte, program []byte) error {
	f, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		name, err := io.ReadAll(p.Open())
		if err != nil {
			return err
		}
		interpreter := string(bytes.TrimRight(name, "\x00"))
		if files[interpreter], err = os.ReadFile(interpreter); err != nil {
			return err
		}
	}
	names, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := addLibrary(files, name); err != nil {
			return err
		}
	}
	return nil
}

func addLibrary(files map[string][]byte, name string) error {
	for _, dir := range []string{"/lib64", "/lib", "/usr/lib64", "/usr/lib", "/lib/*-linux-*", "/usr/lib/*-linux-*"} {
		found, _ := filepath.Glob(filepath.Join(dir, name))
		for _, path := range found {
			library, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			// Of the folders that are searched, the first that every linker has.
			if at := "/lib/" + name; files[at] == nil {
				files[at] = library
				return addLibraries(files, library)
			}
			return nil
		}
	}
	return fmt.Errorf("there is no %s", name)
}

// helperSpec is what a helper's container is.
type helperSpec struct {
	name    string
	labels  map[string]string
	network container.NetworkMode
	admin   bool // whether it may change its network
}

// createHelper makes the container of a helper, and does not start it.
func (e *engine) createHelper(ctx context.Context, spec helperSpec) (id string, err error) {
	ref, err := e.helperImage(ctx)
	if err != nil {
		return "", err
	}
	tasks := int64(helperTasks)
	host := &container.HostConfig{
		NetworkMode:    spec.network,
		LogConfig:      container.LogConfig{Type: "none"},
		CapDrop:        []string{"ALL"},
		ReadonlyRootfs: true,
		SecurityOpt:    []string{"no-new-privileges"},
		Resources:      container.Resources{Memory: helperMemory, MemorySwap: helperMemory, PidsLimit: &tasks},
	}
	if spec.admin {
		host.CapAdd = []string{"NET_ADMIN"}
	}
	config := &container.Config{
		Image:  ref,
		Labels: spec.labels,
		// It ends with the connection of whoever started it.
		OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true,
	}
	made, err := e.ContainerCreate(ctx, config, host, nil, nil, spec.name)
	if cerrdefs.IsNotFound(err) {
		// Somebody has removed the image since we looked.
		e.helper.Lock()
		e.helper.ref = ""
		e.helper.Unlock()
		if config.Image, err = e.helperImage(ctx); err == nil {
			made, err = e.ContainerCreate(ctx, config, host, nil, nil, spec.name)
		}
	}
	return made.ID, err
}

// aHelper is a helper that runs.
type aHelper struct {
	*helper.Client
	ended <-chan struct{} // closed when it has ended, or the connection to it
}

// startHelper starts a helper's container, which ends when what is returned is
// closed or this process dies.
func (e *engine) startHelper(ctx context.Context, id string) (*aHelper, error) {
	stream, err := e.ContainerAttach(ctx, id, container.AttachOptions{Stream: true, Stdin: true, Stdout: true})
	if err != nil {
		return nil, err
	}
	if err := e.ContainerStart(ctx, id, container.StartOptions{}); err != nil {
		stream.Close()
		return nil, err
	}
	s := newHelperStream(stream)
	return &aHelper{helper.NewClient(s), s.ended}, nil
}

// helperStream is the input and the output of a helper.
type helperStream struct {
	types.HijackedResponse
	io.Reader
	ended chan struct{}
}

func newHelperStream(s types.HijackedResponse) helperStream {
	r, w := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, err := stdcopy.StdCopy(w, io.Discard, s.Reader)
		w.CloseWithError(err)
	}()
	return helperStream{s, r, ended}
}

func (s helperStream) Write(p []byte) (int, error) { return s.Conn.Write(p) }

func (s helperStream) Close() error { return s.Conn.Close() }
