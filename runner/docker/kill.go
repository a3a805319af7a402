package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/docker/docker/api/types/container"
)

// killTimeout bounds the killing of one exec, which runs on nobody's time.
const killTimeout = 5 * time.Second

// kill ends the process group of an exec. The engine has no request for it:
// closing an exec's connection leaves its program running, and its pid is one
// of the engine's host. So it works where this host sees the process, by a
// signal, or where only root may send that, by a kill in the container. On an
// engine elsewhere the program lives until its lab is closed.
func (m *machine) kill(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), killTimeout)
	defer cancel()
	pid, err := m.execPID(ctx, id)
	if err != nil || pid == 0 || !m.lab.engine.local() {
		return
	}
	if !m.owns(pid) {
		m.lab.log.Debug("exec left to the end of its lab: its process is not on this host", "container", m.name, "pid", pid)
		return
	}
	err = syscall.Kill(-pid, syscall.SIGKILL)
	if errors.Is(err, syscall.EPERM) {
		err = m.killInside(ctx, pid)
	}
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		m.lab.log.Debug("exec left to the end of its lab", "container", m.name, "pid", pid, "error", err)
	}
}

// execPID is an exec's process on the engine's host, 0 when it has ended. A
// program may run for a moment before the engine knows its pid.
func (m *machine) execPID(ctx context.Context, id string) (int, error) {
	for {
		exec, err := m.lab.engine.ContainerExecInspect(ctx, id)
		switch {
		case err != nil:
			return 0, err
		case !exec.Running:
			return 0, nil
		case exec.Pid != 0:
			return exec.Pid, nil
		}
		time.Sleep(statusPause)
	}
}

// owns reports whether a process of this host is in the machine's container.
// The engine's pids mean other processes here when it runs in a virtual
// machine or behind a tunnel.
func (m *machine) owns(pid int) bool {
	groups, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	return err == nil && bytes.Contains(groups, []byte(m.id))
}

// killInside kills a process group of the machine by its number there.
func (m *machine) killInside(ctx context.Context, pid int) error {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return err
	}
	inner, err := innerPID(string(status))
	if err != nil {
		return err
	}
	made, err := m.lab.engine.ContainerExecCreate(ctx, m.id, container.ExecOptions{
		User: "0",
		Cmd:  []string{"sh", "-c", fmt.Sprintf("kill -9 -%d", inner)},
	})
	if err != nil {
		return err
	}
	return m.lab.engine.ContainerExecStart(ctx, made.ID, container.ExecStartOptions{})
}

// innerPID finds a process's number in its innermost pid namespace in the text
// of /proc/PID/status: "NSpid:	13803	32".
func innerPID(status string) (int, error) {
	for line := range strings.Lines(status) {
		if pids, ok := strings.CutPrefix(line, "NSpid:"); ok {
			if f := strings.Fields(pids); len(f) > 1 {
				return strconv.Atoi(f[len(f)-1])
			}
		}
	}
	return 0, errors.New("no pid namespace in the process's status")
}
