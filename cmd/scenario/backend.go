package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/local"
)

// What --backend can be.
const (
	backendAuto   = "auto"
	backendDocker = "docker"
	backendLocal  = "local"
)

var backends = []string{backendAuto, backendDocker, backendLocal}

// backendFlag is the flag by which a command knows where machines come from.
func backendFlag(cmd *cobra.Command, given *string) {
	cmd.Flags().StringVar(given, "backend", backendAuto, "where machines come from: `docker`, local for this machine's own namespaces (Linux), or auto for the first of these that there is")
	completes(cmd, "backend", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return backends, onlyThese
	})
}

// chooseBackend gives the backend of a name. keep is what asks for labs that
// outlive their run, "" if nothing does; only Docker has them.
func chooseBackend(ctx context.Context, ui *ui, name, keep string) (runner.Backend, error) {
	switch {
	case !slices.Contains(backends, name):
		return nil, fmt.Errorf("--backend %s: there is no such backend: give one of %s", name, strings.Join(backends, ", "))
	case name == backendLocal && keep != "":
		return nil, fmt.Errorf("%s needs Docker: the labs of --backend local end with their run", keep)
	case name == backendLocal:
		return new(local.Backend), nil
	case name == backendDocker || keep != "":
		return new(docker.Backend), nil
	}
	b := new(docker.Backend)
	noDocker := b.Available(ctx)
	if noDocker == nil || ctx.Err() != nil {
		return b, nil
	}
	if err := local.Available(ctx); err != nil {
		return nowhere{errors.Join(noDocker, err)}, nil
	}
	why := noDocker.Error()
	if env := (*runner.EnvironmentError)(nil); errors.As(noDocker, &env) {
		why = env.What
	}
	ui.remark(why + "; using this machine's own namespaces (--backend local)")
	return new(local.Backend), nil
}

// nowhere is what there is without a backend: scripts are still read, and their
// mistakes found.
type nowhere struct{ error }

func (n nowhere) Open(context.Context, runner.LabSpec) (runner.Lab, error) { return nil, n.error }
