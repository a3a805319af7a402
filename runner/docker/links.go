package docker

import (
	"context"
	"errors"
	"fmt"
	"sync"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"scenario/runner"
	"scenario/runner/helper"
)

// aide is the helper in a machine's network, once somebody has needed it.
type aide struct {
	sync.Mutex
	client *aHelper
	id     string // of its container
}

// SetLinks makes the machine's network so.
func (m *machine) SetLinks(ctx context.Context, l runner.Links) error {
	links := helper.Links(l)
	_, err := m.ask(ctx, helper.Request{Links: &links})
	return err
}

// Ports are the TCP ports that are listened on, on any address.
func (m *machine) Ports(ctx context.Context) ([]int, error) {
	r, err := m.ask(ctx, helper.Request{Ports: true})
	return r.Ports, err
}

// Get asks a server, from the machine's network.
func (m *machine) Get(ctx context.Context, url string) (status int, body string, err error) {
	r, err := m.ask(ctx, helper.Request{HTTP: &url})
	return r.Status, r.Body, err
}

func (m *machine) ask(ctx context.Context, q helper.Request) (helper.Reply, error) {
	m.aide.Lock()
	defer m.aide.Unlock()
	if m.aide.client == nil {
		if err := m.employ(ctx); err != nil {
			return helper.Reply{}, err
		}
	}
	r, err := m.aide.client.Ask(ctx, q)
	if errors.Is(err, helper.ErrBroken) {
		err = also(m.why(ctx, err), m.dismiss(context.WithoutCancel(ctx)))
	}
	return r, err
}

// employ starts a helper in the machine's network namespace.
func (m *machine) employ(ctx context.Context) error {
	ctx, done, err := m.lab.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	labels := m.lab.roleLabels(roleHelper)
	id, err := m.lab.engine.createHelper(detached, helperSpec{
		name: m.name + ".helper", labels: labels, network: container.NetworkMode("container:" + m.id), admin: true,
	})
	if errors.Is(err, errNoHelper) {
		return &runner.EnvironmentError{What: "node " + m.node + ": its network cannot be reached from here", Err: err}
	}
	if err != nil {
		return fmt.Errorf("make a helper for node %s: %w", m.node, spoken{err})
	}
	m.aide.id = id
	if m.aide.client, err = m.lab.engine.startHelper(detached, id); err != nil {
		err = fmt.Errorf("start a helper for node %s: %w", m.node, spoken{err})
		return also(m.why(ctx, err), m.dismiss(detached))
	}
	return nil
}

// dismiss removes the machine's helper, if it has one.
func (m *machine) dismiss(ctx context.Context) error {
	if m.aide.id == "" {
		return nil
	}
	if m.aide.client != nil {
		m.aide.client.Close()
	}
	err := m.lab.engine.ContainerRemove(ctx, m.aide.id, container.RemoveOptions{Force: true})
	m.aide.client, m.aide.id = nil, ""
	if err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("remove the helper of node %s: %w", m.node, spoken{err})
	}
	return nil
}
