package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"scenario/runner"
)

// ReadFile reads a regular file of the machine, through symbolic links. What
// a machine mounts after its start (/proc, a tmpfs) is not seen.
func (m *machine) ReadFile(ctx context.Context, name string) ([]byte, error) {
	if !path.IsAbs(name) {
		return nil, fmt.Errorf("read %s: not an absolute path", name)
	}
	stat, err := m.lab.engine.ContainerStatPath(ctx, m.id, name)
	target := name
	if stat.LinkTarget != "" {
		target = stat.LinkTarget
	}
	var r io.ReadCloser
	if err == nil {
		r, stat, err = m.lab.engine.CopyFromContainer(ctx, m.id, target)
	}
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("read %s: %w", name, context.Cause(ctx))
	case cerrdefs.IsNotFound(err):
		return nil, m.why(ctx, fmt.Errorf("read %s: no such file on node %s", name, m.node))
	case err != nil:
		return nil, m.why(ctx, fmt.Errorf("read %s: %w", name, spoken{err}))
	}
	defer r.Close()
	if !stat.Mode.IsRegular() {
		return nil, fmt.Errorf("read %s: not a regular file on node %s (%s)", name, m.node, stat.Mode)
	}
	if stat.Size > runner.StepLimit {
		return nil, runner.TooLarge(name, stat.Size)
	}
	archive := tar.NewReader(r)
	if _, err := archive.Next(); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	content, err := io.ReadAll(archive)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return content, nil
}

// WriteFile writes a file of the machine, and the folders that it needs.
func (m *machine) WriteFile(ctx context.Context, name string, content []byte, mode int64) error {
	if err := m.copyIn(ctx, map[string][]byte{name: content}, mode); err != nil {
		return m.why(ctx, err)
	}
	return nil
}

// copyIn unpacks files in the machine. The archive holds no folders: the
// engine makes those that are missing, and would change the mode of those that
// are there.
func (m *machine) copyIn(ctx context.Context, files map[string][]byte, mode int64) error {
	var buf bytes.Buffer
	archive := tar.NewWriter(&buf)
	now := time.Now()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !path.IsAbs(name) {
			return fmt.Errorf("write %s: not an absolute path", name)
		}
		header := tar.Header{
			Name:    strings.TrimPrefix(path.Clean(name), "/"),
			Mode:    mode,
			Size:    int64(len(files[name])),
			ModTime: now,
		}
		// A buffer takes all; an error is one of the header.
		if err := archive.WriteHeader(&header); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		_, _ = archive.Write(files[name])
	}
	_ = archive.Close()
	names := strings.Join(slices.Sorted(maps.Keys(files)), ", ")
	if err := m.lab.engine.CopyToContainer(ctx, m.id, "/", &buf, container.CopyToContainerOptions{}); err != nil {
		return fmt.Errorf("write %s: %w", names, spoken{err})
	}
	return nil
}
