package docker

import (
	"context"
	"fmt"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"scenario/runner"
)

// Stop ends the container's command by SIGTERM, or after the grace, in whole
// seconds, by SIGKILL.
func (m *machine) Stop(ctx context.Context, grace time.Duration) error {
	seconds := int((grace + time.Second - 1) / time.Second)
	return m.did("stop", m.lab.engine.ContainerStop(ctx, m.id, container.StopOptions{Timeout: &seconds}))
}

// Kill ends the container by SIGKILL, and waits for its end.
func (m *machine) Kill(ctx context.Context) error {
	ended, failed := m.lab.engine.ContainerWait(ctx, m.id, container.WaitConditionNotRunning)
	if err := m.lab.engine.ContainerKill(ctx, m.id, "KILL"); err != nil && !cerrdefs.IsConflict(err) {
		return m.did("kill", err)
	}
	select {
	case <-ended:
		return nil
	case err := <-failed:
		return m.did("kill", err)
	}
}

// Start starts the container again. It has another network namespace than
// before, and so another helper.
func (m *machine) Start(ctx context.Context) error {
	m.aide.Lock()
	defer m.aide.Unlock()
	if err := m.did("start", m.lab.engine.ContainerStart(ctx, m.id, container.StartOptions{})); err != nil {
		return err
	}
	return m.dismiss(ctx)
}

// Pause freezes the container's processes.
func (m *machine) Pause(ctx context.Context) error {
	return m.did("pause", m.lab.engine.ContainerPause(ctx, m.id))
}

// Resume lets them go on.
func (m *machine) Resume(ctx context.Context) error {
	return m.did("resume", m.lab.engine.ContainerUnpause(ctx, m.id))
}

func (m *machine) did(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s the container %s: %w", what, m.name, spoken{err})
	}
	return nil
}

// never is how the engine writes the time of what has not happened.
const never = "0001-"

// logLines is how much of a container's output is looked through.
const logLines = "10000"

// Log is what the container's command has printed since its last start.
func (m *machine) Log(ctx context.Context) (string, error) {
	c, err := m.lab.engine.ContainerInspect(ctx, m.id)
	if err != nil {
		return "", fmt.Errorf("inspect %s: %w", m.name, spoken{err})
	}
	// Its first words may have come before the engine took note of its start.
	options := container.LogsOptions{ShowStdout: true, ShowStderr: true, Tail: logLines}
	if !strings.HasPrefix(c.State.FinishedAt, never) {
		options.Since = c.State.FinishedAt
	}
	r, err := m.lab.engine.ContainerLogs(ctx, m.id, options)
	if err != nil {
		return "", fmt.Errorf("read the log of %s: %w", m.name, spoken{err})
	}
	defer r.Close()
	var out runner.Kept
	if _, err := stdcopy.StdCopy(&out, &out, r); err != nil {
		return "", fmt.Errorf("read the log of %s: %w", m.name, err)
	}
	text, _ := out.Result() // who looks for a line finds the newest
	return string(text), nil
}
