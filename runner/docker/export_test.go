package docker

import (
	"context"

	"scenario/runner"
)

// KillInside is what a user who may not signal root's processes does to kill
// an exec.
func KillInside(ctx context.Context, m runner.Machine, pid int) error {
	return m.(*machine).killInside(ctx, pid)
}
