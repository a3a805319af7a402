package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"scenario/runner"
)

const (
	statusDenied  = 126 // what shells give a file that is no program
	statusMissing = 127 // what shells give a command that is not there
	statusKilled  = 128 + int(syscall.SIGKILL)
)

// The pauses between two looks at an exec that runs.
const (
	statusPause    = 5 * time.Millisecond
	statusPauseMax = 200 * time.Millisecond
)

// What the engine writes in place of a command's output when it could not
// start the command.
const (
	ociError  = "OCI runtime exec failed: "
	userError = "unable to find user "
)

// Exec runs a command without a terminal. When ctx ends, the command is killed
// where this host can see it (see kill), and goes with its lab otherwise.
func (m *machine) Exec(ctx context.Context, cmd runner.Command) (runner.ExecResult, error) {
	if len(cmd.Argv) == 0 {
		return runner.ExecResult{}, errors.New("exec: no command")
	}
	id, stream, err := m.exec(ctx, container.ExecOptions{
		Cmd:          cmd.Argv,
		Env:          environ(cmd.Env),
		User:         cmd.User,
		WorkingDir:   cmd.Workdir,
		AttachStdin:  cmd.Stdin != nil,
		AttachStdout: true,
		AttachStderr: true,
	})
	if err != nil {
		return runner.ExecResult{}, err
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, stream.Close)
	defer stop()
	if cmd.Stdin != nil {
		go func() {
			// A command that does not read its input breaks the pipe; its
			// status says how it fared.
			_, _ = stream.Conn.Write(cmd.Stdin)
			_ = stream.CloseWrite()
		}()
	}
	var out, errs runner.Kept
	_, err = stdcopy.StdCopy(&out, &errs, stream.Reader)
	if ctx.Err() != nil {
		m.kill(id)
		return runner.ExecResult{}, fmt.Errorf("exec %s: %w", cmd.Argv[0], context.Cause(ctx))
	}
	if err != nil {
		return runner.ExecResult{}, m.why(ctx, fmt.Errorf("exec %s: %w", cmd.Argv[0], err))
	}
	end, err := m.await(ctx, id)
	if err != nil {
		return runner.ExecResult{}, fmt.Errorf("exec %s: %w", cmd.Argv[0], err)
	}
	stdout, cut := out.Result()
	stderr, cutErrs := errs.Result()
	if message, ok := notStarted(stdout, end); ok {
		status, err := m.refusal(ctx, message)
		return runner.ExecResult{Stderr: []byte(message + "\n"), Status: status}, err
	}
	if end.ExitCode == statusKilled {
		if err := m.died(ctx); err != nil {
			return runner.ExecResult{}, err
		}
	}
	return runner.ExecResult{Stdout: stdout, Stderr: stderr, Cut: cut + cutErrs, Status: end.ExitCode}, nil
}

// exec creates an exec and starts it.
func (m *machine) exec(ctx context.Context, options container.ExecOptions) (string, types.HijackedResponse, error) {
	made, err := m.lab.engine.ContainerExecCreate(ctx, m.id, options)
	var stream types.HijackedResponse
	if err == nil {
		stream, err = m.lab.engine.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{Tty: options.Tty})
	}
	switch {
	case err != nil && ctx.Err() != nil:
		err = context.Cause(ctx)
	case err != nil:
		err = m.why(ctx, spoken{err})
	}
	return made.ID, stream, err
}

// await waits for the end of an exec. The end of its output comes a moment
// before the engine knows its status.
func (m *machine) await(ctx context.Context, id string) (container.ExecInspect, error) {
	for pause := statusPause; ; pause = min(2*pause, statusPauseMax) {
		end, err := m.lab.engine.ContainerExecInspect(ctx, id)
		switch {
		case ctx.Err() != nil:
			return end, context.Cause(ctx)
		case err != nil:
			return end, m.why(ctx, err)
		case !end.Running:
			return end, nil
		}
		select {
		case <-ctx.Done():
			return end, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// notStarted recognises a command that the engine could not start, whose
// message came in place of output.
func notStarted(output []byte, end container.ExecInspect) (message string, ok bool) {
	if end.Pid != 0 || !bytes.HasPrefix(output, []byte(ociError)) && !bytes.HasPrefix(output, []byte(userError)) {
		return "", false
	}
	return cleanOCI(string(output)), true
}

// refusal is the status of a command that is not there, or is no program, as
// in a shell. That its user or its folder is not there, or its machine no
// longer, is an error.
func (m *machine) refusal(ctx context.Context, message string) (int, error) {
	switch {
	case strings.HasPrefix(message, "exec: ") && strings.Contains(message, "permission denied"):
		return statusDenied, nil
	case strings.HasPrefix(message, "exec: "):
		return statusMissing, nil
	}
	if err := m.died(ctx); err != nil {
		return 0, err
	}
	return 0, fmt.Errorf("node %s: %s", m.node, message)
}

// cleanOCI leaves of the runtime's message what concerns the command:
// `exec: "foo": executable file not found in $PATH`.
func cleanOCI(message string) string {
	message = strings.TrimPrefix(strings.TrimSpace(message), ociError)
	message = strings.TrimPrefix(message, "exec failed: ")
	message = strings.TrimPrefix(message, "unable to start container process: ")
	return strings.TrimSuffix(message, ": unknown")
}
