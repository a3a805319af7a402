// Package docker gives labs on a Docker Engine.
//
// A lab is a bridge network with an address range of its own, and one
// container a machine. What the engine would choose at random is chosen here
// (addresses, MAC addresses, host names, search domains), so that two runs
// show the same text. A command without a terminal is an exec whose streams
// are kept apart; a terminal is an exec on a TTY that has its size before its
// program starts. Everything carries the label of its lab, and Close removes
// by label, not by what this process remembers to have made. Should the process
// die, its watchdog does, and should that die too, the next run (see anchor.go).
//
// The engine is the one that DOCKER_HOST and its companions name, as for the
// docker command, here or far away. Where the engine shares this host's
// processes and routes, that is put to use; nothing depends on it.
//
// Mounts are binds, for an engine that has this host's files.
//
// Non-goals: docker's contexts, credentials for registries, published ports,
// privileged containers, and volumes that outlive a lab.
package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"

	"scenario/runner"
	"scenario/runner/fetch"
)

// Labels of all that a lab makes.
const (
	LabelLab      = "scenario.lab"     // the lab's id
	LabelScenario = "scenario.name"    // the scenario's name
	LabelNode     = "scenario.node"    // the node's name, on containers
	LabelSpec     = "scenario.spec"    // a hash of what the node was to be, on containers
	LabelRole     = "scenario.role"    // what else than a node a container is; see anchor.go
	LabelWindows  = "scenario.windows" // the windows of a lab that is kept, as JSON, on its mark
	LabelRecipe   = "scenario.recipe"  // the recipe's hash, on images
	LabelHelper   = "scenario.helper"  // on images of the helper
)

// pingTimeout is what an engine has to answer its first request. One that
// has just been started takes a second or two.
const pingTimeout = 10 * time.Second

// Backend gives labs on the Docker Engine that the environment names. The zero
// value is ready for use. Its labs share one connection, and pull or build an
// image that several of them ask for only once.
type Backend struct {
	once   sync.Once
	engine *engine
	err    error
}

// engine is a Docker Engine as seen from this process.
type engine struct {
	*client.Client
	images fetch.Group
	helper struct {
		sync.Mutex
		ref string // of its image, once that is there
	}
}

// connect returns the engine if it answers.
func (b *Backend) connect(ctx context.Context) (*engine, error) {
	b.once.Do(func() {
		var c *client.Client
		if c, b.err = client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation()); b.err == nil {
			b.engine = &engine{Client: c}
		}
	})
	if b.err != nil {
		return nil, &runner.EnvironmentError{
			What: "cannot use the Docker Engine that the environment names",
			Hint: "unset DOCKER_HOST DOCKER_CERT_PATH DOCKER_TLS_VERIFY DOCKER_API_VERSION",
			Err:  b.err,
		}
	}
	if target, ok := strings.CutPrefix(b.engine.DaemonHost(), "ssh://"); ok {
		return nil, &runner.EnvironmentError{
			What: fmt.Sprintf("DOCKER_HOST=ssh://%s: only the docker command speaks SSH; forward the engine's socket", target),
			Hint: fmt.Sprintf("ssh -fnNT -L /tmp/docker.sock:/var/run/docker.sock %s && export DOCKER_HOST=unix:///tmp/docker.sock", target),
		}
	}
	bounded, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	ping, err := b.engine.Ping(bounded)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, b.engine.silent(ctx, err)
	}
	b.engine.NegotiateAPIVersionPing(ping)
	return b.engine, nil
}

// Available says why no engine can be used, and nil if one answers.
func (b *Backend) Available(ctx context.Context) error {
	_, err := b.connect(ctx)
	return err
}

// silent says why no engine answers, and what mends it.
func (e *engine) silent(ctx context.Context, err error) error {
	// The client keeps the cause to itself.
	conn, cause := e.Dialer()(ctx)
	if cause == nil {
		conn.Close()
	} else {
		err = cause
	}
	env := &runner.EnvironmentError{What: "no Docker Engine answers at " + e.DaemonHost(), Err: err}
	switch {
	case errors.Is(err, fs.ErrPermission):
		env.What = "this user may not use the Docker Engine at " + e.DaemonHost()
		env.Hint = "sudo usermod -aG docker $USER && newgrp docker"
	case os.Getenv(client.EnvOverrideHost) != "":
		env.Hint = "unset DOCKER_HOST"
	case errors.Is(err, fs.ErrNotExist):
		env.Hint = "sudo apt-get install docker.io && sudo systemctl start docker"
	case errors.Is(err, syscall.ECONNREFUSED):
		env.Hint = "sudo systemctl start docker"
	default:
		env.Hint = "docker info"
	}
	return env
}

// local reports whether the engine is reached by a socket of this host. It may
// still run in a virtual machine, or at the far end of a tunnel, so this is a
// reason to look at this host and never a proof.
func (e *engine) local() bool { return strings.HasPrefix(e.DaemonHost(), "unix://") }

// hasEndpointMAC reports whether a MAC address belongs to an endpoint, as it
// does since API 1.44, and no longer to a container.
func (e *engine) hasEndpointMAC() bool {
	return versions.GreaterThanOrEqualTo(e.ClientVersion(), "1.44")
}
