package docker

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"golang.org/x/sync/errgroup"

	"scenario/runner"
)

var _ runner.Reopener = (*Backend)(nil)

// Reopen gives a lab that was kept, with its containers stopped: whatever ran
// in them would meet what runs next, and a BEAM would keep its name.
func (b *Backend) Reopen(ctx context.Context, spec runner.LabSpec) (runner.Lab, error) {
	e, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	l := newLab(e, spec)
	l.reopened = true
	if err := l.find(ctx, spec); err != nil {
		return nil, err
	}
	if err := l.dropAnchor(ctx); err != nil {
		return nil, err
	}
	if err := l.stop(ctx); err != nil {
		return nil, fmt.Errorf("stop the containers of lab %s: %w", l.id, spoken{err})
	}
	l.log.Debug("lab reopened", "id", l.id, "subnet", l.subnet)
	return l, nil
}

// find looks for the lab's network, which must be one that spec asks for.
func (l *lab) find(ctx context.Context, spec runner.LabSpec) error {
	networks, err := l.engine.NetworkList(ctx, network.ListOptions{
		Filters: filters.NewArgs(filters.Arg("label", LabelScenario+"="+spec.Scenario)),
	})
	if err != nil {
		return fmt.Errorf("look for lab %s: %w", spec.ID, spoken{err})
	}
	var others []string
	for _, n := range networks {
		if n.Labels[LabelLab] != spec.ID {
			others = append(others, n.Labels[LabelLab])
			continue
		}
		if len(n.IPAM.Config) > 0 {
			l.subnet, err = netip.ParsePrefix(n.IPAM.Config[0].Subnet)
		}
		if err != nil || !slices.Contains(spec.Subnets, l.subnet) || n.Internal == spec.Internet {
			return &runner.EnvironmentError{What: fmt.Sprintf("lab %s does not have the network that the script asks for by now; make another with --keep", spec.ID)}
		}
		return nil
	}
	slices.Sort(others)
	what := fmt.Sprintf("there is no lab %s of %s", spec.ID, spec.Scenario)
	if len(others) > 0 {
		what += "; there is " + strings.Join(others, ", ")
	} else {
		what += "; --keep leaves one"
	}
	return &runner.EnvironmentError{What: what}
}

func (l *lab) stop(ctx context.Context) error {
	list, err := l.engine.ContainerList(ctx, container.ListOptions{Filters: l.mine()})
	if err != nil {
		return err
	}
	now := 0
	g, ctx := errgroup.WithContext(ctx)
	for _, c := range list {
		if c.Labels[LabelRole] != "" {
			continue
		}
		g.Go(func() error { return l.engine.ContainerStop(ctx, c.ID, container.StopOptions{Timeout: &now}) })
	}
	return g.Wait()
}

// adopt takes the container that a reopened lab has for a machine, if it was
// made as the machine is wanted now, and removes it otherwise.
func (m *machine) adopt(ctx context.Context, made, image string) error {
	c, err := m.lab.engine.ContainerInspect(ctx, m.name)
	if cerrdefs.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("inspect %s: %w", m.name, spoken{err})
	}
	img, err := m.lab.engine.ImageInspect(ctx, image)
	if err == nil && c.Config.Labels[LabelSpec] == made && c.Image == img.ID {
		m.id = c.ID
		return nil
	}
	m.lab.log.Debug("made anew", "container", m.name)
	if err := m.lab.engine.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
		return fmt.Errorf("remove the container %s: %w", m.name, spoken{err})
	}
	return nil
}

// fingerprint tells whether two machines are made alike.
func fingerprint(spec runner.MachineSpec) string {
	spec.Progress = nil
	return fmt.Sprintf("%.8x", sha256.Sum256(fmt.Appendf(nil, "%+v", spec)))
}
