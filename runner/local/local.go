// Package local gives labs on this host's own processes, in namespaces: no
// Docker, no root, Linux only.
//
// A lab is a process in a user namespace and a network namespace of its own.
// The network namespace holds a bridge and nothing else, so the lab's network
// is closed and has the addresses that the reader sees, whatever networks this
// host is in. Each machine has a network, mount, process, host name and IPC
// namespace, and a cable to the bridge. Machines know each other by a name
// server, as Docker's do.
//
// Its programs are this host's, if the host is what the machine is to be made
// of: then it sees the host's files through overlays, but for people's homes
// and what runs on the host. Or else they are an image of Debian's packages,
// which mmdebstrap makes once, in the user's cache. What a machine writes goes
// to memory, where the lab keeps it from one start of the machine to the next.
//
// The package's helpers are the program that links it, started again under
// other names: one for the lab, which is the first process of its process
// namespace, one for each machine, which is the first of its own, and one for
// each image that is being made. They hang on sockets of the runner. When the
// runner is gone, however it went, they end, and the kernel ends all that is in
// their namespaces. There is nothing in the host's network to remove, and on
// disk only what there is of an image, which the next one to make it removes.
//
// The root of a machine is whoever runs the program. Other users are there
// where /etc/subuid and /etc/subgid give this one a range, or for root. The
// host's files belong to ids that an unprivileged user's lab does not have, and
// the kernel changes nothing of such. So there a machine has copies of what is
// in /etc, and folders of its own over the host's, as deep as programs write
// (see skeleton): other files of the host it can replace and remove, but not
// change in place.
//
// Non-goals: images of registries, the outside world, limits of memory and CPU,
// labs that outlive their runner, and to stand up to programs that mean harm.
package local

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"time"

	"scenario/runner"
	"scenario/runner/fetch"
	"scenario/runner/watchdog"
)

// Backend gives labs on this host. The zero value is ready. Its labs make an
// image that several of them ask for only once.
type Backend struct {
	// Root is a folder whose files machines see in place of this host's. What
	// image they ask for is then not looked at.
	Root string

	images fetch.Group
}

var (
	_ runner.Backend  = (*Backend)(nil)
	_ runner.Guardian = (*Backend)(nil)
	_ runner.Limits   = (*Backend)(nil)
)

// CheckLimits says that a machine has none.
func (b *Backend) CheckLimits(spec runner.MachineSpec) error {
	const noGroup = "%s: this machine gives no cgroup to this user, so the local backend cannot limit %[1]s; drop %[1]s = … or use --backend docker"
	switch {
	case spec.Memory != 0:
		return &runner.EnvironmentError{What: fmt.Sprintf(noGroup, "memory")}
	case spec.CPUs != 0:
		return &runner.EnvironmentError{What: fmt.Sprintf(noGroup, "cpus")}
	case spec.Tasks != 0:
		return &runner.EnvironmentError{What: fmt.Sprintf(noGroup, "tasks")}
	}
	return nil
}

// watchdogName is the name under which this program is a watchdog.
const watchdogName = "scenario-local-watchdog"

func init() {
	watchdog.Serve(watchdogName, func(args []string) { _ = os.RemoveAll(args[0]) }) // nobody is there to be told
}

// Guard starts a watchdog, which removes the folder should this process die.
// What there is of a lab ends by itself.
func (b *Backend) Guard(_, folder string) (release func(), err error) {
	return watchdog.Start(watchdogName, folder)
}

// availableTimeout bounds Available. A lab with one machine takes some hundred
// milliseconds.
const availableTimeout = 20 * time.Second

// Available opens a lab with one machine and closes it again. That it cannot
// be had is an EnvironmentError that says why.
func Available(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, availableTimeout)
	defer cancel()
	subnet := netip.MustParsePrefix("192.168.0.0/24")
	l, err := new(Backend).Open(ctx, runner.LabSpec{ID: "available", Scenario: "available", Subnets: []netip.Prefix{subnet}})
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := l.Close(context.WithoutCancel(ctx)); err == nil {
			err = closeErr
		}
	}()
	_, err = l.Start(ctx, runner.MachineSpec{Name: "available", IP: subnet.Addr().Next().Next()})
	return err
}
