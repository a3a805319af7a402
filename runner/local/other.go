//go:build !linux

package local

import (
	"context"

	"scenario/runner"
)

// Open says that there is no such lab here.
func (b *Backend) Open(context.Context, runner.LabSpec) (runner.Lab, error) {
	return nil, &runner.EnvironmentError{What: "the local backend needs Linux; use --backend docker"}
}
